#include "server/loop_settings.h"

#include "server/observations/source_settings.h"
#include "server/settings_reader.h"

#include <string>

namespace diffo::server {
namespace {

Result<LoopSettings> settings_of(const json::Value& document) {
  const SettingsMap map =
      TRY(SettingsMap::of(document, "", {"executors", "choose", "bounds", "window", "sources"}));
  LoopSettings settings;
  settings.tasks = TRY(read_task_settings(map));
  if (const json::Value* sources = map.find("sources"))
    settings.sources = TRY(read_source_settings(*sources, map.path_of("sources")));
  return settings;
}

} // namespace

Result<LoopSettings> read_loop_settings(std::string_view file, std::string_view text) {
  return read_settings(file, text, settings_of);
}

} // namespace diffo::server
