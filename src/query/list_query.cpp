#include "query/list_query.h"

#include "base/url_text.h"
#include "model/schema.h"
#include "query/list_parameters.h"
#include "query/list_plan.h"
#include "query/record_filter.h"

#include <algorithm>
#include <utility>

namespace diffo::query {
namespace {

using graph::Record;
using graph::RecordRef;

// The index of records that have something which only looks like a reference.
constexpr std::string_view irregular_index = "irregular";

void add_unique(std::vector<std::string>& ids, std::string_view id) {
  if (!id.empty() && std::find(ids.begin(), ids.end(), id) == ids.end())
    ids.emplace_back(id);
}

/// The id at the end of an href. Ids have no slash there, and what is encoded in a segment of a
/// path does not use "+" for the space.
std::string id_in_href(std::string_view href) {
  std::string segment(href.substr(std::min(href.rfind('/') + 1, href.size())));
  for (std::size_t at = 0; (at = segment.find('+', at)) != std::string::npos; at += 3)
    segment.replace(at, 1, "%2B");
  auto id = decode_query_text(segment);
  return id ? std::move(*id) : std::string();
}

/// The ids that a condition restricts the answer to, if it does so.
std::optional<std::vector<std::string>> ids_of(const Condition& condition) {
  const bool by_id = condition.path.size() == 1 && condition.comparison == Comparison::equal &&
                     (condition.path.front() == "id" || condition.path.front() == "href");
  if (!by_id)
    return std::nullopt;
  std::vector<std::string> ids;
  for (const Operand& operand : condition.any_of)
    add_unique(ids, condition.path.front() == "id" ? operand.text() : id_in_href(operand.text()));
  return ids;
}

/// One match with its sort keys.
struct Ranked {
  RecordRef record;
  std::vector<std::optional<std::string>> keys;
};

bool comes_before(const Ranked& left, const Ranked& right,
                  const std::vector<graph::SortKey>& order) {
  for (std::size_t level = 0; level < order.size(); ++level) {
    const auto& a = left.keys[level];
    const auto& b = right.keys[level];
    if (a.has_value() != b.has_value())
      return a.has_value();
    if (a != b)
      return order[level].descending ? *b < *a : *a < *b;
  }
  if (left.record->created_at() != right.record->created_at())
    return left.record->created_at() < right.record->created_at();
  return left.record->id() < right.record->id();
}

std::vector<Ranked> find_by_ids(const graph::Revision& revision, const ListQuery& list) {
  std::vector<Ranked> found;
  for (const std::string& id : *list.ids)
    for (const graph::Family family : list.query.families) {
      RecordRef record = revision.find({list.query.tenant, family, id});
      if (!record || record->which() != list.query.which ||
          (list.query.predicate && !list.query.predicate(*record)))
        continue;
      Ranked& ranked = found.emplace_back(Ranked{std::move(record), {}});
      for (const graph::SortKey& order : list.query.order)
        ranked.keys.push_back(order.key(*ranked.record));
    }
  return found;
}

std::optional<ListQuery::Narrowed> narrowed(std::vector<Condition> conditions, model::Api api,
                                            model::Version version, const graph::Schema& schema) {
  graph::Query query;
  plan_conditions(conditions, api, version, schema, Assumption::regular_records, query);
  if (schema.index(irregular_index) == nullptr ||
      (query.index_conditions.empty() && query.edge_conditions.empty()))
    return std::nullopt;
  return ListQuery::Narrowed{std::move(query.index_conditions), std::move(query.edge_conditions),
                             record_predicate(std::move(conditions), api, version, schema)};
}

/// Whether the index of irregular records has nothing for the query. Errors: those of
/// Revision::query.
Result<bool> is_regular(const graph::Revision& revision, const graph::Query& query) {
  const graph::IndexDefinition* index = revision.schema().index(irregular_index);
  graph::Query irregular;
  irregular.tenant = query.tenant;
  irregular.families = query.families;
  irregular.which = query.which;
  irregular.limit = 0;
  irregular.index_conditions.push_back({index->number, {{"", true, std::nullopt, true}}, true});
  return TRY(revision.query(irregular)).total == 0;
}

Result<graph::Page> find_narrowed(const graph::Revision& revision, const ListQuery& list) {
  if (!TRY(is_regular(revision, list.query)))
    return revision.query(list.query);
  graph::Query query = list.query;
  query.index_conditions = list.narrowed->index_conditions;
  query.edge_conditions = list.narrowed->edge_conditions;
  query.predicate = list.narrowed->predicate;
  return revision.query(query);
}

} // namespace

Result<ListQuery> parse_list_query(std::string_view raw_query, model::Api api,
                                   model::Version version, const graph::Schema& schema) {
  ListParameters parameters = TRY(parse_list_parameters(raw_query));
  for (const ConditionText& condition : parameters.conditions)
    TRY(check_operator(condition));
  std::vector<Condition> conditions =
      TRY(make_conditions(std::move(parameters.conditions), reading_of_path));
  ListQuery list;
  list.fields = TRY(select_fields(parameters.fields, api, version));
  list.paged_explicitly = parameters.paged_explicitly;
  list.limit_was_cut = parameters.limit_was_cut;
  list.query.families = {api == model::Api::service ? model::family_service
                                                    : model::family_resource};
  list.query.offset = parameters.offset;
  list.query.limit = parameters.limit;
  for (const Condition& condition : conditions)
    if (!list.ids)
      list.ids = ids_of(condition);
  if (!list.ids) { // what is looked up is not searched: then the predicate decides everything
    list.narrowed = narrowed(conditions, api, version, schema);
    plan_conditions(conditions, api, version, schema, Assumption::nothing, list.query);
  }
  list.query.predicate = record_predicate(std::move(conditions), api, version, schema);
  for (SortTerm& term : parameters.sort) {
    graph::SortKey key;
    key.index = sort_index(term, api, schema);
    key.descending = term.descending;
    key.key = record_sort_key(std::move(term.path), term.descending, api, version, schema);
    list.query.order.push_back(std::move(key));
  }
  return list;
}

Result<graph::Page> find_page(const graph::Revision& revision, const ListQuery& list) {
  if (!list.ids)
    return list.narrowed ? find_narrowed(revision, list) : revision.query(list.query);
  std::vector<Ranked> found = find_by_ids(revision, list);
  std::sort(found.begin(), found.end(), [&list](const Ranked& left, const Ranked& right) {
    return comes_before(left, right, list.query.order);
  });
  graph::Page page;
  page.total = found.size();
  for (std::uint64_t at = list.query.offset;
       at < found.size() && page.records.size() < list.query.limit; ++at)
    page.records.push_back(std::move(found[at].record));
  return page;
}

} // namespace diffo::query
