#include <diffo/bolt.h>

#include <algorithm>
#include <mutex>

namespace diffo::bolt {

struct BookmarkManager::State {
  mutable std::mutex mutex;
  Bookmarks current; // guarded by mutex
  Supplier supplier;
  Consumer consumer;
};

namespace {

void add_missing(Bookmarks& into, const Bookmarks& from) {
  for (const std::string& bookmark : from)
    if (!bookmark.empty() && std::find(into.begin(), into.end(), bookmark) == into.end())
      into.push_back(bookmark);
}

} // namespace

BookmarkManager::BookmarkManager(const Bookmarks& initial, Supplier supplier, Consumer consumer)
    : state_(std::make_unique<State>()) {
  add_missing(state_->current, initial);
  state_->supplier = std::move(supplier);
  state_->consumer = std::move(consumer);
}

BookmarkManager::~BookmarkManager() = default;

Bookmarks BookmarkManager::current() const {
  Bookmarks out;
  {
    const std::lock_guard lock(state_->mutex);
    out = state_->current;
  }
  if (state_->supplier)
    add_missing(out, state_->supplier());
  return out;
}

void BookmarkManager::update(const Bookmarks& previous, const Bookmarks& newer) {
  Bookmarks now;
  {
    const std::lock_guard lock(state_->mutex);
    std::erase_if(state_->current, [&](const std::string& bookmark) {
      return std::find(previous.begin(), previous.end(), bookmark) != previous.end();
    });
    add_missing(state_->current, newer);
    now = state_->current;
  }
  if (state_->consumer)
    state_->consumer(now);
}

} // namespace diffo::bolt
