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
    for (const std::int64_t n : {1, 2, 3})
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
