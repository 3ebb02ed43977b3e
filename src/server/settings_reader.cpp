#include "server/settings_reader.h"

#include "base/time.h"

#include <algorithm>

namespace diffo::server {

Result<SettingsMap> SettingsMap::of(const json::Value& value, std::string path,
                                    std::initializer_list<std::string_view> known) {
  if (!value.is_object())
    return Error{ErrorCode::invalid, "must be a map", std::move(path)};
  for (const json::Member& member : value.object())
    if (std::find(known.begin(), known.end(), member.name) == known.end()) {
      std::string message = "is not known here; there are";
      for (const std::string_view name : known)
        message.append(name == *known.begin() ? " " : ", ").append(name);
      return Error{ErrorCode::invalid, std::move(message), path + '/' + member.name};
    }
  return SettingsMap(value, std::move(path));
}

std::string SettingsMap::path_of(std::string_view name) const {
  return (path_ + '/').append(name);
}

Error SettingsMap::wrong(std::string_view name, std::string message) const {
  return {ErrorCode::invalid, std::move(message), path_of(name)};
}

Result<void> SettingsMap::read(std::string_view name, std::string& text) const {
  const json::Value* value = find(name);
  if (value == nullptr)
    return {};
  if (!value->is_string() || value->string().empty())
    return wrong(name, "must be a text");
  text = value->string();
  return {};
}

Result<void> SettingsMap::read(std::string_view name, bool& flag) const {
  const json::Value* value = find(name);
  if (value == nullptr)
    return {};
  if (!value->is_boolean())
    return wrong(name, "must be true or false");
  flag = value->boolean();
  return {};
}

Result<void> SettingsMap::read(std::string_view name, std::vector<std::string>& texts) const {
  const json::Value* value = find(name);
  if (value == nullptr)
    return {};
  if (!value->is_array())
    return wrong(name, "must be a list of texts");
  for (const json::Value& item : value->array()) {
    if (!item.is_string() || item.string().empty())
      return wrong(name, "must be a list of texts");
    texts.push_back(item.string());
  }
  return {};
}

Result<void> SettingsMap::read_count(std::string_view name, std::uint64_t least, std::uint64_t most,
                                     std::uint64_t& number) const {
  const json::Value* value = find(name);
  if (value == nullptr)
    return {};
  const std::int64_t* given = value->if_integer();
  if (given == nullptr || *given < 0 || static_cast<std::uint64_t>(*given) < least ||
      static_cast<std::uint64_t>(*given) > most)
    return wrong(name, "must be a whole number from " + std::to_string(least) + " to " +
                           std::to_string(most));
  number = static_cast<std::uint64_t>(*given);
  return {};
}

Result<void> SettingsMap::read_period(std::string_view name, std::int64_t& microseconds) const {
  const json::Value* value = find(name);
  if (value == nullptr)
    return {};
  std::string text;
  if (const std::string* given = value->if_string())
    text = *given;
  else if (const std::int64_t* number = value->if_integer())
    text = std::to_string(*number);
  const auto seconds = parse_period(text);
  if (!seconds || *seconds == 0)
    return wrong(name, "must be a time such as 10s, 15m, 2h or 1d");
  microseconds = static_cast<std::int64_t>(*seconds) * 1'000'000;
  return {};
}

} // namespace diffo::server
