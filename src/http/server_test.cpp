#include "http/server.h"
#include "testing/http_support.h"

#include <doctest/doctest.h>

#include <mutex>
#include <thread>
#include <vector>

using namespace diffo::http;
using namespace diffo::http::test;

namespace {

/// Limits whose waits end at once, for senders that never finish.
ServerOptions impatient() {
  ServerOptions options;
  options.limits.head_timeout = options.limits.body_timeout = std::chrono::milliseconds(40);
  options.limits.idle_timeout = std::chrono::milliseconds(40);
  options.limits.pace_window = options.limits.linger_timeout = std::chrono::milliseconds(40);
  return options;
}

} // namespace

TEST_CASE("a request is answered and the connection stays open") {
  TestServer server(echo);
  RawClient client(server.port());
  for (int count = 0; count < 3; ++count) {
    client.send("POST /x?y HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
    const RawAnswer answer = client.read_answer();
    CHECK(answer.status == 200);
    CHECK(answer.body == "POST /x?y hello");
    CHECK(answer.header("content-type") == "text/plain");
    CHECK(answer.header("date").ends_with(" GMT"));
    CHECK(answer.header("connection").empty());
  }
}

TEST_CASE("bad requests get their status and an end of the connection") {
  TestServer server(echo);
  struct Row {
    std::string bytes;
    int status;
  };
  const Row rows[] = {
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na", 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
       400},
      {"GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\nHost: h\n\n", 400},
      {"nonsense\r\n\r\n", 400},
      {"GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", 414},
      {"GET / HTTP/1.1\r\nHost: h\r\nA: " + std::string(70'000, 'a') + "\r\n\r\n", 431},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 17000000\r\n\r\n", 413},
      {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1100000\r\n" +
           std::string(17'000'000, 'a'),
       413},
      {"GET / HTTP/3.0\r\nHost: h\r\n\r\n", 505},
  };
  for (const Row& row : rows) {
    CAPTURE(row.bytes.substr(0, 60));
    RawClient client(server.port());
    client.send(row.bytes);
    const RawAnswer answer = client.read_answer();
    CHECK(answer.status == row.status);
    CHECK(answer.header("Connection") == "close");
    CHECK(answer.header("Content-Type") == "application/json");
    CHECK(answer.body.find("\"code\":\"" + std::to_string(row.status)) != std::string::npos);
    CHECK(client.is_closed());
  }
}

TEST_CASE("the server words its own errors through the given function") {
  ServerOptions options;
  options.error_body = [](int status, std::string_view reason, std::string_view message) {
    return ErrorBody{"text/x", std::to_string(status) + "|" + std::string(reason) + "|" +
                                   std::string(message)};
  };
  TestServer server(echo, std::move(options));
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\n\r\n");
  const RawAnswer answer = client.read_answer();
  CHECK(answer.header("Content-Type") == "text/x");
  CHECK(answer.body == "400|Bad Request|the request has no Host header");
}

TEST_CASE("pipelined requests are answered in order, even byte by byte") {
  TestServer server(echo);
  std::string bytes;
  for (int number = 0; number < 20; ++number)
    bytes += "POST /" + std::to_string(number) +
             " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n";
  for (const std::size_t step : {bytes.size(), std::size_t{1}}) {
    RawClient client(server.port());
    for (std::size_t at = 0; at < bytes.size(); at += step)
      client.send(std::string_view(bytes).substr(at, step));
    for (int number = 0; number < 20; ++number)
      CHECK(client.read_answer().body == "POST /" + std::to_string(number) + " ab");
  }
}

TEST_CASE("a long pipeline is answered completely though answers come from another thread") {
  std::vector<std::thread> threads;
  Parked parked;
  TestServer server([&parked](const Request& request, Responder responder) {
    parked.put(request, std::move(responder));
  });
  RawClient client(server.port());
  std::string bytes;
  for (int number = 0; number < 100; ++number)
    bytes += get;
  client.send(bytes);
  for (int number = 0; number < 100; ++number) {
    Response response;
    response.body = std::to_string(number);
    parked.take().responder.send(std::move(response));
    CHECK(client.read_answer().body == std::to_string(number));
  }
}

TEST_CASE("HTTP/1.0 and Connection: close end the connection after the answer") {
  TestServer server(echo);
  for (const std::string head :
       {"GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nConnection: x, Close\r\n\r\n"}) {
    CAPTURE(head);
    RawClient client(server.port());
    client.send(head + get);
    const RawAnswer answer = client.read_answer();
    CHECK(answer.status == 200);
    CHECK(answer.header("Connection") == "close");
    CHECK(client.is_closed());
  }
}

TEST_CASE("whoever speaks of keeping the connection is told how long it is kept") {
  TestServer server(echo);
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: Keep-Alive\r\n\r\n" + get);
  const RawAnswer told = client.read_answer();
  CHECK(told.header("Keep-Alive").starts_with("timeout="));
  CHECK(told.header("Connection").empty());
  CHECK(client.read_answer().header("Keep-Alive").empty());
}

TEST_CASE("HEAD gives the length of the body but not the body") {
  TestServer server(echo);
  RawClient client(server.port());
  client.send("HEAD /abc HTTP/1.1\r\nHost: h\r\n\r\n" + get);
  const RawAnswer head = client.read_answer("HEAD");
  CHECK(head.status == 200);
  CHECK(head.header("Content-Length") == std::to_string(std::string("HEAD /abc ").size()));
  CHECK(client.read_answer().body == "GET /a ");
}

TEST_CASE("204 and 304 carry neither body nor length") {
  TestServer server([](Request request, Responder responder) {
    Response response;
    response.status = request.path == "/304" ? 304 : 204;
    response.content_type = "text/plain";
    response.body = "not for you";
    responder.send(std::move(response));
  });
  RawClient client(server.port());
  client.send("GET /204 HTTP/1.1\r\nHost: h\r\n\r\nGET /304 HTTP/1.1\r\nHost: h\r\n\r\n");
  for (const int status : {204, 304}) {
    const RawAnswer answer = client.read_answer();
    CHECK(answer.status == status);
    CHECK(answer.header("Content-Length").empty());
    CHECK(answer.header("Content-Type").empty());
  }
}

TEST_CASE("Expect: 100-continue gets its 100 before the body, and a refusal instead of it") {
  TestServer server(echo);
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: ";
  RawClient patient(server.port());
  patient.send(head + "2\r\n\r\n");
  CHECK(patient.read_answer().status == 100);
  patient.send("ab");
  CHECK(patient.read_answer().body == "POST / ab");

  RawClient eager(server.port());
  eager.send(head + "2\r\n\r\nab");
  CHECK(eager.read_answer().status == 200);

  RawClient large(server.port());
  large.send(head + "99999999\r\n\r\n");
  CHECK(large.read_answer().status == 413);
}

TEST_CASE("a dropped responder and a throwing handler answer 500") {
  TestServer server([](Request request, Responder responder) {
    if (request.path == "/throw")
      throw std::runtime_error("oops");
    if (request.path == "/thread")
      std::thread([kept = std::move(responder)]() mutable {}).detach();
  });
  RawClient client(server.port());
  for (const std::string path : {"/drop", "/throw", "/thread"}) {
    client.send("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(client.read_answer().status == 500);
  }
}

TEST_CASE("an answer that would break the message becomes a 500") {
  TestServer server([](Request request, Responder responder) {
    Response response;
    if (request.path == "/value")
      response.headers.emplace_back("Location", "/a\r\nSet-Cookie: b");
    else if (request.path == "/name")
      response.headers.emplace_back("A b", "c");
    else if (request.path == "/type")
      response.content_type = "a\nb";
    else
      response.status = 99;
    responder.send(std::move(response));
  });
  RawClient client(server.port());
  for (const std::string path : {"/value", "/name", "/type", "/status"}) {
    client.send("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
    const RawAnswer answer = client.read_answer();
    CHECK(answer.status == 500);
    CHECK(answer.head.find("Set-Cookie") == std::string::npos);
  }
}

TEST_CASE("a sender that is too slow gets 408, an idle connection is closed silently") {
  TestServer server(echo, impatient());
  RawClient idle(server.port());
  CHECK(idle.is_closed());
  for (const std::string part : {"GET / HT", "GET / HTTP/1.1\r\nHost: h\r\n",
                                 "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nab"}) {
    CAPTURE(part);
    RawClient slow(server.port());
    slow.send(part);
    CHECK(slow.read_answer().status == 408);
    CHECK(slow.is_closed());
  }
  RawClient served(server.port());
  served.send(get);
  CHECK(served.read_answer().status == 200);
  CHECK(served.is_closed());
}

TEST_CASE("dripping bytes does not extend the time for the headers") {
  TestServer server(echo, impatient());
  RawClient slow(server.port());
  const std::string head = "GET / HTTP/1.1\r\nHost: h\r\n";
  slow.send(head);
  while (slow.send("A: b\r\n"))
    std::this_thread::yield();
  const std::string answer = slow.read_to_end();
  // The server may have run out of patience or out of room for headers; it must not have gone on
  // listening.
  CHECK((answer.empty() || answer.starts_with("HTTP/1.1 4")));
}

TEST_CASE("a reader that takes nothing is cut off") {
  const auto body = std::make_shared<const std::string>(8'000'000, 'x');
  TestServer server(
      [body](Request, Responder responder) {
        Response response;
        response.shared_body = body;
        responder.send(std::move(response));
      },
      impatient());
  RawClient client(server.port(), 4096);
  client.send(get);
  CHECK_FALSE(client.read_some(1).empty());
  while (server.server().connections() != 0)
    std::this_thread::yield();
  CHECK(client.read_to_end().size() < body->size());
}

TEST_CASE("large bodies go both ways") {
  TestServer server(echo);
  RawClient client(server.port());
  const std::string body(3'000'000, 'b');
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n" + body);
  const RawAnswer answer = client.read_answer();
  CHECK(answer.status == 200);
  CHECK(answer.body == "POST / " + body);
}

TEST_CASE("bodies in progress are bounded together") {
  ServerOptions options;
  options.limits.memory_bytes = 100'000;
  TestServer server(echo, std::move(options));
  RawClient client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n" +
              std::string(190'000, 'x'));
  const RawAnswer answer = client.read_answer();
  CHECK(answer.status == 503);
  CHECK(answer.header("Retry-After") == "1");
  for (int count = 0; count < 3; ++count) { // what was charged is given back
    RawClient small(server.port());
    small.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 90000\r\n\r\n" +
               std::string(90'000, 'x'));
    CHECK(small.read_answer().status == 200);
  }
}

TEST_CASE("connections beyond the limit are told to come back, unless an idle one makes room") {
  Parked parked;
  ServerOptions options;
  options.limits.connections = 2;
  TestServer server(
      [&parked](Request request, Responder responder) {
        if (request.path == "/wait")
          return parked.put(request, std::move(responder));
        responder.send(Response{});
      },
      std::move(options));
  RawClient first(server.port());
  RawClient second(server.port());
  for (RawClient* busy : {&first, &second})
    busy->send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
  std::vector<Responder> waiting;
  for (int count = 0; count < 2; ++count)
    waiting.push_back(parked.take().responder);
  RawClient third(server.port());
  const RawAnswer answer = third.read_answer();
  CHECK(answer.status == 503);
  CHECK(answer.header("Retry-After") == "1");
  CHECK(answer.header("Connection") == "close");
  CHECK(third.is_closed());
  for (Responder& responder : waiting)
    responder.send(Response{});
  CHECK(first.read_answer().status == 200);
  CHECK(second.read_answer().status == 200);
  third.shutdown_send();
  while (server.server().connections() != 2)
    std::this_thread::yield();
  RawClient fourth(server.port());
  fourth.send(get);
  CHECK(fourth.read_answer().status == 200);
}

TEST_CASE("hundreds of connections are served by several threads") {
  for (const int threads : {1, 3}) {
    ServerOptions options;
    options.io_threads = threads;
    TestServer server(echo, std::move(options));
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int count = 0; count < 300; ++count)
      clients.push_back(std::make_unique<RawClient>(server.port()));
    for (int round = 0; round < 3; ++round) {
      for (const auto& client : clients)
        client->send(get);
      for (const auto& client : clients)
        CHECK(client->read_answer().body == "GET /a ");
    }
  }
}

TEST_CASE("peers that vanish at any point leave nothing behind") {
  TestServer server(echo);
  const std::string request = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
  for (std::size_t cut = 0; cut <= request.size(); cut += 3) {
    RawClient client(server.port());
    client.send(std::string_view(request).substr(0, cut));
    client.reset();
    RawClient other(server.port());
    other.send(std::string_view(request).substr(0, cut));
  }
  while (server.server().connections() != 0)
    std::this_thread::yield();
  RawClient half_closed(server.port());
  half_closed.send(request);
  half_closed.shutdown_send();
  CHECK(half_closed.read_answer().status == 200);
}

TEST_CASE("every exchange is observed with its figures") {
  std::mutex mutex;
  std::vector<std::string> seen;
  ServerOptions options;
  options.observer = [&](const Exchange& exchange) {
    const std::lock_guard lock(mutex);
    seen.push_back(std::string(exchange.method_token) + " " + std::string(exchange.path) + " " +
                   std::to_string(exchange.status) + " " + std::to_string(exchange.request_bytes) +
                   (exchange.complete ? "" : " incomplete"));
    CHECK(exchange.response_bytes > 0);
    CHECK(exchange.peer.starts_with("127.0.0.1:"));
  };
  TestServer server(echo, std::move(options));
  RawClient client(server.port());
  client.send(get);
  client.read_answer();
  client.send("GET /b HTTP/1.1\r\n\r\n");
  client.read_to_end();
  server.server().stop(StopMode::at_once);
  server.join();
  REQUIRE(seen.size() == 2);
  CHECK(seen[0] == "GET /a 200 " + std::to_string(get.size()));
  CHECK(seen[1].starts_with("GET "));
}
