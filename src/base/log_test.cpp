#include "base/log.h"

#include "base/file.h"

#include <doctest/doctest.h>

#include <sstream>
#include <type_traits>

using namespace diffo;

static_assert(!std::is_constructible_v<LogField, const char*, Secret>, "a secret cannot be logged");
static_assert(!std::is_convertible_v<Secret, std::string>,
              "a secret does not turn into text by itself");
static_assert(!std::is_convertible_v<std::string, Secret>,
              "text does not turn into a secret by itself");

namespace {

/// The lines of a log file without their times.
std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::istringstream text(*read_file(path, 1 << 20));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) {
    REQUIRE(line.size() > 25);
    CHECK(line[23] == 'Z');
    lines.push_back(line.substr(25));
  }
  return lines;
}

} // namespace

TEST_CASE("the server log keeps its level and above, one line an event") {
  const TemporaryDirectory directory = *TemporaryDirectory::make();
  const auto path = directory.path() / "server.log";
  {
    Result<Log> log = Log::open({.level = LogLevel::info, .file = path.string()});
    REQUIRE(log);
    CHECK_FALSE(log->keeps(LogLevel::debug));
    CHECK_FALSE(log->keeps_access());
    log->debug("not kept");
    log->info("started", {{"port", 8080}, {"store", "memory"}});
    log->warning("odd name", {{"name", "a b\"c\n2026 error forged"}, {"empty", ""}});
    log->error("line\nbreak \x1b[31m");
    log->access({});
  }
  CHECK(lines_of(path) == std::vector<std::string>{
                              "info started port=8080 store=memory",
                              R"(warning odd name name="a b\"c\n2026 error forged" empty="")",
                              R"(error line\nbreak \x1b[31m)",
                          });
}

TEST_CASE("the access log has a line for each request") {
  const TemporaryDirectory directory = *TemporaryDirectory::make();
  const auto path = directory.path() / "access.log";
  {
    Result<Log> log = Log::open({.file = (directory.path() / "server.log").string(),
                                 .log_access = true,
                                 .access_file = path.string()});
    REQUIRE(log);
    for (int index = 0; index < 100; ++index)
      log->access({.client = "127.0.0.1",
                   .method = "GET",
                   .target = "/service?name=a b",
                   .status = 200,
                   .bytes = 17,
                   .microseconds = 90,
                   .request_id = "r1"});
  }
  const auto lines = lines_of(path);
  CHECK(lines.size() == 100);
  CHECK(
      lines.front() ==
      R"(127.0.0.1 user=- method=GET target="/service?name=a b" status=200 bytes=17 us=90 request=r1)");
}

TEST_CASE("a log that cannot be opened is an error") {
  Result<Log> log = Log::open({.file = "/proc/none/server.log"});
  REQUIRE_FALSE(log);
  CHECK(log.error().code == ErrorCode::io);
}

TEST_CASE("log levels are read by name") {
  CHECK(*parse_log_level("warning") == LogLevel::warning);
  CHECK(parse_log_level("loud").error().code == ErrorCode::invalid);
}

TEST_CASE("a silent log keeps nothing") {
  const Log log = Log::silent();
  CHECK_FALSE(log.keeps(LogLevel::error));
  log.error("lost");
}

TEST_CASE("a secret is compared in full and moved without a trace") {
  Secret secret(std::string("short"));
  CHECK(secret.equals("short"));
  CHECK_FALSE(secret.equals("shorter"));
  CHECK_FALSE(secret.equals("shorT"));
  const Secret moved = std::move(secret);
  CHECK(moved.reveal() == "short");
  CHECK(secret.empty());
  Secret other(std::string("another"));
  other = moved;
  CHECK(other.equals("short"));
}
