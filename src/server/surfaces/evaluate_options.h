#pragma once

#include "loop/evaluate.h"
#include "server/services.h"

namespace diffo::server {

/// How an expectation is evaluated now; explained, with who wrote what is there, and since when it
/// is so. The services must outlive it.
loop::EvaluateOptions evaluate_options(const Services& services, graph::Tenant tenant,
                                       bool explain);

} // namespace diffo::server
