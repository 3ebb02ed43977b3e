#pragma once

#include "model/api.h"
#include "tmf/event.h"

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
  /// The events of its interface.
  [[nodiscard]] tmf::EventScope scope() const;
};

/// All base paths of TMF638 and TMF639 (tmf.md §1.1).
std::vector<Mount> inventory_mounts();
/// All base paths of their neighbours (tmf.md §6).
std::vector<Mount> neighbour_mounts();
/// Each base path of any interface once, with one of the collections there.
std::vector<Mount> interface_mounts();

} // namespace diffo::server
