#pragma once

#include <diffo/domain_model.h>

#include <algorithm>
#include <iterator>
#include <string_view>

/// What both front ends fill in where nothing is said.
namespace diffo::model::defaults {

constexpr std::string_view specification_type(Half half) {
  return half == Half::service    ? "serviceSpecification"
         : half == Half::resource ? "resourceSpecification"
                                  : "";
}

inline Type calculation_type(Calculation::By by) {
  using By = Calculation::By;
  Type type;
  switch (by) {
  case By::count:
    type.scalar = Scalar::integer;
    break;
  case By::sum:
  case By::min:
  case By::max:
  case By::expression:
    type.scalar = Scalar::number;
    break;
  case By::field_from_assignment:
  case By::field_via_assigned_relationship:
  case By::field_via_relationship:
  case By::lookup:
  case By::hook:
    type.scalar = Scalar::any;
    break;
  }
  return type;
}

/// domain.md §3: without a chain, one assignment backwards whose alias is the name.
inline std::vector<Hop> chain(std::string_view name) {
  Hop hop;
  hop.alias = name;
  return {std::move(hop)};
}

constexpr Base base_of(Half half) {
  switch (half) {
  case Half::individual:
  case Half::organization:
    return Base::party;
  case Half::address:
  case Half::site:
  case Half::location:
    return Base::place;
  case Half::none:
  case Half::service:
  case Half::resource:
    break;
  }
  return Base::instance;
}

} // namespace diffo::model::defaults
