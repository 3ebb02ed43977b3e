#pragma once

#include "model/model.h"
#include "model/schema.h"
#include "model/words.h"

#include <optional>
#include <string_view>

/// Where attributes live inside a record and what they are called there and on the wire: what the
/// decoder and the emitter must agree on.
namespace diffo::model {

inline const KindTraits& traits_of(graph::ElementKind kind, Api api) {
  return inventory_model().traits_of(kind, api);
}

/// The attribute of its owner that holds children of a kind; nothing for kinds that do not show.
inline std::optional<graph::Word> home_word(graph::ElementKind owner, graph::ElementKind child,
                                            Api api, Version version) {
  return inventory_model().home_word(owner, child, api, version);
}

/// The kind of the children that an attribute of an owner holds, 0 when it holds none.
inline graph::ElementKind home_kind(graph::ElementKind owner, graph::Word attribute, Api api,
                                    Version version) {
  return inventory_model().home_kind(owner, attribute, api, version);
}

/// Whether the attribute is one object instead of an array (unless it is the place of a resource,
/// which is one only in v4).
constexpr bool is_single(graph::ElementKind child) {
  return child == kinds::specification_reference;
}

/// Whether an attribute of an element of that kind is modelled (a field) when its value is a
/// scalar.
inline bool is_field(graph::ElementKind owner, graph::Word attribute) {
  return inventory_model().is_field(owner, attribute);
}

/// Under which word the object around a reference has a field of an edge; 0 for what belongs to the
/// reference itself.
constexpr graph::Word outer_member(graph::Word field) {
  if (field == words::outer_type)
    return words::type;
  if (field == words::outer_name)
    return words::name;
  const bool outer =
      field == words::role || field == words::relationship_type || field == words::alias;
  return outer ? field : graph::Word{0};
}

/// The `@type` that v5 asks of a characteristic with such a value.
std::string_view characteristic_type(const json::Value& value);

/// The name under which a client's attribute of a feature is kept: a resource's constraints are
/// `constraint` in v4 and `policyConstraint` in v5, so what bears the other name swaps too. Its own
/// inverse.
std::string_view feature_attribute(std::string_view name, Api api, Version version);

} // namespace diffo::model
