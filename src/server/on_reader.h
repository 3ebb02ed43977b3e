#pragma once

#include "server/services.h"

#include <functional>

namespace diffo::server {

/// Carries out a step of a call on the workers for scans and evaluations, where it may wait, and
/// answers the error that it returns; unavailable when too many are waiting.
void on_reader(const Services& services, const CallRef& call,
               std::function<Result<void>(Call&)> step);

} // namespace diffo::server
