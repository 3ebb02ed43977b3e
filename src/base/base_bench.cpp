#include "base/checksum.h"
#include "base/dates.h"
#include "base/sha256.h"
#include "base/time.h"
#include "base/uuid.h"

#include <benchmark/benchmark.h>

#include <cstring>

namespace {

using namespace diffo;

void uuid_random(benchmark::State& state) {
  SystemUuids source;
  for (auto _ : state)
    benchmark::DoNotOptimize(source.random());
}
BENCHMARK(uuid_random);

void uuid_write(benchmark::State& state) {
  const Uuid uuid = SystemUuids().random();
  std::string out;
  for (auto _ : state) {
    out.clear();
    uuid.write(out);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(uuid_write);

void uuid_parse(benchmark::State& state) {
  const std::string text = SystemUuids().random().text();
  for (auto _ : state)
    benchmark::DoNotOptimize(Uuid::parse(text));
}
BENCHMARK(uuid_parse);

void timestamp_write(benchmark::State& state) {
  const Timestamp time = SystemClock().now();
  std::string out;
  for (auto _ : state) {
    out.clear();
    write_timestamp(time, out);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(timestamp_write);

void timestamp_parse(benchmark::State& state) {
  const std::string text = text_of(SystemClock().now());
  for (auto _ : state)
    benchmark::DoNotOptimize(parse_instants(text));
}
BENCHMARK(timestamp_parse);

/// Checksums against a plain copy of the same bytes.
template <typename Function> void over_bytes(benchmark::State& state, Function function) {
  const std::string bytes(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state)
    benchmark::DoNotOptimize(function(bytes));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

void copy_baseline(benchmark::State& state) {
  std::string copy(static_cast<std::size_t>(state.range(0)), ' ');
  over_bytes(state, [&](const std::string& bytes) {
    std::memcpy(copy.data(), bytes.data(), bytes.size());
    benchmark::ClobberMemory();
    return copy.data();
  });
}
BENCHMARK(copy_baseline)->Arg(4096);

void checksum_crc32c(benchmark::State& state) {
  over_bytes(state, [](const std::string& bytes) { return crc32c(bytes); });
}
BENCHMARK(checksum_crc32c)->Arg(64)->Arg(4096);

void checksum_sha256(benchmark::State& state) {
  over_bytes(state, [](const std::string& bytes) { return sha256(bytes); });
}
BENCHMARK(checksum_sha256)->Arg(64)->Arg(4096);

} // namespace

BENCHMARK_MAIN();
