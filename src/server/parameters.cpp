#include "server/parameters.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace diffo::server {
namespace {

constexpr std::size_t most_parameters = 200;

} // namespace

Result<TakenParameter> take_parameter(std::string_view query, std::string_view name) {
  TakenParameter taken;
  for (const RawParameter& parameter : split_query(query)) {
    const auto given = decode_query_text(parameter.name);
    if (given && *given == name) {
      if (taken.value)
        return Error{ErrorCode::invalid, "is given twice", std::string(name)};
      taken.value = TRY(decode_query_text(parameter.value));
      continue;
    }
    taken.rest += taken.rest.empty() ? "" : "&";
    taken.rest += parameter.name;
    if (parameter.has_value)
      (taken.rest += '=') += parameter.value;
  }
  return taken;
}

Result<std::uint64_t> number_of(std::string_view value, std::string_view name) {
  std::uint64_t number = 0;
  const char* end = value.data() + value.size();
  const auto [stop, problem] = std::from_chars(value.data(), end, number);
  if (problem != std::errc() || stop != end)
    return Error{ErrorCode::invalid, "must be a whole number", std::string(name)};
  return number;
}

Result<Parameters> Parameters::parse(const http::Request& request,
                                     std::initializer_list<std::string_view> known) {
  return parse(request.query, {}, known);
}

Result<Parameters> Parameters::parse(std::string_view query,
                                     std::span<const std::string_view> known,
                                     std::initializer_list<std::string_view> more) {
  Parameters made;
  made.parameters_ = TRY(decode_query(query, most_parameters));
  for (const auto& parameter : made.parameters_) {
    if (std::find(known.begin(), known.end(), parameter.name) == known.end() &&
        std::find(more.begin(), more.end(), parameter.name) == more.end())
      return Error{ErrorCode::invalid, "there is no such parameter here", parameter.name};
    if (parameter.name != "fields" &&
        find_parameter(made.parameters_, parameter.name) != &parameter)
      return Error{ErrorCode::invalid, "is given twice", parameter.name};
  }
  return made;
}

std::string_view Parameters::text(std::string_view name) const {
  const auto* found = find_parameter(parameters_, name);
  return found != nullptr ? std::string_view(found->value) : std::string_view();
}

Result<std::uint64_t> Parameters::number(std::string_view name, std::uint64_t otherwise) const {
  const auto* found = find_parameter(parameters_, name);
  return found != nullptr ? number_of(found->value, name) : otherwise;
}

std::vector<std::string> Parameters::texts(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& parameter : parameters_)
    if (parameter.name == name)
      values.push_back(parameter.value);
  return values;
}

Result<bool> Parameters::flag(std::string_view name) const {
  const auto* found = find_parameter(parameters_, name);
  if (found == nullptr || found->value == "false")
    return false;
  if (found->value.empty() || found->value == "true")
    return true;
  return Error{ErrorCode::invalid, "must be true or false", std::string(name)};
}

} // namespace diffo::server
