#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace diffo::neo4j {

/// Threads that may wait for the database. Thread rule: any thread.
class Workers {
public:
  explicit Workers(std::size_t threads);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers() { stop(); }

  /// False when they have been stopped, or too much is waiting: the work is not run then. It must
  /// not throw.
  [[nodiscard]] bool post(std::function<void()> work);
  /// Finishes what was accepted. Idempotent.
  void stop();

private:
  static constexpr std::size_t most_waiting = 8192;
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

} // namespace diffo::neo4j
