#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace diffo::http {

/// One sum for all request bodies and answers that are held in memory. Any thread.
class MemoryBudget {
public:
  explicit MemoryBudget(std::uint64_t limit) : limit_(limit) {}
  [[nodiscard]] std::uint64_t limit() const { return limit_; }
  [[nodiscard]] std::uint64_t used() const { return used_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool is_exhausted() const { return used() >= limit_; }

private:
  friend class Charge;
  const std::uint64_t limit_;
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
      budget_.used_.fetch_add(bytes - held_, std::memory_order_relaxed);
    else
      budget_.used_.fetch_sub(held_ - bytes, std::memory_order_relaxed);
    held_ = bytes;
  }
  /// The same, unless that needs more than is left: then false, and what was held stays.
  [[nodiscard]] bool try_set(std::uint64_t bytes) {
    if (bytes > held_) {
      const std::uint64_t more = bytes - held_;
      if (budget_.used_.fetch_add(more, std::memory_order_relaxed) + more > budget_.limit_) {
        budget_.used_.fetch_sub(more, std::memory_order_relaxed);
        return false;
      }
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
