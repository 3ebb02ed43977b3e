#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace diffo {

/// What kind of thing went wrong. One enumeration for the whole project; it names no protocol.
/// HTTP statuses, exit codes and other outward forms are each derived from it in one place.
enum class ErrorCode : std::uint8_t {
  malformed,           ///< the input cannot be read at all (syntax, encoding)
  invalid,             ///< the input can be read but breaks a rule
  unauthenticated,     ///< who is asking is not known
  forbidden,           ///< who is asking may not
  not_found,           ///< there is no such thing
  gone,                ///< it was there once and is no longer kept
  conflict,            ///< it clashes with what is there
  precondition_failed, ///< it was based on something that has changed since
  too_large,           ///< a bound on size, depth or number was exceeded
  unprocessable,       ///< understood and well formed, but it cannot be done
  no_rule,             ///< no rule exists for a value of this type (outstanding.md §10)
  unsupported,         ///< this build or store does not have the feature
  unavailable,         ///< not now: read-only, overloaded, peer away
  timeout,             ///< it took too long
  outcome_unknown,     ///< it may or may not have happened (a lost commit answer, a failed sync)
  corrupt,             ///< stored bytes are not what was written
  io,                  ///< the operating system refused
  internal,            ///< our own mistake
};

/// The enumerator's own name, e.g. "not_found".
std::string_view name_of(ErrorCode code);

/// Why something could not be done: a code, a sentence for a person, and where.
/// `path` is a JSON pointer, a field, a file or empty. Several problems found at once stand in
/// `problems`; then `message` sums them up.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
  std::string path{};
  std::vector<Error> problems{};

  /// The message with its path and all problems, on one line, for logs and terminals.
  [[nodiscard]] std::string text() const;
};

/// One error of several problems, of which there is at least one: the only one itself, else a sum
/// of them, with their code where all have the same.
Error joined(std::vector<Error> problems);

/// A value or an Error. Its members are named as those of std::expected, so that it can become an
/// alias of that.
template <typename T> class [[nodiscard]] Result {
public:
  using value_type = T;
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  T& value() & { return checked<0>(); }
  const T& value() const& { return const_cast<Result*>(this)->template checked<0>(); }
  T&& value() && { return std::move(checked<0>()); }
  Error& error() & { return checked<1>(); }
  const Error& error() const& { return const_cast<Result*>(this)->template checked<1>(); }
  Error&& error() && { return std::move(checked<1>()); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

private:
  template <std::size_t Index> auto& checked() {
    if (state_.index() != Index) {
      std::fputs(Index == 0 ? "diffo: value of a failed Result\n"
                            : "diffo: error of a good Result\n",
                 stderr);
      std::abort();
    }
    return *std::get_if<Index>(&state_);
  }
  std::variant<T, Error> state_;
};

/// Success without a value, or an Error.
template <> class [[nodiscard]] Result<void> {
public:
  using value_type = void;
  Result() = default;
  Result(Error error) : error_(std::move(error)), failed_(true) {}
  [[nodiscard]] bool has_value() const { return !failed_; }
  explicit operator bool() const { return has_value(); }
  void value() const {}
  Error& error() & { return error_; }
  const Error& error() const& { return error_; }
  Error&& error() && { return std::move(error_); }

private:
  Error error_;
  bool failed_ = false;
};

} // namespace diffo

// NOLINTBEGIN(bugprone-macro-parentheses): a name that is declared cannot stand in parentheses.
/// Yields the value of a Result, or returns its Error from the enclosing function. Each use names
/// its variable anew, so that one TRY may stand inside another.
#define DIFFO_TRY_AS(name, expression)                                                             \
  __extension__({                                                                                  \
    auto name = (expression);                                                                      \
    if (!name)                                                                                     \
      return std::move(name).error();                                                              \
    ::diffo::detail::take(std::move(name));                                                        \
  })
#define DIFFO_TRY_COUNTED(count, expression) DIFFO_TRY_AS(diffo_try_##count, expression)
#define DIFFO_TRY_NUMBERED(count, expression) DIFFO_TRY_COUNTED(count, expression)
#define DIFFO_TRY(expression) DIFFO_TRY_NUMBERED(__COUNTER__, expression)
#define TRY(expression) DIFFO_TRY(expression)
// NOLINTEND(bugprone-macro-parentheses)

namespace diffo::detail {
template <typename T> T take(Result<T>&& result) {
  return std::move(result).value();
}
inline void take(Result<void>&&) {}
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);
} // namespace diffo::detail

/// Ends the process when our own invariant is broken; never used on input.
#define DIFFO_ASSERT(condition)                                                                    \
  ((condition) ? void() : ::diffo::detail::assertion_failed(#condition, __FILE__, __LINE__))
