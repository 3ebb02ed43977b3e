#pragma once

#include "http/router.h"
#include "loop/evaluate.h"
#include "server/call.h"
#include "server/services.h"
#include "server/surfaces/resource.h"

namespace diffo::server {

/// Stored expectations and what is outstanding (wire.md §7), under `/diffo/v1`. Thread rule:
/// handlers on I/O threads, evaluations on workers.
class ExpectationApi {
public:
  explicit ExpectationApi(Services& services);
  void add_routes(http::Router& router);

private:
  void outstanding_of_one(CallRef call) const;
  void outstanding_of_all(CallRef call) const;
  void evaluate_unstored(CallRef call) const;
  void schema(CallRef call) const;

  /// Runs on a worker and answers with what it yields.
  void answer_on_worker(CallRef call, std::function<Result<json::Value>(Call&)> make) const;
  Result<json::Value> evaluate_stored(const graph::Record& record, graph::Subgraph& subgraph,
                                      bool explain) const;
  Result<json::Value> evaluate_all(const Call& call, std::string_view filter, bool explain,
                                   bool all) const;
  Services& services_;
  Resource expectations_;
};

} // namespace diffo::server
