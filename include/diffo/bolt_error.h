#pragma once

#include <diffo/bolt_value.h>
#include <diffo/result.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace diffo::bolt {

/// Who failed, and how (neo4j.md §2.15).
enum class FailureKind : std::uint8_t {
  client_error,        ///< the server: the request is wrong
  transient_error,     ///< the server: the same request may succeed later
  database_error,      ///< the server: it has a problem of its own
  authentication,      ///< the server: wrong or missing credentials, or not allowed
  token_expired,       ///< the server: the credentials were good once
  service_unavailable, ///< no server could be reached, or the connection was lost
  session_expired,     ///< the chosen member of a cluster is gone or has another role now
  outcome_unknown, ///< the connection was lost while a commit was under way: it may or may not have
                   ///< happened
  pool_timeout,    ///< no connection became free in time
  protocol_error,  ///< the peer does not speak Bolt as it should
  configuration,   ///< options or address that make no sense, or that this server cannot do
  result_consumed, ///< records were asked for after the result was given up
  not_single,      ///< exactly one record was expected
  usage,           ///< calls in an order that makes no sense
};

std::string_view name_of(FailureKind kind);

/// An Error with all that the server told. Where a plain Error is expected it becomes one; `path`
/// then keeps the code.
struct Failure : Error {
  FailureKind kind = FailureKind::client_error;
  std::string server_code{};    ///< `Neo.ClientError.Schema.ConstraintValidationFailed`; empty for
                                ///< failures of the driver
  std::string gql_status{};     ///< five characters; synthesised below Bolt 5.7
  std::string description{};    ///< GQL status description
  std::string classification{}; ///< CLIENT_ERROR, TRANSIENT_ERROR, DATABASE_ERROR, or empty
  Map diagnostic_record{};
  std::vector<Failure> cause{};   ///< at most one; each may have its own
  bool worth_another_try = false; ///< an AuthSource has fetched a new token since

  /// True when a new transaction may succeed where this one failed (neo4j.md §2.12).
  [[nodiscard]] bool retryable() const;
  /// Kind, code, message and causes on one line.
  [[nodiscard]] std::string text() const;
};

/// A failure that the driver found itself.
Failure make_failure(FailureKind kind, std::string message);
/// An Error of another part of the project as a failure.
Failure to_failure(Error error);

/// A value or a Failure; members are named as those of Result, and TRY works on both.
template <typename T> class [[nodiscard]] Outcome {
public:
  using value_type = T;
  Outcome(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Outcome(Failure failure) : state_(std::in_place_index<1>, std::move(failure)) {}
  Outcome(Error error) : state_(std::in_place_index<1>, to_failure(std::move(error))) {}

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  T& value() & { return *checked(std::get_if<0>(&state_)); }
  const T& value() const& { return *checked(std::get_if<0>(&state_)); }
  T&& value() && { return std::move(*checked(std::get_if<0>(&state_))); }
  Failure& error() & { return *checked(std::get_if<1>(&state_)); }
  const Failure& error() const& { return *checked(std::get_if<1>(&state_)); }
  Failure&& error() && { return std::move(*checked(std::get_if<1>(&state_))); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

private:
  template <typename P> static P* checked(P* content) {
    DIFFO_ASSERT(content != nullptr);
    return content;
  }
  std::variant<T, Failure> state_;
};

/// Success without a value, or a Failure.
template <> class [[nodiscard]] Outcome<void> {
public:
  using value_type = void;
  Outcome() = default;
  Outcome(Failure failure) : failure_(std::move(failure)) {}
  Outcome(Error error) : failure_(to_failure(std::move(error))) {}
  [[nodiscard]] bool has_value() const { return !failure_.has_value(); }
  explicit operator bool() const { return has_value(); }
  void value() const { DIFFO_ASSERT(!failure_.has_value()); }
  Failure& error() & { return *failure_; }
  const Failure& error() const& { return *failure_; }
  Failure&& error() && { return std::move(*failure_); }

private:
  std::optional<Failure> failure_;
};

} // namespace diffo::bolt

namespace diffo::detail {
template <typename T> T take(bolt::Outcome<T>&& outcome) {
  return std::move(outcome).value();
}
inline void take(bolt::Outcome<void>&&) {}
} // namespace diffo::detail
