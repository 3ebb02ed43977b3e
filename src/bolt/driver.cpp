#include "bolt/core.h"
#include "bolt/version.h"

#include <diffo/version.h>

#include <charconv>
#include <thread>

namespace diffo::bolt {

namespace {

class SystemClock final : public Clock {
public:
  Time now() override { return std::chrono::steady_clock::now(); }
  void sleep(Milliseconds duration) override { std::this_thread::sleep_for(duration); }
};

class FixedToken final : public AuthSource {
public:
  explicit FixedToken(AuthToken token) : token_(std::move(token)) {}
  Outcome<AuthToken> token() override { return token_; }
  bool refused(const AuthToken&, const Failure&) override { return false; }

private:
  AuthToken token_;
};

Outcome<std::optional<Version>> parse_version(std::string_view text) {
  if (text.empty())
    return std::optional<Version>{};
  for (const Version version : supported_versions)
    if (to_text(version) == text)
      return std::optional(version);
  return make_failure(FailureKind::configuration,
                      "this driver does not speak Bolt " + std::string(text));
}

Outcome<Encryption> encryption_of(const ConnectionUri& uri, const TlsOptions& options) {
  if (uri.encryption == Encryption::by_scheme)
    return options.encryption;
  if (options.encryption != Encryption::by_scheme)
    return make_failure(FailureKind::configuration,
                        "the scheme already says how to encrypt; the option may not say it again");
  return uri.encryption;
}

std::string user_key(const Demand& demand) {
  return demand.impersonated_user + '\0' + (demand.auth ? demand.auth->principal : std::string{});
}

} // namespace

AuthToken AuthToken::none() {
  AuthToken token;
  token.scheme = "none";
  return token;
}

AuthToken AuthToken::basic(std::string user, std::string password, std::string realm) {
  return {"basic", std::move(user), Secret(std::move(password)), std::move(realm), {}};
}

AuthToken AuthToken::bearer(std::string token) {
  return {"bearer", {}, Secret(std::move(token)), {}, {}};
}

Lease::~Lease() {
  if (connection_)
    driver_->pool->release(std::move(connection_));
}

Outcome<std::shared_ptr<Driver::Core>>
Driver::Core::make(std::string_view uri, std::shared_ptr<AuthSource> auth, DriverOptions options) {
  auto core = std::make_shared<Core>();
  core->uri = TRY(parse_uri(uri));
  (void)TRY(parse_version(options.only_version));
  if (options.fetch_size == 0 || options.fetch_size < -1 ||
      options.max_connections_per_address == 0)
    return make_failure(FailureKind::configuration,
                        "fetch_size and max_connections_per_address must not be 0");
  const Encryption encryption = TRY(encryption_of(core->uri, options.tls));
  if (encryption != Encryption::by_scheme)
    core->tls = TRY(make_tls_context(encryption, options.tls));
  if (options.user_agent.empty())
    options.user_agent = std::string("diffo-bolt/") + version;
  if (!options.clock)
    options.clock = std::make_shared<SystemClock>();
  core->options = std::move(options);
  core->auth = std::move(auth);
  core->bookmarks = std::make_shared<BookmarkManager>();
  Core* raw = core.get(); // pool and router live in the core
  core->pool = std::make_unique<Pool>(
      [raw](const Address& address, const AuthToken& token, Deadline deadline) {
        return raw->open_connection(address, token, deadline);
      },
      Pool::Limits{core->options.max_connections_per_address, core->options.max_connection_lifetime,
                   core->options.liveness_check_after},
      core->clock());
  if (core->uri.routing) {
    Router::Hooks hooks;
    hooks.fetch = [raw](const Address& address, const Demand& demand) {
      return raw->fetch_table(address, demand);
    };
    hooks.in_use = [raw](const Address& address) { return raw->pool->in_use(address); };
    hooks.known = [raw](const std::set<Address>& addresses) { raw->pool->keep_only(addresses); };
    hooks.resolve = core->options.resolver;
    core->router = std::make_unique<Router>(core->uri.address, std::move(hooks), core->clock());
  }
  return core;
}

Outcome<std::unique_ptr<Connection>>
Driver::Core::open_connection(const Address& address, const AuthToken& token, Deadline deadline) {
  ConnectionSettings settings;
  settings.tls = tls.get();
  settings.handshake =
      options.manifest_handshake ? Handshake::Style::manifest : Handshake::Style::classic;
  settings.only_version = TRY(parse_version(options.only_version));
  settings.user_agent = options.user_agent;
  if (uri.routing)
    settings.routing = uri.routing_context;
  settings.notifications = options.notifications;
  settings.read_timeout = options.read_timeout;
  settings.max_message_bytes = options.max_message_bytes;
  settings.telemetry = options.telemetry;
  settings.log = options.log;
  settings.counters = &counters;
  return Connection::open(
      address, settings, token,
      earlier(deadline, std::chrono::steady_clock::now() + options.connect_timeout));
}

Outcome<std::unique_ptr<Connection>> Driver::Core::borrow(const Address& address,
                                                          const Demand& demand) {
  const AuthToken token = demand.auth ? *demand.auth : TRY(auth->token());
  const std::string& table = demand.table.empty() ? demand.database : demand.table;
  const Pool::TokenOwner owner = demand.auth ? Pool::TokenOwner::session : Pool::TokenOwner::driver;
  Outcome<std::unique_ptr<Connection>> connection =
      pool->acquire(address, token, owner, demand.deadline);
  if (!connection) {
    on_failure(address, token, table, connection.error());
    return connection;
  }
  const Connection* raw = connection->get(); // holds the hook
  (*connection)->protocol().set_failure_hook([this, raw, table](Failure& failure) {
    on_failure(raw->address(), raw->token(), table, failure);
  });
  return connection;
}

Outcome<Map> Driver::Core::fetch_table(const Address& address, const Demand& demand) {
  ++counters.routing_refreshes;
  std::unique_ptr<Connection> connection = TRY(borrow(address, demand));
  const Outcome<Map> reply = [&]() -> Outcome<Map> {
    const ReplyPointer route = TRY(connection->protocol().route(
        uri.routing_context, demand.bookmarks, demand.database, demand.impersonated_user));
    TRY(connection->wait(*route, demand.deadline));
    return route->metadata;
  }();
  pool->release(std::move(connection));
  return reply;
}

// neo4j.md §2.11: what a failure says about servers is remembered before the caller hears of it.
void Driver::Core::on_failure(const Address& address, const AuthToken& token,
                              const std::string& database, Failure& failure) {
  if (failure.kind == FailureKind::authentication || failure.kind == FailureKind::token_expired ||
      failure.server_code == "Neo.ClientError.Security.AuthorizationExpired")
    failure.worth_another_try = auth->refused(token, failure) || failure.worth_another_try;
  if (failure.server_code == "Neo.ClientError.Security.AuthorizationExpired")
    pool->expire_authentication(address);
  const bool gone =
      failure.server_code.empty() &&
      (failure.kind == FailureKind::service_unavailable ||
       failure.kind == FailureKind::session_expired || failure.kind == FailureKind::protocol_error);
  if (gone)
    pool->forget(address);
  if (!router)
    return;
  if (gone)
    router->drop(address);
  else if (failure.server_code == "Neo.ClientError.Cluster.NotALeader" ||
           failure.server_code == "Neo.ClientError.General.ForbiddenOnReadOnlyDatabase")
    router->drop_writer(address, database);
  else if (failure.server_code == "Neo.TransientError.General.DatabaseUnavailable")
    router->drop_for_database(address, database);
}

Outcome<std::shared_ptr<Lease>> Driver::Core::lease_of(const Router::Choice& choice,
                                                       const Demand& demand) {
  Demand resolved = demand;
  resolved.database = choice.database;
  Outcome<std::unique_ptr<Connection>> connection = borrow(choice.address, resolved);
  if (!connection) {
    // With another member of the cluster it may work.
    if (router && connection.error().kind == FailureKind::service_unavailable)
      connection.error().kind = FailureKind::session_expired;
    return std::move(connection).error();
  }
  return std::make_shared<Lease>(shared_from_this(), std::move(*connection), choice.database);
}

// A user whose home database was seen before needs no extra question, if the server corrects us
// (Bolt 5.8).
Outcome<std::shared_ptr<Lease>> Driver::Core::acquire_home(const Demand& demand) {
  std::string guess;
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = homes_.find(user_key(demand)); known != homes_.end())
      guess = known->second;
  }
  if (!guess.empty()) {
    if (const std::optional<Router::Choice> choice = router->choose_known(demand, guess)) {
      Demand guessed = demand;
      guessed.table = guess;
      std::shared_ptr<Lease> lease = TRY(lease_of({choice->address, {}}, guessed));
      if (lease->connection().version() >= bolt_5_8)
        return lease;
    }
  }
  const Router::Choice choice = TRY(router->choose(demand));
  learn_home(demand, choice.database);
  return lease_of(choice, demand);
}

Outcome<std::shared_ptr<Lease>> Driver::Core::acquire(Demand demand) {
  if (!demand.deadline)
    demand.deadline = std::chrono::steady_clock::now() + options.acquisition_timeout;
  if (!router)
    return lease_of({uri.address, demand.database}, demand);
  if (demand.database.empty())
    return acquire_home(demand);
  return lease_of(TRY(router->choose(demand)), demand);
}

void Driver::Core::learn_home(const Demand& demand, const std::string& database) {
  constexpr std::size_t max_homes = 1000;
  const std::lock_guard lock(mutex_);
  if (homes_.size() >= max_homes)
    homes_.clear();
  homes_[user_key(demand)] = database;
}

Metrics Driver::Core::metrics() const {
  Metrics out;
  out.flights = counters.flights;
  out.messages_sent = counters.messages_sent;
  out.messages_received = counters.messages_received;
  out.bytes_sent = counters.bytes_sent;
  out.bytes_received = counters.bytes_received;
  out.connections_opened = counters.connections_opened;
  out.connections_closed = counters.connections_closed;
  out.resets = counters.resets;
  out.retries = counters.retries;
  out.routing_refreshes = counters.routing_refreshes;
  return out;
}

Outcome<Driver> Driver::open(std::string_view uri, AuthToken auth, DriverOptions options) {
  return open(uri, std::make_shared<FixedToken>(std::move(auth)), std::move(options));
}

Outcome<Driver> Driver::open(std::string_view uri, std::shared_ptr<AuthSource> auth,
                             DriverOptions options) {
  return Driver(TRY(Core::make(uri, std::move(auth), std::move(options))));
}

Driver::Driver(std::shared_ptr<Core> core) : core_(std::move(core)) {}
Driver::Driver(Driver&&) noexcept = default;
Driver& Driver::operator=(Driver&& other) noexcept {
  if (this != &other) {
    close();
    core_ = std::move(other.core_);
  }
  return *this;
}
Driver::~Driver() {
  close();
}

void Driver::close() {
  if (core_)
    core_->pool->close();
}

Session Driver::session(SessionOptions options) {
  return Session(std::make_shared<Session::Core>(core_, std::move(options)));
}

Outcome<EagerResult> Driver::execute(std::string_view query, const Map& parameters,
                                     const ExecuteOptions& options) {
  SessionOptions session;
  session.database = options.database;
  session.impersonated_user = options.impersonated_user;
  session.auth = options.auth;
  session.bookmark_manager = options.bookmark_manager ? options.bookmark_manager : core_->bookmarks;
  const auto core = std::make_shared<Session::Core>(core_, std::move(session));
  EagerResult out;
  const TransactionWork work = [&](Transaction& transaction) -> Outcome<void> {
    out = TRY(transaction.execute(query, parameters));
    return {};
  };
  TRY(core->manage(core, options.mode, work, options.transaction, TelemetryApi::execute,
                   Transaction::Core::Begin::with_first_query));
  return out;
}

Outcome<ServerInfo> Driver::verify_connectivity() {
  Demand demand;
  demand.mode = AccessMode::read;
  std::shared_ptr<Lease> lease = TRY(core_->acquire(demand));
  // A connection out of the pool may be dead already; only an answer proves more.
  if (!lease->connection().is_alive(std::chrono::steady_clock::now() +
                                    core_->options.connect_timeout))
    return make_failure(FailureKind::service_unavailable,
                        to_text(lease->connection().address()) + " does not answer");
  return lease->connection().server_info();
}

Outcome<bool> Driver::verify_authentication(const AuthToken& token) {
  // A connection of its own, so that it works with every version.
  const Outcome<std::unique_ptr<Connection>> connection =
      core_->open_connection(core_->uri.address, token,
                             std::chrono::steady_clock::now() + core_->options.acquisition_timeout);
  if (connection)
    return true;
  const FailureKind kind = connection.error().kind;
  if (kind == FailureKind::authentication || kind == FailureKind::token_expired)
    return false;
  return connection.error();
}

Metrics Driver::metrics() const {
  return core_->metrics();
}

} // namespace diffo::bolt
