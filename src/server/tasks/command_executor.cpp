#include "server/tasks/executor.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char**
    environ; // NOLINT(readability-redundant-declaration): POSIX says that programs declare it

namespace diffo::server {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t most_output = std::size_t{64} << 10U;
/// So often it is looked whether the time is up, or the server stops.
constexpr int look_milliseconds = 100;

/// A descriptor that closes itself.
class Descriptor {
public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close(); }
  void close() {
    if (number_ >= 0)
      ::close(std::exchange(number_, -1));
  }
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }

private:
  int number_;
};

struct Pipe {
  Descriptor read;
  Descriptor write;
};

std::optional<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return std::nullopt;
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

/// The program as a process group of its own, with its input and output. It ends at the latest with
/// this.
class Program {
public:
  Program() = default;
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {
    if (pid_ > 0) {
      ::kill(-pid_, SIGKILL);
      int status = 0;
      ::waitpid(pid_, &status, 0);
    }
  }

  /// What is wrong, or nothing.
  std::string start(const std::vector<std::string>& command) {
    auto to = make_pipe();
    auto from = make_pipe();
    if (!to || !from)
      return std::strerror(errno); // NOLINT(concurrency-mt-unsafe): glibc's is not shared
    posix_spawn_file_actions_t actions{};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to->read.number(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, from->write.number(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, from->write.number(), STDERR_FILENO);
    // The server's sockets are not the program's.
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    posix_spawnattr_t attributes{};
    posix_spawnattr_init(&attributes);
    // The server takes its signals on a thread and ignores some: the program has them as usual.
    sigset_t none{};
    sigemptyset(&none);
    sigset_t usual{};
    sigfillset(&usual);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETPGROUP);
    std::vector<char*> arguments;
    arguments.reserve(command.size() + 1);
    for (const std::string& argument : command)
      arguments.push_back(
          const_cast<char*>(argument.c_str())); // NOLINT: POSIX does not change them
    arguments.push_back(nullptr);
    const int problem = ::posix_spawn(&pid_, command.front().c_str(), &actions, &attributes,
                                      arguments.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (problem != 0) {
      pid_ = -1;
      return std::strerror(problem); // NOLINT(concurrency-mt-unsafe)
    }
    input_ = std::move(to->write);
    output_ = std::move(from->read);
    ::fcntl(input_.number(), F_SETFL, O_NONBLOCK);
    ::fcntl(output_.number(), F_SETFL, O_NONBLOCK);
    return {};
  }

  [[nodiscard]] bool is_talking() const { return input_.is_open() || output_.is_open(); }

  /// Moves what can be moved, for at most a moment.
  void exchange(std::string_view& input, std::string& output) {
    if (input.empty())
      input_.close();
    // A closed one has the number -1, which poll leaves alone.
    std::array<pollfd, 2> polled{{{output_.number(), POLLIN, 0}, {input_.number(), POLLOUT, 0}}};
    if (::poll(polled.data(), polled.size(), look_milliseconds) <= 0)
      return;
    if (polled[1].revents != 0)
      write_some(input);
    if (polled[0].revents != 0)
      read_some(output);
  }

  /// Its status as wait() gives it; nothing while it runs.
  std::optional<int> ended() {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) != pid_)
      return std::nullopt;
    ::kill(-pid_, SIGKILL); // what it left behind
    pid_ = -1;
    return status;
  }

private:
  void write_some(std::string_view& input) {
    const ssize_t written = ::write(input_.number(), input.data(), input.size());
    if (written > 0)
      input.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EAGAIN && errno != EINTR)
      input_.close(); // it does not want to hear more
    if (input.empty())
      input_.close();
  }

  void read_some(std::string& output) {
    std::array<char, 4096> piece{};
    const ssize_t read = ::read(output_.number(), piece.data(), piece.size());
    if (read > 0)
      output.append(piece.data(), std::min(static_cast<std::size_t>(read),
                                           most_output - std::min(output.size(), most_output)));
    else if (read == 0 || (errno != EAGAIN && errno != EINTR))
      output_.close();
  }

  pid_t pid_ = -1;
  Descriptor input_;
  Descriptor output_;
};

class CommandExecutor final : public Executor {
public:
  explicit CommandExecutor(const ExecutorSettings& settings) : settings_(settings) {}

  /// Status 0 is done, 75 (EX_TEMPFAIL) another attempt, everything else failed.
  Outcome run(const Attempt& attempt, const Cancellation& cancellation) override {
    Program program;
    if (std::string problem = program.start(settings_.command); !problem.empty())
      return {Outcome::Kind::failed, "cannot be started: " + std::move(problem)};
    const std::string document = json::to_text(attempt.document) + '\n';
    std::string_view input = document;
    std::string output;
    const auto until = SteadyClock::now() + std::chrono::microseconds(settings_.timeout);
    std::optional<int> status;
    while (!status) {
      if (cancellation.is_requested())
        return {Outcome::Kind::again, "broken off"};
      if (SteadyClock::now() >= until)
        return {Outcome::Kind::again, "took too long and was ended"};
      if (program.is_talking())
        program.exchange(input, output);
      else
        ::usleep(10'000);
      status = program.ended();
    }
    input = {};
    while (program.is_talking() && output.size() < most_output && SteadyClock::now() < until &&
           !cancellation.is_requested())
      program.exchange(input, output);
    return outcome_of_status(*status, output);
  }

private:
  static Outcome outcome_of_status(int status, const std::string& output) {
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
      return {};
    std::string reason = WIFEXITED(status)
                             ? "ended with status " + std::to_string(WEXITSTATUS(status))
                             : "was ended by signal " + std::to_string(WTERMSIG(status));
    if (!output.empty())
      reason += ": " + reason_of(output);
    constexpr int temporary = 75;
    const bool again = WIFEXITED(status) && WEXITSTATUS(status) == temporary;
    return {again ? Outcome::Kind::again : Outcome::Kind::failed, std::move(reason)};
  }

  ExecutorSettings settings_;
};

} // namespace

std::unique_ptr<Executor> command_executor(const ExecutorSettings& settings) {
  return std::make_unique<CommandExecutor>(settings);
}

} // namespace diffo::server
