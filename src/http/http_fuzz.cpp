// Feeds bytes to a whole connection without a socket. The first byte chooses how they are split,
// the second how the handler behaves.

#include "http/connection.h"
#include "http/router.h"

#include <algorithm>
#include <cstring>
#include <deque>

namespace {

using namespace diffo::http;

/// A loop whose tasks run when the fuzzer says so.
class FuzzLoop final : public Loop {
public:
  bool is_current() const override { return true; }
  void submit(std::unique_ptr<Task> task) override { tasks.push_back(std::move(task)); }
  std::string_view date() override { return "Sun, 06 Nov 1994 08:49:37 GMT"; }
  void forget(Connection&) override { closed = true; }
  void run_tasks() {
    for (int count = 0; count < 10'000 && !tasks.empty(); ++count) {
      const auto task = std::move(tasks.front());
      tasks.pop_front();
      task->run();
    }
  }
  std::deque<std::unique_ptr<Task>> tasks;
  bool closed = false;
};

class FuzzWire final : public Wire {
public:
  void read_some(std::span<char> space) override { into = space; }
  std::ptrdiff_t write_now(std::span<const std::string_view> pieces) override {
    std::ptrdiff_t size = 0;
    for (const std::string_view piece : pieces)
      size += static_cast<std::ptrdiff_t>(piece.size());
    return size;
  }
  void wait_writable() override {}
  void shutdown_send() override {}
  void close() override { into = {}; }
  std::span<char> into;
};

void answer(Request request, Responder responder, std::uint8_t mode) {
  if (mode % 3 == 0)
    return; // dropped
  Response response;
  response.headers.emplace_back("X-Header", request.header("x-header"));
  response.body = std::string(request.path) + std::string(request.body);
  if (mode % 3 == 2)
    response.stream = pull_source([left = 3](std::string& out) mutable {
      out = "chunk";
      return --left > 0;
    });
  if (request.stream)
    request.stream.read([](diffo::Result<std::string>) {});
  responder.send(std::move(response));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2)
    return 0;
  const std::size_t step = data[0] + 1U;
  const std::uint8_t mode = data[1];
  std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  auto loop = std::make_shared<FuzzLoop>();
  auto service = std::make_shared<Service>();
  Router router;
  if (!router.add(Method::get, "/a/{id}", [mode](Request request, Responder responder) {
        answer(std::move(request), std::move(responder), mode);
      }))
    return 0;
  service->handler = [&router, mode](Request request, Responder responder) {
    if (mode & 16)
      return router.handle(std::move(request), std::move(responder));
    answer(std::move(request), std::move(responder), mode);
  };
  service->streams_body = [mode](Method, std::string_view) { return (mode & 8) != 0; };
  auto wire = std::make_unique<FuzzWire>();
  FuzzWire& socket = *wire;
  auto connection = std::make_shared<Connection>(loop, service, std::move(wire), "peer");
  connection->start();
  while (!bytes.empty() && !loop->closed && !socket.into.empty()) {
    const std::size_t count = std::min({step, bytes.size(), socket.into.size()});
    std::memcpy(socket.into.data(), bytes.data(), count);
    bytes.remove_prefix(count);
    socket.into = {};
    connection->on_read(static_cast<std::ptrdiff_t>(count));
    loop->run_tasks();
  }
  connection->close();
  loop->run_tasks();
  loop->tasks.clear();
  return 0;
}
