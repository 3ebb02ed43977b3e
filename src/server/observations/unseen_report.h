#pragma once

#include "graph/key.h"

#include <diffo/json.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace diffo::server {

/// What became of an instance that a source did not tell of, though it told all (wire.md §8).
struct UnseenOutcome {
  enum class Kind : std::uint8_t {
    unseen,      ///< it is marked now
    already,     ///< it was marked before
    conflicting, ///< a stronger source sees it
    stale,       ///< it was made, or seen, later than the observation
    rejected     ///< the policy of its kind leaves it to others
  };
  Kind kind = Kind::unseen;
  graph::Key key{};
  std::string reason{};
};
std::string_view name_of(UnseenOutcome::Kind kind);

/// All of them. Those that were there already are counted alone.
class UnseenReport {
public:
  static constexpr std::size_t kinds = 5;
  static constexpr std::size_t most_told = 10'000;

  void add(UnseenOutcome outcome);
  [[nodiscard]] std::uint64_t count(UnseenOutcome::Kind kind) const {
    return counts_[static_cast<std::size_t>(kind)];
  }
  [[nodiscard]] json::Value to_json() const;

  std::uint64_t instances = 0; ///< of the scope
  std::uint64_t seen = 0;      ///< of them those that it told of
  std::string note{};          ///< why nothing was marked

private:
  std::array<std::uint64_t, kinds> counts_{};
  std::vector<UnseenOutcome> told_;
};

} // namespace diffo::server
