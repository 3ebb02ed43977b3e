#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <utility>

namespace diffo::http {

/// One sum for all request bodies and answers that are held in memory, and for whatever else is to
/// count with them: that has a budget of its own with this one around it. Any thread.
class MemoryBudget {
public:
  /// What is held counts in the budget around it too, which outlives this one.
  explicit MemoryBudget(std::uint64_t limit, MemoryBudget* around = nullptr)
      : limit_(limit), around_(around) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;
  ~MemoryBudget() = default;
  [[nodiscard]] std::uint64_t limit() const {
    return around_ != nullptr ? std::min(limit_, around_->limit()) : limit_;
  }
  [[nodiscard]] std::uint64_t used() const { return used_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool is_exhausted() const { return used() >= limit_; }

private:
  friend class Charge;
  void add(std::uint64_t bytes) {
    used_.fetch_add(bytes, std::memory_order_relaxed);
    if (around_ != nullptr)
      around_->add(bytes);
  }
  void remove(std::uint64_t bytes) {
    used_.fetch_sub(bytes, std::memory_order_relaxed);
    if (around_ != nullptr)
      around_->remove(bytes);
  }
  [[nodiscard]] bool try_add(std::uint64_t bytes) {
    if (used_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= limit_ &&
        (around_ == nullptr || around_->try_add(bytes)))
      return true;
    used_.fetch_sub(bytes, std::memory_order_relaxed);
    return false;
  }

  const std::uint64_t limit_;
  MemoryBudget* const around_;
  std::atomic<std::uint64_t> used_{0};
};

/// What one exchange holds of the budget; gives it back when destroyed. One thread.
class Charge {
public:
  explicit Charge(MemoryBudget& budget) : budget_(budget) {}
  Charge(const Charge&) = delete;
  Charge& operator=(const Charge&) = delete;
  ~Charge() { set(0); }

  /// Holds so many bytes now, whatever the limit: for what is there already and cannot be refused.
  void set(std::uint64_t bytes) {
    if (bytes == held_)
      return;
    if (bytes > held_)
      budget_.add(bytes - held_);
    else
      budget_.remove(held_ - bytes);
    held_ = bytes;
  }
  /// The same, unless that needs more than is left: then false, and what was held stays.
  [[nodiscard]] bool try_set(std::uint64_t bytes) {
    if (bytes > held_) {
      if (!budget_.try_add(bytes - held_))
        return false;
      held_ = bytes;
      return true;
    }
    set(bytes);
    return true;
  }

private:
  MemoryBudget& budget_;
  std::uint64_t held_ = 0;
};

} // namespace diffo::http
