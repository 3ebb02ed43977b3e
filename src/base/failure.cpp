#include "base/failure.h"

#include <exception>
#include <new>
#include <string>

namespace diffo {
namespace {

// Short enough to be kept without asking for memory.
constexpr const char* no_memory = "out of memory";

Error error_of_current_exception() {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::unavailable, no_memory};
  } catch (const std::exception& failure) {
    return Error{ErrorCode::internal, failure.what()};
  } catch (...) {
    return Error{ErrorCode::internal, "unknown"};
  }
}

} // namespace

Error note_current_exception(const FailureObserver& observer, std::string_view where) noexcept {
  Error error{ErrorCode::unavailable, no_memory};
  try {
    error = error_of_current_exception();
    if (observer)
      observer(where, error);
  } catch (...) {
    // Even saying so failed, which only a lack of memory explains; the caller still acts on it.
    error.code = ErrorCode::unavailable;
  }
  return error;
}

} // namespace diffo
