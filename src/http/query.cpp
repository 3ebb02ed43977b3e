#include "http/query.h"

#include "http/percent.h"

#include <algorithm>

namespace diffo::http {
namespace {

/// A parameter as it may stand in an error message.
std::string shown(std::string_view raw) {
  constexpr std::size_t most = 64;
  return raw.size() <= most ? std::string(raw) : std::string(raw.substr(0, most)) + "...";
}

Result<std::string> decode(std::string_view raw, std::string_view parameter,
                           const QueryLimits& limits) {
  auto decoded = percent_decode(raw, PlusSign::space);
  if (!decoded)
    return Error{decoded.error().code, decoded.error().message, "?" + shown(parameter)};
  if (decoded->size() > limits.text_bytes)
    return Error{ErrorCode::too_large,
                 "longer than " + std::to_string(limits.text_bytes) + " bytes",
                 "?" + shown(parameter)};
  return decoded;
}

} // namespace

Result<std::vector<QueryParameter>> parse_query(std::string_view raw_query,
                                                const QueryLimits& limits) {
  std::vector<QueryParameter> parameters;
  while (!raw_query.empty()) {
    const std::size_t end = std::min(raw_query.find('&'), raw_query.size());
    const std::string_view raw = raw_query.substr(0, end);
    raw_query.remove_prefix(std::min(end + 1, raw_query.size()));
    if (raw.empty())
      continue;
    if (parameters.size() == limits.parameters)
      return Error{ErrorCode::too_large,
                   "the query has more than " + std::to_string(limits.parameters) + " parameters"};
    const std::size_t equals = std::min(raw.find('='), raw.size());
    QueryParameter parameter;
    parameter.raw = raw;
    parameter.has_equals = equals < raw.size();
    parameter.raw_name = raw.substr(0, equals);
    parameter.raw_value = raw.substr(std::min(equals + 1, raw.size()));
    parameter.name = TRY(decode(parameter.raw_name, raw, limits));
    parameter.value = TRY(decode(parameter.raw_value, raw, limits));
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

const QueryParameter* find_parameter(const std::vector<QueryParameter>& parameters,
                                     std::string_view name) {
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [name](const QueryParameter& one) { return one.name == name; });
  return found == parameters.end() ? nullptr : &*found;
}

} // namespace diffo::http
