#pragma once

#include "server/surfaces/residue_rows.h"

#include <diffo/json.h>

#include <optional>
#include <vector>

/// How requests name what they are about: leaves, a residue, a filter (wire.md §7.2).
namespace diffo::server {

/// Which leaves a request means.
struct AskedLeaves {
  struct Leaf {
    loop::LeafId id;
    std::optional<loop::Fingerprint> fingerprint;
  };
  std::vector<Leaf> leaves;
  std::optional<ResidueFilter> filter; ///< instead of leaves
};
/// The members `leaves`, `residue` or `filter`. Errors: invalid, with the pointer.
Result<AskedLeaves> read_asked_leaves(const json::Value& body);
/// The rows of those leaves. Errors: conflict, with the leaves as they are now, when one has
/// changed or is no more; too_large; not_found when a filter finds none.
Result<std::vector<ResidueRows::Row>> chosen_rows(const AskedLeaves& asked, ResidueRows& rows,
                                                  const loop::EvaluateOptions& options);
/// Why something is done, as its requests say it: it is kept with all that comes of it.
inline constexpr std::size_t longest_reason = 2000;

/// The leaves that fit. Errors: too_large for more than can be decided on at once.
Result<std::vector<ResidueRows::Row>> bounded_rows(const ResidueFilter& filter, ResidueRows& rows);

} // namespace diffo::server
