#include "graph/compiled_filter.h"
#include "model/schema.h"
#include "query/list_query.h"
#include "tmf/decode.h"

#include <benchmark/benchmark.h>

// What one filter costs per record that it has to look at.
namespace {

using namespace diffo;

constexpr const char* document =
    R"({"id":"5f3c2a1e-7b1d-4c58-9d5e-0a1b2c3d4e5f","state":"active","name":"line 7 of Doncaster",
        "startDate":"2026-06-22T01:02:03.004Z","serviceSpecification":{"id":"1212"},"weight":1.5,
        "relatedParty":[{"id":"p1","role":"Customer","name":"Acme","@referredType":"Organization"}],
        "place":[{"id":"x1","role":"site","@referredType":"GeographicSite"}],
        "serviceCharacteristic":[{"name":"vlan","value":12},{"name":"speed","value":"gold"},
                                 {"name":"tags","value":["x","y"]}]})";

void look_at(benchmark::State& state, const char* text) {
  graph::Context context;
  const auto draft = tmf::decode(json::read(document).value(), model::Api::service,
                                 model::Version::v4, model::inventory_schema(), context);
  const auto record = graph::encode(draft.value(), model::inventory_schema().dictionary());
  const auto list = query::parse_list_query(text, model::Api::service, model::Version::v4,
                                            model::inventory_schema())
                        .value();
  const auto filter =
      graph::CompiledFilter::compile(list.query.filter, model::inventory_schema()).value();
  for (auto _ : state)
    benchmark::DoNotOptimize(filter.holds(*record));
}

BENCHMARK_CAPTURE(look_at, name_pattern, "name*=caster$");
BENCHMARK_CAPTURE(look_at, unmodelled_number, "weight.gt=1");
BENCHMARK_CAPTURE(look_at, party_role, "relatedParty.role=Customer");
BENCHMARK_CAPTURE(look_at, characteristic,
                  "serviceCharacteristic.name=vlan&serviceCharacteristic.value=12");

void parse(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(
        query::parse_list_query("state=active&name=a,b&startDate.gt=2026&sort=-startDate&limit=10",
                                model::Api::service, model::Version::v4, model::inventory_schema())
            .has_value());
}
BENCHMARK(parse);

} // namespace
