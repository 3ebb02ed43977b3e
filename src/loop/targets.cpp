#include "loop/targets.h"

#include "loop/document_fields.h"
#include "loop/target_reads.h"
#include "model/schema.h"
#include "model/words.h"
#include "rules/traverse.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace diffo::loop {
namespace {

class TargetFinder {
public:
  TargetFinder(graph::Subgraph& subgraph, graph::Tenant tenant, std::size_t most)
      : subgraph_(subgraph), tenant_(tenant), most_(most) {}

  Result<std::vector<Target>> operator()(const TargetById& by_id) {
    if (by_id.family.empty())
      return std::vector<Target>{{by_id.id, TRY(find_instance(by_id.id, "/target/id")), 0}};
    const graph::Key key = by_id.key(tenant_);
    return std::vector<Target>{{by_id.id, subgraph_.fetch(key, presence()).record, key.family}};
  }

  Result<std::vector<Target>> operator()(const TargetByFilter& by_filter) {
    return matches(TRY(query_of(by_filter, subgraph_.schema(), tenant_, most_)));
  }

  Result<std::vector<Target>> operator()(const TargetByHops& by_hops) {
    std::vector<graph::Key> reached;
    if (const graph::RecordRef start = TRY(find_instance(by_hops.of, "/target/of")))
      reached.push_back(start->key());
    if (has_assignments(by_hops.via))
      return over_assignments(reached, by_hops.via);
    for (const Hop& hop : by_hops.via) {
      std::vector<graph::Key> next;
      std::unordered_set<graph::Key, graph::KeyHash> seen;
      for (const graph::Key& key : reached)
        for (graph::Key& far_end : step(key, hop))
          if (seen.insert(far_end).second)
            next.push_back(std::move(far_end));
      if (next.size() > most_)
        return too_many();
      reached = std::move(next);
    }
    std::vector<Target> targets;
    targets.reserve(reached.size());
    for (const graph::Key& key : reached)
      targets.push_back({key.id, subgraph_.fetch(key, presence()).record, key.family});
    return targets;
  }

  Result<std::vector<Target>> operator()(const TargetByKey& by_key) {
    std::vector<Target> targets;
    for (const graph::Query& query : TRY(queries_of(by_key, subgraph_.schema(), tenant_, most_)))
      for (Target& target : TRY(matches(query)))
        if (is_of_kind(*target.record, by_key.kind, subgraph_.schema().dictionary()))
          targets.push_back(std::move(target));
    if (targets.empty())
      targets.emplace_back();
    return targets;
  }

private:
  Result<graph::RecordRef> find_instance(std::string_view id, const char* path) {
    const auto find = [&](graph::Family family) {
      return subgraph_.fetch({tenant_, family, id}, presence()).record;
    };
    graph::RecordRef service = find(model::family_service);
    graph::RecordRef resource = find(model::family_resource);
    if (service && resource)
      return Error{ErrorCode::conflict, "is the id of a service and of a resource", path};
    return service ? std::move(service) : std::move(resource);
  }

  [[nodiscard]] Error too_many() const {
    return {ErrorCode::too_large,
            "the expectation is about more than " + std::to_string(most_) + " instances",
            "/target"};
  }

  Result<std::vector<Target>> matches(const graph::Query& query) {
    const graph::Page page = TRY(subgraph_.query(query));
    if (page.total > most_)
      return too_many();
    std::vector<Target> targets;
    targets.reserve(page.records.size());
    for (const graph::RecordRef& record : page.records)
      targets.push_back({record->id(), record, record->family()});
    return targets;
  }

  /// An assignment is a record between two instances, so that the way over it is not one edge. What
  /// is reserved counts as assigned, for a target must not come and go with the clock.
  Result<std::vector<Target>> over_assignments(const std::vector<graph::Key>& from,
                                               const std::vector<Hop>& via) {
    constexpr std::int64_t whenever = 0;
    std::vector<model::Hop> hops;
    hops.reserve(via.size());
    for (const Hop& hop : via)
      hops.push_back({hop.forward ? model::Hop::Direction::forward : model::Hop::Direction::reverse,
                      hop.mechanism == Hop::Mechanism::assignment
                          ? model::Hop::Mechanism::assignment
                          : model::Hop::Mechanism::relationship,
                      hop.type, hop.alias});
    std::vector<Target> targets;
    for (const graph::Key& key : from)
      for (const graph::Key& reached : TRY(rules::walk(subgraph_, key, hops, whenever)).reached) {
        graph::FetchPlan plan;
        plan.records.push_back(reached);
        subgraph_.announce(plan);
        targets.push_back({reached.id, subgraph_.find(reached), reached.family});
      }
    return targets.size() > most_ ? Result<std::vector<Target>>(too_many()) : std::move(targets);
  }

  std::vector<graph::Key> step(const graph::Key& key, const Hop& hop) {
    std::vector<graph::Key> found;
    if (hop.forward) {
      if (const graph::RecordRef record = subgraph_.fetch(key, edges(hop)).record)
        graph::for_each_edge(
            record->root(subgraph_.schema().dictionary()), [&](const graph::ElementView& edge) {
              if (fits(edge, hop))
                found.emplace_back(tenant_, edge.target_family(), edge.target_id().text());
            });
      return found;
    }
    subgraph_.referrers(key, kinds_of(hop), [&](const graph::Referrer& referrer) {
      bool any = false;
      graph::for_each_edge(referrer.record->root(subgraph_.schema().dictionary()),
                           [&](const graph::ElementView& edge) {
                             any = any || (fits(edge, hop) && edge.target_family() == key.family &&
                                           edge.target_id().equals(key.id));
                           });
      if (any)
        found.push_back(referrer.record->key());
      return found.size() <= most_;
    });
    return found;
  }

  /// What a step forward reads of a record.
  static std::vector<graph::FieldPath> edges(const Hop& hop) {
    return {{.parts = {kinds_of(hop)}, .end = graph::FieldPath::End::element}};
  }

  static std::vector<graph::ElementKind> kinds_of(const Hop& hop) {
    const auto kinds = edges_of(hop);
    return {kinds.begin(), kinds.end()};
  }

  static bool fits(const graph::ElementView& edge, const Hop& hop) {
    const auto kinds = edges_of(hop);
    if (std::find(kinds.begin(), kinds.end(), edge.kind()) == kinds.end())
      return false;
    if (!hop.type.empty() && !edge.field(model::words::relationship_type).equals(hop.type))
      return false;
    return hop.alias.empty() || edge.field(model::words::alias).equals(hop.alias) ||
           edge.field(model::words::outer_name).equals(hop.alias);
  }

  graph::Subgraph& subgraph_;
  graph::Tenant tenant_;
  std::size_t most_;
};

} // namespace

bool is_of_kind(const graph::Record& record, const std::string& kind,
                const graph::Dictionary& dictionary) {
  bool any = false;
  graph::for_each_edge(record.root(dictionary), [&](const graph::ElementView& edge) {
    any = any || (edge.kind() == model::kinds::specification_reference &&
                  (edge.target_id().equals(kind) || edge.field(model::words::name).equals(kind)));
  });
  return any;
}

Result<std::vector<Target>> targets_of(const ExpectationTarget& target, graph::Subgraph& subgraph,
                                       graph::Tenant tenant, std::size_t most) {
  subgraph.announce(TRY(reads_of(target, subgraph.schema(), tenant, most)));
  return std::visit(TargetFinder(subgraph, tenant, most), target);
}

} // namespace diffo::loop
