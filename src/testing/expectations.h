#pragma once

#include "model/model.h"

#include <diffo/expectation.h>

#include <utility>

namespace diffo::testing {

/// An expectation about documents of the inventory.
inline Result<outstanding::Expectation>
compile_expectation(json::Value document, outstanding::Profile profile = outstanding::Profile::v5,
                    const outstanding::CompileLimits& limits = {}) {
  return outstanding::Expectation::compile(std::move(document),
                                           {.profile = profile,
                                            .shapes = &model::inventory_model().document_shapes(),
                                            .limits = limits});
}

} // namespace diffo::testing
