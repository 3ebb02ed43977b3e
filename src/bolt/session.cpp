#include "bolt/core.h"
#include "bolt/retry.h"

#include <algorithm>
#include <random>

namespace diffo::bolt {

Failure unknown_commit(Failure failure);

Session::Core::Core(std::shared_ptr<Driver::Core> driver_core, SessionOptions session_options)
    : driver(std::move(driver_core)), options(std::move(session_options)) {
  bookmarks = options.bookmarks;
  if (options.fetch_size == 0)
    options.fetch_size = driver->options.fetch_size;
}

Bookmarks Session::Core::bookmarks_to_send() const {
  Bookmarks out = bookmarks;
  if (options.bookmark_manager)
    for (const std::string& bookmark : options.bookmark_manager->current())
      if (std::find(out.begin(), out.end(), bookmark) == out.end())
        out.push_back(bookmark);
  std::erase(out, std::string{});
  return out;
}

void Session::Core::committed(const Bookmarks& sent, const std::string& bookmark) {
  bookmarks = {bookmark};
  if (options.bookmark_manager)
    options.bookmark_manager->update(sent, bookmarks);
}

Outcome<std::shared_ptr<Lease>> Session::Core::acquire(AccessMode mode) {
  Demand demand;
  demand.mode = mode;
  demand.database = options.database.empty() ? home_database : options.database;
  demand.impersonated_user = options.impersonated_user;
  demand.bookmarks = bookmarks_to_send();
  demand.auth = options.auth;
  std::shared_ptr<Lease> lease = TRY(driver->acquire(std::move(demand)));
  if (options.database.empty() && home_database.empty())
    home_database = lease->database();
  return lease;
}

TransactionFields Session::Core::fields_for(AccessMode mode, const Lease& lease,
                                            const Bookmarks& sent,
                                            const TransactionOptions& transaction) const {
  TransactionFields fields;
  fields.bookmarks = sent;
  fields.timeout = transaction.timeout;
  fields.metadata = transaction.metadata;
  fields.mode = mode;
  fields.database = options.database.empty() ? lease.database() : options.database;
  fields.impersonated_user = options.impersonated_user;
  fields.notifications = options.notifications;
  return fields;
}

// From Bolt 5.8 the server says which database it took for us.
void Session::Core::learn_database(const Map& metadata) {
  const std::string_view database = metadata.text_of("db");
  if (database.empty() || !options.database.empty())
    return;
  if (home_database.empty() && driver->router) {
    Demand demand;
    demand.impersonated_user = options.impersonated_user;
    demand.auth = options.auth;
    driver->learn_home(demand, std::string(database));
  }
  home_database = std::string(database);
}

Outcome<void> Session::Core::make_ready() {
  if (closed)
    return make_failure(FailureKind::usage, "the session is closed");
  if (const auto transaction = open_transaction.lock(); transaction && transaction->open)
    return make_failure(FailureKind::usage, "the session has an open transaction");
  if (const auto stream = open_stream.lock();
      stream && !stream->ended && !stream->failure && !stream->given_up)
    TRY(stream->buffer_all());
  open_stream.reset();
  return {};
}

Outcome<std::shared_ptr<ResultStream::Core>>
Session::Core::run(const std::shared_ptr<Core>& self, std::string_view query, const Map& parameters,
                   const TransactionOptions& transaction) {
  TRY(make_ready());
  auto stream = std::make_shared<ResultStream::Core>();
  stream->session = self;
  stream->sent_bookmarks = bookmarks_to_send();
  stream->fetch_size = options.fetch_size;
  stream->max_buffered_bytes = stream->buffer->max_bytes = driver->options.max_buffered_bytes;
  stream->lease = TRY(acquire(options.mode));
  TRY(stream->lease->connection().report(TelemetryApi::auto_commit));
  const TransactionFields fields =
      fields_for(options.mode, *stream->lease, stream->sent_bookmarks, transaction);
  Outcome<ReplyPointer> run = stream->lease->protocol().run(query, parameters, &fields);
  if (!run) {
    stream->lease.reset();
    return std::move(run).error();
  }
  stream->may_have_written = options.mode == AccessMode::write;
  TRY(stream->start(*run));
  open_stream = stream;
  return stream;
}

namespace {

struct ScriptReplies {
  std::vector<ReplyPointer> runs;
  std::vector<ReplyPointer> pulls;
  std::vector<std::shared_ptr<RecordBuffer>> buffers;
  ReplyPointer begin;
  ReplyPointer commit;
};

Outcome<ScriptReplies> queue_script(Protocol& protocol, const TransactionFields& fields,
                                    const std::vector<Statement>& statements) {
  ScriptReplies replies;
  replies.begin = TRY(protocol.begin(fields));
  for (const Statement& statement : statements) {
    replies.runs.push_back(TRY(protocol.run(statement.query, statement.parameters, nullptr)));
    replies.buffers.push_back(std::make_shared<RecordBuffer>());
    replies.pulls.push_back(TRY(protocol.pull(-1, std::nullopt, replies.buffers.back())));
  }
  replies.commit = TRY(protocol.commit());
  return replies;
}

Outcome<void> await_script(Connection& connection, const ScriptReplies& replies,
                           std::size_t max_bytes) {
  while (replies.commit->waiting()) {
    TRY(connection.receive_message());
    std::size_t bytes = 0;
    for (const std::shared_ptr<RecordBuffer>& buffer : replies.buffers)
      bytes += buffer->bytes_received;
    if (bytes > max_bytes) {
      Failure failure =
          make_failure(FailureKind::usage, "the results are larger than max_buffered_bytes");
      failure.code = ErrorCode::too_large;
      connection.protocol().lose(failure);
      return failure;
    }
  }
  if (replies.commit->state == Reply::State::failed)
    return replies.commit->failure;
  return {};
}

Outcome<EagerResult> result_of(const ScriptReplies& replies, std::size_t index,
                               Connection& connection) {
  EagerResult result;
  result.keys = TRY(read_keys(replies.runs[index]->metadata));
  for (List& values : replies.buffers[index]->records)
    result.records.emplace_back(result.keys, std::move(values));
  result.summary = summary_of(replies.pulls[index]->metadata, connection.version());
  result.summary.server = connection.server_info();
  return result;
}

} // namespace

Outcome<std::vector<EagerResult>>
Session::Core::run_script(const std::vector<Statement>& statements,
                          const TransactionOptions& transaction) {
  TRY(make_ready());
  const Bookmarks sent = bookmarks_to_send();
  const std::shared_ptr<Lease> lease = TRY(acquire(options.mode));
  TRY(lease->connection().report(TelemetryApi::explicit_transaction));
  Outcome<ScriptReplies> replies = queue_script(
      lease->protocol(), fields_for(options.mode, *lease, sent, transaction), statements);
  if (!replies) {
    // Nothing was sent; what is queued must not be.
    lease->protocol().lose(replies.error());
    return std::move(replies).error();
  }
  Outcome<void> done =
      await_script(lease->connection(), *replies, driver->options.max_buffered_bytes);
  if (!done && options.mode == AccessMode::read)
    return std::move(done).error(); // nothing was to be committed
  if (!done)
    return unknown_commit(std::move(done).error());
  learn_database(replies->begin->metadata);
  if (const std::string_view bookmark = replies->commit->metadata.text_of("bookmark");
      !bookmark.empty())
    committed(sent, std::string(bookmark));
  std::vector<EagerResult> results;
  results.reserve(statements.size());
  for (std::size_t i = 0; i < statements.size(); ++i)
    results.push_back(TRY(result_of(*replies, i, lease->connection())));
  return results;
}

namespace {

Outcome<void> attempt(const std::shared_ptr<Session::Core>& session, AccessMode mode,
                      const TransactionWork& work, const TransactionOptions& options,
                      TelemetryApi api, Transaction::Core::Begin when) {
  const std::shared_ptr<Transaction::Core> core =
      TRY(Transaction::Core::begin(session, mode, options, api, when));
  Transaction transaction(core);
  Outcome<void> worked = work(transaction);
  if (!worked) {
    // The original error wins over what the rollback may say.
    (void)core->rollback();
    return worked;
  }
  // The work may have ended the transaction itself, or have hidden a failure from us.
  if (core->failure)
    return *core->failure;
  return core->open ? core->commit() : Outcome<void>{};
}

} // namespace

Outcome<void> Session::Core::manage(const std::shared_ptr<Core>& self, AccessMode mode,
                                    const TransactionWork& work,
                                    const TransactionOptions& transaction, TelemetryApi api,
                                    Transaction::Core::Begin when) {
  TRY(make_ready());
  RetryDelays delays(driver->clock(), driver->options.max_retry_time, std::random_device{}());
  while (true) {
    Outcome<void> done = attempt(self, mode, work, transaction, api, when);
    if (done || !done.error().retryable())
      return done;
    const std::optional<Milliseconds> delay = delays.next();
    if (!delay)
      return done;
    ++driver->counters.retries;
    driver->clock().sleep(*delay);
  }
}

Session::Session(std::shared_ptr<Core> core) : core_(std::move(core)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&& other) noexcept {
  if (this != &other) {
    if (core_)
      (void)close();
    core_ = std::move(other.core_);
  }
  return *this;
}
Session::~Session() {
  if (core_)
    (void)close();
}

Outcome<ResultStream> Session::run(std::string_view query, const Map& parameters,
                                   const TransactionOptions& options) {
  return ResultStream(TRY(core_->run(core_, query, parameters, options)));
}

Outcome<EagerResult> Session::execute(std::string_view query, const Map& parameters,
                                      const TransactionOptions& options) {
  ResultStream stream = TRY(run(query, parameters, options));
  return stream.eager();
}

Outcome<Transaction> Session::begin(const TransactionOptions& options) {
  TRY(core_->make_ready());
  return Transaction(TRY(Transaction::Core::begin(core_, core_->options.mode, options,
                                                  TelemetryApi::explicit_transaction,
                                                  Transaction::Core::Begin::eager)));
}

Outcome<void> Session::read(const TransactionWork& work, const TransactionOptions& options) {
  return core_->manage(core_, AccessMode::read, work, options, TelemetryApi::managed,
                       Transaction::Core::Begin::eager);
}

Outcome<void> Session::write(const TransactionWork& work, const TransactionOptions& options) {
  return core_->manage(core_, AccessMode::write, work, options, TelemetryApi::managed,
                       Transaction::Core::Begin::eager);
}

Outcome<std::vector<EagerResult>> Session::run_script(const std::vector<Statement>& statements,
                                                      const TransactionOptions& options) {
  return core_->run_script(statements, options);
}

Bookmarks Session::last_bookmarks() const {
  return core_->bookmarks_to_send();
}

Outcome<void> Session::close() {
  if (core_->closed)
    return {};
  core_->closed = true;
  if (const auto transaction = core_->open_transaction.lock(); transaction && transaction->open)
    (void)transaction->rollback();
  if (const auto stream = core_->open_stream.lock(); stream && !stream->ended && !stream->failure) {
    Outcome<Summary> ended = stream->finish_discarding();
    if (!ended)
      return std::move(ended).error();
  }
  return {};
}

} // namespace diffo::bolt
