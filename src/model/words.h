#pragma once

#include "graph/key.h"

#include <cstddef>
#include <string_view>

/// The dictionary of inventory records. A word's number is its position in this list and part of
/// the stored format: new words go to the end, none is ever moved or taken out.
namespace diffo::model {

// clang-format off
inline constexpr std::string_view inventory_words[] = {
    "id", "href", "name", "@type", "@baseType", "@schemaLocation", "@referredType", "value",
    "valueType", "role", "relationshipType", "version", "state", "description", "category",
    "serviceType", "startDate", "endDate", "serviceDate", "operatingStatus",
    "serviceSpecification", "resourceSpecification", "serviceCharacteristic",
    "resourceCharacteristic", "serviceRelationship", "resourceRelationship", "supportingService",
    "supportingResource", "service", "resource", "place", "relatedParty", "relatedEntity",
    "partyOrPartyRole", "entity", "note", "externalIdentifier", "processStatus", "feature",
    "activationFeature", "featureCharacteristic", "featureRelationship", "constraint",
    "policyConstraint", "characteristicRelationship", "serviceRelationshipCharacteristic",
    "resourceRelationshipCharacteristic", "serviceOrderItem", "resourceOrderItem", "attachment",
    "text", "author", "date", "owner", "externalIdentifierType", "isEnabled", "isBundle",
    "outer:@type", "outer:name", "alias", "administrativeState", "operationalState", "usageState",
    "resourceStatus", "lifecycleState", "resourceVersion", "startOperatingDate",
    "endOperatingDate", "code", "severity", "message", "parameterizedMessage", "timeStamp",
    "validFor", "startDateTime", "endDateTime", "active", "inactive", "terminated", "designed",
    "initial", "feasibilityChecked", "reserved", "suspended", "cancelled", "locked", "unlocked",
    "shutdown", "enabled", "disabled", "idle", "busy", "planned", "installed", "pendingRemoval",
    "Service", "Resource", "LogicalResource", "PhysicalResource", "SoftwareResource",
    "ResourceFunction", "StringCharacteristic", "IntegerCharacteristic", "NumberCharacteristic",
    "BooleanCharacteristic", "ObjectCharacteristic", "StringArrayCharacteristic",
    "IntegerArrayCharacteristic", "NumberArrayCharacteristic", "BooleanArrayCharacteristic",
    "ObjectArrayCharacteristic", "Characteristic", "CharacteristicRelationship", "Feature",
    "FeatureRelationship", "ConstraintRef", "PolicyRef", "Note", "ExternalIdentifier",
    "ServiceRelationship", "ResourceRelationship", "ServiceRef", "ResourceRef",
    "ServiceSpecificationRef", "ResourceSpecificationRef", "ServiceSpecification",
    "ResourceSpecification", "LogicalResourceSpecification", "PhysicalResourceSpecification",
    "RelatedPartyRefOrPartyRoleRef", "RelatedPlaceRefOrValue", "RelatedPlaceRef",
    "RelatedEntityRefOrValue", "RelatedParty", "PartyRef", "PartyRoleRef", "PlaceRef",
    "EntityRef", "IntentRef", "Intent", "Party", "PartyRole", "Individual", "Organization",
    "GeographicAddress", "GeographicSite", "GeographicLocation", "Entity", "AttachmentRef",
    "Attachment", "RelatedServiceOrderItem", "RelatedResourceOrderItem", "ServiceOrder",
    "ResourceOrder", "ServiceOrderItem", "ResourceOrderItem", "Equipment", "CFS", "RFS",
    "startMode", "hasStarted", "isServiceEnabled", "isStateful", "intent", "internalState",
    "internalOperatingStatus", "places", "creationDate", "alarmStatus", "proceduralStatus",
    "availabilityStatus", "controlStatus", "unknownStatus", "allocationStatus", "manufactureDate",
    "powerState", "serialNumber", "versionNumber", "standbyStatus", "powerConsumingState",
    "powerConsumingLevel", "batchNumber", "lastUpdate", "isDistributedCurrent", "targetPlatform",
    "connectionPoint", "connectivity", "priority", "functionType", "autoModification", "schedule",
    "graphRelationship", "connection", "resourceGraph", "associationType", "endpoint", "isRoot",
    "itemId", "itemAction", "serviceOrderId", "serviceOrderHref", "resourceOrderId",
    "resourceOrderHref", "attachmentType", "content", "mimeType", "url", "size", "amount",
    "units", "unit", "partyId", "partyName", "expression", "iri", "expressionValue", "context",
    "lifecycleStatus", "statusChangeDate", "reason", "status", "title", "pending", "configured",
    "starting", "running", "degraded", "failed", "limited", "stopping", "stopped", "unknown",
    "feasible", "not_feasible", "enable", "disable", "shuttingDown", "standby", "alarm",
    "available", "underRepair", "critical", "major", "minor", "alarmOutstanding",
    "initializationRequired", "notInitialized", "initializing", "reporting", "terminating",
    "inTest", "powerOff", "online", "offline", "offDuty", "dependency", "notInstalled", "logFull",
    "subjectToTest", "partOfServicesLocked", "reservedForTest", "hotStandby", "coldStandby",
    "providingService", "fullPower", "powerSaving", "sleeping", "add", "modify", "delete",
    "noChange", "excluded", "includes", "requires", "adjacency", "connectivityGraph",
    "pointtoPoint", "pointtoMultipoint", "string", "integer", "number", "boolean", "object",
    "array", "date-time", "INFO", "WARN", "ERROR", "CRITICAL", "Customer", "customer", "Provider",
    "provider", "Supplier", "user", "User", "Owner", "dependsOn", "DependentOn", "contains",
    "reliesOn", "bestows", "assignedTo", "connectsTo", "isContainedIn", "InstallationAddress",
    "installationAddress", "bandwidth", "speed", "vlan", "port", "ipAddress", "macAddress",
    "hostname", "location", "latitude", "longitude", "type", "values", "Mbps", "Gbps", "kbps",
    "up", "down", "on", "off", "true", "yes", "no", "none", "primary", "secondary", "gold",
    "silver", "bronze", "model", "vendor", "manufacturer", "softwareVersion", "hardwareVersion",
    "slot", "rack", "shelf", "card", "interface", "circuit", "device", "router", "switch", "site",
    "street", "city", "postcode", "country", "streetName", "streetNr", "locality",
    "stateOrProvince", "geometry", "coordinates", "bbox", "which", "expected", "actual",
    "internalForm", "assignment", "pool", "first", "last", "algorithm", "thing", "uuid",
    "profile", "source", "observedAt", "tags", "labels", "metadata", "comment", "format",
    "contactMedium", "creditRating", "externalReference", "partyCharacteristic",
    "taxExemptionCertificate", "familyName", "givenName", "aristocraticTitle", "birthDate",
    "countryOfBirth", "deathDate", "disability", "familyNamePrefix", "formattedName", "fullName",
    "gender", "generation", "individualIdentification", "languageAbility", "legalName",
    "maritalStatus", "middleName", "nationality", "otherName", "placeOfBirth",
    "preferredGivenName", "skill", "tradingName", "existsDuring", "isHeadOffice", "isLegalEntity",
    "nameType", "organizationChildRelationship", "organizationIdentification",
    "organizationParentRelationship", "organizationType", "featureSpecification",
    "entitySpecRelationship", "serviceLevelSpecification", "serviceSpecRelationship",
    "specCharacteristic", "targetEntitySchema", "intentSpecification",
    "resourceSpecCharacteristic", "resourceSpecRelationship", "targetResourceSchema", "part",
    "sku", "parentId", "serviceCandidate", "catalogType", "resourceCandidate", "countryCode",
    "geographicAddressType", "geographicLocation", "geographicSubAddress", "streetNrLast",
    "streetNrLastSuffix", "streetNrSuffix", "streetSuffix", "streetType", "calendar",
    "siteRelationship", "geoJson", "contentQuery", "headerQuery"
};
// clang-format on

inline constexpr std::size_t inventory_word_count =
    sizeof inventory_words / sizeof inventory_words[0];

namespace words {

/// The number of a word, at compile time; a text that is no word does not compile.
consteval graph::Word number_of(std::string_view text) {
  for (std::size_t index = 0; index < inventory_word_count; ++index)
    if (inventory_words[index] == text)
      return static_cast<graph::Word>(index);
  throw "no word of the dictionary";
}

inline constexpr graph::Word id = number_of("id");
inline constexpr graph::Word href = number_of("href");
inline constexpr graph::Word name = number_of("name");
inline constexpr graph::Word type = number_of("@type");
inline constexpr graph::Word referred_type = number_of("@referredType");
inline constexpr graph::Word value = number_of("value");
inline constexpr graph::Word role = number_of("role");
inline constexpr graph::Word relationship_type = number_of("relationshipType");
inline constexpr graph::Word alias = number_of("alias");
inline constexpr graph::Word state = number_of("state");
inline constexpr graph::Word operating_status = number_of("operatingStatus");
inline constexpr graph::Word administrative_state = number_of("administrativeState");
inline constexpr graph::Word operational_state = number_of("operationalState");
inline constexpr graph::Word service_date = number_of("serviceDate");
inline constexpr graph::Word external_identifier_type = number_of("externalIdentifierType");
/// The `@type` and the `name` of the object around a reference. No attribute is called so.
inline constexpr graph::Word outer_type = number_of("outer:@type");
inline constexpr graph::Word outer_name = number_of("outer:name");

} // namespace words
} // namespace diffo::model
