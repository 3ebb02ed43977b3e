#include "http/router.h"
#include "http/server.h"
#include "testing/http_support.h"

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

using namespace diffo::http;
using namespace diffo::http::test;

namespace {

ServerOptions streaming_in() {
  ServerOptions options;
  options.streams_body = [](Method, std::string_view path) { return path == "/in"; };
  return options;
}

/// Reads a body to its end on its own thread and answers with its size.
void count_on_worker(Request request, Responder responder) {
  std::thread([reader = request.stream, kept = std::move(responder)]() mutable {
    std::size_t size = 0;
    for (;;) {
      auto piece = read_blocking(reader);
      Response response;
      if (!piece) {
        response.status = 400;
        response.body = piece.error().message;
        return kept.send(std::move(response));
      }
      if (piece->empty()) {
        response.body = std::to_string(size);
        return kept.send(std::move(response));
      }
      size += piece->size();
    }
  }).detach();
}

/// A body of numbered lines, made chunk by chunk on the I/O thread.
Response numbers(int count, std::atomic<int>* produced = nullptr) {
  Response response;
  response.content_type = "text/plain";
  response.stream = pull_source([count, produced, next = 0](std::string& out) mutable {
    out += std::to_string(next) + "\n";
    out.append(1000, '.');
    if (produced != nullptr)
      ++*produced;
    return ++next < count;
  });
  return response;
}

std::size_t size_of_numbers(int count) {
  std::size_t size = 0;
  for (int number = 0; number < count; ++number)
    size += std::to_string(number).size() + 1001;
  return size;
}

} // namespace

TEST_CASE("a streamed answer arrives chunk by chunk and the connection stays open") {
  TestServer server([](Request, Responder responder) { responder.send(numbers(500)); });
  RawClient client(server.port());
  for (int round = 0; round < 2; ++round) {
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    const RawAnswer answer = client.read_answer();
    CHECK(answer.status == 200);
    CHECK(answer.header("Transfer-Encoding") == "chunked");
    CHECK(answer.header("Content-Length").empty());
    CHECK(answer.body.size() == size_of_numbers(500));
  }
}

TEST_CASE("HTTP/1.0 gets a streamed answer until the connection ends, HEAD gets none") {
  std::atomic<int> produced{0};
  TestServer server([&](Request, Responder responder) { responder.send(numbers(10, &produced)); });
  RawClient old(server.port());
  old.send("GET / HTTP/1.0\r\n\r\n");
  const RawAnswer answer = old.read_answer();
  CHECK(answer.header("Transfer-Encoding").empty());
  CHECK(answer.body.size() == size_of_numbers(10));
  CHECK(produced == 10);
  RawClient client(server.port());
  client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(client.read_answer("HEAD").header("Transfer-Encoding") == "chunked");
  CHECK(produced == 10);
}

TEST_CASE("a slow reader holds the source back") {
  constexpr int count = 100'000; // 100 MB: far more than sockets can buffer
  std::atomic<int> produced{0};
  TestServer server(
      [&](Request, Responder responder) { responder.send(numbers(count, &produced)); });
  RawClient client(server.port(), 4096);
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  client.read_some(100);
  // Another connection still gets its answer on the same thread, so the source is not spinning.
  RawClient other(server.port());
  other.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(other.read_answer("HEAD").status == 200);
  client.reset();
  while (server.server().connections() != 1)
    std::this_thread::yield();
  CHECK(produced < count / 2);
}

TEST_CASE(
    "a stream without an end is broken off when its peer has gone, and lets go of its source") {
  // Shared by the source and the test, which sees when the source has gone.
  const auto held = std::make_shared<int>(0);
  std::optional<ChunkSink> kept; // silence
  TestServer server([&](Request, Responder responder) {
    Response response;
    response.ends_with_peer = true;
    response.stream = [held, &kept](ChunkSink sink) { kept.emplace(std::move(sink)); };
    responder.send(std::move(response));
  });
  {
    RawClient client(server.port());
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(client.read_some(12).starts_with("HTTP/1.1 200"));
  }
  while (server.server().connections() != 0)
    std::this_thread::yield();
  CHECK(held.use_count() == 1);
  kept.reset();
}

TEST_CASE("chunks may come from other threads, and a dropped sink breaks the answer off") {
  TestServer server([](Request request, Responder responder) {
    Response response;
    const bool breaks = request.path == "/break";
    const auto number = std::make_shared<int>(0);
    response.stream = [breaks, number](ChunkSink sink) {
      std::thread([breaks, number, kept = std::move(sink)]() mutable {
        if (*number < 5)
          return kept.chunk("chunk " + std::to_string((*number)++) + ";");
        if (!breaks)
          kept.end();
      }).detach();
    };
    responder.send(std::move(response));
  });
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(client.read_answer().body == "chunk 0;chunk 1;chunk 2;chunk 3;chunk 4;");
  client.send("GET /break HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string rest = client.read_to_end();
  CHECK(rest.find("chunk 4;") != std::string::npos);
  CHECK(rest.find("\r\n0\r\n") == std::string::npos);
}

TEST_CASE("an empty chunk does not end the answer") {
  TestServer server([](Request, Responder responder) {
    Response response;
    response.stream = [turn = 0](ChunkSink sink) mutable {
      if (++turn < 100)
        return sink.chunk(turn % 2 == 0 ? "x" : "");
      sink.end();
    };
    responder.send(std::move(response));
  });
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(client.read_answer().body == std::string(49, 'x'));
}

TEST_CASE("a streamed request body reaches its reader whole, whatever its framing") {
  TestServer server(count_on_worker, streaming_in());
  RawClient client(server.port());
  client.send("POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n\r\n" +
              std::string(500'000, 'x'));
  CHECK(client.read_answer().body == "500000");
  client.send("POST /in HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int count = 0; count < 100; ++count)
    client.send("3e8\r\n" + std::string(1000, 'x') + "\r\n");
  client.send("0\r\n\r\n");
  CHECK(client.read_answer().body == "100000");
  client.send("POST /in HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(client.read_answer().body == "0");
  client.send("POST /in HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  CHECK(client.read_answer().status == 100);
  client.send("ab");
  CHECK(client.read_answer().body == "2");
}

TEST_CASE("a streamed body may exceed the limit of collected ones") {
  ServerOptions options = streaming_in();
  options.limits.body_bytes = 1000;
  TestServer server(count_on_worker, std::move(options));
  RawClient client(server.port());
  client.send("POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 5000\r\n\r\n" +
              std::string(5000, 'x'));
  CHECK(client.read_answer().body == "5000");
  client.send("POST /other HTTP/1.1\r\nHost: h\r\nContent-Length: 5000\r\n\r\n");
  CHECK(client.read_answer().status == 413);
}

TEST_CASE("what goes wrong inside a streamed body reaches its reader") {
  ServerOptions options = streaming_in();
  options.limits.pace_window = std::chrono::milliseconds(40);
  TestServer server(count_on_worker, std::move(options));
  RawClient malformed(server.port());
  malformed.send(
      "POST /in HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\nxyz\r\n");
  CHECK(malformed.read_answer().body ==
        "the chunked body is malformed: a chunk's size is not a hexadecimal number");
  CHECK(malformed.is_closed());
  RawClient slow(server.port());
  slow.send("POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\na");
  CHECK(slow.read_answer().body == "the body did not arrive in time");
  RawClient gone(server.port());
  gone.send("POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\na");
  gone.shutdown_send();
  CHECK(gone.read_answer().body == "the peer closed the connection inside the body");
}

TEST_CASE("an answer before the end of a streamed body closes the connection and is still read") {
  TestServer server(
      [](Request, Responder responder) {
        Response response;
        response.status = 409;
        responder.send(std::move(response));
      },
      streaming_in());
  RawClient client(server.port());
  client.send("POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 300000\r\n\r\n" +
              std::string(300'000, 'x'));
  const RawAnswer answer = client.read_answer();
  CHECK(answer.status == 409);
  CHECK(answer.header("Connection") == "close");
  CHECK(client.is_closed());
}

TEST_CASE("a reader that does not read holds the sender back") {
  std::mutex mutex;
  std::condition_variable arrived;
  std::optional<std::pair<BodyReader, Responder>> parked;
  ServerOptions options = streaming_in();
  TestServer server(
      [&](Request request, Responder responder) {
        const std::lock_guard lock(mutex);
        parked.emplace(request.stream, std::move(responder));
        arrived.notify_all();
      },
      std::move(options));
  constexpr std::size_t size = 64'000'000; // more than two sockets can buffer
  std::atomic<std::size_t> sent{0};
  RawClient client(server.port());
  std::thread sender([&] {
    client.send("POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(size) +
                "\r\n\r\n");
    const std::string block(100'000, 'x');
    while (sent < size && client.send(block))
      sent += block.size();
  });
  {
    std::unique_lock lock(mutex);
    arrived.wait(lock, [&] { return parked.has_value(); });
  }
  std::size_t received = 0;
  for (int count = 0; count < 10; ++count)
    received += read_blocking(parked->first).value().size();
  CHECK(received <= 10 * 128 * 1024);
  CHECK(sent < size);
  for (;;) {
    const std::string piece = read_blocking(parked->first).value();
    if (piece.empty())
      break;
    received += piece.size();
  }
  sender.join();
  CHECK(received == size);
  parked->second.send(Response());
  CHECK(client.read_answer().status == 200);
  CHECK_FALSE(read_blocking(parked->first).has_value());
}

TEST_CASE("a router decides which bodies are streamed") {
  Router router;
  REQUIRE(router.add(Method::post, "/import", count_on_worker, {.body = RouteBody::streamed}));
  REQUIRE(router.add(Method::post, "/item/{id}", [](Request request, Responder responder) {
    Response response;
    response.body = std::string(request.parameter("id")) + ":" + std::string(request.body);
    responder.send(std::move(response));
  }));
  ServerOptions options;
  options.streams_body = [&router](Method method, std::string_view path) {
    return router.streams_body(method, path);
  };
  TestServer server(
      [&router](Request request, Responder responder) {
        router.handle(std::move(request), std::move(responder));
      },
      std::move(options));
  RawClient client(server.port());
  client.send("POST /import HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
  CHECK(client.read_answer().body == "3");
  client.send("POST /item/a%2Fb HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
  CHECK(client.read_answer().body == "a/b:abc");
  client.send("OPTIONS /import HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(client.read_answer().header("Allow") == "POST, OPTIONS");
}
