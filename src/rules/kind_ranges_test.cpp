#include "rules/kind_ranges.h"

#include "model/words.h"
#include "testing/declared_store.h"

#include <string>

using namespace diffo;

namespace {

constexpr std::string_view machines = R"(domain: Machines
kinds:
  Machine:
    half: resource
    specification: {id: 5b2f0d7e-1a34-4c1f-8d52-0a6b7c8d9e01, name: machine}
    attributes:
      code: {type: string, pattern: "[A-Z]{3}"}
      mark: {type: string, min_length: 2, max_length: 4}
      weight: {type: integer, min: 1, max: 900}
      ratio: {type: number, max: 0.5}
      colour: {type: symbol, one_of: [red, green]}
      colours: {type: [symbol], one_of: [red, green], max_length: 2}
      secret: {type: integer, max: 1, hidden: true}
    characteristics: {limits: {type: Limits}, speed: {type: integer, min: 1, default: 5}}
  Limits:
    base: characteristic
    fields: {high: {type: integer, max: 10}, low: {type: integer, max: 5}}
)";

/// An instance that says so, as whoever observes leaves it.
graph::RecordRef machine(const model::Model& model, std::string_view member,
                         const json::Value& value) {
  graph::RecordDraft draft;
  draft.key = {0, model::family_resource, "m"};
  draft.root.kind = model::root_of(model::Api::resource);
  graph::Element& reference = draft.root.children.emplace_back();
  reference.kind = model::kinds::specification_reference;
  reference.target =
      graph::Target{model::family_specification, "5b2f0d7e-1a34-4c1f-8d52-0a6b7c8d9e01"};
  if (member == "limits" || member == "speed") {
    graph::Element& part = draft.root.children.emplace_back();
    part.kind = model::kinds::characteristic;
    part.part = 1;
    part.set_field(model::words::name, std::string(member));
    part.set_field(model::words::value, value);
  } else {
    draft.root.set_field(*model.dictionary().find(member), value);
  }
  return graph::encode(draft, model.dictionary());
}

} // namespace

TEST_CASE("what a kind does not allow is told with what it allows") {
  const auto model = testing::model_of_yaml(machines);
  struct Row {
    std::string_view member;
    std::string_view value;
    std::string_view allowed;
  };
  const std::string_view nothing = "{}";
  const Row rows[] = {
      {"code", R"("ABC")", nothing},
      {"code", R"("abc")", R"({"code":{"$regex":"^(?:[A-Z]{3})$"}})"},
      {"mark", R"("ab")", nothing},
      {"mark", R"("a")", R"({"mark":{"$regex":"(?s)^.{2,4}$"}})"},
      {"weight", "900", nothing},
      {"weight", "901", R"({"weight":{"$lte":900}})"},
      {"weight", "0", R"({"weight":{"$gte":1}})"},
      {"ratio", "0.75", R"({"ratio":{"$lte":0.5}})"},
      {"colour", R"("red")", nothing},
      {"colour", R"("blue")", R"({"colour":{"$in":["red","green"]}})"},
      {"secret", "9", nothing},
      {"speed", "0", R"({"resourceCharacteristic":[{"name":"speed","value":{"$gte":1}}]})"},
      {"limits", R"({"high": 11, "low": 5})",
       R"({"resourceCharacteristic":[{"name":"limits","value":{"high":{"$lte":10}}}]})"},
      {"operationalState", R"("sleeping")",
       R"({"operationalState":{"$in":["enabled","disabled"]}})"},
      // No matcher says it of an array: neither of its items nor of their number.
      {"colours", R"(["blue"])", nothing},
      {"colours", R"(["red", "green", "red"])", nothing},
      // What is of another type is refused when it is read, and not told of here.
      {"weight", R"("heavy")", nothing},
  };
  for (const Row& row : rows) {
    CAPTURE(row.member);
    CAPTURE(row.value);
    const graph::RecordRef record = machine(*model, row.member, json::read(row.value).value());
    CHECK(json::to_text(rules::allowed_instead(*record, model->schema())) == row.allowed);
  }
}
