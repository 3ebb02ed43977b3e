#include "server/surfaces/expandable_places.h"

#include <algorithm>

namespace diffo::server {
namespace {

bool is_object(model::Form form) {
  return form == model::Form::object || form == model::Form::objects;
}

bool is_served(graph::Family family) {
  return std::any_of(model::apis.begin(), model::apis.end(),
                     [family](const model::ApiRow& row) { return row.family == family; });
}

} // namespace

ExpandablePlaces expandable_places(model::Api api, model::Version version,
                                   const model::Model& model) {
  ExpandablePlaces places;
  for (const model::Attribute& row : model.attributes_of(model::root_of(api))) {
    ExpandablePlace place{.name = row.name_in(api, version)};
    const model::Kind* kind = row.holds != 0 ? model.kind(row.holds) : nullptr;
    if (kind != nullptr && kind->role == graph::ElementRole::edge) {
      const model::KindTraits& traits = model.traits_of(row.holds, api);
      // What is kept as it came only has the form of such a reference.
      if (row.home != model::Home::extra && is_served(traits.target))
        place.family = traits.target;
      if (traits.inner != 0)
        place.inner = model.dictionary().text(traits.inner);
    } else if (row.holds == 0 && row.home == model::Home::extra && row.schema.empty() &&
               (is_object(row.v4) || is_object(row.v5))) {
      place.is_open = true;
    } else {
      continue;
    }
    if (std::none_of(places.begin(), places.end(),
                     [&](const ExpandablePlace& one) { return one.name == place.name; }))
      places.push_back(place);
  }
  return places;
}

} // namespace diffo::server
