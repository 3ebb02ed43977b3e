#include "model/attributes.h"

#include "model/attribute_row.h"
#include "model/kinds.h"
#include "model/neighbours.h"

#include <span>

namespace diffo::model {

using namespace rows;

namespace {

constexpr Row type = text("@type");
constexpr Row base_type = text("@baseType");
constexpr Row schema_location = text("@schemaLocation").schema("uri");

// TMF638 (tmf.md §1.3), the homes of wire.md §3, the properties of neo4j.md §1.
constexpr Row of_service[] = {
    text("id").derived().fixed(),
    text("href").derived().fixed(),
    type.demanded_in(Version::v5).index(2).or_else(Otherwise::class_name).fixed(),
    base_type,
    schema_location,
    text("name").node("name").index(1),
    text("description"),
    text("category").index(3),
    text("serviceType").index(6),
    flag("isBundle").extra(),
    flag("isServiceEnabled").extra(),
    flag("hasStarted").extra(),
    flag("isStateful").extra(),
    date("startDate").node("startedAt").index(8),
    date("endDate").node("stoppedAt").index(9),
    date("serviceDate").index(7).or_else(Otherwise::created_at).fixed(),
    text("startMode").extra(),
    text("state")
        .words(state_vocabulary)
        .schema("ServiceState")
        .demanded()
        .tells(Tells::state)
        .node("state")
        .index(4),
    text("operatingStatus")
        .words(operating_status_vocabulary)
        .schema("ServiceOperatingStatus")
        .v5_only()
        .tells(Tells::operating_status)
        .node("operatingStatus")
        .index(5),
    text("internalState").derived().unpublished().tells(Tells::state),
    text("internalOperatingStatus").derived().unpublished().tells(Tells::operating_status),
    edge("serviceSpecification", kinds::specification_reference).demanded(),
    parts("feature", kinds::feature),
    parts("note", kinds::note),
    edges("place", kinds::place_reference),
    edges("relatedEntity", kinds::entity_reference),
    edges("relatedParty", kinds::party_reference),
    parts("serviceCharacteristic", kinds::characteristic),
    parts("serviceOrderItem", kinds::order_item),
    edges("serviceRelationship", kinds::service_relation),
    edges("resourceRelationship", kinds::resource_relation).unpublished(),
    edges("supportingResource", kinds::supporting_resource),
    edges("supportingService", kinds::supporting_service),
    parts("externalIdentifier", kinds::external_identifier).v5_only(),
    parts("processStatus", kinds::process_status).unpublished(),
    object("intent").v5_only(),
};

// TMF639 (tmf.md §1.4).
constexpr Row of_resource[] = {
    text("id").derived().fixed(),
    text("href").derived().fixed(),
    type.demanded_in(Version::v5).index(2).or_else(Otherwise::class_name).fixed(),
    base_type,
    schema_location,
    text("name").demanded_in(Version::v4).node("name").index(1).stands_in(Version::v4, StandIn::id),
    text("description"),
    text("category").index(3),
    text("resourceVersion").node("resourceVersion"),
    date("startOperatingDate").node("startedAt").index(15),
    date("endOperatingDate").node("stoppedAt").index(16),
    date("creationDate").extra().v5_only(),
    object("validFor", shapes::time_period).v5_only(),
    text("administrativeState")
        .words(administrative_state_vocabulary)
        .schema("AdministrativeState")
        .tells(Tells::state)
        .node("administrativeState")
        .index(11),
    text("operationalState")
        .words(operational_state_vocabulary)
        .schema("OperationalState")
        .tells(Tells::state)
        .node("operationalState")
        .index(12),
    text("usageState")
        .words("idle active busy")
        .schema("UsageState")
        .tells(Tells::state)
        .node("usageState")
        .index(13),
    text("resourceStatus")
        .words("standby alarm available reserved unknown suspended")
        .schema("ResourceStatus")
        .tells(Tells::state)
        .v4_only()
        .node("resourceStatus")
        .index(14),
    text("lifecycleState")
        .words("planned installed pendingRemoval")
        .schema("LifecycleState")
        .tells(Tells::state)
        .v5_only()
        .node("lifecycleState")
        .index(10),
    texts("alarmStatus")
        .words("underRepair critical major minor alarmOutstanding")
        .schema("AlarmStatus")
        .v5_only(),
    text("proceduralStatus")
        .words("initializationRequired notInitialized initializing reporting terminating")
        .schema("ProceduralStatus")
        .extra()
        .v5_only(),
    text("availabilityStatus")
        .words("inTest failed powerOff online offline offDuty dependency degraded notInstalled "
               "logFull")
        .schema("AvailabilityStatus")
        .extra()
        .v5_only(),
    text("controlStatus")
        .words("subjectToTest partOfServicesLocked reservedForTest suspended")
        .schema("ControlStatus")
        .extra()
        .v5_only(),
    flag("unknownStatus").extra().v5_only(),
    text("allocationStatus").extra().v5_only(),
    parts("activationFeature", kinds::feature),
    parts("attachment", kinds::attachment),
    parts("note", kinds::note),
    edges("place", kinds::place_reference).formed(Form::object, Form::objects),
    objects("places", kinds::place_reference).derived().unpublished(),
    edges("relatedParty", kinds::party_reference),
    parts("resourceCharacteristic", kinds::characteristic),
    edges("resourceRelationship", kinds::resource_relation),
    edges("serviceRelationship", kinds::service_relation).unpublished(),
    edge("resourceSpecification", kinds::specification_reference),
    parts("resourceOrderItem", kinds::order_item).v5_only(),
    edges("supportingResource", kinds::supporting_resource).v5_only(),
    edges("supportingService", kinds::supporting_service).unpublished(),
    parts("externalIdentifier", kinds::external_identifier).v5_only(),
    parts("processStatus", kinds::process_status).unpublished(),
    object("intent").v5_only(),
    // What only one published class has; another may use the name in its own way.
    text("value").extra().read_as(Reading::value).of_class("LogicalResource"),
    text("value").extra().read_as(Reading::value).of_class("SoftwareResource").v5_only(),
    flag("isDistributedCurrent").extra().of_class("SoftwareResource").v5_only(),
    date("lastUpdate").extra().of_class("SoftwareResource").v5_only(),
    text("targetPlatform").extra().of_class("SoftwareResource").v5_only(),
    text("value").extra().read_as(Reading::value).of_class("ResourceFunction").v5_only(),
    number("priority").extra().of_class("ResourceFunction").v5_only(),
    text("role").extra().of_class("ResourceFunction").v5_only(),
    text("functionType").extra().of_class("ResourceFunction").v5_only(),
    objects("autoModification", kinds::characteristic).of_class("ResourceFunction").v5_only(),
    objects("connectionPoint", kinds::supporting_resource).of_class("ResourceFunction").v5_only(),
    objects("connectivity").of_class("ResourceFunction").v5_only(),
    objects("schedule", kinds::supporting_resource).of_class("ResourceFunction").v5_only(),
    date("manufactureDate").extra().of_class("PhysicalResource"),
    text("powerState").extra().of_class("PhysicalResource"),
    text("serialNumber").extra().of_class("PhysicalResource"),
    text("versionNumber").extra().of_class("PhysicalResource"),
    text("batchNumber").extra().of_class("PhysicalResource").v5_only(),
    text("standbyStatus")
        .words("hotStandby coldStandby providingService")
        .extra()
        .of_class("PhysicalResource")
        .v5_only(),
    text("powerConsumingState")
        .words("fullPower powerSaving sleeping shutdown")
        .extra()
        .of_class("PhysicalResource")
        .v5_only(),
    number("powerConsumingLevel").extra().of_class("PhysicalResource").v5_only(),
};

constexpr Row of_characteristic[] = {
    text("id"),
    text("name").node("name"),
    any("value").node("value").stands_in(Version::v4, StandIn::null),
    text("valueType"),
    parts("characteristicRelationship", kinds::characteristic_relationship),
    type,
    base_type.extra(),
    schema_location.extra(),
};
constexpr Row of_characteristic_relationship[] = {
    text("id"), text("name").unpublished(), text("relationshipType"),
    type,       base_type.extra(),          schema_location.extra(),
};
constexpr Row of_feature[] = {
    text("id").stands_in(Version::v4, StandIn::name),
    text("name").node("name"),
    flag("isBundle"),
    flag("isEnabled").node("isenabled"),
    parts("constraint", kinds::constraint).in_newer_resource("policyConstraint"),
    parts("featureCharacteristic", kinds::characteristic).stands_in(Version::v4, StandIn::enabled),
    parts("featureRelationship", kinds::feature_relationship),
    type.v5_only(),
};
constexpr Row of_feature_relationship[] = {
    text("id").stands_in(Version::v5, StandIn::name),
    text("name").stands_in(Version::v4, StandIn::id),
    text("relationshipType"),
    object("validFor", shapes::time_period),
    type.v5_only(),
};
constexpr Row of_note[] = {
    text("id").node("noteId"),
    text("author").stands_in(Version::v4, StandIn::empty_text),
    date("date").node("timestamp").stands_in(Version::v4, StandIn::creation),
    text("text").node("text").stands_in(Version::v4, StandIn::empty_text),
    type.v5_only(),
};
constexpr Row of_external_identifier[] = {
    text("id").node("externalId").index(17),
    text("owner"),
    text("externalIdentifierType").node("type"),
    type,
};
constexpr Row of_process_status[] = {
    text("code").unpublished().node("code"),
    text("severity").unpublished().node("severity"),
    text("message").unpublished().node("message"),
    any("parameterizedMessage").unpublished().node("parameterizedMessage"),
    date("timeStamp").unpublished().node("timestamp"),
    type.unpublished(),
};
constexpr Row of_order_item[] = {
    text("itemId"),
    text("role"),
    text("itemAction").schema("OrderItemAction"),
    text("serviceOrderId").extra(),
    text("serviceOrderHref").extra(),
    text("resourceOrderId").extra(),
    text("resourceOrderHref").extra(),
    text("@referredType").extra(),
    type.v5_only(),
};
constexpr Row of_attachment[] = {
    text("id").stands_in(Version::v5, StandIn::name),
    text("href"),
    text("name"),
    text("version").unpublished(),
    text("description").extra(),
    text("url").extra(),
    text("attachmentType").extra().v4_only(),
    text("content").extra().v4_only(),
    text("mimeType").extra().v4_only(),
    object("size", shapes::quantity).v4_only(),
    object("validFor", shapes::time_period).v4_only(),
    type,
    text("@referredType"),
    base_type.unpublished(),
    schema_location.unpublished(),
};

// A reference, whatever it refers to.
constexpr Row of_reference[] = {
    text("id"), text("href"), text("name"),    text("version").unpublished(),
    type,       base_type,    schema_location, text("@referredType"),
};
constexpr Row of_versioned_reference[] = {
    text("id"), text("href"), text("name"),    text("version"),
    type,       base_type,    schema_location, text("@referredType"),
};

// An object around a reference, in both versions.
constexpr Row of_relation[] = {
    text("relationshipType").around().node("type"),
    text("alias").around().unpublished().node("alias"),
    text("role").around().unpublished(),
    text("name").around("outer:name").unpublished(),
    type.around("outer:@type").v5_only(),
    text("id").reference(),
    text("name").reference(),
    text("version").reference().unpublished(),
    type.reference().node("targetType"),
    base_type.reference(),
    schema_location.reference(),
    text("@referredType").reference(),
};
constexpr Row target_href = text("href").reference().node("targetHref");
constexpr Row of_target[] = {target_href};
constexpr Row of_service_relation_alone[] = {
    target_href,
    inner("service"),
    parts("serviceRelationshipCharacteristic", kinds::characteristic).around(),
};
// TMF639 v4 demands the link, TMF638 v4 does not.
constexpr Row of_resource_relation_alone[] = {
    target_href.stands_in(Version::v4, StandIn::url),
    inner("resource"),
    parts("resourceRelationshipCharacteristic", kinds::characteristic).around().v5_only(),
};

// Flat in v4, an object around a reference in v5.
constexpr Row of_related[] = {
    text("role").around().node("role"),
    text("relationshipType").around().unpublished(),
    text("alias").around().unpublished(),
    text("name").around("outer:name").unpublished(),
    type.around("outer:@type"),
    text("id").reference().stands_in(Version::v5, StandIn::name),
    text("href").reference(),
    text("name").reference(),
    text("version").reference().unpublished(),
    type.reference().v5_only(),
    base_type.reference().v5_only(),
    schema_location.reference().v5_only(),
    text("@referredType").reference(),
};
constexpr Row of_place_alone[] = {inner("place").v5_only()};
constexpr Row of_entity_alone[] = {inner("entity").v5_only()};
constexpr Row of_party_alone[] = {
    inner("partyOrPartyRole").v5_only(),
    text("partyId").extra().reference().v5_only(),
    text("partyName").extra().reference().v5_only(),
};

// Roots that nothing but references tells of.
constexpr Row of_referred[] = {
    text("href").node("href"),
    text("name").node("name"),
    type.node("type"),
    text("@referredType").node("referredType"),
};
constexpr Row of_place_root[] = {
    object("geoJson").unpublished().node("location").encoded(graph::PropertyEncoding::json_text),
};
constexpr Row of_specification[] = {
    text("name").node("name"),
    type.node("type"),
    text("description").node("description"),
    text("category").node("category"),
};

// A value of a pool that somebody has (domain.md §10.2); `size`: how many numbers it is the first
// of, `unit`: how it is written where it is no number, `endDateTime`: until when it is reserved.
constexpr Row of_assignment[] = {
    text("pool").unpublished().node("pool"),
    text("thing").unpublished().node("thing"),
    number("value").unpublished().node("value").encoded(graph::PropertyEncoding::integer),
    text("alias").unpublished().node("alias"),
    number("size").unpublished().node("size").encoded(graph::PropertyEncoding::integer),
    text("type").unpublished().node("assignableType"),
    text("unit").unpublished().node("unit"),
    date("endDateTime").unpublished().node("leaseUntil"),
};

/// What others handed out stands in the assigner: none of ours, and shown as ours are.
constexpr Row of_handed_out[] = {
    text("pool").unpublished().node("pool"),
    text("thing").unpublished().node("thing"),
    number("value").unpublished().node("value").encoded(graph::PropertyEncoding::integer),
};

constexpr Row of_time_period[] = {date("startDateTime").extra(), date("endDateTime").extra()};
constexpr Row of_quantity[] = {number("amount").extra(), text("units").extra()};

struct Owned {
  graph::ElementKind owner;
  std::span<const Row> rows;
};

constexpr Owned all_rows[] = {
    {kinds::service, of_service},
    {kinds::resource, of_resource},
    {kinds::party, of_referred},
    {kinds::place, of_referred},
    {kinds::place, of_place_root},
    {kinds::entity, of_referred},
    {kinds::specification, of_specification},
    {kinds::characteristic, of_characteristic},
    {kinds::characteristic_relationship, of_characteristic_relationship},
    {kinds::feature, of_feature},
    {kinds::feature_relationship, of_feature_relationship},
    {kinds::constraint, of_versioned_reference},
    {kinds::note, of_note},
    {kinds::external_identifier, of_external_identifier},
    {kinds::process_status, of_process_status},
    {kinds::order_item, of_order_item},
    {kinds::attachment, of_attachment},
    {kinds::service_relation, of_relation},
    {kinds::service_relation, of_service_relation_alone},
    {kinds::resource_relation, of_relation},
    {kinds::resource_relation, of_resource_relation_alone},
    {kinds::assignment, of_relation},
    {kinds::assignment, of_target},
    {kinds::assignment, of_handed_out},
    {kinds::defined_simple_relation, of_relation},
    {kinds::defined_simple_relation, of_target},
    {kinds::supporting_service, of_reference},
    {kinds::supporting_resource, of_reference},
    {kinds::specification_reference, of_versioned_reference},
    {kinds::place_reference, of_related},
    {kinds::place_reference, of_place_alone},
    {kinds::party_reference, of_related},
    {kinds::party_reference, of_party_alone},
    {kinds::entity_reference, of_related},
    {kinds::entity_reference, of_entity_alone},
    {kinds::assignment_root, of_assignment},
    {shapes::time_period, of_time_period},
    {shapes::quantity, of_quantity},
};

} // namespace

std::vector<Attribute> inventory_attributes() {
  std::vector<Attribute> all;
  for (const Owned& owned : all_rows)
    for (const Row& row : owned.rows) {
      all.push_back(row.row);
      all.back().owner = owned.owner;
    }
  add_neighbour_attributes(all);
  return all;
}

} // namespace diffo::model
