#pragma once

#include "http/router.h"
#include "server/call.h"
#include "server/services.h"

#include <atomic>

namespace diffo::server {

/// What `/diffo/v1` offers beside the TM Forum APIs (wire.md §6.2): instances in the reference's
/// own JSON, the journal, import and export, backup and check. Thread rule: handlers on I/O
/// threads.
class DiffoApi {
public:
  explicit DiffoApi(Services& services) : services_(services) {}
  void add_routes(http::Router& router);

private:
  void get_instance(CallRef call) const;
  void journal(CallRef call) const;
  void import(CallRef call) const;
  void export_all(CallRef call) const;
  void check(CallRef call) const;
  void backup(CallRef call) const;

  Services& services_;
  mutable std::atomic<int> open_imports_{0};
};

} // namespace diffo::server
