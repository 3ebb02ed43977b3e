#include "bolt/protocol.h"

namespace diffo::bolt {

std::string_view name_of(ServerState state) {
  switch (state) {
  case ServerState::negotiation:
    return "negotiation";
  case ServerState::authentication:
    return "authentication";
  case ServerState::ready:
    return "ready";
  case ServerState::streaming:
    return "streaming";
  case ServerState::transaction_ready:
    return "transaction ready";
  case ServerState::transaction_streaming:
    return "transaction streaming";
  case ServerState::failed:
    return "failed";
  case ServerState::defunct:
    return "defunct";
  }
  return "?";
}

Protocol::Protocol(Version version, Limits limits)
    : version_(version), limits_(limits), writer_(output_), reader_(limits.chunks),
      sent_(ServerState::negotiation), answered_(ServerState::negotiation) {
  writer_.set_version(version);
}

namespace {

bool in_transaction(ServerState state) {
  return state == ServerState::transaction_ready || state == ServerState::transaction_streaming;
}

bool allowed(Signature request, ServerState state) {
  switch (request) {
  case Signature::hello:
    return state == ServerState::negotiation;
  case Signature::logon:
    return state == ServerState::authentication;
  case Signature::logoff:
  case Signature::begin:
  case Signature::route:
  case Signature::telemetry:
    return state == ServerState::ready;
  case Signature::run:
    return state == ServerState::ready || in_transaction(state);
  case Signature::pull:
  case Signature::discard:
    return state == ServerState::streaming || state == ServerState::transaction_streaming;
  case Signature::commit:
  case Signature::rollback:
    return in_transaction(state);
  default:
    return true;
  }
}

} // namespace

Outcome<void> Protocol::demand(Signature request) const {
  if (is_defunct())
    return first_failure_;
  if (!allowed(request, sent_))
    return make_failure(FailureKind::usage, std::string(name_of(request)) +
                                                " makes no sense while " +
                                                std::string(name_of(sent_)));
  return {};
}

ReplyPointer Protocol::queue(Signature request) {
  auto reply = std::make_shared<Reply>();
  reply->request = request;
  pending_.push_back(reply);
  ++messages_sent_;
  if (trace_)
    trace_("C: " + std::string(name_of(request)));
  return reply;
}

// What the server's state will be once all that was sent has succeeded.
void Protocol::advance_sent(const Reply& reply) {
  switch (reply.request) {
  case Signature::hello:
    sent_ = version_ < bolt_5_1 ? ServerState::ready : ServerState::authentication;
    break;
  case Signature::logoff:
    sent_ = ServerState::authentication;
    break;
  case Signature::run:
    sent_ = in_transaction(sent_) ? ServerState::transaction_streaming : ServerState::streaming;
    break;
  case Signature::pull:
  case Signature::discard:
    if (reply.ends_stream && sent_ == ServerState::streaming)
      sent_ = ServerState::ready;
    break;
  case Signature::begin:
    sent_ = ServerState::transaction_ready;
    break;
  case Signature::logon:
  case Signature::commit:
  case Signature::rollback:
  case Signature::reset:
    sent_ = ServerState::ready;
    break;
  default:
    break;
  }
}

Outcome<ReplyPointer> Protocol::hello(const HelloFields& fields) {
  TRY(demand(Signature::hello));
  TRY(writer_.hello(fields));
  ReplyPointer reply = queue(Signature::hello);
  advance_sent(*reply);
  return reply;
}

Outcome<ReplyPointer> Protocol::logon(const AuthToken& token) {
  TRY(demand(Signature::logon));
  TRY(writer_.logon(token));
  ReplyPointer reply = queue(Signature::logon);
  advance_sent(*reply);
  return reply;
}

Outcome<ReplyPointer> Protocol::queue_bare(Signature request) {
  TRY(demand(request));
  writer_.bare(request);
  ReplyPointer reply = queue(request);
  advance_sent(*reply);
  return reply;
}

Outcome<ReplyPointer> Protocol::logoff() {
  return queue_bare(Signature::logoff);
}
Outcome<ReplyPointer> Protocol::commit() {
  return queue_bare(Signature::commit);
}
Outcome<ReplyPointer> Protocol::rollback() {
  return queue_bare(Signature::rollback);
}

Outcome<ReplyPointer> Protocol::reset() {
  ReplyPointer reply = TRY(queue_bare(Signature::reset));
  ++pending_resets_;
  return reply;
}

void Protocol::goodbye() {
  if (!is_defunct())
    writer_.bare(Signature::goodbye);
}

Outcome<ReplyPointer> Protocol::run(std::string_view query, const Map& parameters,
                                    const TransactionFields* extra) {
  TRY(demand(Signature::run));
  TRY(writer_.run(query, parameters, extra));
  ReplyPointer reply = queue(Signature::run);
  advance_sent(*reply);
  return reply;
}

Outcome<ReplyPointer> Protocol::pull(std::int64_t count, std::optional<std::int64_t> query_id,
                                     std::shared_ptr<RecordBuffer> into) {
  TRY(demand(Signature::pull));
  writer_.pull(count, query_id);
  ReplyPointer reply = queue(Signature::pull);
  reply->records = std::move(into);
  reply->records_due = count;
  reply->ends_stream = count < 0;
  advance_sent(*reply);
  return reply;
}

Outcome<ReplyPointer> Protocol::discard(std::int64_t count, std::optional<std::int64_t> query_id) {
  TRY(demand(Signature::discard));
  writer_.discard(count, query_id);
  ReplyPointer reply = queue(Signature::discard);
  reply->ends_stream = count < 0;
  advance_sent(*reply);
  return reply;
}

Outcome<ReplyPointer> Protocol::begin(const TransactionFields& fields) {
  TRY(demand(Signature::begin));
  TRY(writer_.begin(fields));
  ReplyPointer reply = queue(Signature::begin);
  advance_sent(*reply);
  return reply;
}

Outcome<ReplyPointer> Protocol::route(const Map& context, const Bookmarks& bookmarks,
                                      std::string_view database,
                                      std::string_view impersonated_user) {
  TRY(demand(Signature::route));
  TRY(writer_.route(context, bookmarks, database, impersonated_user));
  return queue(Signature::route);
}

Outcome<ReplyPointer> Protocol::telemetry(TelemetryApi api) {
  TRY(demand(Signature::telemetry));
  writer_.telemetry(api);
  return queue(Signature::telemetry);
}

Outcome<bool> Protocol::step() {
  if (is_defunct())
    return first_failure_;
  std::string_view message;
  switch (reader_.next(message)) {
  case ChunkReader::Status::need_more:
    return false;
  case ChunkReader::Status::failed:
    return broken(reader_.failure());
  case ChunkReader::Status::message:
    break;
  }
  ++messages_received_;
  Outcome<Answer> answer = read_answer(message, version_, limits_.unpack);
  if (!answer)
    return broken(std::move(answer).error());
  TRY(handle(std::move(*answer), message.size()));
  return true;
}

Outcome<void> Protocol::handle(Answer answer, std::size_t size) {
  if (trace_)
    trace_("S: " + std::string(name_of(answer.signature)));
  if (pending_.empty())
    return broken(
        make_failure(FailureKind::protocol_error, "the server answered what was never asked"));
  const ReplyPointer reply = pending_.front();
  if (answer.signature == Signature::record)
    return take_record(*reply, std::move(answer.record), size);
  pending_.pop_front();
  if (reply->request == Signature::reset)
    --pending_resets_;
  switch (answer.signature) {
  case Signature::success:
    if (answered_ == ServerState::failed && reply->request != Signature::reset)
      return broken(make_failure(FailureKind::protocol_error,
                                 "the server went on after a failure without a reset"));
    succeed(*reply, std::move(answer.metadata));
    break;
  case Signature::failure:
    fail(*reply, failure_of(answer.metadata, version_));
    break;
  default:
    if (answered_ != ServerState::failed && pending_resets_ == 0)
      return broken(make_failure(FailureKind::protocol_error,
                                 "the server ignored a request without a reason"));
    reply->state = Reply::State::failed;
    reply->failure = answered_ == ServerState::failed
                         ? first_failure_
                         : make_failure(FailureKind::usage, "interrupted by a reset");
  }
  if (pending_.empty() && !is_defunct())
    sent_ = answered_;
  return {};
}

Outcome<void> Protocol::take_record(Reply& reply, List record, std::size_t size) {
  if (reply.request != Signature::pull || answered_ == ServerState::failed)
    return broken(make_failure(FailureKind::protocol_error,
                               "the server sent a record that nobody asked for"));
  if (reply.records_due == 0)
    return broken(make_failure(FailureKind::protocol_error,
                               "the server sent more records than were asked for"));
  if (reply.records_due > 0)
    --reply.records_due;
  RecordBuffer& buffer = *reply.records;
  buffer.bytes_since_empty = size + (buffer.records.empty() ? 0 : buffer.bytes_since_empty);
  if (buffer.bytes_since_empty > buffer.max_bytes) {
    Failure failure =
        make_failure(FailureKind::usage, "the result is larger than max_buffered_bytes");
    failure.code = ErrorCode::too_large;
    return broken(std::move(failure));
  }
  buffer.bytes_received += size;
  reply.records->records.push_back(std::move(record));
  return {};
}

void Protocol::succeed(Reply& reply, Map metadata) {
  reply.state = Reply::State::success;
  reply.metadata = std::move(metadata);
  advance_answered(reply);
}

void Protocol::advance_answered(const Reply& reply) {
  switch (reply.request) {
  case Signature::hello:
    answered_ = version_ < bolt_5_1 ? ServerState::ready : ServerState::authentication;
    break;
  case Signature::logoff:
    answered_ = ServerState::authentication;
    break;
  case Signature::run:
    ++open_streams_;
    answered_ =
        in_transaction(answered_) ? ServerState::transaction_streaming : ServerState::streaming;
    break;
  case Signature::pull:
  case Signature::discard: {
    const Value* more = reply.metadata.find("has_more");
    const bool has_more = more != nullptr && more->get_if<bool>() != nullptr && more->get<bool>();
    if (has_more || open_streams_ == 0)
      break;
    --open_streams_;
    if (open_streams_ == 0)
      answered_ = in_transaction(answered_) ? ServerState::transaction_ready : ServerState::ready;
    break;
  }
  case Signature::begin:
    answered_ = ServerState::transaction_ready;
    break;
  case Signature::logon:
  case Signature::commit:
  case Signature::rollback:
  case Signature::reset:
    open_streams_ = 0;
    answered_ = ServerState::ready;
    break;
  default:
    break;
  }
}

void Protocol::fail(Reply& reply, Failure failure) {
  if (on_failure_)
    on_failure_(failure);
  if (trace_)
    trace_("S: " + failure.server_code);
  reply.state = Reply::State::failed;
  reply.failure = failure;
  switch (reply.request) {
  case Signature::hello:
  case Signature::logon:
  case Signature::logoff:
  case Signature::reset:
    // The server closes after these (neo4j.md §2.7); what else was sent on has the same answer.
    first_failure_ = std::move(failure);
    answered_ = sent_ = ServerState::defunct;
    for (const ReplyPointer& other : pending_) {
      other->state = Reply::State::failed;
      other->failure = first_failure_;
    }
    pending_.clear();
    return;
  default:
    if (answered_ != ServerState::failed)
      first_failure_ = std::move(failure);
    answered_ = sent_ = ServerState::failed;
  }
}

Failure Protocol::broken(Failure failure) {
  lose(std::move(failure));
  return first_failure_;
}

void Protocol::lose(Failure failure) {
  if (is_defunct())
    return;
  if (on_failure_)
    on_failure_(failure);
  first_failure_ = std::move(failure);
  answered_ = sent_ = ServerState::defunct;
  for (const ReplyPointer& reply : pending_) {
    reply->state = Reply::State::failed;
    reply->failure = first_failure_;
  }
  pending_.clear();
  output_.clear();
}

} // namespace diffo::bolt
