/// A program with a kind and a function of its own, for test/program/own.py.
#include <diffo/model.h>
#include <diffo/program.h>

#include <cstdio>
#include <utility>

namespace {

using namespace diffo;
using namespace diffo::model::literals;

Result<json::Value> name_length(hooks::CalculationCall& call) {
  const json::Value name = call.instance().at("name");
  return json::Value(name.is_string() ? static_cast<std::int64_t>(name.string().size()) : 0);
}

} // namespace

int main(int argc, char** argv) {
  model::DomainBuilder domain("Own");
  domain.service("Thing")
      .specification({.id = "0d7d6f0a-1c7e-4f0e-9a55-6b1f2a9c3f01"_uuid4, .name = "thing"})
      .calculation("length", model::hook("name_length"));
  auto compiled = model::compile({domain.build()});
  if (!compiled) {
    std::fprintf(stderr, "%s\n", compiled.error().text().c_str());
    return 2;
  }
  Program program;
  program.hooks.calculation("name_length", name_length);
  program.model = std::move(*compiled);
  return run_program(argc, argv, std::move(program));
}
