#include "bolt/chunk.h"
#include "bolt/handshake.h"
#include "bolt/messages.h"
#include "bolt/uri.h"
#include "testing/bolt_notation.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace diffo::bolt;

namespace {

std::string bytes_of(std::string_view hex) {
  return *fake::read_hex(hex);
}

struct Request {
  explicit Request(Version version) : writer(output) { writer.set_version(version); }
  std::string output;
  RequestWriter writer;

  // The message as its name and its fields.
  std::string text() const {
    ChunkReader reader;
    reader.append(output);
    std::string_view message;
    REQUIRE(reader.next(message) == ChunkReader::Status::message);
    Unpacker unpacker(message, bolt_6_0);
    std::size_t fields = 0;
    std::uint8_t tag = 0;
    REQUIRE(unpacker.structure_header(fields, tag));
    std::string out(name_of(static_cast<Signature>(tag)));
    for (std::size_t i = 0; i < fields; ++i) {
      Value value;
      REQUIRE(unpacker.value(value));
      out += " " + to_text(value);
    }
    return out;
  }
};

} // namespace

TEST_CASE("messages come out whole however their bytes and chunks are split") {
  CHECK(rc::check("splits", [] {
    std::vector<std::string> messages;
    std::string wire;
    for (int i = *rc::gen::inRange(1, 6); i > 0; --i) {
      messages.push_back(*rc::gen::nonEmpty(rc::gen::string<std::string>()));
      append_message(wire, messages.back(), *rc::gen::inRange<std::size_t>(1, 20));
      if (*rc::gen::arbitrary<bool>())
        wire.append(2, '\0'); // a keep-alive
    }
    ChunkReader reader;
    std::vector<std::string> out;
    for (std::string_view left = wire; !left.empty();) {
      const std::size_t piece = *rc::gen::inRange<std::size_t>(1, left.size() + 1);
      reader.append(left.substr(0, piece));
      left.remove_prefix(piece);
      std::string_view message;
      while (reader.next(message) == ChunkReader::Status::message)
        out.emplace_back(message);
    }
    RC_ASSERT(out == messages);
    RC_ASSERT(!reader.inside_message());
  }));
}

TEST_CASE("a stream split at every single byte gives the same messages") {
  std::string wire;
  append_message(wire, std::string(70'000, 'a'));
  append_message(wire, "b", 1);
  wire.append(4, '\0');
  append_message(wire, std::string(300, 'c'), 7);
  for (const std::size_t cut :
       {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{65535}}) {
    ChunkReader reader;
    std::vector<std::size_t> sizes;
    for (std::size_t at = 0; at < wire.size(); at += cut) {
      reader.append(std::string_view(wire).substr(at, cut));
      std::string_view message;
      while (reader.next(message) == ChunkReader::Status::message)
        sizes.push_back(message.size());
    }
    CHECK(sizes == std::vector<std::size_t>{70'000, 1, 300});
  }
}

TEST_CASE("a large message is written in several chunks") {
  std::string out;
  ChunkWriter writer(out);
  writer.begin();
  out.append(65'535, 'x');
  writer.end();
  CHECK(out.size() == 65'535 + 4);
  out.clear();
  writer.begin();
  out.append(65'536, 'x');
  writer.end();
  CHECK(out.size() == 65'536 + 6);
  CHECK(out.substr(65'537, 2) == bytes_of("0001"));
}

TEST_CASE("messages above the limit and endless keep-alives are refused") {
  ChunkReader small(ChunkReader::Limits{10, 3});
  std::string wire;
  append_message(wire, "12345678901");
  small.append(wire);
  std::string_view message;
  CHECK(small.next(message) == ChunkReader::Status::failed);
  CHECK(small.failure().code == diffo::ErrorCode::too_large);

  ChunkReader idle(ChunkReader::Limits{10, 3});
  idle.append(std::string(8, '\0'));
  CHECK(idle.next(message) == ChunkReader::Status::failed);
  CHECK(idle.failure().message == "the server sends nothing but keep-alives");
}

TEST_CASE("the offer has its golden bytes") {
  CHECK(Handshake().offer() == bytes_of("6060B017 000001FF 00080805 00000404 00000000"));
  CHECK(Handshake(Handshake::Style::classic).offer() ==
        bytes_of("6060B017 00010106 00020805 00040405 00000404"));
  CHECK(Handshake(Handshake::Style::classic, bolt_5_1).offer() ==
        bytes_of("6060B017 00000105 00000000 00000000 00000000"));
}

TEST_CASE("the handshake takes every answer a server may give, byte by byte") {
  struct Case {
    const char* answer;
    const char* version; // empty: refused
    const char* reply;
  };
  const Case cases[] = {
      {"00000805", "5.8", ""},
      {"00000404", "4.4", ""},
      {"00000505", "", ""}, // withdrawn
      {"00000304", "", ""}, // not offered
      {"00010805", "", ""}, // a range is no answer
      {"00000000", "", ""},
      {"48545450", "", ""}, // HTTP
      {"000001FF 01 00000006 00", "6.0", "00000006 00"},
      {"000001FF 03 00000206 00080805 00020404 00", "5.8", "00000805 00"},
      {"000001FF 03 00000106 00080805 00020404 00", "6.1", "00000106 00"},
      {"000001FF 02 00010106 00080805 00", "6.1", "00000106 00"},
      {"000001FF 01 00020206 00", "6.1", "00000106 00"},
      {"000001FF 01 00000505 00", "", ""}, // only the withdrawn one
      {"000001FF 01 00000007 00", "", ""},
      {"000001FF 00 00", "", ""},
      {"000001FF FFFFFFFFFFFFFFFFFFFF7F", "", ""},               // a number beyond 64 bits
      {"000001FF 8004", "", ""},                                 // 512 entries
      {"000001FF 01 00080805 8080808001", "5.8", "00000805 00"}, // capabilities of several bytes
  };
  for (const Case& each : cases) {
    CAPTURE(each.answer);
    Handshake handshake;
    Outcome<bool> done = false;
    for (const char byte : bytes_of(each.answer)) {
      std::size_t used = 0;
      done = handshake.feed(std::string_view(&byte, 1), used);
      if (!done || *done)
        break;
    }
    if (*each.version == '\0') {
      CHECK_FALSE(done.has_value());
      continue;
    }
    REQUIRE(done.has_value());
    REQUIRE(*done);
    CHECK(to_text(handshake.version()) == each.version);
    CHECK(handshake.reply() == bytes_of(each.reply));
  }
}

TEST_CASE("requests leave out what is default") {
  Request run(bolt_5_8);
  const TransactionFields nothing;
  REQUIRE(run.writer.run("RETURN 1", {}, &nothing));
  CHECK(run.text() == "RUN \"RETURN 1\" {} {}");
  CHECK(run.output == bytes_of("000D B310 88 52455455524E2031 A0 A0 0000"));

  Request full(bolt_5_8);
  TransactionFields fields;
  fields.bookmarks = {"b1", "b2"};
  fields.timeout = Milliseconds{1500};
  fields.metadata = {{"app", "x"}};
  fields.mode = AccessMode::read;
  fields.database = "neo4j";
  fields.impersonated_user = "eve";
  fields.notifications.minimum_severity = "WARNING";
  fields.notifications.disabled_classifications = {{"HINT"}};
  REQUIRE(full.writer.begin(fields));
  CHECK(full.text() ==
        "BEGIN {\"bookmarks\": [\"b1\", \"b2\"], \"tx_timeout\": 1500, \"tx_metadata\": {\"app\": "
        "\"x\"}, \"mode\": \"r\", \"db\": \"neo4j\", \"imp_user\": \"eve\", "
        "\"notifications_minimum_severity\": \"WARNING\", "
        "\"notifications_disabled_classifications\": [\"HINT\"]}");

  Request pull(bolt_5_8);
  pull.writer.pull(1000, std::nullopt);
  CHECK(pull.text() == "PULL {\"n\": 1000}");
  Request discard(bolt_5_8);
  discard.writer.discard(-1, 7);
  CHECK(discard.text() == "DISCARD {\"n\": -1, \"qid\": 7}");
  Request route(bolt_4_4);
  REQUIRE(route.writer.route({{"address", "a:1"}}, {}, "", ""));
  CHECK(route.text() == "ROUTE {\"address\": \"a:1\"} [] {}");
  Request telemetry(bolt_5_4);
  telemetry.writer.telemetry(TelemetryApi::execute);
  CHECK(telemetry.output == bytes_of("0003 B15403 0000"));
  Request reset(bolt_5_4);
  reset.writer.bare(Signature::reset);
  CHECK(reset.output == bytes_of("0002 B00F 0000"));
}

TEST_CASE("HELLO holds what its version knows") {
  HelloFields fields;
  fields.user_agent = "t/1";
  fields.auth = AuthToken::basic("neo4j", "pw");
  fields.notifications.minimum_severity = "OFF";
  fields.notifications.disabled_classifications = {{"HINT"}};
  const auto hello = [&](Version version) {
    Request request(version);
    REQUIRE(request.writer.hello(fields));
    return request.text();
  };
  CHECK(hello(bolt_4_4) ==
        "HELLO {\"user_agent\": \"t/1\", \"scheme\": \"basic\", \"principal\": \"neo4j\", "
        "\"credentials\": \"pw\"}");
  CHECK(hello(bolt_5_0) == hello(bolt_4_4));
  CHECK(hello(bolt_5_1) == "HELLO {\"user_agent\": \"t/1\"}");
  CHECK(hello(bolt_5_2).find("notifications_disabled_categories") != std::string::npos);
  CHECK(hello(bolt_5_2).find("bolt_agent") == std::string::npos);
  CHECK(hello(bolt_5_3).find("\"bolt_agent\": {\"product\": \"diffo-bolt/") != std::string::npos);
  CHECK(hello(bolt_5_6).find("notifications_disabled_classifications") != std::string::npos);
  fields.routing = Map{};
  CHECK(hello(bolt_5_1) == "HELLO {\"user_agent\": \"t/1\", \"routing\": {}}");
}

TEST_CASE("LOGON carries each kind of token") {
  const auto logon = [](const AuthToken& token) {
    Request request(bolt_5_1);
    REQUIRE(request.writer.logon(token));
    return request.text();
  };
  CHECK(logon(AuthToken::none()) == "LOGON {\"scheme\": \"none\"}");
  CHECK(logon(AuthToken::bearer("t")) == "LOGON {\"scheme\": \"bearer\", \"credentials\": \"t\"}");
  CHECK(logon(AuthToken::basic("", "", "r")) == "LOGON {\"scheme\": \"basic\", \"principal\": "
                                                "\"\", \"credentials\": \"\", \"realm\": \"r\"}");
  AuthToken custom{"mine", "p", Secret("c"), "", {{"x", 1}}};
  CHECK(logon(custom) == "LOGON {\"scheme\": \"mine\", \"principal\": \"p\", \"credentials\": "
                         "\"c\", \"parameters\": {\"x\": 1}}");
}

TEST_CASE("a request that cannot be written leaves nothing behind") {
  Request request(bolt_5_8);
  const TransactionFields nothing;
  CHECK_FALSE(request.writer.run("RETURN $n", {{"n", Node{}}}, &nothing).has_value());
  CHECK_FALSE(request.writer.run("\xFF", {}, &nothing).has_value());
  CHECK(request.output.empty());
}

TEST_CASE("failures are read in the form of their version") {
  const Failure old = failure_of(
      {{"code", "Neo.TransientError.Transaction.DeadlockDetected"}, {"message", "m"}}, bolt_5_6);
  CHECK(old.kind == FailureKind::transient_error);
  CHECK(old.retryable());
  CHECK(old.gql_status == "50N42");
  CHECK(old.classification == "TRANSIENT_ERROR");
  CHECK(old.diagnostic_record ==
        Map{{"OPERATION", ""}, {"OPERATION_CODE", "0"}, {"CURRENT_SCHEMA", "/"}});

  const Map cause{{"message", "inner"}, {"gql_status", "22N01"}, {"description", "d"}};
  const Failure gql =
      failure_of({{"neo4j_code", "Neo.ClientError.Schema.ConstraintValidationFailed"},
                  {"message", "m"},
                  {"gql_status", "22N79"},
                  {"description", "d"},
                  {"diagnostic_record", Map{{"_classification", "CLIENT_ERROR"}}},
                  {"cause", cause}},
                 bolt_5_7);
  CHECK(gql.kind == FailureKind::client_error);
  CHECK(gql.code == diffo::ErrorCode::conflict);
  CHECK(gql.gql_status == "22N79");
  REQUIRE(gql.cause.size() == 1);
  CHECK(gql.cause[0].gql_status == "22N01");
  CHECK(gql.text() ==
        "client error Neo.ClientError.Schema.ConstraintValidationFailed (22N79): m; caused by "
        "client error (22N01): inner");
}

TEST_CASE("codes are classed as the official drivers class them") {
  struct Case {
    const char* code;
    FailureKind kind;
    bool retryable;
  };
  const Case cases[] = {
      {"Neo.TransientError.Transaction.Terminated", FailureKind::client_error, false},
      {"Neo.TransientError.Transaction.LockClientStopped", FailureKind::client_error, false},
      {"Neo.ClientError.Security.Unauthorized", FailureKind::authentication, false},
      {"Neo.ClientError.Security.TokenExpired", FailureKind::token_expired, false},
      {"Neo.ClientError.Security.AuthorizationExpired", FailureKind::client_error, true},
      {"Neo.ClientError.Cluster.NotALeader", FailureKind::client_error, true},
      {"Neo.ClientError.General.ForbiddenOnReadOnlyDatabase", FailureKind::client_error, true},
      {"Neo.ClientError.Statement.SyntaxError", FailureKind::client_error, false},
      {"Neo.DatabaseError.General.UnknownError", FailureKind::database_error, false},
      {"Neo.TransientError.General.DatabaseUnavailable", FailureKind::transient_error, true},
      {"nonsense", FailureKind::client_error, false},
      {"", FailureKind::client_error, false},
  };
  for (const Case& each : cases) {
    CAPTURE(each.code);
    const Failure failure = failure_of({{"code", each.code}, {"message", ""}}, bolt_5_4);
    CHECK(failure.kind == each.kind);
    CHECK(failure.retryable() == each.retryable);
  }
}

TEST_CASE("an endless chain of causes is cut") {
  Map failure{{"message", "end"}};
  for (int i = 0; i < 90; ++i)
    failure = Map{{"message", "m"}, {"cause", failure}};
  std::size_t depth = 0;
  const Failure read = failure_of(failure, bolt_5_8);
  for (const Failure* at = &read; !at->cause.empty(); at = &at->cause[0])
    ++depth;
  CHECK(depth == 32);
}

TEST_CASE("notifications and statuses come out in one form") {
  const Map note{{"code", "Neo.ClientNotification.X"},
                 {"title", "t"},
                 {"description", "d"},
                 {"severity", "WARNING"},
                 {"category", "HINT"}};
  const Summary old = summary_of({{"notifications", List{note}}, {"type", "r"}}, bolt_5_4);
  REQUIRE(old.notifications.size() == 1);
  CHECK(old.notifications[0].classification == "HINT");
  const Map status{
      {"gql_status", "01N51"},
      {"neo4j_code", "Neo.ClientNotification.X"},
      {"status_description", "s"},
      {"title", "t"},
      {"diagnostic_record", Map{{"_severity", "WARNING"}, {"_classification", "HINT"}}}};
  const Map success{{"gql_status", "00000"}};
  const Summary fresh = summary_of(
      {{"statuses", List{success, status}}, {"stats", Map{{"nodes-created", 2}}}}, bolt_5_6);
  REQUIRE(fresh.notifications.size() == 1);
  CHECK(fresh.notifications[0].severity == "WARNING");
  CHECK(fresh.counter("nodes-created") == 2);
  CHECK(fresh.counter("nodes-deleted") == 0);
}

TEST_CASE("answers that are none are refused") {
  for (const char* hex : {"", "00", "B070", "B170 01", "B171 A0", "B17F C0", "B110 A0", "B270A0A0",
                          "B170A000", "B17191"}) {
    CAPTURE(hex);
    CHECK_FALSE(read_answer(bytes_of(hex), bolt_5_8).has_value());
  }
  CHECK(read_answer(bytes_of("B07E"), bolt_5_8).has_value());
  CHECK(read_answer(bytes_of("B17EA0"), bolt_5_8).has_value());
}

TEST_CASE("URIs say what they mean or are refused") {
  const auto text = [](const char* uri) -> std::string {
    const Outcome<ConnectionUri> parsed = parse_uri(uri);
    if (!parsed)
      return "refused";
    return std::string(parsed->routing ? "routing " : "direct ") + to_text(parsed->address) + " " +
           std::to_string(static_cast<int>(parsed->encryption)) + " " +
           to_text(Value(parsed->routing_context));
  };
  CHECK(text("bolt://localhost") == "direct localhost:7687 0 {}");
  CHECK(text("bolt+s://h:1/") == "direct h:1 1 {}");
  CHECK(text("neo4j+ssc://[::1]:7688") == "routing [::1]:7688 2 {\"address\": \"[::1]:7688\"}");
  CHECK(text("neo4j://h?region=e%20u&policy=x") ==
        "routing h:7687 0 {\"region\": \"e u\", \"policy\": \"x\", \"address\": \"h:7687\"}");
  for (const char* wrong :
       {"localhost", "http://h", "bolt://", "bolt://h:0", "bolt://h:65536", "bolt://h:x",
        "bolt://u:p@h", "bolt://h/db", "bolt://h?x=1", "neo4j://h?x",
        "neo4j://h?x=", "neo4j://h?x=1&x=2", "neo4j://h?address=1", "neo4j://h?x=%zz", "bolt://::1",
        "bolt://[::1", "bolt://[::1]x", "neo4j://h#f"}) {
    CAPTURE(wrong);
    CHECK(text(wrong) == "refused");
  }
}

TEST_CASE("temporal values have ISO texts") {
  CHECK(to_text(Date{0}) == "1970-01-01");
  CHECK(to_text(Date{-1}) == "1969-12-31");
  CHECK(to_text(Date{11016}) == "2000-02-29");
  CHECK(to_text(Date{-719529}) == "-0001-12-31");
  CHECK(to_text(Date{2932897}) == "+10000-01-01");
  CHECK(to_text(LocalTime{3'723'000'000'001}) == "01:02:03.000000001");
  CHECK(to_text(Time{0, -3600}) == "00:00:00-01:00");
  CHECK(to_text(DateTime{0, 500'000'000, 5400}) == "1970-01-01T01:30:00.5+01:30");
  CHECK(to_text(ZonedDateTime{0, 0, false, "Etc/UTC"}) == "1970-01-01T00:00:00Z[Etc/UTC]");
  CHECK(to_text(Duration{14, 3, -1, 500'000'000}) == "P14M3DT-0.5S");
  CHECK(to_text(Duration{0, 0, 5, 1'000'000}) == "P0M0DT5.001S");
  CHECK(to_text(DateTime{INT64_MAX, 0, 3600}).ends_with("+01:00"));
}
