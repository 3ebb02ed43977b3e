#pragma once

#include <cstdint>

namespace diffo::graph {

/// How much of journal and history a store keeps; 0: no bound. What is dropped leaves the hash of
/// its last entry. The bounds are looked at now and then, and met in bounded steps that ride on
/// writes. A plain value.
struct Retention {
  std::uint64_t max_entries = 0;
  std::uint64_t max_bytes = 0; ///< of entries and of the images they superseded
  std::int64_t max_age_microseconds = 0;
};

} // namespace diffo::graph
