#pragma once

#include "server/surfaces/mounts.h"
#include "server/surfaces/resource.h"

#include <memory>

namespace diffo::server {

/// What the references of instances lead to: parties, places, specifications and their catalogs
/// (tmf.md §6). What declared kinds publish can be read, and is changed with the model alone.
std::unique_ptr<const DocumentForm> neighbour_form(Mount mount);

} // namespace diffo::server
