#pragma once

#include "bolt/version.h"
#include "testing/bolt_notation.h"
#include "testing/fake_bolt_stream.h"

#include <atomic>
#include <condition_variable>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace diffo::bolt::fake {

/// One line of a script.
struct Step {
  enum class Kind : std::uint8_t {
    handshake,
    expect,
    send,
    noop,
    raw,
    chunks,
    pieces,
    close,
    half_close,
    reset,
    flood
  };
  Kind kind = Kind::noop;
  Signature signature = Signature::success;
  List values{};      ///< of a message; of `expect` a pattern
  std::string text{}; ///< of a handshake; raw bytes
  std::size_t size = 0;
  std::size_t line = 0;
};

/// What happens on one connection after the other.
struct Script {
  struct Conversation {
    std::vector<Step> steps;
    bool every = false; ///< used for all further connections
  };
  std::vector<Conversation> conversations;
};

/// Reads a script (docs/formats/bolt-script.md). `${NAME}` is replaced by the variable of that name
/// first.
Outcome<Script> read_script(std::string_view text,
                            const std::map<std::string, std::string>& variables = {});

/// Plays a script on a port of loopback. What a client does otherwise than expected stands in
/// problems(). Any thread.
class Server {
public:
  struct Options {
    Certificates tls{};     ///< without files: plain
    std::uint16_t port = 0; ///< 0: any that is free
  };
  /// Listens; connections wait until there is a script.
  static Outcome<std::unique_ptr<Server>> open(Options options);
  /// Begins to play; once.
  void play(Script script);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// Waits until every conversation of the script has ended, then tells what went wrong, one line
  /// each.
  std::vector<std::string> finish();
  /// The names of all messages that came, in order of arrival.
  [[nodiscard]] std::vector<std::string> received() const;
  /// Waits until that many conversations have ended.
  void await_ended(std::size_t count);

private:
  friend class Player;
  explicit Server(Options options) : options_(std::move(options)) {}
  Outcome<void> listen();
  void accept_all();
  void serve(int descriptor, std::size_t number);
  void note_problem(std::string problem);
  void note_message(std::string name);
  const Script::Conversation* conversation(std::size_t number) const;

  Script script_; // set before the threads start
  const Options options_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable ended_changed_;
  std::vector<std::string> problems_; // guarded by mutex_, as the rest below
  std::vector<std::string> received_;
  std::list<Stream*> streams_;
  std::vector<std::thread> threads_;
  std::size_t ended_ = 0;
  bool stopping_ = false;
  std::thread acceptor_;
};

} // namespace diffo::bolt::fake
