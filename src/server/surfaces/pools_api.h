#pragma once

#include "http/router.h"
#include "server/call.h"
#include "server/services.h"

#include <diffo/json.h>

namespace diffo::server {

/// What pools have, and who has it (wire.md §6.5): one pool of one instance with its assignments
/// page by page, and the use of all. Counted at one revision, on a worker. Thread rule: handlers on
/// I/O threads.
class PoolsApi {
public:
  explicit PoolsApi(Services& services) : services_(services) {}
  void add_routes(http::Router& router);

private:
  void list(CallRef call) const;
  void get(CallRef call) const;
  Result<void> answer_list(Call& call) const;
  Result<void> answer_one(Call& call) const;

  Services& services_;
};

} // namespace diffo::server
