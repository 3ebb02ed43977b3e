#include "server/surfaces/expectation_api.h"

#include "http/media_type.h"
#include "loop/expectation_record.h"
#include "model/schema.h"
#include "query/json_filter.h"
#include "rules/instances.h"
#include "server/parameters.h"
#include "server/surfaces/outstanding_view.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace diffo::server {
namespace {

constexpr const char* collection = "/diffo/v1/expectations";
constexpr const char* schema_type = "application/schema+json";
constexpr std::uint64_t largest_page = 1000;

graph::Key key_of(const http::Request& request) {
  return {0, model::family_expectation, std::string(request.parameter("id"))};
}

void answer_record(Call& call, int status, const graph::Record& record) {
  Headers headers{{"ETag", entity_tag(record.sequence())}};
  if (status == 201)
    headers.emplace_back("Location", origin_of(call.request, {}) + collection + '/' + record.id());
  answer(call, status, json::to_text(loop::expectation_document(record)), std::move(headers));
}

/// All stored expectations at a revision that the filter finds, oldest first.
Result<std::vector<graph::RecordRef>> find_expectations(const graph::Revision& revision,
                                                        std::string_view filter) {
  const auto matches = TRY(query::JsonFilter::parse(filter));
  graph::Query query;
  query.families = {model::family_expectation};
  query.predicate = [&matches](const graph::Record& record) {
    return matches.matches(loop::expectation_document(record));
  };
  std::vector<graph::RecordRef> found;
  while (true) {
    query.offset = found.size();
    query.limit = largest_page;
    graph::Page page = TRY(revision.query(query));
    if (page.records.empty())
      return found;
    std::move(page.records.begin(), page.records.end(), std::back_inserter(found));
  }
}

std::vector<graph::RecordRef> expected_instances(const graph::Revision& revision) {
  std::vector<graph::RecordRef> found;
  graph::Query query;
  query.families = {model::family_service, model::family_resource};
  query.which = graph::Which::expected;
  query.limit = largest_page;
  while (true) {
    query.offset = found.size();
    auto page = revision.query(query);
    if (!page || page->records.empty())
      return found;
    std::move(page->records.begin(), page->records.end(), std::back_inserter(found));
  }
}

/// The body of POST /diffo/v1/outstanding: an expectation document, with `actual` instead of or
/// beside a target.
struct UnstoredRequest {
  loop::ExpectationDocument expectation;
  std::optional<json::Value> actual;
  bool has_actual = false;
};

Result<UnstoredRequest> unstored_request(std::string_view body) {
  json::Value document = TRY(read_json(body));
  std::optional<json::Value> actual;
  bool has_actual = false;
  if (json::Object* members = document.if_object()) {
    if (const json::Value* given = members->find("actual")) {
      has_actual = true;
      if (!given->is_null())
        actual = *given;
      members->erase("actual");
    }
    if (has_actual && members->contains("target"))
      return Error{ErrorCode::invalid, "give either an actual document or a target", "/actual"};
  }
  return UnstoredRequest{TRY(loop::ExpectationDocument::parse(std::move(document), has_actual)),
                         std::move(actual), has_actual};
}

} // namespace

void ExpectationApi::add_routes(http::Router& router) {
  using Member = void (ExpectationApi::*)(CallRef) const;
  const auto add = [&](http::Method method, const std::string& path, Member member,
                       std::vector<std::string> consumes = {}, const char* produces = json_type) {
    const auto handler = [this, member](http::Request request, http::Responder responder) {
      (this->*member)(std::make_shared<Call>(std::move(request), std::move(responder)));
    };
    DIFFO_ASSERT(
        router.add(method, path, handler, {.consumes = std::move(consumes), .produces = {produces}})
            .has_value());
  };
  const std::string one = std::string(collection) + "/{id}";
  add(http::Method::post, collection, &ExpectationApi::create, {json_type});
  add(http::Method::get, collection, &ExpectationApi::list);
  add(http::Method::get, one, &ExpectationApi::get);
  add(http::Method::patch, one, &ExpectationApi::change,
      {json_type, "application/merge-patch+json", "application/json-patch+json"});
  add(http::Method::delete_, one, &ExpectationApi::remove);
  add(http::Method::get, one + "/outstanding", &ExpectationApi::outstanding_of_one);
  add(http::Method::get, "/diffo/v1/outstanding", &ExpectationApi::outstanding_of_all);
  add(http::Method::post, "/diffo/v1/outstanding", &ExpectationApi::evaluate_unstored, {json_type});
  add(http::Method::get, "/diffo/v1/schemas/expectation", &ExpectationApi::schema, {}, schema_type);
}

void ExpectationApi::create(CallRef call) const {
  const graph::Context context = services_.context("POST " + std::string(collection));
  auto draft = [&]() -> Result<graph::RecordDraft> {
    return loop::expectation_draft(TRY(read_json(call->request.body)), context);
  }();
  if (!draft) {
    answer_error(*call, draft.error());
    return;
  }
  services_.store.transact(
      context, rules::plan_for(draft->key),
      rules::create(graph::encode(*draft, services_.store.schema().dictionary())),
      [call](Result<graph::Commit> commit) {
        if (commit)
          answer_record(*call, 201, *commit->records.front());
        else
          answer_error(*call, commit.error());
      });
}

void ExpectationApi::get(CallRef call) const {
  const auto revision = services_.store.newest();
  const graph::Key key = key_of(call->request);
  const graph::RecordRef record = revision->find(key);
  if (!record) {
    answer_error(*call, rules::not_found(revision->schema(), key));
    return;
  }
  if (call->request.has_header("If-None-Match") &&
      names_tag(call->request.joined_header("If-None-Match"), record->sequence(), true)) {
    answer(*call, 304, {}, {{"ETag", entity_tag(record->sequence())}});
    return;
  }
  answer_record(*call, 200, *record);
}

void ExpectationApi::change(CallRef call) const {
  auto patch = read_json(call->request.body);
  if (!patch) {
    answer_error(*call, patch.error());
    return;
  }
  const bool operations =
      http::is_media_type(call->request.header("Content-Type"), "application/json-patch+json");
  const graph::Key key = key_of(call->request);
  const auto revise = [operations, document = std::make_shared<json::Value>(std::move(*patch))](
                          const graph::Record& present,
                          graph::Subgraph&) -> Result<std::optional<graph::RecordDraft>> {
    const json::Value before = loop::expectation_document(present);
    json::Value after = before;
    if (operations)
      TRY(json::apply_patch(after, *document));
    else
      json::merge_patch(after, *document);
    if (after == before)
      return std::optional<graph::RecordDraft>();
    return std::optional(TRY(loop::changed_expectation(present, std::move(after))));
  };
  services_.store.transact(services_.context("PATCH " + std::string(collection)),
                           rules::plan_for(key),
                           rules::change(key, precondition_of(call->request), revise),
                           [call, key](Result<graph::Commit> commit) {
                             if (!commit) {
                               answer_error(*call, commit.error());
                               return;
                             }
                             const graph::RecordRef record = commit->records.empty()
                                                                 ? commit->revision->find(key)
                                                                 : commit->records.front();
                             answer_record(*call, 200, *record);
                           });
}

void ExpectationApi::remove(CallRef call) const {
  const graph::Key key = key_of(call->request);
  services_.store.transact(services_.context("DELETE " + std::string(collection)),
                           rules::plan_for_erasing(services_.store.schema(), key),
                           rules::erase(key, precondition_of(call->request)),
                           [call](Result<graph::Commit> commit) {
                             if (commit)
                               answer(*call, 204, {});
                             else
                               answer_error(*call, commit.error());
                           });
}

void ExpectationApi::answer_on_worker(CallRef call,
                                      std::function<Result<json::Value>(Call&)> make) const {
  const bool posted = services_.readers.post([call, make = std::move(make)] {
    const auto body = make(*call);
    if (body)
      answer(*call, 200, json::to_text(*body));
    else
      answer_error(*call, body.error());
  });
  if (!posted)
    answer_error(*call, {ErrorCode::unavailable, "too many evaluations are waiting"});
}

void ExpectationApi::list(CallRef call) const {
  const bool posted = services_.readers.post([this, call] {
    const auto answer_page = [&]() -> Result<void> {
      const Parameters parameters =
          TRY(Parameters::parse(call->request, {"filter", "offset", "limit"}));
      const std::uint64_t offset = TRY(parameters.number("offset", 0));
      const std::uint64_t limit =
          std::min(TRY(parameters.number("limit", largest_page)), largest_page);
      const auto found =
          TRY(find_expectations(*services_.store.newest(), parameters.text("filter")));
      json::Array page;
      for (std::uint64_t index = offset; index < found.size() && page.size() < limit; ++index)
        page.push_back(loop::expectation_document(*found[index]));
      const int status = page.size() < found.size() ? 206 : 200;
      Headers headers{{"X-Total-Count", std::to_string(found.size())},
                      {"X-Result-Count", std::to_string(page.size())}};
      answer(*call, status, json::to_text(std::move(page)), std::move(headers));
      return {};
    };
    if (const auto done = answer_page(); !done)
      answer_error(*call, done.error());
  });
  if (!posted)
    answer_error(*call, {ErrorCode::unavailable, "too many searches are waiting"});
}

loop::EvaluateOptions ExpectationApi::options_of(bool explain) const {
  loop::EvaluateOptions options;
  options.now = {services_.clock.now().microseconds};
  if (!explain)
    return options;
  options.explain = outstanding::Explain::yes;
  graph::Store& store = services_.store;
  const auto entry_of = [&store](graph::Sequence sequence) -> std::optional<graph::JournalEntry> {
    auto entries = store.journal(sequence, 1);
    if (!entries || entries->empty() || entries->front().sequence != sequence)
      return std::nullopt;
    return std::move(entries->front());
  };
  options.writer = [entry_of](graph::Sequence sequence) -> std::string {
    const auto entry = entry_of(sequence);
    if (!entry)
      return {};
    return entry->actor.empty() ? entry->cause : entry->actor;
  };
  options.history = [entry_of,
                     &store](const graph::KeyView& key,
                             graph::Sequence sequence) -> std::optional<loop::EarlierVersion> {
    const auto image_of = [&key](const graph::JournalEntry& entry) {
      return std::find_if(entry.images.begin(), entry.images.end(),
                          [&key](const auto& image) { return graph::KeyView(image.key) == key; });
    };
    const auto entry = entry_of(sequence);
    if (!entry)
      return std::nullopt;
    const auto image = image_of(*entry);
    if (image == entry->images.end())
      return std::nullopt;
    if (image->previous == 0)
      return loop::EarlierVersion{{}, entry->time};
    const auto earlier = entry_of(image->previous);
    if (!earlier)
      return std::nullopt;
    const auto earlier_image = image_of(*earlier);
    if (earlier_image == earlier->images.end())
      return std::nullopt;
    auto record = graph::load(earlier_image->after, store.schema().dictionary());
    if (!record)
      return std::nullopt;
    return loop::EarlierVersion{std::move(*record), entry->time};
  };
  return options;
}

Result<json::Value>
ExpectationApi::evaluate_stored(const graph::Record& record,
                                const std::shared_ptr<const graph::Revision>& revision,
                                bool explain) const {
  const bool instance = record.family() != model::family_expectation;
  const loop::ExpectationDocument expectation =
      instance ? TRY(loop::expectation_of_instance(record, *revision))
               : TRY(loop::ExpectationDocument::parse(loop::expectation_document(record)));
  loop::EvaluateOptions options = options_of(explain);
  options.declared_by = record.id();
  options.declared_at = record.updated_at();
  graph::Subgraph subgraph(revision);
  const loop::ExpectationResidue residue = TRY(loop::evaluate(expectation, subgraph, options));
  return outstanding_view(expectation, record.id(), residue, options, revision->sequence());
}

void ExpectationApi::outstanding_of_one(CallRef call) const {
  answer_on_worker(call, [this](Call& asked) -> Result<json::Value> {
    const Parameters parameters = TRY(Parameters::parse(asked.request, {"explain"}));
    const auto revision = services_.store.newest();
    graph::Key key = key_of(asked.request);
    graph::RecordRef record = revision->find(key);
    // An expected instance is an expectation too.
    for (const graph::Family family : {model::family_service, model::family_resource}) {
      if (record)
        break;
      record = revision->find({0, family, key.id});
      if (record && record->which() != graph::Which::expected)
        record = {};
    }
    if (!record)
      return rules::not_found(revision->schema(), key);
    return evaluate_stored(*record, revision, parameters.flag("explain"));
  });
}

void ExpectationApi::outstanding_of_all(CallRef call) const {
  answer_on_worker(call, [this](Call& asked) -> Result<json::Value> {
    const Parameters parameters =
        TRY(Parameters::parse(asked.request, {"filter", "explain", "all"}));
    const auto revision = services_.store.newest();
    auto records = TRY(find_expectations(*revision, parameters.text("filter")));
    if (!parameters.has("filter")) {
      auto instances = expected_instances(*revision);
      std::move(instances.begin(), instances.end(), std::back_inserter(records));
    }
    json::Array views;
    for (const graph::RecordRef& record : records) {
      auto view = evaluate_stored(*record, revision, parameters.flag("explain"));
      // One that cannot be evaluated must not hide the others.
      if (!view)
        view = json::Value(
            json::Object{{"id", record->id()}, {"met", false}, {"error", view.error().text()}});
      const json::Value* met = view->find("met");
      if (parameters.flag("all") || met == nullptr || !met->boolean())
        views.push_back(std::move(*view));
    }
    return json::Value(std::move(views));
  });
}

void ExpectationApi::evaluate_unstored(CallRef call) const {
  answer_on_worker(call, [this](Call& asked) -> Result<json::Value> {
    const Parameters parameters = TRY(Parameters::parse(asked.request, {"explain"}));
    const UnstoredRequest request = TRY(unstored_request(asked.request.body));
    const auto revision = services_.store.newest();
    loop::EvaluateOptions options = options_of(parameters.flag("explain"));
    options.declared_by = request.expectation.name;
    graph::Subgraph subgraph(revision);
    loop::ExpectationResidue residue;
    if (request.has_actual)
      residue = TRY(loop::evaluate_document(
          request.expectation, request.actual ? &*request.actual : nullptr, subgraph, options));
    else
      residue = TRY(loop::evaluate(request.expectation, subgraph, options));
    return outstanding_view(request.expectation, {}, residue, options, revision->sequence());
  });
}

void ExpectationApi::schema(CallRef call) const {
  answer(*call, 200, std::string(outstanding::expectation_schema()), {}, schema_type);
}

} // namespace diffo::server
