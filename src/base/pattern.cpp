#include "base/pattern.h"

#include <re2/re2.h>

#include <array>

namespace diffo {

struct Pattern::Program {
  re2::RE2 expression;
};

namespace {

// The memory one program and its caches may use.
constexpr std::int64_t max_program_bytes = std::int64_t{1} << 20;

/// The first of the openings that stands outside of escapes and classes, or nothing.
template <std::size_t Count>
std::string_view find_opening(std::string_view source,
                              const std::array<std::string_view, Count>& openings) {
  bool in_class = false;
  for (std::size_t at = 0; at < source.size(); ++at) {
    const char c = source[at];
    if (c == '\\')
      ++at;
    else if (c == '[')
      in_class = true;
    else if (c == ']')
      in_class = false;
    else if (!in_class)
      for (const std::string_view opening : openings)
        if (source.substr(at).starts_with(opening))
          return opening;
  }
  return {};
}

bool has_back_reference(std::string_view source) {
  for (std::size_t at = 0; at + 1 < source.size(); ++at) {
    if (source[at] != '\\')
      continue;
    const char next = source[++at];
    if ((next >= '1' && next <= '9') || next == 'k')
      return true;
  }
  return false;
}

std::string reason_for_refusal(std::string_view source, const std::string& reason) {
  constexpr std::array<std::string_view, 4> look_around = {"(?=", "(?!", "(?<=", "(?<!"};
  const std::string_view opening = find_opening(source, look_around);
  if (!opening.empty())
    return "look-around \"" + std::string(opening) +
           "\" is not supported, because patterns must run in linear time";
  if (has_back_reference(source))
    return "back references are not supported, because patterns must run in linear time";
  return reason;
}

} // namespace

Result<Pattern> Pattern::compile(std::string_view source, Options options) {
  if (source.size() > max_source_bytes)
    return Error{ErrorCode::too_large,
                 "a pattern may have at most " + std::to_string(max_source_bytes) + " bytes"};
  re2::RE2::Options settings;
  settings.set_log_errors(false);
  settings.set_never_capture(true);
  settings.set_max_mem(max_program_bytes);
  settings.set_case_sensitive(options.letters == Case::sensitive);
  auto program = std::shared_ptr<const Program>(
      new Program{re2::RE2(re2::StringPiece(source.data(), source.size()), settings)});
  const re2::RE2& expression = program->expression;
  if (expression.ok())
    return Pattern(std::move(program));
  if (expression.error_code() == re2::RE2::ErrorPatternTooLarge)
    return Error{ErrorCode::too_large, "the pattern needs too much memory"};
  return Error{ErrorCode::invalid,
               "the pattern is refused: " + reason_for_refusal(source, expression.error())};
}

bool Pattern::search(std::string_view text) const {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), program_->expression);
}

} // namespace diffo
