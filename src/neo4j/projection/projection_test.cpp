#include "neo4j/projection/difference.h"
#include "neo4j/projection/foreign_form.h"
#include "neo4j/projection/shared_graph.h"
#include "neo4j/projection/shared_value.h"

#include "base/uuid.h"
#include "model/domain/loader.h"
#include "model/stored_declarations.h"
#include "neo4j/layout.h"
#include "testing/shared_graph_checks.h"

#include "testing/test_models.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>

using namespace diffo;
using namespace diffo::neo4j;
using namespace diffo::testing;

namespace {

SharedGraph graph_of(const graph::RecordRef& record) {
  return project(*record, inventory());
}

/// The only node with the label.
const SharedNode& labelled(const SharedGraph& graph, std::string_view label) {
  const SharedNode* found = nullptr;
  for (const SharedNode& node : graph.nodes)
    if (std::find(node.labels.begin(), node.labels.end(), label) != node.labels.end()) {
      CHECK(found == nullptr);
      found = &node;
    }
  REQUIRE(found != nullptr);
  return *found;
}

} // namespace

TEST_CASE("a service is a node with all labels, its own properties and nothing that is not known") {
  const auto record = service(R"("name":"a","startDate":"2024-01-02T03:04:05.006Z","x-1":5,)"
                              R"("category":"c","serviceSpecification":{"id":"s1","name":"n"})");
  const SharedGraph graph = graph_of(record);
  REQUIRE(graph.nodes.size() == 1);
  const SharedNode& node = graph.nodes[0];
  CHECK(node.name == NodeName{"Instance", "uuid", std::string(id)});
  CHECK(node.labels == Labels{"DiffoPart", "Instance", "Provider"});
  const std::string key = key_text({0, model::family_service, id});
  const std::string specification = key_text({0, model::family_specification, "s1"});
  const bolt::Map expected{
      {"uuid", id},
      {"which", "actual"},
      {"type", "service"},
      {"name", "a"},
      {"state", "active"},
      {"startedAt",
       bolt::ZonedDateTime{.seconds = 1704164645, .nanoseconds = 6'000'000, .zone = "Etc/UTC"}},
      {"createdAt", bolt::ZonedDateTime{.seconds = 1'700'000'000,
                                        .nanoseconds = 123'456'000,
                                        .zone = "Etc/UTC"}},
      {"updatedAt", bolt::ZonedDateTime{.seconds = 1'700'000'000,
                                        .nanoseconds = 123'457'000,
                                        .zone = "Etc/UTC"}},
      {"diffoAt", bolt::ZonedDateTime{.seconds = 1'700'000'000,
                                      .nanoseconds = 123'457'000,
                                      .zone = "Etc/UTC"}},
      {"diffoOwner", key},
      {"diffoTarget", specification},
      {"diffoTie", "SPECIFIED_BY"}};
  CHECK(node.properties == expected);
  CHECK(node.target == Tie{{"Specification", "uuid", "s1"}, "SPECIFIED_BY", true});
}

TEST_CASE("expected instances say so, resources have their own labels and type") {
  graph::RecordDraft draft =
      record_of(R"({"id":"r1","name":"r"})", model::Api::resource, model::Version::v4)
          ->to_draft(inventory().dictionary());
  draft.which = graph::Which::expected;
  const SharedGraph graph = graph_of(packed(draft));
  REQUIRE(graph.nodes.size() == 1);
  CHECK(graph.nodes[0].labels == Labels{"DiffoPart", "Instance", "Provider", "ResourceInstance"});
  CHECK(graph.nodes[0].properties.text_of("which") == "expected");
  CHECK(graph.nodes[0].properties.text_of("type") == "resource");
}

TEST_CASE("features and characteristics hang on what holds them, values name their types") {
  const auto record = service(
      R"("serviceSpecification":{"id":"s1"},"feature":[{"name":"f","isEnabled":false,)"
      R"("featureCharacteristic":[{"name":"c","value":5}]}],)"
      R"("serviceCharacteristic":[{"name":"l","value":["x",1.5]},{"name":"o","value":{"a":1}}])");
  const SharedGraph graph = graph_of(record);
  CHECK(graph.nodes.size() == 5);
  const SharedNode& feature = labelled(graph, "Feature");
  CHECK(feature.labels == Labels{"DiffoPart", "Feature", "Provider"});
  CHECK(feature.properties.text_of("name") == "f");
  CHECK(*feature.properties.find("isenabled") == bolt::Value(false));
  CHECK(feature.properties.contains("createdAt"));
  CHECK(feature.holder == Tie{graph.nodes[0].name, "HAS", false});
  for (const SharedNode& node : graph.nodes) {
    const std::string_view name = node.properties.text_of("name");
    if (name == "c") {
      CHECK(node.properties.text_of("value") ==
            R"({"type":"integer","value":{"integer":5,"type":"integer"}})");
      CHECK(node.properties.text_of("type") == "feature");
      CHECK(*node.properties.find("isArray") == bolt::Value(false));
      CHECK(node.holder == Tie{feature.name, "HAS", false});
    } else if (name == "l") {
      CHECK(*node.properties.find("values") ==
            bolt::Value(bolt::List{R"({"type":"string","value":{"string":"x","type":"string"}})",
                                   R"({"type":"float","value":{"float":1.5,"type":"float"}})"}));
      CHECK_FALSE(node.properties.contains("value"));
      CHECK(node.properties.text_of("type") == "instance");
      CHECK(*node.properties.find("isArray") == bolt::Value(true));
    } else if (name == "o") {
      CHECK_FALSE(node.properties.contains("value"));
    }
  }
}

TEST_CASE("joiners lie between their owner and their target") {
  const auto record = service(
      R"("serviceSpecification":{"id":"s1"},"relatedParty":[{"role":"owner","partyOrPartyRole":)"
      R"({"id":"p1","@type":"PartyRef","name":"n"},"@type":"RelatedPartyRefOrPartyRoleRef"}],)"
      R"("serviceRelationship":[{"relationshipType":"uses","service":{"id":"t1"},)"
      R"("serviceRelationshipCharacteristic":[{"name":"c","value":true}]}],)"
      R"("supportingResource":[{"id":"r1"}],"serviceOrderItem":[{"itemId":"1"}])");
  const SharedGraph graph = graph_of(record);
  CHECK(graph.nodes.size() == 4);
  const SharedNode& party = labelled(graph, "PartyRef");
  CHECK(party.properties.text_of("role") == "owner");
  CHECK(party.holder == Tie{graph.nodes[0].name, "RELATES", false});
  CHECK(party.target == Tie{{"Party", "key", "p1"}, "RELATES", true});
  CHECK(party.properties.text_of("diffoTarget") == key_text({0, model::family_party, "p1"}));
  const SharedNode& relation = labelled(graph, "Relationship");
  CHECK(relation.target == Tie{{"Instance", "uuid", "t1"}, "RELATES", true});
  CHECK(relation.properties.text_of("targetType") == "service");
  CHECK(relation.properties.text_of("targetHref") == "serviceInventoryManagement/v4/service/t1");
  CHECK(relation.properties.text_of("type") == "uses");
  CHECK(labelled(graph, "Characteristic").properties.text_of("type") == "relationship");
}

TEST_CASE("notes and statuses lead to their instance and have no moments of their own") {
  const auto record = service(R"("serviceSpecification":{"id":"s1"},)"
                              R"("note":[{"id":"n1","text":"t","date":"2024-01-02T03:04:05Z"}])");
  const SharedGraph graph = graph_of(record);
  const SharedNode& note = labelled(graph, "Note");
  CHECK(note.holder == Tie{graph.nodes[0].name, "ANNOTATES", true});
  CHECK(note.properties.text_of("noteId") == "n1");
  CHECK_FALSE(note.properties.contains("createdAt"));
  CHECK_FALSE(note.properties.contains("updatedAt"));
  REQUIRE(note.properties.find("timestamp") != nullptr);
  CHECK(note.properties.find("timestamp")->kind() == bolt::Kind::zoned_date_time);
}

TEST_CASE("a part is known by its uuid, its own or the one it brought") {
  graph::RecordDraft draft =
      service(R"("serviceSpecification":{"id":"s1"},"feature":[{"name":"f"},{"name":"g"}])")
          ->to_draft(inventory().dictionary());
  std::vector<graph::Element*> features;
  for (graph::Element& child : draft.root.children)
    if (child.kind == model::kinds::feature)
      features.push_back(&child);
  REQUIRE(features.size() == 2);
  features[0]->uuid = graph::PartUuid{1, 2, 3};
  const auto record = packed(draft);
  const SharedGraph graph = graph_of(record);
  REQUIRE(graph.nodes.size() == 3);
  CHECK(graph.nodes[1].name ==
        NodeName{"DiffoPart", "uuid", "01020300-0000-0000-0000-000000000000"});
  CHECK(graph.nodes[1].brought);
  CHECK(graph.nodes[2].name.key ==
        Uuid{graph::part_uuid(record->key(), record->created_at(), features[1]->part)}.text());
  CHECK_FALSE(graph.nodes[2].brought);
}

TEST_CASE("what others have no form for has no nodes") {
  graph::RecordDraft draft = service(specified)->to_draft(inventory().dictionary());
  draft.key.tenant = 1;
  CHECK(graph_of(packed(draft)).nodes.empty());
  graph::RecordDraft task;
  task.key = {0, model::family_task, "t"};
  task.root.kind = model::kinds::task;
  CHECK(graph_of(packed(task)).nodes.empty());
  graph::RecordDraft catalog;
  catalog.key = {0, model::family_catalog, "c"};
  catalog.root.kind = model::kinds::service_catalog;
  CHECK(graph_of(packed(catalog)).nodes.empty());
}

TEST_CASE("specifications say their version in numbers") {
  const auto record =
      record_of(R"({"id":"s1","name":"access","version":"2.1","@type":"ServiceSpecification"})",
                model::Api::service_specification, model::Version::v4);
  const SharedGraph graph = graph_of(record);
  REQUIRE(graph.nodes.size() == 1);
  const SharedNode& node = graph.nodes[0];
  CHECK(node.name == NodeName{"Specification", "uuid", "s1"});
  CHECK(node.labels == Labels{"DiffoPart", "Provider", "Specification"});
  CHECK(node.properties.text_of("type") == "serviceSpecification");
  CHECK(*node.properties.find("majorVersion") == bolt::Value(2));
  CHECK(*node.properties.find("minorVersion") == bolt::Value(1));
  CHECK(*node.properties.find("patchVersion") == bolt::Value(0));
  CHECK(*node.properties.find("tmfVersion") == bolt::Value(4));
}

TEST_CASE("what others call types and labels stays as it was") {
  graph::RecordDraft draft =
      service(
          R"("serviceSpecification":{"id":"s1"},"serviceCharacteristic":[{"name":"d","value":{"b":1,"a":null}},)"
          R"({"name":"card","value":{"family":"ISAM","ports":4}}])")
          ->to_draft(inventory().dictionary());
  set_foreign_form(draft.root, {.labels = {"Provider", "Servo", "Instance", "Shelf"},
                                .value_types = {},
                                .aside = {},
                                .unwritten = {}});
  int at = 0;
  for (graph::Element& child : draft.root.children)
    if (child.kind == model::kinds::characteristic)
      set_foreign_form(child, at++ == 0 ? ForeignForm{.labels = {},
                                                      .value_types = {"Elixir.A.B"},
                                                      .aside = {},
                                                      .unwritten = {}}
                                        : ForeignForm{.labels = {"Provider", "Servo", "Card"},
                                                      .value_types = {}});
  const SharedGraph graph = graph_of(packed(draft));
  CHECK(graph.nodes[0].labels == Labels{"DiffoPart", "Instance", "Provider", "Servo", "Shelf"});
  CHECK(labelled(graph, "Characteristic").properties.text_of("value") ==
        R"({"type":"dynamic","value":{"type":"Elixir.A.B","value":{"b":1}}})");
  const SharedNode& card = labelled(graph, "Card");
  CHECK(card.properties.text_of("family") == "ISAM");
  CHECK(*card.properties.find("ports") == bolt::Value(4));
  CHECK_FALSE(card.properties.contains("value"));
  CHECK_FALSE(card.properties.contains("isArray"));
}

TEST_CASE("kinds that users declare have labels and nodes of their own") {
  const std::vector<model::ModelSource> sources{{"servo.yaml", std::string(servo_yaml)},
                                                {"nbn.yaml", std::string(nbn_yaml)}};
  model::LoadedModel loaded = model::load_model(sources);
  REQUIRE(loaded.problems.empty());
  const auto declared = model::model_of_domains(std::move(loaded.model), {});
  const graph::Schema& schema = declared->schema();
  const auto record = record_of(
      R"({"id":"r","name":"card","resourceSpecification":{"id":)"
      R"("cd29956f-6c68-44cc-bf54-705eb8d2f754"},"resourceCharacteristic":[)"
      R"({"name":"card","value":{"family":"ISAM"}},{"name":"other","value":1},)"
      R"({"name":"ports","value":{"first":1,"last":48,"type":"ADSL","algorithm":"lowest"}}]})",
      model::Api::resource, model::Version::v4, schema);
  const SharedGraph graph = project(*record, schema);
  REQUIRE(graph.nodes.size() == 4);
  CHECK(graph.nodes[0].labels ==
        Labels{"CardInstance", "DiffoPart", "Instance", "Provider", "Servo"});
  const SharedNode& card = labelled(graph, "CardCharacteristic");
  CHECK(card.labels == Labels{"CardCharacteristic", "DiffoPart", "Provider", "Servo"});
  CHECK(card.properties.text_of("name") == "card");
  CHECK(card.properties.text_of("family") == "ISAM");
  const SharedNode& pool = labelled(graph, "AssignableCharacteristic");
  CHECK(*pool.properties.find("last") == bolt::Value(48));
  CHECK(pool.properties.text_of("assignableType") == "ADSL");
  CHECK(pool.properties.text_of("thing") == "port");
  CHECK(labelled(graph, "Characteristic").properties.text_of("name") == "other");
}

TEST_CASE("the difference makes the former graph into the latter") {
  CHECK(rc::check("difference", [](const std::vector<std::uint32_t>& former,
                                   const std::vector<std::uint32_t>& latter, bool again) {
    for (const model::Api api : {model::Api::service, model::Api::resource})
      for (const model::Version version : {model::Version::v4, model::Version::v5}) {
        const auto before = at(random_record(former, api, version), 1, 2);
        const auto after = at(random_record(latter, api, version), again ? 3 : 1, 3);
        const SharedGraph old_graph = graph_of(before);
        const SharedGraph new_graph = graph_of(after);
        Applied made = applied(old_graph);
        apply(made, difference(old_graph, new_graph));
        RC_ASSERT(made == applied(new_graph));
        apply(made, difference(new_graph, {}));
        RC_ASSERT(made.nodes.empty());
        RC_ASSERT(difference(old_graph, old_graph).empty());
      }
  }));
}

TEST_CASE("every node keeps the rules that all who write the graph keep") {
  CHECK(rc::check("rules", [](const std::vector<std::uint32_t>& supply) {
    const auto record = at(random_record(supply, model::Api::service, model::Version::v5), 1, 2);
    for (const SharedNode& node : graph_of(record).nodes) {
      RC_ASSERT(std::find(node.labels.begin(), node.labels.end(), "Provider") != node.labels.end());
      for (const bolt::Entry& entry : node.properties) {
        RC_ASSERT(!entry.value.is_null());
        RC_ASSERT(entry.key.find("Id") == std::string::npos || entry.key == "noteId" ||
                  entry.key == "externalId");
        RC_ASSERT(entry.value.kind() != bolt::Kind::map);
        if (const auto* moment = entry.value.get_if<bolt::ZonedDateTime>())
          RC_ASSERT(moment->zone == "Etc/UTC" && moment->nanoseconds % 1000 == 0);
      }
    }
  }));
}

TEST_CASE("values as texts that name their types") {
  CHECK(tagged_text("x", {}) == R"({"type":"string","value":{"string":"x","type":"string"}})");
  CHECK(tagged_text(true, {}) == R"({"type":"boolean","value":{"boolean":true,"type":"boolean"}})");
  CHECK(tagged_text(5.0, {}) == R"({"type":"float","value":{"float":5.0,"type":"float"}})");
  CHECK_FALSE(tagged_text(nullptr, {}).has_value());
  CHECK_FALSE(tagged_text(json::Object{{"a", 1}}, {}).has_value());
  CHECK_FALSE(tagged_text(json::Array{}, {}).has_value());
  for (const json::Value& value :
       {json::Value("x"), json::Value(false), json::Value(7), json::Value(1.5)}) {
    const auto back = read_tagged(*tagged_text(value, {}));
    REQUIRE(back.has_value());
    CHECK(back->value == value);
    CHECK(back->schema.empty());
  }
  const auto object = read_tagged(*tagged_text(json::Object{{"b", 1}, {"a", nullptr}}, "Elixir.M"));
  REQUIRE(object.has_value());
  CHECK(object->schema == "Elixir.M");
  CHECK(object->value == json::Value(json::Object{{"b", 1}}));
  CHECK_FALSE(read_tagged("no json").has_value());
  CHECK(canonical_text(parsed(R"({"b":[{"z":null,"y":1},null],"a":"é"})")) ==
        R"({"a":"é","b":[{"y":1},null]})");
}
