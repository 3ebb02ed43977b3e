#include "json/number.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <charconv>
#include <cmath>
#include <cstring>

using namespace diffo::json;

namespace {

Value number(const std::string& text) {
  auto value = read(text);
  REQUIRE_MESSAGE(value, text);
  return *value;
}

std::string text_of_real(double real) {
  std::string out;
  write_real(real, out);
  return out;
}

double double_from_bits(std::uint64_t bits) {
  double real = 0;
  std::memcpy(&real, &bits, sizeof real);
  return real;
}

} // namespace

TEST_CASE("each number has the kind that keeps its text") {
  const std::pair<const char*, Kind> kinds[] = {
      {"0", Kind::integer},
      {"-1", Kind::integer},
      {"9223372036854775807", Kind::integer},
      {"-9223372036854775808", Kind::integer},
      {"9223372036854775808", Kind::number},
      {"-9223372036854775809", Kind::number},
      {"-0", Kind::number},
      {"0.0", Kind::real},
      {"-0.0", Kind::real},
      {"5.0", Kind::real},
      {"0.1", Kind::real},
      {"1.0e22", Kind::real},
      {"1.5e-7", Kind::real},
      {"1234567.125", Kind::real},
      {"138.71665", Kind::real},
      {"1e3", Kind::number},
      {"1.50", Kind::number},
      {"1.0e3", Kind::number},
      {"1E22", Kind::number},
      {"1.0E22", Kind::number},
      {"1e400", Kind::number},
      {"0.1000000000000000055", Kind::number},
      {"123456789.123456789123456789", Kind::number},
  };
  for (const auto& [text, kind] : kinds) {
    CAPTURE(text);
    CHECK(number(text).kind() == kind);
    CHECK(to_text(number(text)) == text);
  }
}

TEST_CASE("exponents of more than nine digits are refused") {
  CHECK(read("1e999999999"));
  CHECK(read("1e1000000000").error().code == diffo::ErrorCode::too_large);
  CHECK(read("[1e-00000000001]").error().code == diffo::ErrorCode::too_large);
}

TEST_CASE("a real is written shortest, with its point") {
  const std::pair<double, const char*> texts[] = {
      {0.0, "0.0"},
      {-0.0, "-0.0"},
      {1.0, "1.0"},
      {-5.0, "-5.0"},
      {0.1, "0.1"},
      {100000.0, "100000.0"},
      {1e15, "1000000000000000.0"},
      {1e16, "1.0e16"},
      {1e22, "1.0e22"},
      {1.5e300, "1.5e300"},
      {1e-5, "0.00001"},
      {1e-6, "1.0e-6"},
      {-1.25e-7, "-1.25e-7"},
      {5e-324, "5.0e-324"},
      {1.7976931348623157e308, "1.7976931348623157e308"},
      {123456.789, "123456.789"},
      {0.30000000000000004, "0.30000000000000004"},
  };
  for (const auto& [real, text] : texts)
    CHECK(text_of_real(real) == text);
  CHECK(text_of_real(std::nan("")) == "null");
  CHECK(text_of_real(HUGE_VAL) == "null");
}

TEST_CASE("every finite double survives writing and reading") {
  CHECK(rc::check("double to text to double", [](std::uint64_t bits) {
    const double real = double_from_bits(bits);
    RC_PRE(std::isfinite(real));
    const std::string text = text_of_real(real);
    auto back = read(text);
    RC_ASSERT(back.has_value());
    RC_ASSERT(back->kind() == Kind::real);
    const double again = back->real();
    RC_ASSERT(std::memcmp(&again, &real, sizeof real) == 0);
  }));
}

TEST_CASE("any number's text survives") {
  CHECK(rc::check("text to value to text", [](bool negative, std::uint64_t whole,
                                              std::uint32_t fraction, std::uint8_t zeros,
                                              std::int8_t exponent, std::uint8_t form) {
    std::string text = (negative ? "-" : "") + std::to_string(whole >> form % 64U);
    if (form % 3 != 0)
      text += "." + std::to_string(fraction) + std::string(zeros % 5U, '0');
    if (form % 5 == 0)
      text += (form % 2 == 0 ? "e" : "E+") +
              std::to_string(form % 2 == 0 ? exponent : std::abs(exponent));
    auto value = read(text);
    RC_ASSERT(value.has_value());
    RC_ASSERT(to_text(*value) == text);
    double nearest = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), nearest).ec == std::errc())
      RC_ASSERT(value->as_double() == nearest);
  }));
}

TEST_CASE("numbers compare by value, exactly") {
  // Each line ascends; what stands together in a line's cell is equal.
  const std::vector<std::vector<std::string>> ascending = {
      {"-1e400"},
      {"-1e309", "-10e308"},
      {"-9223372036854775809"},
      {"-9223372036854775808", "-9223372036854775808.0", "-9.223372036854775808e18"},
      {"-2", "-2.0", "-0.2e1"},
      {"-1.5"},
      {"-1e-400"},
      {"0", "-0", "0.0", "-0.0", "0e5", "0.000e-7", "-0e400"},
      {"1e-400"},
      {"5.0e-324"},
      {"0.1", "0.10", "1e-1", "0.01e1", "0.1000000000000000000000000000000"},
      {"0.1000000000000000055511151231257827021181583404541015625"},
      {"1", "1.0", "1e0", "10e-1", "0.1e1"},
      {"1.0000000000000000000000000000001"},
      {"9007199254740992", "9007199254740992.0", "9.007199254740992e15"},
      {"9007199254740993", "9007199254740993.0"},
      {"9007199254740994"},
      {"9223372036854775807", "9223372036854775807.000"},
      {"9223372036854775808"},
      {"1e19", "10000000000000000000"},
      {"1.0e22", "10000000000000000000000"},
      {"10000000000000000000001"},
      {"1" + std::string(399, '0') + "0", "1e400", "0." + std::string(100, '0') + "1e501"},
      {"1" + std::string(399, '0') + "1"},
      {"1e999999999"},
  };
  for (std::size_t left = 0; left < ascending.size(); ++left) {
    for (std::size_t right = 0; right < ascending.size(); ++right) {
      for (const std::string& a : ascending[left]) {
        for (const std::string& b : ascending[right]) {
          CAPTURE(a);
          CAPTURE(b);
          CHECK(compare_numbers(number(a), number(b)) == (left < right   ? -1
                                                          : left > right ? 1
                                                                         : 0));
          CHECK((number(a) == number(b)) == (left == right));
        }
      }
    }
  }
}

TEST_CASE("integers and reals compare as their decimals do") {
  CHECK(rc::check(
      "integer against real", [](std::int64_t integer, std::int64_t near, std::uint64_t bits) {
        const double real = bits % 2 == 0 ? static_cast<double>(integer) : double_from_bits(bits);
        RC_PRE(std::isfinite(real));
        const Value left(bits % 3 == 0 ? near : integer);
        const Value right(real);
        const Value left_text(Number{to_text(left) + ".00"});
        const Value right_text(Number{to_text(right)});
        const int order = compare_numbers(left, right);
        RC_ASSERT(compare_numbers(right, left) == -order);
        RC_ASSERT(compare_numbers(left_text, right_text) == order);
        RC_ASSERT(compare_numbers(left_text, right) == order);
        RC_ASSERT(compare_numbers(left, right_text) == order);
        RC_ASSERT(compare_numbers(left, left_text) == 0);
        RC_ASSERT(compare_numbers(right, right_text) == 0);
      }));
}

TEST_CASE("what is not finite still has one place in the order") {
  const Value nothing(std::nan(""));
  const Value endless(HUGE_VAL);
  CHECK(compare_numbers(nothing, nothing) == 0);
  CHECK(compare_numbers(nothing, Value(-1)) == -1);
  CHECK(compare_numbers(Value(-HUGE_VAL), nothing) == 1);
  CHECK(compare_numbers(endless, Value(std::int64_t{9223372036854775807})) == 1);
  CHECK(compare_numbers(Value(1), endless) == -1);
}

TEST_CASE("numbers beyond a double's range become infinite or nothing") {
  CHECK(number("1e400").as_double() == HUGE_VAL);
  CHECK(number("-1e400").as_double() == -HUGE_VAL);
  CHECK(number("1e-400").as_double() == 0);
  CHECK(number("12345678901234567890").as_double() == 12345678901234567890.0);
  CHECK(Value("1").as_double() == 0);
}
