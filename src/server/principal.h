#pragma once

#include "base/time.h"
#include "base/uuid.h"
#include "graph/change.h"

#include <memory>
#include <string>

namespace diffo::server {

/// Whoever reaches the server over loopback, or the data folder itself: nobody known by name, with
/// every role, in the tenant without a name. The one place that says so until authentication can be
/// configured.
std::shared_ptr<const graph::Principal> local_principal();

/// The circumstances of what a principal does now. Clock and ids must outlive the context.
graph::Context context_of(graph::Principal principal, std::string cause, const Clock& clock,
                          UuidSource& uuids);

} // namespace diffo::server
