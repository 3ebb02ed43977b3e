#pragma once

#include "http/router.h"
#include "rules/precedence.h"
#include "server/call.h"
#include "server/observations/source_board.h"
#include "server/services.h"
#include "server/slots.h"

namespace diffo::server {

/// `/diffo/v1/observations` and `/diffo/v1/sources` (wire.md §8). Thread rule: any thread; takers
/// run on the bulk worker.
class ObservationsApi {
public:
  ObservationsApi(Services& services, const rules::Precedence& precedence)
      : services_(services), precedence_(precedence) {}
  void add_routes(http::Router& router);

private:
  void observe(CallRef call) const;
  void list_sources(Call& call) const;

  Services& services_;
  const rules::Precedence& precedence_;
  mutable Slots under_way_{32};
  mutable SourceBoard sources_;
};

} // namespace diffo::server
