#pragma once

#include "bolt/pool.h"
#include "bolt/routing.h"
#include "bolt/uri.h"

#include <memory>
#include <mutex>

namespace diffo::bolt {

/// A connection on loan; goes back to the pool when it goes out of scope. One thread.
class Lease {
public:
  Lease(std::shared_ptr<Driver::Core> driver, std::unique_ptr<Connection> connection,
        std::string database)
      : driver_(std::move(driver)), connection_(std::move(connection)),
        database_(std::move(database)) {}
  ~Lease();
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  [[nodiscard]] Connection& connection() { return *connection_; }
  [[nodiscard]] Protocol& protocol() { return connection_->protocol(); }
  /// As routing resolved it; empty for the home database of a server that was not asked.
  [[nodiscard]] const std::string& database() const { return database_; }

private:
  std::shared_ptr<Driver::Core> driver_; // keeps the pool while the connection is out
  std::unique_ptr<Connection> connection_;
  std::string database_;
};

/// What a driver owns. Any thread.
struct Driver::Core : std::enable_shared_from_this<Driver::Core> {
  static Outcome<std::shared_ptr<Core>> make(std::string_view uri, std::shared_ptr<AuthSource> auth,
                                             DriverOptions options);

  /// A connection for that demand. Demands without a database may come back with the resolved one
  /// in the lease.
  Outcome<std::shared_ptr<Lease>> acquire(Demand demand);
  Outcome<std::unique_ptr<Connection>> open_connection(const Address& address,
                                                       const AuthToken& token, Deadline deadline);
  /// Remembers what a server said about the home database of a user (Bolt 5.8).
  void learn_home(const Demand& demand, const std::string& database);
  [[nodiscard]] Metrics metrics() const;
  Clock& clock() { return *options.clock; }

  ConnectionUri uri;
  DriverOptions options;
  std::shared_ptr<AuthSource> auth;           // given by the user, who may keep it
  std::shared_ptr<BookmarkManager> bookmarks; // handed to sessions
  std::unique_ptr<TlsContext> tls;
  Counters counters;
  std::unique_ptr<Pool> pool;
  std::unique_ptr<Router> router; ///< only with a neo4j scheme

private:
  Outcome<std::unique_ptr<Connection>> borrow(const Address& address, const Demand& demand);
  Outcome<Map> fetch_table(const Address& address, const Demand& demand);
  Outcome<std::shared_ptr<Lease>> acquire_home(const Demand& demand);
  Outcome<std::shared_ptr<Lease>> lease_of(const Router::Choice& choice, const Demand& demand);
  void on_failure(const Address& address, const AuthToken& token, const std::string& database,
                  Failure& failure);

  std::mutex mutex_;
  std::map<std::string, std::string> homes_; ///< by user; guarded by mutex_
};

/// One transaction: a borrowed connection and the results that are open on it.
struct Transaction::Core {
  enum class Begin : std::uint8_t { eager, with_first_query };

  static Outcome<std::shared_ptr<Core>> begin(const std::shared_ptr<Session::Core>& session,
                                              AccessMode mode, const TransactionOptions& options,
                                              TelemetryApi api, Begin when);
  ~Core();

  Outcome<std::shared_ptr<ResultStream::Core>> run(const std::shared_ptr<Core>& self,
                                                   std::string_view query, const Map& parameters);
  Outcome<void> commit();
  Outcome<void> rollback();
  /// Remembers the first failure and gives the connection back.
  Failure fail(Failure failure);

  std::shared_ptr<Session::Core> session; // outlives its Session object while a transaction runs
  std::shared_ptr<Lease> lease;           // shared with the results
  ReplyPointer begun;
  Bookmarks sent_bookmarks;
  std::vector<std::weak_ptr<ResultStream::Core>> streams;
  /// Results that their owner dropped before the end; the commit must still end them at the server.
  std::vector<std::shared_ptr<ResultStream::Core>> orphans;
  std::int64_t newest_query = -1;
  std::optional<Failure> failure;
  bool open = true;

private:
  Outcome<void> send_commit(ReplyPointer& commit);
  Outcome<void> confirm_begin();
  void end_streams();
};

/// One result, in a transaction or on its own.
struct ResultStream::Core {
  ~Core();

  /// Sends RUN's companion PULL; the caller has queued RUN.
  Outcome<void> start(const ReplyPointer& run);
  /// Makes sure that a record is buffered; false at the end.
  Outcome<bool> fill();
  Outcome<Summary> finish_discarding();
  /// Reads all that is left into the buffer.
  Outcome<void> buffer_all();
  /// Waits for the outstanding PULL, if any.
  Outcome<void> settle();
  /// Settles, and queues a DISCARD if more is left; for commit.
  Outcome<ReplyPointer> queue_discard();
  void end_with(const Map& metadata);
  Failure fail(Failure failure);
  void abandon(const Failure& reason);
  std::optional<std::int64_t> query_id_to_send() const;
  Record take_front();

  std::shared_ptr<Lease> lease;                   // until the end
  std::shared_ptr<Transaction::Core> transaction; // none for auto-commit
  std::shared_ptr<Session::Core> session;         // told the bookmark of an auto-commit
  Bookmarks sent_bookmarks;
  bool may_have_written = false;
  std::shared_ptr<const Keys> keys;
  std::int64_t query_id = -1;
  std::int64_t fetch_size = 1000;
  std::size_t max_buffered_bytes = 0;
  std::shared_ptr<RecordBuffer> buffer = std::make_shared<RecordBuffer>();
  ReplyPointer pull;
  bool has_more = false;
  bool ended = false;
  bool given_up = false;
  std::optional<Failure> failure;
  Summary summary;
  Record peeked; ///< what peek points at
};

struct Session::Core {
  Core(std::shared_ptr<Driver::Core> driver_core, SessionOptions session_options);

  Outcome<std::shared_ptr<ResultStream::Core>> run(const std::shared_ptr<Core>& self,
                                                   std::string_view query, const Map& parameters,
                                                   const TransactionOptions& options);
  Outcome<std::vector<EagerResult>> run_script(const std::vector<Statement>& statements,
                                               const TransactionOptions& options);
  /// Runs the work with the retry rules.
  Outcome<void> manage(const std::shared_ptr<Core>& self, AccessMode mode,
                       const TransactionWork& work, const TransactionOptions& options,
                       TelemetryApi api, Transaction::Core::Begin when);
  /// A connection for the next transaction, and the bookmarks to send.
  Outcome<std::shared_ptr<Lease>> acquire(AccessMode mode);
  [[nodiscard]] Bookmarks bookmarks_to_send() const;
  [[nodiscard]] TransactionFields fields_for(AccessMode mode, const Lease& lease,
                                             const Bookmarks& bookmarks,
                                             const TransactionOptions& options) const;
  void committed(const Bookmarks& sent, const std::string& bookmark);
  void learn_database(const Map& metadata);
  /// Ends what is still open: an earlier result is read to its end, an open transaction is a
  /// mistake of the caller.
  Outcome<void> make_ready();

  std::shared_ptr<Driver::Core> driver; // sessions keep their driver
  SessionOptions options;
  std::string home_database; ///< once resolved, the session stays with it
  Bookmarks bookmarks;
  std::weak_ptr<ResultStream::Core> open_stream;
  std::weak_ptr<Transaction::Core> open_transaction;
  bool closed = false;
};

/// A record reply's column names.
Outcome<std::shared_ptr<const Keys>> read_keys(const Map& metadata);

} // namespace diffo::bolt
