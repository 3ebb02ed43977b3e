#pragma once

#include "model/words.h"
#include "neo4j/layout.h"
#include "neo4j/projection/difference.h"
#include "neo4j/projection/shared_graph.h"
#include "testing/document_maker.h"
#include "testing/test_documents.h"

#include <diffo/bolt.h>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Records and graphs for the tests of the shared graph.
namespace diffo::neo4j {

using testing::DocumentMaker;
using testing::inventory;
using testing::packed;
using testing::record_of;
using testing::record_of_document;

inline constexpr std::string_view id = "0b0c5d5e-8a2f-4c52-9d62-5a8f4d0f3a10";
inline constexpr std::int64_t made_at = 1'700'000'000'123'456;

inline graph::RecordRef at(graph::RecordRef record, std::int64_t created, std::int64_t updated) {
  graph::stamp(record, 1, created, updated);
  return record;
}

/// With the moments that the draft has.
inline graph::RecordRef encoded(const graph::RecordDraft& draft) {
  return graph::encode(draft, inventory().dictionary());
}

inline graph::RecordRef service(const char* members) {
  return at(record_of(std::string(R"({"id":"0b0c5d5e-8a2f-4c52-9d62-5a8f4d0f3a10",)"
                                  R"("@type":"Service","state":"active",)") +
                          members + "}",
                      model::Api::service, model::Version::v5),
            made_at, made_at + 1);
}

inline constexpr const char* specified = R"("serviceSpecification":{"id":"s1"})";

using Labels = std::vector<std::string>;

/// A graph as a database would have it: nodes and relationships, the moments of parts aside.
struct Applied {
  std::map<NodeName, std::pair<Labels, std::map<std::string, std::string>>> nodes;
  std::set<std::string> relationships;
  bool operator==(const Applied&) const = default;
};

inline std::string name_of(const NodeName& name) {
  return name.label + '|' + name.key;
}
inline std::string relationship(const NodeName& from, const Tie& tie) {
  return tie.outward ? name_of(from) + " " + tie.type + " " + name_of(tie.other)
                     : name_of(tie.other) + " " + tie.type + " " + name_of(from);
}

inline bool is_moment(const SharedNode& node, std::string_view property) {
  return property == created_property || property == stamp_property ||
         (node.holder && property == updated_property);
}

inline void create(Applied& graph, const SharedNode& node) {
  auto& made = graph.nodes[node.name];
  made.first = node.labels;
  for (const bolt::Entry& entry : node.properties)
    if (!is_moment(node, entry.key))
      made.second[entry.key] = bolt::to_text(entry.value);
  if (node.holder) {
    CHECK(graph.nodes.contains(node.holder->other));
    graph.relationships.insert(relationship(node.name, *node.holder));
  }
  if (node.target)
    graph.relationships.insert(relationship(node.name, *node.target));
}

inline Applied applied(const SharedGraph& shared) {
  Applied graph;
  for (const SharedNode& node : shared.nodes)
    create(graph, node);
  return graph;
}

inline void apply(Applied& graph, const Difference& change) {
  for (const NodeName& name : change.erased) {
    graph.nodes.erase(name);
    std::erase_if(graph.relationships, [&name](const std::string& relationship) {
      return relationship.find(name_of(name)) != std::string::npos;
    });
  }
  for (const TieChange& tie : change.untied)
    graph.relationships.erase(relationship(tie.name, tie.tie));
  for (const SharedNode& node : change.created)
    create(graph, node);
  for (const NodeChange& node : change.changed) {
    auto& [labels, properties] = graph.nodes.at(node.name);
    for (const bolt::Entry& entry : node.set)
      if (entry.value.is_null())
        properties.erase(entry.key);
      else if (node.name.label != part_label || entry.key != updated_property)
        properties[entry.key] = bolt::to_text(entry.value);
    for (const std::string& label : node.new_labels)
      labels.push_back(label);
    for (const std::string& label : node.lost_labels)
      std::erase(labels, label);
    std::sort(labels.begin(), labels.end());
  }
  for (const TieChange& tie : change.tied)
    graph.relationships.insert(relationship(tie.name, tie.tie));
}

inline graph::RecordRef random_record(const std::vector<std::uint32_t>& supply, model::Api api,
                                      model::Version version) {
  json::Value document = DocumentMaker(supply, api, version).document();
  document.object().set("id", id);
  return record_of_document(document, api, version);
}

/// A location of TMF675 with any geometry, also such as others cannot read.
inline graph::RecordRef random_location(const std::vector<std::uint32_t>& supply) {
  std::size_t used = 0;
  const auto next = [&](std::uint32_t most) {
    return supply.empty() ? 0 : supply[used++ % supply.size()] % most;
  };
  const bool tall = next(3) == 0;
  const auto position = [&] {
    json::Array numbers{static_cast<double>(next(370)) - 185, static_cast<double>(next(180)) - 90};
    if (tall)
      numbers.emplace_back(static_cast<double>(next(50)));
    return json::Value(std::move(numbers));
  };
  const auto ring = [&] {
    const json::Value start = position();
    return json::Value(json::Array{start, position(), position(), start});
  };
  json::Object geometry;
  switch (next(4)) {
  case 0:
    geometry = {{"type", "Point"}, {"coordinates", position()}};
    break;
  case 1:
    geometry = {{"type", "Polygon"}, {"coordinates", json::Array{ring()}}};
    break;
  case 2:
    geometry = {{"type", "LineString"}, {"coordinates", json::Array{position(), position()}}};
    break;
  default:
    break;
  }
  graph::RecordDraft draft;
  draft.key = {0, model::family_place, "l1"};
  draft.root.kind = model::kinds::geographic_location;
  draft.root.set_field(model::words::type, "GeoJsonPoint");
  if (next(2) == 0)
    draft.root.set_field(model::words::name, "n" + std::to_string(next(9)));
  const bool held = next(2) == 0;
  if (!geometry.empty())
    draft.root.extra.push_back(
        {"geoJson", held ? json::Value(json::Object{{"geometry", geometry}}) : geometry});
  return encoded(draft);
}

/// Another root as a statement of gather_statement() tells of it.
inline bolt::Value told_target(const SharedNode& node) {
  const auto key = read_key_text(node.properties.text_of(target_property));
  REQUIRE(key.has_value());
  return bolt::Map{
      {"type", node.target->type},
      {"labels", bolt::List{node.target->other.label}},
      {"properties",
       bolt::Map{{node.target->other.property, node.target->other.key},
                 {"type", key->family == model::family_resource  ? "resource"
                          : key->family == model::family_service ? bolt::Value("service")
                                                                 : bolt::Value()}}}};
}

/// What the node holds, as such a statement tells.
inline bolt::List told_parts(const SharedGraph& graph, const NodeName& holder, bool points_here) {
  bolt::List parts;
  for (const SharedNode& node : graph.nodes) {
    if (!node.holder || node.holder->other != holder || node.holder->outward != points_here)
      continue;
    bolt::Map part{{"node", bolt::Node{.labels = node.labels, .properties = node.properties}},
                   {"type", node.holder->type},
                   {"parts", told_parts(graph, node.name, false)}};
    if (node.target)
      part.set(node.target->outward ? "targets" : "named", bolt::List{told_target(node)});
    parts.emplace_back(std::move(part));
  }
  return parts;
}

/// The answer to the statement, were the record there and all that it refers to.
inline bolt::EagerResult told(const SharedGraph& graph) {
  const auto keys =
      std::make_shared<const bolt::Keys>(bolt::Keys{"ix", "i", "outward", "inward", "targets"});
  const SharedNode& root = graph.nodes.at(0);
  bolt::List row{0, bolt::Node{.labels = root.labels, .properties = root.properties},
                 told_parts(graph, root.name, false), told_parts(graph, root.name, true),
                 root.target ? bolt::List{told_target(root)} : bolt::List()};
  return {.keys = keys, .records = {bolt::Record(keys, std::move(row))}};
}

} // namespace diffo::neo4j
