#pragma once

#include "graph/filter.h"
#include "graph/key.h"
#include "graph/schema.h"

#include <diffo/json.h>
#include <diffo/result.h>

#include <cstdint>
#include <optional>
#include <string>

/// What clients post to /diffo/v1/observations (wire.md §8), read.
namespace diffo::server {

/// What a source says to have told all of: `complete` in the head of an observation (wire.md §8).
struct CompleteScope {
  std::string kind;         ///< a declared one, or the id or name of a specification; empty: any
  std::string filter;       ///< the query of a list of v5; empty: all
  graph::Family family = 0; ///< 0: as the kind's, or both
  std::optional<std::uint64_t> at_most; ///< beyond so many no longer seen, something else is wrong
};

/// What holds for all items.
struct ObservationHead {
  std::string source;
  std::int64_t observed_at = 0; ///< microseconds since 1970
  bool atomic = false;
  std::optional<CompleteScope> complete{};
};

/// Which instance an item is about.
struct ItemMatch {
  enum class By : std::uint8_t { id, external_identifier, name, characteristic };
  By by = By::id;
  graph::Family family = 0; ///< 0: a service or a resource
  std::string id;           ///< of the instance, or the external one
  std::string type;         ///< of an external identifier
  std::string name;         ///< of the instance or characteristic
  std::string kind;         ///< id or name of its specification; empty: any
  json::Value value;        ///< of a characteristic

  /// As JSON, for messages.
  [[nodiscard]] std::string text() const;
};

/// One item. Its documents are not looked into before it is known what it is about.
struct ObservedItem {
  std::uint64_t number = 0; ///< from 1
  ItemMatch match;
  std::optional<json::Value> set;
  std::optional<json::Value> absent;
  bool create = false;
  std::size_t bytes = 0; ///< of its text
};

/// Errors: invalid, with the place.
Result<ObservationHead> read_observation_head(const json::Value& document, std::int64_t now);
Result<ObservedItem> read_observed_item(json::Value document);

/// What instances are of a kind: a declared one by its name, or of a specification by its id or
/// name.
graph::Filter of_kind(const std::string& kind, const graph::Schema& schema);
/// What instances a match that is not by id means, as a condition that indexes narrow.
graph::Filter filter_of(const ItemMatch& match, const graph::Schema& schema);

} // namespace diffo::server
