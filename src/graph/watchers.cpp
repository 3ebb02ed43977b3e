#include "graph/watchers.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace diffo::graph {

/// Leaves when it goes.
class Watchers::Watching final : public Watch {
public:
  Watching(Watchers& all, std::shared_ptr<Watcher> watcher)
      : all_(all), watcher_(std::move(watcher)) {}
  Watching(const Watching&) = delete;
  Watching& operator=(const Watching&) = delete;
  ~Watching() override { std::erase(all_.all_.lock()->watchers, watcher_); }

private:
  Watchers& all_;
  std::shared_ptr<Watcher> watcher_;
};

void Watchers::hand_out(std::span<const DeltaRef> batch) {
  if (batch.empty())
    return;
  all_.with([&](All& all) {
    all.handed_out = batch.back()->sequence;
    for (const std::shared_ptr<Watcher>& watcher : all.watchers) {
      const auto first = std::find_if(batch.begin(), batch.end(), [&](const DeltaRef& delta) {
        return delta->sequence >= watcher->next;
      });
      tell(*watcher, std::span(first, batch.end()));
    }
  });
}

void Watchers::catch_up(Sequence newest, const Earlier& earlier) {
  all_.with([&](All& all) {
    all.handed_out = newest;
    for (const std::shared_ptr<Watcher>& watcher : all.watchers)
      while (watcher->next <= newest) {
        const auto deltas = earlier(watcher->next);
        if (!deltas || deltas->empty()) {
          if (log_ != nullptr)
            log_->error("a watcher misses what was committed last");
          break;
        }
        tell(*watcher, *deltas);
      }
  });
}

void Watchers::tell(Watcher& watcher, std::span<const DeltaRef> deltas) const {
  if (deltas.empty())
    return;
  watcher.next = deltas.back()->sequence + 1;
  try {
    watcher.enqueue(deltas);
  } catch (const std::exception& failure) {
    if (log_ != nullptr)
      log_->error("a watcher could not take what it was told", {{"reason", failure.what()}});
  }
}

std::unique_ptr<Watch> Watchers::join(const std::shared_ptr<Watcher>& watcher) {
  return all_.with([&](All& all) -> std::unique_ptr<Watch> {
    if (all.handed_out >= watcher->next)
      return nullptr;
    all.watchers.push_back(watcher);
    return std::make_unique<Watching>(*this, watcher);
  });
}

Result<std::unique_ptr<Watch>> Watchers::watch(Sequence from, Enqueue enqueue,
                                               const Earlier& earlier) {
  const auto watcher =
      std::make_shared<Watcher>(Watcher{std::move(enqueue), std::max<Sequence>(from, 1)});
  for (;;) {
    if (auto joined = join(watcher))
      return joined;
    tell(*watcher, TRY(earlier(watcher->next)));
  }
}

} // namespace diffo::graph
