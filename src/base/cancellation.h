#pragma once

#include <atomic>
#include <memory>
#include <utility>

namespace diffo {

/// Tells work under way that it has become pointless: whoever asked has gone, or the process stops.
/// Long work asks every few hundred steps and gives up with ErrorCode::unavailable. One made by
/// default never says so. A light copy; any thread.
class Cancellation {
public:
  Cancellation() = default;
  [[nodiscard]] bool is_requested() const {
    return flag_ != nullptr && flag_->load(std::memory_order_relaxed);
  }

private:
  friend class CancellationSource;
  explicit Cancellation(std::shared_ptr<const std::atomic<bool>> flag) : flag_(std::move(flag)) {}
  // Shared: work may outlive whoever cancels it.
  std::shared_ptr<const std::atomic<bool>> flag_;
};

/// The side that cancels; once, for good. Any thread.
class CancellationSource {
public:
  [[nodiscard]] Cancellation token() const { return Cancellation(flag_); }
  void request() { flag_->store(true, std::memory_order_relaxed); }

private:
  std::shared_ptr<std::atomic<bool>> flag_ = std::make_shared<std::atomic<bool>>(false);
};

} // namespace diffo
