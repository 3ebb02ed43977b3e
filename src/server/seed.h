#pragma once

#include "http/router.h"
#include "server/services.h"

#include <diffo/json.h>
#include <diffo/result.h>

#include <string>
#include <string_view>
#include <vector>

namespace diffo::server {

/// What a store begins with: actions in their order, each a request to the surfaces that everybody
/// uses. A plain value.
struct Seed {
  struct Step {
    std::string as;   ///< what later steps call the result: `$shelf`
    std::string path; ///< with `{on}` where the id of `on` belongs
    std::string on;   ///< what an action is done on
    json::Value with{};
  };
  std::string name;
  std::vector<Step> steps;
};

/// Reads a seed document (docs/reference/seed.md). Errors: invalid, naming the step.
Result<Seed> read_seed(std::string_view file, std::string_view text);

/// Carries out a seed once: what has been seeded under its name before is left alone, and one that
/// was broken off goes on where it stood, for each step has an idempotency key. Waits: only before
/// the router serves others. Errors: of the first step that is refused, with its number.
Result<void> plant(const Seed& seed, Services& services, http::Router& router);

} // namespace diffo::server
