#pragma once

#include "model/model.h"

#include <diffo/json.h>

#include <string_view>

/// Items that are kept as they came, because they lack what their home needs or give a thing by
/// value.
namespace diffo::tmf {

/// TMF630 Part 2: an EntityRefOrValue is a reference when it has reference attributes only; in v5
/// its `@type` decides.
bool is_by_value(const json::Object& object, model::Version version, const model::Model& model);

/// Gives an item of that kind that came in v4 the types that v5 demands: of the item and of all in
/// it that has a home.
void add_types(json::Object& item, graph::ElementKind kind, model::Api api,
               const model::Model& model);

} // namespace diffo::tmf
