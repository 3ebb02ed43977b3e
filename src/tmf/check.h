#pragma once

#include "model/model.h"

#include <diffo/json.h>
#include <diffo/result.h>

#include <vector>

namespace diffo::tmf {

/// Finds everything that the published schema of the version refuses in a document (wire.md §3): a
/// wrong JSON type of a published attribute at any published depth, a mandatory first-level
/// attribute missing, a first-level value off its enumeration, also of what only the other version
/// publishes. Each problem has a JSON pointer; at
/// most 100 are collected.
std::vector<Error> problems_of(const json::Value& document, model::Api api, model::Version version,
                               const model::Model& model);

/// Only the first-level values off their enumeration.
std::vector<Error> word_problems_of(const json::Object& document, model::Api api,
                                    model::Version version, const model::Model& model);

/// Only the values of a wrong JSON type, at any published depth: what cannot be read.
std::vector<Error> type_problems_of(const json::Object& document, model::Api api,
                                    model::Version version, const model::Model& model);

} // namespace diffo::tmf
