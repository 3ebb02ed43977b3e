#include "server/principal.h"

#include <utility>

namespace diffo::server {

std::shared_ptr<const graph::Principal> local_principal() {
  static const std::shared_ptr<const graph::Principal> everybody = [] {
    graph::Principal principal;
    principal.roles = {"reader", "operator", "modeller", "admin"};
    return std::make_shared<const graph::Principal>(std::move(principal));
  }();
  return everybody;
}

graph::Context context_of(graph::Principal principal, std::string cause, const Clock& clock,
                          UuidSource& uuids) {
  graph::Context context;
  context.principal = std::move(principal);
  context.cause = std::move(cause);
  context.now = clock.now().microseconds;
  context.new_id = [&uuids] { return uuids.random().text(); };
  context.random = [&uuids](std::uint64_t bound) {
    // Beyond the bits of version and variant; the bias of 56 bits is below what anybody can see.
    const Uuid drawn = uuids.random();
    std::uint64_t number = 0;
    for (std::size_t index = 9; index < 16; ++index)
      number = number << 8U | drawn.bytes[index];
    return number % bound;
  };
  return context;
}

} // namespace diffo::server
