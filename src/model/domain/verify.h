#pragma once

#include <diffo/domain_model.h>

#include <vector>

namespace diffo::model {

/// All that does not hold together in what was declared (domain.md §2), in the order of the
/// declarations; nothing: the model can be used. Time is linear in the size of the model, but for a
/// logarithm.
std::vector<ModelProblem> verify(const DomainModel& model);

} // namespace diffo::model
