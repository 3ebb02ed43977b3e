#pragma once

#include "graph/key.h"

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace diffo::graph {

/// Which way an edge is walked.
enum class Direction : std::uint8_t { out, in };

/// Where values stand in a record, as data: down through children of kinds, then at a member of the
/// element, then inside its JSON value. An array on the way stands for each of its elements, so a
/// path may lead to several values or to none. A plain value.
struct FieldPath {
  /// What of the element is meant.
  enum class End : std::uint8_t {
    field,      ///< the field `member`
    extra,      ///< the extra `member`
    member,     ///< the field `member`, else the extra of that name
    id,         ///< the root's id, or the id of the target of an edge
    created_at, ///< of the record
    updated_at, ///< of the record
    irregular,  ///< true for an element that may show otherwise than its fields say: kept verbatim,
                ///< or in the newer form with more around the reference
    element     ///< all of the element, with what stands below it; as a value it is true
  };
  /// What counts where the record has nothing at the end.
  enum class Otherwise : std::uint8_t { nothing, created_at, text };

  /// Each step: a child of one of these kinds; of none named: any child.
  std::vector<std::vector<ElementKind>> parts{};
  End end = End::field;
  std::string member{};              ///< the attribute as it is stored
  std::vector<std::string> inside{}; ///< members of the JSON value there
  Otherwise otherwise = Otherwise::nothing;
  std::string otherwise_text{};

  friend bool operator==(const FieldPath&, const FieldPath&) = default;
  friend auto operator<=>(const FieldPath&, const FieldPath&) = default;
};

} // namespace diffo::graph
