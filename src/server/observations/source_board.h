#pragma once

#include "base/guarded.h"
#include "graph/key.h"
#include "rules/precedence.h"
#include "server/observations/observation_report.h"

#include <diffo/json.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace diffo::server {

/// Who has sent observations since the program began, and what came of them. What is remembered is
/// bounded: of further names nothing is. Thread rule: any thread.
class SourceBoard {
public:
  static constexpr std::size_t most_sources = 1000;

  void note(graph::Tenant tenant, const ObservationReport& report, std::int64_t now);
  /// A row a source: those that are ranked in their order, then the others by name.
  [[nodiscard]] json::Array view(graph::Tenant tenant, const rules::Precedence& precedence);

private:
  struct Heard {
    std::int64_t heard_at = 0;    ///< microseconds since 1970
    std::int64_t observed_at = 0; ///< the latest
    std::int64_t complete_at = 0; ///< when it told all last; 0: never
    std::uint64_t requests = 0;
    std::uint64_t unseen = 0;
    std::array<std::uint64_t, outcome_count> counts{};
  };
  using All = std::map<std::pair<graph::Tenant, std::string>, Heard>;
  static json::Object view_of(const Heard& heard);

  Guarded<All> heard_;
};

} // namespace diffo::server
