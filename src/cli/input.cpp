#include "cli/input.h"

#include "base/file.h"

#include <array>
#include <cstdio>

namespace diffo::cli {

Result<std::string> read_input(const std::string& file) {
  constexpr std::size_t largest_file = std::size_t{64} << 20;
  if (file != "-")
    return read_file(file, largest_file);
  std::string text;
  std::array<char, 65536> piece{};
  while (const std::size_t count = std::fread(piece.data(), 1, piece.size(), stdin)) {
    text.append(piece.data(), count);
    if (text.size() > largest_file)
      return Error{ErrorCode::too_large, "standard input is larger than 64 MiB"};
  }
  return text;
}

} // namespace diffo::cli
