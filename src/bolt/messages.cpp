#include "bolt/messages.h"

#include "bolt/chunk.h"

#include <diffo/version.h>

namespace diffo::bolt {

std::string_view name_of(Signature signature) {
  switch (signature) {
  case Signature::hello:
    return "HELLO";
  case Signature::goodbye:
    return "GOODBYE";
  case Signature::reset:
    return "RESET";
  case Signature::run:
    return "RUN";
  case Signature::begin:
    return "BEGIN";
  case Signature::commit:
    return "COMMIT";
  case Signature::rollback:
    return "ROLLBACK";
  case Signature::discard:
    return "DISCARD";
  case Signature::pull:
    return "PULL";
  case Signature::telemetry:
    return "TELEMETRY";
  case Signature::route:
    return "ROUTE";
  case Signature::logon:
    return "LOGON";
  case Signature::logoff:
    return "LOGOFF";
  case Signature::success:
    return "SUCCESS";
  case Signature::record:
    return "RECORD";
  case Signature::ignored:
    return "IGNORED";
  case Signature::failure:
    return "FAILURE";
  }
  return "?";
}

namespace {

List list_of(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

void add_filter(Map& out, const NotificationFilter& filter, Version version) {
  if (version < bolt_5_2)
    return;
  if (!filter.minimum_severity.empty())
    out.set("notifications_minimum_severity", filter.minimum_severity);
  if (filter.disabled_classifications)
    out.set(version < bolt_5_6 ? "notifications_disabled_categories"
                               : "notifications_disabled_classifications",
            list_of(*filter.disabled_classifications));
}

void add_auth(Map& out, const AuthToken& token) {
  out.set("scheme", token.scheme);
  if (!token.principal.empty() || token.scheme == "basic")
    out.set("principal", token.principal);
  if (!token.credentials.reveal().empty() || token.scheme == "basic")
    out.set("credentials", token.credentials.reveal());
  if (!token.realm.empty())
    out.set("realm", token.realm);
  if (!token.parameters.empty())
    out.set("parameters", token.parameters);
}

Map extra_of(const TransactionFields& fields, Version version) {
  Map out;
  if (!fields.bookmarks.empty())
    out.set("bookmarks", list_of(fields.bookmarks));
  if (fields.timeout)
    out.set("tx_timeout", std::int64_t{fields.timeout->count()});
  if (!fields.metadata.empty())
    out.set("tx_metadata", fields.metadata);
  if (fields.mode == AccessMode::read)
    out.set("mode", "r");
  if (!fields.database.empty())
    out.set("db", fields.database);
  if (!fields.impersonated_user.empty())
    out.set("imp_user", fields.impersonated_user);
  add_filter(out, fields.notifications, version);
  return out;
}

Map bolt_agent() {
  return {{"product", std::string("diffo-bolt/") + version}, {"language", "C++/20"}};
}

} // namespace

template <typename Content>
Outcome<void> RequestWriter::write(Signature signature, std::size_t fields, Content content) {
  ChunkWriter chunks(out_);
  chunks.begin();
  Packer packer(out_);
  packer.structure_header(fields, static_cast<std::uint8_t>(signature));
  Outcome<void> written = content(packer);
  if (!written) {
    chunks.abandon();
    return written;
  }
  chunks.end();
  return {};
}

Outcome<void> RequestWriter::hello(const HelloFields& fields) {
  Map out{{"user_agent", fields.user_agent}};
  if (version_ >= bolt_5_3)
    out.set("bolt_agent", bolt_agent());
  if (fields.routing)
    out.set("routing", *fields.routing);
  add_filter(out, fields.notifications, version_);
  if (version_ < bolt_5_1)
    add_auth(out, fields.auth);
  return write(Signature::hello, 1, [&](Packer& packer) { return pack(packer, out, version_); });
}

Outcome<void> RequestWriter::logon(const AuthToken& token) {
  Map out;
  add_auth(out, token);
  return write(Signature::logon, 1, [&](Packer& packer) { return pack(packer, out, version_); });
}

Outcome<void> RequestWriter::run(std::string_view query, const Map& parameters,
                                 const TransactionFields* extra) {
  return write(Signature::run, 3, [&](Packer& packer) -> Outcome<void> {
    if (query.size() > max_size || !is_utf8(query))
      return make_failure(FailureKind::usage, "a query that is no UTF-8 text of a sendable size");
    packer.string(query);
    TRY(pack(packer, parameters, version_));
    return pack(packer, extra == nullptr ? Map{} : extra_of(*extra, version_), version_);
  });
}

Outcome<void> RequestWriter::begin(const TransactionFields& fields) {
  return write(Signature::begin, 1,
               [&](Packer& packer) { return pack(packer, extra_of(fields, version_), version_); });
}

namespace {

Outcome<void> write_portion(Packer& packer, std::int64_t count,
                            std::optional<std::int64_t> query_id) {
  packer.map_header(query_id ? 2 : 1);
  packer.string("n");
  packer.integer(count);
  if (query_id) {
    packer.string("qid");
    packer.integer(*query_id);
  }
  return {};
}

} // namespace

void RequestWriter::pull(std::int64_t count, std::optional<std::int64_t> query_id) {
  (void)write(Signature::pull, 1,
              [&](Packer& packer) { return write_portion(packer, count, query_id); });
}

void RequestWriter::discard(std::int64_t count, std::optional<std::int64_t> query_id) {
  (void)write(Signature::discard, 1,
              [&](Packer& packer) { return write_portion(packer, count, query_id); });
}

Outcome<void> RequestWriter::route(const Map& context, const Bookmarks& bookmarks,
                                   std::string_view database, std::string_view impersonated_user) {
  return write(Signature::route, 3, [&](Packer& packer) -> Outcome<void> {
    TRY(pack(packer, context, version_));
    TRY(pack(packer, Value(list_of(bookmarks)), version_));
    Map extra;
    if (!database.empty())
      extra.set("db", database);
    if (!impersonated_user.empty())
      extra.set("imp_user", impersonated_user);
    return pack(packer, extra, version_);
  });
}

void RequestWriter::telemetry(TelemetryApi api) {
  (void)write(Signature::telemetry, 1, [&](Packer& packer) -> Outcome<void> {
    packer.integer(static_cast<std::int64_t>(api));
    return {};
  });
}

void RequestWriter::bare(Signature signature) {
  (void)write(signature, 0, [](Packer&) -> Outcome<void> { return {}; });
}

Outcome<Answer> read_answer(std::string_view message, Version version, const UnpackLimits& limits) {
  Unpacker reader(message, version, limits);
  Answer answer;
  std::size_t fields = 0;
  std::uint8_t tag = 0;
  if (!reader.structure_header(fields, tag))
    return reader.failure();
  answer.signature = static_cast<Signature>(tag);
  bool good = false;
  switch (answer.signature) {
  case Signature::record:
    good = fields == 1 && reader.list(answer.record);
    break;
  case Signature::success:
  case Signature::failure:
    good = fields == 1 && reader.map(answer.metadata);
    break;
  case Signature::ignored:
    // Old servers send an empty map along.
    good = fields == 0 || (fields == 1 && reader.map(answer.metadata));
    break;
  default:
    return make_failure(FailureKind::protocol_error,
                        "the server sent a message that is none of its own: " +
                            std::to_string(tag));
  }
  if (!good)
    return reader.failure();
  if (!reader.at_end())
    return make_failure(FailureKind::protocol_error, "bytes behind the end of a message");
  return answer;
}

} // namespace diffo::bolt
