#pragma once

#include "graph/record.h"
#include "graph/schema.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace diffo::model {

// Families of roots. Numbers are part of the stored format and never reused.
inline constexpr graph::Family family_service = 1;
inline constexpr graph::Family family_resource = 2;
inline constexpr graph::Family family_party = 3;
inline constexpr graph::Family family_place = 4;
inline constexpr graph::Family family_entity = 5;
inline constexpr graph::Family family_specification = 6;
inline constexpr graph::Family family_expectation = 7;
inline constexpr graph::Family family_subscription = 8;
inline constexpr graph::Family family_task = 9;
inline constexpr graph::Family family_assignment = 10;
inline constexpr graph::Family family_decision = 11;
inline constexpr graph::Family family_observation_source = 12;
inline constexpr graph::Family family_model = 13;
/// Catalogs, their categories and candidates.
inline constexpr graph::Family family_catalog = 15;
inline constexpr graph::Family family_topic = 16;

/// Kinds of elements. Numbers are part of the stored format and never reused.
namespace kinds {
inline constexpr graph::ElementKind service = 1;
inline constexpr graph::ElementKind resource = 2;
inline constexpr graph::ElementKind party = 3;
inline constexpr graph::ElementKind place = 4;
inline constexpr graph::ElementKind entity = 5;
inline constexpr graph::ElementKind specification = 6;
inline constexpr graph::ElementKind expectation = 7;
inline constexpr graph::ElementKind subscription = 8;
inline constexpr graph::ElementKind task = 9;
inline constexpr graph::ElementKind assignment_root = 10; ///< for the edge see `assignment`
inline constexpr graph::ElementKind decision = 11;
inline constexpr graph::ElementKind observation_source = 12;
inline constexpr graph::ElementKind model_root = 13;

inline constexpr graph::ElementKind feature = 16;
inline constexpr graph::ElementKind characteristic = 17;
inline constexpr graph::ElementKind characteristic_relationship = 18;
inline constexpr graph::ElementKind feature_relationship = 19;
inline constexpr graph::ElementKind constraint = 20;
inline constexpr graph::ElementKind note = 21;
inline constexpr graph::ElementKind external_identifier = 22;
inline constexpr graph::ElementKind process_status = 23;
inline constexpr graph::ElementKind order_item = 24;
inline constexpr graph::ElementKind attachment = 25;
/// What the object around a reference has beside its own attributes: a child of an edge, extras
/// alone.
inline constexpr graph::ElementKind outer = 26;

inline constexpr graph::ElementKind service_relation = 32;  ///< to a service
inline constexpr graph::ElementKind resource_relation = 33; ///< to a resource
inline constexpr graph::ElementKind assignment = 34;
inline constexpr graph::ElementKind defined_simple_relation = 35;
inline constexpr graph::ElementKind supporting_service = 36;  ///< supportedBy, to a service
inline constexpr graph::ElementKind supporting_resource = 37; ///< supportedBy, to a resource
inline constexpr graph::ElementKind specification_reference = 38;
inline constexpr graph::ElementKind place_reference = 39;
inline constexpr graph::ElementKind party_reference = 40;
inline constexpr graph::ElementKind entity_reference = 41;
/// From an expectation to the instance it is about.
inline constexpr graph::ElementKind expects = 42;
/// From an assignment to who handed the value out, and to who got it.
inline constexpr graph::ElementKind assigner = 43;
inline constexpr graph::ElementKind assignee = 44;

// Roots of the neighbours' entities (tmf.md §6): of parties, specifications, catalogs and places.
inline constexpr graph::ElementKind individual = 45;
inline constexpr graph::ElementKind organization = 46;
inline constexpr graph::ElementKind service_specification = 47;
inline constexpr graph::ElementKind resource_specification = 48;
inline constexpr graph::ElementKind service_catalog = 49;
inline constexpr graph::ElementKind service_category = 50;
inline constexpr graph::ElementKind service_candidate = 51;
inline constexpr graph::ElementKind resource_catalog = 52;
inline constexpr graph::ElementKind resource_category = 53;
inline constexpr graph::ElementKind resource_candidate = 54;
inline constexpr graph::ElementKind geographic_address = 55;
inline constexpr graph::ElementKind geographic_site = 56;
inline constexpr graph::ElementKind geographic_location = 57;
/// Of events (TMF688).
inline constexpr graph::ElementKind topic = 58;
} // namespace kinds

/// How items of a kind are built in JSON.
enum class Build : std::uint8_t {
  part,      ///< attributes alone
  reference, ///< the object is the reference
  relation,  ///< an object around a reference, in both versions
  related,   ///< flat in v4, an object around a reference in v5
};

/// The `@type` that v5 demands of what came without one, by the API it belongs to.
struct TypeName {
  std::string_view service;
  std::string_view resource;
};

/// What is known of a kind of elements beside its attributes. A plain value; texts are literals or
/// outlive the model.
struct Kind {
  graph::ElementKind kind = 0;
  std::string_view name; ///< for people
  graph::ElementRole role = graph::ElementRole::part;
  Build build = Build::part;
  graph::Family target = 0; ///< that edges lead to; of a root: its own
  TypeName type = {};       ///< of the item
  TypeName inner_type = {}; ///< of the reference in it
  /// What tells items of a list apart beside their id (wire.md §7): groups separated by `|`, of
  /// which the first that an item has counts, each of attributes joined by `+`; `@target` is the id
  /// of what a reference leads to.
  std::string_view keys = {};
  /// What else lists of it are called, separated by spaces: in profile diffo.
  std::string_view other_lists = {};
  /// Whoever is meant by `inner` is also called so there.
  std::string_view other_inner = {};
  /// What it leads to is never given by value: what has no target is none, and its edges tell all.
  bool always_leads = false;
  /// Edges of that kind are shown among those of this one, too.
  graph::ElementKind shows_too = 0;
  /// Of a root: the published classes of it, separated by spaces; `class:base` of one below
  /// another.
  std::string_view classes = {};
  std::string_view labels = {};           ///< of its node in a graph database, separated by spaces
  std::string_view relationship = {};     ///< that ties it to its owner, or an edge to its target
  std::string_view key_property = "uuid"; ///< of a root: where its identity is
  bool points_to_owner = false;
  /// What the published documents call it, and say of it. Kinds of one schema share it.
  std::string_view schema = {};
  std::string_view about = {};
};

/// All kinds of the inventory.
std::vector<Kind> inventory_kinds();

/// What the object around a reference has beside what the model knows of it: the item's child of
/// kind `outer`; of kind 0 where it has none.
inline graph::ElementView outer_of(const graph::ElementView& item) {
  graph::ElementView outer;
  return item.has_children() && item.children().next_of(kinds::outer, outer) ? outer
                                                                             : graph::ElementView();
}

} // namespace diffo::model
