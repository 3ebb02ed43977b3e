#define DOCTEST_CONFIG_IMPLEMENT
#include "bolt/version.h"
#include "testing/bolt_fixture.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sys/wait.h>

using namespace diffo::bolt;
using namespace diffo::bolt::fake;

// What only a real server can show. test/neo4j/run starts one and names it in the environment.
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): nobody changes it
  return value == nullptr ? "" : value;
}

struct RealServer {
  std::string uri = variable("DIFFO_NEO4J_URI");
  std::string user = variable("DIFFO_NEO4J_USER");
  std::string password = variable("DIFFO_NEO4J_PASSWORD");
  std::string ca = variable("DIFFO_NEO4J_CA");
  std::string folder =
      variable("DIFFO_NEO4J_DIR"); ///< empty: somebody else's server, which is not killed
  std::string tool = variable("DIFFO_NEO4J_SERVER"); ///< the program that starts and kills it

  std::string uri_with(const std::string& scheme) const {
    return scheme + uri.substr(uri.find("://"));
  }
};

RealServer real_server() {
  return {};
}

Driver open(DriverOptions options = {}, const std::string& scheme = "bolt") {
  const RealServer server = real_server();
  return good(Driver::open(server.uri_with(scheme), AuthToken::basic(server.user, server.password),
                           std::move(options)));
}

// What the server in use speaks of all that we speak.
std::vector<std::string> spoken_versions() {
  std::vector<std::string> out;
  for (const Version version : supported_versions) {
    Driver driver = open({.only_version = to_text(version)});
    const Outcome<ServerInfo> info = driver.verify_connectivity();
    if (info)
      out.push_back(info->version);
    else
      CHECK(info.error().kind == FailureKind::configuration);
  }
  return out;
}

void clear() {
  Driver driver = open();
  good(driver.execute("MATCH (n:BoltTest) DETACH DELETE n"));
}

std::int64_t count_of(Driver& driver, const std::string& name) {
  return good(driver.execute("MATCH (n:BoltTest {name: $name}) RETURN count(n) AS n",
                             {{"name", name}}))
      .records.at(0)["n"]
      .get<std::int64_t>();
}

} // namespace

TEST_CASE("a real server speaks the versions it should, by manifest and without") {
  const std::vector<std::string> spoken = spoken_versions();
  const std::vector<std::string> lts{"5.8", "5.7", "5.6", "5.4", "5.3", "5.2", "5.1", "5.0", "4.4"};
  std::vector<std::string> calendar = lts;
  calendar.insert(calendar.begin(), "6.0");
  std::vector<std::string> preview = calendar; // where native UUIDs were switched on
  preview.insert(preview.begin(), "6.1");
  CHECK((spoken == lts || spoken == calendar || spoken == preview));
  CHECK(good(open().verify_connectivity()).version == spoken.front());
  CHECK(good(open({.manifest_handshake = false}).verify_connectivity()).version == spoken.front());
}

TEST_CASE("every value goes to a real server and comes back in every version") {
  for (const std::string& version : spoken_versions()) {
    CAPTURE(version);
    Driver driver = open({.only_version = version});
    List values{nullptr,
                true,
                INT64_MIN,
                INT64_MAX,
                0.1,
                -0.0,
                "Größe 👋",
                std::string(100'000, 'x'),
                List{1, List{}},
                Map{{"a", Map{{"b", 1}}}},
                Bytes{0, 1, 255},
                Date{-1},
                LocalTime{86'399'999'999'999},
                Time{1, -3600},
                LocalDateTime{-1, 1000},
                DateTime{1'700'000'000, 1000, 5400},
                ZonedDateTime{1'700'000'000, 1000, false, "Etc/UTC"},
                Duration{14, -3, 5, 6},
                Point2D{4326, 1.5, 2.5},
                Point3D{9157, 1, 2, 3}};
    for (const Value& value : values) {
      CAPTURE(to_text(value).substr(0, 100));
      const EagerResult result = good(driver.execute("RETURN $v AS v", {{"v", value}}));
      Value back = result.records.at(0)["v"];
      CHECK(back == value);
    }
  }
}

TEST_CASE("vectors go there and back where the server has them") {
  const std::vector<std::string> spoken = spoken_versions();
  Driver driver = open();
  const Value vector = Vector{std::vector<float>{0.5F, -1.0F, 3.0F}};
  const Outcome<EagerResult> result = driver.execute("RETURN $v AS v", {{"v", vector}});
  CHECK(result.has_value() == (spoken.front() >= "6.0"));
  if (result)
    CHECK(result->records.at(0)["v"] == vector);
}

TEST_CASE("native UUIDs go there and back where the server speaks 6.1") {
  Driver driver = open();
  if (good(driver.verify_connectivity()).version < "6.1")
    return;
  Uuid uuid;
  for (std::size_t at = 0; at < uuid.bytes.size(); ++at)
    uuid.bytes[at] = static_cast<std::uint8_t>(at * 17);
  const auto result = driver.execute("RETURN $x AS x", {{"x", uuid}});
  if (result)
    CHECK(result->records.at(0)["x"].get<Uuid>() == uuid);
  else // its language may know no such type yet
    CHECK(result.error().kind == FailureKind::client_error);
  CHECK(driver.execute("RETURN 1").has_value());
}

TEST_CASE("nodes, relationships and paths have their parts in every version") {
  clear();
  for (const std::string& version : spoken_versions()) {
    CAPTURE(version);
    Driver driver = open({.only_version = version});
    const EagerResult result =
        good(driver.execute("CREATE p=(a:BoltTest:A {name: 'a'})-[r:KNOWS {since: "
                            "1}]->(b:BoltTest)<-[:LIKES]-(c:BoltTest) "
                            "RETURN a, r, p"));
    const Record& record = result.records.at(0);
    const Node& a = record["a"].get<Node>();
    const Relationship& r = record["r"].get<Relationship>();
    const Path& p = record["p"].get<Path>();
    CHECK(a.properties == Map{{"name", "a"}});
    CHECK(a.labels.size() == 2);
    CHECK_FALSE(a.element_id.empty());
    CHECK(r.type == "KNOWS");
    CHECK(r.start_element_id == a.element_id);
    REQUIRE(p.relationships.size() == 2);
    CHECK(p.nodes[0] == a);
    CHECK(p.relationships[1].end_element_id == p.nodes[1].element_id);
    CHECK(p.relationships[1].start_element_id == p.nodes[2].element_id);
    CHECK(result.summary.counter("nodes-created") == 3);
    CHECK(result.summary.query_type == "rw");
  }
  clear();
}

TEST_CASE("one flight each: auto-commit, script; two: execute") {
  Driver driver = open();
  good(driver.verify_connectivity());
  Session session = driver.session();
  std::uint64_t before = driver.metrics().flights;
  good(session.execute("RETURN 1"));
  CHECK(driver.metrics().flights == before + 1);
  before = driver.metrics().flights;
  good(session.run_script(
      {{"RETURN 1 AS n"}, {"UNWIND range(1, 5000) AS n RETURN n"}, {"RETURN 3 AS n"}}));
  CHECK(driver.metrics().flights == before + 1);
  before = driver.metrics().flights;
  good(driver.execute("RETURN 1"));
  CHECK(driver.metrics().flights == before + 2);
  CHECK(driver.metrics().resets == 1); // that of verify_connectivity
}

TEST_CASE("a large result streams in portions and several at once") {
  Driver driver = open({.fetch_size = 100});
  Session session = driver.session();
  Transaction transaction = good(session.begin());
  ResultStream left = good(transaction.run("UNWIND range(1, 1000) AS n RETURN n"));
  ResultStream right = good(transaction.run("UNWIND range(1, 1000) AS n RETURN -n AS n"));
  std::int64_t sum = 0;
  for (int i = 0; i < 1000; ++i)
    sum += (*good(left.next()))["n"].get<std::int64_t>() +
           (*good(right.next()))["n"].get<std::int64_t>();
  CHECK(sum == 0);
  CHECK_FALSE(good(left.next()).has_value());
  good(transaction.commit());
  ResultStream endless = good(session.run("UNWIND range(1, 100000000) AS n RETURN n"));
  CHECK(good(endless.next()).has_value());
  good(endless.consume());
}

TEST_CASE("commit keeps, rollback and failure do not, and bookmarks chain") {
  clear();
  Driver driver = open({}, "neo4j");
  Session session = driver.session({.database = "neo4j"});
  {
    Transaction transaction = good(session.begin());
    good(transaction.execute("CREATE (:BoltTest {name: 'kept'})"));
    good(transaction.commit());
  }
  CHECK_FALSE(session.last_bookmarks().empty());
  {
    Transaction transaction = good(session.begin());
    good(transaction.execute("CREATE (:BoltTest {name: 'dropped'})"));
  }
  Transaction failing = good(session.begin());
  good(failing.execute("CREATE (:BoltTest {name: 'dropped'})"));
  CHECK(failing.run("this is no Cypher").error().server_code ==
        "Neo.ClientError.Statement.SyntaxError");
  CHECK_FALSE(failing.commit().has_value());
  CHECK(count_of(driver, "kept") == 1);
  CHECK(count_of(driver, "dropped") == 0);
  clear();
}

TEST_CASE("a uniqueness violation is a conflict with its code") {
  clear();
  Driver driver = open();
  good(driver.execute(
      "CREATE CONSTRAINT bolt_test IF NOT EXISTS FOR (n:BoltTest) REQUIRE n.key IS UNIQUE"));
  good(driver.execute("CREATE (:BoltTest {key: 1})"));
  const Outcome<EagerResult> twice = driver.execute("CREATE (:BoltTest {key: 1})");
  REQUIRE_FALSE(twice.has_value());
  CHECK(twice.error().server_code == "Neo.ClientError.Schema.ConstraintValidationFailed");
  CHECK(twice.error().code == diffo::ErrorCode::conflict);
  CHECK(twice.error().gql_status.size() == 5);
  good(driver.execute("DROP CONSTRAINT bolt_test"));
  clear();
}

TEST_CASE("two that lock crosswise deadlock, and the retry lets both through") {
  clear();
  Driver driver = open();
  good(driver.execute("CREATE (:BoltTest {name: 'x', n: 0}), (:BoltTest {name: 'y', n: 0})"));
  const auto cross = [&](const std::string& first, const std::string& second) {
    Session session = driver.session();
    for (int i = 0; i < 10; ++i)
      good(session.write([&](Transaction& transaction) -> Outcome<void> {
        for (const std::string& name : {first, second})
          TRY(transaction.execute("MATCH (n:BoltTest {name: $name}) SET n.n = n.n + 1",
                                  {{"name", name}}));
        return {};
      }));
  };
  std::thread other([&] { cross("y", "x"); });
  cross("x", "y");
  other.join();
  const EagerResult sums =
      good(driver.execute("MATCH (n:BoltTest) WHERE n.n IS NOT NULL RETURN n.n AS n"));
  for (const Record& record : sums.records)
    CHECK(record["n"] == Value(20));
  clear();
}

TEST_CASE("wrong credentials are refused, another user needs none of ours") {
  const RealServer server = real_server();
  Driver driver = open();
  CHECK(good(driver.verify_authentication(AuthToken::basic(server.user, server.password))));
  CHECK_FALSE(good(driver.verify_authentication(AuthToken::basic(server.user, "wrong"))));
  Session wrong = driver.session({.auth = AuthToken::basic(server.user, "wrong")});
  CHECK(wrong.execute("RETURN 1").error().kind == FailureKind::authentication);
  Session right = driver.session();
  good(right.execute("RETURN 1"));
}

TEST_CASE("timeouts and metadata reach the server") {
  Driver driver = open();
  Session session = driver.session();
  const EagerResult shown = good(session.execute(
      "SHOW TRANSACTIONS YIELD metaData WHERE metaData.who = 'bolt test' RETURN metaData", {},
      {.metadata = {{"who", "bolt test"}}}));
  CHECK(shown.records.size() == 1);
  const Outcome<EagerResult> slow =
      session.execute("UNWIND range(1, 1000000000) AS a UNWIND range(1, 1000) AS b RETURN count(*)",
                      {}, {.timeout = Milliseconds{50}});
  REQUIRE_FALSE(slow.has_value());
  CHECK(slow.error().code == diffo::ErrorCode::timeout);
}

TEST_CASE("notifications come and can be left out") {
  const char* const query = "EXPLAIN MATCH (n:BoltTestUnknownLabel) RETURN n";
  for (const std::string& version : spoken_versions()) {
    CAPTURE(version);
    Driver driver = open({.only_version = version});
    CHECK_FALSE(good(driver.execute(query)).summary.notifications.empty());
    Driver quiet = open({.notifications = {.minimum_severity = "OFF"}, .only_version = version});
    CHECK(good(quiet.execute(query)).summary.notifications.empty() == (version >= "5.2"));
  }
}

TEST_CASE("routing works against a single server, over every scheme") {
  const RealServer server = real_server();
  for (const char* scheme : {"bolt", "neo4j", "bolt+ssc", "neo4j+ssc"}) {
    CAPTURE(scheme);
    Driver driver = open({}, scheme);
    CHECK(good(driver.execute("RETURN 1 AS n")).records.size() == 1);
  }
  for (const char* scheme : {"bolt+s", "neo4j+s"}) {
    CAPTURE(scheme);
    CHECK(open({.tls = {.ca_file = server.ca}}, scheme).execute("RETURN 1").has_value());
    const Outcome<EagerResult> untrusted =
        open({.max_retry_time = Seconds{0}}, scheme).execute("RETURN 1");
    CHECK_FALSE(untrusted.has_value());
  }
  // The certificate is for localhost.
  Driver wrong_name = good(Driver::open(server.uri_with("bolt+s").replace(9, 9, "127.0.0.1"),
                                        AuthToken::basic(server.user, server.password),
                                        {.tls = {.ca_file = server.ca}}));
  CHECK(wrong_name.verify_connectivity().error().message.find("IP address mismatch") !=
        std::string::npos);
  Driver routed = open({}, "neo4j");
  Session unknown = routed.session({.database = "nosuchdatabase"});
  CHECK(unknown.execute("RETURN 1").error().code == diffo::ErrorCode::not_found);
}

TEST_CASE("many threads share a small pool") {
  clear();
  Driver driver = open({.max_connections_per_address = 4});
  std::vector<std::thread> threads;
  threads.reserve(8);
  std::atomic<int> failed = 0;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 25; ++i) {
        Session session = driver.session();
        if (!session.execute("CREATE (:BoltTest {name: 'pool'})"))
          ++failed;
      }
    });
  for (std::thread& thread : threads)
    thread.join();
  CHECK(failed == 0);
  CHECK(driver.metrics().connections_opened <= 4);
  CHECK(count_of(driver, "pool") == 200);
  clear();
}

TEST_CASE("a killed server is noticed, its restart is survived, and what was committed is there") {
  const RealServer server = real_server();
  REQUIRE_FALSE(server.folder.empty());
  clear();
  const auto tool = [&](const char* command) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread at a time
    return std::system(
        (server.tool + " " + command + " " + server.folder + " >/dev/null 2>&1").c_str());
  };
  Driver driver = open({.max_retry_time = Seconds{60}}, "neo4j");
  good(driver.execute("CREATE (:BoltTest {name: 'durable'})"));
  Session session = driver.session();
  Transaction open_transaction = good(session.begin());
  good(open_transaction.execute("CREATE (:BoltTest {name: 'lost'})"));
  Session streaming = driver.session();
  ResultStream stream = good(streaming.run("UNWIND range(1, 100000000) AS n RETURN n"));
  CHECK(good(stream.next()).has_value());

  REQUIRE(tool("kill") == 0);
  CHECK(open_transaction.commit().error().code == diffo::ErrorCode::outcome_unknown);
  Outcome<std::optional<Record>> record = stream.next();
  while (record && *record)
    record = stream.next();
  CHECK_FALSE(record.has_value());
  Session gone = driver.session();
  CHECK(gone.execute("RETURN 1").error().retryable());

  std::thread restart([&] { CHECK(tool("start") == 0); });
  // The retries of the managed transaction outlast the restart.
  CHECK(count_of(driver, "durable") == 1);
  restart.join();
  CHECK(count_of(driver, "lost") == 0);
  clear();
}

TEST_CASE("a real server demands a client certificate, and takes the one that replaced another") {
  namespace fs = std::filesystem;
  const RealServer server = real_server();
  REQUIRE_FALSE(server.folder.empty());
  const fs::path tls = fs::path(server.ca).parent_path();
  const auto restart_with = [&](const std::string& was, const std::string& is) {
    const std::string command = "sed -i s/client_auth=" + was + "/client_auth=" + is + "/ " +
                                server.folder + "/conf/neo4j.conf && " + server.tool + " stop " +
                                server.folder + " && " + server.tool + " start " + server.folder;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread at a time
    REQUIRE(std::system((command + " >/dev/null 2>&1").c_str()) == 0);
  };
  const TemporaryFolder folder;
  const TemporaryFolder other_folder;
  const Certificates trusted = good(make_certificates(folder.path, "client"));
  const Certificates other = good(make_certificates(other_folder.path, "client"));
  fs::create_directories(tls / "trusted");
  fs::copy_file(trusted.ca_file, tls / "trusted" / "clients.crt",
                fs::copy_options::overwrite_existing);
  const std::string shown = folder.path + "/shown";
  const auto show = [&](const Certificates& which) {
    fs::copy_file(which.certificate, shown + ".crt", fs::copy_options::overwrite_existing);
    fs::copy_file(which.key, shown + ".key", fs::copy_options::overwrite_existing);
  };
  restart_with("NONE", "REQUIRE");
  const DriverOptions without{.max_retry_time = Seconds{0}, .tls = {.ca_file = server.ca}};
  DriverOptions with = without;
  with.tls.client_certificate = shown + ".crt";
  with.tls.client_key = shown + ".key";
  CHECK_FALSE(open(without, "bolt+s").execute("RETURN 1").has_value());
  show(other);
  Driver driver = open(with, "bolt+s");
  CHECK_FALSE(driver.execute("RETURN 1").has_value());
  show(trusted);
  CHECK(driver.execute("RETURN 1").has_value());
  CHECK(open(with, "neo4j+s").execute("RETURN 1").has_value());
  restart_with("REQUIRE", "NONE");
  fs::remove_all(tls / "trusted");
  CHECK(open(without, "bolt+s").execute("RETURN 1").has_value());
}

// Replaces doctest's own main, to say loudly what is left out.
int main(int count, char** words) {
  if (!real_server().uri.empty())
    return doctest::Context(count, words).run();
  std::printf("SKIPPED: the tests that need a real Neo4j (DIFFO_NEO4J_URI, _USER, _PASSWORD, _CA, "
              "_DIR, _SERVER); "
              "test/neo4j/run starts one. Left out:\n");
  const char* const list[] = {words[0], "--count"};
  return doctest::Context(2, list).run();
}
