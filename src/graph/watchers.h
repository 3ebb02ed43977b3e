#pragma once

#include "base/guarded.h"
#include "base/log.h"
#include "graph/store.h"

#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace diffo::graph {

/// Those who are told of commits (Store::watch()).
///
/// A watcher is told of each commit once, in order, and only of durable ones. What was committed
/// before it came is read on its own thread; under the lock it joins those that batches are handed
/// to, when nothing is left to be read. Thread rule: any thread; batches from one. Outlives the
/// watches it gives.
class Watchers {
public:
  using Enqueue = std::function<void(std::span<const DeltaRef>)>;
  /// Some commits from that one on, in order.
  using Earlier = std::function<Result<std::vector<DeltaRef>>(Sequence from)>;

  explicit Watchers(const Log* log) : log_(log) {}

  /// Called once a batch is published.
  void hand_out(std::span<const DeltaRef> batch);
  /// Commits up to that one are published: those that nobody was told of are read.
  void catch_up(Sequence newest, const Earlier& earlier);
  /// Errors: those of `earlier`.
  Result<std::unique_ptr<Watch>> watch(Sequence from, Enqueue enqueue, const Earlier& earlier);

private:
  class Watching;
  struct Watcher {
    Enqueue enqueue;
    Sequence next; ///< the first it has not been told of
  };
  struct All {
    Sequence handed_out = 0; ///< the newest commit that was
    std::vector<std::shared_ptr<Watcher>> watchers;
  };

  void tell(Watcher& watcher, std::span<const DeltaRef> deltas) const;
  std::unique_ptr<Watch> join(const std::shared_ptr<Watcher>& watcher);

  const Log* log_; ///< none: silent
  Guarded<All> all_;
};

} // namespace diffo::graph
