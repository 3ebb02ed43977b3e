#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace diffo::store {

/// Runs what it is given, one after the other, on a thread of its own. Thread rule: any thread.
class Errands {
public:
  Errands() = default;
  Errands(const Errands&) = delete;
  Errands& operator=(const Errands&) = delete;
  ~Errands() { stop(); }
  /// False once it was stopped. The work must not throw.
  [[nodiscard]] bool add(std::function<void()> work);
  /// Finishes what it took, then ends the thread. Idempotent.
  void stop();

private:
  void run();
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_; ///< under the mutex, like the rest
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace diffo::store
