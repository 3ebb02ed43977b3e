#include "testing/test_documents.h"

#include "model/contradictions.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace diffo::testing {
namespace {

constexpr const char* service_v4 = R"json({
  "name": "internet access 17", "description": "leased line to the harbour office",
  "state": "active", "category": "CFS", "serviceType": "access",
  "isServiceEnabled": true, "hasStarted": true, "startMode": "1", "isStateful": false,
  "startDate": "2024-03-01T08:00:00.250Z", "endDate": "2031-03-01",
  "serviceSpecification": {"id": "spec-7", "name": "access", "version": "2.1.0",
    "href": "https://catalog.example/serviceSpecification/spec-7", "@referredType": "ServiceSpecification"},
  "feature": [{"id": "f1", "name": "resilience", "isEnabled": true, "isBundle": false,
    "constraint": [{"id": "k1", "name": "two routers", "version": "1"}],
    "featureRelationship": [{"name": "monitoring", "relationshipType": "requires",
      "validFor": {"startDateTime": "2024-03-01T00:00:00Z"}}],
    "featureCharacteristic": [{"id": "c9", "name": "switchover", "value": 1.50, "valueType": "number"}]}],
  "serviceCharacteristic": [
    {"id": "c1", "name": "bandwidth", "valueType": "object",
     "value": {"@type": "Speed", "down": 1e3, "up": 12345678901234567890123456789}},
    {"name": "vlan", "value": 100, "characteristicRelationship": [{"id": "c1", "relationshipType": "dependsOn"}]},
    {"name": "diverse", "value": true}, {"name": "tags", "value": ["a", "b"]},
    {"name": "ports", "value": [1, 2.5]}, {"name": "hops", "value": [{"n": 1}]}, {"name": "nothing", "value": null}],
  "serviceRelationship": [{"relationshipType": "reliesOn", "name": "uplink",
    "serviceRelationshipCharacteristic": [{"name": "weight", "value": 5}],
    "service": {"id": "svc-2", "href": "https://x.example/service/svc-2", "@type": "ServiceRef", "@referredType": "Service"}}],
  "supportingService": [{"id": "svc-3"}, {"id": "svc-4", "state": "active", "name": "by value"}],
  "supportingResource": [{"id": "res-1", "name": "card", "slot": "4/1", "@referredType": "Card"}],
  "relatedParty": [{"id": "ORG-5", "role": "customer", "name": "Harbour Ltd", "@referredType": "Organization",
    "segment": "gold"}, {"id": "P-1", "role": "contact", "@type": "PartyRef", "@referredType": "Individual"}],
  "relatedEntity": [{"id": "E-1", "role": "contract", "@referredType": "Agreement"}],
  "serviceOrderItem": [{"serviceOrderId": "42", "itemId": "1", "itemAction": "add", "@referredType": "ServiceOrder"}],
  "place": [{"id": "ADR-9", "role": "installation", "name": "Pier 4", "@referredType": "GeographicAddress"},
    {"role": "elsewhere", "name": "no id"}],
  "note": [{"author": "ops", "date": "2024-03-02T10:11:12.013+02:00", "text": "patched \"port\" 4"}, {}],
  "processStatus": [{"code": "P1", "severity": "WARN", "message": "late", "timeStamp": "2024-03-02T10:11:12Z"}],
  "vendorData": {"x": null, "list": []}, "@type": "Service", "@schemaLocation": "https://x.example/s.json"
})json";

constexpr const char* service_v5 = R"json({
  "@type": "Service", "id": "S-5", "name": "voice line", "state": "suspended", "operatingStatus": "degraded",
  "serviceSpecification": {"@type": "ServiceSpecificationRef", "id": "spec-1", "@referredType": "ServiceSpecification"},
  "serviceDate": "2023-01-02T03:04:05.006Z",
  "serviceCharacteristic": [{"@type": "StringCharacteristic", "id": "n", "name": "number", "value": "0401 555 010", "valueType": "string"},
    {"@type": "ObjectCharacteristic", "name": "codec", "value": {"name": "g711", "rate": 64.0}}],
  "feature": [{"@type": "Feature", "name": "voicemail", "isEnabled": false,
    "featureCharacteristic": [{"@type": "BooleanCharacteristic", "name": "greeting", "value": false}],
    "constraint": [{"@type": "ConstraintRef", "id": "C1"}]}],
  "serviceRelationship": [{"@type": "ServiceRelationship", "relationshipType": "bestows",
    "service": {"@type": "ServiceRef", "id": "S-6", "@referredType": "Service", "name": "trunk"}}],
  "supportingService": [{"@type": "ServiceRef", "id": "S-7"},
    {"@type": "Service", "id": "S-8", "state": "active"}],
  "supportingResource": [{"@type": "ResourceRef", "id": "R-1", "@referredType": "Port", "slot": 3}],
  "relatedParty": [{"@type": "RelatedPartyRefOrPartyRoleRef", "role": "customer", "since": "2020",
    "partyOrPartyRole": {"@type": "PartyRef", "id": "O-1", "name": "Acme", "@referredType": "Organization", "tier": 1}},
    {"@type": "RelatedPartyRefOrPartyRoleRef", "role": "agent",
     "partyOrPartyRole": {"@type": "PartyRoleRef", "id": "PR-1", "partyId": "P-2"}}],
  "place": [{"@type": "RelatedPlaceRefOrValue", "role": "installation",
    "place": {"@type": "PlaceRef", "id": "A-1", "@referredType": "GeographicAddress"}},
    {"@type": "RelatedPlaceRefOrValue", "role": "billing",
     "place": {"@type": "GeographicAddress", "id": "A-2", "city": "Perth"}}],
  "relatedEntity": [{"@type": "RelatedEntityRefOrValue", "role": "contract", "id": "outer",
    "entity": {"@type": "EntityRef", "id": "E-2", "@referredType": "Agreement"}}],
  "externalIdentifier": [{"@type": "ExternalIdentifier", "id": "X1", "owner": "crm", "externalIdentifierType": "legacy"}],
  "serviceOrderItem": [{"@type": "RelatedServiceOrderItem", "itemId": "7", "serviceOrderId": "o1"}],
  "note": [{"@type": "Note", "id": "1", "text": "first"}, {"@type": "Note", "text": "second"}],
  "intent": {"@type": "IntentRef", "id": "I-1"}
})json";

constexpr const char* resource_v4 = R"json({
  "id": "r-44", "name": "line card 3", "category": "card", "resourceVersion": "B2", "@type": "PhysicalResource",
  "administrativeState": "shutdown", "operationalState": "disable", "usageState": "idle", "resourceStatus": "reserved",
  "startOperatingDate": "2022-02-02T00:00", "serialNumber": "SN-1", "lifecycleState": "installed",
  "activationFeature": [{"name": "poe", "constraint": [{"id": "k"}],
    "featureCharacteristic": [{"name": "watts", "value": 30}]}],
  "attachment": [{"id": "a1", "mimeType": "text/plain", "size": {"amount": 3, "units": "kB"}}],
  "place": {"id": "SITE-1", "role": "located", "@type": "PlaceRef", "@referredType": "GeographicSite"},
  "resourceCharacteristic": [{"name": "slot", "value": "3"}],
  "resourceRelationship": [{"relationshipType": "isContainedIn", "resource": {"id": "r-1", "href": "https://x.example/r-1"}}, {}],
  "resourceSpecification": {"id": "rs-1", "@referredType": "PhysicalResourceSpecification"},
  "relatedParty": [{"id": "V", "role": "vendor", "@referredType": "Organization"}],
  "note": [{"text": "spare"}]
})json";

constexpr const char* resource_v5 = R"json({
  "@type": "LogicalResource", "@baseType": "Resource", "name": "vlan 100", "value": "100",
  "administrativeState": "shuttingDown", "operationalState": "enabled", "usageState": "busy", "lifecycleState": "planned",
  "availabilityStatus": "online", "alarmStatus": ["minor"], "unknownStatus": false,
  "validFor": {"startDateTime": "2025-01-01T00:00:00Z"},
  "activationFeature": [{"@type": "Feature", "name": "qos", "policyConstraint": [{"@type": "PolicyRef", "id": "p1"}],
    "constraint": "ours"}],
  "place": [{"@type": "RelatedPlaceRef", "role": "a", "place": {"@type": "PlaceRef", "id": "P1"}},
    {"@type": "RelatedPlaceRef", "role": "z", "place": {"@type": "PlaceRef", "id": "P2", "name": "far end"}}],
  "resourceRelationship": [{"@type": "ResourceRelationship", "relationshipType": "contains",
    "resource": {"@type": "ResourceRef", "id": "r-9"},
    "resourceRelationshipCharacteristic": [{"@type": "IntegerCharacteristic", "name": "position", "value": 4}]}],
  "supportingResource": [{"@type": "ResourceRef", "id": "r-10"}, {"@type": "LogicalResource", "id": "r-11", "name": "by value"}],
  "relatedParty": [{"@type": "RelatedPartyRefOrPartyRoleRef", "role": "owner",
    "partyOrPartyRole": {"@type": "PartyRef", "id": "O-1", "role": "inner role"}}],
  "resourceOrderItem": [{"@type": "RelatedResourceOrderItem", "itemId": "1", "resourceOrderId": "2"}],
  "externalIdentifier": [{"@type": "ExternalIdentifier", "id": "i", "owner": "nms"}]
})json";

bool is_absent(const json::Value& value) {
  return value.is_null() || (value.is_array() && value.array().empty());
}

json::Value sorted(const json::Value& value) {
  if (const json::Array* items = value.if_array()) {
    json::Array copy;
    for (const json::Value& item : *items)
      copy.push_back(sorted(item));
    return copy;
  }
  const json::Object* members = value.if_object();
  if (members == nullptr)
    return value;
  std::vector<json::Member> copy;
  for (const auto& [name, member] : *members)
    copy.push_back({name, sorted(member)});
  std::sort(copy.begin(), copy.end(),
            [](const json::Member& a, const json::Member& b) { return a.name < b.name; });
  json::Object result;
  for (json::Member& member : copy)
    result.append(std::move(member.name), std::move(member.value));
  return result;
}

} // namespace

const std::vector<Sample>& samples() {
  static const std::vector<Sample> all = {
      {"service v4", model::Api::service, model::Version::v4, service_v4},
      {"service v5", model::Api::service, model::Version::v5, service_v5},
      {"resource v4", model::Api::resource, model::Version::v4, resource_v4},
      {"resource v5", model::Api::resource, model::Version::v5, resource_v5},
  };
  return all;
}

tmf::DecodeContext context() {
  tmf::DecodeContext context;
  context.new_id = [] { return std::string("11111111-2222-4333-8444-555555555555"); };
  return context;
}

json::Value parsed(std::string_view text) {
  auto value = json::read(text);
  if (!value) {
    std::fprintf(stderr, "bad test document: %s\n", value.error().text().c_str());
    std::abort();
  }
  return std::move(*value);
}

graph::RecordRef packed(const graph::RecordDraft& draft, const graph::Schema& schema) {
  auto made = model::encode(draft, schema);
  if (!made) {
    std::fprintf(stderr, "a record that contradicts itself: %s\n", made.error().text().c_str());
    std::abort();
  }
  graph::RecordRef record = std::move(*made);
  graph::stamp(record, 1, 1'700'000'000'123'456, 1'700'000'000'123'456);
  return record;
}

graph::RecordRef record_of_document(const json::Value& document, model::Api api,
                                    model::Version version, const graph::Schema& schema) {
  const auto draft = tmf::decode(document, api, version, schema, context());
  if (!draft) {
    std::fprintf(stderr, "refused test document: %s\n", draft.error().text().c_str());
    std::abort();
  }
  return packed(*draft, schema);
}

graph::RecordRef record_of(std::string_view text, model::Api api, model::Version version,
                           const graph::Schema& schema) {
  return record_of_document(parsed(text), api, version, schema);
}

json::Value shown(const graph::Record& record, model::Version version,
                  const graph::Schema& schema) {
  std::string text;
  tmf::emit(record, version, {.schema = schema, .api_base = api_base}, nullptr, text);
  return parsed(text);
}

json::Value comparable(json::Value document, const json::Value& original) {
  json::Object result;
  for (const auto& [name, value] : document.object()) {
    const bool by_server = name == "href" || ((name == "id" || name == "serviceDate") &&
                                              !original.object().contains(name));
    if (!by_server && !is_absent(value))
      result.append(name, value);
  }
  return result;
}

bool same_text(const json::Value& left, const json::Value& right) {
  return json::to_text(sorted(left)) == json::to_text(sorted(right));
}

} // namespace diffo::testing
