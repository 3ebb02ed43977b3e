#include "bolt/fixture.h"

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

TEST_CASE("an auto-commit query takes one flight, and two open the connection") {
  with_every_version([](Version version) {
    Stage stage(version, R"(
      ${OPEN}
      C: RUN "RETURN $n AS n" {"n": 1} {}
      C: PULL {"n": 1000}
      ${RUN_OK}
      S: RECORD [1]
      S: RECORD ["two"]
      S: SUCCESS {"type": "w", "t_last": 4, "db": "neo4j", "bookmark": "bm:1", "stats": {"nodes-created": 2}}
      C: RUN "RETURN 2" {} {"bookmarks": ["bm:1"]}
      C: PULL {"n": 1000}
      ${RUN_OK}
      ${PULL_OK}
    )");
    Session session = stage.driver->session();
    ResultStream stream = good(session.run("RETURN $n AS n", {{"n", 1}}));
    CHECK(stage.driver->metrics().flights == 3);
    CHECK(stream.keys() == Keys{"n"});
    CHECK(good(stream.peek())->values() == List{1});
    CHECK((*good(stream.next()))["n"] == Value(1));
    CHECK((*good(stream.next()))[0] == Value("two"));
    CHECK_FALSE(good(stream.next()).has_value());
    const Summary summary = good(stream.consume());
    CHECK(summary.query_type == "w");
    CHECK(summary.counter("nodes-created") == 2);
    CHECK(summary.database == "neo4j");
    CHECK(summary.available_after == Milliseconds{3});
    CHECK(summary.consumed_after == Milliseconds{4});
    CHECK(summary.server.agent == "Fake/1");
    CHECK(summary.server.version == to_text(version));
    CHECK(session.last_bookmarks() == Bookmarks{"bm:1"});
    CHECK(good(good(session.run("RETURN 2")).list()).empty());
    CHECK(stage.driver->metrics().flights == 4);
    CHECK(stage.driver->metrics().resets == 0);
    CHECK(stage.driver->metrics().connections_opened == 1);
    stage.finish();
  });
}

TEST_CASE("an explicit transaction commits, its bookmark goes on") {
  with_every_version([](Version version) {
    Stage stage(version, R"(
      ${OPEN}
      C: BEGIN {"db": "people", "tx_timeout": 500, "tx_metadata": {"who": "me"}, "imp_user": "eve"}
      S: SUCCESS {}
      C: RUN "A" {} {}
      C: PULL {"n": 1000}
      S: SUCCESS {"fields": ["n"], "qid": 0}
      ${RECORD_1}
      ${PULL_OK}
      C: COMMIT
      S: SUCCESS {"bookmark": "bm:7"}
    )");
    Session session = stage.driver->session({.database = "people", .impersonated_user = "eve"});
    Transaction transaction =
        good(session.begin({.timeout = Milliseconds{500}, .metadata = {{"who", "me"}}}));
    CHECK(good(transaction.execute("A")).records.size() == 1);
    good(transaction.commit());
    CHECK_FALSE(transaction.is_open());
    CHECK(session.last_bookmarks() == Bookmarks{"bm:7"});
    CHECK(transaction.commit().error().kind == FailureKind::usage);
    stage.finish();
  });
}

TEST_CASE("a fixed script is one flight from BEGIN to COMMIT") {
  with_every_version([](Version version) {
    Stage stage(version, R"(
      ${OPEN}
      C: BEGIN {}
      C: RUN "A" {"x": 1} {}
      C: PULL {"n": -1}
      C: RUN "B" {} {}
      C: PULL {"n": -1}
      C: COMMIT
      S: SUCCESS {}
      ${RUN_OK}
      ${RECORD_1}
      ${PULL_OK}
      S: SUCCESS {"fields": []}
      ${PULL_OK}
      S: SUCCESS {"bookmark": "bm:1"}
      # a failure in the middle: the rest is ignored, then a RESET
      C: BEGIN {"bookmarks": ["bm:1"]}
      C: RUN "A" {} {}
      C: PULL {"n": -1}
      C: COMMIT
      S: SUCCESS {}
      ${SYNTAX_ERROR}
      S: IGNORED
      S: IGNORED
      C: RESET
      S: SUCCESS {}
    )");
    Session session = stage.driver->session();
    const std::vector<EagerResult> results = good(session.run_script({{"A", {{"x", 1}}}, {"B"}}));
    CHECK(results.size() == 2);
    CHECK(results[0].records.size() == 1);
    CHECK(stage.driver->metrics().flights == 3);
    const Outcome<std::vector<EagerResult>> failed = session.run_script({{"A"}});
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error().server_code == "Neo.ClientError.Statement.SyntaxError");
    CHECK(stage.driver->metrics().resets == 1);
    stage.finish();
  });
}

TEST_CASE("a failed query is reset once and the connection used again") {
  with_every_version([](Version version) {
    Stage stage(version, R"(
      ${OPEN}
      C: RUN "oops" {} {}
      C: PULL {"n": 1000}
      ${SYNTAX_ERROR}
      S: IGNORED
      C: RESET
      S: SUCCESS {}
      C: RUN "fine" {} {}
      C: PULL {"n": 1000}
      ${RUN_OK}
      ${RECORD_1}
      ${SYNTAX_ERROR}
      C: RESET
      S: SUCCESS {}
    )");
    Session session = stage.driver->session();
    const Outcome<ResultStream> failed = session.run("oops");
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error().kind == FailureKind::client_error);
    CHECK(failed.error().message == "told so");
    CHECK(failed.error().gql_status == (version < bolt_5_7 ? "50N42" : "42I06"));
    CHECK(failed.error().cause.size() == (version < bolt_5_7 ? 0 : 1));
    ResultStream stream = good(session.run("fine"));
    CHECK(good(stream.next()).has_value());
    // Records are tentative until the summary.
    CHECK_FALSE(stream.next().has_value());
    CHECK_FALSE(stream.consume().has_value());
    stage.finish();
  });
}

TEST_CASE("records are fetched in portions, and given up by DISCARD") {
  with_every_version([](Version version) {
    DriverOptions options;
    options.fetch_size = 2;
    Stage stage(version, R"(
      ${OPEN}
      C: RUN "many" {} {}
      C: PULL {"n": 2}
      ${RUN_OK}
      S: RECORD [1]
      S: RECORD [2]
      S: SUCCESS {"has_more": true}
      C: PULL {"n": 2}
      S: RECORD [3]
      S: RECORD [4]
      S: SUCCESS {"has_more": true}
      C: DISCARD {"n": -1}
      ${PULL_OK}
    )",
                {.options = options});
    Session session = stage.driver->session();
    ResultStream stream = good(session.run("many"));
    for (std::int64_t n = 1; n <= 3; ++n)
      CHECK((*good(stream.next()))[0] == Value(n));
    CHECK(good(stream.consume()).query_type == "r");
    CHECK(stream.next().error().kind == FailureKind::result_consumed);
    CHECK(stream.list().error().kind == FailureKind::result_consumed);
    stage.finish();
  });
}

TEST_CASE(
    "several results of a transaction are open at once, and commit ends them in its own flight") {
  with_every_version([](Version version) {
    DriverOptions options;
    options.fetch_size = 1;
    Stage stage(version, R"(
      ${OPEN}
      C: BEGIN {}
      S: SUCCESS {}
      C: RUN "A" {} {}
      C: PULL {"n": 1}
      S: SUCCESS {"fields": ["a"], "qid": 0}
      S: RECORD [1]
      S: SUCCESS {"has_more": true}
      C: RUN "B" {} {}
      C: PULL {"n": 1}
      S: SUCCESS {"fields": ["b"], "qid": 1}
      S: RECORD [2]
      S: SUCCESS {"has_more": true}
      C: PULL {"n": 1, "qid": 0}
      S: RECORD [3]
      S: SUCCESS {"has_more": true}
      C: PULL {"n": 1}
      S: RECORD [4]
      S: SUCCESS {"has_more": true}
      C: DISCARD {"n": -1, "qid": 0}
      C: DISCARD {"n": -1}
      C: COMMIT
      S: SUCCESS {}
      S: SUCCESS {}
      S: SUCCESS {"bookmark": "x"}
    )",
                {.options = options});
    Session session = stage.driver->session();
    Transaction transaction = good(session.begin());
    ResultStream first = good(transaction.run("A"));
    ResultStream second = good(transaction.run("B"));
    CHECK((*good(first.next()))["a"] == Value(1));
    CHECK((*good(first.next()))["a"] == Value(3));
    CHECK((*good(second.next()))["b"] == Value(2));
    CHECK((*good(second.next()))["b"] == Value(4));
    const std::uint64_t flights = stage.driver->metrics().flights;
    good(transaction.commit());
    CHECK(stage.driver->metrics().flights == flights + 1);
    CHECK(stage.driver->metrics().resets == 0);
    stage.finish();
  });
}

TEST_CASE("results dropped before their end do not stand in the way of the commit") {
  with_every_version([](Version version) {
    DriverOptions options;
    options.fetch_size = 1;
    Stage stage(version, R"(
      ${OPEN}
      C: BEGIN {}
      S: SUCCESS {}
      C: RUN "A" {} {}
      C: PULL {"n": 1}
      S: SUCCESS {"fields": ["a"], "qid": 0}
      S: RECORD [1]
      S: SUCCESS {"has_more": true}
      C: RUN "B" {} {}
      C: PULL {"n": 1}
      S: SUCCESS {"fields": ["b"], "qid": 1}
      S: RECORD [2]
      ${PULL_OK}
      C: DISCARD {"n": -1, "qid": 0}
      C: COMMIT
      S: SUCCESS {}
      S: SUCCESS {}
    )",
                {.options = options});
    Session session = stage.driver->session();
    Transaction transaction = good(session.begin());
    {
      ResultStream dropped = good(transaction.run("A"));
    }
    {
      ResultStream dropped = good(transaction.run("B"));
    }
    good(transaction.commit());
    CHECK(stage.driver->metrics().resets == 0);
    stage.finish();
  });
}

TEST_CASE("a transaction that is dropped rolls back, by RESET when results are open") {
  with_every_version([](Version version) {
    Stage stage(version, R"(
      ${OPEN}
      C: BEGIN {}
      S: SUCCESS {}
      C: ROLLBACK
      S: SUCCESS {}
      C: BEGIN {}
      S: SUCCESS {}
      C: RUN "A" {} {}
      C: PULL {"n": 1000}
      ${RUN_OK}
      C: RESET
      S: RECORD [1]
      S: IGNORED
      S: SUCCESS {}
    )");
    Session session = stage.driver->session();
    {
      Transaction transaction = good(session.begin());
    }
    Transaction transaction = good(session.begin());
    ResultStream stream = good(transaction.run("A"));
    good(transaction.rollback());
    CHECK_FALSE(stream.next().has_value());
    stage.finish();
  });
}

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
