#include "server/origin.h"

#include "base/text.h"

namespace diffo::server {

std::optional<Origin> Origin::parse(std::string_view text) {
  const std::size_t mark = text.find("://");
  if (mark == std::string_view::npos)
    return std::nullopt;
  Origin made;
  made.scheme = small_letters(text.substr(0, mark));
  if (made.scheme != "http" && made.scheme != "https")
    return std::nullopt;
  text.remove_prefix(mark + 3);
  const std::string_view authority = text.substr(0, text.find_first_of("/?#"));
  const auto read = http::Authority::parse(authority);
  if (!read)
    return std::nullopt;
  made.authority = *read;
  made.rest = text.substr(authority.size());
  return made;
}

} // namespace diffo::server
