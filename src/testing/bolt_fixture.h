#pragma once

#include "testing/fake_bolt_server.h"

#include <diffo/bolt.h>

#include <atomic>
#include <doctest/doctest.h>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <unistd.h>

/// What the tests of the driver share: a scripted server with the usual lines in the form of each
/// version.
namespace diffo::bolt::fake {

/// Sleeps by moving its own time.
class TestClock final : public Clock {
public:
  Time now() override { return std::chrono::steady_clock::now() + Milliseconds(ahead_.load()); }
  void sleep(Milliseconds duration) override {
    ahead_ += duration.count();
    ++sleeps;
  }
  std::atomic<int> sleeps = 0;

private:
  std::atomic<std::int64_t> ahead_ = 0;
};

/// A folder that goes away with its owner.
class TemporaryFolder {
public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "diffo-bolt-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string path;
};

inline std::string failure_line(Version version, const std::string& code,
                                const std::string& gql = "50N42") {
  if (version < bolt_5_7)
    return "S: FAILURE {\"code\": \"" + code + "\", \"message\": \"told so\"}";
  return "S: FAILURE {\"neo4j_code\": \"" + code +
         "\", \"message\": \"told so\", \"gql_status\": \"" + gql +
         "\", \"description\": \"d\", \"diagnostic_record\": {\"_classification\": "
         "\"CLIENT_ERROR\"}, "
         "\"cause\": {\"message\": \"inner\", \"gql_status\": \"22N01\", \"description\": \"c\", "
         "\"diagnostic_record\": {}}}";
}

/// The handshake, HELLO and LOGON as that version wants them. `extra` are more entries of HELLO.
inline std::string open_lines(Version version, const std::string& hints = "{}",
                              const std::string& extra = "", const std::string& user = "neo4j") {
  const std::string auth =
      R"("scheme": "basic", "principal": ")" + user + R"(", "credentials": "letmein")";
  std::string out =
      std::string("A: ") + (version >= bolt_6_0 ? "manifest " : "") + to_text(version) + "\n";
  out += R"(C: HELLO {"user_agent": "test/1")" + extra;
  if (version >= bolt_5_3)
    out += R"(, "bolt_agent": {"product": *, "language": *})";
  if (version < bolt_5_1)
    out += ", " + auth;
  out += "}\n";
  // Both are expected before either is answered: they must ride in one flight.
  if (version >= bolt_5_1)
    out += "C: LOGON {" + auth + "}\n";
  out += R"(S: SUCCESS {"server": "Fake/1", "connection_id": "c-1", "hints": )" + hints + "}\n";
  if (version >= bolt_5_1)
    out += "S: SUCCESS {}\n";
  return out;
}

inline std::map<std::string, std::string> lines_for(Version version) {
  const std::string transient = "Neo.TransientError.";
  const std::string client = "Neo.ClientError.";
  return {
      {"OPEN", open_lines(version)},
      {"OPEN_ROUTED", open_lines(version, "{}", R"(, "routing": *)")},
      {"SYNTAX_ERROR", failure_line(version, client + "Statement.SyntaxError", "42I06")},
      {"DEADLOCK", failure_line(version, transient + "Transaction.DeadlockDetected")},
      {"TERMINATED", failure_line(version, transient + "Transaction.Terminated")},
      {"NOT_A_LEADER", failure_line(version, client + "Cluster.NotALeader")},
      {"READ_ONLY", failure_line(version, client + "General.ForbiddenOnReadOnlyDatabase")},
      {"NO_DATABASE", failure_line(version, client + "Database.DatabaseNotFound")},
      {"DATABASE_DOWN", failure_line(version, transient + "General.DatabaseUnavailable")},
      {"UNAUTHORIZED", failure_line(version, client + "Security.Unauthorized")},
      {"TOKEN_EXPIRED", failure_line(version, client + "Security.TokenExpired")},
      {"AUTHORIZATION_EXPIRED", failure_line(version, client + "Security.AuthorizationExpired")},
      {"RECORD_1", "S: RECORD [1]"},
      {"RUN_OK", R"(S: SUCCESS {"fields": ["n"], "t_first": 3})"},
      {"PULL_OK", R"(S: SUCCESS {"type": "r", "t_last": 4, "db": "neo4j"})"},
  };
}

/// Scripts being played and a driver that talks to the first of them.
struct Stage {
  struct Setting {
    DriverOptions options{};
    std::string scheme = "bolt";
    std::map<std::string, std::string> variables{};
    Server::Options server{};
    std::vector<std::string> others{}; ///< scripts of further servers: ${PORT_1}, ${PORT_2} …
    std::shared_ptr<AuthSource> auth{};
  };
  std::vector<std::unique_ptr<Server>> servers;
  std::unique_ptr<Driver> driver;
  std::shared_ptr<TestClock> clock = std::make_shared<TestClock>();

  Stage(Version version, const std::string& script) : Stage(version, script, Setting{}) {}
  Stage(Version version, const std::string& script, Setting setting) {
    std::vector<std::string> scripts{script};
    scripts.insert(scripts.end(), setting.others.begin(), setting.others.end());
    std::map<std::string, std::string> variables = std::move(setting.variables);
    variables.merge(lines_for(version));
    for (std::size_t i = 0; i < scripts.size(); ++i) {
      Outcome<std::unique_ptr<Server>> server = Server::open(setting.server);
      REQUIRE(server.has_value());
      variables["PORT_" + std::to_string(i)] = std::to_string((*server)->port());
      servers.push_back(std::move(*server));
    }
    for (std::size_t i = 0; i < scripts.size(); ++i) {
      Outcome<Script> read = read_script(scripts[i], variables);
      REQUIRE_MESSAGE(read.has_value(), (read ? "" : read.error().text()));
      servers[i]->play(std::move(*read));
    }
    setting.options.user_agent = "test/1";
    if (!setting.options.clock)
      setting.options.clock = clock;
    const std::string uri = setting.scheme + "://localhost:" + std::to_string(servers[0]->port());
    Outcome<Driver> opened =
        setting.auth
            ? Driver::open(uri, setting.auth, std::move(setting.options))
            : Driver::open(uri, AuthToken::basic("neo4j", "letmein"), std::move(setting.options));
    REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().text()));
    driver = std::make_unique<Driver>(std::move(*opened));
  }

  /// Closes the driver and checks that the servers saw what they should.
  void finish() {
    driver.reset();
    for (std::size_t i = 0; i < servers.size(); ++i)
      for (const std::string& problem : servers[i]->finish())
        FAIL_CHECK("server " << i << ": " << problem);
  }
};

/// The value, or a failed test that tells why there is none.
template <typename T> T good(Outcome<T> outcome) {
  if (!outcome)
    FAIL(outcome.error().text());
  if constexpr (!std::is_void_v<T>)
    return std::move(outcome).value();
}

} // namespace diffo::bolt::fake
