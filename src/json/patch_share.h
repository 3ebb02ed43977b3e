#pragma once

#include "json/json_path.h"
#include "json/patch_places.h"

#include <diffo/json.h>
#include <diffo/result.h>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace diffo::json {

/// What patches by query of several documents have in common: their paths are read once, and they
/// look at so many values together. What it keeps is as large as the paths and their patterns are.
/// One thread.
class PatchShare {
public:
  explicit PatchShare(std::size_t steps) : budget_(steps) {}

  Budget& budget() { return budget_; }
  /// Errors: those of PatchPath::parse().
  Result<std::shared_ptr<const PatchPath>> path(const std::string& text);

private:
  Budget budget_;
  std::map<std::string, std::shared_ptr<const PatchPath>, std::less<>> paths_;
};

/// apply_patch_query() for one of several documents.
Result<void> apply_patch_query(Value& target, const Value& operations, const PatchLimits& limits,
                               PatchShare& share);

} // namespace diffo::json
