#include "server/worker.h"

#include "base/machine.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace diffo::server {

Worker::Worker(WorkerOptions options) : options_(std::move(options)) {
  threads_.reserve(options_.threads);
  for (std::size_t index = 0; index < options_.threads; ++index)
    threads_.emplace_back([this] { run(); });
}

Worker::~Worker() {
  stop();
}

bool Worker::post(std::function<void()> work, Cancellation cancellation) {
  std::deque<Item> dropped; // destroyed outside the lock: that may answer requests
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= options_.longest_queue)
      drop_cancelled(dropped);
    if (stopping_ || queue_.size() >= options_.longest_queue)
      return false;
    queue_.push_back({std::move(work), std::move(cancellation)});
  }
  changed_.notify_one();
  return true;
}

void Worker::drop_cancelled(std::deque<Item>& dropped) {
  const auto kept = std::stable_partition(queue_.begin(), queue_.end(), [](const Item& item) {
    return !item.cancellation.is_requested();
  });
  std::move(kept, queue_.end(), std::back_inserter(dropped));
  queue_.erase(kept, queue_.end());
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

/// What the work holds is destroyed here, while it is known why it may not have been done.
void Worker::finish(Item item) const {
  Error why{ErrorCode::unavailable, "cancelled"};
  if (!item.cancellation.is_requested())
    why = guarded(options_.on_failure, "working", item.work).value_or(Error{});
  const http::DroppedFor scope(why);
  item.work = nullptr;
}

void Worker::run() {
  lower_priority(options_.niceness);
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty())
      return;
    Item item = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    finish(std::move(item));
    lock.lock();
  }
}

http::BodySource source_on(Worker& worker, std::function<Result<bool>(std::string&)> pull,
                           Cancellation cancellation) {
  // Shared with the work: the source may be destroyed while a piece is being made.
  struct Source {
    std::function<Result<bool>(std::string&)> pull;
    bool ended = false;
  };
  auto source = std::make_shared<Source>(Source{std::move(pull)});
  return [&worker, source, cancellation](http::ChunkSink given) {
    if (source->ended)
      return given.end();
    // Shared because work must be copyable.
    auto sink = std::make_shared<http::ChunkSink>(std::move(given));
    const auto make = [source, sink] {
      std::string bytes;
      const auto more = source->pull(bytes);
      if (!more)
        return sink->fail();
      source->ended = !*more;
      if (source->ended && bytes.empty())
        return sink->end();
      sink->chunk(std::move(bytes));
    };
    // Where the work is refused or dropped, so is the sink, and the answer is broken off.
    (void)worker.post(make, cancellation);
  };
}

} // namespace diffo::server
