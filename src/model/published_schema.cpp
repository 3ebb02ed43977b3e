#include "model/published_schema.h"

namespace diffo::model {
namespace {

PublishedAttributes period() {
  static constexpr PublishedAttribute list[] = {{"startDateTime"}, {"endDateTime"}};
  return list;
}

PublishedAttributes reference() {
  static constexpr PublishedAttribute list[] = {
      {"id"}, {"href"}, {"name"}, {"@type"}, {"@baseType"}, {"@schemaLocation"}, {"@referredType"}};
  return list;
}

PublishedAttributes specification() {
  static constexpr PublishedAttribute list[] = {{"id"},
                                                {"href"},
                                                {"name"},
                                                {"version"},
                                                {"@type"},
                                                {"@baseType"},
                                                {"@schemaLocation"},
                                                {"@referredType"}};
  return list;
}

PublishedAttributes party_reference() {
  static constexpr PublishedAttribute list[] = {
      {"id"},           {"href"},  {"name"},      {"partyId"},
      {"partyName"},    {"@type"}, {"@baseType"}, {"@schemaLocation"},
      {"@referredType"}};
  return list;
}

PublishedAttributes characteristic_relationship() {
  static constexpr PublishedAttribute list[] = {
      {"id"}, {"relationshipType"}, {"@type"}, {"@baseType"}, {"@schemaLocation"}};
  return list;
}

PublishedAttributes characteristic() {
  static constexpr PublishedAttribute list[] = {
      {"id"},
      {"name"},
      {"valueType"},
      {"characteristicRelationship", Form::objects, both, characteristic_relationship},
      {"@type"},
      {"@baseType"},
      {"@schemaLocation"}};
  return list;
}

PublishedAttributes feature_relationship() {
  static constexpr PublishedAttribute list[] = {{"id"},
                                                {"name"},
                                                {"relationshipType"},
                                                {"validFor", Form::object, both, period},
                                                {"@type", Form::text, v5_only}};
  return list;
}

PublishedAttributes service_feature() {
  static constexpr PublishedAttribute list[] = {
      {"id"},
      {"name"},
      {"isBundle", Form::boolean},
      {"isEnabled", Form::boolean},
      {"constraint", Form::objects, both, specification},
      {"featureCharacteristic", Form::objects, both, characteristic},
      {"featureRelationship", Form::objects, both, feature_relationship},
      {"@type", Form::text, v5_only}};
  return list;
}

PublishedAttributes resource_feature() {
  static constexpr PublishedAttribute list[] = {
      {"id"},
      {"name"},
      {"isBundle", Form::boolean},
      {"isEnabled", Form::boolean},
      {"constraint", Form::objects, v4_only, specification},
      {"policyConstraint", Form::objects, v5_only, specification},
      {"featureCharacteristic", Form::objects, both, characteristic},
      {"featureRelationship", Form::objects, both, feature_relationship},
      {"@type", Form::text, v5_only}};
  return list;
}

PublishedAttributes note() {
  static constexpr PublishedAttribute list[] = {
      {"id"}, {"author"}, {"date"}, {"text"}, {"@type", Form::text, v5_only}};
  return list;
}

PublishedAttributes order_item() {
  static constexpr PublishedAttribute list[] = {{"itemId"},
                                                {"role"},
                                                {"itemAction"},
                                                {"serviceOrderId"},
                                                {"serviceOrderHref"},
                                                {"resourceOrderId"},
                                                {"resourceOrderHref"},
                                                {"@referredType"},
                                                {"@type", Form::text, v5_only}};
  return list;
}

PublishedAttributes external_identifier() {
  static constexpr PublishedAttribute list[] = {
      {"id"}, {"owner"}, {"externalIdentifierType"}, {"@type"}};
  return list;
}

PublishedAttributes attachment() {
  static constexpr PublishedAttribute list[] = {{"id"},
                                                {"href"},
                                                {"name"},
                                                {"description"},
                                                {"url"},
                                                {"attachmentType", Form::text, v4_only},
                                                {"content", Form::text, v4_only},
                                                {"mimeType", Form::text, v4_only},
                                                {"size", Form::object, v4_only},
                                                {"validFor", Form::object, v4_only, period},
                                                {"@type"},
                                                {"@referredType"}};
  return list;
}

// The three related things are flat in v4 and nested in v5.
PublishedAttributes related_party() {
  static constexpr PublishedAttribute list[] = {
      {"id", Form::text, v4_only},
      {"href", Form::text, v4_only},
      {"name", Form::text, v4_only},
      {"role"},
      {"@type"},
      {"@referredType", Form::text, v4_only},
      {"partyOrPartyRole", Form::object, v5_only, party_reference}};
  return list;
}

PublishedAttributes related_place() {
  static constexpr PublishedAttribute list[] = {{"id", Form::text, v4_only},
                                                {"href", Form::text, v4_only},
                                                {"name", Form::text, v4_only},
                                                {"role"},
                                                {"@type"},
                                                {"@referredType", Form::text, v4_only},
                                                {"place", Form::object, v5_only, reference}};
  return list;
}

PublishedAttributes related_entity() {
  static constexpr PublishedAttribute list[] = {{"id", Form::text, v4_only},
                                                {"href", Form::text, v4_only},
                                                {"name", Form::text, v4_only},
                                                {"role"},
                                                {"@type"},
                                                {"@referredType", Form::text, v4_only},
                                                {"entity", Form::object, v5_only, reference}};
  return list;
}

PublishedAttributes service_relationship() {
  static constexpr PublishedAttribute list[] = {
      {"relationshipType"},
      {"@type", Form::text, v5_only},
      {"service", Form::object, both, reference},
      {"serviceRelationshipCharacteristic", Form::objects, both, characteristic}};
  return list;
}

PublishedAttributes resource_relationship() {
  static constexpr PublishedAttribute list[] = {
      {"relationshipType"},
      {"@type", Form::text, v5_only},
      {"resource", Form::object, both, reference},
      {"resourceRelationshipCharacteristic", Form::objects, v5_only, characteristic}};
  return list;
}

PublishedAttributes service() {
  static constexpr PublishedAttribute list[] = {
      {"id"},
      {"href"},
      {"@type"},
      {"@baseType"},
      {"@schemaLocation"},
      {"name"},
      {"description"},
      {"category"},
      {"serviceType"},
      {"isBundle", Form::boolean},
      {"isServiceEnabled", Form::boolean},
      {"hasStarted", Form::boolean},
      {"isStateful", Form::boolean},
      {"startDate"},
      {"endDate"},
      {"serviceDate"},
      {"startMode"},
      {"state", Form::text, both, nullptr, "vocabulary"},
      {"operatingStatus", Form::text, v5_only, nullptr, "vocabulary"},
      {"serviceSpecification", Form::object, both, specification},
      {"feature", Form::objects, both, service_feature},
      {"note", Form::objects, both, note},
      {"place", Form::objects, both, related_place},
      {"relatedEntity", Form::objects, both, related_entity},
      {"relatedParty", Form::objects, both, related_party},
      {"serviceCharacteristic", Form::objects, both, characteristic},
      {"serviceOrderItem", Form::objects, both, order_item},
      {"serviceRelationship", Form::objects, both, service_relationship},
      {"supportingResource", Form::objects, both, reference},
      {"supportingService", Form::objects, both, reference},
      {"externalIdentifier", Form::objects, v5_only, external_identifier},
      {"intent", Form::object, v5_only}};
  return list;
}

PublishedAttributes resource() {
  static constexpr PublishedAttribute list[] = {
      {"id"},
      {"href"},
      {"@type"},
      {"@baseType"},
      {"@schemaLocation"},
      {"name"},
      {"description"},
      {"category"},
      {"resourceVersion"},
      {"startOperatingDate"},
      {"endOperatingDate"},
      {"creationDate", Form::text, v5_only},
      {"validFor", Form::object, v5_only, period},
      {"administrativeState", Form::text, both, nullptr, "vocabulary"},
      {"operationalState", Form::text, both, nullptr, "vocabulary"},
      {"usageState", Form::text, both, nullptr, "idle active busy"},
      {"resourceStatus", Form::text, v4_only, nullptr,
       "standby alarm available reserved unknown suspended"},
      {"lifecycleState", Form::text, v5_only, nullptr, "planned installed pendingRemoval"},
      {"alarmStatus", Form::texts, v5_only, nullptr,
       "underRepair critical major minor alarmOutstanding"},
      {"proceduralStatus", Form::text, v5_only, nullptr,
       "initializationRequired notInitialized initializing reporting terminating"},
      {"availabilityStatus", Form::text, v5_only, nullptr,
       "inTest failed powerOff online offline offDuty dependency degraded notInstalled logFull"},
      {"controlStatus", Form::text, v5_only, nullptr,
       "subjectToTest partOfServicesLocked reservedForTest suspended"},
      {"unknownStatus", Form::boolean, v5_only},
      {"allocationStatus", Form::text, v5_only},
      {"activationFeature", Form::objects, both, resource_feature},
      {"attachment", Form::objects, both, attachment},
      {"note", Form::objects, both, note},
      {"place", Form::objects, v5_only, related_place},
      {"place", Form::object, v4_only, related_place},
      {"relatedParty", Form::objects, both, related_party},
      {"resourceCharacteristic", Form::objects, both, characteristic},
      {"resourceRelationship", Form::objects, both, resource_relationship},
      {"resourceSpecification", Form::object, both, specification},
      {"resourceOrderItem", Form::objects, v5_only, order_item},
      {"supportingResource", Form::objects, v5_only, reference},
      {"externalIdentifier", Form::objects, v5_only, external_identifier},
      {"intent", Form::object, v5_only}};
  return list;
}

constexpr SubclassAttribute of_subclasses[] = {
    {"LogicalResource", {"value"}},
    {"SoftwareResource", {"value", Form::text, v5_only}},
    {"SoftwareResource", {"isDistributedCurrent", Form::boolean, v5_only}},
    {"SoftwareResource", {"lastUpdate", Form::text, v5_only}},
    {"SoftwareResource", {"targetPlatform", Form::text, v5_only}},
    {"ResourceFunction", {"value", Form::text, v5_only}},
    {"ResourceFunction", {"priority", Form::number, v5_only}},
    {"ResourceFunction", {"role", Form::text, v5_only}},
    {"ResourceFunction", {"functionType", Form::text, v5_only}},
    {"ResourceFunction", {"autoModification", Form::objects, v5_only, characteristic}},
    {"ResourceFunction", {"connectionPoint", Form::objects, v5_only, reference}},
    {"ResourceFunction", {"connectivity", Form::objects, v5_only}},
    {"ResourceFunction", {"schedule", Form::objects, v5_only, reference}},
    {"PhysicalResource", {"manufactureDate"}},
    {"PhysicalResource", {"powerState"}},
    {"PhysicalResource", {"serialNumber"}},
    {"PhysicalResource", {"versionNumber"}},
    {"PhysicalResource", {"batchNumber", Form::text, v5_only}},
    {"PhysicalResource",
     {"standbyStatus", Form::text, v5_only, nullptr, "hotStandby coldStandby providingService"}},
    {"PhysicalResource",
     {"powerConsumingState", Form::text, v5_only, nullptr,
      "fullPower powerSaving sleeping shutdown"}},
    {"PhysicalResource", {"powerConsumingLevel", Form::number, v5_only}},
};

} // namespace

PublishedAttributes published_attributes(Api api) {
  return api == Api::service ? service() : resource();
}

std::span<const SubclassAttribute> subclass_attributes() {
  return of_subclasses;
}

} // namespace diffo::model
