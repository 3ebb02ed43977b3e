#include "cli/reader.h"

#include "base/url_text.h"
#include "cli/place.h"

#include <algorithm>

namespace diffo::cli {
namespace {

constexpr std::size_t most_pages = 100'000;
/// Where a URL ends for us; a server takes none that is longer.
constexpr std::size_t longest_target = std::size_t{8} * 1024;

Error malformed(std::string message) {
  return {ErrorCode::malformed, std::move(message)};
}

bool is_graphic(char c) {
  return c > ' ' && c <= '~';
}

/// The URL of `rel="next"` (RFC 8288 §3), or nothing.
std::string_view next_link(std::string_view header) {
  while (true) {
    const std::size_t begin = header.find('<');
    const std::size_t end = header.find('>', begin);
    if (begin == std::string_view::npos || end == std::string_view::npos)
      return {};
    const std::string_view url = header.substr(begin + 1, end - begin - 1);
    header.remove_prefix(end + 1);
    const std::string_view attributes = header.substr(0, header.find('<'));
    if (attributes.find("rel=\"next\"") != std::string_view::npos)
      return url;
  }
}

/// Where to go on: only ever at the same path of the same server, whatever the link says.
Result<std::string> next_target(const http::ClientAnswer& answer, const std::string& path) {
  const std::string_view url = next_link(answer.header("Link"));
  if (url.empty())
    return std::string();
  const std::size_t at = url.find(path + '?');
  if (at == std::string_view::npos || url.size() > longest_target ||
      !std::all_of(url.begin(), url.end(), is_graphic))
    return malformed("the server's link to the next page leads elsewhere");
  return std::string(url.substr(at));
}

} // namespace

Result<Reader> Reader::make(const std::string& server) {
  return Reader(TRY(client_of({.server = server, .data = {}}, false)));
}

Result<void> Reader::for_each_row(const std::string& path, const std::string& query,
                                  const std::function<Result<void>(const json::Value&)>& take) {
  http::ClientRequest request; // by GET
  request.target = query.empty() ? path : path + '?' + query;
  request.headers = {{"Accept", "application/json"}};
  for (std::size_t page = 0; page < most_pages; ++page) {
    const http::ClientAnswer answer = TRY(client_.send(request));
    if (answer.status != 200)
      return error_of(answer);
    const auto rows =
        json::read(answer.body, {.max_bytes = std::size_t{64} << 20U, .max_depth = 128});
    if (!rows || !rows->is_array())
      return malformed("the server's answer to " + path + " is no list");
    for (const json::Value& row : rows->array())
      TRY(take(row));
    std::string next = TRY(next_target(answer, path));
    if (next.empty())
      return {};
    if (next == request.target || rows->array().empty())
      break;
    request.target = std::move(next);
  }
  return malformed("the server's pages do not end");
}

std::string encoded_query(std::string_view text) {
  std::string encoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (is_graphic(c) && c != '#' && c != '"' && c != '<' && c != '>')
      encoded += c;
    else
      append_percent_encoded(encoded, text.substr(at, 1));
  }
  return encoded;
}

} // namespace diffo::cli
