#include <diffo/json.h>

#include <benchmark/benchmark.h>
#include <simdjson.h>

#include <map>
#include <string>
#include <vector>

// Reading and writing a service of about 2 KiB. Baselines of the same run: a copy of the bytes
// (memcpy), and simdjson's own document tree, which keeps neither the text of numbers nor anything
// that could be changed.

namespace {

using diffo::json::Value;

std::string service_text() {
  std::string text =
      R"({"id":"3f1c6f6e-9a0b-4d6e-8f51-0d7f2f8a9b10","href":"/tmf-api/serviceInventoryManagement/v5/service/)"
      R"(3f1c6f6e-9a0b-4d6e-8f51-0d7f2f8a9b10","@type":"Service","name":"broadband access","state":"active",)"
      R"("category":"Network Service","serviceDate":"2026-06-22T01:02:03.004Z","hasStarted":true,)"
      R"("serviceSpecification":{"id":"7a8b4c9d-ae0f-4a3b-8c5d-6e7f8091a2b3","name":"broadband","version":"v1.2.0"},)"
      R"("serviceCharacteristic":[)";
  for (int index = 0; index < 8; ++index) {
    text += R"({"@type":"IntegerCharacteristic","name":"download speed )" + std::to_string(index) +
            R"(","valueType":"integer","value":{"amount":)" + std::to_string(100 + index) +
            R"(,"factor":0.)" + std::to_string(index + 1) + R"(,"unit":"Mbps"}},)";
  }
  text.back() = ']';
  text += R"(,"relatedParty":[)";
  for (int index = 0; index < 4; ++index) {
    text += R"({"role":"operator","partyOrPartyRole":{"@type":"PartyRef","id":"p)" +
            std::to_string(index) + R"(","name":"Organisation \"é\" )" + std::to_string(index) +
            R"("}},)";
  }
  text.back() = ']';
  text += "}";
  return text;
}

void count_bytes(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(bytes));
}

void copy_baseline(benchmark::State& state) {
  const std::string text = service_text();
  for (auto _ : state) {
    std::string copy = text;
    benchmark::DoNotOptimize(copy.data());
  }
  count_bytes(state, text.size());
}
BENCHMARK(copy_baseline);

void simdjson_baseline(benchmark::State& state) {
  const simdjson::padded_string text(service_text());
  simdjson::dom::parser parser;
  for (auto _ : state) {
    simdjson::dom::element element;
    auto failure = parser.parse(text).get(element);
    benchmark::DoNotOptimize(failure);
  }
  count_bytes(state, text.size());
}
BENCHMARK(simdjson_baseline);

void read(benchmark::State& state) {
  const std::string text = service_text();
  for (auto _ : state) {
    auto value = diffo::json::read(text);
    benchmark::DoNotOptimize(value);
  }
  count_bytes(state, text.size());
}
BENCHMARK(read);

void write(benchmark::State& state) {
  const Value value = *diffo::json::read(service_text());
  std::string out;
  for (auto _ : state) {
    out.clear();
    diffo::json::write(value, out);
    benchmark::DoNotOptimize(out.data());
  }
  count_bytes(state, out.size());
}
BENCHMARK(write);

void write_quoted(benchmark::State& state) {
  const std::string text(static_cast<std::size_t>(state.range(0)), 'a');
  std::string out;
  for (auto _ : state) {
    out.clear();
    diffo::json::write_quoted(text, out);
    benchmark::DoNotOptimize(out.data());
  }
  count_bytes(state, text.size());
}
BENCHMARK(write_quoted)->Arg(8)->Arg(36)->Arg(1000);

void copy_value(benchmark::State& state) {
  const Value value = *diffo::json::read(service_text());
  for (auto _ : state) {
    Value copy = value;
    benchmark::DoNotOptimize(copy);
  }
  count_bytes(state, service_text().size());
}
BENCHMARK(copy_value);

void compare_value(benchmark::State& state) {
  const Value value = *diffo::json::read(service_text());
  const Value other = value;
  for (auto _ : state) {
    bool equal = value == other;
    benchmark::DoNotOptimize(equal);
  }
  count_bytes(state, service_text().size());
}
BENCHMARK(compare_value);

/// One characteristic comes between others, another changes.
void difference(benchmark::State& state) {
  const Value before = *diffo::json::read(service_text());
  Value after = before;
  diffo::json::Array& items = after.object().find("serviceCharacteristic")->array();
  items[6].object().set("valueType", "number");
  const Value between = items.front();
  items.insert(items.begin() + 2, between);
  for (auto _ : state) {
    Value patch = diffo::json::difference(before, after);
    benchmark::DoNotOptimize(patch);
  }
  count_bytes(state, service_text().size());
}
BENCHMARK(difference);

/// Prints each result, and at the end how many times a baseline's time it took.
class RatioReporter final : public benchmark::ConsoleReporter {
public:
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs)
      times_[run.benchmark_name()] = run.GetAdjustedCPUTime();
    ConsoleReporter::ReportRuns(runs);
  }

  void Finalize() override {
    ConsoleReporter::Finalize();
    print("read", "simdjson_baseline");
    print("read", "copy_baseline");
    print("write", "copy_baseline");
  }

private:
  void print(const std::string& name, const std::string& baseline) {
    if (times_.contains(name) && times_.contains(baseline))
      GetOutputStream() << name << " takes " << times_[name] / times_[baseline] << " times "
                        << baseline << '\n';
  }

  std::map<std::string, double> times_;
};

} // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 1;
  RatioReporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  return 0;
}
