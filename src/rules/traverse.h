#pragma once

#include "graph/subgraph.h"

#include <diffo/domain_model.h>
#include <diffo/result.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

/// Walks along chains of hops (domain.md §3): over assignments, relationships, places and parties.
namespace diffo::rules {

/// One step of a walk: over which record's edge, from where to where. A plain value.
struct Step {
  std::size_t hop = 0; ///< its place in the chain
  graph::Key from{};
  graph::Key over{};            ///< the assignment, or the record that has the edge
  graph::Sequence sequence = 0; ///< of `over`
  graph::Key to{};
};

/// What a walk came to. A plain value.
struct Walked {
  std::vector<graph::Key> reached{}; ///< each once, in the order of its first finding
  std::vector<Step> steps{};         ///< all that were made
};

/// The most that one walk reaches, and the most edges of one record that it looks at.
inline constexpr std::size_t most_reached = 10'000;
inline constexpr std::uint32_t most_edges = 10'000;

/// Walks the chain from a root. Assignments are followed in the order of their creation,
/// relationships by alias, type and creation. What it reads it announces, hop by hop. Errors:
/// too_large.
Result<Walked> walk(graph::Subgraph& subgraph, const graph::Key& from,
                    std::span<const model::Hop> via, std::int64_t now);

/// The chain that leads back.
std::vector<model::Hop> reversed(std::span<const model::Hop> via);

} // namespace diffo::rules
