#include "store/key_tree.h"

#include "store/radix_vector.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace diffo::store;

namespace {

/// Keys that share prefixes, so that all ways of packing a leaf occur.
std::string key_of(std::uint32_t number) {
  static const std::vector<std::string> prefixes = {
      "", "a", "I\0\1", "a long prefix that is shared ", std::string(200, 'z')};
  std::string key = prefixes[number % prefixes.size()];
  for (std::uint32_t rest = number / 5; rest > 0; rest /= 7)
    key += static_cast<char>('a' + rest % 7);
  return key;
}

void check_same(const KeyTree& tree, const std::set<std::string>& model) {
  REQUIRE(tree.size() == model.size());
  auto cursor = tree.at(0);
  for (const std::string& key : model) {
    REQUIRE(cursor.valid());
    REQUIRE(cursor.key() == key);
    cursor.next();
  }
  CHECK_FALSE(cursor.valid());
  if (model.empty())
    return;
  auto backwards = tree.at(tree.size() - 1);
  for (auto key = model.rbegin(); key != model.rend(); ++key) {
    REQUIRE(backwards.valid());
    REQUIRE(backwards.key() == *key);
    backwards.previous();
  }
  CHECK_FALSE(backwards.valid());
}

void check_ranks(const KeyTree& tree, const std::set<std::string>& model) {
  std::uint64_t rank = 0;
  for (const std::string& key : model) {
    REQUIRE(tree.rank(key) == rank);
    REQUIRE(tree.at(rank).key() == key);
    REQUIRE(tree.seek(key).key() == key);
    REQUIRE(tree.contains(key));
    ++rank;
  }
}

struct Plain {
  static void retain(std::uint32_t) {}
  static void release(std::uint32_t) {}
};

} // namespace

TEST_CASE("a tree holds what a std::set holds, through insertions and erasures") {
  CHECK(rc::check([](const std::vector<std::pair<bool, std::uint16_t>>& steps) {
    KeyTree tree;
    std::set<std::string> model;
    for (const auto& [insert, number] : steps) {
      const std::string key = key_of(number);
      if (insert)
        RC_ASSERT(tree.insert(key) == model.insert(key).second);
      else
        RC_ASSERT(tree.erase(key) == (model.erase(key) == 1));
      RC_ASSERT(tree.size() == model.size());
    }
    auto cursor = tree.at(0);
    for (const std::string& key : model) {
      RC_ASSERT(cursor.valid());
      RC_ASSERT(cursor.key() == key);
      cursor.next();
    }
    RC_ASSERT(!cursor.valid());
  }));
}

TEST_CASE("a large tree grows, shrinks and ranks as a std::set does") {
  std::mt19937 random(20260622);
  KeyTree tree;
  std::set<std::string> model;
  for (int step = 0; step < 60'000; ++step) {
    const std::string key = key_of(static_cast<std::uint32_t>(random() % 40'000));
    const bool grows = step < 30'000 ? random() % 4 != 0 : random() % 4 == 0;
    if (grows)
      REQUIRE(tree.insert(key) == model.insert(key).second);
    else
      REQUIRE(tree.erase(key) == (model.erase(key) == 1));
    if (step % 10'000 == 9'999) {
      check_same(tree, model);
      check_ranks(tree, model);
    }
  }
  const std::set<std::string> rest = model;
  for (const std::string& key : rest)
    REQUIRE(tree.erase(key));
  CHECK(tree.size() == 0);
  CHECK_FALSE(tree.at(0).valid());
  CHECK(tree.insert("again"));
}

TEST_CASE("keys that come in order fill a tree from either end") {
  for (const bool ascending : {true, false}) {
    KeyTree tree;
    std::set<std::string> model;
    for (std::uint32_t number = 0; number < 20'000; ++number) {
      std::string key = "C0000";
      const std::uint32_t value = ascending ? number : 20'000 - number;
      for (int shift = 24; shift >= 0; shift -= 8)
        key += static_cast<char>(value >> shift & 0xff);
      REQUIRE(tree.insert(key));
      model.insert(key);
    }
    check_same(tree, model);
    check_ranks(tree, model);
  }
}

TEST_CASE("a copy of a tree stays what it was") {
  std::mt19937 random(7);
  KeyTree tree;
  std::set<std::string> model;
  std::vector<std::pair<KeyTree, std::set<std::string>>> copies;
  for (int step = 0; step < 8'000; ++step) {
    const std::string key = key_of(static_cast<std::uint32_t>(random() % 3'000));
    if (random() % 3 != 0) {
      tree.insert(key);
      model.insert(key);
    } else {
      tree.erase(key);
      model.erase(key);
    }
    if (step % 500 == 0)
      copies.emplace_back(tree, model);
  }
  for (const auto& [copy, then] : copies)
    check_same(copy, then);
  check_same(tree, model);
}

TEST_CASE("a tree built from sorted keys is the tree that insertions make") {
  for (const std::uint32_t count : {0U, 1U, 55U, 56U, 57U, 5'000U}) {
    std::set<std::string> model;
    for (std::uint32_t number = 0; number < count; ++number)
      model.insert(key_of(number * 3));
    KeyTree::Builder builder;
    for (const std::string& key : model) {
      builder.add(key);
      builder.add(key);
    }
    KeyTree tree = builder.finish();
    check_same(tree, model);
    check_ranks(tree, model);
    for (std::uint32_t number = 0; number < count; ++number) {
      tree.insert(key_of(number * 3 + 1));
      model.insert(key_of(number * 3 + 1));
    }
    check_same(tree, model);
  }
}

TEST_CASE("a persistent vector keeps every version") {
  using Numbers = RadixVector<std::uint32_t, Plain>;
  std::mt19937 random(3);
  Numbers vector;
  std::vector<std::uint32_t> model(100'000);
  const Numbers empty = vector;
  std::vector<std::pair<Numbers, std::vector<std::uint32_t>>> copies;
  for (int step = 0; step < 20'000; ++step) {
    const auto at = static_cast<std::uint32_t>(random() % model.size());
    vector.set(at, model[at] = static_cast<std::uint32_t>(random()));
    if (step % 5'000 == 0)
      copies.emplace_back(vector, model);
  }
  copies.emplace_back(vector, model);
  for (const auto& [copy, then] : copies)
    for (std::uint32_t at = 0; at < then.size(); ++at)
      REQUIRE(copy.get(at) == then[at]);
  CHECK(empty.get(5) == 0);
  CHECK(vector.get(4'000'000'000U) == 0);
}
