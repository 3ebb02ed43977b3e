#include "store/reaper.h"

#include <utility>

namespace diffo::store {

std::shared_ptr<Reaper> Reaper::start() {
  std::shared_ptr<Reaper> reaper(new Reaper());
  reaper->thread_ = std::thread([raw = reaper.get()] { raw->run(); });
  return reaper;
}

Reaper::~Reaper() {
  stop();
}

std::shared_ptr<const StateRevision> Reaper::guard(std::unique_ptr<const StateRevision> revision) {
  return {revision.release(),
          [self = shared_from_this()](const StateRevision* retired) { self->retire(retired); }};
}

void Reaper::retire(const StateRevision* revision) {
  std::unique_ptr<const StateRevision> owned(revision);
  const std::lock_guard held(mutex_);
  if (stopping_)
    return; // freed here
  retired_.push_back(std::move(owned));
  wake_.notify_one();
}

void Reaper::run() {
  std::unique_lock held(mutex_);
  for (;;) {
    wake_.wait(held, [this] { return stopping_ || !retired_.empty(); });
    if (retired_.empty())
      return;
    std::vector<std::unique_ptr<const StateRevision>> garbage = std::exchange(retired_, {});
    held.unlock();
    garbage.clear();
    held.lock();
  }
}

void Reaper::stop() {
  {
    const std::lock_guard held(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable())
    thread_.join();
}

} // namespace diffo::store
