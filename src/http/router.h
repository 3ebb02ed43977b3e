#pragma once

#include "http/message.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::http {

enum class RouteBody : std::uint8_t {
  collected, ///< the handler gets the whole body
  streamed   ///< the handler gets Request::stream before the body has arrived
};

struct RouteOptions {
  /// Request types taken, e.g. "application/json"; another Content-Type gets 415. Empty takes all.
  /// A request without a Content-Type is let through.
  std::vector<std::string> consumes{};
  /// Types that the handler can answer with; an Accept header that excludes all of them gets 406.
  /// Empty checks nothing.
  std::vector<std::string> produces{};
  RouteBody body = RouteBody::collected;
};

/// A route as it was added.
struct RouteInfo {
  Method method = Method::get;
  std::string pattern;
  RouteOptions options;
};

/// Finds the handler of a request by method and path.
///
/// A pattern is a path whose segments are literal text or `{name}`, which matches one non-empty
/// segment and hands it over percent-decoded in Request::path_parameters; `%2F` stays inside its
/// segment. A last segment `{name...}` matches the rest of the path, at least one segment, handed
/// over raw. Literal text wins over a name. One trailing slash is tolerated.
///
/// Answered here: unknown path 404, other method 405 with Allow, unknown method token 501, OPTIONS
/// 204 with Allow, also of "/" without a route, HEAD by the GET route, invalid escapes and dot
/// segments 400, request type 415, Accept 406.
///
/// Filled at start-up by one thread; immutable and callable from any thread afterwards. Must
/// outlive its requests.
class Router {
public:
  explicit Router(ErrorBodyFunction error_body = plain_error_body);
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  /// Fails when the pattern is malformed or the route exists.
  Result<void> add(Method method, std::string_view pattern, Handler handler,
                   RouteOptions options = {});

  /// Finds the route, fills in path_parameters and calls its handler, or answers itself.
  void handle(Request request, Responder responder) const;

  /// For ServerOptions::streams_body.
  [[nodiscard]] bool streams_body(Method method, std::string_view raw_path) const;

  /// All routes, in the order of their addition.
  [[nodiscard]] std::vector<RouteInfo> routes() const;

private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace diffo::http
