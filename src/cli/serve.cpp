#include "base/file.h"
#include "base/machine.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/place.h"
#include "server/application.h"
#include "server/models.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <malloc.h>
#include <mutex>
#include <optional>
#include <pthread.h>
#include <thread>

namespace diffo::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// From the first signal to the end of the process, whatever is running. The transport and the
/// workers end well before; see http::ServerOptions.
constexpr std::chrono::seconds stop_limit{10};

Result<server::ApplicationOptions> options_of(const ServeCommand& command) {
  server::ApplicationOptions options;
  options.database = TRY(connection_of(command.database));
  options.follow_every =
      std::chrono::milliseconds(static_cast<std::int64_t>(command.follow_seconds * 1000));
  options.data = command.data;
  if (command.data.empty())
    options.data =
        options.database ? server::default_local_folder() : server::default_data_folder();
  options.listen = TRY(server::ListenAddress::parse(command.listen));
  TRY(options.listen.check_loopback());
  if (!command.public_url.empty())
    options.public_url = TRY(server::PublicUrl::parse(command.public_url));
  options.allowed_hosts = command.allowed_hosts;
  options.cors_origins = command.cors_origins;
  options.trusted_proxies = command.trusted_proxies;
  options.backup_root = command.backup_root;
  options.import_bytes = command.import_bytes;
  options.io_threads = command.io_threads;
  constexpr std::size_t most_file_bytes = std::size_t{1} << 20;
  for (const std::string& file : command.seeds)
    options.seeds.push_back(TRY(server::read_seed(file, TRY(read_file(file, most_file_bytes)))));
  if (!command.loop.empty())
    options.loop = TRY(
        server::read_loop_settings(command.loop, TRY(read_file(command.loop, most_file_bytes))));
  if (!command.hub.empty())
    options.hub =
        TRY(server::read_hub_settings(command.hub, TRY(read_file(command.hub, most_file_bytes))));
  if (!command.models.empty()) {
    std::vector<std::string> warnings;
    options.models = TRY(server::read_models(
        command.models, command.warn ? server::Strictness::warn : server::Strictness::strict,
        &warnings));
    for (const std::string& warning : warnings)
      std::fprintf(stderr, "diffo: warning: %s\n", warning.c_str());
  }
  if (!options.models && command.model) {
    TRY(server::judge_models(*command.model));
    options.models = command.model;
  }
  options.hooks = command.hooks;
  if (command.strict_reads)
    options.unplanned = graph::Unplanned::fail;
  constexpr std::int64_t day = std::int64_t{24} * 60 * 60 * 1'000'000;
  options.retention = {.max_entries = command.keep_entries,
                       .max_bytes = command.keep_bytes,
                       .max_age_microseconds = day * command.keep_days};
  options.log.level = TRY(parse_log_level(command.log_level));
  options.log.file = command.log_file;
  options.log.log_access = command.access_log || !command.access_log_file.empty();
  options.log.access_file = command.access_log_file;
  server::fit_to_machine(options.limits);
  return options;
}

/// Takes the process's signals on a thread of its own. The first SIGTERM or SIGINT stops the
/// server, a second one breaks off what is in progress, and when the limit has passed the process
/// ends without waiting any longer: what was acknowledged is durable at any moment. SIGHUP opens
/// the logs anew, for log rotation. Made before any other thread, which then inherit the blocked
/// signals.
class Signals {
public:
  Signals() {
    sigemptyset(&taken_);
    for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2})
      sigaddset(&taken_, number);
    pthread_sigmask(SIG_BLOCK, &taken_, nullptr);
    // Writing to a closed pipe and growing a file beyond its limit are errors of those calls.
    std::signal(SIGPIPE, SIG_IGN); // NOLINT(cert-err33-c): cannot fail for these
    std::signal(SIGXFSZ, SIG_IGN); // NOLINT(cert-err33-c)
    thread_ = std::thread([this] { take_all(); });
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals() {
    finished_ = true;
    // NOLINTNEXTLINE(bugprone-bad-signal-to-kill-thread): blocked everywhere, taken by sigwait only
    pthread_kill(thread_.native_handle(), SIGTERM);
    thread_.join();
  }

  /// The application whose business the signals are from now on; null when it is about to go.
  void belong_to(server::Application* application) {
    const std::lock_guard lock(mutex_);
    application_ = application;
  }

private:
  void take_all() {
    while (true) {
      const int number = take_one();
      if (finished_)
        return;
      const std::lock_guard lock(mutex_);
      if (number == SIGTERM || number == SIGINT)
        stop();
      else if (number == SIGHUP && application_ != nullptr)
        application_->reopen_logs();
      else if (number == 0)
        end_now();
    }
  }

  /// The next signal; 0 when the time to stop has run out.
  int take_one() const {
    if (!stop_by_) {
      int number = 0;
      sigwait(&taken_, &number);
      return number;
    }
    const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::max(Clock::duration(0), *stop_by_ - Clock::now()));
    timespec patience{};
    patience.tv_sec = left.count() / 1'000'000'000;
    patience.tv_nsec = left.count() % 1'000'000'000;
    return std::max(0, sigtimedwait(&taken_, nullptr, &patience));
  }

  void stop() {
    if (application_ == nullptr) // being opened or already ended: nothing is promised to anybody
      std::_Exit(exit_ok);
    if (stop_by_) {
      application_->stop_at_once();
      return;
    }
    stop_by_ = Clock::now() + stop_limit;
    application_->stop();
  }

  [[noreturn]] void end_now() const {
    if (application_ != nullptr)
      application_->say_unfinished();
    std::_Exit(exit_ok);
  }

  sigset_t taken_{};
  std::thread thread_;
  std::atomic<bool> finished_{false};
  std::mutex mutex_; // guards application_
  server::Application* application_ = nullptr;
  std::optional<Clock::time_point> stop_by_; // of thread_
};

} // namespace

int serve(const ServeCommand& command) {
  // Large texts are mapped and given back as a whole, instead of keeping the heap large for ever.
  mallopt(M_MMAP_THRESHOLD, 1 << 20); // NOLINT(concurrency-mt-unsafe): there is no other thread yet
  const auto options = options_of(command);
  if (!options)
    return report(options.error());
  Signals signals;
  auto application = server::Application::open(*options);
  if (!application)
    return report(application.error());
  signals.belong_to(&*application);
  std::printf("listening on %s\n", application->url().c_str());
  std::fflush(stdout);
  std::clearerr(stdout); // nobody need read it
  application->run();
  signals.belong_to(nullptr);
  return exit_ok;
}

} // namespace diffo::cli
