#pragma once

#include "base/failure.h"
#include "http/message.h"
#include "server/services.h"
#include "server/slots.h"
#include "server/surfaces/stream_event.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace diffo::server {

/// What a reader names: an event, or all that a commit brought.
struct StreamId {
  graph::Sequence sequence = 0;
  std::optional<std::uint64_t> ordinal;

  /// "7-2", or "7": all that commit 7 brought. Nothing for any other text.
  static std::optional<StreamId> parse(std::string_view text);
};

/// Everybody who reads the stream of what is outstanding, and the recent events for all of them.
///
/// A reader is a place in one ring of events: it takes from there what it may see as fast as its
/// socket does, and costs no more than the piece that is on its way. One whose place has left the
/// ring, or that names one that is not in it, is told that there is a gap, and then what stands.
///
/// One thread of the hub's own renders publications, hands pieces to sockets that can take some,
/// and sends heartbeats. Invariant: the ring holds all that was different between floor_ and last_,
/// and last_ is where standing_ is. Thread rule: any thread.
class StreamHub {
public:
  static constexpr int most_streams = 64;
  static constexpr std::size_t most_events = StreamWriter::most_events;
  static constexpr std::size_t most_bytes = std::size_t{4} << 20U;
  static constexpr std::chrono::seconds heartbeat{15};
  /// So long after the last reader has gone events are still kept for its return. Before the first
  /// one comes none are made: what they cost is half of what a change of a leaf costs.
  static constexpr std::chrono::minutes kept_for_nobody{5};

  explicit StreamHub(Services& services);
  StreamHub(const StreamHub&) = delete;
  StreamHub& operator=(const StreamHub&) = delete;
  ~StreamHub() { stop(); }

  /// Follows what is outstanding. Once.
  void start();
  /// A stream for one more reader, which goes on behind the event that it names, or else begins
  /// with what stands at the newest revision. Errors: unavailable when there are too many, while
  /// nothing is known yet, and after end_streams().
  Result<http::BodySource> open(StreamFilter filter, std::optional<StreamId> behind,
                                graph::Sequence newest, std::string origin);
  /// Ends all streams, as at the end of a text; there will be no new ones.
  void end_streams();
  /// Ends the thread. After the residues have stopped.
  void stop();

private:
  using Moment = std::chrono::steady_clock::time_point;
  struct Stream {
    StreamFilter filter;
    std::string origin;
    std::optional<StreamId> behind; ///< what it has seen
    graph::Sequence wanted = 0;
    Slots::Slot slot;
    // Under the mutex:
    std::optional<http::ChunkSink> sink; ///< the socket can take a piece
    bool gone = false;
    // Of the hub's thread:
    bool begun = false;
    std::uint64_t next = 0;             ///< the number of the event to look at
    std::unique_ptr<StreamState> state; ///< while what stands is told
    StreamPosition state_at;
    Moment told_at = std::chrono::steady_clock::now();
  };
  using StreamRef = std::shared_ptr<Stream>; ///< shared by the hub and the stream's connection
  enum class Piece : std::uint8_t { none, some, failed };

  void take(const loop::Publication& publication);
  void give(const StreamRef& stream, http::ChunkSink sink);
  void leave(const StreamRef& stream);

  void run();
  void work(std::deque<loop::Publication> publications, const std::vector<StreamRef>& streams);
  void absorb(const loop::Publication& publication, bool is_read);
  void append(std::vector<StreamEvent> events, const loop::Publication& publication);
  void forget(const loop::Publication& publication);
  void serve(const StreamRef& stream);
  Piece piece_for(Stream& stream, std::string& out);
  bool begin(Stream& stream, std::string& out);
  void tell_gap(Stream& stream, std::string& out);
  Piece tell_state(Stream& stream, std::string& out);
  [[nodiscard]] std::optional<std::uint64_t> number_behind(const StreamId& id) const;
  [[nodiscard]] std::uint64_t ordinal_now() const;

  Services& services_;
  StreamWriter writer_;
  Slots slots_{most_streams};
  std::thread thread_;

  std::mutex mutex_; // guards the next six
  std::condition_variable changed_;
  std::deque<loop::Publication> published_;
  std::vector<StreamRef> streams_;
  bool has_work_ = false;
  bool ending_ = false;
  bool stopping_ = false;

  // Of the hub's thread.
  loop::StandingRef standing_;
  std::deque<StreamEvent> ring_;
  std::size_t ring_bytes_ = 0;
  std::uint64_t first_ = 0;    ///< the number of the first event in the ring
  StreamPosition floor_;       ///< the event before it
  bool floor_is_whole_ = true; ///< all that the commit of its revision brought lies behind it
  StreamPosition last_;
  std::optional<Moment> read_at_; ///< when somebody read last
};

} // namespace diffo::server
