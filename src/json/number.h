#pragma once

#include <diffo/json.h>

#include <string>
#include <string_view>

namespace diffo::json {

/// How a token stands to the grammar of RFC 8259 §6.
enum class NumberForm : std::uint8_t {
  integer,  ///< no fraction, no exponent
  fraction, ///< a fraction, an exponent or both
  huge,     ///< well formed, but with an exponent of more than nine digits
  none,     ///< not a number
};

/// The form of a whole token; nothing may follow the number.
NumberForm form_of_number(std::string_view token);

/// The value of a token whose form is integer or fraction: integer, real or number, whichever keeps
/// its text.
Value value_of_number(std::string_view token, NumberForm form);

/// The nearest double of a well formed number, infinite beyond the range.
double double_of_number(std::string_view token);

} // namespace diffo::json
