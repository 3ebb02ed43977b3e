// What is served is what is published: each route has its operation, each operation its route.
#include "model/model.h"
#include "openapi/openapi.h"
#include "server/application.h"
#include "server/surfaces/mounts.h"

#include <doctest/doctest.h>
#include <map>
#include <set>
#include <unistd.h>
#include <utility>

using namespace diffo;

namespace {

/// Method and path, and what is said of them.
using Operation = std::pair<std::string, std::string>;
struct Types {
  std::set<std::string> taken;
  std::set<std::string> answered;
};
using Operations = std::map<Operation, Types>;

std::set<std::string> types_in(const json::Value* content) {
  std::set<std::string> types;
  if (content != nullptr)
    for (const json::Member& member : content->object())
      types.insert(member.name);
  return types;
}

void add_published(Operations& all, const std::string& base, const json::Value& document) {
  for (const auto& [path, item] : document.find("paths")->object())
    for (const auto& [method, operation] : item.object()) {
      if (!operation.is_object())
        continue; // parameters of all operations
      Types types;
      if (const json::Value* body = operation.find("requestBody"))
        types.taken = types_in(body->find("content"));
      for (const auto& [status, response] : operation.find("responses")->object())
        if (status.starts_with("2"))
          types.answered.merge(types_in(response.find("content")));
      all[{method, base + path}] = types;
    }
}

Operations published() {
  Operations all;
  add_published(all, "", openapi::openapi_diffo_document("http://h"));
  for (const auto& mounts : {server::inventory_mounts(), server::neighbour_mounts()})
    for (const server::Mount& mount : mounts)
      add_published(all, mount.base,
                    openapi::openapi_document(mount.api, mount.version, "http://h",
                                              model::inventory_model()));
  return all;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

Operations served() {
  std::string folder = (std::filesystem::temp_directory_path() / "diffo-routes-XXXXXX").string();
  REQUIRE(mkdtemp(folder.data()) != nullptr);
  Operations all;
  {
    server::ApplicationOptions options;
    options.data = std::filesystem::path(folder) / "data";
    options.listen.port = 0;
    const auto application = server::Application::open(options);
    REQUIRE_MESSAGE(application.has_value(), application.error().text());
    for (const http::RouteInfo& route : application->routes())
      all[{lower(http::name_of(route.method)), route.pattern}] = {
          {route.options.consumes.begin(), route.options.consumes.end()},
          {route.options.produces.begin(), route.options.produces.end()}};
  }
  std::filesystem::remove_all(folder);
  return all;
}

} // namespace

TEST_CASE("each route is published and each published operation is served, with the same types") {
  const Operations routes = served();
  const Operations operations = published();
  CHECK(routes.size() > 40);
  for (const auto& [route, types] : routes) {
    CAPTURE(route.first);
    CAPTURE(route.second);
    const auto found = operations.find(route);
    REQUIRE(found != operations.end());
    CHECK(types.taken == found->second.taken);
    // A route that says nothing answers any Accept.
    if (!types.answered.empty() && !found->second.answered.empty())
      CHECK(types.answered == found->second.answered);
  }
  for (const auto& [operation, types] : operations) {
    CAPTURE(operation.first);
    CAPTURE(operation.second);
    CHECK(routes.contains(operation));
  }
}
