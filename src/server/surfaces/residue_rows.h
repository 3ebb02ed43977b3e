#pragma once

#include "graph/subgraph.h"
#include "loop/evaluate.h"
#include "loop/standing_residues.h"
#include "server/parameters.h"

#include <diffo/json.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

/// What stands outstanding as rows: chosen, ordered, shown.
namespace diffo::server {

/// The scope of the claims that keep two tasks from one leaf: the key is the leaf's id, the holder
/// the task's.
inline constexpr const char* leaf_scope = "task";

/// Which rows are asked for.
struct ResidueFilter {
  std::string expectation; ///< its id
  std::string target;      ///< its id
  std::string family;      ///< of the target: service or resource
  std::string kind;        ///< of the target: of the model, or its specification's id or name
  std::string owner;
  std::string side;
  std::string mode;
  std::string path; ///< an address: it and what lies in it
  std::optional<outstanding::Category> category;
  std::optional<std::int64_t> since_before;
  std::optional<std::int64_t> since_after;
  std::optional<bool> approved;
  std::optional<bool> outstanding; ///< neither approved nor overruled

  /// Whether it says something of leaves, so that a residue without any cannot fit.
  [[nodiscard]] bool asks_leaves() const {
    return category || !path.empty() || since_before || since_after || approved;
  }
};

/// The parameters that read_residue_filter() takes.
inline constexpr std::array<std::string_view, 13> residue_filter_parameters{
    "expectation", "target",   "family",   "kind",     "owner",    "side",       "mode",
    "path",        "category", "since.lt", "since.gt", "approved", "outstanding"};

/// Errors: invalid.
Result<ResidueFilter> read_residue_filter(const Parameters& parameters);

/// What is known of an expectation without evaluating it.
struct ExpectationFacts {
  std::string name;
  std::string owner;
  std::string side;
  std::string mode;
  json::Value target;
};

/// Rows of what stands at one revision. Thread rule: one thread; what it was made of must outlive
/// it.
class ResidueRows {
public:
  struct Row {
    const loop::Residue* residue = nullptr;
    const loop::StandingLeaf* leaf = nullptr; ///< none: the residue as a whole
    std::int64_t since = 0;
    loop::LeafId id; ///< of the leaf, or of what would be the whole document's
  };

  ResidueRows(const loop::Standing& standing, graph::Tenant tenant, graph::Subgraph& subgraph)
      : standing_(standing), tenant_(tenant), subgraph_(subgraph) {}

  /// Where a row is, which takes less memory than the row.
  struct Place {
    std::int64_t since = 0;
    loop::LeafId id;
    loop::ResidueIndex::Place target = nullptr;
    std::uint32_t residue = 0;
    std::uint32_t leaf = whole; ///< or `whole`
    static constexpr std::uint32_t whole = ~std::uint32_t{0};
  };
  /// Residues of which some leaf fits, or, with `leaves`, the leaves that fit; the oldest first.
  std::vector<Place> choose(const ResidueFilter& filter, bool leaves);
  /// The row of a place; what it points to lives as long as these rows.
  Row row_at(const Place& place);
  /// All leaves that fit, one after the other, each gone with its visit.
  void for_each_leaf(const ResidueFilter& filter, const std::function<void(const Row&)>& visit);

  const ExpectationFacts& facts_of(const graph::Key& expectation);
  /// Of the model, else the name or id of its specification; empty for what does not exist.
  std::string kind_of(const graph::Key& target);

  /// `{id, family, kind, href}`, or what the expectation says of something that does not exist.
  json::Value target_view(const loop::Residue& residue, const std::string& origin);
  json::Object residue_view(const loop::Residue& residue, const std::string& origin);
  /// The options are those of an evaluation at the moment of what stands.
  json::Object leaf_view(const loop::Residue& residue, const loop::StandingLeaf& leaf,
                         const std::string& origin, const loop::EvaluateOptions& options);
  /// The leaf with what is expected and what is there; nothing when it cannot be evaluated.
  const outstanding::Leaf* detail_of(const loop::Residue& residue, const loop::LeafId& leaf,
                                     const loop::EvaluateOptions& options);

  /// A residue evaluated with all that it says.
  struct Detail {
    loop::ExpectationDocument document;
    graph::RecordRef target; ///< empty: it does not exist, or is said to be gone
    std::map<loop::LeafId, outstanding::Leaf> leaves;
  };
  /// Null pointer when it cannot be evaluated.
  const Detail* detail_of(const loop::Residue& residue, const loop::EvaluateOptions& options);

  /// The same, of a residue that need not stand.
  [[nodiscard]] std::optional<Detail> evaluated(const loop::Residue& residue,
                                                const loop::EvaluateOptions& options);

  /// What the filter says of the residue as a whole, and of a leaf.
  [[nodiscard]] bool fits(const ResidueFilter& filter, const loop::Residue& residue);
  [[nodiscard]] static bool fits(const ResidueFilter& filter, const loop::StandingLeaf& leaf);

private:
  using PlaceVisit = std::function<void(const Place& place, const loop::Residue& residue)>;
  void for_each_place(const ResidueFilter& filter, bool leaves, const PlaceVisit& visit);
  std::optional<loop::ExpectationDocument> document_of(const loop::Residue& residue);
  std::optional<json::Object> task_view(const loop::LeafId& leaf, std::int64_t now);

  const loop::Standing& standing_;
  graph::Tenant tenant_;
  graph::Subgraph& subgraph_;
  std::map<graph::Key, ExpectationFacts> facts_;
  std::map<graph::Key, std::string> kinds_;
  /// By expectation and target.
  std::map<std::pair<graph::Key, graph::Key>, std::optional<Detail>> details_;
  std::unordered_map<loop::ResidueIndex::Place, loop::TargetResiduesRef> opened_;
};

} // namespace diffo::server
