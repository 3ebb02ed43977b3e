#pragma once

#include <diffo/domain_model.h>

#include <string>
#include <vector>

namespace diffo::model {

/// What one change of a model means for the instances that there are.
enum class Impact : std::uint8_t {
  none,        ///< they are what they were
  additional,  ///< they get what they did not have
  incompatible ///< what they hold may not fit any more: it needs a migration or a major version
};

struct ModelChange {
  enum class What : std::uint8_t { added, removed, changed };
  What what = What::changed;
  std::string path; ///< `kinds.Card.pools.ports.last`
  json::Value before{};
  json::Value now{};
  Impact impact = Impact::none;
  std::string why{}; ///< of an incompatible one
};

/// All that differs, in the order of the newer model, what is gone last. A kind that a migration of
/// the newer model names is not incompatible because of what that migration renames, sets or drops.
std::vector<ModelChange> difference(const DomainModel& before, const DomainModel& now);

} // namespace diffo::model
