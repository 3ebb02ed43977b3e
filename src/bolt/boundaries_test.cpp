#include "testing/bolt_fixture.h"

#include <array>
#include <string>
#include <vector>

// NOLINTBEGIN(performance-inefficient-string-concatenation): scripts are put together for reading,
// not for speed
using namespace diffo::bolt;
using namespace diffo::bolt::fake;

/// Where one message, chunk or packet ends and the next begins, and what fails just there.
namespace {

/// How a server cuts what it says.
std::string cut(std::size_t chunks, std::size_t pieces) {
  return (chunks == 0 ? "" : "W: chunks " + std::to_string(chunks) + "\n") +
         (pieces == 0 ? "" : "W: pieces " + std::to_string(pieces) + "\n");
}

constexpr const char* fine = R"(
  C: RUN "fine" {} {}
  C: PULL {"n": 1000}
  ${RUN_OK}
  S: RECORD [1]
  S: RECORD ["a text that takes some more room than one or two chunks do"]
  ${PULL_OK}
)";
/// Larger than any answer of the conversations here.
constexpr std::size_t longest = 150;

void expect_fine(Session& session) {
  const EagerResult result = good(session.execute("fine"));
  REQUIRE(result.records.size() == 2);
  CHECK(result.records[1][0].get<std::string>().size() == 58);
}

/// A script of two statements whose message of that number fails.
std::string failing_at(std::size_t number) {
  const std::array<const char*, 6> well{"S: SUCCESS {}\n",
                                        "S: SUCCESS {\"fields\": [\"n\"]}\n",
                                        "S: RECORD [1]\nS: SUCCESS {}\n",
                                        "S: SUCCESS {\"fields\": []}\n",
                                        "S: SUCCESS {}\n",
                                        "S: SUCCESS {\"bookmark\": \"bm\"}\n"};
  std::string answers;
  for (std::size_t at = 0; at < well.size(); ++at)
    answers += at < number ? well.at(at) : at == number ? "${SYNTAX_ERROR}\n" : "S: IGNORED\n";
  return R"(
    C: BEGIN {}
    C: RUN "A" {} {}
    C: PULL {"n": -1}
    C: RUN "B" {} {}
    C: PULL {"n": -1}
    C: COMMIT
  )" + answers;
}
constexpr std::size_t messages_of_script = 6;

} // namespace

TEST_CASE("answers come out whole wherever chunks and packets end") {
  for (std::size_t size = 1; size <= longest; ++size)
    for (const bool in_chunks : {true, false}) {
      CAPTURE(size);
      CAPTURE(in_chunks);
      Stage stage(bolt_5_8, "${OPEN}\n" + cut(in_chunks ? size : 0, in_chunks ? 0 : size) + fine +
                                R"(
                                C: RUN "oops" {} {}
                                C: PULL {"n": 1000}
                                ${SYNTAX_ERROR}
                                S: IGNORED
                                C: RESET
                                S: SUCCESS {}
                                )" +
                                fine);
      Session session = stage.driver->session();
      expect_fine(session);
      CHECK(session.execute("oops").error().message == "told so");
      expect_fine(session);
      CHECK(stage.driver->metrics().connections_opened == 1);
      stage.finish();
    }
}

TEST_CASE("whichever message of a flight fails, a RESET makes the connection good again") {
  for (const Version version : supported_versions)
    for (std::size_t number = 0; number < messages_of_script; ++number)
      for (const std::size_t chunks : {0, 1, 7}) {
        CAPTURE(to_text(version));
        CAPTURE(number);
        CAPTURE(chunks);
        Stage stage(version, "${OPEN}\n" + cut(chunks, chunks == 1 ? 1 : 0) + failing_at(number) +
                                 "C: RESET\nS: SUCCESS {}\n" + fine);
        Session session = stage.driver->session();
        const auto failed = session.run_script({{"A"}, {"B"}});
        REQUIRE_FALSE(failed.has_value());
        CHECK(failed.error().server_code == "Neo.ClientError.Statement.SyntaxError");
        expect_fine(session);
        CHECK(stage.driver->metrics().resets == 1);
        CHECK(stage.driver->metrics().connections_opened == 1);
        stage.finish();
      }
}

TEST_CASE("a result that fails behind any of its records is reset as well") {
  for (std::size_t records = 0; records < 4; ++records)
    for (const std::size_t chunks : {0, 1, 3}) {
      std::string answers = "${RUN_OK}\n";
      for (std::size_t number = 0; number < records; ++number)
        answers += "${RECORD_1}\n";
      Stage stage(bolt_5_8, "${OPEN}\n" + cut(chunks, 0) +
                                "C: RUN \"A\" {} {}\nC: PULL {\"n\": 1000}\n" + answers +
                                "${SYNTAX_ERROR}\nC: RESET\nS: SUCCESS {}\n" + fine);
      Session session = stage.driver->session();
      CHECK(session.execute("A").error().server_code == "Neo.ClientError.Statement.SyntaxError");
      expect_fine(session);
      stage.finish();
    }
}

TEST_CASE("a RESET that is not granted ends the connection, and another takes its place") {
  for (const char* answer : {"${SYNTAX_ERROR}\n", "S: IGNORED\n", "X: close\n", "X: reset\n"})
    for (std::size_t number = 0; number < messages_of_script; ++number) {
      CAPTURE(answer);
      CAPTURE(number);
      Stage stage(bolt_5_8, "${OPEN}\n" + failing_at(number) + "C: RESET\n" + answer +
                                "=== next\n${OPEN}\n" + fine);
      Session session = stage.driver->session();
      CHECK_FALSE(session.run_script({{"A"}, {"B"}}).has_value());
      expect_fine(session);
      CHECK(stage.driver->metrics().connections_opened == 2);
      stage.driver.reset();
    }
}

TEST_CASE("a connection that is lost at any byte of an answer is told of") {
  // RUN's success as it lies on the wire: a chunk of eleven bytes and its end.
  const std::string bytes = "000BB170A1866669656C6473900000";
  for (std::size_t kept = 0; kept < bytes.size(); kept += 2) {
    CAPTURE(kept);
    Stage stage(bolt_5_8, "${OPEN}\nC: RUN \"A\" {} {\"mode\": \"r\"}\nC: PULL {\"n\": 1000}\n" +
                              (kept == 0 ? "" : "R: " + bytes.substr(0, kept) + "\n") +
                              "X: close\n=== next\n${OPEN}\nC: RUN \"A\" {} {\"mode\": \"r\"}\nC: "
                              "PULL {\"n\": 1000}\n${RUN_OK}\n${PULL_OK}\n");
    Session session = stage.driver->session({.mode = AccessMode::read});
    const auto lost = session.execute("A");
    REQUIRE_FALSE(lost.has_value());
    CHECK(lost.error().retryable());
    good(session.execute("A"));
    stage.driver.reset();
  }
}

// NOLINTEND(performance-inefficient-string-concatenation)
