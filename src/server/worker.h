#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace diffo::server {

/// Threads for what would keep an I/O thread from its sockets: scans, evaluations, imports.
/// Bounded: when too much waits already, work is refused instead of queued. Thread rule: any
/// thread.
class Worker {
public:
  Worker(std::size_t threads, std::size_t longest_queue);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  /// False when the queue is full or the worker has been stopped; the work is then not run.
  [[nodiscard]] bool post(std::function<void()> work);
  /// Lets what was accepted finish, then ends the threads. Idempotent.
  void stop();
  [[nodiscard]] std::size_t waiting() const;

private:
  void run();
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;
  std::size_t longest_queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

} // namespace diffo::server
