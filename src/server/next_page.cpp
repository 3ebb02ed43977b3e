#include "server/next_page.h"

#include "base/url_text.h"

#include <algorithm>

namespace diffo::server {

Result<std::uint64_t> limit_in(const Parameters& parameters) {
  const std::uint64_t limit = TRY(parameters.number("limit", most_on_page));
  if (limit == 0 || limit > most_on_page)
    return Error{ErrorCode::invalid, "limit: must be from 1 to " + std::to_string(most_on_page)};
  return limit;
}

std::string next_page(const Call& call, std::string_view public_url, std::string_view after) {
  std::string query;
  std::string_view left = call.request.query;
  while (!left.empty()) {
    const std::string_view one = left.substr(0, left.find('&'));
    left.remove_prefix(std::min(left.size(), one.size() + 1));
    const std::string_view name = one.substr(0, one.find('='));
    if (name != "after" && name != "offset" && !one.empty())
      query += std::string(one) + '&';
  }
  std::string link = '<' + origin_of(call.request, public_url) + std::string(call.request.path) +
                     '?' + query + "after=";
  append_percent_encoded(link, after);
  return link + ">; rel=\"next\"";
}

} // namespace diffo::server
