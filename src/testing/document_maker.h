#pragma once

#include "model/api.h"
#include "testing/test_documents.h"

#include <diffo/json.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace diffo::testing {

/// Makes documents as clients send them, from a supply of random numbers: published attributes with
/// values of their types, and everywhere things nobody expects.
class DocumentMaker {
public:
  DocumentMaker(std::vector<std::uint32_t> supply, model::Api api, model::Version version)
      : supply_(std::move(supply)), api_(api), version_(version) {}

  json::Value document() {
    json::Object root;
    const bool v5 = version_ == model::Version::v5;
    const bool service = api_ == model::Api::service;
    if (v5 || chance(2))
      root.set("@type", service ? pick({"Service", "CustomService"})
                                : pick({"Resource", "LogicalResource", "MSISDN"}));
    if (service) {
      root.set("state", pick({"designed", "active", "inactive", "terminated"}));
      root.set("serviceSpecification", reference("ServiceSpecificationRef"));
    }
    if (!service || chance(2))
      root.set("name", text());
    if (chance(3))
      root.set("id", pick({"a", "x y", "0bb3-ü"}));
    if (chance(3))
      root.set(service ? "startDate" : "startOperatingDate", date());
    if (service && chance(3))
      root.set("isBundle", chance(2));
    if (service && chance(4))
      root.set("serviceDate", date());
    if (service && v5 && chance(3))
      root.set("operatingStatus", pick({"pending", "running", "unknown"}));
    if (!service && chance(3))
      root.set("administrativeState",
               pick({"locked", "unlocked", v5 ? "shuttingDown" : "shutdown"}));
    if (!service && chance(3))
      root.set("operationalState",
               v5 ? pick({"enabled", "disabled"}) : pick({"enable", "disable"}));
    if (!service && chance(3))
      root.set("lifecycleState", pick({"planned", "installed"}));
    homes(root);
    extras(root);
    return root;
  }

private:
  void homes(json::Object& root) {
    const bool service = api_ == model::Api::service;
    const char* prefix = service ? "service" : "resource";
    array(root, std::string(prefix) + "Characteristic", [&] { return characteristic(); });
    array(root, service ? "feature" : "activationFeature", [&] { return feature(); });
    array(root, std::string(prefix) + "Relationship", [&] { return relationship(); });
    array(root, "relatedParty", [&] { return related("partyOrPartyRole", "PartyRef"); });
    array(root, "note", [&] { return note(); });
    array(root, "supportingResource", [&] { return reference("ResourceRef"); });
    if (service)
      array(root, "supportingService", [&] { return reference("ServiceRef"); });
    if (service)
      array(root, "relatedEntity", [&] { return related("entity", "EntityRef"); });
    if (service || version_ == model::Version::v5)
      array(root, "place", [&] { return related("place", "PlaceRef"); });
    else if (chance(2))
      root.set("place", related("place", "PlaceRef"));
    array(root, "externalIdentifier",
          [&] { return typed({{"id", text()}, {"owner", text()}}, "ExternalIdentifier"); });
    array(root, std::string(prefix) + "OrderItem",
          [&] { return typed({{"itemId", text()}}, "X"); });
  }

  json::Value characteristic() {
    json::Object item{{"name", pick({"a", "b", "c", "speed"})}};
    if (chance(3))
      item.set("id", text());
    if (!chance(8))
      item.set("value", anything(3));
    if (chance(5))
      item.set("characteristicRelationship",
               json::Array{typed({{"id", text()}}, "CharacteristicRelationship")});
    return typed(std::move(item), "Characteristic");
  }

  json::Value feature() {
    json::Object item{{"name", text()}, {"isEnabled", chance(2)}};
    array(item, "featureCharacteristic", [&] { return characteristic(); });
    if (api_ == model::Api::service || version_ == model::Version::v4)
      array(item, "constraint", [&] { return reference("ConstraintRef"); });
    else if (chance(3))
      item.set("constraint", anything(2));
    if (api_ == model::Api::resource && version_ == model::Version::v5)
      array(item, "policyConstraint", [&] { return reference("PolicyRef"); });
    return typed(std::move(item), "Feature");
  }

  json::Value relationship() {
    json::Object item{{"relationshipType", pick({"contains", "dependsOn"})}};
    const bool service = api_ == model::Api::service;
    item.set(service ? "service" : "resource", reference(service ? "ServiceRef" : "ResourceRef"));
    if (chance(4))
      item.set("name", text());
    array(item,
          service ? "serviceRelationshipCharacteristic" : "resourceRelationshipCharacteristic",
          [&] { return characteristic(); });
    return typed(std::move(item), "Relationship");
  }

  json::Value related(const char* inner, const char* type) {
    json::Object item{{"role", pick({"customer", "owner", "site"})}};
    // Now and then in the form of the other version.
    if ((version_ == model::Version::v5) != chance(12)) {
      item.set(inner, reference(type));
      return typed(std::move(item), "RelatedThing");
    }
    json::Value flat = reference(chance(3) ? "RelatedThing" : type);
    for (const auto& [name, value] : flat.object())
      item.set(name, value);
    return item;
  }

  json::Value note() {
    json::Object item{{"text", text()}};
    if (chance(3))
      item.set("id", text());
    if (chance(2))
      item.set("date", date());
    return typed(std::move(item), "Note");
  }

  json::Value reference(const char* type) {
    json::Object item;
    if (!chance(10))
      item.set("id",
               pick({"1", "2", "0b0c5d5e-8a2f-4c52-9d62-5a8f4d0f3a10", "http://x/y?z#w", "é"}));
    if (chance(2))
      item.set("href", pick({"https://h/service/1", " http://odd", ""}));
    if (chance(2))
      item.set("@referredType", text());
    if (chance(3))
      item.set("name", text());
    if (chance(8))
      item.set("state", "active");
    return typed(std::move(item), type);
  }

  json::Value typed(json::Object item, const char* type) {
    if (version_ == model::Version::v5 ? !chance(12) : chance(6))
      item.set("@type", type);
    if (chance(4))
      extras(item);
    return item;
  }

  template <typename Make> void array(json::Object& owner, const std::string& name, Make make) {
    if (chance(2))
      return;
    json::Array items;
    for (std::uint32_t left = next() % 4; left > 0; --left)
      items.push_back(chance(12) ? json::Value(json::Object()) : make());
    if (chance(20))
      items.push_back(nullptr);
    owner.set(name, std::move(items));
  }

  void extras(json::Object& object) {
    for (std::uint32_t left = next() % 3; left > 0; --left) {
      const std::string name = pick({"vendor", "x-1", "role", "alias", "constraint!", "ü", "\"q\"",
                                     "outer:@type", "partyOrPartyRole ", "places ", "internal"})
                                   .string();
      if (!object.contains(name))
        object.set(name, name == "role" ? json::Value("extra role") : anything(3));
    }
  }

  json::Value anything(int depth) {
    switch (next() % (depth > 0 ? 11 : 9)) {
    case 0:
      return nullptr;
    case 1:
      return chance(2);
    case 2:
      return static_cast<std::int64_t>(next()) - std::int64_t{2147483648};
    case 3:
      return json::Value(parsed(
          pick({"1.0", "1e3", "1.50", "-0", "123456789012345678901234567890", "0.1", "5e-324"})
              .string()));
    case 4:
      return date();
    case 5:
      return text();
    case 6:
      return json::Value(0.5 * static_cast<double>(next() % 100));
    case 7:
      return json::Object();
    case 8:
      return json::Array();
    case 9:
      return json::Array{anything(depth - 1), anything(depth - 1)};
    default:
      return json::Object{{"@type", "Some"}, {"k", anything(depth - 1)}};
    }
  }

  json::Value text() {
    return pick({"", "x", "Active", "name", "0b0c5d5e-8a2f-4c52-9d62-5a8f4d0f3a10",
                 "pre-0b0c5d5e-8a2f-4c52-9d62-5a8f4d0f3a10-post", "with \"quotes\" and \\",
                 "ünï\ncode", "0B0C5D5E-8A2F-4C52-9D62-5A8F4D0F3A10"});
  }

  json::Value date() {
    return pick({"2024-01-02T03:04:05.006Z", "2024-01-02T03:04:05Z", "2024-01-02",
                 "2024-01-02T03:04:05+02:00", "2024-01-02T03:04:05.000000Z", "2024-02-30T00:00:00Z",
                 "2020-03-04T00:00.000Z", "soon"});
  }

  std::uint32_t next() {
    if (at_ == supply_.size())
      return 0x9E3779B9U * ++beyond_ >> 7U;
    return supply_[at_++];
  }
  bool chance(std::uint32_t one_in) { return next() % one_in == 0; }
  json::Value pick(std::initializer_list<const char*> texts) {
    return *(texts.begin() + next() % texts.size());
  }

  std::vector<std::uint32_t> supply_;
  std::size_t at_ = 0;
  std::uint32_t beyond_ = 0;
  model::Api api_;
  model::Version version_;
};

} // namespace diffo::testing
