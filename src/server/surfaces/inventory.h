#pragma once

#include "http/router.h"
#include "model/api.h"
#include "server/call.h"
#include "server/services.h"

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

/// TMF638 and TMF639: one collection each, under every mount. Thread rule: handlers on I/O threads.
class Inventory {
public:
  explicit Inventory(Services& services) : services_(services) {}
  void add_routes(http::Router& router);

private:
  void get(const Mount& mount, CallRef call) const;
  void list(const Mount& mount, CallRef call) const;
  void create(const Mount& mount, CallRef call) const;
  void change(const Mount& mount, CallRef call) const;
  void remove(const Mount& mount, CallRef call) const;
  void no_hub(const Mount& mount, CallRef call) const;
  void answer_list(const Mount& mount, Call& call) const;
  void answer_record(const Mount& mount, Call& call, int status, const graph::Record& record) const;

  Services& services_;
  std::vector<Mount> mounts_ = inventory_mounts();
};

} // namespace diffo::server
