#include "bolt/connection.h"

namespace diffo::bolt {

namespace {

constexpr std::size_t input_size = 65536;
// A server that answers nothing to these is not worth waiting for.
constexpr Milliseconds farewell_patience{100};

} // namespace

Connection::Connection(Address address, ConnectionSettings settings)
    : address_(std::move(address)), settings_(std::move(settings)), input_(input_size) {}

Connection::~Connection() {
  close();
}

void Connection::log(LogLevel level, std::string_view text) const {
  if (settings_.log)
    settings_.log(level, "bolt " + to_text(address_) + ": " + std::string(text));
}

Outcome<std::unique_ptr<Connection>> Connection::open(const Address& address,
                                                      const ConnectionSettings& settings,
                                                      const AuthToken& token, Deadline deadline) {
  std::unique_ptr<Connection> connection(new Connection(address, settings));
  Socket socket = TRY(Socket::connect(address, deadline));
  if (settings.tls != nullptr)
    connection->transport_ = TRY(settings.tls->connect(std::move(socket), address.host, deadline));
  else
    connection->transport_ = make_tcp_transport(std::move(socket));
  ++settings.counters->connections_opened;
  std::string choice;
  const Version version = TRY(connection->shake_hands(choice, deadline));
  Protocol::Limits limits;
  limits.chunks.max_message_bytes = settings.max_message_bytes;
  connection->protocol_ = std::make_unique<Protocol>(version, limits);
  connection->protocol_->output() = choice;
  if (settings.log)
    connection->protocol_->set_trace(
        [raw = connection.get()](std::string_view line) { raw->log(LogLevel::trace, line); });
  TRY(connection->log_on(token, deadline));
  connection->log(LogLevel::info,
                  "connected, Bolt " + to_text(version) + ", " + connection->agent_);
  return connection;
}

Outcome<Version> Connection::shake_hands(std::string& pending, Deadline deadline) {
  Handshake handshake(settings_.handshake, settings_.only_version);
  const std::string offer = handshake.offer();
  TRY(transport_->send(offer, deadline));
  ++settings_.counters->flights;
  settings_.counters->bytes_sent += offer.size();
  while (true) {
    // Never more than the answer can have: what follows it is not ours to lose.
    const std::size_t got = TRY(transport_->receive(input_.data(), 1024, deadline));
    if (got == 0)
      return make_failure(FailureKind::service_unavailable,
                          to_text(address_) + " closed the connection during the handshake" +
                              (settings_.tls == nullptr ? "; it may want TLS (+s or +ssc)" : ""));
    settings_.counters->bytes_received += got;
    std::size_t used = 0;
    if (!TRY(handshake.feed(std::string_view(input_.data(), got), used)))
      continue;
    if (used != got)
      return make_failure(FailureKind::protocol_error, "the server spoke before it was asked");
    pending = handshake.reply();
    return handshake.version();
  }
}

Outcome<void> Connection::log_on(const AuthToken& token, Deadline deadline) {
  HelloFields fields;
  fields.user_agent = settings_.user_agent;
  fields.routing = settings_.routing;
  fields.notifications = settings_.notifications;
  fields.auth = token;
  token_ = token;
  const ReplyPointer hello = TRY(protocol_->hello(fields));
  ReplyPointer last = hello;
  if (version() >= bolt_5_1)
    last = TRY(protocol_->logon(token));
  TRY(wait(*last, deadline));
  read_hints(hello->metadata);
  return {};
}

void Connection::read_hints(const Map& metadata) {
  agent_ = std::string(metadata.text_of("server"));
  connection_id_ = std::string(metadata.text_of("connection_id"));
  const Value* hints = metadata.find("hints");
  if (hints == nullptr || hints->get_if<Map>() == nullptr)
    return;
  const Map& map = hints->get<Map>();
  const Value* timeout = map.find("connection.recv_timeout_seconds");
  const std::int64_t* seconds = timeout == nullptr ? nullptr : timeout->get_if<std::int64_t>();
  if (seconds != nullptr && *seconds > 0 && *seconds < 1'000'000 && !settings_.read_timeout)
    settings_.read_timeout = Seconds{*seconds};
  const Value* telemetry = map.find("telemetry.enabled");
  wants_telemetry_ = settings_.telemetry && version() >= bolt_5_4 && telemetry != nullptr &&
                     *telemetry == Value(true);
}

ServerInfo Connection::server_info() const {
  return {address_, agent_, to_text(version()), connection_id_};
}

Deadline Connection::read_deadline(Deadline deadline) const {
  if (!settings_.read_timeout)
    return deadline;
  return earlier(deadline, std::chrono::steady_clock::now() + *settings_.read_timeout);
}

Failure Connection::lost(Failure failure) {
  if (failure.kind == FailureKind::service_unavailable) {
    failure.message = to_text(address_) + ": " + failure.message;
    // A member of a cluster can be replaced by another; a single server cannot.
    if (settings_.routing)
      failure.kind = FailureKind::session_expired;
  }
  log(LogLevel::warning, failure.text());
  protocol_->lose(failure);
  if (transport_)
    transport_->close();
  return failure;
}

Outcome<void> Connection::flush(Deadline deadline) {
  std::string& output = protocol_->output();
  if (output.empty())
    return {};
  if (Outcome<void> sent = transport_->send(output, read_deadline(deadline)); !sent)
    return lost(std::move(sent).error());
  ++settings_.counters->flights;
  settings_.counters->bytes_sent += output.size();
  settings_.counters->messages_sent +=
      protocol_->messages_sent() - std::exchange(counted_sent_, protocol_->messages_sent());
  output.clear();
  return {};
}

Outcome<std::size_t> Connection::receive_some(Deadline deadline) {
  // Where bytes are always there, no wait would ever notice that the time is up.
  if (deadline && std::chrono::steady_clock::now() > *deadline) {
    Failure failure =
        make_failure(FailureKind::service_unavailable, "the server did not finish in time");
    failure.code = ErrorCode::timeout;
    return failure;
  }
  Outcome<std::size_t> got =
      transport_->receive(input_.data(), input_.size(), read_deadline(deadline));
  if (got && *got == 0)
    return make_failure(FailureKind::service_unavailable, "the server closed the connection");
  if (got)
    settings_.counters->bytes_received += *got;
  return got;
}

Outcome<void> Connection::receive_message(Deadline deadline) {
  TRY(flush(deadline));
  while (true) {
    Outcome<bool> handled = protocol_->step();
    if (!handled)
      return lost(std::move(handled).error());
    if (*handled) {
      settings_.counters->messages_received +=
          protocol_->messages_received() -
          std::exchange(counted_received_, protocol_->messages_received());
      return {};
    }
    Outcome<std::size_t> got = receive_some(deadline);
    if (!got)
      return lost(std::move(got).error());
    protocol_->feed(std::string_view(input_.data(), *got));
  }
}

Outcome<void> Connection::wait(const Reply& reply, Deadline deadline) {
  while (reply.waiting())
    TRY(receive_message(deadline));
  if (reply.state == Reply::State::failed)
    return reply.failure;
  return {};
}

Outcome<void> Connection::reauthenticate(const AuthToken& token) {
  TRY(protocol_->logoff());
  TRY(protocol_->logon(token));
  token_ = token;
  reauthenticate_before_use = false;
  return {};
}

Outcome<void> Connection::report(TelemetryApi api) {
  if (wants_telemetry_)
    TRY(protocol_->telemetry(api));
  return {};
}

bool Connection::make_clean(Deadline deadline) {
  if (is_defunct())
    return false;
  // An answer that lies about without a request would be taken for that of the next user.
  if (!protocol_->has_pending() && !protocol_->step())
    return false;
  if (protocol_->is_clean())
    return true;
  ++settings_.counters->resets;
  Outcome<ReplyPointer> reset = protocol_->reset();
  return reset && wait(**reset, deadline);
}

bool Connection::is_alive(Deadline deadline) {
  Outcome<ReplyPointer> reset = protocol_->reset();
  ++settings_.counters->resets;
  return reset && wait(**reset, deadline);
}

void Connection::close() {
  if (!transport_)
    return;
  if (protocol_ && !protocol_->is_defunct()) {
    protocol_->output().clear();
    protocol_->goodbye();
    (void)transport_->send(protocol_->output(),
                           std::chrono::steady_clock::now() + farewell_patience);
    protocol_->set_failure_hook({});
    protocol_->lose(make_failure(FailureKind::usage, "the connection was closed by us"));
  }
  transport_->close();
  transport_.reset();
  ++settings_.counters->connections_closed;
}

} // namespace diffo::bolt
