#include "outstanding/real_text.h"

#include <charconv>
#include <cmath>

namespace diffo::outstanding {

std::string format_real(double value) {
  char fixed[400];
  char scientific[64];
  const auto fixed_end =
      std::to_chars(fixed, fixed + sizeof fixed, value, std::chars_format::fixed).ptr;
  std::string decimal(fixed, fixed_end);
  if (decimal.find('.') == std::string::npos)
    decimal += ".0";
  const auto end = std::to_chars(scientific, scientific + sizeof scientific, value,
                                 std::chars_format::scientific)
                       .ptr;
  std::string text(scientific, end);
  const std::size_t exponent_at = text.find('e');
  if (exponent_at == std::string::npos)
    return decimal;
  std::string mantissa = text.substr(0, exponent_at);
  if (mantissa.find('.') == std::string::npos)
    mantissa += ".0";
  const std::string exponent = std::to_string(std::stoi(text.substr(exponent_at + 1)));
  std::string with_exponent = mantissa + "e" + exponent;
  // Beyond 2^53 decimal digits would pretend an exactness that a double has not.
  if (std::fabs(value) >= 9007199254740992.0)
    return with_exponent;
  return decimal.size() <= with_exponent.size() ? decimal : with_exponent;
}

} // namespace diffo::outstanding
