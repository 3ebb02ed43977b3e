#pragma once

#include "server/call.h"
#include "server/parameters.h"

#include <array>
#include <charconv>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// The pages of lists of ours (wire.md §6.2): `limit`, `after`, and the link to what comes behind.
namespace diffo::server {

inline constexpr std::uint64_t most_on_page = 1000;
/// Behind so many bytes a page ends; what is listed may be large.
inline constexpr std::size_t most_page_bytes = std::size_t{8} << 20U;

/// The parameter `limit`, from 1 to most_on_page, which it is when absent. Errors: invalid.
Result<std::uint64_t> limit_in(const Parameters& parameters);

/// Numbers and a text behind them, as a cursor is written: `5.7.id`. Ids may have points. A plain
/// value, ordered as it is read.
template <std::size_t Count> struct CursorText {
  std::array<std::int64_t, Count> numbers{};
  std::string text{};

  [[nodiscard]] std::string print() const {
    std::string printed;
    for (const std::int64_t number : numbers)
      printed += std::to_string(number) + '.';
    return printed + text;
  }
  /// Errors: invalid.
  static Result<CursorText> parse(std::string_view given) {
    CursorText cursor;
    for (std::int64_t& number : cursor.numbers) {
      const auto [end, code] = std::from_chars(given.data(), given.data() + given.size(), number);
      const auto read = static_cast<std::size_t>(end - given.data());
      if (code != std::errc() || read >= given.size() || *end != '.')
        return Error{ErrorCode::invalid, "after: is none that a link gave"};
      given.remove_prefix(read + 1);
    }
    cursor.text = given;
    return cursor;
  }
  friend auto operator<=>(const CursorText&, const CursorText&) = default;
};

/// The `Link` to what comes behind: the same request with another `after`, and without an `offset`.
std::string next_page(const Call& call, std::string_view public_url, std::string_view after);

} // namespace diffo::server
