#include "server/surfaces/expectation_api.h"

#include "loop/expectation_record.h"
#include "loop/target_reads.h"
#include "model/schema.h"
#include "rules/instances.h"
#include "server/parameters.h"
#include "server/surfaces/evaluate_options.h"
#include "server/surfaces/expectation_form.h"
#include "server/surfaces/outstanding_view.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace diffo::server {
namespace {

constexpr const char* schema_type = "application/schema+json";
constexpr std::uint64_t largest_page = 1000;

/// All that queries of one revision find, oldest first; `pinned` keeps that revision.
Result<std::vector<graph::RecordRef>> find_all(graph::Store& store, graph::Query query,
                                               const Cancellation& cancellation,
                                               graph::Subgraph& pinned) {
  std::vector<graph::RecordRef> found;
  query.limit = largest_page;
  while (true) {
    graph::FetchPlan plan;
    plan.queries.push_back(query);
    plan.cancellation = cancellation;
    pinned = TRY(graph::read_and_wait(store, {.at = pinned.sequence()}, std::move(plan)));
    graph::Page page = TRY(pinned.page(0));
    std::move(page.records.begin(), page.records.end(), std::back_inserter(found));
    if (!page.next)
      return found;
    query.after = std::move(page.next);
  }
}

/// Concludes a view in rounds; an explanation shows what was read.
Result<json::Value>
view_in_rounds(graph::Store& store, graph::Pin pin, graph::FetchPlan plan, bool explain,
               const std::function<Result<json::Value>(graph::Subgraph&)>& conclude) {
  graph::Recorder recorder;
  json::Value view;
  TRY(graph::read_in_rounds(store, std::move(pin), std::move(plan), explain ? &recorder : nullptr,
                            [&](graph::Subgraph& subgraph) -> Result<void> {
                              view = TRY(conclude(subgraph));
                              return {};
                            }));
  return view;
}

graph::Query expected_instances(graph::Tenant tenant) {
  graph::Query query;
  query.tenant = tenant;
  query.families = {model::family_service, model::family_resource};
  query.which = graph::Which::expected;
  return query;
}

/// The body of POST /diffo/v1/outstanding: an expectation document, with `actual` instead of or
/// beside a target.
struct UnstoredRequest {
  loop::ExpectationDocument expectation;
  std::optional<json::Value> actual;
  bool has_actual = false;
};

/// `id` or `filter` beside the expectation are a target in short.
Result<void> take_target(json::Object& members) {
  for (const char* name : {"filter", "id"}) {
    const json::Value* given = members.find(name);
    if (given == nullptr)
      continue;
    if (!given->is_string())
      return Error{ErrorCode::invalid, "must be a text", std::string("/") + name};
    if (members.contains("target"))
      continue;
    json::Value target = json::Object{{name, *given}};
    members.set("target", std::move(target));
  }
  members.erase("filter");
  return {};
}

Result<UnstoredRequest> unstored_request(std::string_view body, const graph::Schema& schema) {
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
    if (!has_actual)
      TRY(take_target(*members));
  }
  return UnstoredRequest{TRY(loop::ExpectationDocument::parse(std::move(document), schema,
                                                              {.target_optional = has_actual})),
                         std::move(actual), has_actual};
}

} // namespace

ExpectationApi::ExpectationApi(Services& services)
    : services_(services),
      expectations_(services, expectation_form(), std::string(expectations_path)) {}

void ExpectationApi::add_routes(http::Router& router) {
  expectations_.add_routes(router);
  using Member = void (ExpectationApi::*)(CallRef) const;
  const auto add = [&](http::Method method, const std::string& path, Member member,
                       std::vector<std::string> consumes = {}, const char* produces = json_type) {
    add_route(router, method, path,
              [this, member](CallRef call) { (this->*member)(std::move(call)); },
              {.consumes = std::move(consumes), .produces = {produces}});
  };
  add(http::Method::get, std::string(expectations_path) + "/{id}/outstanding",
      &ExpectationApi::outstanding_of_one);
  add(http::Method::get, "/diffo/v1/outstanding", &ExpectationApi::outstanding_of_all);
  add(http::Method::post, "/diffo/v1/outstanding", &ExpectationApi::evaluate_unstored, {json_type});
  add(http::Method::get, "/diffo/v1/schemas/expectation", &ExpectationApi::schema, {}, schema_type);
}

void ExpectationApi::answer_on_worker(CallRef call,
                                      std::function<Result<json::Value>(Call&)> make) const {
  const bool posted = services_.readers.post(
      [call, make = std::move(make)] {
        const auto body = make(*call);
        if (body)
          answer(*call, 200, json::to_text(*body));
        else
          answer_error(*call, body.error());
      },
      call->request.cancellation);
  if (!posted)
    answer_error(*call, {ErrorCode::unavailable, "too many evaluations are waiting"});
}

Result<json::Value> ExpectationApi::evaluate_stored(const graph::Record& record,
                                                    graph::Subgraph& subgraph, bool explain) const {
  const loop::ExpectationDocument expectation = TRY(loop::expectation_of(record, subgraph));
  loop::EvaluateOptions options = evaluate_options(services_, record.tenant(), explain);
  options.declared_by = record.id();
  options.declared_at = record.updated_at();
  const loop::ExpectationResidue residue = TRY(loop::evaluate(expectation, subgraph, options));
  return outstanding_view(expectation, record.id(), residue, options, subgraph);
}

void ExpectationApi::outstanding_of_one(CallRef call) const {
  answer_on_worker(call, [this](Call& asked) -> Result<json::Value> {
    const Parameters parameters = TRY(Parameters::parse(asked.request, {"explain"}));
    const bool explain = TRY(parameters.flag("explain"));
    const std::string id(asked.request.parameter("id"));
    graph::FetchPlan plan;
    for (const graph::Family family :
         {model::family_expectation, model::family_service, model::family_resource})
      plan.records.emplace_back(asked.principal->tenant, family, id);
    plan.cancellation = asked.request.cancellation;
    const std::vector<graph::Key> keys = plan.records;
    return view_in_rounds(services_.store, {}, std::move(plan), explain,
                          [&](graph::Subgraph& subgraph) -> Result<json::Value> {
                            for (const graph::Key& key : keys) {
                              const graph::RecordRef record = subgraph.find(key);
                              // An expected instance is an expectation too.
                              if (record && (key.family == model::family_expectation ||
                                             record->which() == graph::Which::expected))
                                return evaluate_stored(*record, subgraph, explain);
                            }
                            return rules::not_found(subgraph.schema(), keys.front());
                          });
  });
}

void ExpectationApi::outstanding_of_all(CallRef call) const {
  answer_on_worker(call, [this](Call& asked) -> Result<json::Value> {
    const Parameters parameters =
        TRY(Parameters::parse(asked.request, {"filter", "explain", "all"}));
    const bool explain = TRY(parameters.flag("explain"));
    const bool all = TRY(parameters.flag("all"));
    return evaluate_all(asked, parameters.text("filter"), explain, all);
  });
}

Result<json::Value> ExpectationApi::evaluate_all(const Call& call, std::string_view filter,
                                                 bool explain, bool all) const {
  graph::Store& store = services_.store;
  const graph::Tenant tenant = call.principal->tenant;
  const Cancellation& gone = call.request.cancellation;
  graph::Subgraph pinned = TRY(graph::read_and_wait(store, {}, {}));
  const graph::Query stored = TRY(expectation_query(tenant, filter, pinned.schema()));
  auto records = TRY(find_all(store, stored, gone, pinned));
  if (filter.empty()) {
    auto instances = TRY(find_all(store, expected_instances(tenant), gone, pinned));
    std::move(instances.begin(), instances.end(), std::back_inserter(records));
  }
  json::Array views;
  for (const graph::RecordRef& record : records) {
    if (gone.is_requested())
      return Error{ErrorCode::unavailable, "nobody waits for the answer any more"};
    graph::FetchPlan plan;
    plan.cancellation = gone;
    auto view = view_in_rounds(
        store, {.at = pinned.sequence()}, std::move(plan), explain,
        [&](graph::Subgraph& subgraph) { return evaluate_stored(*record, subgraph, explain); });
    // One that cannot be evaluated must not hide the others.
    if (!view)
      view = json::Value(
          json::Object{{"id", record->id()}, {"met", false}, {"error", view.error().text()}});
    const json::Value* met = view->find("met");
    if (all || met == nullptr || !met->boolean())
      views.push_back(std::move(*view));
  }
  return json::Value(std::move(views));
}

void ExpectationApi::evaluate_unstored(CallRef call) const {
  answer_on_worker(call, [this](Call& asked) -> Result<json::Value> {
    const Parameters parameters = TRY(Parameters::parse(asked.request, {"explain"}));
    const graph::Schema& schema = services_.store.schema();
    const UnstoredRequest request = TRY(unstored_request(asked.request.body, schema));
    const bool explain = TRY(parameters.flag("explain"));
    loop::EvaluateOptions options = evaluate_options(services_, asked.principal->tenant, explain);
    options.declared_by = request.expectation.name;
    graph::FetchPlan plan;
    if (!request.has_actual)
      plan = TRY(
          loop::reads_of(request.expectation.target, schema, options.tenant, options.most_targets));
    plan.cancellation = asked.request.cancellation;
    return view_in_rounds(
        services_.store, {}, std::move(plan), explain,
        [&](graph::Subgraph& subgraph) -> Result<json::Value> {
          if (&subgraph.schema() != &schema)
            return rules::model_replaced();
          const loop::ExpectationResidue residue =
              request.has_actual
                  ? TRY(loop::evaluate_document(request.expectation,
                                                request.actual ? &*request.actual : nullptr,
                                                subgraph, options))
                  : TRY(loop::evaluate(request.expectation, subgraph, options));
          return outstanding_view(request.expectation, {}, residue, options, subgraph);
        });
  });
}

void ExpectationApi::schema(CallRef call) const {
  answer(*call, 200, std::string(outstanding::expectation_schema()), {}, schema_type);
}

} // namespace diffo::server
