#include "loop/target_reads.h"

#include "base/url_text.h"
#include "model/schema.h"
#include "query/list_query.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace diffo::loop {
namespace {

std::string filter_of(const TargetByKey& by_key) {
  std::string filter;
  for (const auto& [name, value] : by_key.key.object()) {
    filter += filter.empty() ? "" : "&";
    append_percent_encoded(filter, name);
    filter += '=';
    append_percent_encoded(filter,
                           value.is_string() ? '"' + value.string() + '"' : json::to_text(value));
  }
  return filter;
}

graph::FetchPlan::Hop step_of(const Hop& hop) {
  graph::FetchPlan::Hop step;
  step.direction = hop.forward ? graph::Direction::out : graph::Direction::in;
  const auto kinds = edges_of(hop);
  step.kinds.assign(kinds.begin(), kinds.end());
  std::vector<graph::Filter> conditions;
  if (!hop.type.empty())
    conditions.push_back(graph::equal_text({.member = "relationshipType"}, {hop.type}));
  if (!hop.alias.empty())
    conditions.push_back(graph::any_of({graph::equal_text({.member = "alias"}, {hop.alias}),
                                        graph::equal_text({.member = "outer:name"}, {hop.alias})}));
  step.edge = graph::all_of(std::move(conditions));
  step.most = std::numeric_limits<std::uint32_t>::max();
  return step;
}

/// One of the two, whichever there is.
std::vector<graph::Key> instances(graph::Tenant tenant, const std::string& id) {
  return {{tenant, model::family_service, id}, {tenant, model::family_resource, id}};
}

class Reads {
public:
  Reads(const graph::Schema& schema, graph::Tenant tenant, std::size_t most)
      : schema_(schema), tenant_(tenant), most_(most) {}

  Result<graph::FetchPlan> operator()(const TargetById& target) const {
    graph::FetchPlan plan;
    if (target.family.empty())
      plan.records = instances(tenant_, target.id);
    else
      plan.records.push_back(target.key(tenant_));
    return plan;
  }

  Result<graph::FetchPlan> operator()(const TargetByFilter& target) const {
    graph::FetchPlan plan;
    plan.queries.push_back(TRY(query_of(target, schema_, tenant_, most_)));
    return plan;
  }

  Result<graph::FetchPlan> operator()(const TargetByHops& target) const {
    graph::FetchPlan plan;
    plan.records = instances(tenant_, target.of);
    if (has_assignments(target.via))
      return plan;
    graph::FetchPlan::Walk walk{.from = plan.records, .hops = {}};
    for (const Hop& hop : target.via)
      walk.hops.push_back(step_of(hop));
    // No hop may lead to more than are wanted.
    walk.most_records = static_cast<std::uint32_t>(std::min<std::size_t>(
        (most_ + 1) * walk.hops.size(), std::numeric_limits<std::uint32_t>::max()));
    plan.walks.push_back(std::move(walk));
    return plan;
  }

  Result<graph::FetchPlan> operator()(const TargetByKey& target) const {
    graph::FetchPlan plan;
    plan.queries = TRY(queries_of(target, schema_, tenant_, most_));
    return plan;
  }

private:
  const graph::Schema& schema_;
  graph::Tenant tenant_;
  std::size_t most_;
};

Result<graph::Query> find_matches(const std::string& filter, model::Api api,
                                  const graph::Schema& schema, graph::Tenant tenant,
                                  std::size_t most) {
  auto parsed = query::parse_conditions(filter, api, model::Version::v5, schema);
  if (!parsed) {
    Error error = std::move(parsed).error();
    error.path = "/target/filter";
    return error;
  }
  parsed->query.tenant = tenant;
  parsed->query.limit = most + 1;
  return std::move(parsed->query);
}

} // namespace

Result<graph::FetchPlan> reads_of(const ExpectationTarget& target, const graph::Schema& schema,
                                  graph::Tenant tenant, std::size_t most) {
  return std::visit(Reads(schema, tenant, most), target);
}

Result<graph::Query> query_of(const TargetByFilter& target, const graph::Schema& schema,
                              graph::Tenant tenant, std::size_t most) {
  return find_matches(target.filter, target.resources ? model::Api::resource : model::Api::service,
                      schema, tenant, most);
}

Result<std::vector<graph::Query>> queries_of(const TargetByKey& target, const graph::Schema& schema,
                                             graph::Tenant tenant, std::size_t most) {
  std::vector<graph::Query> queries;
  for (const model::Api api : {model::Api::service, model::Api::resource})
    queries.push_back(TRY(find_matches(filter_of(target), api, schema, tenant, most)));
  return queries;
}

std::span<const graph::ElementKind> edges_of(const Hop& hop) {
  static constexpr graph::ElementKind relations[] = {model::kinds::service_relation,
                                                     model::kinds::resource_relation,
                                                     model::kinds::defined_simple_relation};
  return hop.mechanism == Hop::Mechanism::relationship
             ? std::span<const graph::ElementKind>(relations)
             : std::span<const graph::ElementKind>();
}

bool has_assignments(const std::vector<Hop>& via) {
  return std::any_of(via.begin(), via.end(),
                     [](const Hop& hop) { return hop.mechanism == Hop::Mechanism::assignment; });
}

} // namespace diffo::loop
