#include "server/past.h"

#include "base/dates.h"
#include "base/url_text.h"

#include <charconv>

namespace diffo::server {

Result<PinnedQuery> take_at(std::string_view query) {
  PinnedQuery taken;
  for (const RawParameter& parameter : split_query(query)) {
    const auto name = decode_query_text(parameter.name);
    if (name && *name == "at") {
      std::string value = TRY(decode_query_text(parameter.value));
      if (!taken.at.empty())
        return Error{ErrorCode::invalid, "is given twice", "at"};
      if (value.empty())
        return Error{ErrorCode::invalid, "must be a sequence or a date", "at"};
      taken.at = std::move(value);
      continue;
    }
    taken.rest += taken.rest.empty() ? "" : "&";
    taken.rest += parameter.name;
    if (parameter.has_value)
      (taken.rest += '=') += parameter.value;
  }
  return taken;
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
