#pragma once

#include "neo4j/projection/shared_graph.h"

#include <optional>
#include <string>
#include <vector>

/// What makes one shared graph of a record into another.
namespace diffo::neo4j {

/// A node that stays, and what of it changes.
struct NodeChange {
  NodeName name;
  bolt::Map set{}; ///< null: the property goes
  bolt::Map was{}; ///< the same properties as they were; null: there was none
  std::vector<std::string> new_labels{};
  std::vector<std::string> lost_labels{};
  bool needs_target = false;
};

/// A relationship to another root that comes or goes.
struct TieChange {
  NodeName name;
  Tie tie;
  std::string target; ///< the key of the root
  /// Of a node that is hidden without a target: what ties it to its holder else.
  std::optional<Tie> holder{};
};

/// The tie of a node that has a target.
TieChange tie_of(const SharedNode& node);

struct Difference {
  std::string owner;
  std::vector<NodeName> erased;    ///< parts before what holds them
  std::vector<TieChange> untied;   ///< of nodes that stay
  std::vector<SharedNode> created; ///< with all their relationships; what holds a part before it
  std::vector<NodeChange> changed;
  std::vector<TieChange> tied; ///< of nodes that stay

  [[nodiscard]] bool empty() const {
    return erased.empty() && untied.empty() && created.empty() && changed.empty() && tied.empty();
  }
};

/// Either may be empty (no nodes). The moment at which a node was made is never changed, that of a
/// part's last change only with something else of it.
Difference difference(const SharedGraph& before, const SharedGraph& after);

} // namespace diffo::neo4j
