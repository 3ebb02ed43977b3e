#include <diffo/result.h>

#include <algorithm>

namespace diffo {

std::string_view name_of(ErrorCode code) {
  switch (code) {
  case ErrorCode::malformed:
    return "malformed";
  case ErrorCode::invalid:
    return "invalid";
  case ErrorCode::unauthenticated:
    return "unauthenticated";
  case ErrorCode::forbidden:
    return "forbidden";
  case ErrorCode::not_found:
    return "not_found";
  case ErrorCode::gone:
    return "gone";
  case ErrorCode::conflict:
    return "conflict";
  case ErrorCode::precondition_failed:
    return "precondition_failed";
  case ErrorCode::too_large:
    return "too_large";
  case ErrorCode::unprocessable:
    return "unprocessable";
  case ErrorCode::no_rule:
    return "no_rule";
  case ErrorCode::unsupported:
    return "unsupported";
  case ErrorCode::unavailable:
    return "unavailable";
  case ErrorCode::timeout:
    return "timeout";
  case ErrorCode::outcome_unknown:
    return "outcome_unknown";
  case ErrorCode::corrupt:
    return "corrupt";
  case ErrorCode::io:
    return "io";
  case ErrorCode::internal:
    return "internal";
  }
  return "unknown";
}

std::string Error::text() const {
  std::string out = path.empty() ? message : path + ": " + message;
  for (const Error& problem : problems) {
    out += "; ";
    out += problem.text();
  }
  return out;
}

namespace detail {
void assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "diffo: %s:%d: broken invariant: %s\n", file, line, condition);
  std::abort();
}
} // namespace detail

Error joined(std::vector<Error> problems) {
  DIFFO_ASSERT(!problems.empty());
  if (problems.size() == 1)
    return std::move(problems.front());
  const ErrorCode first = problems.front().code;
  const bool alike = std::all_of(problems.begin(), problems.end(),
                                 [first](const Error& one) { return one.code == first; });
  const std::string message = std::to_string(problems.size()) + " problems";
  return {alike ? first : ErrorCode::invalid, message, {}, std::move(problems)};
}

} // namespace diffo
