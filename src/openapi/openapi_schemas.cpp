#include "openapi/openapi_parts.h"

#include <array>

namespace diffo::openapi::openapi {
namespace {

constexpr std::array<EnumerationSchema, 2> shared_enumerations = {{
    {"OrderItemAction", "What an order item does.", "add modify delete noChange"},
    {"UsageState", "Whether a resource is in use.", "idle active busy"},
}};

constexpr std::array<EnumerationSchema, 1> service_enumerations_v4 = {{
    {"ServiceState", "Where a service is in its life.",
     "feasibilityChecked designed reserved inactive active terminated"},
}};

constexpr std::array<EnumerationSchema, 2> service_enumerations_v5 = {{
    {"ServiceState", "Where a service is in its life.",
     "feasibilityChecked designed reserved inactive active suspended terminated"},
    {"ServiceOperatingStatus", "How a service runs.",
     "pending configured starting running degraded failed limited stopping stopped unknown"},
}};

constexpr std::array<EnumerationSchema, 3> resource_enumerations_v4 = {{
    {"AdministrativeState", "Whether use is permitted.", "locked unlocked shutdown"},
    {"OperationalState", "Whether it works.", "enable disable"},
    {"ResourceStatus", "The status of a resource.",
     "standby alarm available reserved unknown suspended"},
}};

constexpr std::array<EnumerationSchema, 7> resource_enumerations_v5 = {{
    {"AdministrativeState", "Whether use is permitted.", "locked unlocked shuttingDown"},
    {"OperationalState", "Whether it works.", "enabled disabled"},
    {"LifecycleState", "Where a resource is in its life.", "planned installed pendingRemoval"},
    {"AlarmStatus", "What alarms there are.", "underRepair critical major minor alarmOutstanding"},
    {"ProceduralStatus", "How far a procedure of the resource is.",
     "initializationRequired notInitialized initializing reporting terminating"},
    {"AvailabilityStatus", "Why a resource is not to be had.",
     "inTest failed powerOff online offline offDuty dependency degraded notInstalled logFull"},
    {"ControlStatus", "What restricts a resource.",
     "subjectToTest partOfServicesLocked reservedForTest suspended"},
}};

// What both versions spell alike.
constexpr std::array<ObjectSchema, 2> shared_objects = {{
    {"TimePeriod", "A span of time.", "startDateTime:date-time endDateTime:date-time"},
    {"Quantity", "An amount with its unit.", "amount:number units:string"},
}};

constexpr std::array<ObjectSchema, 12> objects_v4 = {{
    {"Characteristic", "A named value.",
     "id:string name!:string value!:any valueType:string "
     "characteristicRelationship:[CharacteristicRelationship] @type:string @baseType:string "
     "@schemaLocation:uri"},
    {"CharacteristicRelationship", "A relationship between two characteristics.",
     "id!:string relationshipType!:string"},
    {"Feature", "A feature that can be switched.",
     "id:string name!:string isBundle:boolean isEnabled:boolean "
     "featureCharacteristic:[Characteristic] constraint:[Reference] "
     "featureRelationship:[FeatureRelationship] @type:string"},
    {"FeatureRelationship", "A relationship between two features.",
     "id:string name:string relationshipType!:string validFor:TimePeriod"},
    {"Note", "A remark.", "id:string author:string date:date-time text:string @type:string"},
    {"Reference", "A reference to something, here or elsewhere.",
     "id!:string href:string name:string @referredType:string @type:string @baseType:string "
     "@schemaLocation:uri"},
    {"SpecificationReference", "A reference to a specification.",
     "id!:string href:string name:string version:string @referredType:string @type:string"},
    {"RelatedParty", "A party in a role.",
     "id:string href:string name:string role:string @referredType:string @type:string"},
    {"RelatedPlace", "A place in a role, by reference or by value.",
     "id:string href:string name:string role:string @referredType:string @type:string"},
    {"RelatedEntity", "Any other entity in a role.",
     "id:string href:string name:string role:string @referredType:string @type:string"},
    {"RelatedOrderItem", "The order item that asked for something.",
     "itemId:string role:string itemAction:OrderItemAction serviceOrderId:string "
     "serviceOrderHref:string resourceOrderId:string resourceOrderHref:string "
     "@referredType:string @type:string"},
    {"Attachment", "A document, by reference or by value.",
     "id:string href:string name:string attachmentType:string content:string description:string "
     "mimeType:string url:string size:Quantity validFor:TimePeriod @type:string"},
}};

constexpr std::array<ObjectSchema, 13> objects_v5 = {{
    {"Characteristic", "A named value; @type names the class its value has.",
     "@type!:string id:string name!:string value:any valueType:string "
     "characteristicRelationship:[CharacteristicRelationship] @baseType:string "
     "@schemaLocation:uri"},
    {"CharacteristicRelationship", "A relationship between two characteristics.",
     "@type!:string id!:string relationshipType!:string"},
    {"Feature", "A feature that can be switched.",
     "@type!:string id:string name!:string isBundle:boolean isEnabled:boolean "
     "featureCharacteristic:[Characteristic] constraint:[Reference] policyConstraint:[Reference] "
     "featureRelationship:[FeatureRelationship]"},
    {"FeatureRelationship", "A relationship between two features.",
     "@type:string id:string name:string relationshipType!:string validFor:TimePeriod"},
    {"Note", "A remark.", "@type!:string id:string author:string date:date-time text:string"},
    {"Reference", "A reference to something, here or elsewhere.",
     "@type!:string id!:string href:string name:string @referredType:string @baseType:string "
     "@schemaLocation:uri"},
    {"SpecificationReference", "A reference to a specification.",
     "@type!:string id!:string href:string name:string version:string @referredType:string"},
    {"RelatedParty", "A party in a role.", "@type!:string role:string partyOrPartyRole:Reference"},
    {"RelatedPlace", "A place in a role.", "@type!:string role:string place:any"},
    {"RelatedEntity", "Any other entity in a role.", "@type!:string role:string entity:any"},
    {"RelatedOrderItem", "The order item that asked for something.",
     "@type!:string itemId:string role:string itemAction:OrderItemAction serviceOrderId:string "
     "serviceOrderHref:string resourceOrderId:string resourceOrderHref:string "
     "@referredType:string"},
    {"Attachment", "A document, by reference.",
     "@type!:string id:string href:string name:string description:string url:string "
     "@referredType:string"},
    {"ExternalIdentifier", "The name another system has for it.",
     "@type!:string id:string owner:string externalIdentifierType:string"},
}};

constexpr std::array<ObjectSchema, 2> services_v4 = {{
    {"ServiceRelationship", "A relationship to another service.",
     "relationshipType!:string service!:Reference "
     "serviceRelationshipCharacteristic:[Characteristic] @type:string"},
    {"Service", "A service as the inventory knows it.",
     "id!:string href!:string category:string description:string name:string serviceType:string "
     "isBundle:boolean isServiceEnabled:boolean hasStarted:boolean isStateful:boolean "
     "startMode:string serviceDate!:date-time startDate:date-time endDate:date-time "
     "state!:ServiceState serviceSpecification!:SpecificationReference feature:[Feature] "
     "note:[Note] place:[RelatedPlace] relatedEntity:[RelatedEntity] relatedParty:[RelatedParty] "
     "serviceCharacteristic:[Characteristic] serviceOrderItem:[RelatedOrderItem] "
     "serviceRelationship:[ServiceRelationship] supportingResource:[Reference] "
     "supportingService:[Reference] @type:string @baseType:string @schemaLocation:uri"},
}};

constexpr std::array<ObjectSchema, 2> services_v5 = {{
    {"ServiceRelationship", "A relationship to another service.",
     "@type!:string relationshipType!:string service:Reference "
     "serviceRelationshipCharacteristic:[Characteristic]"},
    {"Service", "A service as the inventory knows it.",
     "@type!:string id!:string href!:string category:string description:string name:string "
     "serviceType:string isBundle:boolean isServiceEnabled:boolean hasStarted:boolean "
     "isStateful:boolean startMode:string serviceDate:date-time startDate:date-time "
     "endDate:date-time state:ServiceState operatingStatus:ServiceOperatingStatus "
     "serviceSpecification:SpecificationReference feature:[Feature] note:[Note] "
     "place:[RelatedPlace] relatedEntity:[RelatedEntity] relatedParty:[RelatedParty] "
     "serviceCharacteristic:[Characteristic] serviceOrderItem:[RelatedOrderItem] "
     "serviceRelationship:[ServiceRelationship] supportingResource:[Reference] "
     "supportingService:[any] externalIdentifier:[ExternalIdentifier] intent:object "
     "@baseType:string @schemaLocation:uri"},
}};

constexpr std::array<ObjectSchema, 2> resources_v4 = {{
    {"ResourceRelationship", "A relationship to another resource.",
     "id:string href:string relationshipType!:string resource!:Reference "
     "resourceRelationshipCharacteristic:[Characteristic] @type:string"},
    {"Resource", "A resource as the inventory knows it.",
     "id!:string href!:string name!:string category:string description:string "
     "resourceVersion:string startOperatingDate:date-time endOperatingDate:date-time "
     "administrativeState:AdministrativeState operationalState:OperationalState "
     "resourceStatus:ResourceStatus usageState:UsageState activationFeature:[Feature] "
     "attachment:[Attachment] note:[Note] place:RelatedPlace places:[RelatedPlace] "
     "relatedParty:[RelatedParty] resourceCharacteristic:[Characteristic] "
     "resourceRelationship:[ResourceRelationship] resourceSpecification:SpecificationReference "
     "@type:string @baseType:string @schemaLocation:uri"},
}};

constexpr std::array<ObjectSchema, 2> resources_v5 = {{
    {"ResourceRelationship", "A relationship to another resource.",
     "@type!:string relationshipType!:string resource!:Reference "
     "resourceRelationshipCharacteristic:[Characteristic]"},
    {"Resource", "A resource as the inventory knows it; subclasses add attributes of their own.",
     "@type!:string id!:string href!:string name:string category:string description:string "
     "resourceVersion:string startOperatingDate:date-time endOperatingDate:date-time "
     "creationDate:date-time validFor:TimePeriod administrativeState:AdministrativeState "
     "operationalState:OperationalState usageState:UsageState lifecycleState:LifecycleState "
     "alarmStatus:[AlarmStatus] proceduralStatus:ProceduralStatus "
     "availabilityStatus:AvailabilityStatus controlStatus:ControlStatus unknownStatus:boolean "
     "allocationStatus:string activationFeature:[Feature] attachment:[Attachment] note:[Note] "
     "place:[RelatedPlace] relatedParty:[RelatedParty] resourceCharacteristic:[Characteristic] "
     "resourceRelationship:[ResourceRelationship] resourceSpecification:SpecificationReference "
     "resourceOrderItem:[RelatedOrderItem] supportingResource:[any] intent:Reference "
     "externalIdentifier:[ExternalIdentifier] @baseType:string @schemaLocation:uri"},
}};

struct InputForms {
  std::string_view entity;
  std::string_view set_by_server; ///< attributes that no input has
  std::string_view required;      ///< of an entity to be created
};

bool has_word(std::string_view words, std::string_view word) {
  const std::string padded = " " + std::string(words) + " ";
  return padded.find(" " + std::string(word) + " ") != std::string::npos;
}

/// The form of the entity for POST, with its required attributes, and for PATCH, with none.
void add_input_forms(json::Object& schemas, const InputForms& forms) {
  const json::Value entity = *schemas.find(forms.entity);
  json::Object properties;
  json::Array required;
  for (const json::Member& property : entity.find("properties")->object()) {
    if (has_word(forms.set_by_server, property.name))
      continue;
    if (has_word(forms.required, property.name))
      required.emplace_back(property.name);
    properties.append(property.name, property.value);
  }
  json::Object change{{"type", "object"},
                      {"description", "The attributes that change; null removes one (RFC 7396)."},
                      {"properties", properties},
                      {"additionalProperties", true}};
  json::Object create = change;
  create.set("description", "An entity to be created; the server gives it an id if it has none.");
  create.set("required", std::move(required));
  schemas.set(std::string(forms.entity) + "Create", std::move(create));
  schemas.set(std::string(forms.entity) + "Change", std::move(change));
}

} // namespace

json::Object entity_schemas(bool resource, bool v5) {
  json::Object schemas;
  if (resource && v5) {
    add_objects(schemas, resources_v5);
    add_enumerations(schemas, resource_enumerations_v5);
    add_input_forms(schemas, {"Resource", "href", "@type"});
  } else if (resource) {
    add_objects(schemas, resources_v4);
    add_enumerations(schemas, resource_enumerations_v4);
    add_input_forms(schemas, {"Resource", "href", "name"});
  } else if (v5) {
    add_objects(schemas, services_v5);
    add_enumerations(schemas, service_enumerations_v5);
    add_input_forms(schemas, {"Service", "href serviceDate", "@type state serviceSpecification"});
  } else {
    add_objects(schemas, services_v4);
    add_enumerations(schemas, service_enumerations_v4);
    add_input_forms(schemas, {"Service", "href", "state serviceSpecification"});
  }
  if (v5)
    add_objects(schemas, objects_v5);
  else
    add_objects(schemas, objects_v4);
  add_objects(schemas, shared_objects);
  add_enumerations(schemas, shared_enumerations);
  add_error_schema(schemas);
  return schemas;
}

} // namespace diffo::openapi::openapi
