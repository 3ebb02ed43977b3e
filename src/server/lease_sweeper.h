#pragma once

#include "base/metrics.h"
#include "graph/store.h"
#include "server/lease_schedule.h"
#include "server/services.h"

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace diffo::server {

/// Takes reservations away when their lease has run out (domain.md §10.3), so that they do not lie
/// about until somebody wants the same value, and the journal tells when each ended.
///
/// What holds is decided by the clock alone, wherever it is asked: a reservation that was not swept
/// yet holds no longer. So nothing depends on when this runs, and what cannot be written now is
/// written later. Thread rule: any thread.
class LeaseSweeper {
public:
  explicit LeaseSweeper(Services& services);
  LeaseSweeper(const LeaseSweeper&) = delete;
  LeaseSweeper& operator=(const LeaseSweeper&) = delete;
  ~LeaseSweeper() { stop(); }

  /// Follows the journal from now on and then looks for what there is. Once. Errors: of the store.
  Result<void> start();
  /// Before the store stops.
  void stop();

private:
  struct News {
    graph::Key key;
    std::int64_t until = 0; ///< as of LeaseSchedule::put()
  };

  void take(std::span<const graph::DeltaRef> commits);
  void run();
  void round();
  Result<void> load();
  Result<void> sweep(std::vector<graph::Key> due);
  void miss();
  [[nodiscard]] bool is_stopping();
  void wait();

  Services& services_;
  Counter ended_;
  std::unique_ptr<graph::Watch> watch_;
  std::thread thread_;

  std::mutex mutex_; // guards the next three
  std::condition_variable changed_;
  std::vector<News> news_;
  bool missed_ = true; ///< all must be read anew
  bool stopping_ = false;

  // Of the thread.
  LeaseSchedule schedule_;
  std::int64_t pause_ = 0; ///< microseconds, after a failure
};

} // namespace diffo::server
