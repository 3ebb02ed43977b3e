#include "server/surfaces/stream_hub.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace diffo::server {
namespace {

using std::chrono::steady_clock;

/// With a revision that is there before it is published here.
constexpr std::chrono::seconds patience{2};
constexpr std::size_t most_published = 256;
constexpr std::size_t piece_bytes = std::size_t{48} << 10U;

} // namespace

std::optional<StreamId> StreamId::parse(std::string_view text) {
  StreamId id;
  const char* const end = text.data() + text.size();
  const auto [behind, problem] = std::from_chars(text.data(), end, id.sequence);
  if (problem != std::errc())
    return std::nullopt;
  if (behind == end)
    return id;
  std::uint64_t ordinal = 0;
  const auto [last, wrong] = std::from_chars(behind + 1, end, ordinal);
  if (*behind != '-' || wrong != std::errc() || last != end)
    return std::nullopt;
  id.ordinal = ordinal;
  return id;
}

StreamHub::StreamHub(Services& services) : services_(services), writer_(services) {}

/// Where the events of a revision begin of which not all are in the ring. Those that were given ids
/// before, also before a restart, have lower ones, and so lie before the ring.
std::uint64_t StreamHub::ordinal_now() const {
  return static_cast<std::uint64_t>(services_.clock.now().microseconds);
}

void StreamHub::start() {
  standing_ = services_.residues.listen(
      [this](const loop::Publication& publication) { take(publication); });
  floor_ = last_ = {standing_ ? standing_->sequence : 0, ordinal_now()};
  thread_ = std::thread([this] { run(); });
}

void StreamHub::stop() {
  end_streams();
  {
    const std::lock_guard held(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable())
    thread_.join();
}

// ---- What others tell

void StreamHub::take(const loop::Publication& publication) {
  std::deque<loop::Publication> dropped; // ends outside of the lock
  {
    const std::lock_guard held(mutex_);
    published_.push_back(publication);
    if (published_.size() > most_published) {
      dropped.swap(published_);
      published_.push_back({.before = {}, .now = publication.now, .targets = {}, .commits = {}});
    }
  }
  changed_.notify_all();
}

Result<http::BodySource> StreamHub::open(StreamFilter filter, std::optional<StreamId> behind,
                                         graph::Sequence newest, std::string origin) {
  if (!services_.residues.newest())
    return Error{ErrorCode::unavailable,
                 "what is outstanding is still being found out: try again soon"};
  auto slot = slots_.take();
  if (!slot)
    return Error{ErrorCode::unavailable, "there are too many streams"};
  auto stream = std::make_shared<Stream>();
  stream->filter = std::move(filter);
  stream->origin = std::move(origin);
  stream->behind = behind;
  stream->wanted = newest;
  stream->slot = std::move(slot);
  {
    const std::lock_guard held(mutex_);
    if (ending_)
      return Error{ErrorCode::unavailable, "the server is stopping"};
    streams_.push_back(stream);
  }
  // Ends with the last copy of the source, which is when the connection lets go of its answer.
  const std::shared_ptr<void> connection(nullptr, [this, stream](void*) { leave(stream); });
  return http::BodySource(
      [this, stream, connection](http::ChunkSink sink) { give(stream, std::move(sink)); });
}

void StreamHub::give(const StreamRef& stream, http::ChunkSink sink) {
  {
    const std::lock_guard held(mutex_);
    if (!ending_) {
      stream->sink.emplace(std::move(sink));
      has_work_ = true;
      changed_.notify_all();
      return;
    }
  }
  sink.end();
}

void StreamHub::leave(const StreamRef& stream) {
  std::optional<http::ChunkSink> left; // ends outside of the lock
  const std::lock_guard held(mutex_);
  stream->gone = true;
  stream->slot.reset();
  std::erase(streams_, stream);
  if (stream->sink) {
    left.emplace(std::move(*stream->sink));
    stream->sink.reset();
  }
}

void StreamHub::end_streams() {
  std::vector<http::ChunkSink> sinks;
  {
    const std::lock_guard held(mutex_);
    ending_ = true;
    for (const StreamRef& stream : streams_)
      if (stream->sink) {
        sinks.push_back(std::move(*stream->sink));
        stream->sink.reset();
      }
  }
  for (http::ChunkSink& sink : sinks)
    sink.end();
}

// ---- The hub's thread

void StreamHub::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    auto publications = std::exchange(published_, {});
    const std::vector<StreamRef> streams = streams_;
    has_work_ = false;
    lock.unlock();
    work(std::move(publications), streams);
    lock.lock();
    auto until = steady_clock::now() + heartbeat;
    for (const StreamRef& stream : streams_)
      if (stream->sink)
        until = std::min(until, stream->told_at + (stream->begun ? heartbeat : patience));
    changed_.wait_until(lock, until,
                        [this] { return stopping_ || has_work_ || !published_.empty(); });
  }
}

void StreamHub::work(std::deque<loop::Publication> publications,
                     const std::vector<StreamRef>& streams) {
  const auto now = steady_clock::now();
  if (!streams.empty())
    read_at_ = now;
  const bool is_read = read_at_ && now - *read_at_ < kept_for_nobody;
  const FailureObserver tell = [this](std::string_view, const Error& failure) {
    services_.log.error("a stream fails", {{"reason", failure.message}});
  };
  for (const loop::Publication& publication : publications)
    if (guarded(tell, "streaming", [&] { absorb(publication, is_read); }))
      forget(publication);
  for (const StreamRef& stream : streams)
    guarded(tell, "streaming", [&] { serve(stream); });
}

void StreamHub::absorb(const loop::Publication& publication, bool is_read) {
  const bool is_next = standing_ && publication.before == standing_;
  if (!is_read || !is_next)
    return forget(publication);
  auto events = writer_.events_of(publication);
  if (!events)
    services_.log.warning("the stream has a gap", {{"reason", events.error().text()}});
  if (events && *events)
    append(**std::move(events), publication);
  else
    forget(publication);
}

void StreamHub::append(std::vector<StreamEvent> events, const loop::Publication& publication) {
  const graph::Sequence sequence = publication.now->sequence;
  const bool by_commit = sequence > standing_->sequence;
  for (StreamEvent& event : events) {
    last_ = {sequence, sequence > last_.sequence ? 1 : last_.ordinal + 1};
    event.at = last_;
    event.by_commit = by_commit;
    ring_bytes_ += event.bytes();
    ring_.push_back(std::move(event));
  }
  standing_ = publication.now;
  while (ring_.size() > most_events || ring_bytes_ > most_bytes) {
    floor_ = ring_.front().at;
    floor_is_whole_ = ring_.front().by_commit;
    ring_bytes_ -= ring_.front().bytes();
    ring_.pop_front();
    ++first_;
  }
}

/// Goes on from a publication without having told what it brought.
void StreamHub::forget(const loop::Publication& publication) {
  const graph::Sequence sequence = publication.now->sequence;
  floor_is_whole_ = !standing_ || sequence > standing_->sequence;
  floor_ = last_ = {sequence, std::max(last_.ordinal + 1, ordinal_now())};
  first_ += ring_.size() + 1; // nobody's place is here
  ring_.clear();
  ring_bytes_ = 0;
  standing_ = publication.now;
}

void StreamHub::serve(const StreamRef& stream) {
  std::optional<http::ChunkSink> sink;
  {
    const std::lock_guard held(mutex_);
    if (!stream->sink)
      return;
    sink.emplace(std::move(*stream->sink));
    stream->sink.reset();
  }
  std::string bytes;
  const Piece piece = piece_for(*stream, bytes); // when it throws, the answer is broken off
  if (piece == Piece::failed)
    return sink->fail();
  if (!bytes.empty()) {
    stream->told_at = steady_clock::now();
    return sink->chunk(std::move(bytes));
  }
  {
    const std::lock_guard held(mutex_);
    if (!stream->gone && !ending_) {
      stream->sink.emplace(std::move(*sink));
      has_work_ = has_work_ || piece == Piece::some;
      return;
    }
  }
  sink->end();
}

/// What the stream is told next, up to a piece. `some` says that there is more to do even where
/// nothing came of it yet.
StreamHub::Piece StreamHub::piece_for(Stream& stream, std::string& out) {
  if (!standing_)
    return Piece::none;
  if (!stream.begun && !begin(stream, out))
    return Piece::none;
  if (stream.state)
    return tell_state(stream, out);
  if (stream.next < first_) {
    tell_gap(stream, out);
    return Piece::some;
  }
  const std::uint64_t end = first_ + ring_.size();
  for (; stream.next < end && out.size() < piece_bytes; ++stream.next)
    if (const StreamEvent& event = ring_[stream.next - first_]; stream.filter.takes(event))
      append_stream_event(out, event, stream.origin);
  if (out.empty() && steady_clock::now() - stream.told_at >= heartbeat)
    out = ": still here\nid: " + last_.text() + "\n\n"; // an id alone is no event
  return Piece::none;
}

/// False while the revision that a new reader has seen elsewhere may still come.
bool StreamHub::begin(Stream& stream, std::string& out) {
  const auto& id = stream.behind;
  const graph::Sequence wanted = std::max(stream.wanted, id ? id->sequence : 0);
  if (standing_->sequence < wanted && steady_clock::now() < stream.told_at + patience)
    return false;
  stream.begun = true;
  const auto next = id ? number_behind(*id) : std::nullopt;
  if (next)
    stream.next = *next;
  else
    tell_gap(stream, out);
  return true;
}

/// What stands is told next. Until that is done the reader has no place to go on from, so that one
/// that is cut off meanwhile begins anew.
void StreamHub::tell_gap(Stream& stream, std::string& out) {
  out += "event: gap\nid:\ndata: {\"sequence\":" + std::to_string(standing_->sequence) + "}\n\n";
  stream.state = std::make_unique<StreamState>(services_, standing_, stream.filter, stream.origin);
  stream.state_at = last_;
  stream.next = first_ + ring_.size();
}

StreamHub::Piece StreamHub::tell_state(Stream& stream, std::string& out) {
  const auto more = stream.state->next(out);
  if (!more)
    return Piece::failed;
  if (*more)
    return Piece::some;
  out += "event: current\nid: " + stream.state_at.text() +
         "\ndata: {\"sequence\":" + std::to_string(stream.state->sequence()) +
         ",\"leaves\":" + std::to_string(stream.state->leaves()) + "}\n\n";
  stream.state.reset();
  return Piece::some;
}

/// The number of the event behind the one with this id; nothing where that is not known.
std::optional<std::uint64_t> StreamHub::number_behind(const StreamId& id) const {
  const StreamPosition at{id.sequence, id.ordinal.value_or(0)};
  const bool is_known = id.ordinal ? at >= floor_ && at <= last_
                                   : at.sequence <= standing_->sequence &&
                                         (at.sequence > floor_.sequence ||
                                          (at.sequence == floor_.sequence && floor_is_whole_));
  if (!is_known)
    return std::nullopt;
  const auto found = std::find_if(ring_.begin(), ring_.end(), [&](const StreamEvent& event) {
    if (id.ordinal)
      return event.at > at;
    return event.at.sequence > at.sequence ||
           (event.at.sequence == at.sequence && !event.by_commit);
  });
  return first_ + static_cast<std::uint64_t>(found - ring_.begin());
}

} // namespace diffo::server
