#pragma once

#include "graph/key.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace diffo::loop {

struct TargetResidues;

/// What stands at some targets, as one run of bytes: of a hundred thousand leaves most of the
/// memory would otherwise be pointers, and room that nobody fills.
///
/// Invariants:
/// - the targets come in their order, none twice, and each has residues;
/// - a target is the number of its bytes, its key, how many residues it has, and these; a residue
///   does not repeat its target, and what a leaf does not have it takes no byte for;
/// - only append_residues() (packed_residues.cpp) writes the bytes, so that they are trusted.
///
/// Thread rule: immutable.
class PackedResidues {
public:
  PackedResidues() = default;

  /// Where the bytes of a target begin, for as long as what they are in.
  using Place = const char*;

  /// Null pointer when nothing stands there. Linear in the number of targets.
  [[nodiscard]] Place find(const graph::KeyView& target) const;
  /// Unpacks into `into`, whose memory is used again.
  static void unpack(Place place, TargetResidues& into);
  /// Until `visit` returns false; so does the visit as a whole then.
  bool for_each(const std::function<bool(Place)>& visit) const;

  /// The same with what stands at one target, or without it where that is nothing.
  [[nodiscard]] PackedResidues with(const TargetResidues& residues) const;
  [[nodiscard]] bool empty() const { return bytes_.empty(); }

private:
  std::string bytes_;
};

} // namespace diffo::loop
