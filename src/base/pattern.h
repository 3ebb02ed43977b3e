#pragma once

#include <diffo/result.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace diffo {

/// A compiled regular expression (RE2 syntax) that runs in time linear in the text, whatever it and
/// the text are. Copies share what was compiled, which never changes. Thread rule: immutable, any
/// thread.
class Pattern {
public:
  static constexpr std::size_t max_source_bytes = 2048;

  enum class Case : std::uint8_t { sensitive, insensitive };
  struct Options {
    Case letters = Case::sensitive;
  };

  /// Errors: invalid for bad syntax and for what cannot run in linear time (look-around, back
  /// references), named; too_large for a source or a program beyond the bounds.
  static Result<Pattern> compile(std::string_view source, Options options);
  static Result<Pattern> compile(std::string_view source) { return compile(source, Options{}); }

  /// True when some part of the text matches.
  [[nodiscard]] bool search(std::string_view text) const;

private:
  struct Program;
  explicit Pattern(std::shared_ptr<const Program> program) : program_(std::move(program)) {}
  std::shared_ptr<const Program> program_; // shared: copies of a filter use one program
};

} // namespace diffo
