#include "http/router.h"

#include "base/url_text.h"
#include "http/media_type.h"

#include <algorithm>
#include <array>
#include <optional>

namespace diffo::http {
namespace {

constexpr std::size_t max_segments = 32;
constexpr std::size_t method_count = 9;

struct Route {
  Method method = Method::get;
  std::string pattern;
  std::vector<std::string> parameter_names;
  bool ends_with_rest = false;
  Handler handler;
  RouteOptions options;
};

/// One segment of the patterns added so far.
struct Node {
  std::vector<std::pair<std::string, std::unique_ptr<Node>>> literals;
  std::unique_ptr<Node> parameter;
  std::unique_ptr<Node> rest;
  std::array<const Route*, method_count> routes{};

  [[nodiscard]] bool is_end() const {
    return std::any_of(routes.begin(), routes.end(),
                       [](const Route* one) { return one != nullptr; });
  }
};

/// The segments of a request's path.
struct Segments {
  std::array<std::string_view, max_segments> raw;
  std::array<std::string_view, max_segments> decoded;
  std::size_t count = 0;
};

/// What the search has found; `bound` tells which segment each parameter took.
struct Match {
  const Node* node = nullptr;
  std::array<std::size_t, max_segments> bound{};
  std::size_t bound_count = 0;
};

enum class SplitProblem : std::uint8_t { none, too_many, escape, dots };

/// Splits and decodes a path; decoded text goes to `storage`.
SplitProblem split(std::string_view path, Segments& segments, std::vector<std::string>& storage) {
  if (!path.empty() && path.front() == '/')
    path.remove_prefix(1);
  if (path.size() > 1 && path.back() == '/')
    path.remove_suffix(1);
  if (path.empty())
    return SplitProblem::none;
  for (;;) {
    if (segments.count == max_segments)
      return SplitProblem::too_many;
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view raw = path.substr(0, slash);
    std::string_view decoded = raw;
    if (std::any_of(raw.begin(), raw.end(), [](char c) { return c == '%' || (c & 0x80) != 0; })) {
      auto text = percent_decode(raw);
      if (!text)
        return SplitProblem::escape;
      if (storage.capacity() < max_segments)
        storage.reserve(max_segments);
      decoded = storage.emplace_back(std::move(*text));
    }
    if (decoded == "." || decoded == "..")
      return SplitProblem::dots;
    segments.raw[segments.count] = raw;
    segments.decoded[segments.count++] = decoded;
    if (slash == path.size())
      return SplitProblem::none;
    path.remove_prefix(slash + 1);
  }
}

/// A node may serve the path without serving the method; a later one may serve both, so the first
/// end found is only kept.
class Search {
public:
  Search(const Segments& segments, Method method) : segments_(segments), method_(method) {}

  Match run(const Node& root) {
    visit(root, 0);
    return found_;
  }

private:
  bool serves(const Node& node) const {
    const auto route = [&node](Method method) {
      const auto index = static_cast<std::size_t>(method);
      return index < method_count && node.routes[index] != nullptr;
    };
    return route(method_) || (method_ == Method::head && route(Method::get));
  }

  /// True ends the search.
  bool end_at(const Node& node) {
    if (!node.is_end())
      return false;
    const bool exact = serves(node);
    if (exact || found_.node == nullptr) {
      found_ = current_;
      found_.node = &node;
    }
    return exact;
  }

  bool bind(const Node& node, std::size_t index, bool rest) {
    current_.bound[current_.bound_count++] = index;
    const bool done = rest ? end_at(node) : visit(node, index + 1);
    --current_.bound_count;
    return done;
  }

  // Recursion is bounded by the depth of the patterns.
  bool visit(const Node& node, std::size_t index) {
    if (index == segments_.count)
      return end_at(node);
    const std::string_view segment = segments_.decoded[index];
    for (const auto& [text, child] : node.literals)
      if (text == segment && visit(*child, index + 1))
        return true;
    if (node.parameter && !segment.empty() && bind(*node.parameter, index, false))
      return true;
    return node.rest && bind(*node.rest, index, true);
  }

  const Segments& segments_;
  Method method_;
  Match current_;
  Match found_;
};

const Route* route_of(const Node& node, Method method) {
  const auto index = static_cast<std::size_t>(method);
  if (index < method_count && node.routes[index] != nullptr)
    return node.routes[index];
  return method == Method::head ? node.routes[static_cast<std::size_t>(Method::get)] : nullptr;
}

std::string allowed_methods(const Node& node) {
  std::string allow;
  const auto add = [&allow](Method method) {
    allow += allow.empty() ? "" : ", ";
    allow += name_of(method);
  };
  for (std::size_t index = 0; index < method_count; ++index) {
    const auto method = static_cast<Method>(index);
    if (route_of(node, method) != nullptr || method == Method::options)
      add(method);
  }
  return allow;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) {
    out += out.empty() ? "" : ", ";
    out += text;
  }
  return out;
}

} // namespace

class Router::Impl {
public:
  explicit Impl(ErrorBodyFunction given) : error_body(std::move(given)) {}

  Response problem(int status, std::string_view message) const;
  Response nothing_at(const Request& request) const;
  std::optional<Response> refuse(const Route& route, const Request& request) const;
  Result<Node*> node_for(std::string_view pattern, std::vector<std::string>& names);

  ErrorBodyFunction error_body;
  Node root;
  std::vector<std::unique_ptr<Route>> routes;
  std::array<bool, method_count> streamed_methods{};
};

Response Router::Impl::problem(int status, std::string_view message) const {
  ErrorBody body = error_body(status, reason_of(status), message);
  Response response;
  response.status = status;
  response.content_type = std::move(body.content_type);
  response.body = std::move(body.body);
  return response;
}

/// OPTIONS tells everywhere what is allowed; of the root it is the question of a proxy whether we
/// are there at all.
Response Router::Impl::nothing_at(const Request& request) const {
  const bool asks_for_us = request.method == Method::options && request.path == "/";
  Response response;
  if (asks_for_us)
    response.status = 204;
  else
    response = problem(404, "there is nothing at this path");
  if (request.method == Method::options)
    response.headers.emplace_back("Allow", name_of(Method::options));
  return response;
}

std::optional<Response> Router::Impl::refuse(const Route& route, const Request& request) const {
  const RouteOptions& options = route.options;
  const std::string_view type = request.header("content-type");
  if (!options.consumes.empty() && !type.empty() &&
      std::none_of(options.consumes.begin(), options.consumes.end(),
                   [type](const std::string& one) { return is_media_type(type, one); })) {
    const std::string taken = joined(options.consumes);
    Response response = problem(415, "the request's Content-Type must be one of: " + taken);
    if (request.method == Method::patch) // RFC 5789 §2.2
      response.headers.emplace_back("Accept-Patch", taken);
    else
      response.headers.emplace_back("Accept", taken); // RFC 9110 §15.5.16
    return response;
  }
  if (!options.produces.empty() && request.has_header("accept") &&
      !best_match(request.joined_header("accept"), options.produces))
    return problem(406, "the answer can only be one of: " + joined(options.produces));
  return std::nullopt;
}

Result<Node*> Router::Impl::node_for(std::string_view pattern, std::vector<std::string>& names) {
  const auto bad = [pattern](const char* why) {
    return Error{ErrorCode::invalid, why, std::string(pattern)};
  };
  if (pattern.empty() || pattern.front() != '/')
    return bad("a pattern starts with '/'");
  pattern.remove_prefix(1);
  Node* node = &root;
  for (std::size_t depth = 0; !pattern.empty(); ++depth) {
    if (depth == max_segments)
      return bad("a pattern has at most 32 segments");
    const std::size_t slash = std::min(pattern.find('/'), pattern.size());
    std::string_view segment = pattern.substr(0, slash);
    pattern.remove_prefix(std::min(slash + 1, pattern.size()));
    if (segment.empty())
      return bad("a pattern has no empty segments");
    std::unique_ptr<Node>* next = nullptr;
    if (segment.front() == '{') {
      if (segment.size() < 3 || segment.back() != '}')
        return bad("a name is written {name}");
      segment = segment.substr(1, segment.size() - 2);
      const bool rest = segment.ends_with("...");
      if (rest && !pattern.empty())
        return bad("{name...} is the last segment");
      names.emplace_back(segment.substr(0, segment.size() - (rest ? 3 : 0)));
      next = rest ? &node->rest : &node->parameter;
    } else {
      const auto found = std::find_if(node->literals.begin(), node->literals.end(),
                                      [segment](const auto& one) { return one.first == segment; });
      next = found != node->literals.end()
                 ? &found->second
                 : &node->literals.emplace_back(std::string(segment), nullptr).second;
    }
    if (!*next)
      *next = std::make_unique<Node>();
    node = next->get();
  }
  return node;
}

Router::Router(ErrorBodyFunction error_body)
    : impl_(std::make_unique<Impl>(std::move(error_body))) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

Result<void> Router::add(Method method, std::string_view pattern, Handler handler,
                         RouteOptions options) {
  const auto index = static_cast<std::size_t>(method);
  if (index >= method_count)
    return Error{ErrorCode::invalid, "a route needs a known method", std::string(pattern)};
  auto route = std::make_unique<Route>();
  Node* const node = TRY(impl_->node_for(pattern, route->parameter_names));
  if (node->routes[index] != nullptr)
    return Error{ErrorCode::conflict, "the route exists: " + node->routes[index]->pattern,
                 std::string(pattern)};
  route->method = method;
  route->pattern = pattern;
  route->ends_with_rest = pattern.ends_with("...}");
  route->handler = std::move(handler);
  route->options = std::move(options);
  node->routes[index] = route.get();
  if (route->options.body == RouteBody::streamed)
    impl_->streamed_methods[index] = true;
  impl_->routes.push_back(std::move(route));
  return {};
}

void Router::handle(Request request, Responder responder) const {
  if (request.path == "*") {
    Response response;
    response.status = 204;
    response.headers.emplace_back("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    return responder.send(std::move(response));
  }
  if (request.method == Method::other)
    return responder.send(impl_->problem(501, "the method is not known here"));
  Segments segments;
  switch (split(request.path, segments, request.decoded)) {
  case SplitProblem::none:
    break;
  case SplitProblem::too_many:
    return responder.send(impl_->problem(404, "there is nothing at this path"));
  case SplitProblem::escape:
    return responder.send(impl_->problem(400, "the path has an invalid percent-escape"));
  case SplitProblem::dots:
    return responder.send(impl_->problem(400, "the path has a '.' or '..' segment"));
  }
  const Match match = Search(segments, request.method).run(impl_->root);
  if (match.node == nullptr)
    return responder.send(impl_->nothing_at(request));
  const Route* const route = route_of(*match.node, request.method);
  if (route == nullptr) {
    Response response;
    if (request.method == Method::options)
      response.status = 204;
    else
      response = impl_->problem(405, "the method is not allowed here");
    response.headers.emplace_back("Allow", allowed_methods(*match.node));
    return responder.send(std::move(response));
  }
  responder.set_route(route->pattern);
  if (auto refusal = impl_->refuse(*route, request))
    return responder.send(std::move(*refusal));
  request.path_parameters.reserve(match.bound_count);
  for (std::size_t index = 0; index < match.bound_count; ++index) {
    const std::size_t at = match.bound[index];
    std::string_view value = segments.decoded[at];
    if (route->ends_with_rest && index + 1 == match.bound_count)
      value = request.path.substr(
          static_cast<std::size_t>(segments.raw[at].data() - request.path.data()));
    request.path_parameters.push_back({route->parameter_names[index], value});
  }
  route->handler(std::move(request), std::move(responder));
}

bool Router::streams_body(Method method, std::string_view raw_path) const {
  const auto index = static_cast<std::size_t>(method);
  if (index >= method_count || !impl_->streamed_methods[index])
    return false;
  Segments segments;
  std::vector<std::string> storage;
  if (split(raw_path, segments, storage) != SplitProblem::none)
    return false;
  const Match match = Search(segments, method).run(impl_->root);
  const Route* const route = match.node == nullptr ? nullptr : route_of(*match.node, method);
  return route != nullptr && route->options.body == RouteBody::streamed;
}

std::vector<RouteInfo> Router::routes() const {
  std::vector<RouteInfo> all;
  for (const auto& route : impl_->routes)
    all.push_back({route->method, route->pattern, route->options});
  return all;
}

} // namespace diffo::http
