#include "neo4j/pool_claims.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>

using namespace diffo;
using namespace diffo::neo4j;

namespace {

constexpr std::int64_t now = 1'000;

graph::Claim held(const std::string& scope, std::int64_t number, std::int64_t lease_until = 0) {
  return {.scope = scope,
          .key = std::to_string(number),
          .holder = "holder",
          .lease_until = lease_until};
}

/// What is free, one by one.
std::vector<std::int64_t> free_ones(const std::map<std::int64_t, std::int64_t>& leases,
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

std::vector<graph::NumberRange> some_ranges() {
  std::vector<graph::NumberRange> ranges;
  for (const auto& [first, length] : *rc::gen::container<std::vector<std::pair<int, int>>>(
           rc::gen::pair(rc::gen::inRange(-60, 60), rc::gen::inRange(0, 30))))
    ranges.push_back({first, first + length});
  return ranges;
}

} // namespace

TEST_CASE("free numbers and units of a pool are those of looking at each") {
  CHECK(rc::check([] {
    const auto unit = *rc::gen::element<std::uint32_t>(1, 2, 3, 8, 10);
    const std::string scope = graph::pool_scope("ports", unit);
    PoolClaims claims(unit);
    std::map<std::int64_t, std::int64_t> leases;
    for (const auto& [number, what] : *rc::gen::container<std::vector<std::pair<int, int>>>(
             rc::gen::pair(rc::gen::inRange(-40, 40), rc::gen::inRange(0, 4)))) {
      if (what == 3) {
        claims.erase(std::to_string(number));
        leases.erase(number);
      } else {
        const std::int64_t lease = what == 0 ? 0 : what == 1 ? now - 1 : now + 1;
        claims.put(held(scope, number, lease));
        leases[number] = lease;
      }
    }
    RC_ASSERT(claims.size() == leases.size());
    graph::FreeQuery query{.scope = scope, .ranges = some_ranges(), .except = some_ranges()};
    for (const auto of : {graph::FreeQuery::Of::numbers, graph::FreeQuery::Of::units}) {
      query.of = of;
      const auto expected =
          free_ones(leases, query, of == graph::FreeQuery::Of::units ? std::int64_t{unit} : 1);
      RC_ASSERT(claims.count_free(query, now).value() == expected.size());
      for (std::size_t n = 0; n <= expected.size(); ++n)
        RC_ASSERT(claims.nth_free(query, n, now).value() ==
                  (n < expected.size() ? std::optional(expected[n]) : std::nullopt));
    }
  }));
}

TEST_CASE("a claim of a pool is found by its key until it is erased") {
  const std::string scope = graph::pool_scope("ports");
  PoolClaims claims(1);
  claims.put(held(scope, 7));
  claims.put(held(scope, 7, now - 1));
  REQUIRE(claims.find("7") != nullptr);
  CHECK(claims.find("7")->lease_until == now - 1);
  CHECK(claims.size() == 1);
  claims.erase("7");
  claims.erase("8");
  CHECK(claims.find("7") == nullptr);
}

TEST_CASE("what is no range of a pool is refused") {
  const PoolClaims claims(1);
  const graph::FreeQuery upside_down{
      .scope = graph::pool_scope("ports"), .ranges = {{5, 4}}, .except = {}};
  CHECK(claims.count_free(upside_down, now).error().code == ErrorCode::invalid);
  const graph::FreeQuery no_pool{.scope = "name", .ranges = {{1, 2}}, .except = {}};
  CHECK(claims.nth_free(no_pool, 0, now).error().code == ErrorCode::invalid);
}
