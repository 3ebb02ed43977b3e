#pragma once

#include "bolt/chunk.h"
#include "bolt/messages.h"

#include <deque>
#include <functional>
#include <memory>

namespace diffo::bolt {

/// Records that arrived and were not taken yet.
struct RecordBuffer {
  std::deque<List> records{};
  std::size_t bytes_received = 0;    ///< on the wire, also of those taken
  std::size_t bytes_since_empty = 0; ///< of those that nobody took yet, or a little more
  std::size_t max_bytes = SIZE_MAX;  ///< what may wait here
};

/// What became of one request.
struct Reply {
  enum class State : std::uint8_t { waiting, success, failed };
  Signature request = Signature::reset;
  State state = State::waiting;
  Map metadata{};
  Failure failure{};
  std::shared_ptr<RecordBuffer> records{}; ///< of PULL; shared with the stream that asked
  std::int64_t records_due = 0;            ///< how many more may come; negative: any number
  bool ends_stream = false;                ///< PULL or DISCARD of all
  [[nodiscard]] bool waiting() const { return state == State::waiting; }
};
/// Shared between the queue of requests and whoever waits for the answer.
using ReplyPointer = std::shared_ptr<Reply>;

/// Where a connection stands (neo4j.md §2.7).
enum class ServerState : std::uint8_t {
  negotiation,
  authentication,
  ready,
  streaming,
  transaction_ready,
  transaction_streaming,
  failed,
  defunct,
};

std::string_view name_of(ServerState state);

/// The client's side of the protocol after the handshake, without I/O: requests become bytes to
/// send, bytes received become answers, matched first in, first out. Two states are kept, as sent
/// and as answered; that allows pipelining and tells whether a RESET is needed. One thread.
class Protocol {
public:
  struct Limits {
    ChunkReader::Limits chunks{};
    UnpackLimits unpack{};
  };
  using FailureHook = std::function<void(Failure&)>;
  using Trace = std::function<void(std::string_view)>;

  explicit Protocol(Version version) : Protocol(version, Limits{}) {}
  Protocol(Version version, Limits limits);

  Outcome<ReplyPointer> hello(const HelloFields& fields);
  Outcome<ReplyPointer> logon(const AuthToken& token);
  Outcome<ReplyPointer> logoff();
  Outcome<ReplyPointer> run(std::string_view query, const Map& parameters,
                            const TransactionFields* extra);
  Outcome<ReplyPointer> pull(std::int64_t count, std::optional<std::int64_t> query_id,
                             std::shared_ptr<RecordBuffer> into);
  Outcome<ReplyPointer> discard(std::int64_t count, std::optional<std::int64_t> query_id);
  Outcome<ReplyPointer> begin(const TransactionFields& fields);
  Outcome<ReplyPointer> commit();
  Outcome<ReplyPointer> rollback();
  Outcome<ReplyPointer> route(const Map& context, const Bookmarks& bookmarks,
                              std::string_view database, std::string_view impersonated_user);
  Outcome<ReplyPointer> telemetry(TelemetryApi api);
  Outcome<ReplyPointer> reset();
  void goodbye();

  /// Bytes to send; the caller clears them once sent.
  [[nodiscard]] std::string& output() { return output_; }
  void feed(std::string_view bytes) { reader_.append(bytes); }
  /// Handles one message if it is wholly there. A failure means that the connection is of no more
  /// use; all requests then have it as their answer.
  Outcome<bool> step();
  /// The connection is lost: all requests without an answer fail with this.
  void lose(Failure failure);

  [[nodiscard]] Version version() const { return version_; }
  [[nodiscard]] ServerState sent_state() const { return sent_; }
  [[nodiscard]] ServerState answered_state() const { return answered_; }
  [[nodiscard]] bool has_pending() const { return !pending_.empty(); }
  [[nodiscard]] bool is_defunct() const { return answered_ == ServerState::defunct; }
  /// Ready for another user without a RESET.
  [[nodiscard]] bool is_clean() const {
    return pending_.empty() && output_.empty() && answered_ == ServerState::ready;
  }
  void set_failure_hook(FailureHook hook) { on_failure_ = std::move(hook); }
  void set_trace(Trace trace) { trace_ = std::move(trace); }
  [[nodiscard]] std::uint64_t messages_sent() const { return messages_sent_; }
  [[nodiscard]] std::uint64_t messages_received() const { return messages_received_; }

private:
  Outcome<void> demand(Signature request) const;
  ReplyPointer queue(Signature request);
  Outcome<ReplyPointer> queue_bare(Signature request);
  Outcome<void> handle(Answer answer, std::size_t size);
  Outcome<void> take_record(Reply& reply, List record, std::size_t size);
  void succeed(Reply& reply, Map metadata);
  void fail(Reply& reply, Failure failure);
  void advance_sent(const Reply& reply);
  void advance_answered(const Reply& reply);
  Failure broken(Failure failure);

  Version version_;
  Limits limits_;
  std::string output_;
  RequestWriter writer_;
  ChunkReader reader_;
  std::deque<ReplyPointer> pending_;
  ServerState sent_;
  ServerState answered_;
  std::size_t open_streams_ = 0;
  std::size_t pending_resets_ = 0;
  Failure first_failure_;
  FailureHook on_failure_;
  Trace trace_;
  std::uint64_t messages_sent_ = 0;
  std::uint64_t messages_received_ = 0;
};

} // namespace diffo::bolt
