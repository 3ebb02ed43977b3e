#pragma once

#include "base/cancellation.h"
#include "base/failure.h"
#include "http/message.h"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace diffo::server {

struct WorkerOptions {
  std::size_t threads = 1;
  std::size_t longest_queue = 64;
  /// Added to the threads' nice value: work with a higher one gets what processors others leave.
  int niceness = 0;
  FailureObserver on_failure{};
};

/// Threads for what would keep an I/O thread from its sockets: scans, evaluations, imports, large
/// bodies. Bounded: when too much waits already, work is refused instead of queued. Work that
/// throws is told to the observer, and responders that are lost with it answer 503 or 500. Thread
/// rule: any thread.
class Worker {
public:
  explicit Worker(WorkerOptions options);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  /// False when the queue is full or the worker has been stopped; the work is then not run. Nor is
  /// it run when it has been cancelled by the time its turn comes.
  [[nodiscard]] bool post(std::function<void()> work, Cancellation cancellation = {});
  /// Lets what was accepted and is not cancelled finish, then ends the threads. Idempotent.
  void stop();
  [[nodiscard]] std::size_t waiting() const;

private:
  struct Item {
    std::function<void()> work;
    Cancellation cancellation;
  };
  void run();
  void finish(Item item) const;
  void drop_cancelled(std::deque<Item>& dropped);

  const WorkerOptions options_;
  mutable std::mutex mutex_; // guards the next two
  std::deque<Item> queue_;
  bool stopping_ = false;
  std::condition_variable changed_;
  std::vector<std::thread> threads_;
};

/// An answer's source that makes its pieces on a worker: `pull` appends the next piece to an empty
/// string and tells whether there may be more; an error breaks the answer off, so that the client
/// sees that it is incomplete. Ends, too, when the cancellation is requested.
http::BodySource source_on(Worker& worker, std::function<Result<bool>(std::string&)> pull,
                           Cancellation cancellation);

} // namespace diffo::server
