#pragma once

#include "http/router.h"
#include "server/call.h"
#include "server/services.h"
#include "server/slots.h"

namespace diffo::server {

/// What `/diffo/v1` offers beside the TM Forum APIs (wire.md §6.2): instances in the reference's
/// own JSON and with their history, the journal, import and export, backup and check. Thread rule:
/// handlers on I/O threads.
class DiffoApi {
public:
  explicit DiffoApi(Services& services) : services_(services) {}
  void add_routes(http::Router& router);

private:
  void get_instance(CallRef call) const;
  Result<void> start_instance(const CallRef& call) const;
  Result<void> answer_instance(Call& call, const std::vector<graph::Key>& keys,
                               const std::vector<std::string>& load, graph::Pin pin,
                               graph::FetchPlan plan) const;
  [[nodiscard]] std::int64_t now() const;
  void history(CallRef call) const;
  Result<void> answer_history(Call& call) const;
  void journal(CallRef call) const;
  Result<void> answer_journal(Call& call) const;
  void import(CallRef call) const;
  void export_all(CallRef call) const;
  void check(CallRef call) const;
  void backup(CallRef call) const;

  Services& services_;
  // Each has at most one piece in the queue of its worker, which is longer than both together.
  mutable Slots imports_{8};
  mutable Slots exports_{16};
};

} // namespace diffo::server
