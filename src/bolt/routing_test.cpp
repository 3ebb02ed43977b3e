#include "bolt/routing.h"
#include "testing/bolt_fixture.h"

// NOLINTBEGIN(performance-inefficient-string-concatenation): scripts are put together for reading,
// not for speed
using namespace diffo::bolt;
using namespace diffo::bolt::fake;

namespace {

// A table in the script's notation: each role served by the servers of those numbers.
std::string table(const std::string& routers, const std::string& readers,
                  const std::string& writers, const std::string& ttl = "1000",
                  const std::string& database = "neo4j") {
  const auto addresses = [](const std::string& numbers) {
    std::string out;
    for (const char number : numbers)
      out += std::string(out.empty() ? "" : ", ") + "\"localhost:${PORT_" + number + "}\"";
    return "[" + out + "]";
  };
  return "S: SUCCESS {\"rt\": {\"ttl\": " + ttl + ", \"db\": \"" + database + "\", \"servers\": [" +
         "{\"role\": \"ROUTE\", \"addresses\": " + addresses(routers) + "}, " +
         "{\"role\": \"READ\", \"addresses\": " + addresses(readers) + "}, " +
         "{\"role\": \"WRITE\", \"addresses\": " + addresses(writers) + "}]}}\n";
}

const std::string open_routed = "${OPEN_ROUTED}\n";
const std::string ask = "C: ROUTE {\"address\": \"localhost:${PORT_0}\"} [] {\"db\": \"neo4j\"}\n";
const std::string ask_home = "C: ROUTE {\"address\": \"localhost:${PORT_0}\"} [] {}\n";

std::string query(const std::string& extra = R"({"db": "neo4j"})") {
  return "C: RUN \"A\" {} " + extra + "\nC: PULL {\"n\": 1000}\n${RUN_OK}\n${PULL_OK}\n";
}

Outcome<void> run_work(Transaction& transaction) {
  TRY(transaction.execute("A"));
  return {};
}

std::string managed_query(const std::string& answer, const std::string& mode = "") {
  return "C: BEGIN {" + mode +
         "\"db\": \"neo4j\"}\nS: SUCCESS {}\nC: RUN \"A\" {} {}\nC: PULL {\"n\": 1000}\n" + answer;
}

std::string all_at_once(const std::string& database) {
  return "C: BEGIN {" + (database.empty() ? "" : "\"db\": \"" + database + "\"") +
         "}\nC: RUN \"A\" {} {}\nC: PULL {\"n\": -1}\nC: COMMIT\n";
}

const std::string went_well = "${RUN_OK}\n${PULL_OK}\nC: COMMIT\nS: SUCCESS {}\n";

} // namespace

TEST_CASE("reads go to readers and writes to writers, by one table") {
  for (const Version version : supported_versions) {
    CAPTURE(to_text(version));
    Stage stage(version, open_routed + ask + table("0", "1", "2"),
                {.scheme = "neo4j",
                 .others = {open_routed + query(R"({"db": "neo4j", "mode": "r"})"),
                            open_routed + query()}});
    Session reader = stage.driver->session({.database = "neo4j", .mode = AccessMode::read});
    good(reader.execute("A"));
    Session writer = stage.driver->session({.database = "neo4j"});
    good(writer.execute("A"));
    CHECK(stage.driver->metrics().routing_refreshes == 1);
    stage.finish();
  }
}

TEST_CASE("the home database is resolved by ROUTE and the session stays with it") {
  for (const Version version : supported_versions) {
    CAPTURE(to_text(version));
    Stage stage(version, open_routed + ask_home + table("0", "0", "0") + query() + query(),
                {.scheme = "neo4j"});
    Session session = stage.driver->session();
    good(session.execute("A"));
    good(session.execute("A"));
    CHECK(stage.driver->metrics().routing_refreshes == 1);
    stage.finish();
  }
}

TEST_CASE(
    "from 5.8 a known home database needs no second question, and the server may correct it") {
  const std::string corrected = "C: RUN \"A\" {} {}\nC: PULL {\"n\": 1000}\n"
                                "S: SUCCESS {\"fields\": [], \"db\": \"other\"}\n${PULL_OK}\n";
  const std::string ask_other = "C: ROUTE * [] {\"db\": \"other\"}\n";
  Stage stage(bolt_5_8,
              open_routed + ask_home + table("0", "0", "0") + query() + corrected + ask_other +
                  table("0", "0", "0", "1000", "other") + query(R"({"db": "other"})"),
              {.scheme = "neo4j", .others = {}});
  Session first = stage.driver->session();
  good(first.execute("A"));
  Session second = stage.driver->session();
  good(second.execute("A"));
  CHECK(stage.driver->metrics().routing_refreshes == 1);
  good(second.execute("A"));
  stage.finish();
}

TEST_CASE("a writer that is none any more is dropped and the work tried again with a new table") {
  for (const Version version : supported_versions)
    for (const char* reason : {"${NOT_A_LEADER}", "${READ_ONLY}"}) {
      CAPTURE(to_text(version));
      Stage stage(
          version, open_routed + ask + table("0", "0", "1") + ask + table("0", "0", "2"),
          {.scheme = "neo4j",
           .others = {open_routed + managed_query(std::string(reason) +
                                                  "\nS: IGNORED\nC: RESET\nS: SUCCESS {}\n"),
                      open_routed + managed_query(went_well)}});
      Session session = stage.driver->session({.database = "neo4j"});
      good(session.write(run_work));
      CHECK(stage.driver->metrics().routing_refreshes == 2);
      stage.finish();
    }
}

TEST_CASE("a writer that is none any more is dropped from the table of a home database, too") {
  const std::string went = "${RUN_OK}\n${PULL_OK}\nS: SUCCESS {}\n";
  const std::string refused = "S: IGNORED\nS: IGNORED\nC: RESET\nS: SUCCESS {}\n";
  Stage stage(bolt_5_8,
              open_routed + ask_home + table("0", "0", "1") + ask_home + table("0", "0", "2"),
              {.scheme = "neo4j",
               .others = {open_routed + all_at_once("neo4j") + "S: SUCCESS {}\n" + went +
                              all_at_once("") + "${NOT_A_LEADER}\nS: IGNORED\n" + refused,
                          open_routed + all_at_once("neo4j") + "S: SUCCESS {}\n" + went}});
  // Each of a session of its own, as stores do it.
  const auto write = [&] { return stage.driver->session().run_script({{"A"}}); };
  good(write());
  CHECK(write().error().server_code == "Neo.ClientError.Cluster.NotALeader");
  good(write());
  stage.finish();
}

TEST_CASE("a member that is gone is dropped everywhere and the work goes to another") {
  for (const Version version : {bolt_4_4, bolt_5_4, bolt_6_0}) {
    CAPTURE(to_text(version));
    Stage stage(version, open_routed + ask + table("0", "12", "0") + managed_query(went_well),
                {.scheme = "neo4j", .others = {"A: raw 00\nX: close\n", "A: raw 00\nX: close\n"}});
    Session session = stage.driver->session({.database = "neo4j"});
    // Both readers die; the next table would be asked for, but writing needs none of them.
    good(session.write(run_work));
    stage.driver.reset();
  }
  Stage stage(bolt_5_8, open_routed + ask + table("0", "1", "0") + ask + table("0", "2", "0"),
              {.scheme = "neo4j",
               .others = {open_routed + managed_query("X: reset\n", "\"mode\": \"r\", "),
                          open_routed + managed_query(went_well, "\"mode\": \"r\", ")}});
  Session session = stage.driver->session({.database = "neo4j"});
  good(session.read(run_work));
  stage.finish();
}

TEST_CASE("a database that is unavailable at a member is looked for elsewhere") {
  Stage stage(
      bolt_5_4, open_routed + ask + table("0", "1", "0") + ask + table("0", "2", "0"),
      {.scheme = "neo4j",
       .others = {open_routed +
                      managed_query("${DATABASE_DOWN}\nS: IGNORED\nC: RESET\nS: SUCCESS {}\n",
                                    "\"mode\": \"r\", "),
                  open_routed + managed_query(went_well, "\"mode\": \"r\", ")}});
  Session session = stage.driver->session({.database = "neo4j"});
  good(session.read(run_work));
  stage.finish();
}

TEST_CASE("some failures end discovery, others go on to the next router") {
  for (const char* fatal : {"${NO_DATABASE}", "${UNAUTHORIZED}", "${SYNTAX_ERROR}"}) {
    CAPTURE(fatal);
    Stage stage(bolt_5_8, open_routed + ask + std::string(fatal) + "\nC: RESET\nS: SUCCESS {}\n",
                {.scheme = "neo4j"});
    Session session = stage.driver->session({.database = "neo4j"});
    const Outcome<EagerResult> failed = session.execute("A");
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error().server_code.empty() == (std::string(fatal) == "${SYNTAX_ERROR}"));
    stage.finish();
  }
}

TEST_CASE("a table without writers serves reads, and writes ask again, the seed first") {
  Stage stage(bolt_5_8,
              open_routed + ask + table("1", "0", "") + query(R"({"db": "neo4j", "mode": "r"})") +
                  ask + table("1", "0", "0") + query(),
              {.scheme = "neo4j", .others = {"A: raw 00\n"}});
  Session reader = stage.driver->session({.database = "neo4j", .mode = AccessMode::read});
  good(reader.execute("A"));
  Session writer = stage.driver->session({.database = "neo4j"});
  good(writer.execute("A"));
  stage.driver.reset();
}

TEST_CASE("a table ends with its time to live") {
  Stage stage(bolt_5_8,
              open_routed + ask + table("0", "0", "0", "10") + query() + ask +
                  table("0", "0", "0") + query(),
              {.scheme = "neo4j"});
  Session session = stage.driver->session({.database = "neo4j"});
  good(session.execute("A"));
  stage.clock->sleep(Seconds{11});
  good(session.execute("A"));
  CHECK(stage.driver->metrics().routing_refreshes == 2);
  stage.finish();
}

TEST_CASE("many threads that need a table ask once") {
  std::string script = "=== next\n" + open_routed + ask + table("0", "1", "1");
  Stage stage(bolt_5_8, script,
              {.scheme = "neo4j", .others = {"=== every\n" + open_routed + query()}});
  std::vector<std::thread> threads;
  threads.reserve(8);
  std::atomic<int> done = 0;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      Session session = stage.driver->session({.database = "neo4j"});
      // The script allows one query per connection, so later ones may fail; the table is what
      // counts.
      (void)session.execute("A");
      ++done;
    });
  for (std::thread& thread : threads)
    thread.join();
  CHECK(done == 8);
  CHECK(stage.driver->metrics().routing_refreshes >= 1);
  stage.driver.reset();
}

TEST_CASE("tables that make no sense are refused") {
  const auto refused = [](const char* text) {
    std::string_view left = text;
    const Value value = *read_value(left);
    return !read_routing_table(value.get<Map>(), {}).has_value();
  };
  CHECK(refused("{}"));
  CHECK(refused(R"({"rt": 1})"));
  CHECK(refused(R"({"rt": {"ttl": 1}})"));
  CHECK(refused(R"({"rt": {"ttl": 1, "servers": []}})"));
  CHECK(refused(R"({"rt": {"ttl": 1, "servers": [{"role": "ROUTE", "addresses": ["a:1"]}]}})"));
  CHECK(refused(R"({"rt": {"ttl": 1, "servers": [{"role": "READ", "addresses": ["a:1"]}]}})"));
  CHECK(refused(R"({"rt": {"ttl": 1, "servers": [{"role": "ROUTE", "addresses": ["a:0"]}]}})"));
  CHECK_FALSE(refused(
      R"({"rt": {"ttl": 1, "servers": [{"role": "READ", "addresses": ["a:1"]}, {"role": "ROUTE", "addresses": ["b"]}]}})"));
}

TEST_CASE("choosing asks for a table once while another thread asks, and prefers idle members") {
  TestClock clock;
  int asked = 0;
  Router::Hooks hooks;
  hooks.fetch = [&](const Address&, const Demand&) -> Outcome<Map> {
    ++asked;
    std::string_view text = R"({"rt": {"ttl": 300, "db": "d", "servers": [
      {"role": "READ", "addresses": ["a:1", "b:1"]}, {"role": "WRITE", "addresses": ["a:1"]},
      {"role": "ROUTE", "addresses": ["a:1"]}]}})";
    std::string flat(text);
    std::erase(flat, '\n');
    std::string_view view = flat;
    return read_value(view)->get<Map>();
  };
  hooks.in_use = [](const Address& address) { return address.host == "a" ? 5U : 1U; };
  hooks.known = [](const std::set<Address>& known) { CHECK(known.size() == 3); };
  Router router({"seed", 7687}, hooks, clock);
  Demand demand;
  demand.mode = AccessMode::read;
  for (int i = 0; i < 3; ++i) {
    demand.database = "d";
    CHECK(good(router.choose(demand)).address == Address{"b", 1});
  }
  CHECK(asked == 1);
  router.drop({"b", 1});
  CHECK(good(router.choose(demand)).address == Address{"a", 1});
  router.drop_for_database({"a", 1}, "d");
  CHECK(good(router.choose(demand)).address == Address{"b", 1});
  CHECK(asked == 2);
  demand.mode = AccessMode::write;
  router.drop_writer({"a", 1}, "d");
  good(router.choose(demand));
  CHECK(asked == 3);
}
// NOLINTEND(performance-inefficient-string-concatenation)
