#include "server/idempotency.h"

#include "base/sha256.h"

#include <algorithm>
#include <string>

namespace diffo::server {
namespace {

constexpr const char* header = "Idempotency-Key";
constexpr std::size_t longest_key = 255;

bool is_visible(char c) {
  return c > ' ' && c < '\x7f';
}

} // namespace

Result<void> take_idempotency_key(const http::Request& request, graph::Context& context) {
  if (!request.has_header(header))
    return {};
  std::string key(request.header(header));
  if (request.joined_header(header) != key)
    return Error{ErrorCode::invalid, "is given twice", header};
  if (key.empty() || key.size() > longest_key || !std::all_of(key.begin(), key.end(), is_visible))
    return Error{ErrorCode::invalid, "must be 1 to 255 visible characters of ASCII without spaces",
                 header};
  context.idempotency_key = std::move(key);
  // No method, path or query has a line feed, so that no two requests give the same text.
  std::string asked(request.method_token);
  asked.append("\n").append(request.path).append("\n").append(request.query).append("\n");
  asked += request.body;
  context.fingerprint = hexadecimal(sha256(asked));
  return {};
}

} // namespace diffo::server
