#pragma once

#include "base/time.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The one reader of dates: what filters, indexes, sort orders, expectations and texts of dates
/// ask.
namespace diffo {

/// How finely a date text says when.
enum class DatePrecision : std::uint8_t { year, month, day, minute, second, fraction };

/// A date text taken apart. A plain value.
struct DateParts {
  DatePrecision precision = DatePrecision::year;
  int year = 1970; ///< -9999 to 9999
  int month = 1;
  int day = 1;
  std::int64_t time_of_day = 0; ///< microseconds; those of a leap second are behind the minute
  int fraction_digits = 0;      ///< as written, at most 6
  bool leap_second = false;
  std::optional<std::int64_t> offset{}; ///< microseconds ahead of UTC; nothing: none was written
};

/// Reads `2026`, `2026-06`, `2026-06-22`, `2026-06-22T01:02`, `…T01:02:03` and `…T01:02:03.004`, a
/// time followed by nothing, `Z`, `+02`, `+0200` or `+02:00` (ISO 8601 extended form, of which RFC
/// 3339 is a part). The time stands behind `T` or a space, in either case of letters; a fraction
/// behind `.` or `,`, of which what is finer than a microsecond is dropped; a space stands for the
/// `+` that a URL lost. Nothing for every other text. Does not allocate.
std::optional<DateParts> parse_date_parts(std::string_view text);

/// A time of day alone, `01:02`, `01:02:03` or `01:02:03.004`, as parts of that precision.
std::optional<DateParts> parse_time_parts(std::string_view text);

/// The moments that a date text means at the precision it is written in: `2013` is a year,
/// `2026-06-22T01:02:03.004Z` a millisecond. Microseconds since 1970; `until` is not one of them. A
/// text that is stored counts as its first moment: so it is indexed, sorted and compared.
struct InstantRange {
  std::int64_t from = 0;
  std::int64_t until = 0;
  DatePrecision precision = DatePrecision::day;
  bool has_offset = false; ///< else it was read as UTC

  [[nodiscard]] bool has_day() const { return precision >= DatePrecision::day; }
  [[nodiscard]] bool has_time() const { return precision >= DatePrecision::minute; }
  /// less: the moment lies before all of these; equivalent: it is one of them.
  [[nodiscard]] std::weak_ordering order_of(std::int64_t microseconds) const;
};

/// The moments of whatever parse_date_parts reads, UTC where no offset is written. A leap second is
/// read as the second after it, and only where one can be: at the end of a day in UTC (RFC 3339
/// §5.7). Nothing for other texts and for moments outside the years 0000–9999.
std::optional<InstantRange> parse_instants(std::string_view text);

/// The moment as which a stored text is indexed, sorted and compared; nothing: it is a text.
std::optional<std::int64_t> moment_of(std::string_view text, Reading reading);

/// A text that others are compared with, read once. Thread rule: immutable.
class TextOperand {
public:
  TextOperand(std::string text, Reading reading);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] Reading reading() const { return reading_; }
  /// Nothing for what is no date, and under Reading::text.
  [[nodiscard]] const std::optional<InstantRange>& instants() const { return instants_; }

  /// Where a text lies from this one; less: before it. Two dates compare as instants at the
  /// precision of this one; under Reading::value one without a day only with a date and time. A
  /// date and a text that is none are equivalent when they are the same
  /// text, else unordered: neither equal nor before nor behind. Texts compare by code point, but
  /// have no order under Reading::instant.
  [[nodiscard]] std::partial_ordering order_of(std::string_view text) const;
  /// The same for a moment; unordered when this is no date.
  [[nodiscard]] std::partial_ordering order_of_moment(std::int64_t microseconds) const;

private:
  std::string text_;
  Reading reading_;
  std::optional<InstantRange> instants_;
};

} // namespace diffo
