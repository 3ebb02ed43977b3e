#include "bolt/messages.h"

namespace diffo::bolt {

namespace {

// Deeper chains than this are cut: a server has no reason for them.
constexpr std::size_t max_cause_depth = 32;

std::string second_segment(std::string_view code) {
  const std::size_t first = code.find('.');
  if (first == std::string_view::npos)
    return {};
  return std::string(code.substr(first + 1, code.find('.', first + 1) - first - 1));
}

FailureKind kind_of(std::string_view code, std::string_view classification) {
  // These two are called transient but are the client's own doing (neo4j.md §2.12).
  if (code == "Neo.TransientError.Transaction.Terminated" ||
      code == "Neo.TransientError.Transaction.LockClientStopped")
    return FailureKind::client_error;
  if (code == "Neo.ClientError.Security.TokenExpired")
    return FailureKind::token_expired;
  if (code.starts_with("Neo.ClientError.Security.") &&
      code != "Neo.ClientError.Security.AuthorizationExpired")
    return FailureKind::authentication;
  const std::string segment = second_segment(code);
  if (segment == "TransientError" || (segment.empty() && classification == "TRANSIENT_ERROR"))
    return FailureKind::transient_error;
  if (segment == "DatabaseError" || (segment.empty() && classification == "DATABASE_ERROR"))
    return FailureKind::database_error;
  return FailureKind::client_error;
}

ErrorCode code_of(const Failure& failure) {
  const std::string_view code = failure.server_code;
  if (code == "Neo.ClientError.Security.Forbidden")
    return ErrorCode::forbidden;
  if (code == "Neo.ClientError.Schema.ConstraintValidationFailed" ||
      code.ends_with("AlreadyExists"))
    return ErrorCode::conflict;
  if (code.ends_with("NotFound"))
    return ErrorCode::not_found;
  if (code.ends_with("TransactionTimedOut") ||
      code.ends_with("TransactionTimedOutClientConfiguration"))
    return ErrorCode::timeout;
  return make_failure(failure.kind, {}).code;
}

std::string upper_with_underscores(std::string_view words) {
  std::string out;
  for (const char c : words) {
    if (c >= 'A' && c <= 'Z' && !out.empty())
      out += '_';
    out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

void fill_diagnostic_record(Failure& failure) {
  for (const auto& [key, value] : {std::pair{"OPERATION", ""}, std::pair{"OPERATION_CODE", "0"},
                                   std::pair{"CURRENT_SCHEMA", "/"}})
    if (!failure.diagnostic_record.contains(key))
      failure.diagnostic_record.set(key, value);
}

Failure read_failure(const Map& metadata, Version version, std::size_t depth) {
  Failure failure;
  failure.message = std::string(metadata.text_of("message"));
  if (failure.message.empty())
    failure.message = "the server gave no reason";
  failure.server_code = std::string(metadata.text_of(version < bolt_5_7 ? "code" : "neo4j_code"));
  if (version >= bolt_5_7) {
    failure.gql_status = std::string(metadata.text_of("gql_status"));
    failure.description = std::string(metadata.text_of("description"));
    if (const Value* record = metadata.find("diagnostic_record"); record && record->get_if<Map>())
      failure.diagnostic_record = record->get<Map>();
    failure.classification = std::string(failure.diagnostic_record.text_of("_classification"));
    const Value* cause = metadata.find("cause");
    if (cause && cause->get_if<Map>() && depth < max_cause_depth)
      failure.cause.push_back(read_failure(cause->get<Map>(), version, depth + 1));
  } else {
    failure.gql_status = "50N42";
    failure.description =
        "error: general processing exception - unexpected error. " + failure.message;
    failure.classification = upper_with_underscores(second_segment(failure.server_code));
  }
  fill_diagnostic_record(failure);
  failure.kind = kind_of(failure.server_code, failure.classification);
  failure.code = code_of(failure);
  failure.path = failure.server_code;
  return failure;
}

std::optional<Milliseconds> milliseconds_of(const Map& metadata, std::string_view key) {
  const Value* value = metadata.find(key);
  const std::int64_t* count = value == nullptr ? nullptr : value->get_if<std::int64_t>();
  return count == nullptr ? std::nullopt : std::optional(Milliseconds{*count});
}

Notification read_notification(const Map& raw) {
  Notification note;
  note.code = std::string(raw.text_of("code"));
  note.title = std::string(raw.text_of("title"));
  note.description = std::string(raw.text_of("description"));
  note.severity = std::string(raw.text_of("severity"));
  note.classification = std::string(raw.text_of("category"));
  note.raw = raw;
  return note;
}

Notification read_status(const Map& raw) {
  Notification note;
  note.code = std::string(raw.text_of("neo4j_code"));
  note.gql_status = std::string(raw.text_of("gql_status"));
  note.title = std::string(raw.text_of("title"));
  note.description =
      std::string(raw.text_of(raw.contains("description") ? "description" : "status_description"));
  if (const Value* record = raw.find("diagnostic_record"); record && record->get_if<Map>()) {
    note.severity = std::string(record->get<Map>().text_of("_severity"));
    note.classification = std::string(record->get<Map>().text_of("_classification"));
  }
  note.raw = raw;
  return note;
}

// Statuses that only say how it ended are no notifications: success, no data, omitted result.
bool only_says_how_it_ended(const Map& raw) {
  const std::string_view status = raw.text_of("gql_status");
  return status == "00000" || status == "02000" || status == "02N42" || status == "00001";
}

} // namespace

Failure failure_of(const Map& metadata, Version version) {
  return read_failure(metadata, version, 0);
}

Summary summary_of(const Map& metadata, Version version) {
  Summary summary;
  summary.query_type = std::string(metadata.text_of("type"));
  summary.database = std::string(metadata.text_of("db"));
  if (metadata.contains("bookmark"))
    summary.bookmark = std::string(metadata.text_of("bookmark"));
  if (const Value* stats = metadata.find("stats"); stats && stats->get_if<Map>())
    summary.counters = stats->get<Map>();
  summary.available_after = milliseconds_of(metadata, "t_first");
  summary.consumed_after = milliseconds_of(metadata, "t_last");
  const bool has_statuses = version >= bolt_5_6;
  const Value* notes = metadata.find(has_statuses ? "statuses" : "notifications");
  if (notes != nullptr && notes->get_if<List>() != nullptr) {
    for (const Value& item : notes->get<List>()) {
      const Map* raw = item.get_if<Map>();
      if (raw == nullptr)
        continue;
      if (!has_statuses)
        summary.notifications.push_back(read_notification(*raw));
      else if (!only_says_how_it_ended(*raw))
        summary.notifications.push_back(read_status(*raw));
    }
  }
  summary.raw = metadata;
  return summary;
}

std::int64_t Summary::counter(std::string_view name) const {
  const Value* value = counters.find(name);
  const std::int64_t* count = value == nullptr ? nullptr : value->get_if<std::int64_t>();
  return count == nullptr ? 0 : *count;
}

} // namespace diffo::bolt
