#pragma once

#include "graph/schema.h"
#include "model/api.h"

#include <optional>
#include <string>
#include <string_view>

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
} // namespace kinds

/// The families, kinds, words and indexes of an inventory. One object for the process.
const graph::Schema& inventory_schema();

/// The family of the roots of an API.
constexpr graph::Family family_of(Api api) {
  return api == Api::service ? family_service : family_resource;
}

/// The index key of a value of a first-level attribute: by name of the index (`startDate`:
/// instants; others: text). Nothing when such a value has no key there.
std::optional<std::string> index_key(std::string_view index, std::string_view text);

/// The key of the index `characteristic`: a name and, as text or number, a value.
std::string characteristic_key(std::string_view name, const json::Value& value);

} // namespace diffo::model
