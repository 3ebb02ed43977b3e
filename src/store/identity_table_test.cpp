#include "store/identity_table.h"

#include <doctest/doctest.h>

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
