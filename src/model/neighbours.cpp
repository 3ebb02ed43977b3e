#include "model/neighbours.h"

#include "model/attribute_row.h"

#include <span>

namespace diffo::model {

using namespace rows;

namespace {

constexpr Row type =
    text("@type").demanded_in(Version::v5).or_else(Otherwise::class_name).fixed().node("type");

constexpr Row of_every[] = {
    text("id").derived().fixed(),
    text("href").derived().fixed(),
    text("@baseType"),
    text("@schemaLocation").schema("uri"),
};

// TMF632 (v4 and v5).
constexpr Row of_party[] = {
    objects("contactMedium"),
    objects("creditRating"),
    objects("externalReference"),
    parts("partyCharacteristic", kinds::characteristic),
    edges("relatedParty", kinds::party_reference),
    objects("taxExemptionCertificate"),
};
constexpr Row of_individual[] = {
    type,
    text("familyName").extra().node("familyName").demanded(),
    text("givenName").extra().node("givenName").demanded(),
    text("name").node("name").v5_only(),
    text("aristocraticTitle").extra(),
    date("birthDate").extra().node("birthDate"),
    text("countryOfBirth").extra(),
    date("deathDate").extra(),
    objects("disability"),
    text("familyNamePrefix").extra(),
    text("formattedName").extra(),
    text("fullName").extra().v4_only(),
    text("gender").extra().node("gender"),
    text("generation").extra(),
    objects("individualIdentification"),
    objects("languageAbility"),
    text("legalName").extra(),
    text("location").extra(),
    text("maritalStatus").extra(),
    text("middleName").extra().node("middleName"),
    text("nationality").extra().node("nationality"),
    objects("otherName"),
    text("placeOfBirth").extra(),
    text("preferredGivenName").extra(),
    objects("skill"),
    text("status")
        .words(individual_status_vocabulary)
        .schema("IndividualStateType")
        .tells(Tells::state),
    text("title").extra().node("title"),
};
constexpr Row of_organization[] = {
    type,
    text("tradingName")
        .extra()
        .node("tradingName")
        .demanded_in(Version::v4)
        .stands_in(Version::v4, StandIn::name),
    text("name")
        .node("name")
        .demanded_in(Version::v5)
        .stands_in(Version::v5, StandIn::trading_name),
    object("existsDuring", shapes::time_period),
    flag("isHeadOffice").extra().node("isHeadOffice"),
    flag("isLegalEntity").extra().node("isLegalEntity"),
    text("nameType").extra().node("nameType"),
    objects("organizationChildRelationship"),
    objects("organizationIdentification"),
    object("organizationParentRelationship"),
    text("organizationType").extra().node("organizationType"),
    objects("otherName"),
    text("status")
        .words("initialized validated closed")
        .schema("OrganizationStateType")
        .tells(Tells::state),
};

// What entities of catalogs have in common (TMF633 v4; TMF634 v4 and v5).
constexpr Row of_cataloged[] = {
    text("name").node("name").demanded(),
    text("description").node("description"),
    text("version"),
    text("lifecycleStatus").extra().supplied(R"("In study")").tells(Tells::state),
    date("lastUpdate").extra().stamped(),
    object("validFor", shapes::time_period),
};
constexpr Row of_specification[] = {
    flag("isBundle").extra().supplied("false"),
    objects("attachment"),
    objects("featureSpecification"),
    edges("relatedParty", kinds::party_reference),
};
constexpr Row of_service_specification[] = {
    type.supplied(R"("ServiceSpecification")"),
    text("category").unpublished().node("category"),
    objects("constraint"),
    objects("entitySpecRelationship"),
    objects("resourceSpecification"),
    objects("serviceLevelSpecification"),
    objects("serviceSpecRelationship"),
    objects("specCharacteristic"),
    object("targetEntitySchema"),
};
constexpr Row of_resource_specification[] = {
    type.supplied(R"("ResourceSpecification")"),
    text("category").node("category"),
    objects("externalIdentifier").v5_only(),
    object("intentSpecification").v5_only(),
    objects("resourceSpecCharacteristic"),
    objects("resourceSpecRelationship"),
    object("targetResourceSchema"),
    text("model").extra().of_class("PhysicalResourceSpecification"),
    text("part").extra().of_class("PhysicalResourceSpecification"),
    text("sku").extra().of_class("PhysicalResourceSpecification"),
    text("vendor").extra().of_class("PhysicalResourceSpecification"),
};
constexpr Row of_service_catalog[] = {
    type.supplied(R"("ServiceCatalog")"),
    objects("category"),
    edges("relatedParty", kinds::party_reference),
};
constexpr Row of_service_category[] = {
    type.supplied(R"("ServiceCategory")"),
    objects("category"),
    flag("isRoot").extra(),
    text("parentId").extra(),
    objects("serviceCandidate"),
};
constexpr Row of_service_candidate[] = {
    type.supplied(R"("ServiceCandidate")"),
    objects("category"),
    object("serviceSpecification").demanded(),
};
constexpr Row of_resource_catalog[] = {
    type.supplied(R"("ResourceCatalog")"),
    text("catalogType").extra().v5_only(),
    objects("category"),
    objects("externalIdentifier").v5_only(),
    edges("relatedParty", kinds::party_reference),
};
constexpr Row of_resource_category[] = {
    type.supplied(R"("ResourceCategory")"),
    objects("category"),
    objects("externalIdentifier").v5_only(),
    flag("isRoot").extra(),
    text("parentId").extra(),
    edges("relatedParty", kinds::party_reference),
    objects("resourceCandidate"),
    objects("resourceSpecification").v5_only(),
};
constexpr Row of_resource_candidate[] = {
    type.supplied(R"("ResourceCandidate")"),
    objects("category"),
    objects("externalIdentifier").v5_only(),
    object("resourceSpecification").demanded_in(Version::v4),
};

// TMF673 v4.1.
constexpr Row of_address[] = {
    type,
    text("name").node("name"),
    text("city").extra(),
    text("country").extra().node("country"),
    objects("countryCode"),
    objects("externalIdentifier"),
    text("geographicAddressType").extra(),
    object("geographicLocation"),
    objects("geographicSubAddress"),
    text("locality").extra().node("locality"),
    text("postcode").extra().node("postcode"),
    text("stateOrProvince").extra().node("stateOrProvince"),
    text("streetName").extra().node("streetName"),
    text("streetNr").extra().node("streetNr"),
    text("streetNrLast").extra(),
    text("streetNrLastSuffix").extra(),
    text("streetNrSuffix").extra(),
    text("streetSuffix").extra(),
    text("streetType").extra(),
};
// TMF674 v4.
constexpr Row of_site[] = {
    type,
    text("name").node("name"),
    objects("calendar"),
    text("code").extra().node("siteCode"),
    text("description"),
    edges("place", kinds::place_reference),
    edges("relatedParty", kinds::party_reference),
    objects("siteRelationship"),
    text("status").extra().tells(Tells::state),
};
constexpr auto geometry = graph::PropertyEncoding::json_text; // see add_shared_form()
// TMF675 v4: the type names the form of the geometry, which stands in geoJson.
constexpr Row of_location[] = {
    type.demanded(),
    text("name").node("name"),
    attribute("bbox", Form::any, Reading::value).extra().schema(bounding_box_schema),
    object("geoJson").schema(geometry_schema).node("location").encoded(geometry),
    object("geometry").schema(geometry_schema).node("location").encoded(geometry),
};

// TMF688 v4.
constexpr Row of_topic[] = {
    type,
    text("name"),
    text("contentQuery").fixed(),
    text("headerQuery").fixed(),
};

struct Owned {
  graph::ElementKind owner;
  std::span<const Row> rows;
};
constexpr Owned all_rows[] = {
    {kinds::individual, of_every},
    {kinds::individual, of_individual},
    {kinds::individual, of_party},
    {kinds::organization, of_every},
    {kinds::organization, of_organization},
    {kinds::organization, of_party},
    {kinds::service_specification, of_every},
    {kinds::service_specification, of_service_specification},
    {kinds::service_specification, of_cataloged},
    {kinds::service_specification, of_specification},
    {kinds::resource_specification, of_every},
    {kinds::resource_specification, of_resource_specification},
    {kinds::resource_specification, of_cataloged},
    {kinds::resource_specification, of_specification},
    {kinds::service_catalog, of_every},
    {kinds::service_catalog, of_service_catalog},
    {kinds::service_catalog, of_cataloged},
    {kinds::service_category, of_every},
    {kinds::service_category, of_service_category},
    {kinds::service_category, of_cataloged},
    {kinds::service_candidate, of_every},
    {kinds::service_candidate, of_service_candidate},
    {kinds::service_candidate, of_cataloged},
    {kinds::resource_catalog, of_every},
    {kinds::resource_catalog, of_resource_catalog},
    {kinds::resource_catalog, of_cataloged},
    {kinds::resource_category, of_every},
    {kinds::resource_category, of_resource_category},
    {kinds::resource_category, of_cataloged},
    {kinds::resource_candidate, of_every},
    {kinds::resource_candidate, of_resource_candidate},
    {kinds::resource_candidate, of_cataloged},
    {kinds::geographic_address, of_every},
    {kinds::geographic_address, of_address},
    {kinds::geographic_site, of_every},
    {kinds::geographic_site, of_site},
    {kinds::geographic_location, of_every},
    {kinds::geographic_location, of_location},
    {kinds::topic, of_every},
    {kinds::topic, of_topic},
};

/// A root of a family whose node has these labels and this key in a graph database.
Kind root(graph::ElementKind kind, std::string_view name, graph::Family family,
          std::string_view schema, std::string_view labels, std::string_view about) {
  Kind made{.kind = kind,
            .name = name,
            .role = graph::ElementRole::root,
            .target = family,
            .type = {schema, schema},
            .labels = labels,
            .schema = schema,
            .about = about};
  if (family == family_party || family == family_place)
    made.key_property = "key";
  return made;
}

} // namespace

void add_neighbour_attributes(std::vector<Attribute>& all) {
  for (const Owned& owned : all_rows)
    for (const Row& row : owned.rows) {
      all.push_back(row.row);
      all.back().owner = owned.owner;
    }
}

void add_neighbour_kinds(std::vector<Kind>& all) {
  constexpr std::string_view specification = "Provider Specification";
  constexpr std::string_view catalog = "DiffoCatalog";
  all.push_back(root(kinds::individual, "individual", family_party, "Individual",
                     "Provider Individual Party", "A person."));
  all.push_back(root(kinds::organization, "organization", family_party, "Organization",
                     "Provider Organization Party", "A group of people with a purpose."));
  all.push_back(root(kinds::service_specification, "serviceSpecification", family_specification,
                     "ServiceSpecification", specification, "What services of a kind are."));
  all.push_back(root(kinds::resource_specification, "resourceSpecification", family_specification,
                     "ResourceSpecification", specification, "What resources of a kind are."));
  all.back().classes = "LogicalResourceSpecification PhysicalResourceSpecification";
  all.push_back(root(kinds::service_catalog, "serviceCatalog", family_catalog, "ServiceCatalog",
                     catalog, "What is offered of services."));
  all.push_back(root(kinds::service_category, "serviceCategory", family_catalog, "ServiceCategory",
                     catalog, "A group of candidates and of other categories."));
  all.push_back(root(kinds::service_candidate, "serviceCandidate", family_catalog,
                     "ServiceCandidate", catalog, "A specification that is offered."));
  all.push_back(root(kinds::resource_catalog, "resourceCatalog", family_catalog, "ResourceCatalog",
                     catalog, "What is offered of resources."));
  all.push_back(root(kinds::resource_category, "resourceCategory", family_catalog,
                     "ResourceCategory", catalog,
                     "A group of candidates and of other categories."));
  all.push_back(root(kinds::resource_candidate, "resourceCandidate", family_catalog,
                     "ResourceCandidate", catalog, "A specification that is offered."));
  all.push_back(root(kinds::geographic_address, "geographicAddress", family_place,
                     "GeographicAddress", "Provider GeographicAddress Place",
                     "A structured postal address."));
  all.push_back(root(kinds::geographic_site, "geographicSite", family_place, "GeographicSite",
                     "Provider GeographicSite Place", "A place that has a meaning of its own."));
  all.push_back(root(kinds::geographic_location, "geographicLocation", family_place,
                     "GeographicLocation", "Provider GeographicLocation Place",
                     "A point, a line or an area, in GeoJSON."));
  all.push_back(root(kinds::topic, "topic", family_topic, "Topic", "DiffoTopic",
                     "A channel of events: those that both queries take."));
}

} // namespace diffo::model
