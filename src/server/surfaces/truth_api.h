#pragma once

#include "http/router.h"
#include "server/call.h"
#include "server/services.h"
#include "server/surfaces/residue_rows.h"

#include <vector>

namespace diffo::server {

/// An instance with both truths (wire.md §7.1): for each leaf that is expected of it what is
/// expected, by whom, and what is there. Thread rule: handlers on I/O threads; they answer on
/// workers.
class TruthApi {
public:
  explicit TruthApi(Services& services) : services_(services) {}
  void add_routes(http::Router& router);

private:
  void start(const CallRef& call) const;
  Result<void> answer_truth(Call& call, const loop::StandingRef& standing, const graph::Key& target,
                            const std::vector<graph::Key>& expectations) const;

  Services& services_;
};

} // namespace diffo::server
