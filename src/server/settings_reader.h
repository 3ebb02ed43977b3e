#pragma once

#include "model/domain/yaml.h"

#include <diffo/json.h>
#include <diffo/result.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Reading of settings with messages that name the place.
namespace diffo::server {

/// A map of settings whose members are known; its values are read one by one. The first error of
/// any of them is the error of all. Thread rule: one thread; the value outlives it.
class SettingsMap {
public:
  /// Errors: invalid when it is no map, or has a member that is not known.
  static Result<SettingsMap> of(const json::Value& value, std::string path,
                                std::initializer_list<std::string_view> known);

  [[nodiscard]] const json::Value* find(std::string_view name) const { return value_->find(name); }
  /// The path of a member, for what reads it elsewhere.
  [[nodiscard]] std::string path_of(std::string_view name) const;

  // An absent member leaves the target as it is. Errors: invalid, naming the place.
  Result<void> read(std::string_view name, std::string& text) const;
  Result<void> read(std::string_view name, bool& flag) const;
  Result<void> read(std::string_view name, std::vector<std::string>& texts) const;
  Result<void> read_count(std::string_view name, std::uint64_t least, std::uint64_t most,
                          std::uint64_t& number) const;
  /// `10s`, `15m` or a number of seconds, as microseconds.
  Result<void> read_period(std::string_view name, std::int64_t& microseconds) const;

private:
  SettingsMap(const json::Value& value, std::string path)
      : value_(&value), path_(std::move(path)) {}
  [[nodiscard]] Error wrong(std::string_view name, std::string message) const;

  const json::Value* value_;
  std::string path_;
};

/// Reads a file of settings from its text (YAML or JSON). Errors: those of the text; those of
/// `settings_of`, with the file and the place in front.
template <typename SettingsOf>
auto read_settings(std::string_view file, std::string_view text, const SettingsOf& settings_of)
    -> decltype(settings_of(std::declval<const json::Value&>())) {
  auto settings = settings_of(TRY(model::yaml::read_one(file, text)));
  if (!settings)
    return Error{settings.error().code,
                 std::string(file) + ": " + settings.error().path + ' ' + settings.error().message};
  return settings;
}

} // namespace diffo::server
