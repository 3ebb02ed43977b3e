#pragma once

#include <diffo/result.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace diffo {

/// What a pattern counts as one character: a byte, as PCRE does without its u option, or a code
/// point of UTF-8.
enum class PatternUnit { byte, code_point };

/// A compiled regular expression that runs in time linear in the text, whatever it and the text
/// are. Thread rule: immutable, any thread.
class Pattern {
public:
  static constexpr std::size_t max_source_bytes = 4096;

  /// Options are letters: i caseless, m `^` and `$` at line ends, s dot takes newlines, x white
  /// space and comments are not part of the pattern, u code points, U ungreedy. Without m, `^` and
  /// `$` are the ends of the whole text.
  /// Errors: invalid for bad syntax and for what cannot run in linear time (look-around, back
  /// references, atomic groups), named; too_large for a source or a program beyond the bounds.
  static Result<std::shared_ptr<const Pattern>> compile(std::string_view source,
                                                        std::string_view options = {},
                                                        PatternUnit unit = PatternUnit::code_point);
  ~Pattern();
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  /// Whether some part of the text matches.
  [[nodiscard]] bool found_in(std::string_view text) const;
  [[nodiscard]] const std::string& source() const { return source_; }
  [[nodiscard]] const std::string& options() const { return options_; }

private:
  struct Compiled;
  Pattern(std::string source, std::string options, std::unique_ptr<const Compiled> compiled);
  std::string source_;
  std::string options_;
  std::unique_ptr<const Compiled> compiled_;
};

} // namespace diffo
