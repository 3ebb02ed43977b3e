#pragma once

#include "json/json_path.h"
#include "json/json_path_tree.h"

#include <diffo/json.h>
#include <diffo/result.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::query {

/// How many values of one document a JSONPath may look at, and how many paths of a kind one request
/// may have.
inline constexpr std::size_t max_path_steps = 1'000'000;
inline constexpr std::size_t max_paths_of_a_kind = 8;

/// What a JSONPath about a collection says of each entity in it (TMF630 Part 6, tmf.md §2.4). A
/// first `[*]` or `[?(…)]` is of the collection, which has no other place here; the rest begins at
/// the entity, which is also what `$` means in a filter. A plain value.
struct EntityPath {
  std::optional<json::path::Logical> which{}; ///< of the collection; nothing: of every entity
  json::path::Query rest{};                   ///< from the entity on

  /// Errors: invalid with the byte, or beyond the bounds of JSONPath; unsupported for entities by
  /// their position.
  static Result<EntityPath> parse(std::string_view text, const json::PathReading& reading = {});

  /// That an entity is chosen, and that the rest finds something in it.
  [[nodiscard]] json::path::Logical condition() const;
  /// Whether there is nothing behind what chooses entities.
  [[nodiscard]] bool is_of_whole_entities() const { return rest.segments.empty(); }
};

/// Whether the first segment of a path is of the collection, and then whether it takes every
/// entity.
enum class Chooses : std::uint8_t { nothing, some, every };
Chooses choice_of(const json::path::Query& query);

/// The first-level attributes that a condition on entities looks at; nothing: all.
std::optional<std::vector<std::string>> attributes_of(const json::path::Logical& condition);

/// The names of a path that consists of nothing else; empty: it does not.
std::vector<std::string> plain_names(const json::path::Query& query);

/// Whether a text is written in JSONPath rather than as a dotted path of names.
bool is_json_path(std::string_view text);

/// Splits at commas that stand neither in brackets nor in quotes.
std::vector<std::string_view> split_paths(std::string_view text);

/// Whether the condition holds for a document. Errors: invalid when it looks at more than it may.
Result<bool> holds(const json::PathCondition& condition, const json::Value& document);

} // namespace diffo::query
