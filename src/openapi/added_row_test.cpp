// A model with rows that the inventory does not have: what is derived from the table has them too.
#include "openapi/openapi.h"
#include "query/list_query.h"
#include "testing/added_model.h"
#include "testing/test_documents.h"
#include "testing/test_revision.h"
#include "tmf/patch.h"

#include <doctest/doctest.h>

using namespace diffo;
using model::Api;
using model::Version;

namespace {

using testing::added_model;
using testing::backup_reference;
using testing::checkpoint;

const graph::Schema& schema() {
  return added_model().schema();
}

constexpr const char* posted =
    R"({"id":"a","state":"active","serviceSpecification":{"id":"s"},"tier":"gold",
        "checkpoint":[{"code":"x","remark":"1"},{"code":"y","remark":"2"}],
        "backup":[{"id":"b","name":"spare"}]})";

graph::RecordRef record() {
  return testing::record_of(posted, Api::service, Version::v4, schema());
}

json::Value shown(const graph::Record& record, Version version) {
  return testing::shown(record, version, schema());
}

Result<std::optional<graph::RecordDraft>> patched(const graph::Record& present,
                                                  std::string_view change, Version version) {
  return tmf::patch(present, testing::parsed(change), tmf::PatchKind::merge, Api::service, version,
                    {.schema = schema()});
}

graph::RecordRef changed(std::string_view change, Version version) {
  auto draft = patched(*record(), change, version);
  REQUIRE_MESSAGE(draft.has_value(), draft.error().text());
  REQUIRE(draft->has_value());
  return testing::packed(**draft, schema());
}

query::ListQuery list_of(std::string_view text, Version version = Version::v4) {
  auto list = query::parse_list_query(text, Api::service, version, schema());
  REQUIRE_MESSAGE(list.has_value(), list.error().text());
  return std::move(*list);
}

std::string found(std::string_view text, Version version = Version::v4) {
  testing::TestRevision revision(schema());
  revision.add(record());
  revision.add(testing::record_of(R"({"id":"c","state":"active","serviceSpecification":{"id":"s"},
                                      "tier":"bronze","backup":[{"id":"d"}]})",
                                  Api::service, Version::v4, schema()));
  const graph::Page page = revision.query(list_of(text, version).query, {}).value();
  std::string ids;
  for (const graph::RecordRef& one : page.records)
    ids += one->id();
  return ids;
}

json::Value at(const json::Value& document, std::string_view pointer) {
  const json::Value* value = json::Pointer::parse(pointer).value().find_in(document);
  return value != nullptr ? *value : json::Value();
}

} // namespace

TEST_CASE("what a row adds is read into its home and shown in both versions") {
  const auto made = record();
  const graph::ElementView root = made->root(schema().dictionary());
  CHECK(root.field(*schema().dictionary().find("tier")).text() == "gold");
  CHECK_FALSE(root.has_extra());
  std::size_t parts = 0;
  graph::ElementView child;
  for (auto children = root.children(); children.next(child);) {
    parts += child.kind() == checkpoint ? 1U : 0U;
    if (child.kind() == backup_reference)
      CHECK(child.target_id().text() == "b");
  }
  CHECK(parts == 2);
  const json::Value older = shown(*made, Version::v4);
  const json::Value posted_document = testing::parsed(posted);
  for (const char* name : {"tier", "checkpoint", "backup"})
    CHECK(*older.find(name) == *posted_document.find(name));
  const json::Value newer = shown(*made, Version::v5);
  CHECK(at(newer, "/tier") == json::Value("gold"));
  CHECK(at(newer, "/checkpoint/1/@type") == json::Value("Checkpoint"));
  CHECK(at(newer, "/checkpoint/1/code") == json::Value("y"));
  CHECK(at(newer, "/backup/0/@type") == json::Value("ServiceRef"));
  CHECK(at(newer, "/backup/0/id") == json::Value("b"));
}

TEST_CASE("a value off the enumeration of an added row is refused") {
  for (const Version version : {Version::v4, Version::v5})
    for (const char* value : {R"("platinum")", "7"}) {
      CAPTURE(value);
      const auto refused = patched(*record(), R"({"tier":)" + std::string(value) + "}", version);
      REQUIRE_FALSE(refused.has_value());
      CHECK(refused.error().code == ErrorCode::invalid);
      CHECK(refused.error().path == "/tier");
      json::Value document = shown(*record(), version);
      document.object().set("tier", testing::parsed(value));
      CHECK_FALSE(
          tmf::decode(document, Api::service, version, schema(), testing::context()).has_value());
    }
}

TEST_CASE("added attributes are filtered, sorted and selected") {
  for (const Version version : {Version::v4, Version::v5}) {
    CHECK(found("tier=gold", version) == "a");
    CHECK(found("tier.gt=bronze", version) == "a");
    CHECK(found("checkpoint.code=y", version) == "a");
    CHECK(found("backup.id=b", version) == "a");
    CHECK(found("sort=tier", version) == "ca");
    CHECK(found("sort=-tier", version) == "ac");
  }
  for (const char* text : {"tier=gold", "checkpoint.code=y"})
    CHECK_FALSE(graph::has_residual(list_of(text).query.filter));
  CHECK(graph::print(list_of("backup.id=b").query.filter)
            .starts_with(R"({"all":[{"any":[{"edge":[61],"to":[[1,"b"]]})"));
  CHECK(list_of("sort=tier").query.order.front().path.member == "tier");
  CHECK_FALSE(query::parse_list_query("tier.contains=g", Api::service, Version::v4, schema()));
  const auto fields = list_of("fields=tier,checkpoint.code").fields;
  std::string text;
  tmf::emit(*record(), Version::v4, {.schema = schema()}, &*fields, text);
  CHECK(text == R"({"id":"a","href":"/service/a","tier":"gold",)"
                R"("checkpoint":[{"code":"x"},{"code":"y"}]})");
}

TEST_CASE("added attributes are patched, items of an added list by their key") {
  for (const Version version : {Version::v4, Version::v5}) {
    CHECK(at(shown(*changed(R"({"tier":"silver"})", version), Version::v4), "/tier") ==
          json::Value("silver"));
    const auto after = changed(
        R"({"checkpoint":[{"code":"y","remark":"3","@type":"Checkpoint"},
                          {"code":"x","remark":"4","@type":"Checkpoint"}]})",
        version);
    std::vector<std::uint32_t> numbers;
    graph::ElementView child;
    for (auto children = after->root(schema().dictionary()).children(); children.next(child);)
      if (child.kind() == checkpoint)
        numbers.push_back(child.part());
    REQUIRE(numbers.size() == 2);
    CHECK(numbers[0] > numbers[1]); // the second came to stand first
    CHECK(at(shown(*after, Version::v4), "/checkpoint/0/remark") == json::Value("3"));
  }
  for (const Version version : {Version::v4, Version::v5}) {
    const auto idle = patched(*record(), json::to_text(shown(*record(), version)), version);
    REQUIRE(idle.has_value());
    CHECK_FALSE(idle->has_value());
  }
}

TEST_CASE("an expectation finds items of an added list by their key") {
  const auto expectation = outstanding::Expectation::compile(
      testing::parsed(R"({"checkpoint":[{"code":"y","remark":"9"},{"code":"x","remark":"1"}]})"),
      {.shapes = &added_model().document_shapes()});
  const json::Value actual = shown(*record(), Version::v5);
  const auto evaluation = expectation.value().evaluate(&actual, {});
  REQUIRE(evaluation.value().residue.has_value());
  CHECK(json::to_text(*evaluation->residue) == R"({"checkpoint":[{"code":"y","remark":"9"}]})");
}

TEST_CASE("added attributes are published") {
  for (const Version version : {Version::v4, Version::v5}) {
    const json::Value document =
        openapi::openapi_document(Api::service, version, "http://h", added_model());
    const std::string schemas = "/components/schemas/";
    CHECK(at(document, schemas + "Service/properties/tier/$ref") ==
          json::Value("#/components/schemas/Tier"));
    CHECK(json::to_text(at(document, schemas + "Tier/enum")) == R"(["gold","silver","bronze"])");
    CHECK(json::to_text(at(document, schemas + "Service/properties/checkpoint"))
              .find("#/components/schemas/Checkpoint") != std::string::npos);
    CHECK(at(document, schemas + "Checkpoint/properties/code/type") == json::Value("string"));
    CHECK(json::to_text(at(document, schemas + "ServiceCreate/properties/backup"))
              .find("#/components/schemas/Reference") != std::string::npos);
  }
}

TEST_CASE("added attributes have their index and their place in a graph database") {
  struct Sink final : graph::IndexSink {
    void add(std::string_view key) override { keys.emplace_back(key); }
    std::vector<std::string> keys;
  } sink;
  const graph::IndexDefinition* index = schema().index("tier");
  REQUIRE(index != nullptr);
  CHECK(index->path->member == "tier");
  index->keys(*record(), schema().dictionary(), sink);
  CHECK(sink.keys == std::vector<std::string>{model::key_of_text("gold", Reading::text)});
  const auto& fields = schema().element(model::kinds::service)->fields;
  const auto tier = std::find_if(fields.begin(), fields.end(),
                                 [](const auto& field) { return field.property == "tier"; });
  REQUIRE(tier != fields.end());
  CHECK(tier->word == *schema().dictionary().find("tier"));
  CHECK(tier->encoding == graph::PropertyEncoding::text);
  CHECK(schema().element(checkpoint)->labels == std::vector<std::string>{"Checkpoint"});
  CHECK(schema().element(checkpoint)->relationship_type == "HAS");
  CHECK(schema().element(backup_reference)->target_relationship_type == "BACKED_UP_BY");
}
