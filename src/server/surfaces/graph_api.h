#pragma once

#include "http/router.h"
#include "server/call.h"
#include "server/parameters.h"
#include "server/services.h"

#include <diffo/json.h>

#include <functional>
#include <initializer_list>
#include <string_view>

namespace diffo::server {

/// What can be asked of an instance's surroundings (wire.md §6.7): where chains lead, where a value
/// comes from, whom a change would touch. Thread rule: handlers on I/O threads; they answer on
/// workers.
class GraphApi {
public:
  explicit GraphApi(Services& services) : services_(services) {}
  void add_routes(http::Router& router);

private:
  /// Answers with what is concluded of the instance that the path names.
  using Conclude = std::function<Result<json::Value>(
      const graph::RecordRef& record, const Parameters& parameters, graph::Subgraph& subgraph)>;
  /// `known`: the parameters that the request may have.
  void answer_about(const CallRef& call, std::initializer_list<std::string_view> known,
                    Conclude conclude) const;
  void traverse(CallRef call) const;
  void why(CallRef call) const;
  void impact(CallRef call) const;
  [[nodiscard]] std::int64_t now() const { return services_.clock.now().microseconds; }

  Services& services_;
};

} // namespace diffo::server
