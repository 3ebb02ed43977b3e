#pragma once

#include "http/router.h"
#include "server/call.h"
#include "server/services.h"
#include "server/surfaces/residue_rows.h"

namespace diffo::server {

/// What stands outstanding (wire.md §7.1): residues, leaves, and their sums. Thread rule: handlers
/// on I/O threads; they answer on workers.
class ResiduesApi {
public:
  explicit ResiduesApi(Services& services) : services_(services) {}
  void add_routes(http::Router& router);

private:
  Result<void> answer_list(Call& call, const loop::StandingRef& standing, bool leaves) const;
  Result<void> answer_summary(Call& call, const loop::StandingRef& standing) const;

  Services& services_;
};

} // namespace diffo::server
