#include "server/past.h"

#include "base/dates.h"
#include "server/parameters.h"

#include <charconv>
#include <utility>

namespace diffo::server {

Result<PinnedQuery> take_at(std::string_view query) {
  TakenParameter taken = TRY(take_parameter(query, "at"));
  if (taken.value && taken.value->empty())
    return Error{ErrorCode::invalid, "must be a sequence or a date", "at"};
  return PinnedQuery{taken.value.value_or(std::string()), std::move(taken.rest)};
}

Result<graph::Pin> pin_of(std::string_view at, const graph::Store& store) {
  graph::Sequence sequence = 0;
  const char* end = at.data() + at.size();
  if (const auto [stop, problem] = std::from_chars(at.data(), end, sequence);
      problem == std::errc() && stop == end)
    return graph::Pin{.at = sequence};
  const auto moments = parse_instants(at);
  if (!moments)
    return Error{ErrorCode::invalid, "must be the sequence of a commit, or a date", "at"};
  return graph::Pin{.at = TRY(store.sequence_at(moments->from))};
}

} // namespace diffo::server
