// What the driver costs: the codec in MB/s and records/s, and against a real server
// (DIFFO_NEO4J_URI, _USER, _PASSWORD) the requests per second of one connection beside a bare
// socket loop that exchanges the same bytes. One JSON object a line.
#include "bolt/chunk.h"
#include "bolt/handshake.h"
#include "bolt/messages.h"
#include "bolt/protocol.h"
#include "bolt/transport.h"
#include "bolt/uri.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>

using namespace diffo::bolt;

namespace {

using Time = std::chrono::steady_clock;

double seconds_since(Time::time_point start) {
  return std::chrono::duration<double>(Time::now() - start).count();
}

void report(const char* name, double value, const char* unit) {
  std::printf("{\"name\":\"%s\",\"value\":%.1f,\"unit\":\"%s\"}\n", name, value, unit);
}

void report_against(const char* name, double value, double baseline, const char* unit) {
  std::printf("{\"name\":\"%s\",\"value\":%.1f,\"unit\":\"%s\",\"baseline\":%.1f,\"ratio\":%.3f}\n",
              name, value, unit, baseline, value / baseline);
}

// A record as an inventory has them: a node with a dozen properties, and a few scalars.
List sample_record(int number) {
  Node node{number,
            {"Provider", "Instance", "Service"},
            {},
            "4:5b3f2c1e-0f5d-4a55-9d3f-2f1a8f1b7c11:" + std::to_string(number)};
  node.properties.set("uuid", "0f5d4a55-9d3f-4f1a-8f1b-7c115b3f2c1e");
  node.properties.set("name", "access line " + std::to_string(number));
  node.properties.set("state", "active");
  node.properties.set("bandwidth", std::int64_t{100'000'000} + number);
  node.properties.set("ratio", 0.25 * number);
  node.properties.set("createdAt",
                      ZonedDateTime{1'700'000'000 + number, 123'456'000, false, "Etc/UTC"});
  node.properties.set("tags", List{"one", "two", "three"});
  node.properties.set("enabled", true);
  return {node, number, "text", 1.5, nullptr};
}

void bench_codec() {
  constexpr int records = 1000;
  constexpr double least_seconds = 1.0;
  std::string wire;
  for (int i = 0; i < records; ++i) {
    std::string message("\xB1\x71", 2);
    Packer packer(message);
    (void)pack(packer, Value(sample_record(i)), bolt_5_8, GraphValues::allow);
    append_message(wire, message);
  }
  std::size_t decoded = 0;
  Time::time_point start = Time::now();
  while (seconds_since(start) < least_seconds) {
    ChunkReader reader;
    reader.append(wire);
    std::string_view message;
    while (reader.next(message) == ChunkReader::Status::message)
      decoded += read_answer(message, bolt_5_8)->record.size() / 5;
  }
  double taken = seconds_since(start);
  report("bolt_decode_records", static_cast<double>(decoded) / taken, "records/s");
  report("bolt_decode_bytes",
         static_cast<double>(decoded) / records * static_cast<double>(wire.size()) / taken / 1e6,
         "MB/s");

  const Value parameters = sample_record(1);
  std::string out;
  std::size_t bytes = 0;
  std::size_t encoded = 0;
  start = Time::now();
  while (seconds_since(start) < least_seconds) {
    out.clear();
    Packer packer(out);
    for (int i = 0; i < 100; ++i)
      (void)pack(packer, parameters, bolt_5_8, GraphValues::allow);
    bytes += out.size();
    encoded += 100;
  }
  taken = seconds_since(start);
  report("bolt_encode_records", static_cast<double>(encoded) / taken, "records/s");
  report("bolt_encode_bytes", static_cast<double>(bytes) / taken / 1e6, "MB/s");
}

struct Target {
  std::string uri;
  std::string user;
  std::string password;
};

constexpr const char* query = "RETURN $n AS n";
constexpr int warm_up = 200;

// `bookmarks` are those that the session came to send, so that the bare loop can send the same
// bytes.
double driver_rate(const Target& target, int requests, Bookmarks& bookmarks) {
  Outcome<Driver> driver = Driver::open(target.uri, AuthToken::basic(target.user, target.password));
  Session session = driver->session({.database = "neo4j", .mode = AccessMode::read});
  Time::time_point start;
  for (int i = -warm_up; i < requests; ++i) {
    if (i == 0)
      start = Time::now();
    const Outcome<EagerResult> result = session.execute(query, {{"n", i}});
    if (!result) {
      std::fprintf(stderr, "%s\n", result.error().text().c_str());
      std::_Exit(1);
    }
  }
  const double rate = requests / seconds_since(start);
  bookmarks = session.last_bookmarks();
  return rate;
}

// Sends prepared bytes and reads until the answer's end without looking into it: the most a client
// could reach.
class BareLoop {
public:
  static Outcome<BareLoop> open(const Target& target) {
    BareLoop loop;
    const ConnectionUri uri = TRY(parse_uri(target.uri));
    loop.transport_ = make_tcp_transport(TRY(Socket::connect(uri.address, {})));
    Handshake handshake(Handshake::Style::classic, bolt_5_8);
    TRY(loop.transport_->send(handshake.offer(), {}));
    char answer[4];
    (void)TRY(loop.transport_->receive(answer, sizeof answer, {}));
    std::string out;
    RequestWriter writer(out);
    HelloFields hello;
    hello.user_agent = "bench/1";
    TRY(writer.hello(hello));
    TRY(writer.logon(AuthToken::basic(target.user, target.password)));
    TRY(loop.transport_->send(out, {}));
    TRY(loop.await_messages(2));
    return loop;
  }

  Outcome<void> ask(const std::string& request) {
    TRY(transport_->send(request, {}));
    return await_messages(3); // SUCCESS, RECORD, SUCCESS
  }

private:
  // The server's messages are small: each is one chunk and ends with a zero chunk.
  Outcome<void> await_messages(int count) {
    while (count > 0) {
      const std::size_t got =
          TRY(transport_->receive(buffer_ + there_, sizeof buffer_ - there_, {}));
      if (got == 0)
        return make_failure(FailureKind::service_unavailable, "closed");
      there_ += got;
      std::size_t at = 0;
      while (there_ - at >= 2) {
        const std::size_t size = std::size_t{static_cast<unsigned char>(buffer_[at])} << 8 |
                                 static_cast<unsigned char>(buffer_[at + 1]);
        if (there_ - at < size + 2)
          break;
        at += size + 2;
        count -= size == 0 ? 1 : 0;
      }
      std::copy(buffer_ + at, buffer_ + there_, buffer_);
      there_ -= at;
    }
    return {};
  }

  std::unique_ptr<Transport> transport_;
  char buffer_[65536];
  std::size_t there_ = 0;
};

double bare_rate(const Target& target, int requests, const Bookmarks& bookmarks) {
  Outcome<BareLoop> loop = BareLoop::open(target);
  if (!loop) {
    std::fprintf(stderr, "%s\n", loop.error().text().c_str());
    std::_Exit(1);
  }
  std::vector<std::string> prepared;
  TransactionFields fields;
  fields.database = "neo4j";
  fields.mode = AccessMode::read;
  fields.bookmarks = bookmarks;
  for (int i = 0; i < 1000; ++i) {
    std::string& out = prepared.emplace_back();
    RequestWriter writer(out);
    (void)writer.run(query, {{"n", i}}, &fields);
    writer.pull(1000, std::nullopt);
  }
  Time::time_point start;
  for (int i = -warm_up; i < requests; ++i) {
    if (i == 0)
      start = Time::now();
    if (!loop->ask(prepared[static_cast<std::size_t>(i + warm_up) % prepared.size()]))
      std::_Exit(1);
  }
  return requests / seconds_since(start);
}

void bench_server(const Target& target) {
  constexpr int requests = 1000;
  constexpr int rounds = 15;
  // Both in turn, the best of each: what else runs on the machine hits both alike.
  double driver = 0;
  double bare = 0;
  Bookmarks bookmarks;
  for (int round = 0; round < rounds; ++round) {
    driver = std::max(driver, driver_rate(target, requests, bookmarks));
    bare = std::max(bare, bare_rate(target, requests, bookmarks));
  }
  report_against("bolt_query_ratio", driver, bare, "requests/s");

  Outcome<Driver> opened = Driver::open(target.uri, AuthToken::basic(target.user, target.password));
  Session session = opened->session({.database = "neo4j", .mode = AccessMode::read});
  const Time::time_point start = Time::now();
  constexpr int rows = 300'000;
  Outcome<ResultStream> stream =
      session.run("UNWIND range(1, $n) AS n RETURN n, 'text' AS t, 1.5 AS r", {{"n", rows}});
  int count = 0;
  while (true) {
    const Outcome<std::optional<Record>> record = stream->next();
    if (!record || !*record)
      break;
    ++count;
  }
  report("bolt_stream_records", count / seconds_since(start), "records/s");
}

std::string variable(const char* name) {
  const char* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): one thread
  return value == nullptr ? "" : value;
}

} // namespace

int main() {
  bench_codec();
  Target target{variable("DIFFO_NEO4J_URI"), variable("DIFFO_NEO4J_USER"),
                variable("DIFFO_NEO4J_PASSWORD")};
  if (target.uri.empty()) {
    std::fprintf(stderr,
                 "SKIPPED: bolt_query_ratio needs a server (DIFFO_NEO4J_URI, _USER, _PASSWORD)\n");
    return 0;
  }
  target.uri = "bolt" + target.uri.substr(target.uri.find("://"));
  bench_server(target);
}
