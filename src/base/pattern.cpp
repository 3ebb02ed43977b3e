#include "base/pattern.h"

#include <re2/re2.h>

namespace diffo {

struct Pattern::Compiled {
  re2::RE2 program;
  Compiled(const std::string& text, const re2::RE2::Options& options) : program(text, options) {}
};

namespace {

// Instructions; what RE2 allows within a megabyte, so that compiling stays cheap too.
constexpr int max_program_size = 30'000;

/// The x option of PCRE: white space and `#` comments outside of classes are left out. RE2 has no
/// such option.
std::string without_comments(std::string_view source) {
  std::string kept;
  bool in_class = false;
  for (std::size_t index = 0; index < source.size(); ++index) {
    const char character = source[index];
    if (character == '\\' && index + 1 < source.size()) {
      kept += character;
      kept += source[++index];
      continue;
    }
    if (character == '[')
      in_class = true;
    if (character == ']')
      in_class = false;
    if (!in_class && character == '#') {
      while (index < source.size() && source[index] != '\n')
        ++index;
      continue;
    }
    if (!in_class && (character == ' ' || (character >= '\t' && character <= '\r')))
      continue;
    kept += character;
  }
  return kept;
}

/// Whether the source has `opening` outside of an escape and a class.
bool has_unescaped(std::string_view source, std::string_view opening) {
  bool in_class = false;
  for (std::size_t index = 0; index < source.size(); ++index) {
    if (source[index] == '\\') {
      ++index;
      continue;
    }
    if (source[index] == '[')
      in_class = true;
    if (source[index] == ']')
      in_class = false;
    if (!in_class && source.substr(index).starts_with(opening))
      return true;
  }
  return false;
}

std::string why_refused(std::string_view source, const std::string& reason) {
  for (const std::string_view look : {"(?=", "(?!", "(?<=", "(?<!"})
    if (has_unescaped(source, look))
      return "look-around (" + std::string(look) +
             ") is not supported: patterns must run in linear time";
  for (std::size_t index = 0; index + 1 < source.size(); ++index) {
    if (source[index] != '\\')
      continue;
    const char next = source[++index];
    if ((next >= '1' && next <= '9') || next == 'k' || next == 'g')
      return "back references are not supported: patterns must run in linear time";
  }
  if (has_unescaped(source, "(?>"))
    return "atomic groups are not supported: patterns must run in linear time";
  return reason;
}

} // namespace

Pattern::Pattern(std::string source, std::string options, std::unique_ptr<const Compiled> compiled)
    : source_(std::move(source)), options_(std::move(options)), compiled_(std::move(compiled)) {}

Pattern::~Pattern() = default;

Result<std::shared_ptr<const Pattern>>
Pattern::compile(std::string_view source, std::string_view options, PatternUnit unit) {
  if (source.size() > max_source_bytes)
    return Error{ErrorCode::too_large,
                 "a pattern may have at most " + std::to_string(max_source_bytes) + " bytes"};
  std::string flags;
  bool extended = false;
  for (const char option : options) {
    if (option == 'x')
      extended = true;
    else if (option == 'u')
      unit = PatternUnit::code_point;
    else if (std::string_view("imsU").find(option) != std::string_view::npos)
      flags += option;
    else
      return Error{ErrorCode::invalid, "unknown pattern option '" + std::string(1, option) +
                                           "'; there are i, m, s, x, u and U"};
  }
  std::string text = extended ? without_comments(source) : std::string(source);
  if (!flags.empty())
    text.insert(0, "(?" + flags + ")");
  re2::RE2::Options settings;
  settings.set_log_errors(false);
  settings.set_never_capture(true);
  // With less, counted repetitions within others leave the automaton that is built as it runs, and
  // take a hundred times as long.
  settings.set_max_mem(std::int64_t{8} << 20);
  settings.set_encoding(unit == PatternUnit::byte ? re2::RE2::Options::EncodingLatin1
                                                  : re2::RE2::Options::EncodingUTF8);
  auto compiled = std::make_unique<const Compiled>(text, settings);
  if (!compiled->program.ok())
    return Error{compiled->program.error_code() == re2::RE2::ErrorPatternTooLarge
                     ? ErrorCode::too_large
                     : ErrorCode::invalid,
                 "the pattern " + std::string(source) +
                     " is refused: " + why_refused(source, compiled->program.error())};
  if (compiled->program.ProgramSize() > max_program_size)
    return Error{ErrorCode::too_large, "the pattern " + std::string(source.substr(0, 100)) +
                                           " is refused: it repeats too much"};
  return std::shared_ptr<const Pattern>(
      new Pattern(std::string(source), std::string(options), std::move(compiled)));
}

bool Pattern::found_in(std::string_view text) const {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), compiled_->program);
}

} // namespace diffo
