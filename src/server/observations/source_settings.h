#pragma once

#include "rules/precedence.h"

#include <diffo/json.h>
#include <diffo/result.h>

#include <string>
#include <vector>

namespace diffo::server {

/// Reads the section `sources` of the loop's settings: names, or maps with name, staleAfter,
/// unseen and attributes, the strongest first. Errors: invalid, naming the place.
Result<std::vector<rules::SourceRule>> read_source_settings(const json::Value& value,
                                                            const std::string& path);

} // namespace diffo::server
