#include "base/dates.h"
#include "base/pattern.h"
#include "base/text.h"
#include "base/uuid.h"
#include "model/domain/verify_parts.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cmath>

namespace diffo::model::verifying {
namespace {

bool is_text(Scalar scalar) {
  return scalar == Scalar::symbol || scalar == Scalar::string;
}

bool is_number(Scalar scalar) {
  return scalar == Scalar::integer || scalar == Scalar::number;
}

std::size_t characters_in(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) >> 6U) != 2; }));
}

/// Whether the text is of the scalar's form; nothing is said of its constraints.
bool has_form(const std::string& text, Scalar scalar) {
  switch (scalar) {
  case Scalar::symbol:
    return !text.empty() && std::none_of(text.begin(), text.end(), [](char c) {
      return static_cast<unsigned char>(c) <= ' ';
    });
  case Scalar::date_time: {
    const auto instants = parse_instants(text);
    return instants && instants->has_time();
  }
  case Scalar::uuid:
    return Uuid().read(text);
  case Scalar::ip:
    return parse_network(text).has_value();
  case Scalar::string:
  case Scalar::any:
    return true;
  case Scalar::integer:
  case Scalar::number:
  case Scalar::boolean:
  case Scalar::kind:
    return false;
  }
  return false;
}

bool is_whole(const json::Value& value) {
  return value.if_integer() != nullptr ||
         (value.if_real() != nullptr && std::trunc(*value.if_real()) == *value.if_real());
}

std::optional<std::string> misfit_of_object(const json::Value& value, const Type& type,
                                            const Known& known) {
  const DeclaredKind* kind = known.kind(type.kind);
  if (!value.is_object())
    return "is no object";
  if (kind == nullptr)
    return std::nullopt; // it is reported elsewhere, or it is not declared
  for (const auto& [name, member] : value.object()) {
    const auto field =
        std::find_if(kind->fields.begin(), kind->fields.end(), [&wanted = name](const Field& one) {
          return one.name == wanted || one.as == wanted;
        });
    if (field == kind->fields.end())
      return type.kind + " has no field " + name;
    if (auto why = misfit(member, field->type, known))
      return name + ' ' + *why;
  }
  return std::nullopt;
}

std::optional<std::string> misfit_of_text(const json::Value& value, const Type& type) {
  const std::string* text = value.if_string();
  static constexpr std::array<std::string_view, 10> names{
      "symbol",           "text", "whole number",         "number", "boolean",
      "date with a time", "UUID", "IP address or prefix", "value",  "object"};
  if (text == nullptr || !has_form(*text, type.scalar))
    return "is no " + std::string(names[static_cast<std::size_t>(type.scalar)]);
  const std::size_t length = characters_in(*text);
  if ((type.min_length && length < *type.min_length) ||
      (type.max_length && length > *type.max_length))
    return "is too short or too long";
  if (!type.pattern.empty())
    if (const auto pattern = Pattern::compile("^(?:" + type.pattern + ")$");
        pattern && !(*pattern)->found_in(*text))
      return "does not match the pattern " + type.pattern;
  return std::nullopt;
}

std::optional<std::string> misfit_of_one(const json::Value& value, const Type& type,
                                         const Known& known) {
  if (type.scalar == Scalar::any)
    return std::nullopt;
  if (type.scalar == Scalar::kind)
    return misfit_of_object(value, type, known);
  if (type.scalar == Scalar::boolean)
    return value.is_boolean() ? std::nullopt : std::optional<std::string>("is no boolean");
  if (!is_number(type.scalar))
    return misfit_of_text(value, type);
  if (!value.is_number() || (type.scalar == Scalar::integer && !is_whole(value)))
    return type.scalar == Scalar::integer ? "is no whole number" : "is no number";
  const double number = value.as_double();
  if (type.min && number < *type.min)
    return "must be greater than or equal to " + json::to_text(*type.min);
  if (type.max && number > *type.max)
    return "must be less than or equal to " + json::to_text(*type.max);
  return std::nullopt;
}

void verify_constraints(const Type& type, const Report& report, const std::string& prefix) {
  const bool length_counts = type.array || is_text(type.scalar);
  if ((type.min || type.max) && !is_number(type.scalar))
    report.problem(prefix + "min and max are of numbers");
  if ((type.min_length || type.max_length) && !length_counts)
    report.problem(prefix + "min_length and max_length are of texts and lists");
  if (type.min && type.max && *type.min > *type.max)
    report.problem(prefix + "min is greater than max");
  if (type.min_length && type.max_length && *type.min_length > *type.max_length)
    report.problem(prefix + "min_length is greater than max_length");
  if (type.pattern.empty())
    return;
  if (!is_text(type.scalar))
    report.problem(prefix + "a pattern is of texts");
  if (const auto pattern = Pattern::compile(type.pattern); !pattern)
    report.problem(prefix + "pattern: " + pattern.error().message);
}

void verify_type(const Type& type, std::string_view begins, const Known& known,
                 const Report& report) {
  const std::string prefix(begins);
  if (type.scalar == Scalar::kind) {
    const auto base = known.base_of(type.kind);
    if (!base)
      report.problem(prefix + "value_type " + type.kind + " does not exist" +
                     known.suggest_kind(type.kind));
    else if (*base != Base::characteristic)
      report.problem(prefix + "value_type " + type.kind + " does not extend BaseCharacteristic");
  }
  verify_constraints(type, report, prefix);
  Type free = type; // the values themselves are not held against their own list
  free.one_of.clear();
  free.array = false;
  if (type.array)
    free.min_length = free.max_length = std::nullopt;
  for (const json::Value& value : type.one_of)
    if (const auto why = misfit(value, free, known))
      report.problem(prefix + "one_of: " + shortened(json::to_text(value), 60) + ' ' + *why);
}

} // namespace

std::optional<Network> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  std::array<unsigned char, 16> bytes{};
  Network network;
  if (inet_pton(AF_INET, address.c_str(), bytes.data()) == 1)
    network = {4, 32};
  else if (inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1)
    network = {6, 128};
  else
    return std::nullopt;
  if (address.find('\0') != std::string::npos)
    return std::nullopt; // the C function would not see what is behind it
  if (slash == std::string_view::npos)
    return network;
  const std::string_view length = text.substr(slash + 1);
  const std::uint32_t most = network.length;
  const auto [end, error] =
      std::from_chars(length.data(), length.data() + length.size(), network.length);
  if (error != std::errc() || end != length.data() + length.size() || network.length > most)
    return std::nullopt;
  return network;
}

std::optional<std::string> misfit(const json::Value& value, const Type& type, const Known& known) {
  if (!type.array) {
    if (!type.one_of.empty() &&
        std::find(type.one_of.begin(), type.one_of.end(), value) == type.one_of.end())
      return "is not among one_of";
    return misfit_of_one(value, type, known);
  }
  if (!value.is_array())
    return "is no list";
  const std::size_t length = value.array().size();
  if ((type.min_length && length < *type.min_length) ||
      (type.max_length && length > *type.max_length))
    return "has too few or too many items";
  Type item = type;
  item.array = false;
  item.min_length = item.max_length = std::nullopt;
  for (const json::Value& one : value.array())
    if (auto why = misfit(one, item, known))
      return why;
  return std::nullopt;
}

void verify_field(const Field& field, std::string_view begins, const Known& known,
                  const Report& report) {
  const std::string prefix(begins);
  if (!is_name(field.name) || (!field.as.empty() && !is_name(field.as)))
    report.problem(prefix + std::string(name_rule));
  verify_type(field.type, begins, known, report);
  if (!field.otherwise || field.otherwise->is_null())
    return;
  if (const auto why = misfit(*field.otherwise, field.type, known))
    report.problem(prefix + "default " + shortened(json::to_text(*field.otherwise), 60) + ' ' +
                   *why);
}

} // namespace diffo::model::verifying
