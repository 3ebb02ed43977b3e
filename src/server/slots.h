#pragma once

#include <atomic>
#include <memory>

namespace diffo::server {

/// Places for work that goes on for long, so that not too much of a kind is under way at one time.
/// Any thread.
class Slots {
public:
  /// Held while the work goes on; shared because the work is, and gives its place back at the end.
  using Slot = std::shared_ptr<void>;

  explicit Slots(int most) : left_(std::make_shared<std::atomic<int>>(most)) {}

  /// Empty when there is no place left.
  [[nodiscard]] Slot take() {
    if (left_->fetch_sub(1) <= 0) {
      left_->fetch_add(1);
      return {};
    }
    return {this, [left = left_](void*) { left->fetch_add(1); }};
  }

private:
  // Shared with the slots, which may outlive whoever gave them.
  std::shared_ptr<std::atomic<int>> left_;
};

} // namespace diffo::server
