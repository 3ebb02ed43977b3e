#include "server/transfer/creation_order.h"

#include <utility>

namespace diffo::server {
namespace {

constexpr std::uint64_t records_at_once = 100;

} // namespace

bool CreationOrder::IsLater::operator()(const Head& a, const Head& b) const {
  const std::int64_t one = a.record->created_at();
  const std::int64_t other = b.record->created_at();
  return one != other ? one > other : b.record->key() < a.record->key();
}

Result<graph::Subgraph> CreationOrder::read(graph::FetchPlan plan) {
  graph::Pin pin;
  if (pinned_)
    pin.at = pinned_->sequence();
  return graph::read_and_wait(store_, std::move(pin), std::move(plan));
}

Result<void> CreationOrder::begin() {
  const std::size_t tenants = store_.tenants().size();
  for (std::size_t tenant = 0; tenant < tenants; ++tenant)
    TRY(count(static_cast<graph::Tenant>(tenant)));
  return {};
}

Result<void> CreationOrder::count(graph::Tenant tenant) {
  graph::FetchPlan plan;
  graph::Query query;
  query.tenant = tenant;
  query.limit = 1;
  const graph::Schema& schema = pinned_ ? pinned_->schema() : store_.schema();
  for (const graph::FamilyDefinition& family : schema.families())
    for (const graph::Which which : {graph::Which::actual, graph::Which::expected}) {
      query.families = {family.family};
      query.which = which;
      plan.queries.push_back(query);
    }
  const std::vector<graph::Query> queries = plan.queries;
  graph::Subgraph counted = TRY(read(std::move(plan)));
  for (std::size_t number = 0; number < queries.size(); ++number) {
    const std::uint64_t found = TRY(counted.page(number)).total;
    if (found == 0)
      continue;
    total_ += found;
    Stream& stream = streams_.emplace_back(Stream{.query = queries[number]});
    stream.query.limit = records_at_once;
    stream.query.count = false;
  }
  if (!pinned_)
    pinned_ = std::move(counted);
  return {};
}

void CreationOrder::begin_at(std::int64_t created_at) {
  // The place in front of all of that time: behind any key of the microsecond before.
  for (Stream& stream : streams_)
    stream.query.after =
        graph::Cursor{.revision = sequence(), .keys = {}, .created_at = created_at - 1, .key = {}};
}

Result<graph::RecordRef> CreationOrder::next() {
  if (!std::exchange(is_begun_, true))
    for (std::size_t number = 0; number < streams_.size(); ++number)
      TRY(advance(number));
  if (heads_.empty())
    return graph::RecordRef();
  Head head = heads_.top();
  heads_.pop();
  TRY(advance(head.stream));
  return std::move(head.record);
}

/// The stream's next record takes its place among the others.
Result<void> CreationOrder::advance(std::size_t number) {
  Stream& stream = streams_[number];
  while (stream.taken == stream.page.size() && !stream.ended) {
    graph::FetchPlan plan;
    plan.queries.push_back(stream.query);
    graph::Subgraph subgraph = TRY(read(std::move(plan)));
    graph::Page page = TRY(subgraph.page(0));
    stream.page = std::move(page.records);
    stream.taken = 0;
    stream.ended = !page.next;
    stream.query.after = std::move(page.next);
  }
  if (stream.taken < stream.page.size())
    heads_.push({std::exchange(stream.page[stream.taken++], {}), number});
  return {};
}

} // namespace diffo::server
