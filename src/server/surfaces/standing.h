#pragma once

#include "graph/filter.h"
#include "loop/standing_residues.h"
#include "server/call.h"
#include "server/services.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// How surfaces look at what stands outstanding (wire.md §7.1).
namespace diffo::server {

/// Runs on a worker with what stands at the revision that is the newest now, or, where that takes
/// too long, at an older one; answers what it returns as an error. Nobody is kept waiting on a
/// thread.
using AnswerStanding = std::function<Result<void>(Call&, const loop::StandingRef&)>;
void with_standing(const Services& services, const CallRef& call, AnswerStanding answer_it);
/// The second half of it: with what stands, or an empty reference when that is not known yet.
void answer_on_worker(const Services& services, const CallRef& call,
                      const loop::StandingRef& standing, const AnswerStanding& answer_it);

/// `X-Diffo-Revision`: of what was answered.
std::pair<std::string, std::string> revision_header(const loop::Standing& standing);

/// The query string of a list that may ask for what is outstanding, and the rest of it.
struct OutstandingQuery {
  std::optional<bool> outstanding;
  std::string rest;
};
/// Errors: malformed; invalid for anything but true and false.
Result<OutstandingQuery> take_outstanding(std::string_view query);
bool asks_for_outstanding(std::string_view query);

/// The records of a family of which something is outstanding that is neither approved nor
/// overruled; or those of which nothing is.
graph::Filter outstanding_filter(const loop::Standing& standing, graph::Tenant tenant,
                                 graph::Family family, bool outstanding);

} // namespace diffo::server
