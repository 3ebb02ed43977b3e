#include "server/hub/hub_settings.h"

#include "base/text.h"
#include "http/authority.h"
#include "server/settings_reader.h"

#include <string>
#include <utility>
#include <vector>

namespace diffo::server {
namespace {

Result<CallbackRule> read_callbacks(const json::Value& value, const std::string& path) {
  const SettingsMap map = TRY(SettingsMap::of(value, path, {"allow", "anybody"}));
  CallbackRule rule;
  std::vector<std::string> allowed;
  TRY(map.read("allow", allowed));
  TRY(map.read("anybody", rule.anybody));
  for (std::size_t at = 0; at < allowed.size(); ++at) {
    const std::string& one = allowed[at];
    if (auto prefix = IpPrefix::parse(one)) {
      rule.addresses.push_back(*prefix);
      continue;
    }
    if (!http::is_host_name(one))
      return Error{ErrorCode::invalid,
                   '"' + printable(shortened(one, 64)) +
                       "\" must be a host's name, or an address or prefix without bits behind its "
                       "length; there are no wildcards (0.0.0.0/0 and ::/0 are all addresses)",
                   map.path_of("allow") + '/' + std::to_string(at)};
    rule.hosts.push_back(small_letters(one.ends_with('.') ? one.substr(0, one.size() - 1) : one));
  }
  return rule;
}

Result<HubBounds> read_bounds(const json::Value& value, const std::string& path) {
  const SettingsMap map = TRY(SettingsMap::of(
      value, path,
      {"subscriptions", "inFlight", "timeout", "backOff", "longestBackOff", "parkAfter"}));
  HubBounds bounds;
  constexpr std::uint64_t most_subscriptions = 1000;
  constexpr std::uint64_t most_in_flight = 64;
  TRY(map.read_count("subscriptions", 0, most_subscriptions, bounds.subscriptions));
  TRY(map.read_count("inFlight", 1, most_in_flight, bounds.in_flight));
  TRY(map.read_period("timeout", bounds.timeout));
  TRY(map.read_period("backOff", bounds.back_off));
  TRY(map.read_period("longestBackOff", bounds.longest_back_off));
  TRY(map.read_period("parkAfter", bounds.park_after));
  return bounds;
}

Result<HubSettings> settings_of(const json::Value& document) {
  const SettingsMap map = TRY(SettingsMap::of(document, "", {"callbacks", "bounds"}));
  HubSettings settings;
  if (const json::Value* callbacks = map.find("callbacks"))
    settings.callbacks = TRY(read_callbacks(*callbacks, map.path_of("callbacks")));
  if (const json::Value* bounds = map.find("bounds"))
    settings.bounds = TRY(read_bounds(*bounds, map.path_of("bounds")));
  return settings;
}

} // namespace

Result<HubSettings> read_hub_settings(std::string_view file, std::string_view text) {
  return read_settings(file, text, settings_of);
}

} // namespace diffo::server
