#include "graph/journal.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cstdint>
#include <string>

using namespace diffo;
using namespace diffo::graph;

namespace {

JournalEntry example() {
  JournalEntry entry;
  entry.sequence = 42;
  entry.time = 1'780'000'000'000'000;
  entry.branch = "main";
  entry.parent.fill(7);
  entry.tenant = 3;
  entry.actor = "ann";
  entry.cause = "POST /service";
  entry.idempotency_key = "k-1";
  entry.model.fill(9);
  entry.superseded_bytes = 300;
  entry.changes = {{{3, 1, "one"}, 41, content_hash("bytes")}, {{3, 2, "two"}, 7, std::nullopt}};
  entry.taken = {{.scope = "name", .key = "x", .holder = "one", .lease_until = 5}};
  entry.released = {{.scope = "name", .key = "y", .holder = "two"}};
  return entry;
}

} // namespace

TEST_CASE("a journal entry comes back from its bytes with all it says") {
  JournalEntry entry = example();
  const auto decoded = decode_entry(encode_entry(entry));
  REQUIRE(decoded);
  CHECK(decoded->hash == entry.hash);
  CHECK(decoded->sequence == 42);
  CHECK(decoded->time == entry.time);
  CHECK(decoded->parent == entry.parent);
  CHECK(decoded->tenant == 3);
  CHECK(decoded->actor == "ann");
  CHECK(decoded->cause == "POST /service");
  CHECK(decoded->idempotency_key == "k-1");
  CHECK(decoded->model == entry.model);
  CHECK(decoded->superseded_bytes == 300);
  REQUIRE(decoded->changes.size() == 2);
  CHECK(decoded->changes[0].key == Key{3, 1, "one"});
  CHECK(decoded->changes[0].previous == 41);
  CHECK(decoded->changes[0].content == content_hash("bytes"));
  CHECK(decoded->changes[1].previous == 7);
  CHECK_FALSE(decoded->changes[1].content);
  REQUIRE(decoded->taken.size() == 1);
  CHECK(decoded->taken[0].lease_until == 5);
  REQUIRE(decoded->released.size() == 1);
  CHECK(decoded->released[0].holder == "two");
}

TEST_CASE("the time of an entry is read without the rest, and a damaged entry without its hash") {
  JournalEntry entry = example();
  std::string bytes = encode_entry(entry);
  CHECK(time_of_entry(bytes).value() == entry.time);
  bytes[5] = static_cast<char>(bytes[5] ^ 1);
  CHECK_FALSE(decode_entry(bytes));
  CHECK(decode_entry_unverified(bytes).value().changes.size() == 2);
  CHECK_FALSE(time_of_entry(bytes.substr(0, 20)));
}

TEST_CASE("the hash covers the parent and every word") {
  JournalEntry entry = example();
  encode_entry(entry);
  const Hash before = entry.hash;
  entry.parent[31] ^= 1;
  encode_entry(entry);
  CHECK(entry.hash != before);
  entry.parent[31] ^= 1;
  entry.actor = "bob";
  encode_entry(entry);
  CHECK(entry.hash != before);
}

TEST_CASE("every changed byte of an entry is noticed") {
  JournalEntry entry = example();
  const std::string bytes = encode_entry(entry);
  for (std::size_t at = 0; at < bytes.size(); ++at)
    for (const int bit : {1, 128}) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ bit);
      CHECK_FALSE(decode_entry(damaged));
    }
}

TEST_CASE("any bytes are refused without harm") {
  CHECK(rc::check([](const std::string& bytes) {
    RC_ASSERT(!decode_entry(bytes));
    (void)time_of_entry(bytes);
    (void)decode_entry_unverified('\1' + bytes);
  }));
}
