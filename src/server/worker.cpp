#include "server/worker.h"

#include <utility>

namespace diffo::server {

Worker::Worker(std::size_t threads, std::size_t longest_queue) : longest_queue_(longest_queue) {
  threads_.reserve(threads);
  for (std::size_t index = 0; index < threads; ++index)
    threads_.emplace_back([this] { run(); });
}

Worker::~Worker() {
  stop();
}

bool Worker::post(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= longest_queue_)
      return false;
    queue_.push_back(std::move(work));
  }
  changed_.notify_one();
  return true;
}

void Worker::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_)
    if (thread.joinable())
      thread.join();
}

std::size_t Worker::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void Worker::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty())
      return;
    std::function<void()> work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    work();
    work = nullptr;
    lock.lock();
  }
}

} // namespace diffo::server
