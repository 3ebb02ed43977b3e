#include "bolt/core.h"

namespace diffo::bolt {

namespace {

bool is_lost_connection(const Failure& failure) {
  return failure.server_code.empty() && (failure.kind == FailureKind::service_unavailable ||
                                         failure.kind == FailureKind::session_expired ||
                                         failure.kind == FailureKind::protocol_error);
}

} // namespace

/// A commit whose answer never came.
Failure unknown_commit(Failure failure) {
  if (!is_lost_connection(failure))
    return failure;
  failure.kind = FailureKind::outcome_unknown;
  failure.code = ErrorCode::outcome_unknown;
  failure.worth_another_try = false;
  failure.message = "the connection was lost during the commit: it may or may not have happened: " +
                    failure.message;
  return failure;
}

Outcome<std::shared_ptr<Transaction::Core>>
Transaction::Core::begin(const std::shared_ptr<Session::Core>& session, AccessMode mode,
                         const TransactionOptions& options, TelemetryApi api, Begin when) {
  auto core = std::make_shared<Core>();
  core->session = session;
  core->sent_bookmarks = session->bookmarks_to_send();
  core->open = false;
  core->lease = TRY(session->acquire(mode));
  TRY(core->lease->connection().report(api));
  core->begun = TRY(core->lease->protocol().begin(
      session->fields_for(mode, *core->lease, core->sent_bookmarks, options)));
  core->open = true;
  if (when == Begin::eager)
    TRY(core->confirm_begin());
  session->open_transaction = core;
  return core;
}

Outcome<void> Transaction::Core::confirm_begin() {
  const ReplyPointer reply = std::exchange(begun, nullptr);
  if (!reply)
    return {};
  if (Outcome<void> answered = lease->connection().wait(*reply); !answered)
    return fail(std::move(answered).error());
  session->learn_database(reply->metadata);
  return {};
}

Transaction::Core::~Core() {
  if (open)
    (void)rollback();
}

Failure Transaction::Core::fail(Failure reason) {
  if (!failure)
    failure = std::move(reason);
  open = false;
  end_streams();
  lease.reset();
  return *failure;
}

void Transaction::Core::end_streams() {
  const Failure reason = failure ? *failure
                                 : make_failure(FailureKind::result_consumed,
                                                "the transaction of this result has ended");
  for (const std::weak_ptr<ResultStream::Core>& weak : std::exchange(streams, {}))
    if (const std::shared_ptr<ResultStream::Core> stream = weak.lock())
      stream->abandon(reason);
  orphans.clear();
}

Outcome<std::shared_ptr<ResultStream::Core>>
Transaction::Core::run(const std::shared_ptr<Core>& self, std::string_view query,
                       const Map& parameters) {
  if (failure)
    return *failure;
  if (!open)
    return make_failure(FailureKind::usage, "the transaction has ended");
  const ReplyPointer run = TRY(lease->protocol().run(query, parameters, nullptr));
  auto stream = std::make_shared<ResultStream::Core>();
  stream->lease = lease;
  stream->transaction = self;
  stream->session = session;
  stream->fetch_size = session->options.fetch_size;
  stream->max_buffered_bytes = stream->buffer->max_bytes =
      session->driver->options.max_buffered_bytes;
  streams.push_back(stream);
  TRY(stream->start(run));
  TRY(confirm_begin());
  return stream;
}

Outcome<void> Transaction::Core::send_commit(ReplyPointer& commit) {
  // First all that is under way, then all that is to be sent: one flight.
  for (const std::weak_ptr<ResultStream::Core>& weak : std::vector(streams))
    if (const std::shared_ptr<ResultStream::Core> stream = weak.lock(); stream && !stream->ended)
      TRY(stream->settle());
  for (const std::weak_ptr<ResultStream::Core>& weak : streams) {
    const std::shared_ptr<ResultStream::Core> stream = weak.lock();
    if (stream && !stream->ended)
      (void)TRY(stream->queue_discard());
  }
  if (failure)
    return *failure;
  commit = TRY(lease->protocol().commit());
  return {};
}

Outcome<void> Transaction::Core::commit() {
  if (failure)
    return *failure;
  if (!open)
    return make_failure(FailureKind::usage, "the transaction has ended");
  ReplyPointer commit;
  if (Outcome<void> sent = send_commit(commit); !sent)
    return fail(std::move(sent).error());
  if (Outcome<void> answered = lease->connection().wait(*commit); !answered)
    return fail(unknown_commit(std::move(answered).error()));
  open = false;
  if (const std::string_view bookmark = commit->metadata.text_of("bookmark"); !bookmark.empty())
    session->committed(sent_bookmarks, std::string(bookmark));
  end_streams();
  lease.reset();
  return {};
}

Outcome<void> Transaction::Core::rollback() {
  // After a failure the server has rolled back already, at the latest by the RESET of the pool.
  if (!open)
    return {};
  open = false;
  if (begun && !begun->waiting())
    begun.reset();
  Outcome<void> done;
  const ServerState state = lease->protocol().sent_state();
  if (state == ServerState::transaction_ready) {
    Outcome<ReplyPointer> reply = lease->protocol().rollback();
    done = reply ? lease->connection().wait(**reply) : Outcome<void>(reply.error());
  } else if (!lease->connection().make_clean({})) {
    // Results are still open: a RESET ends them and rolls back, in one flight and without reading
    // the rest.
    done = make_failure(FailureKind::service_unavailable,
                        "the connection was lost during the rollback");
  }
  end_streams();
  lease.reset();
  return done;
}

Transaction::Transaction(std::shared_ptr<Core> core) : core_(std::move(core)) {}
Transaction::Transaction(Transaction&&) noexcept = default;
Transaction& Transaction::operator=(Transaction&& other) noexcept {
  if (this != &other) {
    if (core_)
      (void)core_->rollback();
    core_ = std::move(other.core_);
  }
  return *this;
}
Transaction::~Transaction() {
  if (core_)
    (void)core_->rollback();
}

Outcome<ResultStream> Transaction::run(std::string_view query, const Map& parameters) {
  return ResultStream(TRY(core_->run(core_, query, parameters)));
}

Outcome<EagerResult> Transaction::execute(std::string_view query, const Map& parameters) {
  ResultStream stream = TRY(run(query, parameters));
  return stream.eager();
}

Outcome<void> Transaction::commit() {
  return core_->commit();
}
Outcome<void> Transaction::rollback() {
  return core_->rollback();
}
bool Transaction::is_open() const {
  return core_->open;
}

} // namespace diffo::bolt
