#include "server/loop_settings.h"

#include "model/domain/yaml.h"
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
  const model::yaml::Documents read = model::yaml::read(text);
  if (!read.problems.empty())
    return Error{ErrorCode::invalid, std::string(file) + ':' +
                                         std::to_string(read.problems.front().at.line) + ':' +
                                         std::to_string(read.problems.front().at.column) + ": " +
                                         read.problems.front().message};
  if (read.documents.size() != 1)
    return Error{ErrorCode::invalid, std::string(file) + ": must be one document"};
  auto settings = settings_of(model::yaml::value_of(read.documents.front()));
  if (!settings)
    return Error{settings.error().code,
                 std::string(file) + ": " + settings.error().path + ' ' + settings.error().message};
  return settings;
}

} // namespace diffo::server
