#include "testing/expectations.h"

#include <diffo/expectation.h>

#include <benchmark/benchmark.h>

#include <string>

// An expectation of 1 000 equality leaves that a service meets, compiled once. Baseline of the same
// run: structural equality of the service with itself, which builds no residue and knows no keys.

namespace {

using namespace diffo;
using namespace diffo::outstanding;

constexpr int leaf_count = 1000;

/// A service with as many characteristics, in the given direction.
json::Value service(int first, int step) {
  json::Array characteristics;
  for (int index = 0; index < leaf_count; ++index)
    characteristics.push_back(
        json::Object{{"@type", "StringCharacteristic"},
                     {"name", "characteristic " + std::to_string(first + index * step)},
                     {"value", "value " + std::to_string(first + index * step)}});
  return json::Object{{"id", "s1"},
                      {"@type", "Service"},
                      {"state", "active"},
                      {"serviceCharacteristic", std::move(characteristics)}};
}

/// The same names and values as one object.
json::Value flat(int first, int step) {
  json::Object members;
  for (int index = 0; index < leaf_count; ++index)
    members.append("attribute" + std::to_string(first + index * step),
                   "value " + std::to_string(first + index * step));
  return members;
}

void evaluate(benchmark::State& state, json::Value expected, const json::Value& actual) {
  const auto expectation = testing::compile_expectation(std::move(expected));
  for (auto _ : state) {
    const auto evaluation = expectation->evaluate(&actual, {});
    if (!evaluation || evaluation->outstanding())
      state.SkipWithError("something is outstanding");
  }
  // The names of characteristics are compared too but not counted.
  const auto leaves = static_cast<double>(leaf_count) * static_cast<double>(state.iterations());
  state.counters["leaves_per_s"] = benchmark::Counter(leaves, benchmark::Counter::kIsRate);
}

json::Value expected_characteristics() {
  json::Value expected = service(0, 1);
  for (json::Value& item : expected.object().find("serviceCharacteristic")->array())
    item.object().erase("@type");
  return json::Object{{"serviceCharacteristic", *expected.find("serviceCharacteristic")}};
}

void characteristics(benchmark::State& state) {
  evaluate(state, expected_characteristics(), service(0, 1));
}
BENCHMARK(characteristics);

void characteristics_in_reverse(benchmark::State& state) {
  evaluate(state, expected_characteristics(), service(leaf_count - 1, -1));
}
BENCHMARK(characteristics_in_reverse);

void attributes(benchmark::State& state) {
  evaluate(state, flat(0, 1), flat(0, 1));
}
BENCHMARK(attributes);

void attributes_in_reverse(benchmark::State& state) {
  evaluate(state, flat(0, 1), flat(leaf_count - 1, -1));
}
BENCHMARK(attributes_in_reverse);

void structural_equality_baseline(benchmark::State& state) {
  const json::Value one = service(0, 1);
  const json::Value two = one;
  for (auto _ : state)
    benchmark::DoNotOptimize(one == two);
  state.counters["leaves_per_s"] =
      benchmark::Counter(static_cast<double>(leaf_count) * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate);
}
BENCHMARK(structural_equality_baseline);

} // namespace

BENCHMARK_MAIN();
