#include "server/surfaces/resource.h"

#include "model/contradictions.h"
#include "rules/beside.h"
#include "rules/instances.h"
#include "server/idempotency.h"
#include "server/on_reader.h"
#include "server/parameters.h"
#include "server/past.h"
#include "server/surfaces/patch_types.h"
#include "server/surfaces/standing.h"

#include <algorithm>
#include <concepts>
#include <utility>

namespace diffo::server {
namespace {

/// Rendering more than this keeps a thread for milliseconds.
constexpr std::size_t small_bytes = std::size_t{64} << 10;

/// Whatever a handler comes to that is no answer yet becomes one.
void settle(Call& call, const Result<void>& outcome) {
  if (!outcome)
    answer_error(call, outcome.error());
}

/// Runs a step of a handler at once where its bytes are few, else on a worker.
template <std::invocable Step>
void run_sized(Worker& worker, std::size_t bytes, const CallRef& call, Step step) {
  if (bytes <= small_bytes)
    step();
  else if (!worker.post(std::move(step), call->request.cancellation))
    answer_error(*call, {ErrorCode::unavailable, "too many large requests are waiting"});
}

} // namespace

Resource::Resource(Services& services, std::unique_ptr<const DocumentForm> form, std::string path)
    : services_(services), form_(std::move(form)), path_(std::move(path)) {}

void Resource::add_routes(http::Router& router) const {
  using Member = void (Resource::*)(const CallRef&) const;
  const auto add = [&](http::Method method, const std::string& path, Member member,
                       std::vector<std::string> consumes = {}) {
    add_route(router, method, path, [this, member](const CallRef& call) { (this->*member)(call); },
              {.consumes = std::move(consumes), .produces = {json_type}});
  };
  const std::string one = path_ + "/{id}";
  add(http::Method::get, path_, &Resource::list);
  add(http::Method::post, path_, &Resource::create, {json_type});
  add(http::Method::get, one, &Resource::get);
  add(http::Method::patch, one, &Resource::change, patch_types());
  add(http::Method::delete_, one, &Resource::remove);
  if (form_->takes_patch_of_many())
    add(http::Method::patch, path_, &Resource::change_many, patch_types());
}

graph::Key Resource::key_of(const Call& call) const {
  return {call.principal->tenant, form_->family(), std::string(call.request.parameter("id"))};
}

Result<Shown> Resource::shown_for(const Call& call, std::string_view query) const {
  return Shown{origin_of(call.request, services_.public_url),
               TRY(form_->fields(query, services_.store.schema()))};
}

Result<graph::Context> Resource::writing_context(const Call& call) const {
  graph::Context context = services_.context(call, cause_of(call.request));
  TRY(take_idempotency_key(call.request, context));
  return context;
}

void Resource::get(const CallRef& call) const {
  settle(*call, start_getting(call));
}

Result<void> Resource::start_getting(const CallRef& call) const {
  PinnedQuery query = TRY(take_at(call->request.query));
  std::optional<ExpansionRequest> expansion;
  if (form_->expandable() != nullptr) {
    TakenExpansion taken =
        TRY(form_->expandable()->expansion(query.rest, services_.store.schema()));
    expansion = std::move(taken.asked);
    query.rest = std::move(taken.rest);
  }
  if (expansion && !query.at.empty())
    return Error{ErrorCode::invalid, "cannot stand beside expand and depth", "at"};
  TakenParameter filter = TRY(take_parameter(query.rest, "filter"));
  TakenParameter sort{{}, filter.rest};
  if (form_->sorts_within())
    sort = TRY(take_parameter(filter.rest, "sort"));
  Shown shown = TRY(shown_for(*call, sort.rest));
  if (sort.value)
    shown.orders = TRY(query::InnerOrder::parse(*sort.value));
  if (filter.value)
    TRY(form_->filter_of_one(*filter.value, services_.store.schema(), nullptr));
  shown.filter = std::move(filter.value);
  if (expansion)
    get_expanded(call, *std::move(expansion), std::move(shown));
  else if (query.at.empty())
    get_at(call, {}, std::move(shown));
  else
    get_past(call, query.at, std::move(shown));
  return {};
}

/// On a worker: the past is read from the disk.
void Resource::get_past(const CallRef& call, const std::string& at, Shown shown) const {
  on_reader(services_, call, [this, call, at, shown = std::move(shown)](Call&) -> Result<void> {
    get_at(call, TRY(pin_of(at, services_.store)), shown);
    return {};
  });
}

void Resource::get_at(const CallRef& call, graph::Pin pin, Shown shown) const {
  const graph::Key key = key_of(*call);
  graph::FetchPlan plan = rules::plan_for(key);
  // Of past revisions a store may know records alone.
  if (auto edges = form_->link_edges(services_.store.schema()); !edges.empty() && !pin.at)
    plan.walks.push_back({.from = {key}, .hops = {{.kinds = std::move(edges)}}});
  const bool has_links = !plan.walks.empty();
  services_.store.read(
      std::move(pin), std::move(plan), nullptr,
      [this, call, has_links, key, shown = std::move(shown)](Result<graph::Subgraph> read) mutable {
        if (!read)
          return answer_error(*call, read.error());
        graph::RecordRef record = read->find(key);
        if (!record || !form_->holds(*record, read->schema()))
          return answer_error(*call, rules::not_found(read->schema(), key));
        const graph::Schema& schema = read->schema();
        const graph::Pin same{.branch = "main", .at = read->sequence()};
        // What its references lead to grows with it, too.
        const std::size_t bytes = record->memory_bytes();
        const auto beside =
            has_links ? std::make_shared<graph::Subgraph>(*std::move(read)) : nullptr;
        run_sized(services_.large, bytes, call,
                  [this, call, record = std::move(record), &schema, same, bytes, shown, beside] {
                    show(call, record, schema, same, beside.get(), bytes > small_bytes, shown);
                  });
      });
}

void Resource::show(const CallRef& call, graph::RecordRef record, const graph::Schema& schema,
                    graph::Pin pin, graph::Subgraph* links, bool on_worker,
                    const Shown& shown) const {
  present(call, std::move(record), schema, std::move(pin), links,
          [this, call, on_worker, shown](Presented presented, const graph::Schema& by) {
            const std::size_t bytes = on_worker ? 0 : presented.record->memory_bytes();
            run_sized(services_.large, bytes, call,
                      [this, call, shown, presented = std::move(presented), &by] {
                        settle(*call, answer_one(*call, presented, by, shown));
                      });
          });
}

LinkTargets Resource::links_of(const graph::Record& record, const graph::Schema& schema) const {
  LinkTargets targets;
  form_->add_links(record, schema, targets);
  return targets;
}

Resource::Presented Resource::presented(graph::RecordRef record, graph::Subgraph& subgraph) const {
  const graph::Schema& schema = subgraph.schema();
  Links referenced = links_of(*record, schema).found_in(subgraph);
  std::string contributed = referenced ? referenced->text() : std::string();
  const std::uint64_t sequence = record->sequence();
  if (form_->shows_more(*record, schema)) {
    const rules::Beside beside =
        rules::look_beside(subgraph, record->key(), services_.clock.now().microseconds);
    contributed += beside.contributed;
    if (!beside.assigned.empty())
      record = rules::with_beside(*record, schema, beside);
  }
  return {std::move(record), {sequence, digest_of(contributed)}, std::move(referenced)};
}

Resource::Presented Resource::presented(const graph::RecordRef& record, const Links& links) {
  return {record, {record->sequence(), digest_of(links ? links->text() : std::string())}, links};
}

void Resource::present(const CallRef& call, graph::RecordRef record, const graph::Schema& schema,
                       graph::Pin pin, graph::Subgraph* links,
                       std::function<void(Presented, const graph::Schema&)> then) const {
  const EntityTag own{record->sequence(), {}};
  if (links != nullptr && !form_->shows_more(*record, schema))
    return then(presented(std::move(record), *links), schema);
  graph::FetchPlan plan = links_of(*record, schema).plan();
  if (form_->shows_more(*record, schema))
    plan.extend(rules::plan_for_beside(record->key()));
  if (plan.empty())
    return then({std::move(record), own}, schema);
  services_.store.read(std::move(pin), std::move(plan), nullptr,
                       [this, call, record = std::move(record), then = std::move(then), own,
                        &schema](Result<graph::Subgraph> read) mutable {
                         if (read)
                           return then(presented(std::move(record), *read), read->schema());
                         // Of past revisions a store may know records alone.
                         if (read.error().code == ErrorCode::unsupported)
                           return then({std::move(record), own}, schema);
                         answer_error(*call, read.error());
                       });
}

/// What others contribute to a document changes at other times than its record.
std::optional<std::int64_t> Resource::changed_at(const Presented& presented,
                                                 const graph::Schema& schema) const {
  if (!presented.tag.derived.empty() || form_->shows_more(*presented.record, schema))
    return std::nullopt;
  return presented.record->updated_at();
}

Result<void> Resource::answer_one(Call& call, const Presented& presented,
                                  const graph::Schema& schema, const Shown& shown) const {
  TRY(demand_filter(*presented.record, schema, shown));
  if (TRY(Conditions(call.request).judge(presented.tag, changed_at(presented, schema))) ==
      Conditions::Verdict::not_modified)
    answer(call, 304, {}, {{"ETag", presented.tag.text()}});
  else
    answer_record(call, 200, presented, schema, shown);
  return {};
}

void Resource::answer_record(Call& call, int status, const Presented& presented,
                             const graph::Schema& schema, const Shown& shown) const {
  std::string body;
  body.reserve(4096);
  Shown with_links = shown;
  write(presented, with_links, schema, body);
  // Of what was written there is an answer whatever it can show.
  if (call.request.method == http::Method::get && shown.fields && shown.fields->overran())
    return answer_error(call, query::overrun_error("fields"));
  if (std::any_of(shown.orders.begin(), shown.orders.end(),
                  [](const query::InnerOrder& order) { return order.overran(); }))
    return answer_error(call, query::overrun_error("sort"));
  Headers headers{{"ETag", presented.tag.text()}};
  if (const auto changed = changed_at(presented, schema))
    headers.emplace_back("Last-Modified",
                         last_modified(*changed, services_.clock.now().microseconds));
  if (status == 201)
    headers.emplace_back("Location", form_->url(*presented.record, shown.origin, schema));
  answer(call, status, std::move(body), std::move(headers));
}

/// Called by the store, which must not be kept: large documents are rendered elsewhere. What is
/// done is done, so that where no worker is free this thread renders after all.
void Resource::answer_written(const CallRef& call, int status, graph::RecordRef record, Shown shown,
                              const std::optional<Links>& links) const {
  const graph::Schema& schema = services_.store.schema();
  const bool large = record->memory_bytes() > small_bytes;
  const auto step = [this, call, status, record = std::move(record), shown = std::move(shown),
                     large, links, &schema] {
    if (links && !form_->shows_more(*record, schema))
      return answer_record(*call, status, presented(record, *links), schema, shown);
    present(call, record, schema, {}, nullptr,
            [this, call, status, shown, large](Presented presented, const graph::Schema& by) {
              const std::size_t bytes = large ? 0 : presented.record->memory_bytes();
              const auto answering = [this, call, status, presented = std::move(presented), &by,
                                      shown] {
                answer_record(*call, status, presented, by, shown);
              };
              if (bytes <= small_bytes || !services_.large.post(answering))
                answering();
            });
  };
  if (!large || !services_.large.post(step))
    step();
}

void Resource::create(const CallRef& call) const {
  run_sized(services_.large, call->request.body.size(), call,
            [this, call] { settle(*call, start_creating(call)); });
}

Result<void> Resource::start_creating(const CallRef& call) const {
  Shown shown = TRY(shown_for(*call, call->request.query));
  const graph::Context context = TRY(writing_context(*call));
  const graph::Schema& schema = services_.store.schema();
  json::Value document = TRY(read_json(call->request.body));
  graph::RecordDraft draft = TRY(form_->read(std::move(document), context, schema));
  graph::RecordRef fresh = TRY(model::encode(draft, schema));
  TRY(Conditions(call->request).judge_unversioned());
  graph::FetchPlan plan = rules::plan_for(draft.key);
  plan.extend(form_->reads_of(draft));
  // What the answer shows is read with what the rule reads.
  const auto links = std::make_shared<std::optional<Links>>();
  plan.extend(links_of(*fresh, schema).plan());
  services_.store.transact(
      context, std::move(plan),
      creation_of(call, context, std::move(draft), std::move(fresh), schema, links),
      {.document_bytes = call->request.body.size()},
      [this, call, links, shown = std::move(shown)](Result<graph::Commit> commit) {
        if (commit)
          answer_written(call, 201, std::move(commit->records.front()), shown, *links);
        else
          answer_error(*call, commit.error());
      });
  return {};
}

graph::Decide Resource::creation_of(const CallRef& call, const graph::Context& context,
                                    graph::RecordDraft draft, graph::RecordRef fresh,
                                    const graph::Schema& schema,
                                    std::shared_ptr<std::optional<Links>> links) const {
  graph::Key key = draft.key;
  std::optional<graph::RecordDraft> unresolved;
  if (form_->resolves(draft, schema))
    unresolved = std::move(draft);
  return [this, call, context, key = std::move(key), unresolved = std::move(unresolved),
          fresh = std::move(fresh), &schema,
          links = std::move(links)](graph::Subgraph& subgraph) -> Result<graph::Decision> {
    const bool as_read = &subgraph.schema() == &schema;
    links->reset();
    if (as_read && !unresolved) {
      *links = links_of(*fresh, schema).found_in(subgraph);
      return rules::create(fresh)(subgraph);
    }
    graph::RecordDraft made =
        as_read ? *unresolved
                : TRY(form_->read(TRY(read_json(call->request.body)), context, subgraph.schema()));
    made.key = key;
    rules::Further further = TRY(form_->resolve(made, nullptr, subgraph, context));
    return rules::create(TRY(model::encode(made, subgraph.schema())), std::move(further))(subgraph);
  };
}

void Resource::change(const CallRef& call) const {
  const graph::Key key = key_of(*call);
  services_.store.read(
      {}, rules::plan_for(key), nullptr, [this, call, key](Result<graph::Subgraph> read) {
        if (!read)
          return answer_error(*call, read.error());
        // What is there may be large though the request is small.
        const graph::RecordRef present = read->find(key);
        const std::size_t bytes =
            std::max(call->request.body.size(), present ? present->memory_bytes() : 0);
        auto links = present && form_->holds(*present, read->schema())
                         ? links_of(*present, read->schema()).plan()
                         : graph::FetchPlan();
        run_sized(services_.large, bytes, call, [this, call, bytes, links = std::move(links)] {
          settle(*call, start_changing(call, bytes, links));
        });
      });
}

Result<void> Resource::start_changing(const CallRef& call, std::size_t bytes,
                                      const graph::FetchPlan& links) const {
  const Shown shown = TRY(shown_for(*call, call->request.query));
  PatchRequest patch{std::make_shared<const json::Value>(TRY(read_json(call->request.body))),
                     patch_kind_of(call->request)};
  const graph::Key key = key_of(*call);
  const graph::Context context = TRY(writing_context(*call));
  graph::FetchPlan plan = rules::plan_for(key);
  plan.extend(links);
  const auto then = std::make_shared<std::optional<LinksThen>>();
  services_.store.transact(
      context, std::move(plan),
      rules::change(key, precondition_of(*call),
                    revision_of(std::move(patch), context, shown, then)),
      {.document_bytes = bytes}, [this, call, shown, then](Result<graph::Commit> commit) {
        if (!commit)
          return answer_error(*call, commit.error());
        graph::RecordRef record = std::move(commit->records.front());
        // It is shown with what was read, if that is still what it refers to.
        std::optional<Links> shown_links;
        if (*then &&
            links_of(*record, services_.store.schema()).plan().records == (*then)->reads.records)
          shown_links = (*then)->links;
        answer_written(call, 200, std::move(record), shown, shown_links);
      });
  return {};
}

rules::Revise Resource::revision_of(PatchRequest patch, const graph::Context& context, Shown shown,
                                    std::shared_ptr<std::optional<LinksThen>> then) const {
  return
      [this, patch = std::move(patch), context, shown = std::move(shown), then = std::move(then)](
          const graph::Record& present,
          graph::Subgraph& subgraph) -> Result<std::optional<rules::Revision>> {
        auto changed = TRY(patched(present, patch, shown, subgraph, then.get()));
        if (!changed)
          return std::optional<rules::Revision>();
        rules::Revision revised{std::move(*changed)};
        revised.further = TRY(form_->resolve(revised.draft, &present, subgraph, context));
        revised.written_at = context.now;
        return std::optional(std::move(revised));
      };
}

/// A client patches the document that it was shown, with what stands there beside the record; that
/// is no part of the record afterwards either.
Result<std::optional<graph::RecordDraft>> Resource::patched(const graph::Record& present,
                                                            const PatchRequest& patch, Shown asked,
                                                            graph::Subgraph& subgraph,
                                                            std::optional<LinksThen>* then) const {
  const graph::Schema& schema = subgraph.schema();
  const LinkTargets links = links_of(present, schema);
  subgraph.announce(links.plan());
  asked.referenced = links.found_in(subgraph);
  if (then != nullptr)
    *then = LinksThen{links.plan(), asked.referenced};
  if (!form_->shows_more(present, schema))
    return form_->patch(present, patch, asked, schema);
  subgraph.announce(rules::plan_for_beside(present.key()));
  const graph::RecordRef shown = rules::with_beside(
      present, schema,
      rules::look_beside(subgraph, present.key(), services_.clock.now().microseconds));
  auto changed = TRY(form_->patch(*shown, patch, asked, schema));
  if (changed)
    TRY(rules::without_beside(*changed, *shown, present.next_part(), schema));
  return changed;
}

void Resource::remove(const CallRef& call) const {
  settle(*call, start_removing(call));
}

/// A record that another collection shows is not there.
rules::Precondition Resource::precondition_of(const Call& call) const {
  return {[this, demanded = Conditions(call.request).precondition(),
           schema_of = &services_.store](const graph::Record& present) -> Result<void> {
    if (!form_->holds(present, schema_of->schema()))
      return rules::not_found(schema_of->schema(), present.key());
    return demanded.demand ? demanded.demand(present) : Result<void>();
  }};
}

Result<void> Resource::start_removing(const CallRef& call) const {
  // An answer without a body shows nothing, but is refused like others.
  TRY(shown_for(*call, call->request.query));
  const graph::Key key = key_of(*call);
  const graph::Context context = TRY(writing_context(*call));
  services_.store.transact(
      context, rules::plan_for_erasing(services_.store.schema(), key),
      rules::erase(key, precondition_of(*call),
                   [this, context](const graph::Record& present, graph::Subgraph& subgraph) {
                     return form_->erased(present, subgraph, context);
                   }),
      {}, [call](const Result<graph::Commit>& commit) {
        if (commit)
          answer(*call, 204, {});
        else
          answer_error(*call, commit.error());
      });
  return {};
}

} // namespace diffo::server
