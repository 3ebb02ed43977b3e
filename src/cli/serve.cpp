#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "server/application.h"

#include <csignal>
#include <cstdio>
#include <pthread.h>
#include <thread>

namespace diffo::cli {
namespace {

Result<server::ApplicationOptions> options_of(const ServeCommand& command) {
  server::ApplicationOptions options;
  options.data =
      command.data.empty() ? server::default_data_folder() : std::filesystem::path(command.data);
  options.listen = TRY(server::ListenAddress::parse(command.listen));
  TRY(options.listen.check_loopback());
  options.public_url = command.public_url;
  while (options.public_url.ends_with('/'))
    options.public_url.pop_back();
  if (!options.public_url.empty() && !options.public_url.starts_with("http://") &&
      !options.public_url.starts_with("https://"))
    return Error{ErrorCode::invalid, "a public URL begins with http:// or https://",
                 "--public-url"};
  options.io_threads = command.io_threads;
  options.log.level = TRY(parse_log_level(command.log_level));
  options.log.file = command.log_file;
  options.log.log_access = command.access_log || !command.access_log_file.empty();
  options.log.access_file = command.access_log_file;
  return options;
}

} // namespace

int serve(const ServeCommand& command) {
  // Before any thread starts, so that all inherit it and only the waiting thread gets the signals.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN); // NOLINT(cert-err33-c): cannot fail for SIGPIPE

  const auto options = options_of(command);
  if (!options)
    return report(options.error());
  auto application = server::Application::open(*options);
  if (!application)
    return report(application.error());
  std::printf("listening on %s\n", application->url().c_str());
  std::fflush(stdout);

  std::thread waiter([&] {
    int number = 0;
    sigwait(&signals, &number);
    application->stop();
  });
  application->run();
  // run() also ends by itself when the listener breaks; the waiter must end then too.
  // NOLINTNEXTLINE(bugprone-bad-signal-to-kill-thread): blocked everywhere, taken by sigwait only
  pthread_kill(waiter.native_handle(), SIGTERM);
  waiter.join();
  return exit_ok;
}

} // namespace diffo::cli
