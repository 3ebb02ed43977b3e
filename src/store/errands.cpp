#include "store/errands.h"

#include <utility>

namespace diffo::store {

bool Errands::add(std::function<void()> work) {
  const std::lock_guard held(mutex_);
  if (stopping_)
    return false;
  waiting_.push_back(std::move(work));
  if (!thread_.joinable())
    thread_ = std::thread([this] { run(); });
  changed_.notify_one();
  return true;
}

void Errands::stop() {
  {
    const std::lock_guard held(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable())
    thread_.join();
}

void Errands::run() {
  for (;;) {
    std::unique_lock held(mutex_);
    changed_.wait(held, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty())
      return;
    const std::function<void()> work = std::move(waiting_.front());
    waiting_.pop_front();
    held.unlock();
    work();
  }
}

} // namespace diffo::store
