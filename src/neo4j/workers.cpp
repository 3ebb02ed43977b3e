#include "neo4j/workers.h"

#include <utility>

namespace diffo::neo4j {

Workers::Workers(std::size_t threads) {
  for (std::size_t count = 0; count < threads; ++count)
    threads_.emplace_back([this] { run(); });
}

bool Workers::post(std::function<void()> work) {
  {
    const std::lock_guard held(mutex_);
    if (stopping_ || waiting_.size() >= most_waiting)
      return false;
    waiting_.push_back(std::move(work));
  }
  changed_.notify_one();
  return true;
}

void Workers::stop() {
  {
    const std::lock_guard held(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_)
    if (thread.joinable())
      thread.join();
}

void Workers::run() {
  std::unique_lock held(mutex_);
  for (;;) {
    changed_.wait(held, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty())
      return;
    const std::function<void()> work = std::move(waiting_.front());
    waiting_.pop_front();
    held.unlock();
    work();
    held.lock();
  }
}

} // namespace diffo::neo4j
