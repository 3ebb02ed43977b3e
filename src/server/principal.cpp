#include "server/principal.h"

#include <utility>

namespace diffo::server {

graph::Principal local_principal() {
  static const graph::Principal everything{.roles = {"reader", "operator", "modeller", "admin"}};
  return everything;
}

graph::Context context_of(graph::Principal principal, std::string cause, const Clock& clock,
                          UuidSource& uuids) {
  graph::Context context;
  context.principal = std::move(principal);
  context.cause = std::move(cause);
  context.now = clock.now().microseconds;
  context.new_id = [&uuids] { return uuids.random().text(); };
  return context;
}

} // namespace diffo::server
