#pragma once

#include "model/model.h"

#include <diffo/domain_model.h>
#include <diffo/result.h>

#include <optional>
#include <string_view>

/// The first-level attributes of instances of a kind by the names that models and actions have for
/// them.
namespace diffo::rules {

/// An attribute that records of a kind hold as a field of their root.
struct FirstLevelField {
  const model::Attribute* row = nullptr;
  graph::Word word = 0;
};

/// What a kind calls by a name, `resource_version` or `resourceVersion`: an attribute of its own,
/// else a published one. Nothing for what is no field of records.
std::optional<FirstLevelField> first_level_field(const model::Model& model,
                                                 const model::DeclaredKind& kind,
                                                 std::string_view name);

/// A value as records hold it: words of an enumeration are the internal ones, whichever version
/// calls them so (wire.md §4). Errors: invalid for what is no text where there is one, and no word.
Result<json::Value> held_value(const FirstLevelField& field, const json::Value& value);

} // namespace diffo::rules
