// A server with one static answer on one thread, to measure the transport alone: http_bench [PORT
// [CORE [BODY_BYTES]]]. It prints its port. See src/http/README.md.

#include "http/server.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <pthread.h>
#include <sched.h>
#include <thread>

namespace {

/// Ends the server when the process is told to end; signals are taken by a thread, not by a
/// handler.
std::thread stop_on_signal(diffo::http::Server& server) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return std::thread([&server, signals] {
    int signal = 0;
    sigwait(&signals, &signal);
    server.stop(diffo::http::StopMode::at_once);
  });
}

} // namespace

int main(int argument_count, char** arguments) {
  using namespace diffo::http;
  ServerOptions options;
  if (argument_count > 1)
    options.port = static_cast<std::uint16_t>(std::atoi(arguments[1]));
  if (argument_count > 2) {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(std::atoi(arguments[2]), &cpus);
    sched_setaffinity(0, sizeof cpus, &cpus);
  }
  const std::size_t body_bytes =
      argument_count > 3 ? static_cast<std::size_t>(std::atoll(arguments[3])) : 2048;
  const auto body = std::make_shared<const std::string>(body_bytes, 'x');
  auto server = Server::listen(std::move(options), [body](Request, Responder responder) {
    Response response;
    response.content_type = "application/json";
    response.shared_body = body;
    responder.send(std::move(response));
  });
  if (!server) {
    std::fprintf(stderr, "http_bench: %s\n", server.error().text().c_str());
    return 2;
  }
  std::printf("%u\n", server->port());
  std::fflush(stdout);
  std::thread waiter = stop_on_signal(*server);
  server->run();
  waiter.join();
  return 0;
}
