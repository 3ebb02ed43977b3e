#include "server/observations/complete_scope.h"

#include "base/sha256.h"
#include "base/time.h"
#include "model/contradictions.h"
#include "model/declared.h"
#include "model/model.h"
#include "model/schema.h"
#include "query/list_query.h"
#include "rules/policy.h"
#include "server/observations/observed_item.h"

#include <algorithm>
#include <span>
#include <utility>

namespace diffo::server {
namespace {

using Kind = UnseenOutcome::Kind;

constexpr std::size_t in_a_page = 512;
/// What a key to be marked holds, more or less.
constexpr std::uint64_t bytes_of_key = 96;

/// What a filter says of a family.
Result<graph::Filter> filter_in(const std::string& text, graph::Family family,
                                const graph::Schema& schema) {
  auto parsed = query::parse_conditions(text, model::api_of(family), model::Version::v5, schema);
  if (!parsed)
    return Error{ErrorCode::invalid, parsed.error().text(), "/complete/filter"};
  return std::move(parsed->query.filter);
}

std::vector<graph::Family> families_of(const CompleteScope& scope, const model::Model& model) {
  if (scope.family != 0)
    return {scope.family};
  if (const model::DeclaredKind* kind = model.declared().named(scope.kind))
    return {model::family_of(model::DeclaredKinds::api_of(*kind))};
  if (const model::DeclaredKind* kind = model.declared().specified(scope.kind))
    return {model::family_of(model::DeclaredKinds::api_of(*kind))};
  return {model::family_service, model::family_resource};
}

} // namespace

Result<std::vector<graph::Query>> queries_of(const CompleteScope& scope,
                                             const graph::Schema& schema, graph::Tenant tenant) {
  const std::vector<graph::Family> families = families_of(scope, model::model_of(schema));
  std::vector<graph::Query> queries;
  for (const graph::Family family : families) {
    graph::Query query;
    query.tenant = tenant;
    query.families = {family};
    query.limit = in_a_page;
    query.count = false;
    std::vector<graph::Filter> all;
    if (!scope.kind.empty())
      all.push_back(of_kind(scope.kind, schema));
    if (!scope.filter.empty())
      all.push_back(TRY(filter_in(scope.filter, family, schema)));
    query.filter = graph::all_of(std::move(all));
    queries.push_back(std::move(query));
  }
  return queries;
}

CompleteSweep::Name CompleteSweep::name_of(const graph::KeyView& instance) {
  std::string text(1, static_cast<char>(instance.family));
  text += instance.id;
  const Sha256 hash = sha256(text);
  Name name;
  std::copy_n(hash.begin(), name.size(), name.begin());
  return name;
}

void CompleteSweep::saw(const graph::KeyView& instance) {
  seen_.push_back(name_of(instance));
}

std::uint64_t CompleteSweep::bytes() const {
  return seen_.capacity() * sizeof(Name) + unseen_.size() * bytes_of_key;
}

Result<void> CompleteSweep::find(const graph::Context& context,
                                 const std::function<Result<void>()>& held) {
  std::sort(seen_.begin(), seen_.end());
  for (graph::Query& query : TRY(queries_of(scope_, store_.schema(), context.principal.tenant))) {
    do {
      graph::FetchPlan plan;
      plan.queries.push_back(query);
      graph::Subgraph subgraph = TRY(graph::read_and_wait(store_, {}, std::move(plan)));
      graph::Page page = TRY(subgraph.page(0));
      rules::RecordPrecedence precedence(observer_.precedence);
      for (const graph::RecordRef& record : page.records) {
        ++report_.instances;
        if (std::binary_search(seen_.begin(), seen_.end(), name_of(record->key())))
          ++report_.seen;
        else if (auto outcome = why_not(*record, precedence.of(*record, subgraph.schema()), context,
                                        subgraph.schema()))
          report_.add(*std::move(outcome));
        else
          unseen_.push_back(record->key());
      }
      TRY(held());
      query.after = std::move(page.next);
    } while (query.after);
  }
  if (scope_.at_most && unseen_.size() > *scope_.at_most) {
    report_.note = std::to_string(unseen_.size()) + " are no longer seen, more than the " +
                   std::to_string(*scope_.at_most) + " that may be: none was marked";
    unseen_.clear();
  }
  return {};
}

Result<void> CompleteSweep::mark(const std::function<graph::Context()>& context) {
  const std::span<const graph::Key> all(unseen_);
  for (std::size_t from = 0; from < all.size(); from += in_a_page) {
    const auto some = all.subspan(from, std::min(in_a_page, all.size() - from));
    const std::vector<graph::Key> keys(some.begin(), some.end());
    std::vector<UnseenOutcome> outcomes;
    const graph::Context here = context();
    graph::FetchPlan plan;
    plan.records = keys;
    TRY(graph::transact_and_wait(
        store_, here, std::move(plan), [&](graph::Subgraph& subgraph) -> Result<graph::Decision> {
          outcomes.clear();
          return graph::Decision(TRY(marked(keys, here, subgraph, outcomes)));
        }));
    for (UnseenOutcome& outcome : outcomes)
      report_.add(std::move(outcome));
  }
  return {};
}

Result<graph::ChangeSet> CompleteSweep::marked(const std::vector<graph::Key>& keys,
                                               const graph::Context& context,
                                               graph::Subgraph& subgraph,
                                               std::vector<UnseenOutcome>& outcomes) const {
  const graph::Schema& schema = subgraph.schema();
  rules::RecordPrecedence precedence(observer_.precedence);
  graph::ChangeSet changes;
  for (const graph::Key& key : keys) {
    const graph::RecordRef record = subgraph.find(key);
    if (!record || record->which() != graph::Which::actual)
      continue; // it is gone by now
    if (auto outcome = why_not(*record, precedence.of(*record, schema), context, schema)) {
      outcomes.push_back(*std::move(outcome));
      continue;
    }
    graph::RecordDraft draft = record->to_draft(schema.dictionary());
    graph::set_unseen(draft.root, mark_of(*record, schema), schema.dictionary());
    changes.changes.push_back({key, TRY(model::encode(draft, schema))});
    outcomes.push_back({Kind::unseen, key, {}});
  }
  return changes;
}

graph::Unseen CompleteSweep::mark_of(const graph::Record& record,
                                     const graph::Schema& schema) const {
  const rules::Said& said = observer_.said;
  const rules::SourceRule* rule = observer_.precedence.rule(said.source);
  graph::Unseen mark{said.source, said.at, rule != nullptr && rule->unseen_is_gone};
  const auto before = graph::unseen_of(record.root(schema.dictionary()));
  if (before && before->source == mark.source)
    mark.at = before->at;
  return mark;
}

std::optional<UnseenOutcome> CompleteSweep::why_not(const graph::Record& record,
                                                    const rules::Precedence& precedence,
                                                    const graph::Context& context,
                                                    const graph::Schema& schema) const {
  const rules::Said& said = observer_.said;
  if (const auto mark = graph::unseen_of(record.root(schema.dictionary()))) {
    const bool stronger = precedence.rank(said.source, {}) < precedence.rank(mark->source, {});
    const bool same = mark->source == said.source && mark->gone == mark_of(record, schema).gone;
    if (same || (mark->source != said.source && !stronger))
      return UnseenOutcome{Kind::already, record.key(), {}};
  }
  if (record.created_at() > said.at)
    return UnseenOutcome{Kind::stale, record.key(),
                         "it was created later, at " + text_of(Timestamp{record.created_at()})};
  const auto sightings = store_.seen(record.key());
  if (!sightings)
    return UnseenOutcome{Kind::stale, record.key(), sightings.error().text()};
  for (const graph::Sighting& one : *sightings) {
    const rules::Ruling ruling = precedence.judge(said, {one.source, one.at}, {});
    if (ruling == rules::Ruling::takes)
      continue;
    const bool weaker = ruling == rules::Ruling::weaker;
    return UnseenOutcome{weaker ? Kind::conflicting : Kind::stale, record.key(),
                         (weaker ? "the stronger source " : "") + one.source + " saw it at " +
                             text_of(Timestamp{one.at})};
  }
  if (const auto allowed = rules::check_writer(context, schema, record); !allowed)
    return UnseenOutcome{Kind::rejected, record.key(), allowed.error().message};
  return std::nullopt;
}

} // namespace diffo::server
