#include "cli/exceptions.h"

#include "cli/input.h"

#include <algorithm>

namespace diffo::cli {
namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// Whether the text is of the pattern. What a `*` takes is lengthened only for the last one met, as
/// an earlier one could gain nothing by it; so the work is bounded by the product of the lengths.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t in_pattern = 0;
  std::size_t in_text = 0;
  std::size_t star = std::string_view::npos;
  std::size_t taken = 0;
  while (in_text < text.size()) {
    if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      star = in_pattern++;
      taken = in_text;
    } else if (in_pattern < pattern.size() && pattern[in_pattern] == text[in_text]) {
      ++in_pattern;
      ++in_text;
    } else if (star != std::string_view::npos) {
      in_pattern = star + 1;
      in_text = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', in_pattern) == std::string_view::npos;
}

} // namespace

Result<Exceptions> Exceptions::read(const std::string& file) {
  return parse(TRY(read_input(file)), file);
}

Result<Exceptions> Exceptions::parse(std::string_view text, const std::string& name) {
  Exceptions exceptions;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#')
      continue;
    const std::string_view target = line.substr(0, line.find_first_of(blanks));
    const std::string_view address = trimmed(line.substr(target.size()));
    if (address.empty())
      return Error{ErrorCode::invalid, "must be a target and an address, such as `* name`",
                   name + ':' + std::to_string(number)};
    exceptions.lines_.push_back({std::string(target), std::string(address)});
  }
  return exceptions;
}

bool Exceptions::cover(std::string_view target, std::string_view address) const {
  return std::any_of(lines_.begin(), lines_.end(), [&](const Line& line) {
    return matches(line.target, target) && matches(line.address, address);
  });
}

} // namespace diffo::cli
