#include "http/router.h"

#include <doctest/doctest.h>

#include <optional>

using namespace diffo::http;

namespace {

/// Sends requests through a router and keeps the answers.
class Caller {
public:
  explicit Caller(const Router& router) : router_(router) {}

  Response call(std::string_view method, std::string_view path, std::vector<Header> headers = {}) {
    std::optional<Response> answer;
    Request request;
    request.method = method_of(method);
    request.method_token = method;
    request.path = request.target = path;
    request.headers = headers;
    router_.handle(std::move(request),
                   Responder::to([&answer](Response response) { answer = std::move(response); }));
    REQUIRE(answer.has_value());
    return std::move(*answer);
  }

private:
  const Router& router_;
};

/// Answers with its name and the path parameters.
Handler named(std::string name) {
  return [name](Request request, Responder responder) {
    Response response;
    response.body = name;
    for (const PathParameter& parameter : request.path_parameters)
      response.body += " " + std::string(parameter.name) + "=" + std::string(parameter.value);
    responder.send(std::move(response));
  };
}

std::string header(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (key == name)
      return value;
  return {};
}

Router inventory() {
  Router router;
  REQUIRE(router.add(Method::get, "/tmf/v4/service", named("list")));
  REQUIRE(router.add(Method::post, "/tmf/v4/service", named("create"),
                     {.consumes = {"application/json"}, .produces = {"application/json"}}));
  REQUIRE(router.add(Method::get, "/tmf/v4/service/{id}", named("find")));
  REQUIRE(
      router.add(Method::patch, "/tmf/v4/service/{id}", named("patch"),
                 {.consumes = {"application/merge-patch+json", "application/json-patch+json"}}));
  REQUIRE(router.add(Method::post, "/tmf/v4/service/import", named("import")));
  REQUIRE(router.add(Method::get, "/tmf/v4/service/{id}/note/{number}", named("note")));
  REQUIRE(router.add(Method::get, "/ui/{file...}", named("file")));
  REQUIRE(router.add(Method::get, "/", named("home")));
  return router;
}

} // namespace

TEST_CASE("a path finds its route and its parameters") {
  const Router router = inventory();
  Caller caller(router);
  CHECK(caller.call("GET", "/").body == "home");
  CHECK(caller.call("GET", "/tmf/v4/service").body == "list");
  CHECK(caller.call("GET", "/tmf/v4/service/").body == "list");
  CHECK(caller.call("POST", "/tmf/v4/service").body == "create");
  CHECK(caller.call("GET", "/tmf/v4/service/42").body == "find id=42");
  CHECK(caller.call("GET", "/tmf/v4/service/42/").body == "find id=42");
  CHECK(caller.call("GET", "/tmf/v4/service/a:(version=1.0)").body == "find id=a:(version=1.0)");
  CHECK(caller.call("GET", "/tmf/v4/service/7/note/8").body == "note id=7 number=8");
  CHECK(caller.call("GET", "/ui/a/b.js").body == "file file=a/b.js");
  CHECK(caller.call("GET", "/ui/a%2Fb/").body == "file file=a%2Fb/");
}

TEST_CASE("segments are percent-decoded one by one") {
  const Router router = inventory();
  Caller caller(router);
  CHECK(caller.call("GET", "/tmf/v4/service/a%2Fb").body == "find id=a/b");
  CHECK(caller.call("GET", "/tmf/v4/service/a%20b+c").body == "find id=a b+c");
  CHECK(caller.call("GET", "/tmf/v4/service/%C3%BC").body == "find id=\xC3\xBC");
  CHECK(caller.call("GET", "/tmf/v4/s%65rvice/x").body == "find id=x");
  for (const char* path : {"/tmf/v4/service/%", "/tmf/v4/service/%4", "/tmf/v4/service/%zz",
                           "/tmf/v4/service/%00", "/tmf/v4/service/%ff", "/tmf/v4/service/\xff",
                           "/tmf/v4/service/..", "/ui/../secret", "/ui/%2e%2E/secret", "/./ui/a"}) {
    CAPTURE(path);
    CHECK(caller.call("GET", path).status == 400);
  }
}

TEST_CASE("unknown paths get 404, other methods 405 with Allow, unknown methods 501") {
  const Router router = inventory();
  Caller caller(router);
  for (const char* path : {"/nothing", "/tmf", "/tmf/v4/service/1/2", "/tmf//v4/service", "//",
                           "/tmf/v4/service//note/1", "/ui"}) {
    CAPTURE(path);
    CHECK(caller.call("GET", path).status == 404);
  }
  std::string deep;
  for (int depth = 0; depth < 100; ++depth)
    deep += "/a";
  CHECK(caller.call("GET", deep).status == 404);
  const Response refused = caller.call("DELETE", "/tmf/v4/service");
  CHECK(refused.status == 405);
  CHECK(header(refused, "Allow") == "GET, HEAD, POST, OPTIONS");
  CHECK(refused.content_type == "application/json");
  CHECK(caller.call("BREW", "/tmf/v4/service").status == 501);
}

TEST_CASE("literal text wins over a name, unless only the name serves the method") {
  const Router router = inventory();
  Caller caller(router);
  CHECK(caller.call("POST", "/tmf/v4/service/import").body == "import");
  CHECK(caller.call("GET", "/tmf/v4/service/import").body == "find id=import");
}

TEST_CASE("HEAD goes to the GET route and OPTIONS is answered") {
  const Router router = inventory();
  Caller caller(router);
  CHECK(caller.call("HEAD", "/tmf/v4/service/1").body == "find id=1");
  const Response options = caller.call("OPTIONS", "/tmf/v4/service/1");
  CHECK(options.status == 204);
  CHECK(header(options, "Allow") == "GET, HEAD, PATCH, OPTIONS");
  CHECK(caller.call("OPTIONS", "*").status == 204);
  CHECK(caller.call("OPTIONS", "/nothing").status == 404);
  CHECK(header(caller.call("OPTIONS", "/nothing"), "Allow") == "OPTIONS");
  const Router empty;
  CHECK(Caller(empty).call("OPTIONS", "/").status == 204);
  CHECK(header(Caller(empty).call("OPTIONS", "/"), "Allow") == "OPTIONS");
  CHECK(Caller(empty).call("GET", "/").status == 404);
}

TEST_CASE("request types and accepted types are checked") {
  const Router router = inventory();
  Caller caller(router);
  const auto create = [&caller](const char* name, const char* value) {
    return caller.call("POST", "/tmf/v4/service", {{name, value}}).status;
  };
  CHECK(create("content-type", "application/json") == 200);
  CHECK(create("Content-Type", "Application/JSON; charset=utf-8") == 200);
  CHECK(create("Content-Type", "text/plain") == 415);
  CHECK(create("Accept", "application/json") == 200);
  CHECK(create("Accept", "text/html, */*;q=0.1") == 200);
  CHECK(create("Accept", "text/html") == 406);
  CHECK(create("Accept", "application/json;q=0, text/*") == 406);
  const Response refused =
      caller.call("PATCH", "/tmf/v4/service/1", {{"Content-Type", "application/xml"}});
  CHECK(refused.status == 415);
  CHECK(header(refused, "Accept-Patch") ==
        "application/merge-patch+json, application/json-patch+json");
}

TEST_CASE("malformed patterns and repeated routes are refused") {
  Router router;
  const auto add = [&router](std::string_view pattern) {
    return router.add(Method::get, pattern, named("x")).has_value();
  };
  CHECK(add("/a/{id}"));
  CHECK_FALSE(add("/a/{id}"));
  CHECK_FALSE(add("/a/{other}"));
  CHECK_FALSE(add("a"));
  CHECK_FALSE(add(""));
  CHECK_FALSE(add("/a//b"));
  CHECK_FALSE(add("/{}"));
  CHECK_FALSE(add("/{a"));
  CHECK_FALSE(add("/{a...}/b"));
  REQUIRE(router.routes().size() == 1);
  CHECK(router.routes().front().method == Method::get);
  CHECK(router.routes().front().pattern == "/a/{id}");
}
