#include "store/identity_table.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

using namespace diffo;
using namespace diffo::store;

namespace {

std::string uuid_text(unsigned number) {
  std::string out = "00000000-0000-4000-8000-000000000000";
  for (std::size_t at = out.size(); number > 0; number >>= 4)
    out[--at] = "0123456789abcdef"[number & 15];
  return out;
}

} // namespace

TEST_CASE("every identity has a number of its own, whatever its form") {
  IdentityTable table(42);
  std::vector<graph::Key> keys;
  for (unsigned number = 0; number < 3'000; ++number) {
    keys.emplace_back(0, 1, uuid_text(number));
    keys.emplace_back(0, 2, uuid_text(number));
    keys.emplace_back(number + 1, 1, uuid_text(7));
    keys.emplace_back(0, 1, "plain-" + std::to_string(number));
  }
  keys.emplace_back(0, 1, std::string(2'000, 'x'));
  keys.emplace_back(0, 1, std::string(1'999, 'x'));
  keys.emplace_back(0, 1, "");
  keys.emplace_back(0, 1, std::string("\0", 1));
  keys.emplace_back(0, 1, "0000000A-0000-4000-8000-000000000000");
  keys.emplace_back(0, 1, "0000000a-0000-4000-8000-000000000000");
  for (std::size_t index = 0; index < keys.size(); ++index) {
    CHECK_FALSE(table.find(keys[index]));
    REQUIRE(table.intern(keys[index]) == index);
    CHECK_FALSE(table.find_used(keys[index]));
    table.retain(static_cast<Identity>(index));
  }
  for (std::size_t index = 0; index < keys.size(); ++index) {
    REQUIRE(table.intern(keys[index]) == index);
    REQUIRE(table.find(keys[index]) == static_cast<Identity>(index));
  }
  CHECK(table.size() == keys.size());
}

TEST_CASE("readers find what was known to their slots while the writer goes on") {
  IdentityTable table(1);
  std::atomic<bool> done{false};
  for (unsigned number = 0; number < 1'000; ++number)
    table.intern({0, 1, uuid_text(number)});
  const auto slots = table.slots();
  std::atomic<unsigned> wrong{0};
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 3; ++reader)
    readers.emplace_back([&] {
      while (!done)
        for (unsigned number = 0; number < 1'000; ++number)
          if (slots->find({0, 1, uuid_text(number)}) != Identity{number})
            ++wrong;
    });
  for (unsigned number = 1'000; number < 100'000; ++number)
    table.intern({0, 1, uuid_text(number)});
  done = true;
  for (std::thread& reader : readers)
    reader.join();
  CHECK(wrong == 0);
  CHECK(table.find({0, 1, uuid_text(99'999)}) == Identity{99'999});
}

TEST_CASE("create and delete for ever takes the memory of what is in use") {
  IdentityTable table(7);
  const auto unused = [](Identity) { return false; };
  for (unsigned number = 0; number < 100; ++number)
    table.retain(table.intern({0, 2, uuid_text(number)}));
  std::uint64_t most = 0;
  Identity greatest = 0;
  for (unsigned number = 0; number < 500'000; ++number) {
    if (table.is_worth_sweeping())
      table.sweep(unused);
    const Identity identity = table.intern({0, 1, uuid_text(number)});
    greatest = std::max(greatest, identity);
    table.retain(identity);
    table.release(identity);
    most = std::max(most, table.memory_bytes());
  }
  CHECK(table.size() == 100);
  CHECK(greatest < 10'000);
  CHECK(most < 2'000'000);
  for (unsigned number = 0; number < 100; ++number)
    CHECK(table.find({0, 2, uuid_text(number)}) == Identity{number});
}

TEST_CASE("a reader's slots keep the meaning of numbers that went to others since") {
  IdentityTable table(7);
  std::vector<Identity> numbers;
  for (unsigned number = 0; number < 1'000; ++number) {
    numbers.push_back(table.intern({0, 1, uuid_text(number)}));
    table.retain(numbers.back());
  }
  const auto before = table.slots();
  for (unsigned number = 0; number < 1'000; number += 2)
    table.release(numbers[number]);
  table.sweep([](Identity) { return false; });
  CHECK(table.size() == 500);
  const auto between = table.slots();
  for (unsigned number = 5'000; number < 5'500; ++number)
    CHECK(table.intern({0, 1, uuid_text(number)}) < 1'000);
  for (unsigned number = 0; number < 1'000; ++number) {
    CHECK(before->find({0, 1, uuid_text(number)}) == numbers[number]);
    CHECK_FALSE(before->find({0, 1, uuid_text(5'000 + number)}));
    CHECK(between->find({0, 1, uuid_text(number)}).has_value() == (number % 2 == 1));
    CHECK(table.find({0, 1, uuid_text(number)}).has_value() == (number % 2 == 1));
  }
}

TEST_CASE("what is used very often is asked for, not counted") {
  IdentityTable table(7);
  const Identity hub = table.intern({0, 1, "hub"});
  const Identity once = table.intern({0, 1, "once"});
  table.retain(once);
  for (int use = 0; use < 1'000; ++use)
    table.retain(hub);
  for (int use = 0; use < 1'000; ++use)
    table.release(hub);
  table.sweep([&](Identity identity) {
    CHECK(identity == hub);
    return true;
  });
  CHECK(table.find({0, 1, "hub"}) == hub);
  table.sweep([](Identity) { return false; });
  CHECK_FALSE(table.find({0, 1, "hub"}));
  CHECK(table.find({0, 1, "once"}) == once);
}
