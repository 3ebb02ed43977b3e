#pragma once

#include <diffo/result.h>

#include <string>
#include <string_view>
#include <vector>

namespace diffo::cli {

/// What is known to deviate and is not to be counted: lines of a target and an address, in both of
/// which `*` stands for anything. Thread rule: immutable.
class Exceptions {
public:
  /// Reads a file, or standard input for `-`; empty lines and those that begin with `#` say
  /// nothing. Errors: those of read_input(); invalid, with the line, for one without an address.
  static Result<Exceptions> read(const std::string& file);
  static Result<Exceptions> parse(std::string_view text, const std::string& name);

  [[nodiscard]] bool cover(std::string_view target, std::string_view address) const;

private:
  struct Line {
    std::string target;
    std::string address;
  };
  std::vector<Line> lines_;
};

} // namespace diffo::cli
