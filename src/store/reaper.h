#pragma once

#include "store/state_revision.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace diffo::store {

/// Frees revisions nobody reads any more on a thread of its own, so that neither readers nor the
/// writer pay for it. Revisions made with it keep it alive. Thread rule: any thread.
class Reaper : public std::enable_shared_from_this<Reaper> {
public:
  static std::shared_ptr<Reaper> start();
  Reaper(const Reaper&) = delete;
  Reaper& operator=(const Reaper&) = delete;
  ~Reaper();
  /// A revision that ends up here when its last holder lets go.
  std::shared_ptr<const StateRevision> guard(std::unique_ptr<const StateRevision> revision);
  /// Ends the thread; what retires later is freed by whoever lets go of it.
  void stop();

private:
  Reaper() = default;
  void run();
  void retire(const StateRevision* revision);
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::unique_ptr<const StateRevision>> retired_;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace diffo::store
