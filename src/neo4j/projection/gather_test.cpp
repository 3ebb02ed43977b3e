#include "neo4j/projection/gather.h"

#include "model/words.h"
#include "neo4j/projection/foreign_form.h"
#include "neo4j/projection/shared_value.h"
#include "testing/shared_graph_checks.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace diffo;
using namespace diffo::neo4j;
using namespace diffo::testing;

namespace {

using bolt::List;
using bolt::Map;

bolt::Value node(std::vector<std::string> labels, Map properties) {
  return bolt::Node{.labels = std::move(labels), .properties = std::move(properties)};
}

bolt::Value part(const char* type, bolt::Value part_node, List targets = {}, List parts = {},
                 List named = {}) {
  return Map{{"node", std::move(part_node)},
             {"type", type},
             {"parts", std::move(parts)},
             {"targets", std::move(targets)},
             {"named", std::move(named)}};
}

bolt::Value root(const char* type, std::vector<std::string> labels, Map properties) {
  List texts(labels.begin(), labels.end());
  return Map{{"type", type}, {"labels", std::move(texts)}, {"properties", std::move(properties)}};
}

graph::RecordDraft gathered(const char* label, bolt::Value i, List outward = {}, List inward = {},
                            List targets = {}) {
  const auto keys =
      std::make_shared<const bolt::Keys>(bolt::Keys{"ix", "i", "outward", "inward", "targets"});
  bolt::EagerResult answer{.keys = keys};
  answer.records.emplace_back(
      keys, List{0, std::move(i), std::move(outward), std::move(inward), std::move(targets)});
  auto records = gather(answer, label, inventory());
  REQUIRE(records.has_value());
  REQUIRE(records->size() == 1);
  return std::move(records->front());
}

const graph::Element& only(const graph::Element& owner, graph::ElementKind kind) {
  const graph::Element* found = nullptr;
  for (const graph::Element& child : owner.children)
    if (child.kind == kind) {
      CHECK(found == nullptr);
      found = &child;
    }
  REQUIRE(found != nullptr);
  return *found;
}

std::string text_of(const SharedGraph& graph) {
  std::string text;
  for (const SharedNode& one : graph.nodes)
    text += one.name.key + ": " + bolt::to_text(one.properties) + "\n";
  return text;
}

const std::string uuid = "00000000-0000-4000-8000-000000000001";

} // namespace

TEST_CASE("what was written is read back, and shown again it is the same") {
  CHECK(rc::check("round trip", [](const std::vector<std::uint32_t>& supply) {
    for (const model::Api api : {model::Api::service, model::Api::resource}) {
      const auto record = at(random_record(supply, api, model::Version::v5), 1, 2);
      const SharedGraph graph = project(*record, inventory());
      const auto drafts = gather(told(graph), "Instance", inventory());
      RC_ASSERT(drafts.has_value() && drafts->size() == 1);
      const auto back = encoded(drafts->front());
      RC_ASSERT(back->key() == record->key());
      RC_ASSERT(back->created_at() == record->created_at());
      RC_ASSERT(back->updated_at() == record->updated_at());
      if (applied(project(*back, inventory())) != applied(graph))
        RC_FAIL(text_of(graph) + "\n" + text_of(project(*back, inventory())));
      for (const graph::Element& child : drafts->front().root.children)
        RC_ASSERT(!child.uuid.has_value());
    }
  }));
}

TEST_CASE("an instance of a kind that others declare keeps its labels and is what its type says") {
  const graph::RecordDraft draft =
      gathered("Instance", node({"Provider", "Servo", "Shelf", "Instance"},
                                {{"uuid", uuid},
                                 {"type", "resource"},
                                 {"which", "expected"},
                                 {"name", "shelf"},
                                 {"lifecycleState", "installed"},
                                 {"slots", 5},
                                 {"built", bolt::Date{19000}},
                                 {"createdAt", instant_value(made_at)},
                                 {"updatedAt", instant_value(made_at + 1)}}));
  CHECK(draft.key == graph::Key{0, model::family_resource, uuid});
  CHECK(draft.root.kind == model::kinds::resource);
  CHECK(draft.which == graph::Which::expected);
  CHECK(draft.created_at == made_at);
  CHECK(draft.updated_at == made_at + 1);
  CHECK(draft.root.field_text(model::words::name) == "shelf");
  CHECK(foreign_form_of(draft.root).labels == Labels{"Instance", "Provider", "Servo", "Shelf"});
  const SharedGraph graph = project(*encoded(draft), inventory());
  CHECK(graph.nodes[0].labels == Labels{"DiffoPart", "Instance", "Provider", "Servo", "Shelf"});
  CHECK(*graph.nodes[0].properties.find("slots") == bolt::Value(5));
  CHECK_FALSE(graph.nodes[0].properties.contains("built"));
}

TEST_CASE("parts keep their identity, what they lead to and who is named") {
  const graph::RecordDraft draft = gathered(
      "Instance", node({"Provider", "Instance"}, {{"uuid", uuid}, {"type", "service"}}),
      {part("RELATES", node({"Provider", "PartyRef"}, {{"uuid", uuid}, {"role", "owner"}}),
            {root("RELATES", {"Provider", "Party"}, {{"key", "p1"}})}),
       part("RELATES",
            node({"Provider", "Relationship"}, {{"uuid", uuid}, {"type", "uses"}, {"alias", "a"}}),
            {root("RELATES", {"Provider", "Servo", "Card", "Instance"},
                  {{"uuid", "r1"}, {"type", "resource"}})},
            {part("HAS", node({"Provider", "Characteristic"}, {{"uuid", uuid},
                                                               {"name", "c"},
                                                               {"type", "relationship"},
                                                               {"isArray", false},
                                                               {"value", *tagged_text(5, {})}}))}),
       part("REFERENCES",
            node({"Provider", "ExternalIdentifier"},
                 {{"uuid", uuid}, {"externalId", "x"}, {"type", "t"}}),
            {}, {}, {root("OWNS", {"Provider", "Party"}, {{"key", "p2"}})}),
       part("RELATES", node({"Provider", "PlaceRef"}, {{"uuid", uuid}, {"role", "lost"}}))},
      {part("ANNOTATES", node({"Provider", "Note"}, {{"uuid", uuid}, {"text", "t"}}), {}, {},
            {root("AUTHORS", {"Provider", "Party"}, {{"key", "p3"}})})},
      {root("SPECIFIED_BY", {"Provider", "Specification"},
            {{"uuid", "s1"}, {"type", "serviceSpecification"}})});
  CHECK(draft.root.kind == model::kinds::service);
  const graph::Element& party = only(draft.root, model::kinds::party_reference);
  CHECK(party.target == graph::Target{model::family_party, "p1"});
  CHECK(party.field_text(model::words::role) == "owner");
  CHECK(party.uuid.has_value());
  const graph::Element& relation = only(draft.root, model::kinds::resource_relation);
  CHECK(relation.target == graph::Target{model::family_resource, "r1"});
  CHECK(relation.field_text(model::words::alias) == "a");
  CHECK(*only(relation, model::kinds::characteristic).field(model::words::value) == json::Value(5));
  CHECK(only(draft.root, model::kinds::external_identifier)
            .field_text(model::words::number_of("owner")) == "p2");
  CHECK(only(draft.root, model::kinds::note).field_text(model::words::number_of("author")) == "p3");
  CHECK(only(draft.root, model::kinds::specification_reference).target ==
        graph::Target{model::family_specification, "s1"});
  CHECK(draft.root.children.size() == 5);
}

TEST_CASE("values of kinds that others declare, pools and names of types") {
  const graph::RecordDraft draft = gathered(
      "Instance", node({"Provider", "Instance"}, {{"uuid", uuid}, {"type", "service"}}),
      {part("HAS", node({"Provider", "Servo", "CardCharacteristic"},
                        {{"uuid", "00000000-0000-4000-8000-00000000000a"},
                         {"name", "card"},
                         {"family", "ISAM"},
                         {"ports", 4}})),
       part("HAS", node({"Provider", "AssignableCharacteristic"},
                        {{"uuid", "00000000-0000-4000-8000-00000000000b"},
                         {"name", "ports"},
                         {"first", 1},
                         {"last", 48},
                         {"assignableType", "ADSL"},
                         {"thing", "port"},
                         {"algorithm", "lowest"}})),
       part("HAS", node({"Provider", "Characteristic"},
                        {{"uuid", "00000000-0000-4000-8000-00000000000c"},
                         {"name", "list"},
                         {"isArray", true},
                         {"values", List{*tagged_text(json::Object{{"a", 1}}, "Elixir.A.B"),
                                         *tagged_text("x", {})}}}))});
  REQUIRE(draft.root.children.size() == 3);
  const auto& children = draft.root.children;
  CHECK(*children[0].field(model::words::value) == parsed(R"({"family":"ISAM","ports":4})"));
  CHECK(*children[1].field(model::words::value) ==
        parsed(R"({"first":1,"last":48,"type":"ADSL","algorithm":"lowest"})"));
  CHECK(*children[2].field(model::words::value) == parsed(R"([{"a":1},"x"])"));
  CHECK(foreign_form_of(children[2]).value_types == std::vector<std::string>{"Elixir.A.B", ""});
  const SharedGraph graph = project(*encoded(draft), inventory());
  const auto& pool = graph.nodes[2].properties;
  CHECK(graph.nodes[2].labels == Labels{"AssignableCharacteristic", "DiffoPart", "Provider"});
  CHECK(pool.text_of("thing") == "port");
  CHECK(pool.text_of("assignableType") == "ADSL");
  CHECK_FALSE(pool.contains("type"));
  CHECK(graph.nodes[3].properties.find("values")->get<List>().size() == 2);
}

TEST_CASE("specifications, parties and what is nothing of ours") {
  const graph::RecordDraft specification = gathered(
      "Specification", node({"Provider", "Specification"}, {{"uuid", uuid},
                                                            {"type", "resourceSpecification"},
                                                            {"name", "n"},
                                                            {"category", "c"},
                                                            {"majorVersion", 2},
                                                            {"minorVersion", 0},
                                                            {"patchVersion", 1},
                                                            {"tmfVersion", 5}}));
  CHECK(specification.root.kind == model::kinds::resource_specification);
  CHECK(specification.root.field_text(model::words::number_of("version")) == "v2.0.1");
  CHECK(specification.root.extra.empty());
  CHECK(*project(*encoded(specification), inventory()).nodes[0].properties.find("tmfVersion") ==
        bolt::Value(5));
  const graph::RecordDraft person =
      gathered("Party", node({"Provider", "Individual", "Party"},
                             {{"key", "k"}, {"type", "Individual"}, {"givenName", "Ada"}}));
  CHECK(person.root.kind == model::kinds::individual);
  CHECK(person.key == graph::Key{0, model::family_party, "k"});
  REQUIRE(person.root.extra.size() == 1);
  CHECK(person.root.extra[0].name == "givenName");
  const auto keys = std::make_shared<const bolt::Keys>(bolt::Keys{"x"});
  CHECK_FALSE(gather({.keys = keys, .records = {bolt::Record(keys, {1})}}, "Party", inventory())
                  .has_value());
}

TEST_CASE("what others handed out says of which pool and which value, and to whom") {
  const graph::RecordDraft draft = gathered(
      "Instance", node({"Provider", "Instance"}, {{"uuid", uuid}, {"type", "resource"}}),
      {part("RELATES",
            node({"Provider", "AssignmentRelationship"},
                 {{"uuid", "00000000-0000-4000-8000-00000000000a"},
                  {"type", "assignedTo"},
                  {"pool", "ports"},
                  {"thing", "port"},
                  {"value", 7},
                  {"alias", "uplink"}}),
            {root("RELATES", {"Provider", "Instance"}, {{"uuid", "s1"}, {"type", "service"}})})});
  const graph::Element& assignment = only(draft.root, model::kinds::assignment);
  CHECK(assignment.target == graph::Target{model::family_service, "s1"});
  CHECK(assignment.field_text(model::words::number_of("pool")) == "ports");
  CHECK(assignment.field_text(model::words::number_of("thing")) == "port");
  CHECK(*assignment.field(model::words::value) == json::Value(7));
  CHECK(assignment.field_text(model::words::alias) == "uplink");
  const SharedGraph graph = project(*encoded(draft), inventory());
  REQUIRE(graph.nodes.size() == 2);
  CHECK(*graph.nodes[1].properties.find("value") == bolt::Value(7));
  CHECK(graph.nodes[1].properties.text_of("pool") == "ports");
}

TEST_CASE("members of a kind that others declare have the names of its attributes, in one order") {
  const graph::RecordDraft draft =
      gathered("Instance", node({"Provider", "Instance"}, {{"uuid", uuid}, {"type", "service"}}),
               {part("HAS", node({"Provider", "Compute", "ClusterCharacteristic"},
                                 {{"uuid", "00000000-0000-4000-8000-00000000000a"},
                                  {"npuCores", 2},
                                  {"name", "cluster"},
                                  {"gpuCores", 1}}))});
  const json::Value value =
      *only(draft.root, model::kinds::characteristic).field(model::words::value);
  CHECK(json::to_text(value) == R"({"gpu_cores":1,"npu_cores":2})");
  const SharedGraph graph = project(*encoded(draft), inventory());
  const auto& properties = graph.nodes[1].properties;
  CHECK(*properties.find("gpuCores") == bolt::Value(1));
  CHECK_FALSE(properties.contains("gpu_cores"));
}

TEST_CASE("a party or place of a kind that others declare is what it calls itself") {
  const graph::RecordDraft person =
      gathered("Party", node({"Provider", "Nbn", "Person", "Party"},
                             {{"key", "k"}, {"type", "Individual"}, {"name", "Ada"}}));
  CHECK(person.root.kind == model::kinds::individual);
  CHECK(foreign_form_of(person.root).labels == Labels{"Nbn", "Party", "Person", "Provider"});
  CHECK(project(*encoded(person), inventory()).nodes[0].labels ==
        Labels{"DiffoPart", "Nbn", "Party", "Person", "Provider"});
  const graph::RecordDraft site =
      gathered("Place", node({"Provider", "Place"}, {{"key", "k"}, {"type", "GeographicSite"}}));
  CHECK(site.root.kind == model::kinds::geographic_site);
  const graph::RecordDraft placeholder =
      gathered("Party", node({"Provider", "Party"},
                             {{"key", "k"}, {"type", "PartyRef"}, {"referredType", "Individual"}}));
  CHECK(placeholder.root.kind == model::kinds::party);
  // A label of a kind tells more than what a node calls itself.
  const graph::RecordDraft labelled = gathered(
      "Party", node({"Provider", "Party", "Individual"}, {{"key", "k"}, {"type", "PartyRef"}}));
  CHECK(labelled.root.kind == model::kinds::individual);
}
