#include "graph/revision.h"

namespace diffo::graph {
namespace {

Error no_claims() {
  return {ErrorCode::unsupported, "this store keeps no pools"};
}

} // namespace

bool Revision::fetch_more(const FetchPlan&) const {
  return false;
}

std::optional<Claim> Revision::claim(const ClaimName&, std::int64_t) const {
  return std::nullopt;
}

Result<std::uint64_t> Revision::count_free(const FreeQuery&, std::int64_t) const {
  return no_claims();
}

Result<std::optional<std::int64_t>> Revision::nth_free(const FreeQuery&, std::uint64_t,
                                                       std::int64_t) const {
  return no_claims();
}

} // namespace diffo::graph
