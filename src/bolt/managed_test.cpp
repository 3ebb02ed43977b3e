#include "testing/bolt_fixture.h"

using namespace diffo::bolt;
using namespace diffo::bolt::fake;

namespace {

template <typename Body> void with_every_version(Body body) {
  for (const Version version : supported_versions) {
    CAPTURE(to_text(version));
    body(version);
  }
}

} // namespace

TEST_CASE("managed work is tried again after failures that pass, with growing delays") {
  with_every_version([](Version version) {
    Stage stage(version, R"(
      ${OPEN}
      C: BEGIN {"mode": "r"}
      S: SUCCESS {}
      C: RUN "A" {} {}
      C: PULL {"n": 1000}
      ${DEADLOCK}
      S: IGNORED
      C: RESET
      S: SUCCESS {}
      C: BEGIN {"mode": "r"}
      S: SUCCESS {}
      C: RUN "A" {} {}
      C: PULL {"n": 1000}
      ${RUN_OK}
      ${PULL_OK}
      C: COMMIT
      ${DEADLOCK}
      C: RESET
      S: SUCCESS {}
      C: BEGIN {"mode": "r"}
      S: SUCCESS {}
      C: RUN "A" {} {}
      C: PULL {"n": 1000}
      ${RUN_OK}
      ${PULL_OK}
      C: COMMIT
      S: SUCCESS {}
    )");
    Session session = stage.driver->session();
    int attempts = 0;
    good(session.read([&](Transaction& transaction) -> Outcome<void> {
      ++attempts;
      TRY(transaction.execute("A"));
      return {};
    }));
    CHECK(attempts == 3);
    CHECK(stage.clock->sleeps == 2);
    CHECK(stage.driver->metrics().retries == 2);
    stage.finish();
  });
}

TEST_CASE("managed work is not tried again when that makes no sense") {
  with_every_version([](Version version) {
    Stage stage(version, R"(
      ${OPEN}
      C: BEGIN {}
      S: SUCCESS {}
      C: RUN "A" {} {}
      C: PULL {"n": 1000}
      ${TERMINATED}
      S: IGNORED
      C: RESET
      S: SUCCESS {}
      C: BEGIN {}
      S: SUCCESS {}
      C: ROLLBACK
      S: SUCCESS {}
    )");
    Session session = stage.driver->session();
    int attempts = 0;
    const TransactionWork work = [&](Transaction& transaction) -> Outcome<void> {
      ++attempts;
      TRY(transaction.execute("A"));
      return {};
    };
    CHECK_FALSE(session.write(work).has_value());
    CHECK(attempts == 1);
    // A failure of the work itself rolls back and is what the caller hears of.
    const Outcome<void> own = session.write([](Transaction&) -> Outcome<void> {
      return diffo::Error{diffo::ErrorCode::conflict, "mine"};
    });
    CHECK(own.error().message == "mine");
    CHECK(own.error().code == diffo::ErrorCode::conflict);
    stage.finish();
  });
}

TEST_CASE("a connection lost during COMMIT leaves the outcome unknown and is not tried again") {
  with_every_version([](Version version) {
    for (const char* ending : {"X: close", "X: reset"}) {
      Stage stage(version, R"(
        ${OPEN}
        C: BEGIN {}
        S: SUCCESS {}
        C: COMMIT
        ${ENDING}
      )",
                  {.variables = {{"ENDING", ending}}});
      Session session = stage.driver->session();
      int attempts = 0;
      const Outcome<void> done = session.write([&](Transaction&) -> Outcome<void> {
        ++attempts;
        return {};
      });
      REQUIRE_FALSE(done.has_value());
      CHECK(done.error().kind == FailureKind::outcome_unknown);
      CHECK(done.error().code == diffo::ErrorCode::outcome_unknown);
      CHECK_FALSE(done.error().retryable());
      CHECK(attempts == 1);
      stage.finish();
    }
  });
}

TEST_CASE("a lost auto-commit is unknown when it may have written, and a lost script too") {
  const char* const script = R"(
    ${OPEN}
    C: RUN "A" {} *
    C: PULL {"n": 1000}
    X: close
    === next
    ${OPEN}
    C: RUN "A" {} *
    C: PULL {"n": 1000}
    X: close
    === next
    ${OPEN}
    C: BEGIN {}
    C: RUN "A" {} {}
    C: PULL {"n": -1}
    C: COMMIT
    S: SUCCESS {}
    X: close
  )";
  Stage stage(bolt_5_8, script);
  Session writer = stage.driver->session();
  CHECK(writer.run("A").error().kind == FailureKind::outcome_unknown);
  Session reader = stage.driver->session({.mode = AccessMode::read});
  CHECK(reader.run("A").error().kind == FailureKind::service_unavailable);
  CHECK(writer.run_script({{"A"}}).error().kind == FailureKind::outcome_unknown);
  stage.finish();
}

TEST_CASE("a lost connection before COMMIT is tried again on a new one") {
  with_every_version([](Version version) {
    Stage stage(version, R"(
      ${OPEN}
      C: BEGIN {}
      S: SUCCESS {}
      C: RUN "A" {} {}
      C: PULL {"n": 1000}
      X: close
      === next
      ${OPEN}
      C: BEGIN {}
      S: SUCCESS {}
      C: RUN "A" {} {}
      C: PULL {"n": 1000}
      ${RUN_OK}
      ${PULL_OK}
      C: COMMIT
      S: SUCCESS {}
    )");
    Session session = stage.driver->session();
    good(session.write([](Transaction& transaction) -> Outcome<void> {
      TRY(transaction.execute("A"));
      return {};
    }));
    stage.finish();
  });
}

TEST_CASE("execute takes two flights: BEGIN with the query, then COMMIT") {
  with_every_version([](Version version) {
    Stage stage(version, R"(
      ${OPEN}
      C: BEGIN {}
      C: RUN "A" {} {}
      C: PULL {"n": 1000}
      S: SUCCESS {}
      ${RUN_OK}
      ${RECORD_1}
      ${PULL_OK}
      C: COMMIT
      S: SUCCESS {"bookmark": "b1"}
      C: BEGIN {"bookmarks": ["b1"]}
      C: RUN "B" {} {}
      C: PULL {"n": 1000}
      S: SUCCESS {}
      ${RUN_OK}
      ${PULL_OK}
      C: COMMIT
      S: SUCCESS {"bookmark": "b2"}
    )");
    const EagerResult result = good(stage.driver->execute("A"));
    CHECK(result.records.size() == 1);
    CHECK(*result.keys == Keys{"n"});
    CHECK(stage.driver->metrics().flights == 4);
    // The driver's own bookmark manager makes the second call see the first.
    good(stage.driver->execute("B"));
    stage.finish();
  });
}

TEST_CASE("an earlier result is buffered when its session goes on, and single means one") {
  Stage stage(bolt_5_8, R"(
    ${OPEN}
    C: RUN "A" {} {}
    C: PULL {"n": 1000}
    ${RUN_OK}
    S: RECORD [1]
    S: RECORD [2]
    ${PULL_OK}
    C: RUN "B" {} {}
    C: PULL {"n": 1000}
    ${RUN_OK}
    S: RECORD [3]
    ${PULL_OK}
    C: RUN "C" {} {}
    C: PULL {"n": 1000}
    ${RUN_OK}
    ${PULL_OK}
  )");
  Session session = stage.driver->session();
  ResultStream first = good(session.run("A"));
  CHECK((*good(first.next()))[0] == Value(1));
  ResultStream second = good(session.run("B"));
  CHECK((*good(first.next()))[0] == Value(2));
  CHECK_FALSE(good(first.next()).has_value());
  CHECK(good(second.single())[0] == Value(3));
  CHECK(good(session.run("C")).single().error().kind == FailureKind::not_single);
  stage.finish();
}

TEST_CASE("every structure comes through in both directions") {
  with_every_version([](Version version) {
    const std::string zone = version < bolt_5_0 ? "UTC" : "Europe/Berlin";
    const std::string vector = version < bolt_6_0 ? "1" : R"(Vector("f32", [0.5, 1.0]))";
    Stage stage(version, R"(
      ${OPEN}
      W: chunks 3
      W: pieces 5
      C: RUN "X" {"p": [Date(1), LocalTime(2), Time(3, 60), LocalDateTime(4, 5), DateTime(6, 7, 60), ZonedDateTime(8, 9, "${ZONE}"), Duration(1, 2, 3, 4), Point(7203, 1.0, 2.0), Point(9157, 1.0, 2.0, 3.0), Bytes("00ff"), ${VECTOR}]} {}
      C: PULL {"n": 1000}
      S: SUCCESS {"fields": ["node", "edge", "path", "when"]}
      N:
      S: RECORD [Node(1, ["A"], {"k": [1.5]}, "1"), Relationship(3, 1, 2, "T", {}, "3", "1", "2"), Path([Node(1, [], {}, "1"), Node(2, [], {}, "2")], [Relationship(3, 2, 1, "T", {}, "3", "2", "1")]), DateTime(6, 7, 60)]
      N:
      N:
      ${PULL_OK}
    )",
                {.variables = {{"ZONE", zone}, {"VECTOR", vector}}});
    Session session = stage.driver->session();
    const Value last =
        version < bolt_6_0 ? Value(1) : Value(Vector{std::vector<float>{0.5F, 1.0F}});
    const List parameter{Date{1},
                         LocalTime{2},
                         Time{3, 60},
                         LocalDateTime{4, 5},
                         DateTime{6, 7, 60},
                         ZonedDateTime{8, 9, false, zone},
                         Duration{1, 2, 3, 4},
                         Point2D{7203, 1, 2},
                         Point3D{9157, 1, 2, 3},
                         Bytes{0, 255},
                         last};
    const Record record = good(good(session.run("X", {{"p", parameter}})).single());
    CHECK(record["node"].get<Node>().properties == Map{{"k", List{1.5}}});
    CHECK(record["edge"].get<Relationship>().end_element_id == "2");
    const Path& path = record["path"].get<Path>();
    REQUIRE(path.relationships.size() == 1);
    CHECK(path.relationships[0].start_id == 2);
    CHECK(record["when"] == Value(DateTime{6, 7, 60}));
    CHECK(record["none"].is_null());
    stage.finish();
  });
}

TEST_CASE("the server is told which call was used when it asks for that") {
  Stage stage(
      bolt_5_4, R"(
    ${OPEN_TELEMETRY}
    C: TELEMETRY 2
    C: RUN "A" {} {}
    C: PULL {"n": 1000}
    S: SUCCESS {}
    ${RUN_OK}
    ${PULL_OK}
    C: TELEMETRY 1
    C: BEGIN {}
    S: SUCCESS {}
    S: SUCCESS {}
    C: ROLLBACK
    S: SUCCESS {}
    C: TELEMETRY 0
    C: BEGIN {"mode": "r"}
    S: SUCCESS {}
    S: SUCCESS {}
    C: COMMIT
    S: SUCCESS {}
    C: TELEMETRY 3
    C: BEGIN {}
    C: RUN "B" {} {}
    C: PULL {"n": 1000}
    S: SUCCESS {}
    S: SUCCESS {}
    ${RUN_OK}
    ${PULL_OK}
    C: COMMIT
    S: SUCCESS {}
  )",
      {.variables = {{"OPEN_TELEMETRY", open_lines(bolt_5_4, R"({"telemetry.enabled": true})")}}});
  Session session = stage.driver->session();
  good(session.execute("A"));
  good(good(session.begin()).rollback());
  good(session.read([](Transaction&) -> Outcome<void> { return {}; }));
  good(stage.driver->execute("B"));
  stage.finish();
}
