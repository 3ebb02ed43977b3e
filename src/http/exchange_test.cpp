#include "testing/http_support.h"

#include <doctest/doctest.h>

#include <atomic>
#include <new>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace diffo;
using namespace diffo::http;
using namespace diffo::http::test;

namespace {

void wait_for(const Cancellation& cancellation) {
  while (!cancellation.is_requested())
    std::this_thread::yield();
}

} // namespace

TEST_CASE("work is cancelled when its client has gone, by reset or by silence") {
  Parked parked;
  ServerOptions options;
  options.limits.half_closed_timeout = std::chrono::milliseconds(20);
  TestServer server(
      [&](Request request, Responder responder) { parked.put(request, std::move(responder)); },
      std::move(options));
  std::optional<RawClient> reset(std::in_place, server.port());
  reset->send(get);
  const auto first = parked.take();
  CHECK_FALSE(first.cancellation.is_requested());
  reset->reset();
  wait_for(first.cancellation);
  std::optional<RawClient> closed(std::in_place, server.port());
  closed->send(get);
  const auto second = parked.take();
  closed.reset();
  wait_for(second.cancellation);
}

TEST_CASE("a client that has closed its half only still gets its answer") {
  Parked parked;
  TestServer server(
      [&](Request request, Responder responder) { parked.put(request, std::move(responder)); });
  RawClient client(server.port());
  client.send(get + get);
  client.shutdown_send();
  for (int count = 0; count < 2; ++count) {
    parked.take().responder.send(Response{});
    CHECK(client.read_answer().status == 200);
  }
  CHECK(client.is_closed());
}

TEST_CASE("a graceful stop cancels what does not end by itself, and then ends") {
  Parked parked;
  ServerOptions options;
  options.stop_grace = std::chrono::milliseconds(10);
  options.stop_timeout = std::chrono::milliseconds(20'000);
  TestServer server(
      [&](Request request, Responder responder) { parked.put(request, std::move(responder)); },
      std::move(options));
  RawClient client(server.port());
  client.send(get);
  auto call = parked.take();
  server.server().stop(StopMode::graceful);
  wait_for(call.cancellation);
  call.responder.send(Response{.status = 503});
  CHECK(client.read_answer().status == 503);
  server.join();
}

TEST_CASE("what throws is told and answered: 503 when memory ran out, else 500") {
  std::mutex mutex;
  std::vector<std::string> told;
  ServerOptions options;
  options.on_failure = [&](std::string_view where, const Error& failure) {
    const std::lock_guard lock(mutex);
    told.push_back(std::string(where) + ": " + failure.message);
  };
  TestServer server(
      [](Request request, Responder responder) {
        if (request.path == "/memory")
          throw std::bad_alloc();
        if (request.path == "/mistake")
          throw std::runtime_error("oops");
        if (request.path == "/later") {
          responder.send({.stream = [](ChunkSink) { throw std::runtime_error("no piece"); }});
          return;
        }
        responder.send(Response{});
      },
      std::move(options));
  RawClient client(server.port());
  for (const auto& [path, status] : {std::pair{"/memory", 503}, {"/mistake", 500}, {"/", 200}}) {
    client.send("GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(client.read_answer().status == status);
  }
  client.send("GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(client.read_answer().status == 0); // broken off
  const std::lock_guard lock(mutex);
  CHECK(told == std::vector<std::string>{"handling a request: out of memory",
                                         "handling a request: oops",
                                         "producing an answer: no piece"});
}

TEST_CASE(
    "answers that nobody reads are bounded together; small ones and those of writes still pass") {
  ServerOptions options;
  options.limits.memory_bytes = 30'000'000;
  options.limits.small_bytes = 1000;
  TestServer server(
      [](Request request, Responder responder) {
        Response response;
        response.body = std::string(request.path == "/small" ? 1000 : 20'000'000, 'x');
        responder.send(std::move(response));
      },
      std::move(options));
  RawClient unread(server.port(), 4096);
  unread.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK_FALSE(unread.read_some(1).empty());
  RawClient client(server.port());
  client.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  const RawAnswer refused = client.read_answer();
  CHECK(refused.status == 503);
  CHECK_FALSE(refused.header("Retry-After").empty());
  client.send("GET /small HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(client.read_answer().status == 200);
  client.send("DELETE /large HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(client.read_answer().status == 200);
  unread.reset();
  while (server.server().memory_bytes() != 0)
    std::this_thread::yield();
  client.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(client.read_answer().status == 200);
}

TEST_CASE("a reader and a sender that only drip are cut off") {
  ServerOptions options;
  options.limits.pace_window = std::chrono::milliseconds(20);
  options.limits.least_bytes = 60'000'000; // whoever is waited for at all is too slow
  options.streams_body = [](Method method, std::string_view) { return method == Method::post; };
  std::atomic<bool> cut{false};
  TestServer server(
      [&cut](Request request, Responder responder) {
        if (request.method != Method::post)
          return responder.send({.body = std::string(60'000'000, 'x')});
        // Reads to the end and forgets it.
        struct Reader : std::enable_shared_from_this<Reader> {
          Reader(BodyReader given, Responder answer, std::atomic<bool>& flag)
              : body(std::move(given)), responder(std::move(answer)), cut(flag) {}
          void read() {
            body.read([self = shared_from_this()](Result<std::string> piece) {
              if (piece && !piece->empty())
                return self->read();
              self->cut = !piece && piece.error().code == ErrorCode::timeout;
              self->responder.send(Response{.status = 408});
            });
          }
          BodyReader body;
          Responder responder;
          std::atomic<bool>& cut;
        };
        std::make_shared<Reader>(request.stream, std::move(responder), cut)->read();
      },
      std::move(options));
  RawClient reader(server.port(), 4096);
  reader.send(get);
  std::size_t taken = 0;
  while (const std::size_t more = reader.read_some(1).size()) // through a window of a few KiB
    taken += more;
  CHECK(taken < 60'000'000);
  RawClient sender(server.port());
  sender.send("POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 20000000\r\n\r\n");
  while (!cut && sender.send("x"))
    std::this_thread::yield();
  CHECK(sender.read_answer().status == 408);
  CHECK(cut);
}

TEST_CASE("a request says for whom it is, whatever form it has") {
  TestServer server([](Request request, Responder responder) {
    responder.send({.body = std::string(request.authority)});
  });
  const std::string own = "127.0.0.1:" + std::to_string(server.port());
  for (const auto& [head, authority] :
       {std::pair<std::string, std::string>{"GET / HTTP/1.0\r\n", own},
        {"GET / HTTP/1.0\r\nHost: old.example\r\n", "old.example"},
        {"GET / HTTP/1.1\r\nHost: h:81\r\n", "h:81"},
        {"GET http://Target.example:82/x HTTP/1.1\r\nHost: h\r\n", "Target.example:82"},
        {"GET https://[::1]?x HTTP/1.1\r\nHost: h\r\n", "[::1]"}}) {
    CAPTURE(head);
    RawClient client(server.port());
    client.send(head + "\r\n");
    CHECK(client.read_answer().body == authority);
  }
}

TEST_CASE("what is no HTTP is refused at once, not after the time for a head") {
  TestServer server([](Request, Responder responder) { responder.send(Response{}); });
  for (const std::string& bytes :
       {std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11),
        std::string("\x80\x2e\x01", 3), std::string("GET / HTTP/1.1\r\nHost: h\r\nA: \x01"),
        std::string("\r\r"), std::string("\0", 1),
        std::string("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello")}) {
    RawClient client(server.port());
    client.send(bytes);
    CHECK(client.read_answer().status == 400);
  }
}

TEST_CASE("a refused upload sees why, though it goes on sending") {
  ServerOptions options;
  options.limits.body_bytes = 1000;
  TestServer server([](Request, Responder responder) { responder.send(Response{}); },
                    std::move(options));
  const std::string body(16'000'000, 'x');
  for (int count = 0; count < 5; ++count) {
    RawClient client(server.port());
    CHECK(client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 16000000\r\n\r\n" + body));
    CHECK(client.read_answer().status == 413);
  }
}
