#pragma once

#include "loop/evaluate.h"
#include "server/services.h"

namespace diffo::server {

/// How an expectation is evaluated now; explained, with who wrote what is there, and since when it
/// is so. The services must outlive it.
loop::EvaluateOptions evaluate_options(const Services& services, graph::Tenant tenant,
                                       bool explain);

/// How what stands at a publication is evaluated for showing it: explained, at its moment. Since
/// when it is so is known already.
loop::EvaluateOptions options_at(const Services& services, const loop::Standing& standing,
                                 graph::Tenant tenant);

} // namespace diffo::server
