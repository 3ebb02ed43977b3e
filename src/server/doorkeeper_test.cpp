#include "server/doorkeeper.h"

#include "server/streamed_body.h"
#include "server/worker.h"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <new>

using namespace diffo;
using namespace diffo::server;

namespace {

Doorkeeper keeper() {
  Doorkeeper made;
  REQUIRE(made.also_answer_to("Inventory.example"));
  REQUIRE(made.also_answer_to("ui.example:5173"));
  made.listen_on(8080);
  return made;
}

/// The status of the refusal; 0 when the request may pass.
int status_of(std::string_view authority, const std::vector<http::Header>& headers = {},
              std::string_view body = {}) {
  http::Request request;
  request.authority = authority;
  request.headers = headers;
  request.body = body;
  request.has_body = !body.empty();
  const auto refusal = keeper().refuse(request);
  return refusal ? refusal->status : 0;
}

int of_origin(std::string_view authority, std::string_view origin) {
  return status_of(authority, {{"origin", origin}});
}

} // namespace

TEST_CASE("only loopback names and configured ones are answered") {
  for (const char* own : {"localhost:8080", "127.0.0.1", "[::1]:9", "inventory.example",
                          "INVENTORY.example:444", "ui.example", "localhost."})
    CHECK(status_of(own) == 0);
  for (const char* foreign : {"evil.example", "evil.example:8080", "127.0.0.1.evil.example",
                              "localhost.evil.example", "10.0.0.1", "sub.inventory.example"})
    CHECK(status_of(foreign) == 403);
}

TEST_CASE("what is answered to beside has a name or an address, and no wildcard has") {
  Doorkeeper made;
  for (const char* good : {"a.example:80", "10.0.0.1", "10.0.0.1:80", "[fd00::1]:8080"})
    CHECK(made.also_answer_to(good));
  for (const char* bad : {"*", "*.example", "*:80", "a..example", "-a", "~", ""})
    CHECK_FALSE(made.also_answer_to(bad));
}

TEST_CASE("pages from elsewhere are refused, also those of another port of this machine") {
  CHECK(of_origin("localhost:8080", "http://localhost:8080") == 0);
  CHECK(of_origin("127.0.0.1:8080", "http://localhost:8080") == 0);
  CHECK(of_origin("localhost:9", "http://localhost:9") == 0); // a forwarded port
  CHECK(of_origin("localhost", "http://localhost") == 0);
  CHECK(of_origin("inventory.example", "https://inventory.example") == 0);
  CHECK(of_origin("inventory.example:443", "https://inventory.example") == 0);
  CHECK(of_origin("localhost:8080", "http://ui.example:5173") == 0);
  for (const char* foreign :
       {"https://evil.example", "http://localhost:3000", "http://127.0.0.1:81", "null", "",
        "http://ui.example", "file://", "http://localhost:8080/path", "chrome-extension://abc",
        "http://localhost:8080, http://localhost:8080", "http://localhost:8080.evil.example"}) {
    CAPTURE(foreign);
    CHECK(of_origin("localhost:8080", foreign) == 403);
  }
  CHECK(status_of("localhost:8080", {{"Origin", "http://localhost:8080"},
                                     {"Origin", "https://evil.example"}}) == 403);
}

TEST_CASE("a body says what it is and comes as it is") {
  CHECK(status_of("localhost", {}, "{}") == 415);
  CHECK(status_of("localhost", {{"Content-Type", ""}}, "{}") == 415);
  CHECK(status_of("localhost", {{"Content-Type", "application/json"}}, "{}") == 0);
  for (const char* other : {"br", "deflate", "gzip, gzip", "zstd"})
    CHECK(status_of("localhost", {{"Content-Type", "a/b"}, {"content-encoding", other}}, "{}") ==
          415);
  CHECK(status_of("localhost", {{"Content-Type", "a/b"}, {"content-encoding", "GZIP"}}, "{}") == 0);
  CHECK(status_of("localhost", {{"Content-Type", "a/b"}, {"Content-Encoding", "Identity"}}, "{}") ==
        0);
  CHECK(status_of("localhost") == 0);
}

TEST_CASE("a public URL is a URL that links can begin with") {
  const auto text_of = [](std::string_view text) {
    const auto url = PublicUrl::parse(text);
    return url ? url->text : std::string("refused");
  };
  CHECK(text_of("http://x") == "http://x");
  CHECK(text_of("HTTPS://X.Example:8443/Base/") == "https://x.example:8443/Base");
  CHECK(text_of("https://[::1]:1/a%20b//") == "https://[::1]:1/a%20b");
  for (const char* bad : {"", "x", "ftp://x", "http://", "http:///a", "https://x?y=1",
                          "https://x/#f", "https://x/a b", "https://u@x", "https://x:99999",
                          "https://x/%zz", "https://x/\xC3\xA9", "https://x/<", "http://x\n"}) {
    CAPTURE(bad);
    CHECK(text_of(bad) == "refused");
  }
}

TEST_CASE("work that throws is told, its responder answers, and the worker goes on") {
  std::atomic<int> told{0};
  Worker worker({.on_failure = [&told](std::string_view, const Error&) { ++told; }});
  const auto status_after = [&worker](const std::function<void()>& fail) {
    std::promise<int> status;
    auto responder = std::make_shared<http::Responder>(http::Responder::to(
        [&status](http::Response response) { status.set_value(response.status); }));
    CHECK(worker.post([fail, kept = std::move(responder)] { fail(); }));
    return status.get_future().get();
  };
  CHECK(status_after([] { throw std::bad_alloc(); }) == 503);
  CHECK(status_after([] { throw std::runtime_error("oops"); }) == 500);
  CHECK(status_after([] {}) == 500); // it forgot to answer
  CHECK(told == 2);
}

TEST_CASE("cancelled work makes room and is not run") {
  std::promise<void> gate;
  Worker worker({.longest_queue = 2});
  std::promise<void> begun;
  CHECK(worker.post([&] {
    begun.set_value();
    gate.get_future().wait();
  }));
  begun.get_future().wait();
  std::atomic<int> ran{0};
  CancellationSource gone;
  CHECK(worker.post([&ran] { ran += 100; }, gone.token()));
  CHECK(worker.post([&ran] { ++ran; }));
  CHECK_FALSE(worker.post([&ran] { ran += 1000; }));
  gone.request();
  CHECK(worker.post([&ran] { ++ran; }));
  gate.set_value();
  worker.stop();
  CHECK(ran == 2);
  CHECK_FALSE(worker.post([] {}));
}
