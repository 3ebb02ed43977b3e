#include "server/surfaces/standing.h"

#include "server/on_reader.h"
#include "server/parameters.h"

#include <algorithm>
#include <vector>

namespace diffo::server {

void answer_on_worker(const Services& services, const CallRef& call,
                      const loop::StandingRef& standing, const AnswerStanding& answer_it) {
  on_reader(services, call, [answer_it, standing](Call& asked) -> Result<void> {
    if (!standing)
      return Error{ErrorCode::unavailable,
                   "what is outstanding is still being found out: try again soon"};
    return answer_it(asked, standing);
  });
}

void with_standing(const Services& services, const CallRef& call, AnswerStanding answer_it) {
  auto on_worker = [&services, call,
                    answer_it = std::move(answer_it)](const loop::StandingRef& standing) {
    answer_on_worker(services, call, standing, answer_it);
  };
  services.store.read(
      {}, {}, nullptr,
      [&services, call, on_worker = std::move(on_worker)](const Result<graph::Subgraph>& newest) {
        if (newest)
          services.residues.when(newest->sequence(), on_worker);
        else
          answer_error(*call, newest.error());
      });
}

std::pair<std::string, std::string> revision_header(const loop::Standing& standing) {
  return {"X-Diffo-Revision", std::to_string(standing.sequence)};
}

Result<OutstandingQuery> take_outstanding(std::string_view query) {
  TakenParameter taken = TRY(take_parameter(query, "outstanding"));
  OutstandingQuery asked{{}, std::move(taken.rest)};
  if (taken.value) {
    if (*taken.value != "true" && *taken.value != "false")
      return Error{ErrorCode::invalid, "must be true or false", "outstanding"};
    asked.outstanding = *taken.value == "true";
  }
  return asked;
}

bool asks_for_outstanding(std::string_view query) {
  const auto taken = take_parameter(query, "outstanding");
  return taken && taken->value;
}

graph::Filter outstanding_filter(const loop::Standing& standing, graph::Tenant tenant,
                                 graph::Family family, bool outstanding) {
  std::vector<std::string> ids;
  standing.index->for_each([&](const loop::TargetResidues& one) {
    const bool open =
        one.target.tenant == tenant && one.target.family == family &&
        std::any_of(one.residues.begin(), one.residues.end(), [&](const loop::Residue& residue) {
          return residue.is_outstanding() && !standing.establishing->contains(residue.expectation);
        });
    if (open)
      ids.push_back(one.target.id);
    return true;
  });
  graph::Filter found = graph::equal_text({.end = graph::FieldPath::End::id}, std::move(ids));
  return outstanding ? std::move(found) : graph::none_of(std::move(found));
}

} // namespace diffo::server
