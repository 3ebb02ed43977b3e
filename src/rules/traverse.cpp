#include "rules/traverse.h"

#include "model/kinds.h"
#include "model/words.h"
#include "rules/parts.h"
#include "rules/pools.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace diffo::rules {
namespace {

using graph::ElementKind;
using graph::ElementView;
using model::Hop;
namespace words = model::words;

/// An edge that a hop may take, and what it is sorted by.
struct Way {
  std::string alias;
  std::string type;
  std::int64_t created_at = 0;
  std::uint32_t part = 0;
  Step step;
};

bool before(const Way& a, const Way& b) {
  // Where no alias is, it stands behind all others.
  const auto rank = [](const Way& way) {
    return std::tuple(way.alias.empty(), std::string_view(way.alias), std::string_view(way.type),
                      way.created_at, way.part);
  };
  return rank(a) < rank(b);
}

class Walker {
public:
  Walker(graph::Subgraph& subgraph, std::int64_t now) : subgraph_(subgraph), now_(now) {}

  Result<Walked> run(const graph::Key& from, std::span<const Hop> via) {
    Walked walked;
    walked.reached.push_back(from);
    for (std::size_t number = 0; number < via.size(); ++number) {
      TRY(announce(walked.reached, via[number]));
      std::vector<graph::Key> next;
      std::set<graph::Key, std::less<>> seen;
      for (const graph::Key& key : walked.reached)
        for (Step& step : TRY(steps_from(key, via[number]))) {
          step.hop = number;
          if (seen.insert(step.to).second)
            next.push_back(step.to);
          walked.steps.push_back(std::move(step));
          if (walked.steps.size() > most_reached)
            return Error{ErrorCode::too_large,
                         "the chain makes more than " + std::to_string(most_reached) + " steps"};
        }
      walked.reached = std::move(next);
    }
    return walked;
  }

private:
  static std::vector<ElementKind> kinds_of(const Hop& hop) {
    switch (hop.mechanism) {
    case Hop::Mechanism::assignment:
      return {hop.direction == Hop::Direction::forward ? model::kinds::assigner
                                                       : model::kinds::assignee};
    case Hop::Mechanism::relationship:
      return {model::kinds::service_relation, model::kinds::resource_relation,
              model::kinds::defined_simple_relation};
    case Hop::Mechanism::place:
      return {model::kinds::place_reference};
    case Hop::Mechanism::party:
      return {model::kinds::party_reference};
    }
    return {};
  }

  /// An assignment refers to both of its ends; other edges stand in the record they lead from.
  static bool reads_referrers(const Hop& hop) {
    return hop.mechanism == Hop::Mechanism::assignment || hop.direction == Hop::Direction::reverse;
  }

  Result<void> announce(const std::vector<graph::Key>& from, const Hop& hop) {
    graph::FetchPlan plan;
    for (const graph::Key& key : from)
      if (hop.mechanism == Hop::Mechanism::assignment)
        plan.extend(plan_for_assignments(key, kinds_of(hop).front(), most_edges));
      else if (reads_referrers(hop))
        plan.referrers.push_back({key, kinds_of(hop), most_edges});
      else
        plan.records.push_back(key);
    subgraph_.announce(plan);
    return {};
  }

  Result<std::vector<Step>> steps_from(const graph::Key& key, const Hop& hop) {
    std::vector<Way> ways;
    if (hop.mechanism == Hop::Mechanism::assignment)
      TRY(add_assignments(key, hop, ways));
    else if (hop.direction == Hop::Direction::reverse)
      TRY(add_referrers(key, hop, ways));
    else if (const graph::RecordRef record = subgraph_.find(key))
      add_edges(*record, key, hop, ways);
    std::stable_sort(ways.begin(), ways.end(), before);
    std::vector<Step> steps;
    steps.reserve(ways.size());
    for (Way& way : ways)
      steps.push_back(std::move(way.step));
    return steps;
  }

  Result<void> add_assignments(const graph::Key& key, const Hop& hop, std::vector<Way>& ways) {
    const ElementKind side = kinds_of(hop).front();
    const bool forward = hop.direction == Hop::Direction::forward;
    const graph::Seen seen = each_assignment(subgraph_, key, side, [&](const Assigned& one) {
      if (!one.holds(now_) || (!hop.alias.empty() && one.alias != hop.alias))
        return true;
      const graph::Target& end = forward ? one.assignee : one.assigner;
      Way& way = ways.emplace_back();
      way.created_at = one.created_at;
      way.part = one.part;
      way.step = {0, key, one.key, one.sequence, {key.tenant, end.family, end.id}};
      return true;
    });
    return cut(seen, key);
  }

  static Result<void> cut(graph::Seen seen, const graph::Key& key) {
    if (seen == graph::Seen::cut)
      return Error{ErrorCode::too_large,
                   key.id + " has more than " + std::to_string(most_edges) + " such edges"};
    return {};
  }

  Result<void> add_referrers(const graph::Key& key, const Hop& hop, std::vector<Way>& ways) {
    const graph::Seen seen =
        subgraph_.referrers(key, kinds_of(hop), [&](const graph::Referrer& referrer) {
          std::vector<Way> edges;
          const graph::Key other = referrer.record->key();
          add_edges(*referrer.record, other, hop, edges);
          for (Way& way : edges)
            if (way.step.to == key) {
              way.step.to = other;
              way.step.from = key;
              const bool known = std::any_of(ways.begin(), ways.end(), [&way](const Way& one) {
                return one.step.over == way.step.over && one.part == way.part;
              });
              if (!known)
                ways.push_back(std::move(way));
            }
          return true;
        });
    return cut(seen, key);
  }

  void add_edges(const graph::Record& record, const graph::Key& key, const Hop& hop,
                 std::vector<Way>& ways) {
    const std::vector<ElementKind> kinds = kinds_of(hop);
    ElementView edge;
    for (auto children = record.root(subgraph_.schema().dictionary()).children();
         children.next(edge);) {
      if (!edge.has_target() || std::find(kinds.begin(), kinds.end(), edge.kind()) == kinds.end())
        continue;
      const bool relation = hop.mechanism == Hop::Mechanism::relationship;
      Way way;
      way.alias = text_of(edge, relation ? words::alias : words::role);
      if (relation && way.alias.empty())
        way.alias = text_of(edge, words::outer_name); // what some call it
      way.type = relation ? text_of(edge, words::relationship_type) : std::string();
      if ((!hop.alias.empty() && way.alias != hop.alias) ||
          (!hop.type.empty() && way.type != hop.type))
        continue;
      way.created_at = record.created_at();
      way.part = edge.part();
      way.step = {0,
                  key,
                  key,
                  record.sequence(),
                  {key.tenant, edge.target_family(), edge.target_id().text()}};
      ways.push_back(std::move(way));
    }
  }

  graph::Subgraph& subgraph_;
  std::int64_t now_;
};

} // namespace

Result<Walked> walk(graph::Subgraph& subgraph, const graph::Key& from, std::span<const Hop> via,
                    std::int64_t now) {
  return Walker(subgraph, now).run(from, via);
}

std::vector<Hop> reversed(std::span<const Hop> via) {
  std::vector<Hop> back(via.rbegin(), via.rend());
  for (Hop& hop : back)
    hop.direction = hop.direction == Hop::Direction::forward ? Hop::Direction::reverse
                                                             : Hop::Direction::forward;
  return back;
}

} // namespace diffo::rules
