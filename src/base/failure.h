#pragma once

#include <diffo/result.h>

#include <functional>
#include <optional>
#include <string_view>
#include <utility>

namespace diffo {

/// Told of every exception that came to the top of a thread's work: where that was, and what it
/// said. Any thread; must not throw.
using FailureObserver = std::function<void(std::string_view where, const Error& failure)>;

/// Reads the exception being handled and tells the observer (which may be empty) of it. The error
/// is `unavailable` when memory ran out, which passes, and `internal` for anything else, which is
/// our own mistake. Only inside a catch block.
Error note_current_exception(const FailureObserver& observer, std::string_view where) noexcept;

/// Runs work that has nobody above it who could catch: the one place where exceptions end. Nothing
/// is swallowed: the observer is told and the error returned.
template <typename Work>
std::optional<Error> guarded(const FailureObserver& observer, std::string_view where,
                             Work&& work) noexcept {
  try {
    std::forward<Work>(work)();
  } catch (...) {
    return note_current_exception(observer, where);
  }
  return std::nullopt;
}

} // namespace diffo
