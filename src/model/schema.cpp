#include "model/schema.h"

#include "base/dates.h"
#include "model/irregular.h"
#include "model/words.h"

#include <array>
#include <functional>
#include <utility>
#include <vector>

namespace diffo::model {
namespace {

using graph::Dictionary;
using graph::ElementDefinition;
using graph::ElementRole;
using graph::ElementView;
using graph::Family;
using graph::FieldDefinition;
using graph::IndexDefinition;
using graph::IndexNumber;
using graph::IndexSink;
using graph::PropertyEncoding;
using graph::Record;
using graph::ValueView;
using graph::Word;
using words::number_of;

FieldDefinition text(Word word, std::string property) {
  return {word, std::move(property), PropertyEncoding::text};
}
FieldDefinition instant(Word word, std::string property) {
  return {word, std::move(property), PropertyEncoding::instant};
}

std::vector<graph::FamilyDefinition> families() {
  return {{family_service, "service", "Instance"},
          {family_resource, "resource", "Instance"},
          {family_party, "party", "Party"},
          {family_place, "place", "Place"},
          {family_entity, "entity", "Entity"},
          {family_specification, "specification", "Specification"},
          {family_expectation, "expectation", "DiffoExpectation"},
          {family_subscription, "subscription", "DiffoSubscription"},
          {family_task, "task", "DiffoTask"},
          {family_assignment, "assignment", "DiffoAssignment"},
          {family_decision, "decision", "DiffoDecision"},
          {family_observation_source, "observationSource", "DiffoObservationSource"},
          {family_model, "model", "DiffoModel"}};
}

ElementDefinition root(graph::ElementKind kind, std::string name, std::vector<std::string> labels,
                       std::string key_property, std::vector<FieldDefinition> fields) {
  return {.kind = kind,
          .name = std::move(name),
          .role = ElementRole::root,
          .labels = std::move(labels),
          .key_property = std::move(key_property),
          .relationship_type = {},
          .fields = std::move(fields)};
}

ElementDefinition part(graph::ElementKind kind, std::string name, std::vector<std::string> labels,
                       std::string relationship, std::vector<FieldDefinition> fields) {
  return {.kind = kind,
          .name = std::move(name),
          .role = ElementRole::part,
          .labels = std::move(labels),
          .relationship_type = std::move(relationship),
          .fields = std::move(fields)};
}

ElementDefinition edge(graph::ElementKind kind, std::string name, std::vector<std::string> labels,
                       std::string relationship, std::vector<FieldDefinition> fields) {
  ElementDefinition definition =
      part(kind, std::move(name), std::move(labels), std::move(relationship), std::move(fields));
  definition.role = ElementRole::edge;
  definition.target_relationship_type = definition.relationship_type;
  if (definition.labels.empty())
    definition.relationship_type.clear();
  return definition;
}

// neo4j.md §1.1–1.6 as data.
std::vector<ElementDefinition> roots() {
  return {
      root(kinds::service, "service", {"Provider", "Instance"}, "uuid",
           {text(words::name, "name"), text(words::state, "state"),
            text(words::operating_status, "operatingStatus"),
            instant(number_of("startDate"), "startedAt"),
            instant(number_of("endDate"), "stoppedAt")}),
      root(kinds::resource, "resource", {"Provider", "ResourceInstance", "Instance"}, "uuid",
           {text(words::name, "name"), text(number_of("lifecycleState"), "lifecycleState"),
            text(number_of("resourceVersion"), "resourceVersion"),
            text(words::administrative_state, "administrativeState"),
            text(words::operational_state, "operationalState"),
            text(number_of("usageState"), "usageState"),
            text(number_of("resourceStatus"), "resourceStatus"),
            instant(number_of("startOperatingDate"), "startedAt"),
            instant(number_of("endOperatingDate"), "stoppedAt")}),
      root(kinds::party, "party", {"Provider", "Party"}, "key",
           {text(words::href, "href"), text(words::name, "name"), text(words::type, "type"),
            text(words::referred_type, "referredType")}),
      root(kinds::place, "place", {"Provider", "Place"}, "key",
           {text(words::href, "href"), text(words::name, "name"), text(words::type, "type"),
            text(words::referred_type, "referredType")}),
      root(kinds::entity, "entity", {"Provider", "Entity"}, "string",
           {text(words::href, "href"), text(words::name, "name"), text(words::type, "type"),
            text(words::referred_type, "referredType")}),
      root(kinds::specification, "specification", {"Provider", "Specification"}, "uuid",
           {text(words::name, "name"), text(words::type, "type"),
            text(number_of("description"), "description"),
            text(number_of("category"), "category")}),
      root(kinds::expectation, "expectation", {"DiffoExpectation"}, "uuid", {}),
      root(kinds::subscription, "subscription", {"DiffoSubscription"}, "uuid", {}),
      root(kinds::task, "task", {"DiffoTask"}, "uuid", {}),
      root(kinds::assignment_root, "assignmentRoot", {"DiffoAssignment"}, "uuid", {}),
      root(kinds::decision, "decision", {"DiffoDecision"}, "uuid", {}),
      root(kinds::observation_source, "observationSource", {"DiffoObservationSource"}, "uuid", {}),
      root(kinds::model_root, "model", {"DiffoModel"}, "uuid", {}),
  };
}

std::vector<ElementDefinition> parts() {
  return {
      part(kinds::feature, "feature", {"Provider", "Feature"}, "HAS",
           {text(words::name, "name"),
            {number_of("isEnabled"), "isenabled", PropertyEncoding::boolean}}),
      part(kinds::characteristic, "characteristic", {"Provider", "Characteristic"}, "HAS",
           {text(words::name, "name"), {words::value, "value", PropertyEncoding::json_text}}),
      part(kinds::characteristic_relationship, "characteristic relationship", {}, "", {}),
      part(kinds::feature_relationship, "feature relationship", {}, "", {}),
      part(kinds::constraint, "constraint", {}, "", {}),
      part(kinds::note, "note", {"Provider", "Note"}, "ANNOTATES",
           {text(number_of("text"), "text"), text(words::id, "noteId"),
            instant(number_of("date"), "timestamp")}),
      part(kinds::external_identifier, "external identifier", {"Provider", "ExternalIdentifier"},
           "REFERENCES",
           {text(words::external_identifier_type, "type"), text(words::id, "externalId")}),
      part(
          kinds::process_status, "process status", {"Provider", "ProcessStatus"}, "STATUSES",
          {text(number_of("code"), "code"),
           text(number_of("severity"), "severity"),
           text(number_of("message"), "message"),
           {number_of("parameterizedMessage"), "parameterizedMessage", PropertyEncoding::json_text},
           instant(number_of("timeStamp"), "timestamp")}),
      part(kinds::order_item, "order item", {}, "", {}),
      part(kinds::attachment, "attachment", {}, "", {}),
      part(kinds::outer, "object around a reference", {}, "", {}),
  };
}

std::vector<ElementDefinition> edges() {
  const std::vector<FieldDefinition> relation = {
      text(words::relationship_type, "type"), text(words::alias, "alias"),
      text(words::href, "targetHref"), text(words::type, "targetType")};
  const std::vector<FieldDefinition> role = {text(words::role, "role")};
  return {
      edge(kinds::service_relation, "relation", {"Provider", "Relationship"}, "RELATES", relation),
      edge(kinds::resource_relation, "relation", {"Provider", "Relationship"}, "RELATES", relation),
      edge(kinds::assignment, "assignment", {"Provider", "AssignmentRelationship"}, "RELATES",
           relation),
      edge(kinds::defined_simple_relation, "defined simple relation",
           {"Provider", "DefinedSimpleRelationship"}, "RELATES", relation),
      edge(kinds::supporting_service, "supportedBy", {"DiffoSupport"}, "SUPPORTED_BY", {}),
      edge(kinds::supporting_resource, "supportedBy", {"DiffoSupport"}, "SUPPORTED_BY", {}),
      edge(kinds::specification_reference, "specification", {}, "SPECIFIED_BY", {}),
      edge(kinds::place_reference, "place", {"Provider", "PlaceRef"}, "RELATES", role),
      edge(kinds::party_reference, "party", {"Provider", "PartyRef"}, "RELATES", role),
      edge(kinds::entity_reference, "entity", {"Provider", "EntityRef"}, "RELATES", role),
      edge(kinds::expects, "expects", {}, "EXPECTS", {}),
  };
}

std::vector<ElementDefinition> elements() {
  std::vector<ElementDefinition> all = roots();
  for (auto* more : {parts, edges})
    for (ElementDefinition& definition : more())
      all.push_back(std::move(definition));
  for (ElementDefinition& definition : all)
    definition.points_to_owner =
        definition.kind == kinds::note || definition.kind == kinds::process_status;
  return all;
}

std::string instant_or_text_key(std::string_view text) {
  std::string key;
  if (const auto moment = moment_of(text, Reading::instant))
    graph::append_instant_key(key, *moment);
  else
    graph::append_text_key(key, text);
  return key;
}

std::string text_key(std::string_view text) {
  std::string key;
  graph::append_text_key(key, text);
  return key;
}

using Keys = std::function<void(const Record&, const Dictionary&, IndexSink&)>;

Keys text_field(Word word) {
  return [word](const Record& record, const Dictionary& dictionary, IndexSink& sink) {
    const ValueView value = record.root(dictionary).field(word);
    if (value && value.kind() == json::Kind::string)
      sink.add(text_key(value.text()));
  };
}

Keys instant_field(Word word) {
  return [word](const Record& record, const Dictionary& dictionary, IndexSink& sink) {
    const ValueView value = record.root(dictionary).field(word);
    if (value && value.kind() == json::Kind::string)
      sink.add(instant_or_text_key(value.text()));
  };
}

void service_date_keys(const Record& record, const Dictionary& dictionary, IndexSink& sink) {
  const ValueView given = record.root(dictionary).field(words::service_date);
  if (given && given.kind() == json::Kind::string) {
    sink.add(instant_or_text_key(given.text()));
    return;
  }
  std::string key;
  graph::append_instant_key(key, record.created_at());
  sink.add(key);
}

/// What documents without a type are shown as.
void type_keys(const Record& record, const Dictionary& dictionary, IndexSink& sink) {
  const ValueView given = record.root(dictionary).field(words::type);
  if (given && given.kind() == json::Kind::string)
    sink.add(text_key(given.text()));
  else
    sink.add(text_key(record.family() == family_service ? "Service" : "Resource"));
}

void identifier_keys(const Record& record, const Dictionary& dictionary, IndexSink& sink) {
  ElementView child;
  for (auto children = record.root(dictionary).children(); children.next(child);)
    if (child.kind() == kinds::external_identifier)
      if (const ValueView id = child.field(words::id); id && id.kind() == json::Kind::string)
        sink.add(text_key(id.text()));
}

void characteristic_keys(const Record& record, const Dictionary& dictionary, IndexSink& sink) {
  ElementView child;
  for (auto children = record.root(dictionary).children(); children.next(child);) {
    if (child.kind() != kinds::characteristic)
      continue;
    const ValueView name = child.field(words::name);
    const ValueView value = child.field(words::value);
    if (!name || !value)
      continue;
    const json::Kind kind = value.kind();
    if (kind != json::Kind::array && kind != json::Kind::object && kind != json::Kind::null)
      sink.add(characteristic_key(name.text(), value.to_json()));
  }
}

std::vector<IndexDefinition> indexes() {
  const std::vector<Family> services = {family_service};
  const std::vector<Family> resources = {family_resource};
  const std::vector<Family> instances = {family_service, family_resource};
  constexpr bool single_key = true;
  return {
      {1, "name", instances, text_field(words::name), single_key},
      {2, "@type", instances, type_keys, single_key},
      {3, "category", instances, text_field(number_of("category")), single_key},
      {4, "state", services, text_field(words::state), single_key},
      {5, "operatingStatus", services, text_field(words::operating_status), single_key},
      {6, "serviceType", services, text_field(number_of("serviceType")), single_key},
      {7, "serviceDate", services, service_date_keys, single_key},
      {8, "startDate", services, instant_field(number_of("startDate")), single_key},
      {9, "endDate", services, instant_field(number_of("endDate")), single_key},
      {10, "lifecycleState", resources, text_field(number_of("lifecycleState")), single_key},
      {11, "administrativeState", resources, text_field(words::administrative_state), single_key},
      {12, "operationalState", resources, text_field(words::operational_state), single_key},
      {13, "usageState", resources, text_field(number_of("usageState")), single_key},
      {14, "resourceStatus", resources, text_field(number_of("resourceStatus")), single_key},
      {15, "startOperatingDate", resources, instant_field(number_of("startOperatingDate")),
       single_key},
      {16, "endOperatingDate", resources, instant_field(number_of("endOperatingDate")), single_key},
      {17, "externalIdentifier.id", instances, identifier_keys},
      {18, "characteristic", instances, characteristic_keys},
      {19, "irregular", instances, irregular_keys, single_key},
  };
}

} // namespace

const graph::Schema& inventory_schema() {
  static const graph::Schema schema(inventory_words, families(), elements(), indexes());
  return schema;
}

std::optional<std::string> index_key(std::string_view index, std::string_view text) {
  if (inventory_schema().index(index) == nullptr || index == "characteristic")
    return std::nullopt;
  if (index.ends_with("Date"))
    return instant_or_text_key(text);
  return text_key(text);
}

std::string characteristic_key(std::string_view name, const json::Value& value) {
  // The name ends at a byte that no UTF-8 text has.
  std::string key(name.substr(0, graph::max_index_key_bytes));
  key += '\xff';
  if (value.is_number())
    graph::append_number_key(key, value.as_double());
  else if (const std::string* text = value.if_string())
    graph::append_text_key(key, *text);
  else if (const bool* truth = value.if_boolean())
    graph::append_text_key(key, *truth ? "true" : "false");
  return key;
}

} // namespace diffo::model
