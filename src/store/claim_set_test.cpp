#include "store/claim_set.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <map>

using namespace diffo;
using namespace diffo::store;

namespace {

constexpr std::int64_t now = 1'000;

graph::Claim held(const std::string& scope, std::int64_t number, std::int64_t lease_until = 0) {
  return {.scope = scope,
          .key = std::to_string(number),
          .holder = "holder",
          .lease_until = lease_until};
}

void take(ClaimSet& set, graph::Claim claim) {
  graph::ChangeSet changes;
  changes.take.push_back(std::move(claim));
  DiskBatch batch;
  std::vector<graph::Claim> taken;
  std::vector<graph::Claim> released;
  set.apply(changes, batch, taken, released);
}

void give(ClaimSet& set, graph::Claim claim) {
  graph::ChangeSet changes;
  changes.release.push_back(std::move(claim));
  DiskBatch batch;
  std::vector<graph::Claim> taken;
  std::vector<graph::Claim> released;
  set.apply(changes, batch, taken, released);
}

/// What is free, one by one.
std::vector<std::int64_t> naive(const std::map<std::int64_t, std::int64_t>& leases,
                                const graph::FreeQuery& query, std::int64_t unit) {
  const auto is_free = [&](std::int64_t number) {
    const auto in = [number](const graph::NumberRange& range) {
      return range.first <= number && number <= range.last;
    };
    const auto lease = leases.find(number);
    return std::any_of(query.ranges.begin(), query.ranges.end(), in) &&
           std::none_of(query.except.begin(), query.except.end(), in) &&
           (lease == leases.end() || (lease->second != 0 && lease->second <= now));
  };
  std::vector<std::int64_t> free;
  for (std::int64_t first = -120; first <= 120; first += unit) {
    bool all = true;
    for (std::int64_t number = first; number < first + unit; ++number)
      all = all && is_free(number);
    if (all)
      free.push_back(first);
  }
  return free;
}

} // namespace

TEST_CASE("counts and ranks of free numbers and units are those of looking at each") {
  CHECK(rc::check([] {
    const auto unit = *rc::gen::element<std::uint32_t>(1, 2, 3, 8, 10);
    const std::string scope = graph::pool_scope("ports", unit);
    ClaimSet set;
    take(set, held(graph::pool_scope("other", unit), 5));
    std::map<std::int64_t, std::int64_t> leases;
    const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
        rc::gen::pair(rc::gen::inRange(-40, 40), rc::gen::inRange(0, 4)));
    for (const auto& [number, what] : steps) {
      if (what == 3) {
        give(set, held(scope, number));
        leases.erase(number);
      } else {
        const std::int64_t lease = what == 0 ? 0 : what == 1 ? now - 1 : now + 1;
        take(set, held(scope, number, lease));
        leases[number] = lease;
      }
    }
    graph::FreeQuery query{.scope = scope, .ranges = {}, .except = {}};
    const auto ranges = [] {
      std::vector<graph::NumberRange> all;
      for (const auto& [first, length] : *rc::gen::container<std::vector<std::pair<int, int>>>(
               rc::gen::pair(rc::gen::inRange(-60, 60), rc::gen::inRange(0, 30))))
        all.push_back({first, first + length});
      return all;
    };
    query.ranges = ranges();
    query.except = ranges();
    RC_ASSERT(set.size() == leases.size() + 1);
    for (const auto of : {graph::FreeQuery::Of::numbers, graph::FreeQuery::Of::units}) {
      query.of = of;
      // Units begin at their multiples, from below all that was asked for.
      const std::int64_t step = of == graph::FreeQuery::Of::units ? unit : 1;
      const auto expected = naive(leases, query, step);
      RC_ASSERT(set.count_free(query, now).value() == expected.size());
      for (std::size_t n = 0; n <= expected.size(); ++n)
        RC_ASSERT(set.nth_free(query, n, now).value() ==
                  (n < expected.size() ? std::optional(expected[n]) : std::nullopt));
    }
    DiskBatch batch;
    set.drop_lapsed(now, batch);
    std::erase_if(leases,
                  [](const auto& lease) { return lease.second != 0 && lease.second <= now; });
    RC_ASSERT(set.size() == leases.size() + 1);
  }));
}

TEST_CASE("a copy of a set stays as it was") {
  const std::string scope = graph::pool_scope("ports");
  ClaimSet set;
  take(set, held(scope, 1));
  const ClaimSet copy = set;
  take(set, held(scope, 2));
  give(set, held(scope, 1));
  CHECK(copy.size() == 1);
  CHECK(copy.find(scope, "1") != nullptr);
  CHECK(copy.find(scope, "2") == nullptr);
  CHECK(set.find(scope, "1") == nullptr);
}

TEST_CASE("long and odd names are told apart") {
  ClaimSet set;
  const std::string text(1000, 'x');
  for (const auto& [scope, key] : {std::pair<std::string, std::string>{"a", "bc"},
                                   {"ab", "c"},
                                   {text, "1"},
                                   {text + "y", "1"},
                                   {"a", text},
                                   {"a", text + "y"},
                                   {"", ""},
                                   {"pool/1/x", "not a number"}})
    take(set, {.scope = scope, .key = key, .holder = scope + key});
  CHECK(set.size() == 8);
  CHECK(set.find(text + "y", "1")->holder == text + "y1");
  CHECK(set.find("a", "bc")->holder == "abc");
  CHECK(set.find("a", "b") == nullptr);
}

TEST_CASE("the keys of a pool are numbers, and its ranges begin before they end") {
  const ClaimSet set;
  graph::ChangeSet changes;
  changes.take.push_back({.scope = graph::pool_scope("ports"), .key = "07", .holder = "a"});
  CHECK(set.check(changes, now).error().code == ErrorCode::invalid);
  const graph::FreeQuery upside_down{
      .scope = graph::pool_scope("ports"), .ranges = {{5, 4}}, .except = {}};
  CHECK(set.count_free(upside_down, now).error().code == ErrorCode::invalid);
  const graph::FreeQuery no_pool{.scope = "name", .ranges = {{1, 2}}, .except = {}};
  CHECK(set.nth_free(no_pool, 0, now).error().code == ErrorCode::invalid);
}
