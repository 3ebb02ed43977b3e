// The first free value of a pool with so many values held: by rank, and by looking at one after the
// other as the baseline.
//
//   claim_bench

#include "store/claim_set.h"

#include <array>
#include <chrono>
#include <cstdio>

namespace {

using namespace diffo;
using namespace diffo::store;
using Steady = std::chrono::steady_clock;

ClaimSet pool_of(const std::string& scope, std::int64_t held) {
  ClaimSet set;
  DiskBatch batch;
  std::vector<graph::Claim> taken;
  std::vector<graph::Claim> released;
  for (std::int64_t number = 1; number <= held; ++number) {
    graph::ChangeSet changes;
    changes.take.push_back({.scope = scope, .key = std::to_string(number), .holder = "x"});
    set.apply(changes, batch, taken, released);
    batch.clear();
    taken.clear();
  }
  return set;
}

std::int64_t first_by_looking(const ClaimSet& set, const std::string& scope) {
  std::int64_t number = 1;
  while (set.find(scope, std::to_string(number)) != nullptr)
    ++number;
  return number;
}

template <typename Work> double microseconds_each(int rounds, const Work& work) {
  const auto start = Steady::now();
  std::int64_t sum = 0;
  for (int round = 0; round < rounds; ++round)
    sum += work();
  const std::chrono::duration<double, std::micro> took = Steady::now() - start;
  return sum < 0 ? 0 : took.count() / rounds;
}

} // namespace

int main() {
  const std::string scope = graph::pool_scope("ports");
  const graph::FreeQuery query{.scope = scope, .ranges = {{1, graph::largest_number}}};
  std::printf("%10s %14s %14s\n", "held", "by rank, us", "baseline, us");
  for (const std::int64_t held : std::array<std::int64_t, 4>{1'000, 10'000, 100'000, 1'000'000}) {
    const ClaimSet set = pool_of(scope, held);
    const double ranked = microseconds_each(200, [&] { return **set.nth_free(query, 0, 1); });
    const double looking =
        microseconds_each(held > 100'000 ? 1 : 3, [&] { return first_by_looking(set, scope); });
    std::printf("%10lld %14.1f %14.1f\n", static_cast<long long>(held), ranked, looking);
  }
  return 0;
}
