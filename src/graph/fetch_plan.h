#pragma once

#include "base/cancellation.h"
#include "graph/claims.h"
#include "graph/field_path.h"
#include "graph/query.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace diffo::graph {

/// Which revision is read: the newest of a branch, or that of a commit.
struct Pin {
  std::string branch = "main";
  std::optional<Sequence> at;
};

/// What is going to be read, stated before it is read, so that a store far away can fetch it in one
/// flight. A plain value.
struct FetchPlan {
  /// From roots over edges of these kinds (none: of any) for which the filter holds (their type,
  /// their alias) to the roots at their other end.
  struct Hop {
    Direction direction = Direction::out;
    std::vector<ElementKind> kinds;
    Filter edge{};             ///< asked of the edge element
    std::uint32_t most = 1000; ///< edges of one record; which ones is open when there are more
    friend bool operator==(const Hop&, const Hop&) = default;
  };
  /// Hop after hop, each from what the one before reached.
  struct Walk {
    std::vector<Key> from;
    std::vector<Hop> hops;
    std::uint32_t most_records = 10'000; ///< in all; more is too_large
    friend bool operator==(const Walk&, const Walk&) = default;
  };
  /// Those that refer to a root, over edges of these kinds (none: of any). A rule that looks for
  /// one kind must say so, or others may fill the bound and hide it.
  struct Referrers {
    Key key;
    std::vector<ElementKind> kinds;
    std::uint32_t most = 1000;
    friend bool operator==(const Referrers&, const Referrers&) = default;
  };

  std::vector<Key> records{}; ///< these roots, whole
  std::vector<Walk> walks{};
  std::vector<Referrers> referrers{};
  std::vector<Query> queries{}; ///< asked for by number: Subgraph::page()
  /// What the records of pages refer to over edges of these kinds comes with them. None: nothing.
  std::vector<ElementKind> page_edges{};
  std::vector<ClaimName> claims{};
  std::vector<FreeQuery> free{}; ///< how many are free, and which
  Cancellation cancellation{};   ///< ends its searches when nobody waits for them any more

  [[nodiscard]] bool empty() const;
  /// Adds what the other reads and this does not; numbers of queries stay.
  void extend(const FetchPlan& other);
};

class Schema;
/// The reads of a plan for a person, the first few of them: "service 7, referrers of place 8".
std::string describe(const FetchPlan& plan, const Schema& schema);

} // namespace diffo::graph
