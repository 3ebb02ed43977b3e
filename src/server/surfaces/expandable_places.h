#pragma once

#include "graph/key.h"
#include "model/model.h"

#include <string_view>
#include <vector>

namespace diffo::server {

/// A first-level attribute in which references stand or may stand. A plain value; its texts are the
/// model's.
struct ExpandablePlace {
  std::string_view name;    ///< in the version
  graph::Family family = 0; ///< of what its references lead to; 0: their hrefs alone tell
  std::string_view inner{}; ///< the member that is the reference, where one is around it
  bool is_open = false;     ///< kept as it came: references stand anywhere in it
};
using ExpandablePlaces = std::vector<ExpandablePlace>;

/// Those of a collection, in the order of its attributes.
ExpandablePlaces expandable_places(model::Api api, model::Version version,
                                   const model::Model& model);

} // namespace diffo::server
