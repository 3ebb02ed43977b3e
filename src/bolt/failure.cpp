#include "diffo/bolt_error.h"

namespace diffo::bolt {

namespace {

ErrorCode code_of(FailureKind kind) {
  switch (kind) {
  case FailureKind::client_error:
  case FailureKind::configuration:
  case FailureKind::usage:
    return ErrorCode::invalid;
  case FailureKind::transient_error:
  case FailureKind::service_unavailable:
  case FailureKind::session_expired:
    return ErrorCode::unavailable;
  case FailureKind::database_error:
    return ErrorCode::unprocessable;
  case FailureKind::authentication:
  case FailureKind::token_expired:
    return ErrorCode::unauthenticated;
  case FailureKind::outcome_unknown:
    return ErrorCode::outcome_unknown;
  case FailureKind::pool_timeout:
    return ErrorCode::timeout;
  case FailureKind::protocol_error:
    return ErrorCode::malformed;
  case FailureKind::result_consumed:
    return ErrorCode::invalid;
  case FailureKind::not_single:
    return ErrorCode::invalid;
  }
  return ErrorCode::internal;
}

} // namespace

std::string_view name_of(FailureKind kind) {
  switch (kind) {
  case FailureKind::client_error:
    return "client error";
  case FailureKind::transient_error:
    return "transient error";
  case FailureKind::database_error:
    return "database error";
  case FailureKind::authentication:
    return "authentication";
  case FailureKind::token_expired:
    return "token expired";
  case FailureKind::service_unavailable:
    return "service unavailable";
  case FailureKind::session_expired:
    return "session expired";
  case FailureKind::outcome_unknown:
    return "outcome unknown";
  case FailureKind::pool_timeout:
    return "pool timeout";
  case FailureKind::protocol_error:
    return "protocol error";
  case FailureKind::configuration:
    return "configuration";
  case FailureKind::result_consumed:
    return "result consumed";
  case FailureKind::not_single:
    return "not single";
  case FailureKind::usage:
    return "usage";
  }
  return "unknown";
}

Failure make_failure(FailureKind kind, std::string message) {
  Failure failure;
  failure.kind = kind;
  failure.code = code_of(kind);
  failure.message = std::move(message);
  return failure;
}

Failure to_failure(Error error) {
  Failure failure;
  static_cast<Error&>(failure) = std::move(error);
  failure.kind = failure.code == ErrorCode::unavailable ? FailureKind::service_unavailable
                                                        : FailureKind::usage;
  return failure;
}

bool Failure::retryable() const {
  if (worth_another_try)
    return true;
  switch (kind) {
  case FailureKind::transient_error:
  case FailureKind::service_unavailable:
  case FailureKind::session_expired:
    return true;
  default:
    return server_code == "Neo.ClientError.Security.AuthorizationExpired" ||
           server_code == "Neo.ClientError.Cluster.NotALeader" ||
           server_code == "Neo.ClientError.General.ForbiddenOnReadOnlyDatabase";
  }
}

std::string Failure::text() const {
  std::string out(name_of(kind));
  if (!server_code.empty())
    out += " " + server_code;
  if (!gql_status.empty())
    out += " (" + gql_status + ")";
  out += ": " + message;
  for (const Failure& reason : cause)
    out += "; caused by " + reason.text();
  return out;
}

} // namespace diffo::bolt
