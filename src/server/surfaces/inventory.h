#pragma once

#include "http/router.h"
#include "model/api.h"
#include "server/services.h"
#include "server/surfaces/resource.h"

#include <memory>
#include <string>
#include <vector>

namespace diffo::server {

/// One published API in one version under one base path.
struct Mount {
  model::Api api = model::Api::service;
  model::Version version = model::Version::v4;
  std::string base; ///< "/tmf-api/serviceInventory/v4"
};

/// All base paths of TMF638 and TMF639 (tmf.md §1.1).
std::vector<Mount> inventory_mounts();

/// TMF638 and TMF639: one collection each, under every mount. Thread rule: any thread.
class Inventory {
public:
  explicit Inventory(Services& services);
  void add_routes(http::Router& router) const;

private:
  std::vector<std::unique_ptr<const Resource>> resources_;
};

} // namespace diffo::server
