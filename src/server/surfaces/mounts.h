#pragma once

#include "model/api.h"

#include <string>
#include <vector>

namespace diffo::server {

/// One collection in one version under one base path.
struct Mount {
  model::Api api = model::Api::service;
  model::Version version = model::Version::v4;
  std::string base; ///< "/tmf-api/serviceInventory/v4"
  /// Of the collection: "/tmf-api/serviceInventory/v4/service".
  [[nodiscard]] std::string path() const;
};

/// All base paths of TMF638 and TMF639 (tmf.md §1.1).
std::vector<Mount> inventory_mounts();
/// All base paths of their neighbours (tmf.md §6).
std::vector<Mount> neighbour_mounts();

} // namespace diffo::server
