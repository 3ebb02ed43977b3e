#pragma once

#include "base/pattern.h"
#include "json/operand.h"

#include <diffo/json.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// A query of RFC 9535 or TMF630 Part 6 after it was read. Thread rule: plain values.
namespace diffo::json::path {

struct Logical;

/// RFC 9535 §2.3.
enum class SelectorKind : std::uint8_t { name, wildcard, index, slice, filter };

struct Selector {
  SelectorKind kind = SelectorKind::wildcard;
  std::string name{};
  std::int64_t index = 0;
  std::optional<std::int64_t> start{};
  std::optional<std::int64_t> end{};
  std::int64_t step = 1;
  std::shared_ptr<const Logical> filter{}; ///< shared, as copies are never changed
};

/// `parent` is what a value stands in, without selectors (TMF630's `^`).
enum class Reach : std::uint8_t { child, descendant, parent };

struct Segment {
  Reach reach = Reach::child;
  std::vector<Selector> selectors{};
};

enum class Beginning : std::uint8_t { root, current };

struct Query {
  Beginning beginning = Beginning::root;
  std::vector<Segment> segments{};
  /// Finds one value at most: names and indices alone (RFC 9535 §2.3.5.1).
  [[nodiscard]] bool is_singular() const;
};

/// RFC 9535 §2.4; from minimum on those of TMF630 Part 6.
enum class Function : std::uint8_t {
  length,
  count,
  match,
  search,
  value,
  minimum,
  maximum,
  average,
  deviation
};

struct Call;
/// A literal, a query, or what a function gives.
using Operand = std::variant<json::Value, Query, std::shared_ptr<const Call>>;

struct Call {
  Function function = Function::length;
  Operand argument{};
  std::shared_ptr<const Pattern> pattern{}; ///< of match and search
};

enum class Comparison : std::uint8_t { equal, unequal, less, less_or_equal, more, more_or_equal };
enum class LogicalKind : std::uint8_t {
  any_of,
  all_of,
  none_of,
  exists,
  compares,       ///< RFC 9535 §2.3.5.2.2
  compares_loose, ///< as TMF630 Part 6: some of the values on the left with some on the right
  matches,        ///< `=~`: some of the values on the left has a part that matches
  calls
};

/// What stands behind `?`.
struct Logical {
  LogicalKind kind = LogicalKind::exists;
  std::vector<Logical> parts{}; ///< of any_of, all_of, none_of
  Operand left{};               ///< of all others
  Operand right{};
  Comparison comparison = Comparison::equal;
  /// The literal on the right of compares_loose, where it is a text, a number or a boolean, and the
  /// pattern of matches, read once. Shared, as copies are never changed.
  std::shared_ptr<const json::Operand> asked{};
};

} // namespace diffo::json::path
