#include "bolt/pool.h"
#include "bolt/retry.h"
#include "testing/bolt_fixture.h"

// NOLINTBEGIN(performance-inefficient-string-concatenation): scripts are put together for reading,
// not for speed
using namespace diffo::bolt;
using namespace diffo::bolt::fake;

namespace {

const std::string query = "C: RUN \"A\" {} {}\nC: PULL {\"n\": 1000}\n${RUN_OK}\n${PULL_OK}\n";

std::string open_as(Version version, const std::string& user) {
  return open_lines(version, "{}", "", user);
}

/// Hands out what it is told to.
class ChangingToken final : public AuthSource {
public:
  explicit ChangingToken(std::string user) : user_(std::move(user)) {}
  Outcome<AuthToken> token() override { return AuthToken::basic(user_, "letmein"); }
  bool refused(const AuthToken& token, const Failure& failure) override {
    refused_user = token.principal;
    refused_kind = failure.kind;
    user_ = "second";
    return true;
  }
  void change(std::string user) { user_ = std::move(user); }
  std::string refused_user;
  FailureKind refused_kind{};

private:
  std::string user_;
};

} // namespace

TEST_CASE("no more connections than the limit, and who waits in vain is told") {
  DriverOptions options;
  options.max_connections_per_address = 1;
  // Also the first connection must be ready within this, on the slowest machine.
  options.acquisition_timeout = Seconds{2};
  Stage stage(bolt_5_8, "${OPEN}\nC: BEGIN {}\nS: SUCCESS {}\nC: ROLLBACK\nS: SUCCESS {}\n" + query,
              {.options = options});
  Session first = stage.driver->session();
  Session second = stage.driver->session();
  Transaction transaction = good(first.begin());
  CHECK(second.execute("A").error().kind == FailureKind::pool_timeout);
  good(transaction.rollback());
  good(second.execute("A"));
  CHECK(stage.driver->metrics().connections_opened == 1);
  stage.finish();
}

TEST_CASE("who waits gets the connection that comes back, first come, first served") {
  Stage stage(bolt_5_8,
              "${OPEN}\nC: BEGIN {}\nS: SUCCESS {}\nC: ROLLBACK\nS: SUCCESS {}\n" + query + query +
                  query,
              {.options = {.max_connections_per_address = 1}});
  Session holder = stage.driver->session();
  Transaction transaction = good(holder.begin());
  std::vector<std::thread> threads;
  threads.reserve(8);
  std::atomic<int> done = 0;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&] {
      Session session = stage.driver->session();
      if (session.execute("A"))
        ++done;
    });
  good(transaction.rollback());
  for (std::thread& thread : threads)
    thread.join();
  CHECK(done == 3);
  stage.finish();
}

TEST_CASE("old connections are replaced, long idle ones asked for a sign of life") {
  DriverOptions options;
  options.liveness_check_after = Seconds{60};
  options.max_connection_lifetime = std::chrono::hours{1};
  Stage stage(bolt_5_8,
              "${OPEN}\n" + query + "C: RESET\nS: SUCCESS {}\n" + query +
                  "C: GOODBYE\n=== next\n${OPEN}\n" + query +
                  "C: RESET\nX: close\n=== next\n${OPEN}\n" + query,
              {.options = options});
  Session session = stage.driver->session();
  good(session.execute("A"));
  stage.clock->sleep(Seconds{61});
  good(session.execute("A"));
  stage.clock->sleep(std::chrono::hours{1});
  good(session.execute("A"));
  stage.clock->sleep(Seconds{61});
  good(session.execute("A")); // the second connection does not answer any more
  CHECK(stage.driver->metrics().connections_opened == 3);
  stage.finish();
}

TEST_CASE("a session's own user logs on in the flight of its request") {
  for (const Version version : supported_versions) {
    CAPTURE(to_text(version));
    const std::string eve = R"({"scheme": "basic", "principal": "eve", "credentials": "x"})";
    const std::string neo =
        R"({"scheme": "basic", "principal": "neo4j", "credentials": "letmein"})";
    const std::string change = version < bolt_5_1
                                   ? ""
                                   : "C: LOGOFF\nC: LOGON " + eve +
                                         "\nC: RUN \"A\" {} {}\nC: PULL {\"n\": 1000}\n"
                                         "S: SUCCESS {}\nS: SUCCESS {}\n${RUN_OK}\n${PULL_OK}\n"
                                         "C: LOGOFF\nC: LOGON " +
                                         neo +
                                         "\nC: RUN \"A\" {} {}\nC: PULL {\"n\": 1000}\n"
                                         "S: SUCCESS {}\nS: SUCCESS {}\n${RUN_OK}\n${PULL_OK}\n";
    Stage stage(version, "${OPEN}\n" + query + change);
    Session plain = stage.driver->session();
    good(plain.execute("A"));
    const std::uint64_t flights = stage.driver->metrics().flights;
    Session other = stage.driver->session({.auth = AuthToken::basic("eve", "x")});
    const Outcome<EagerResult> asked = other.execute("A");
    CHECK(asked.has_value() == (version >= bolt_5_1));
    if (asked) {
      CHECK(stage.driver->metrics().flights == flights + 1);
      good(plain.execute("A"));
    } else {
      CHECK(asked.error().kind == FailureKind::configuration);
    }
    stage.finish();
  }
}

TEST_CASE("a token that changes is used by the next request: by LOGON, or below 5.1 by a new "
          "connection") {
  for (const Version version : {bolt_4_4, bolt_5_8}) {
    CAPTURE(to_text(version));
    auto auth = std::make_shared<ChangingToken>("first");
    const std::string second =
        R"({"scheme": "basic", "principal": "second", "credentials": "letmein"})";
    const std::string script = version < bolt_5_1
                                   ? open_as(version, "first") + query + "C: GOODBYE\n=== next\n" +
                                         open_as(version, "second") + query
                                   : open_as(version, "first") + query + "C: LOGOFF\nC: LOGON " +
                                         second + "\nC: RUN \"A\" {} {}\nC: PULL {\"n\": 1000}\n" +
                                         "S: SUCCESS {}\nS: SUCCESS {}\n${RUN_OK}\n${PULL_OK}\n";
    Stage stage(version, script, {.auth = auth});
    Session session = stage.driver->session();
    good(session.execute("A"));
    auth->change("second");
    good(session.execute("A"));
    stage.finish();
  }
}

TEST_CASE("a refused token is replaced by its source and the work tried again") {
  for (const char* reason : {"${UNAUTHORIZED}", "${TOKEN_EXPIRED}"}) {
    auto auth = std::make_shared<ChangingToken>("first");
    std::string first = open_as(bolt_5_8, "first");
    first = first.substr(0, first.rfind("S: SUCCESS")) + reason + "\nX: close\n";
    Stage stage(bolt_5_8,
                first + "=== next\n" + open_as(bolt_5_8, "second") +
                    "C: BEGIN {\"mode\": \"r\"}\nS: SUCCESS {}\nC: COMMIT\nS: SUCCESS {}\n",
                {.auth = auth});
    Session session = stage.driver->session();
    good(session.read([](Transaction&) -> Outcome<void> { return {}; }));
    CHECK(auth->refused_user == "first");
    stage.finish();
  }
}

TEST_CASE("wrong credentials are told apart and close the connection") {
  for (const Version version : supported_versions) {
    CAPTURE(to_text(version));
    std::string lines = open_lines(version);
    lines = lines.substr(0, lines.rfind("S: SUCCESS")) + "${UNAUTHORIZED}\nX: close\n";
    Stage stage(version, lines);
    Session session = stage.driver->session();
    const Outcome<EagerResult> failed = session.execute("A");
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error().kind == FailureKind::authentication);
    CHECK(failed.error().code == diffo::ErrorCode::unauthenticated);
    stage.finish();
  }
}

TEST_CASE("an expired authorization makes idle connections log on again") {
  const std::string held = "${OPEN}\nC: BEGIN {}\nS: SUCCESS {}\n";
  const std::string back = "C: ROLLBACK\nS: SUCCESS {}\n";
  Stage stage(
      bolt_5_8,
      held + back +
          "C: LOGOFF\nC: LOGON *\nC: BEGIN {}\nS: SUCCESS {}\nS: SUCCESS {}\nS: SUCCESS {}\n" +
          back + "=== next\n" + held + R"(
    C: RUN "A" {} {}
    C: PULL {"n": 1000}
    ${AUTHORIZATION_EXPIRED}
    S: IGNORED
    C: RESET
    X: close
  )");
  Session first = stage.driver->session();
  Session second = stage.driver->session();
  Transaction one = good(first.begin());
  Transaction two = good(second.begin());
  good(one.rollback());
  CHECK(two.run("A").error().retryable());
  Session third = stage.driver->session();
  Transaction three = good(third.begin());
  good(three.rollback());
  stage.finish();
}

TEST_CASE("verify tells who answers and whether a token is taken") {
  std::string refused = open_as(bolt_5_8, "eve");
  refused = refused.substr(0, refused.rfind("S: SUCCESS")) + "${UNAUTHORIZED}\nX: close\n";
  Stage stage(bolt_5_8,
              "${OPEN}\nC: RESET\nS: SUCCESS {}\n=== next\n${OPEN}\n=== next\n" + refused);
  const ServerInfo info = good(stage.driver->verify_connectivity());
  CHECK(info.agent == "Fake/1");
  CHECK(info.version == "5.8");
  CHECK(info.connection_id == "c-1");
  CHECK(good(stage.driver->verify_authentication(AuthToken::basic("neo4j", "letmein"))));
  CHECK_FALSE(good(stage.driver->verify_authentication(AuthToken::basic("eve", "letmein"))));
  stage.finish();
}

TEST_CASE("log lines never hold credentials, parameters or query texts") {
  std::string log;
  DriverOptions options;
  options.log = [&](LogLevel, std::string_view line) { log += std::string(line) + "\n"; };
  std::string refused = open_lines(bolt_5_8);
  refused = refused.substr(0, refused.rfind("S: SUCCESS")) + "${UNAUTHORIZED}\nX: close\n";
  Stage stage(bolt_5_8,
              "${OPEN}\nC: RUN \"ALTER x\" {\"p\": \"geheim\"} {}\nC: PULL {\"n\": "
              "1000}\n${SYNTAX_ERROR}\nS: IGNORED\nC: RESET\nX: reset\n=== next\n" +
                  refused,
              {.options = options});
  Session session = stage.driver->session();
  CHECK_FALSE(session.execute("ALTER x", {{"p", "geheim"}}).has_value());
  CHECK_FALSE(session.execute("ALTER x", {{"p", "geheim"}}).has_value());
  stage.driver.reset();
  CHECK(log.find("LOGON") != std::string::npos);
  for (const char* secret : {"letmein", "geheim", "ALTER"})
    CHECK(log.find(secret) == std::string::npos);
}

TEST_CASE("a closed driver and a closed session say so") {
  Stage stage(bolt_5_8, "${OPEN}\n" + query);
  Session session = stage.driver->session();
  good(session.execute("A"));
  good(session.close());
  CHECK(session.execute("A").error().kind == FailureKind::usage);
  Session late = stage.driver->session();
  stage.driver->close();
  CHECK(late.execute("A").error().kind == FailureKind::usage);
  stage.finish();
}

TEST_CASE("delays double, vary by a fifth, and end after the time allowed") {
  TestClock clock;
  RetryDelays delays(clock, Seconds{30}, 1);
  double base = 1000;
  int count = 0;
  while (const std::optional<Milliseconds> delay = delays.next()) {
    CHECK(static_cast<double>(delay->count()) >= base * 0.8 - 1);
    CHECK(static_cast<double>(delay->count()) <= base * 1.2 + 1);
    base *= 2;
    ++count;
    clock.sleep(*delay);
  }
  CHECK(count >= 5);
  CHECK(count <= 6);
  RetryDelays never(clock, Milliseconds{0}, 1);
  CHECK_FALSE(never.next().has_value());
}

TEST_CASE("a bookmark manager replaces what a transaction has seen and tells its consumer") {
  Bookmarks told;
  BookmarkManager manager(
      {"a", "b", "a", ""}, [] { return Bookmarks{"x", "a"}; },
      [&](const Bookmarks& now) { told = now; });
  CHECK(manager.current() == Bookmarks{"a", "b", "x"});
  manager.update({"a"}, {"c"});
  CHECK(told == Bookmarks{"b", "c"});
  CHECK(manager.current() == Bookmarks{"b", "c", "x", "a"});
}

TEST_CASE("sessions that share a manager see each other's writes") {
  Stage stage(bolt_5_8, R"(
    ${OPEN}
    C: RUN "A" {} {}
    C: PULL {"n": 1000}
    ${RUN_OK}
    S: SUCCESS {"bookmark": "one"}
    C: RUN "A" {} {"bookmarks": ["one"]}
    C: PULL {"n": 1000}
    ${RUN_OK}
    S: SUCCESS {"bookmark": "two"}
    C: RUN "A" {} {"bookmarks": ["two"]}
    C: PULL {"n": 1000}
    ${RUN_OK}
    ${PULL_OK}
  )");
  auto manager = std::make_shared<BookmarkManager>();
  for (int i = 0; i < 3; ++i) {
    Session session = stage.driver->session({.bookmark_manager = manager});
    good(session.execute("A"));
  }
  stage.finish();
}

TEST_CASE("an answer that nobody asked for breaks the connection") {
  Protocol protocol(bolt_5_0);
  std::string wire;
  append_message(wire, "\xB1\x70\xA0");
  protocol.feed(wire);
  CHECK(protocol.step().error().kind == FailureKind::protocol_error);
  CHECK(protocol.is_defunct());
  CHECK_FALSE(protocol.reset().has_value());
}

TEST_CASE("requests that make no sense in their state are refused before they are sent") {
  Protocol protocol(bolt_5_8);
  CHECK_FALSE(protocol.run("A", {}, nullptr).has_value());
  CHECK_FALSE(protocol.commit().has_value());
  good(protocol.hello({}));
  CHECK_FALSE(protocol.begin({}).has_value());
  good(protocol.logon(AuthToken::none()));
  CHECK_FALSE(protocol.pull(1, std::nullopt, nullptr).has_value());
  good(protocol.begin({}));
  CHECK_FALSE(protocol.route({}, {}, "", "").has_value());
  good(protocol.run("A", {}, nullptr));
  good(protocol.pull(-1, std::nullopt, std::make_shared<RecordBuffer>()));
  good(protocol.commit());
  CHECK(protocol.sent_state() == ServerState::ready);
  CHECK(protocol.answered_state() == ServerState::negotiation);
}
// NOLINTEND(performance-inefficient-string-concatenation)
