// Sends recorded statements in a bare loop of the driver to the server that the environment names,
// and tells how long they took:
//
//   neo4j_replay FILE SECONDS   each line of the file is one operation, a list of flights, each an
//                               object {"write": …, "statements": [{"query": …, "parameters": …}]};
//                               begins again at the first one as long as there is time; 0: once
//
// In parameters {"$bytes": BASE64} is bytes, {"$struct": [TAG, …]} a time.

#include "base/file.h"

#include <diffo/bolt.h>
#include <diffo/bolt_json.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace diffo;
using Clock = std::chrono::steady_clock;

constexpr std::size_t most_bytes = std::size_t{1} << 30U;
constexpr std::int64_t date_time = 0x49;
constexpr std::int64_t zoned_date_time = 0x69;

[[noreturn]] void fail(const std::string& reason) {
  std::fprintf(stderr, "neo4j_replay: %s\n", reason.c_str());
  std::exit(1); // NOLINT(concurrency-mt-unsafe): one thread
}

std::string variable(const char* name) {
  const char* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): one thread
  return value == nullptr ? "" : value;
}

bolt::Bytes bytes_of(std::string_view base64) {
  static constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  bolt::Bytes bytes;
  unsigned held = 0;
  int bits = 0;
  for (const char digit : base64) {
    const std::size_t value = digits.find(digit);
    if (value == std::string_view::npos)
      break; // the padding
    held = held << 6U | static_cast<unsigned>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<std::uint8_t>(held >> static_cast<unsigned>(bits)));
    }
  }
  return bytes;
}

bolt::Value time_of(const json::Array& said) {
  const std::int64_t tag = said.empty() ? 0 : said[0].integer();
  if (said.size() == 4 && tag == date_time)
    return bolt::DateTime{said[1].integer(), static_cast<std::int32_t>(said[2].integer()),
                          static_cast<std::int32_t>(said[3].integer())};
  if (said.size() == 4 && tag == zoned_date_time)
    return bolt::ZonedDateTime{said[1].integer(), static_cast<std::int32_t>(said[2].integer()),
                               false, said[3].string()};
  fail("a structure of an unknown kind: " + std::to_string(tag));
}

// NOLINTNEXTLINE(misc-no-recursion): parameters are as deep as we send them
bolt::Value value_of(const json::Value& said) {
  if (const json::Array* items = said.if_array()) {
    bolt::List list;
    for (const json::Value& item : *items)
      list.push_back(value_of(item));
    return list;
  }
  if (!said.is_object())
    return bolt::from_json(said);
  if (const json::Value* bytes = said.find("$bytes"))
    return bytes_of(bytes->string());
  if (const json::Value* time = said.find("$struct"))
    return time_of(*time->if_array());
  bolt::Map map;
  for (const json::Member& member : *said.if_object())
    map.set(std::string(member.name), value_of(member.value));
  return map;
}

struct Flight {
  bool writes = false;
  std::vector<bolt::Statement> statements;
};
using Operation = std::vector<Flight>;

Operation operation_of(const std::string& line) {
  const auto said = json::read(line, {.max_bytes = most_bytes, .max_depth = 128});
  if (!said || said->if_array() == nullptr)
    fail("a line that is no list of flights: " + line.substr(0, 80));
  Operation operation;
  for (const json::Value& one : *said->if_array()) {
    Flight& flight = operation.emplace_back();
    flight.writes = *one.find("write")->if_boolean();
    for (const json::Value& statement : *one.find("statements")->if_array()) {
      const bolt::Value parameters = value_of(*statement.find("parameters"));
      flight.statements.push_back(
          {statement.find("query")->string(), *parameters.get_if<bolt::Map>()});
    }
  }
  return operation;
}

void run(bolt::Driver& driver, const Operation& operation) {
  for (const Flight& flight : operation) {
    bolt::SessionOptions options;
    options.mode = flight.writes ? bolt::AccessMode::write : bolt::AccessMode::read;
    bolt::Session session = driver.session(options);
    if (!flight.writes && flight.statements.size() == 1) {
      const bolt::Statement& only = flight.statements.front();
      if (const auto done = session.execute(only.query, only.parameters); !done)
        fail(done.error().text());
    } else if (const auto done = session.run_script(flight.statements); !done) {
      fail(done.error().text());
    }
  }
}

} // namespace

int main(int count, char** words) {
  if (count != 3)
    fail("usage: neo4j_replay FILE SECONDS");
  const auto text = read_file(words[1], most_bytes);
  if (!text)
    fail(text.error().text());
  std::vector<Operation> operations;
  for (std::size_t begin = 0; begin < text->size();) {
    const std::size_t end = std::min(text->find('\n', begin), text->size());
    operations.push_back(operation_of(text->substr(begin, end - begin)));
    begin = end + 1;
  }
  auto driver = bolt::Driver::open(
      variable("DIFFO_NEO4J_URI"),
      bolt::AuthToken::basic(variable("DIFFO_NEO4J_USER"), variable("DIFFO_NEO4J_PASSWORD")));
  if (!driver || operations.empty())
    fail(driver ? "nothing to do" : driver.error().text());
  if (const auto server = driver->verify_connectivity(); !server)
    fail(server.error().text());
  const std::chrono::duration<double> patience(std::atof(words[2]));
  std::vector<double> took;
  const auto began = Clock::now();
  std::chrono::duration<double> passed{};
  do {
    for (const Operation& operation : operations) {
      const auto start = Clock::now();
      run(*driver, operation);
      took.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
      passed = Clock::now() - began;
      if (patience.count() > 0 && passed >= patience)
        break;
    }
  } while (passed < patience);
  std::sort(took.begin(), took.end());
  std::printf("{\"operations\": %zu, \"rps\": %.1f, \"p50\": %.1f}\n", took.size(),
              static_cast<double>(took.size()) / passed.count(), took[took.size() / 2]);
  return 0;
}
