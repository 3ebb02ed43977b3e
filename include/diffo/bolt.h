#pragma once

#include <diffo/bolt_error.h>
#include <diffo/bolt_value.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A Bolt driver: queries against Neo4j and everything else that speaks Bolt 4.4, 5.x or 6.0.
///
///     auto driver = TRY(bolt::Driver::open("neo4j://localhost", bolt::AuthToken::basic("neo4j",
///     password))); auto result = TRY(driver.execute("MATCH (n:Person {name: $name}) RETURN
///     n.born", {{"name", "Ada"}})); for (const bolt::Record& record : result.records)
///       print(record["n.born"]);
namespace diffo::bolt {

using Milliseconds = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;

/// Text that cannot be printed or logged by mistake.
class Secret {
public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  /// The text itself, for the one place that sends it.
  [[nodiscard]] const std::string& reveal() const { return text_; }
  bool operator==(const Secret&) const = default;

private:
  std::string text_;
};

/// Who asks. Immutable by use.
struct AuthToken {
  std::string scheme{};
  std::string principal{};
  Secret credentials{};
  std::string realm{};
  Map parameters{}; ///< of custom schemes only
  bool operator==(const AuthToken&) const = default;

  static AuthToken none();
  static AuthToken basic(std::string user, std::string password, std::string realm = {});
  static AuthToken bearer(std::string token);
};

/// Supplies tokens that change: rotated passwords, bearer tokens with an end. Called from any
/// thread.
class AuthSource {
public:
  virtual ~AuthSource() = default;
  /// The token to use now; called before each use of a connection, so it must be cheap.
  virtual Outcome<AuthToken> token() = 0;
  /// Told when the server refused that token. True when another attempt makes sense: the failure
  /// becomes retryable.
  virtual bool refused(const AuthToken& token, const Failure& failure) = 0;
};

/// A set of bookmarks: what a transaction must have seen before it runs.
using Bookmarks = std::vector<std::string>;

/// Carries bookmarks from session to session. Any thread.
class BookmarkManager {
public:
  using Supplier = std::function<Bookmarks()>;
  using Consumer = std::function<void(const Bookmarks&)>;
  /// `supplier` adds bookmarks from elsewhere, `consumer` is told the new set after each commit;
  /// both may be empty.
  explicit BookmarkManager(const Bookmarks& initial = {}, Supplier supplier = {},
                           Consumer consumer = {});
  ~BookmarkManager();
  BookmarkManager(const BookmarkManager&) = delete;
  BookmarkManager& operator=(const BookmarkManager&) = delete;

  [[nodiscard]] Bookmarks current() const;
  /// Replaces those that a transaction was begun with by those it ended with.
  void update(const Bookmarks& previous, const Bookmarks& newer);

private:
  struct State;
  std::unique_ptr<State> state_;
};

enum class AccessMode : std::uint8_t { write, read };

/// Which notifications the server should leave out (Bolt 5.2 and later).
struct NotificationFilter {
  std::string
      minimum_severity{}; ///< "OFF", "WARNING", "INFORMATION"; empty leaves it to the server
  std::optional<std::vector<std::string>> disabled_classifications{};
};

enum class Encryption : std::uint8_t {
  by_scheme,  ///< as `+s` and `+ssc` say; plain for schemes without
  verified,   ///< chain and host name are checked
  unverified, ///< encrypted, but anybody may be at the other end
};

struct TlsOptions {
  Encryption encryption = Encryption::by_scheme;
  std::string ca_file{}; ///< PEM; in place of the system's authorities
  /// PEM chain, for mutual TLS. It is read again for each connection, so that it may be replaced.
  std::string client_certificate{};
  std::string client_key{};  ///< PEM, likewise; empty: stands in the same file
  std::string server_name{}; ///< to verify against, in place of the host of the address
};

struct Address {
  std::string host{};
  std::uint16_t port = 7687;
  auto operator<=>(const Address&) const = default;
};

/// "host:port", an IPv6 host in brackets.
std::string to_text(const Address& address);

/// Time as the driver sees it; tests put their own here. Any thread.
class Clock {
public:
  using Time = std::chrono::steady_clock::time_point;
  virtual ~Clock() = default;
  virtual Time now() = 0;
  virtual void sleep(Milliseconds duration) = 0;
};

enum class LogLevel : std::uint8_t { trace, info, warning };
/// Called from any thread. Texts never hold credentials.
using LogSink = std::function<void(LogLevel, std::string_view)>;

/// Defaults are those of the official drivers (neo4j.md §2.13).
struct DriverOptions {
  std::size_t max_connections_per_address = 100;
  Milliseconds acquisition_timeout = Seconds{60}; ///< everything until a connection is ready to use
  Milliseconds connect_timeout = Seconds{30}; ///< TCP, TLS, handshake and log-on of one connection
  Milliseconds max_connection_lifetime = std::chrono::hours{1};
  /// Connections idle for longer are asked for a sign of life before use. Nothing: never.
  std::optional<Milliseconds> liveness_check_after{};
  /// Longest silence while an answer is due. Nothing: what the server hints, else for ever.
  std::optional<Milliseconds> read_timeout{};
  Milliseconds max_retry_time = Seconds{30};
  std::int64_t fetch_size = 1000; ///< records per PULL
  std::size_t max_message_bytes = std::size_t{256} << 20;
  /// Records that a caller wants all at once (eager results, scripts) may take this much on the
  /// wire.
  std::size_t max_buffered_bytes = std::size_t{1} << 30;
  TlsOptions tls{};
  NotificationFilter notifications{};
  std::string user_agent{}; ///< empty: our own
  bool telemetry = true;    ///< tells the server which of our calls are used, when it asks for that
  bool manifest_handshake = true;
  std::string only_version{}; ///< "5.4": nothing else is negotiated; for tests and trouble
  /// Turns a seed address into others, for instance from a service registry.
  std::function<std::vector<Address>(const Address&)> resolver{};
  LogSink log{};
  std::shared_ptr<Clock> clock{}; ///< shared with the pool and the retries, which outlive no driver
};

struct SessionOptions {
  std::string database{}; ///< empty: the user's home database
  AccessMode mode = AccessMode::write;
  Bookmarks bookmarks{};
  std::shared_ptr<BookmarkManager> bookmark_manager{}; ///< shared between sessions by design
  std::string impersonated_user{};
  std::optional<AuthToken> auth{}; ///< another user than the driver's (Bolt 5.1 and later)
  std::int64_t fetch_size = 0;     ///< 0: as the driver
  NotificationFilter notifications{};
};

struct TransactionOptions {
  std::optional<Milliseconds> timeout{}; ///< nothing: the server's default; 0: none
  Map metadata{};
};

/// The names of a result's columns.
using Keys = std::vector<std::string>;

/// One row. Shares the names with the other rows of its result.
class Record {
public:
  Record() = default;
  /// The names are shared by all records of a result.
  Record(std::shared_ptr<const Keys> keys, List values)
      : keys_(std::move(keys)), values_(std::move(values)) {}
  [[nodiscard]] const Keys& keys() const { return *keys_; }
  [[nodiscard]] const List& values() const& { return values_; }
  [[nodiscard]] List&& values() && { return std::move(values_); }
  [[nodiscard]] std::size_t size() const { return values_.size(); }
  /// The value in that column, or null pointer.
  [[nodiscard]] const Value* find(std::string_view key) const;
  /// The value in that column; null when there is no such column.
  [[nodiscard]] const Value& operator[](std::string_view key) const;
  [[nodiscard]] const Value& operator[](std::size_t column) const { return values_.at(column); }

private:
  std::shared_ptr<const Keys> keys_;
  List values_;
};

/// What the server wants to say about a query: a notification (up to 5.4) or a GQL status
/// (from 5.6), in one form.
struct Notification {
  std::string code{}; ///< `Neo.ClientNotification.…`
  std::string gql_status{};
  std::string title{};
  std::string description{};
  std::string severity{};
  std::string classification{};
  Map raw{};
};

struct ServerInfo {
  Address address{};
  std::string agent{};   ///< "Neo4j/5.26.0"
  std::string version{}; ///< of Bolt, "5.8"
  std::string connection_id{};
};

/// What is known once a result has ended.
struct Summary {
  std::string query_type{}; ///< r, w, rw or s
  Map counters{};           ///< `nodes-created` and so on
  std::string database{};
  std::optional<std::string> bookmark{};
  std::vector<Notification> notifications{};
  std::optional<Milliseconds> available_after{};
  std::optional<Milliseconds> consumed_after{};
  ServerInfo server{};
  Map raw{}; ///< all the server sent, plan and profile among it

  /// One of the counters, 0 when it is not there: `counter("nodes-created")`.
  [[nodiscard]] std::int64_t counter(std::string_view name) const;
};

/// All of a result at once.
struct EagerResult {
  std::shared_ptr<const Keys> keys; ///< shared with the records
  std::vector<Record> records{};
  Summary summary{};
};

/// Records as they come. The next portion is asked for when the last is used up, so a slow reader
/// slows the server. One thread, that of its session.
class ResultStream {
public:
  ResultStream(ResultStream&&) noexcept;
  ResultStream& operator=(ResultStream&&) noexcept;
  ~ResultStream();

  [[nodiscard]] const Keys& keys() const;
  /// The names as the records share them.
  [[nodiscard]] std::shared_ptr<const Keys> shared_keys() const;
  /// The next record; nothing at the end. Records are tentative until the end was reached without a
  /// failure.
  Outcome<std::optional<Record>> next();
  /// The next record without taking it.
  Outcome<const Record*> peek();
  /// The only record; a failure of kind not_single when there are none or several.
  Outcome<Record> single();
  /// All that are left.
  Outcome<std::vector<Record>> list();
  /// All that are left, with the summary.
  Outcome<EagerResult> eager();
  /// Gives up what is left and returns the summary.
  Outcome<Summary> consume();

  struct Core;
  explicit ResultStream(std::shared_ptr<Core> core);

private:
  std::shared_ptr<Core>
      core_; // shared with its session or transaction, which must end it when they go on
};

/// A query with its parameters.
struct Statement {
  std::string query;
  Map parameters{};
};

/// A transaction. Ends by commit or rollback; going out of scope rolls back. One thread, that of
/// its session.
class Transaction {
public:
  Transaction(Transaction&&) noexcept;
  Transaction& operator=(Transaction&&) noexcept;
  ~Transaction();

  /// Several results may be open at the same time.
  Outcome<ResultStream> run(std::string_view query, const Map& parameters = {});
  /// Runs and takes all at once.
  Outcome<EagerResult> execute(std::string_view query, const Map& parameters = {});
  /// Results that are still open lose their remaining records. When the connection is lost on the
  /// way the failure is of kind outcome_unknown.
  Outcome<void> commit();
  Outcome<void> rollback();
  [[nodiscard]] bool is_open() const;

  struct Core;
  explicit Transaction(std::shared_ptr<Core> core);

private:
  std::shared_ptr<Core> core_; // shared with its open results
};

/// Work inside a managed transaction. It may run several times, so it must have no other effects.
using TransactionWork = std::function<Outcome<void>(Transaction&)>;

/// A chain of transactions, each seeing the ones before. Cheap; makes no connection until needed.
/// One thread.
class Session {
public:
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  /// One query in a transaction of its own, in one flight. Reads an earlier result of this session
  /// to its end first.
  Outcome<ResultStream> run(std::string_view query, const Map& parameters = {},
                            const TransactionOptions& options = {});
  /// The same, all records at once. Unlike Driver::execute it is never tried again.
  Outcome<EagerResult> execute(std::string_view query, const Map& parameters = {},
                               const TransactionOptions& options = {});
  Outcome<Transaction> begin(const TransactionOptions& options = {});
  /// Begins, works, commits; once more from the start when the failure may pass (neo4j.md §2.12).
  Outcome<void> read(const TransactionWork& work, const TransactionOptions& options = {});
  Outcome<void> write(const TransactionWork& work, const TransactionOptions& options = {});
  /// A fixed list of queries as one transaction in one flight: BEGIN, all queries, COMMIT. Not
  /// retried.
  Outcome<std::vector<EagerResult>> run_script(const std::vector<Statement>& statements,
                                               const TransactionOptions& options = {});
  [[nodiscard]] Bookmarks last_bookmarks() const;
  Outcome<void> close();

  struct Core;
  explicit Session(std::shared_ptr<Core> core);

private:
  std::shared_ptr<Core> core_; // shared with its open transaction or result
};

struct ExecuteOptions {
  std::string database{};
  AccessMode mode = AccessMode::write;
  std::string impersonated_user{};
  std::optional<AuthToken> auth{};
  /// Nothing: the driver's own, so that one call sees what the calls before it wrote.
  std::shared_ptr<BookmarkManager> bookmark_manager{};
  TransactionOptions transaction{};
};

/// Counts since the driver was opened.
struct Metrics {
  std::uint64_t flights = 0; ///< times that messages were sent and answers waited for
  std::uint64_t messages_sent = 0;
  std::uint64_t messages_received = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t connections_opened = 0;
  std::uint64_t connections_closed = 0;
  std::uint64_t resets = 0;
  std::uint64_t retries = 0;
  std::uint64_t routing_refreshes = 0;
};

/// The way in: knows servers, keeps connections. Any thread.
class Driver {
public:
  /// Does not connect yet. Schemes: bolt, bolt+s, bolt+ssc, neo4j, neo4j+s, neo4j+ssc.
  static Outcome<Driver> open(std::string_view uri, AuthToken auth, DriverOptions options = {});
  static Outcome<Driver> open(std::string_view uri, std::shared_ptr<AuthSource> auth,
                              DriverOptions options = {});
  Driver(Driver&&) noexcept;
  Driver& operator=(Driver&&) noexcept;
  /// Sessions that are still open fail from here on.
  ~Driver();

  [[nodiscard]] Session session(SessionOptions options = {});
  /// One query as a managed transaction, all records at once.
  Outcome<EagerResult> execute(std::string_view query, const Map& parameters = {},
                               const ExecuteOptions& options = {});
  /// Connects, logs on, and returns who answered.
  Outcome<ServerInfo> verify_connectivity();
  /// Whether the server takes that token.
  Outcome<bool> verify_authentication(const AuthToken& token);
  [[nodiscard]] Metrics metrics() const;
  void close();

  struct Core;

private:
  explicit Driver(std::shared_ptr<Core> core);
  std::shared_ptr<Core> core_; // shared with sessions, which may be destroyed after the driver
};

} // namespace diffo::bolt
