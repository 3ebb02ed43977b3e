#include "server/cross_origin.h"

#include "base/text.h"
#include "server/origin.h"

#include <algorithm>
#include <utility>

namespace diffo::server {
namespace {

/// What answers tell beside their bodies.
constexpr const char* exposed =
    "Accept-Ranges, Allow, Content-Range, ETag, Last-Modified, Link, Location, Retry-After, "
    "X-Diffo-Revision, X-Result-Count, X-Total-Count";
/// What requests may say beside the few headers that browsers always allow.
constexpr const char* taken =
    "Accept, Authorization, Content-Encoding, Content-Type, Idempotency-Key, If-Match, "
    "If-Modified-Since, If-None-Match, If-Unmodified-Since, Last-Event-ID, Range";
constexpr const char* preflight_seconds = "600";

bool is_preflight(const http::Request& request) {
  return request.method == http::Method::options &&
         request.has_header("Access-Control-Request-Method");
}

} // namespace

Result<void> CrossOrigin::allow(std::string_view origin) {
  const auto refused = [](std::string message) {
    return Error{ErrorCode::invalid, std::move(message), "--cors-origin"};
  };
  if (origin == "*")
    return refused("\"*\" would let every page that anybody opens read and change the inventory, "
                   "because this build cannot authenticate anybody yet. Name the origins");
  const auto read = Origin::parse(origin);
  if (!read || !read->rest.empty())
    return refused("an origin is http:// or https:// with a host and, if need be, a port");
  std::string written = read->scheme + "://" + small_letters(read->authority.host);
  if (read->authority.port && *read->authority.port != read->default_port())
    written += ':' + std::to_string(*read->authority.port);
  origins_.push_back(std::move(written));
  return {};
}

bool CrossOrigin::allows(std::string_view origin) const {
  return std::find(origins_.begin(), origins_.end(), origin) != origins_.end();
}

http::Responder CrossOrigin::dressed(http::Responder responder,
                                     const http::Request& request) const {
  if (origins_.empty())
    return responder;
  const std::string_view origin = request.header("Origin");
  const bool allowed = allows(origin);
  return std::move(responder).dressed(
      [origin = std::string(allowed ? origin : ""),
       asks_first = is_preflight(request)](http::Response& response) {
        response.headers.emplace_back("Vary", "Origin");
        if (origin.empty())
          return;
        response.headers.emplace_back("Access-Control-Allow-Origin", origin);
        if (!asks_first) {
          response.headers.emplace_back("Access-Control-Expose-Headers", exposed);
          return;
        }
        const auto allow = std::find_if(response.headers.begin(), response.headers.end(),
                                        [](const auto& header) { return header.first == "Allow"; });
        if (allow != response.headers.end()) {
          std::string methods = allow->second;
          response.headers.emplace_back("Access-Control-Allow-Methods", std::move(methods));
        }
        response.headers.emplace_back("Access-Control-Allow-Headers", taken);
        response.headers.emplace_back("Access-Control-Max-Age", preflight_seconds);
      });
}

} // namespace diffo::server
