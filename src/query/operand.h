#pragma once

#include "graph/operand.h"

#include <cstdint>
#include <string_view>

namespace diffo::query {

/// How a condition compares the values it finds with its operands (TMF630 Part 1, tmf.md §2.4).
enum class Comparison : std::uint8_t {
  equal,
  not_equal,
  greater,
  greater_or_equal,
  less,
  less_or_equal,
  pattern,
  present, ///< no operand is asked
  absent   ///< likewise
};

/// The operators, for messages.
inline constexpr const char* operator_words =
    "eq, ne, gt, gte, lt, lte, regex, like, ilike and exists";

/// `eq`, `gte` … as they stand behind a dot; `exists` and `absent`.
std::string_view name_of(Comparison comparison);

/// What is asked of each value: not_equal is asked as equal, and turned round by the condition.
graph::Compare asked_as(Comparison comparison);

} // namespace diffo::query
