#pragma once

#include <mutex>
#include <utility>

namespace diffo {

/// Data that can be reached only with its mutex held. Hold the lock for lines, not for calls. Any
/// thread.
///
///     Guarded<std::vector<int>> numbers;
///     numbers.lock()->push_back(1);                             // held for this statement
///     const auto count = numbers.with([](auto& all) { return all.size(); });
template <typename T> class Guarded {
public:
  /// Access for as long as it lives.
  class Locked {
  public:
    T* operator->() const { return data_; }
    T& operator*() const { return *data_; }
    /// The lock itself, for waiting on a condition variable.
    std::unique_lock<std::mutex>& lock() { return lock_; }

  private:
    friend Guarded;
    Locked(std::mutex& mutex, T& data) : lock_(mutex), data_(&data) {}

    std::unique_lock<std::mutex> lock_;
    T* data_;
  };

  Guarded() = default;
  explicit Guarded(T data) : data_(std::move(data)) {}

  [[nodiscard]] Locked lock() { return Locked(mutex_, data_); }
  /// Calls the function with the data and returns what it returns; that must not refer to the data.
  template <typename Function> auto with(Function&& function) {
    const std::lock_guard held(mutex_);
    return std::forward<Function>(function)(data_);
  }

private:
  std::mutex mutex_;
  T data_{};
};

} // namespace diffo
