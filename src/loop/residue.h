#pragma once

#include "graph/key.h"
#include "loop/packed_residues.h"
#include "loop/shared_parts.h"

#include <diffo/expectation.h>

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What stands outstanding, as it is kept (wire.md §7.1): enough to count, filter and address it.
/// What is expected and what is there is looked up when somebody asks.
namespace diffo::loop {

/// Names a leaf for as long as it is about the same place: a hash of tenant, expectation, target
/// and address.
struct LeafId {
  std::array<std::uint8_t, 12> bytes{};
  friend auto operator<=>(const LeafId&, const LeafId&) = default;

  /// 24 hexadecimal digits, and back; nothing for any other text.
  [[nodiscard]] std::string text() const;
  static std::optional<LeafId> parse(std::string_view text);
};

/// A hash of what is expected and what is there instead, by which a decision knows its leaf again.
using Fingerprint = std::uint64_t;
std::string text_of(Fingerprint fingerprint);
std::optional<Fingerprint> fingerprint_of(std::string_view text);

LeafId leaf_id(const graph::KeyView& expectation, const graph::KeyView& target,
               std::string_view address);
Fingerprint fingerprint_of(const outstanding::Leaf& leaf);

/// A deviation that somebody accepted. It holds while the leaf is as it was and `until` is ahead.
struct Approval {
  std::string decision; ///< its id
  Fingerprint fingerprint = 0;
  std::optional<std::int64_t> until; ///< microseconds since 1970
  std::string by;
  std::string reason;
  friend bool operator==(const Approval&, const Approval&) = default;
};

struct StandingLeaf {
  LeafId id;
  Fingerprint fingerprint = 0;
  std::string address;
  std::int64_t since = 0; ///< microseconds since 1970
  outstanding::Category category = outstanding::Category::misaligned;
  bool closable = false;
  std::shared_ptr<const Approval> approval; ///< that holds
  /// The expectation of a higher priority that refuses what would meet this one.
  std::shared_ptr<const graph::Key> overruled_by;
  /// The expectation of the same priority that refuses what would meet this one, where nobody
  /// overrules either.
  std::shared_ptr<const graph::Key> contradicted_by;

  [[nodiscard]] bool is_open() const { return !approval && !overruled_by; }
  friend bool operator==(const StandingLeaf& a, const StandingLeaf& b);
};

/// What is outstanding of one expectation at one target; it has leaves, or an error.
struct Residue {
  graph::Key expectation;
  graph::Key target;            ///< see selector_of() where no instance is meant
  graph::Sequence revision = 0; ///< at which it was found out last that it changed
  std::vector<StandingLeaf> leaves;
  std::string error; ///< why it cannot be evaluated, else empty

  [[nodiscard]] bool is_outstanding() const;
  /// Whether the same is outstanding, whatever was decided about it.
  [[nodiscard]] bool same_as(const Residue& other) const;
  friend bool operator==(const Residue& a, const Residue& b);
  [[nodiscard]] std::int64_t since() const; ///< of its oldest leaf
};

/// The leaves of a residue by their ids; of none, where there is none. The residue must outlive it.
std::map<LeafId, const StandingLeaf*> leaves_by_id(const Residue* residue);

/// The target of an expectation that no instance meets: family 0.
graph::Key selector_of(const graph::KeyView& expectation);
inline bool is_selector(const graph::KeyView& target) {
  return target.family == 0;
}

/// All residues of one target, in the order of their expectations.
struct TargetResidues {
  graph::Key target;
  std::vector<Residue> residues;

  /// Null pointer when nothing of the expectation is outstanding here.
  [[nodiscard]] const Residue* find(const graph::Key& expectation) const;
};
using TargetResiduesRef = std::shared_ptr<const TargetResidues>;

/// All that stands, by target, packed: what is asked for is unpacked for whoever asks. A copy
/// shares with its original all but eight pointers, and a change copies what lies beside it: the
/// bytes of a few targets, and some dozen pointers. Thread rule: as a plain value; copies on
/// different threads.
class ResidueIndex {
  static constexpr std::size_t levels = 5;
  using Parts = SharedParts<PackedResidues, levels>;

public:
  /// Where a target is, for as long as there is an index that says the same of it.
  using Place = PackedResidues::Place;

  [[nodiscard]] TargetResiduesRef find(const graph::KeyView& target) const;
  /// Null pointer when nothing stands there.
  [[nodiscard]] Place place_of(const graph::KeyView& target) const;
  /// Replaces what stands of the target; of no residues it is gone.
  void put(const TargetResidues& residues);
  /// Until `visit` returns false, in no order that means anything. What is visited is gone with the
  /// visit.
  void for_each(const std::function<bool(const TargetResidues&)>& visit) const;
  /// The same, with the places of what is visited, for at() afterwards.
  void for_each_place(const std::function<bool(Place, const TargetResidues&)>& visit) const;
  [[nodiscard]] static TargetResiduesRef at(Place place);
  /// Those of one of the parts that the index consists of, in an order that stays while it does.
  void for_each_in(std::size_t part, const std::function<void(const TargetResidues&)>& visit) const;
  [[nodiscard]] std::size_t size() const { return size_; } ///< targets

  static constexpr std::size_t part_count = Parts::count;

private:
  static std::size_t part_of(const graph::KeyView& target) {
    return graph::KeyHash()(target) % part_count;
  }
  Parts parts_;
  std::size_t size_ = 0;
};

} // namespace diffo::loop
