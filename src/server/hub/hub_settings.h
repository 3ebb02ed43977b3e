#pragma once

#include "server/hub/callback.h"

#include <diffo/result.h>

#include <cstdint>
#include <string_view>

namespace diffo::server {

/// How far the delivery of events goes. Times in microseconds.
struct HubBounds {
  std::uint64_t subscriptions = 100;
  std::uint64_t in_flight = 8; ///< events that one subscription is sent at once
  std::int64_t timeout = 10'000'000;
  std::int64_t back_off = 1'000'000; ///< after a first failure; doubled by each further one
  std::int64_t longest_back_off = 300'000'000;
  std::int64_t park_after = 86'400'000'000; ///< nothing was taken for so long
};

/// Who may be told of events, and how: what `diffo serve --hub FILE` reads (docs/guide/events.md).
struct HubSettings {
  CallbackRule callbacks;
  HubBounds bounds;
};

/// Reads a text of YAML or JSON. Errors: invalid, naming file and place.
Result<HubSettings> read_hub_settings(std::string_view file, std::string_view text);

} // namespace diffo::server
