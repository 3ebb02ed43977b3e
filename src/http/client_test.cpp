#include "http/client.h"

#include "testing/http_support.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>

using namespace diffo::http;
using namespace diffo::http::test;

namespace {

void mirror(Request request, Responder responder) {
  Response response;
  response.status = request.path == "/missing" ? 404 : 200;
  response.content_type = std::string(request.header("content-type"));
  response.headers.emplace_back("X-Method", request.method_token);
  response.headers.emplace_back("X-Query", request.query);
  response.body = std::string(request.body);
  responder.send(std::move(response));
}

Client client_of(const TestServer& server) {
  return Client::make({.base_url = "http://127.0.0.1:" + std::to_string(server.port()) + "/"})
      .value();
}

} // namespace

TEST_CASE("the client sends methods, headers and bodies over one connection") {
  TestServer server(mirror);
  Client client = client_of(server);
  for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
    ClientRequest request;
    request.method = method;
    request.target = "/a?b=c%20d";
    request.headers = {{"Content-Type", "application/json"}};
    request.body = method == std::string("GET") ? "" : "{}";
    const auto answer = client.send(request);
    REQUIRE(answer.has_value());
    CHECK(answer->status == 200);
    CHECK(answer->header("x-method") == method);
    CHECK(answer->header("X-Query") == "b=c%20d");
    CHECK(answer->header("Content-Type") == "application/json");
    CHECK(answer->body == request.body);
  }
  CHECK(server.server().connections() == 1);
  CHECK(client.send({.method = "HEAD"})->status == 200);
  CHECK(client.send({.target = "/missing"})->status == 404);
  CHECK(client.send({.method = "POST"})->status == 200);
}

TEST_CASE("the client streams up and down") {
  ServerOptions options;
  options.streams_body = [](Method method, std::string_view) { return method == Method::post; };
  TestServer server(
      [](Request request, Responder responder) {
        // The body is sent back as it arrives: each side is held back by the other.
        Response response;
        response.stream = [reader = request.stream](ChunkSink) mutable {};
        auto size = std::make_shared<std::size_t>(0);
        auto kept = std::make_shared<Responder>(std::move(responder));
        auto next = std::make_shared<std::function<void(BodyReader)>>();
        *next = [size, kept, next](BodyReader reader) {
          reader.read([size, kept, next, reader](diffo::Result<std::string> piece) {
            if (piece && !piece->empty()) {
              *size += piece->size();
              return (*next)(reader);
            }
            Response done;
            done.stream = pull_source([left = *size](std::string& out) mutable {
              const std::size_t part = std::min<std::size_t>(left, 50'000);
              out.assign(part, 'y');
              left -= part;
              return left > 0;
            });
            kept->send(std::move(done));
            *next = nullptr;
          });
        };
        (*next)(request.stream);
      },
      std::move(options));
  Client client = client_of(server);
  constexpr std::size_t size = 5'000'000;
  std::size_t left = size;
  std::size_t received = 0;
  ClientRequest request;
  request.method = "POST";
  request.upload = [&left](std::span<char> space) -> diffo::Result<std::size_t> {
    const std::size_t part = std::min(space.size(), left);
    std::memset(space.data(), 'x', part);
    left -= part;
    return part;
  };
  request.download = [&received](int status, std::string_view piece) -> diffo::Result<void> {
    CHECK(status == 200);
    received += piece.size();
    return {};
  };
  const auto answer = client.send(request);
  REQUIRE(answer.has_value());
  CHECK(answer->status == 200);
  CHECK(answer->body.empty());
  CHECK(received == size);
}

TEST_CASE("the client reports what went wrong") {
  TestServer server([](Request request, Responder responder) {
    static std::optional<Responder> never;
    if (request.path == "/never") {
      never.reset();
      never.emplace(std::move(responder));
      return;
    }
    Response response;
    response.body = std::string(1000, 'x');
    responder.send(std::move(response));
  });
  const std::string url = "http://127.0.0.1:" + std::to_string(server.port());
  Client bounded = Client::make({.base_url = url, .answer_bytes = 999}).value();
  CHECK(bounded.send({}).error().code == diffo::ErrorCode::too_large);
  Client hasty = Client::make({.base_url = url, .timeout = std::chrono::milliseconds(30)}).value();
  CHECK(hasty.send({.target = "/never"}).error().code == diffo::ErrorCode::timeout);
  CHECK(hasty.send({.target = "no slash"}).error().code == diffo::ErrorCode::invalid);
  CHECK(hasty.send({.headers = {{"A", "b\r\nC: d"}}}).error().code == diffo::ErrorCode::invalid);
  CHECK_FALSE(Client::make({.base_url = "ftp://h"}).has_value());

  Client client = Client::make({.base_url = url}).value();
  ClientRequest up;
  up.method = "POST";
  up.upload = [](std::span<char>) -> diffo::Result<std::size_t> {
    return diffo::Error{diffo::ErrorCode::corrupt, "cannot read on"};
  };
  CHECK(client.send(up).error().message == "cannot read on");
  ClientRequest down;
  down.download = [](int, std::string_view) -> diffo::Result<void> {
    return diffo::Error{diffo::ErrorCode::io, "disk full"};
  };
  CHECK(client.send(down).error().message == "disk full");
  down.download = [](int, std::string_view) -> diffo::Result<void> {
    throw std::runtime_error("x");
  };
  CHECK(client.send(down).error().code == diffo::ErrorCode::internal);

  std::uint16_t closed_port = 0;
  {
    auto gone = Server::listen({}, mirror);
    closed_port = gone->port();
  }
  Client nobody =
      Client::make({.base_url = "http://127.0.0.1:" + std::to_string(closed_port)}).value();
  CHECK(nobody.send({}).error().code == diffo::ErrorCode::unavailable);
}
