#pragma once

#include "server/surfaces/mounts.h"
#include "server/surfaces/resource.h"

#include <memory>

namespace diffo::server {

/// Topics (TMF688): their queries are read before they are kept, and one that somebody listens to
/// stays.
std::unique_ptr<const DocumentForm> topic_form(Mount mount);

} // namespace diffo::server
