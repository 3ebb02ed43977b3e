#include "server/observations/source_settings.h"

#include "server/settings_reader.h"
#include "tmf/item_address.h"

#include <algorithm>
#include <utility>

namespace diffo::server {
namespace {

constexpr std::size_t most_sources = 100;
constexpr std::size_t most_attributes = 1000;

Error invalid(std::string message, std::string path) {
  return {ErrorCode::invalid, std::move(message), std::move(path)};
}

Result<rules::SourceRule> read_source(const json::Value& value, const std::string& path) {
  rules::SourceRule rule;
  if (const std::string* name = value.if_string()) {
    rule.name = *name;
    return rule;
  }
  const SettingsMap map =
      TRY(SettingsMap::of(value, path, {"name", "staleAfter", "attributes", "unseen"}));
  TRY(map.read("name", rule.name));
  if (map.find("staleAfter") != nullptr) {
    std::int64_t period = 0;
    TRY(map.read_period("staleAfter", period));
    rule.stale_after = period;
  }
  std::string unseen = "unknown";
  TRY(map.read("unseen", unseen));
  if (unseen != "unknown" && unseen != "missing")
    return invalid("must be unknown or missing", map.path_of("unseen"));
  rule.unseen_is_gone = unseen == "missing";
  TRY(map.read("attributes", rule.attributes));
  if (rule.attributes.size() > most_attributes)
    return invalid("are more than 1000", map.path_of("attributes"));
  for (const std::string& attribute : rule.attributes)
    if (attribute.starts_with('/') || !tmf::steps_of(attribute))
      return invalid("must be addresses such as state or serviceCharacteristic[mtu]",
                     map.path_of("attributes"));
  return rule;
}

} // namespace

Result<std::vector<rules::SourceRule>> read_source_settings(const json::Value& value,
                                                            const std::string& path) {
  const json::Array* items = value.if_array();
  if (items == nullptr)
    return invalid("must be a list of sources, the strongest first", path);
  if (items->size() > most_sources)
    return invalid("are more than 100", path);
  std::vector<rules::SourceRule> rules;
  for (std::size_t at = 0; at < items->size(); ++at) {
    const std::string here = path + '/' + std::to_string(at);
    rules::SourceRule rule = TRY(read_source((*items)[at], here));
    if (rule.name.empty() || rule.name.size() > 255)
      return invalid("must have a name of at most 255 bytes", here);
    if (std::any_of(rules.begin(), rules.end(),
                    [&](const rules::SourceRule& one) { return one.name == rule.name; }))
      return invalid("is named twice", here);
    rules.push_back(std::move(rule));
  }
  return rules;
}

} // namespace diffo::server
