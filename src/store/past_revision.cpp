#include "store/past_revision.h"

#include "store/embedded_store.h"

#include <utility>

namespace diffo::store {
namespace {

Error only_records() {
  return {ErrorCode::unsupported, "of past revisions only single records can be read"};
}

} // namespace

Result<std::shared_ptr<const graph::Revision>> PastRevision::load(const EmbeddedStore& store,
                                                                  graph::Sequence sequence,
                                                                  const graph::FetchPlan& plan) {
  graph::FetchPlan rest = plan;
  rest.records.clear();
  if (!rest.empty())
    return only_records();
  if (plan.records.empty())
    TRY(store.at({}, sequence)); // whether there is such a revision
  std::shared_ptr<PastRevision> past(new PastRevision(sequence, store.schema()));
  for (const graph::Key& key : plan.records)
    past->records_.emplace(key, TRY(store.at(key, sequence)));
  return std::shared_ptr<const graph::Revision>(std::move(past));
}

graph::RecordRef PastRevision::find(const graph::KeyView& key) const {
  const auto found = records_.find(key);
  return found != records_.end() ? found->second : graph::RecordRef();
}

Result<graph::Page> PastRevision::query(const graph::Query&, const Cancellation&) const {
  return only_records();
}

} // namespace diffo::store
