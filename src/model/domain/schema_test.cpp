#include "model/domain/grammar.h"
#include "model/domain/kind_schema.h"
#include "model/domain/loader.h"
#include "testing/test_models.h"

#include <doctest/doctest.h>

#include <set>

using namespace diffo;
using namespace diffo::model;

namespace {

/// Every reference of a schema leads to a definition of it.
void check_references(const json::Value& value, const json::Value& definitions) {
  if (const json::Array* items = value.if_array())
    for (const json::Value& item : *items)
      check_references(item, definitions);
  if (!value.is_object())
    return;
  for (const auto& [name, member] : value.object()) {
    if (name == "$ref" && member.is_string()) {
      CAPTURE(member.string());
      CHECK(definitions.find(member.string().substr(std::string("#/$defs/").size())) != nullptr);
    }
    check_references(member, definitions);
  }
}

json::Value schema_of(std::string_view name) {
  const ModelSource source{"m", std::string(testing::everything_yaml)};
  const LoadedModel loaded = load_model({&source, 1});
  const DeclaredKind* kind = loaded.model.domains.front().kind(name);
  REQUIRE(kind != nullptr);
  return kind_schema(loaded.model, *kind);
}

} // namespace

TEST_CASE("the grammar's table is whole: sections, words and keys") {
  std::set<std::string> referred{"document"};
  for (const grammar::Section& section : grammar::sections()) {
    std::set<std::string_view> keys;
    CHECK_FALSE(grammar::rows_of(section.name).empty());
    for (const grammar::Row& row : grammar::rows_of(section.name)) {
      CAPTURE(row.key);
      CHECK(keys.insert(row.key).second);
      if (row.form == grammar::Form::block || row.form == grammar::Form::blocks ||
          row.form == grammar::Form::list)
        referred.insert(std::string(grammar::section(row.of).name));
    }
  }
  CHECK(referred.size() == grammar::sections().size());
}

TEST_CASE("near words are suggested, far ones not") {
  const std::string_view known[] = {"specification", "features", "pools"};
  CHECK(grammar::suggestion("spezification", known) == " (did you mean specification?)");
  CHECK(grammar::suggestion("feature", known) == " (did you mean features?)");
  CHECK(grammar::suggestion("color", known) == "");
  CHECK(grammar::suggestion(std::string(1000, 'a'), known) == "");
  CHECK(grammar::word_at(1, "a bc d") == "bc");
  CHECK(grammar::word_at(2, "a bc d") == "d");
  CHECK(grammar::index_of("bc", "a bc d") == 1);
  CHECK(grammar::index_of("b", "a bc d") == -1);
  CHECK(grammar::index_of("", "a bc d") == -1);
}

TEST_CASE("the published schema refers to what it defines and has every key") {
  const json::Value schema = grammar::schema();
  const json::Value* definitions = schema.find("$defs");
  REQUIRE(definitions != nullptr);
  check_references(schema, *definitions);
  const std::string page = grammar::reference_page();
  for (const grammar::Section& section : grammar::sections())
    for (const grammar::Row& row : grammar::rows_of(section.name)) {
      CAPTURE(row.key);
      CHECK(page.find("| `" + std::string(row.key) + "`") != std::string::npos);
    }
}

TEST_CASE("a kind's schema says what its documents look like") {
  CHECK(
      json::to_text(schema_of("Line")) ==
      R"({"$schema":"https://json-schema.org/draft/2020-12/schema","title":"Line",)"
      R"("type":"object","properties":{"speeds":{"type":"array","items":{"$ref":"#/$defs/Speed"},)"
      R"("maxItems":4},"since":{"type":"string","format":"date-time"},"address":{"type":"string"},)"
      R"("reference":{"type":"string","format":"uuid"},"active":{"type":"boolean"},"other":{},)"
      R"("texts":{"type":"array","items":{"type":"string"}},"length":{"type":"object",)"
      R"("properties":{"amount":{"type":"integer"},"unit":{"type":"string","minLength":1,)"
      R"("maxLength":2,"pattern":"^(?:k?m)$"}},"additionalProperties":false}},)"
      R"("additionalProperties":false,"$defs":{"Speed":{"type":"object","properties":)"
      R"({"downstream":{"type":"number","minimum":0.0,"maximum":1000.5,"description":"In Mbps",)"
      R"("default":10},"upStream":{"type":"integer"},)"
      R"("units":{"type":"string","pattern":"^\\S+$","enum":["kbps","Mbps"],)"
      R"("default":"Mbps"}},"required":["downstream"],"additionalProperties":false}}})");
  const json::Value access = schema_of("Access");
  check_references(access, *access.find("$defs"));
  CHECK(access.find("properties")->find("resourceCharacteristic") != nullptr);
  CHECK(access.find("properties")->find("rsp_id") != nullptr);
}
