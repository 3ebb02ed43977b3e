// What the codec costs for one document, beside reading and writing JSON and copying its text.

#include "testing/test_documents.h"
#include "tmf/import_line.h"
#include "tmf/patch.h"

#include <benchmark/benchmark.h>

using namespace diffo;
using namespace diffo::tmf;
using namespace diffo::testing;

namespace {

const Sample& sample(const benchmark::State& state) {
  return samples()[static_cast<std::size_t>(state.range(0))];
}

void set_bytes(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes) * state.iterations());
  state.counters["bytes"] = static_cast<double>(bytes);
}

void copy_text(benchmark::State& state) {
  const std::string text = json::to_text(parsed(sample(state).text));
  std::string out;
  for (auto _ : state) {
    out.assign(text);
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  set_bytes(state, text.size());
}

void read_json(benchmark::State& state) {
  const std::string text = json::to_text(parsed(sample(state).text));
  for (auto _ : state)
    benchmark::DoNotOptimize(json::read(text));
  set_bytes(state, text.size());
}

void write_json(benchmark::State& state) {
  const json::Value document = parsed(sample(state).text);
  std::string out;
  for (auto _ : state) {
    out.clear();
    json::write(document, out);
    benchmark::DoNotOptimize(out.data());
  }
  set_bytes(state, out.size());
}

void decode_document(benchmark::State& state) {
  const json::Value document = parsed(sample(state).text);
  for (auto _ : state)
    benchmark::DoNotOptimize(
        decode(document, sample(state).api, sample(state).version, inventory(), context()));
}

void encode_record(benchmark::State& state) {
  const auto draft = decode(parsed(sample(state).text), sample(state).api, sample(state).version,
                            inventory(), context());
  for (auto _ : state)
    benchmark::DoNotOptimize(graph::encode(*draft, model::inventory_schema().dictionary()));
}

void emit_record(benchmark::State& state, bool same_version) {
  const auto record = record_of(sample(state).text, sample(state).api, sample(state).version);
  const model::Version version = (sample(state).version == model::Version::v4) == same_version
                                     ? model::Version::v4
                                     : model::Version::v5;
  const EmitContext context = links();
  std::string out;
  for (auto _ : state) {
    out.clear();
    emit(*record, version, context, nullptr, out);
    benchmark::DoNotOptimize(out.data());
  }
  set_bytes(state, out.size());
  state.counters["packed"] = static_cast<double>(record->bytes().size());
}

void emit_same_version(benchmark::State& state) {
  emit_record(state, true);
}
void emit_other_version(benchmark::State& state) {
  emit_record(state, false);
}

void patch_name(benchmark::State& state) {
  const auto record = record_of(sample(state).text, sample(state).api, sample(state).version);
  const json::Value change = json::Object{{"name", "another"}};
  const EmitContext context = links();
  for (auto _ : state)
    benchmark::DoNotOptimize(patch(*record, change, PatchKind::merge, sample(state).api,
                                   sample(state).version, context));
}

BENCHMARK(copy_text)->DenseRange(0, 3);
BENCHMARK(read_json)->DenseRange(0, 3);
BENCHMARK(write_json)->DenseRange(0, 3);
BENCHMARK(decode_document)->DenseRange(0, 3);
BENCHMARK(encode_record)->DenseRange(0, 3);
BENCHMARK(emit_same_version)->DenseRange(0, 3);
BENCHMARK(emit_other_version)->DenseRange(0, 3);
BENCHMARK(patch_name)->DenseRange(0, 3);

} // namespace

BENCHMARK_MAIN();
