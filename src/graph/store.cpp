#include "graph/store.h"

#include <future>
#include <memory>
#include <utility>

namespace diffo::graph {

Result<Commit> transact_and_wait(Store& store, Context context, FetchPlan plan, Decide decide) {
  // Shared with the callback, which may still be leaving set_value() when the waiter goes on.
  const auto promise = std::make_shared<std::promise<Result<Commit>>>();
  auto future = promise->get_future();
  store.transact(std::move(context), std::move(plan), std::move(decide),
                 [promise](Result<Commit> commit) { promise->set_value(std::move(commit)); });
  return future.get();
}

} // namespace diffo::graph
