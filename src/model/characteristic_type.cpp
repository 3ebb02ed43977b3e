#include "model/characteristic_type.h"

#include <cstddef>
#include <cstdint>

namespace diffo::model {
namespace {

bool is_integer_text(std::string_view digits) {
  return digits.find_first_of(".eE") == std::string_view::npos;
}

enum class Scalar : std::uint8_t { text, integer, number, boolean, object, other };

Scalar scalar_of(const json::Value& value) {
  switch (value.kind()) {
  case json::Kind::string:
    return Scalar::text;
  case json::Kind::integer:
    return Scalar::integer;
  case json::Kind::number:
    return is_integer_text(value.number_text()) ? Scalar::integer : Scalar::number;
  case json::Kind::real:
    return Scalar::number;
  case json::Kind::boolean:
    return Scalar::boolean;
  case json::Kind::object:
    return Scalar::object;
  case json::Kind::null:
  case json::Kind::array:
    return Scalar::other;
  }
  return Scalar::other;
}

std::string_view array_type(const json::Array& items) {
  constexpr std::string_view names[] = {"StringArrayCharacteristic", "IntegerArrayCharacteristic",
                                        "NumberArrayCharacteristic", "BooleanArrayCharacteristic",
                                        "ObjectArrayCharacteristic", "Characteristic"};
  if (items.empty())
    return names[0];
  Scalar common = scalar_of(items.front());
  for (const json::Value& item : items) {
    const Scalar next = scalar_of(item);
    if (next == common)
      continue;
    const bool both_numbers = (next == Scalar::integer || next == Scalar::number) &&
                              (common == Scalar::integer || common == Scalar::number);
    if (!both_numbers)
      return names[5];
    common = Scalar::number;
  }
  return names[static_cast<std::size_t>(common)];
}

} // namespace

std::string_view characteristic_type(const json::Value& value) {
  constexpr std::string_view names[] = {"StringCharacteristic", "IntegerCharacteristic",
                                        "NumberCharacteristic", "BooleanCharacteristic",
                                        "ObjectCharacteristic", "Characteristic"};
  if (const json::Array* items = value.if_array())
    return array_type(*items);
  return names[static_cast<std::size_t>(scalar_of(value))];
}

} // namespace diffo::model
