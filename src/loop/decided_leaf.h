#pragma once

#include "graph/schema.h"
#include "loop/residue.h"

#include <diffo/json.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What decisions and tasks keep of the leaves that they are about.
namespace diffo::loop {

struct DecidedLeaf {
  LeafId id;
  Fingerprint fingerprint = 0; ///< as it was then
  graph::Key expectation;
  graph::Key target;
  std::string address;
};

// In records. Reading gives nothing for what is none.
json::Value kept_leaf(const DecidedLeaf& leaf);
std::optional<DecidedLeaf> kept_leaf_in(const json::Value& value, graph::Tenant tenant);
json::Object kept_key(const graph::Key& key);
std::optional<graph::Key> kept_key_in(const json::Value& object, std::string_view member,
                                      graph::Tenant tenant);
json::Value kept_moment(std::int64_t microseconds);
std::optional<std::int64_t> kept_moment_in(const json::Value& object, std::string_view member);

/// As they are shown.
json::Object shown_leaf(const DecidedLeaf& leaf, const graph::Schema& schema);

} // namespace diffo::loop
