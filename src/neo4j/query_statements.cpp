#include "neo4j/layout.h"
#include "neo4j/matches.h"
#include "neo4j/narrowing.h"
#include "neo4j/paging.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace diffo::neo4j {
namespace {

using graph::Query;

/// More than anybody has, and few enough to be added up.
constexpr std::uint64_t most_number = std::uint64_t{1} << 48U;

std::int64_t row_number(std::uint64_t number) {
  return static_cast<std::int64_t>(std::min(number, most_number));
}

constexpr std::string_view columns = "n.key AS key, n.sequence AS sequence, n.record AS record";

/// How the database orders: by one index, or by creation alone.
struct Sorting {
  std::string property{}; ///< of the index; empty: by creation
  bool descending = false;
};

/// Nothing: the database cannot.
std::optional<Sorting> sorting_of(const Query& query, const graph::Schema& schema) {
  if (query.order.empty())
    return Sorting{};
  const graph::SortKey& order = query.order.front();
  if (query.order.size() != 1 || order.residual || !order.shown.empty())
    return std::nullopt;
  if (is_bounded(query) && bound_of(query)->keys.front() &&
      bound_of(query)->keys.front()->size() >= graph::max_index_key_bytes)
    return std::nullopt; // cut keys do not tell what lies behind it
  const auto families = families_of(query, schema);
  for (const graph::IndexDefinition& index : schema.indexes())
    if (index.single_key && index.path && *index.path == order.path &&
        index.reading == order.reading &&
        std::all_of(families.begin(), families.end(),
                    [&index](graph::Family family) { return covers(index, family); }))
      return Sorting{"n." + index_property(index.number), order.descending};
  return std::nullopt;
}

/// In which order; backward, all is turned round. What the condition leaves one value stands first,
/// as in the index that then gives the order of creation. What has no key comes last.
std::string order_of(const Narrowing& narrowing, const Sorting& sorting, bool backward) {
  const std::string up = backward ? " DESC" : "";
  const std::string down = backward ? "" : " DESC";
  std::string text;
  if (sorting.property.empty())
    for (const std::string& property : narrowing.fixed)
      text += property + up + ", ";
  else
    text = sorting.property + " IS NULL" + up + ", " + sorting.property +
           (sorting.descending ? down : up) + ", ";
  return text + "n.created" + up + ", n.key" + up;
}

/// That a node lies on the page's side of the cursor.
std::string beside_cursor(const Query& query, const Sorting& sorting) {
  const std::string than = query.backward ? "<" : ">";
  std::string born =
      "(n.created " + than + " $created OR (n.created = $created AND n.key " + than + " $key))";
  if (sorting.property.empty())
    return born;
  const std::string& property = sorting.property;
  if (!bound_of(query)->keys.front())
    return query.backward ? "(" + property + " IS NOT NULL OR " + born + ")"
                          : "(" + property + " IS NULL AND " + born + ")";
  const bool greater = query.backward == sorting.descending;
  return "(" + (query.backward ? "" : property + " IS NULL OR ") + property +
         (greater ? " > " : " < ") + "$sort OR (" + property + " = $sort AND " + born + "))";
}

/// The rows around the page. Records are taken when the rows are chosen, not before.
bolt::Statement rows_statement(const Query& query, const Narrowing& narrowing,
                               const Sorting& sorting, const QueryStatements& plan) {
  std::string where = narrowing.condition;
  if (!is_bounded(query))
    where += " AND n.created IS NOT NULL"; // always so, and indexes of times answer it
  else if (!sorting.property.empty())
    where += " AND " + beside_cursor(query, sorting);
  else // as indexes answer it
    where += query.backward
                 ? " AND n.created <= $created AND NOT (n.created = $created AND n.key >= $key)"
                 : " AND n.created >= $created AND NOT (n.created = $created AND n.key <= $key)";
  bolt::Map parameters = narrowing.parameters;
  parameters.set("skip", row_number(plan.skipped));
  const std::uint64_t behind =
      std::min(query.limit, most_number) + (query.backward ? 0 : query.offset - plan.skipped + 1);
  parameters.set("limit", row_number(behind));
  return {"CYPHER 5 " + narrowing.source + " WHERE " + where + " WITH " +
              (narrowing.repeats ? "DISTINCT n" : "n") + " ORDER BY " +
              order_of(narrowing, sorting, query.backward) + " SKIP $skip LIMIT $limit ",
          std::move(parameters)};
}

void add_page(const Query& query, const Narrowing& narrowing, const Sorting& sorting,
              QueryStatements& plan) {
  bolt::Statement rows = rows_statement(query, narrowing, sorting, plan);
  plan.targets = bolt::Statement{
      rows.query + "MATCH (n)-[e:DIFFO_REFERS]->(t:DiffoRecord) WHERE e.kind IN $edges WITH "
                   "DISTINCT t RETURN t.key AS key, t.record AS record",
      rows.parameters};
  rows.query += "RETURN " + std::string(columns);
  plan.statements.push_back(std::move(rows));
}

/// How many there are, and how many of them come in front of the cursor.
bolt::Statement count_statement(const Query& query, Narrowing narrowing, const Sorting& sorting) {
  const std::string each = narrowing.repeats ? "count(DISTINCT " : "count(";
  std::string front = "sum(0)"; // a plain 0 would group, and make no group of no rows
  if (is_bounded(query))
    front = each + "CASE WHEN " + beside_cursor(query, sorting) +
            (query.backward ? " THEN n END)" : " THEN null ELSE n END)");
  return {"CYPHER 5 " + narrowing.source + " WHERE " + narrowing.condition +
              " AND n.created IS NOT NULL RETURN " + each + "n) AS total, " + front + " AS front",
          std::move(narrowing.parameters)};
}

QueryStatements pushed_statements(const Query& query, Narrowing narrowing, const Sorting& sorting,
                                  graph::Sequence revision, std::vector<graph::Key> known) {
  QueryStatements plan;
  plan.pushed = true;
  plan.revision = revision;
  plan.known = std::move(known);
  // Each of the changed ones that lies before the page makes one step less.
  plan.skipped = query.offset - std::min<std::uint64_t>(query.offset, plan.known.size());
  narrowing.condition += " AND n.sequence <= $revision";
  narrowing.parameters.set("revision", static_cast<std::int64_t>(revision));
  if (!plan.known.empty()) {
    bolt::List keys;
    for (const graph::Key& key : plan.known)
      keys.emplace_back(key_text(key));
    narrowing.condition += " AND NOT n.key IN $known";
    narrowing.parameters.set("known", std::move(keys));
  }
  if (is_bounded(query)) {
    const graph::Cursor& bound = *bound_of(query);
    narrowing.parameters.set("created", bound.created_at);
    narrowing.parameters.set("key", key_text(bound.key));
    if (!sorting.property.empty() && bound.keys.front())
      narrowing.parameters.set("sort", hex_text(*bound.keys.front()));
  }
  if (query.limit != 0)
    add_page(query, narrowing, sorting, plan);
  if (needs_counts(query))
    plan.statements.push_back(count_statement(query, std::move(narrowing), sorting));
  return plan;
}

QueryStatements candidate_statements(Narrowing narrowing, std::size_t most) {
  QueryStatements plan;
  narrowing.parameters.set("limit", row_number(std::uint64_t{most} + 1));
  plan.statements.push_back({"CYPHER 5 " + narrowing.source + " WHERE " + narrowing.condition +
                                 " AND n.created IS NOT NULL WITH " +
                                 (narrowing.repeats ? "DISTINCT n" : "n") +
                                 " LIMIT $limit RETURN " + std::string(columns),
                             std::move(narrowing.parameters)});
  return plan;
}

} // namespace

Result<QueryStatements> statements_of(const Query& query, const graph::Schema& schema,
                                      graph::Sequence revision, std::size_t most_candidates,
                                      const Images& changed, Choose choose,
                                      const ListIndexes& lists) {
  const Judge judge = TRY(Judge::of(query, schema));
  Narrowing narrowing = narrow(query, schema, "q", lists);
  const auto sorting = sorting_of(query, schema);
  if (narrowing.exact && sorting && choose == Choose::database)
    return pushed_statements(query, std::move(narrowing), *sorting, revision,
                             keys_of(judge.matches_of(changed)));
  return candidate_statements(std::move(narrowing), most_rows(query, most_candidates));
}

} // namespace diffo::neo4j
