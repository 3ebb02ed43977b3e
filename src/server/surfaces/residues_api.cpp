#include "server/surfaces/residues_api.h"

#include "base/time.h"
#include "server/next_page.h"
#include "server/surfaces/evaluate_options.h"
#include "server/surfaces/residue_patch.h"
#include "server/surfaces/standing.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace diffo::server {
namespace {

/// Of one residue; all are in the list of leaves.
constexpr std::size_t most_leaves_shown = 1000;

/// How a list of rows is read.
struct RowList {
  ResidueFilter filter;
  bool newest_first = false;
  bool with_leaves = false;
  bool as_patch = false;
  bool of_leaves = false;
  std::uint64_t limit = most_on_page;
  std::optional<std::pair<std::int64_t, loop::LeafId>> after;
};

Result<RowList> read_list(const Parameters& parameters) {
  RowList list;
  list.filter = TRY(read_residue_filter(parameters));
  list.limit = TRY(limit_in(parameters));
  list.with_leaves = TRY(parameters.flag("leaves"));
  list.as_patch = TRY(parameters.flag("asPatch"));
  const std::string_view sort = parameters.text("sort");
  if (parameters.has("sort") && sort != "since" && sort != "-since")
    return Error{ErrorCode::invalid, "sort: must be since or -since"};
  list.newest_first = sort == "-since";
  if (parameters.has("after")) {
    const auto cursor = TRY(CursorText<1>::parse(parameters.text("after")));
    const auto id = loop::LeafId::parse(cursor.text);
    if (!id)
      return Error{ErrorCode::invalid, "after: is none that a link gave"};
    list.after.emplace(cursor.numbers[0], *id);
  }
  return list;
}

std::pair<std::int64_t, loop::LeafId> order_of(const ResidueRows::Place& place) {
  return {place.since, place.id};
}

/// What is answered.
struct RowPage {
  std::string body;
  std::uint64_t total = 0; ///< rows, on all pages
  std::string next;        ///< where the next page begins; empty: this was the last
};

json::Object row_view(const ResidueRows::Row& row, const RowList& list, ResidueRows& rows,
                      const std::string& origin, const loop::EvaluateOptions& options) {
  if (list.of_leaves)
    return rows.leaf_view(*row.residue, *row.leaf, origin, options);
  json::Object view = rows.residue_view(*row.residue, origin);
  if (!list.with_leaves)
    return view;
  json::Array shown;
  for (const loop::StandingLeaf& leaf : row.residue->leaves)
    if (shown.size() < most_leaves_shown)
      shown.emplace_back(rows.leaf_view(*row.residue, leaf, origin, options));
  view.append("leaves", std::move(shown));
  return view;
}

std::size_t first_of(const std::vector<ResidueRows::Place>& rows, const RowList& list) {
  if (!list.after)
    return 0;
  const auto is_behind = [&](const ResidueRows::Place& row) {
    return list.newest_first ? order_of(row) < *list.after : order_of(row) > *list.after;
  };
  return static_cast<std::size_t>(
      std::partition_point(rows.begin(), rows.end(),
                           [&](const auto& row) { return !is_behind(row); }) -
      rows.begin());
}

Result<RowPage> page_of(const RowList& list, ResidueRows& rows, graph::Subgraph& subgraph,
                        const std::string& origin, const loop::EvaluateOptions& options) {
  RowPage page{"[", 0, {}};
  const auto show = [&page](const json::Value& view) {
    page.body += page.body.size() > 1 ? "," : "";
    json::write(view, page.body);
  };
  ResiduePatches patches(rows, subgraph, options);
  std::vector<ResidueRows::Place> chosen = rows.choose(list.filter, list.of_leaves);
  if (list.newest_first)
    std::reverse(chosen.begin(), chosen.end());
  page.total = chosen.size();
  std::size_t at = first_of(chosen, list);
  const std::size_t end = std::min<std::uint64_t>(chosen.size(), at + list.limit);
  for (; at < end && page.body.size() < most_page_bytes; ++at) {
    const ResidueRows::Row row = rows.row_at(chosen[at]);
    if (list.as_patch)
      TRY(patches.add(*row.residue));
    else
      show(row_view(row, list, rows, origin, options));
  }
  if (list.as_patch)
    for (const json::Value& patch : TRY(patches.finish(origin)))
      show(patch);
  page.body += ']';
  if (at < chosen.size() && at > 0)
    page.next = CursorText<1>{{chosen[at - 1].since}, chosen[at - 1].id.text()}.print();
  return page;
}

} // namespace

void ResiduesApi::add_routes(http::Router& router) {
  const http::RouteOptions options{.produces = {json_type}};
  const auto add = [&](std::string_view path, auto answer_it) {
    add_route(
        router, http::Method::get, path,
        [this, answer_it](const CallRef& call) { with_standing(services_, call, answer_it); },
        options);
  };
  add("/diffo/v1/residues", [this](Call& call, const loop::StandingRef& standing) {
    return answer_list(call, standing, false);
  });
  add("/diffo/v1/leaves", [this](Call& call, const loop::StandingRef& standing) {
    return answer_list(call, standing, true);
  });
  add("/diffo/v1/residues/summary", [this](Call& call, const loop::StandingRef& standing) {
    return answer_summary(call, standing);
  });
}

Result<void> ResiduesApi::answer_list(Call& call, const loop::StandingRef& standing,
                                      bool leaves) const {
  const Parameters parameters =
      TRY(leaves ? Parameters::parse(call.request.query, residue_filter_parameters,
                                     {"sort", "limit", "after"})
                 : Parameters::parse(call.request.query, residue_filter_parameters,
                                     {"sort", "limit", "after", "leaves", "asPatch"}));
  RowList list = TRY(read_list(parameters));
  list.of_leaves = leaves;
  const graph::Tenant tenant = call.principal->tenant;
  const std::string origin = origin_of(call.request, services_.public_url);
  const loop::EvaluateOptions options = options_at(services_, *standing, tenant);
  RowPage page;
  TRY(graph::read_in_rounds(services_.store, {.at = standing->sequence}, {}, nullptr,
                            [&](graph::Subgraph& subgraph) -> Result<void> {
                              ResidueRows rows(*standing, tenant, subgraph);
                              page = TRY(page_of(list, rows, subgraph, origin, options));
                              return {};
                            }));
  Headers headers{{"X-Total-Count", std::to_string(page.total)}, revision_header(*standing)};
  if (!page.next.empty())
    headers.emplace_back("Link", next_page(call, services_.public_url, page.next));
  answer(call, 200, std::move(page.body), std::move(headers));
  return {};
}

Result<void> ResiduesApi::answer_summary(Call& call, const loop::StandingRef& standing) const {
  const Parameters parameters =
      TRY(Parameters::parse(call.request.query, residue_filter_parameters, {"by"}));
  const std::string_view by = parameters.text("by");
  if (by != "kind" && by != "owner" && by != "category" && by != "path")
    return Error{ErrorCode::invalid, "by: must be kind, owner, category or path"};
  ResidueFilter filter = TRY(read_residue_filter(parameters));
  struct Sum {
    std::int64_t leaves = 0;
    std::int64_t outstanding = 0;
    std::int64_t oldest = 0;
  };
  std::map<std::string, Sum> sums;
  const auto conclude = [&](graph::Subgraph& subgraph) -> Result<void> {
    sums.clear();
    ResidueRows rows(*standing, call.principal->tenant, subgraph);
    rows.for_each_leaf(filter, [&](const ResidueRows::Row& row) {
      const std::string group = by == "kind"    ? rows.kind_of(row.residue->target)
                                : by == "owner" ? rows.facts_of(row.residue->expectation).owner
                                : by == "path"
                                    ? row.leaf->address
                                    : std::string(outstanding::name_of(row.leaf->category));
      Sum& sum = sums[group];
      ++sum.leaves;
      sum.outstanding += row.leaf->is_open() ? 1 : 0;
      sum.oldest = sum.oldest == 0 ? row.since : std::min(sum.oldest, row.since);
    });
    return {};
  };
  TRY(graph::read_in_rounds(services_.store, {.at = standing->sequence}, {}, nullptr, conclude));
  json::Array views;
  for (const auto& [group, sum] : sums)
    views.emplace_back(json::Object{{std::string(by), group},
                                    {"leaves", sum.leaves},
                                    {"outstanding", sum.outstanding},
                                    {"oldest", text_of(Timestamp{sum.oldest})}});
  answer(call, 200, json::to_text(views), {revision_header(*standing)});
  return {};
}

} // namespace diffo::server
