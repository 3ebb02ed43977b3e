#include "http/server.h"
#include "testing/http_support.h"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

using namespace diffo::http;
using namespace diffo::http::test;

TEST_CASE("a graceful stop finishes what is in progress and closes what is idle") {
  Parked parked;
  TestServer server([&parked](Request request, Responder responder) {
    if (request.path == "/wait")
      return parked.put(request, std::move(responder));
    echo(std::move(request), std::move(responder));
  });
  RawClient idle(server.port());
  idle.send(get);
  CHECK(idle.read_answer().status == 200);
  RawClient busy(server.port());
  busy.send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
  Responder responder = parked.take().responder;
  server.server().stop(StopMode::graceful);
  CHECK(idle.is_closed());
  Response response;
  response.body = "done";
  responder.send(std::move(response));
  const RawAnswer answer = busy.read_answer();
  CHECK(answer.body == "done");
  CHECK(answer.header("Connection") == "close");
  CHECK(busy.is_closed());
  server.join();
}

TEST_CASE("a graceful stop does not wait longer than it may, and late answers are dropped") {
  Parked parked;
  ServerOptions options;
  options.stop_timeout = std::chrono::milliseconds(20);
  auto server = std::make_unique<TestServer>(
      [&parked](const Request& request, Responder responder) {
        parked.put(request, std::move(responder));
      },
      std::move(options));
  RawClient client(server->port());
  client.send(get);
  Responder responder = parked.take().responder;
  server->server().stop(StopMode::graceful);
  server->join();
  CHECK(client.is_closed());
  server.reset();
  responder.send(Response());
}

TEST_CASE("a server stops under load") {
  for (const StopMode mode : {StopMode::graceful, StopMode::at_once}) {
    ServerOptions options;
    options.io_threads = 2;
    options.stop_timeout = std::chrono::milliseconds(2000);
    TestServer server(echo, std::move(options));
    std::atomic<int> answered{0};
    std::vector<std::unique_ptr<RawClient>> clients; // connected before the listener may close
    for (int count = 0; count < 4; ++count)
      clients.push_back(std::make_unique<RawClient>(server.port()));
    std::vector<std::thread> threads;
    for (const auto& one : clients)
      threads.emplace_back([&answered, &client = *one] {
        while (client.send(get) && client.read_answer().status == 200)
          ++answered;
      });
    while (answered < 200)
      std::this_thread::yield();
    server.server().stop(mode);
    server.join();
    for (std::thread& thread : threads)
      thread.join();
    CHECK(server.server().connections() == 0);
  }
}

TEST_CASE("a taken port and a wrong address are reported") {
  TestServer server(echo);
  const auto taken = Server::listen({.address = "127.0.0.1", .port = server.port()}, echo);
  REQUIRE_FALSE(taken.has_value());
  CHECK(taken.error().code == diffo::ErrorCode::conflict);
  const auto wrong = Server::listen({.address = "nowhere"}, echo);
  REQUIRE_FALSE(wrong.has_value());
  CHECK(wrong.error().code == diffo::ErrorCode::invalid);
}

TEST_CASE("a server that is stopped before it runs returns at once") {
  auto server = Server::listen({}, echo);
  REQUIRE(server.has_value());
  server->stop(StopMode::graceful);
  server->run();
  CHECK(server->connections() == 0);
}
