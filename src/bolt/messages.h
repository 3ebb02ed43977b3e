#pragma once

#include "bolt/packstream.h"
#include "bolt/version.h"

#include <diffo/bolt.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace diffo::bolt {

/// Signatures of neo4j.md §2.6.
enum class Signature : std::uint8_t {
  hello = 0x01,
  goodbye = 0x02,
  reset = 0x0F,
  run = 0x10,
  begin = 0x11,
  commit = 0x12,
  rollback = 0x13,
  discard = 0x2F,
  pull = 0x3F,
  telemetry = 0x54,
  route = 0x66,
  logon = 0x6A,
  logoff = 0x6B,
  success = 0x70,
  record = 0x71,
  ignored = 0x7E,
  failure = 0x7F,
};

/// "RUN"
std::string_view name_of(Signature signature);

/// Which of the driver's calls a transaction came from, as TELEMETRY numbers them.
enum class TelemetryApi : std::uint8_t {
  managed = 0,
  explicit_transaction = 1,
  auto_commit = 2,
  execute = 3
};

struct HelloFields {
  std::string user_agent{};
  std::optional<Map> routing{}; ///< nothing: no routing
  AuthToken auth{};             ///< sent here up to 5.0
  NotificationFilter notifications{};
};

/// What RUN and BEGIN may carry; defaults are left out on the wire.
struct TransactionFields {
  Bookmarks bookmarks{};
  std::optional<Milliseconds> timeout{};
  Map metadata{};
  AccessMode mode = AccessMode::write;
  std::string database{};
  std::string impersonated_user{};
  NotificationFilter notifications{};
};

/// Appends framed requests in the form of one version. On failure nothing is appended. One thread.
class RequestWriter {
public:
  explicit RequestWriter(std::string& out) : out_(out) {}
  void set_version(Version version) { version_ = version; }

  Outcome<void> hello(const HelloFields& fields);
  Outcome<void> logon(const AuthToken& token);
  /// Inside an explicit transaction `extra` is empty.
  Outcome<void> run(std::string_view query, const Map& parameters, const TransactionFields* extra);
  Outcome<void> begin(const TransactionFields& fields);
  void pull(std::int64_t count, std::optional<std::int64_t> query_id);
  void discard(std::int64_t count, std::optional<std::int64_t> query_id);
  Outcome<void> route(const Map& context, const Bookmarks& bookmarks, std::string_view database,
                      std::string_view impersonated_user);
  void telemetry(TelemetryApi api);
  /// LOGOFF, COMMIT, ROLLBACK, RESET, GOODBYE.
  void bare(Signature signature);

private:
  template <typename Content>
  Outcome<void> write(Signature signature, std::size_t fields, Content content);

  std::string& out_;
  Version version_ = bolt_5_8;
};

/// An answer of the server.
struct Answer {
  Signature signature = Signature::success;
  Map metadata{}; ///< of SUCCESS and FAILURE
  List record{};  ///< of RECORD
};

Outcome<Answer> read_answer(std::string_view message, Version version,
                            const UnpackLimits& limits = {});

/// A FAILURE's metadata as a failure, in the form of its version (neo4j.md §2.15).
Failure failure_of(const Map& metadata, Version version);

/// A SUCCESS that ends a result as a summary.
Summary summary_of(const Map& metadata, Version version);

} // namespace diffo::bolt
