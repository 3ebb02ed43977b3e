#pragma once

#include "http/router.h"
#include "server/services.h"
#include "server/surfaces/resource.h"

#include <memory>
#include <vector>

namespace diffo::server {

/// TMF638 and TMF639, and their neighbours: each collection under every mount. Thread rule: any
/// thread.
class Inventory {
public:
  explicit Inventory(Services& services);
  void add_routes(http::Router& router) const;

private:
  std::vector<std::unique_ptr<const Resource>> resources_;
};

} // namespace diffo::server
