#pragma once

#include "model/kinds.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace diffo::model {

/// The collections of documents that are served: the two inventories, and their neighbours (tmf.md
/// §6), whose entities the references of instances lead to.
enum class Api : std::uint8_t {
  service,
  resource,
  individual,
  organization,
  service_specification,
  service_catalog,
  service_category,
  service_candidate,
  resource_specification,
  resource_catalog,
  resource_category,
  resource_candidate,
  geographic_address,
  geographic_site,
  geographic_location,
  topic
};
inline constexpr std::size_t api_count = 16;

/// The two wire forms.
enum class Version : std::uint8_t { v4, v5 };

/// A published interface of TM Forum, under whose base paths collections are served.
struct Publication {
  std::uint16_t number = 0; ///< 632
  std::string_view title;   ///< for people
  std::string_view v4;      ///< its path below `/tmf-api` in v4, "party/v4"
  std::string_view v5;      ///< likewise; empty: it is served in v4 alone
  /// What may stand for the first segment, separated by spaces. The first is the domain of its
  /// events.
  std::string_view names;
  std::string_view subject; ///< what it is about, in a word
};

/// The published interfaces, in the order of their numbers.
inline constexpr std::array<Publication, 9> publications = {{
    {632, "Party", "party/v4", "partyManagement/v5", "party partyManagement", "party"},
    {633, "Service catalog", "serviceCatalogManagement/v4", "",
     "serviceCatalog serviceCatalogManagement", "serviceCatalog"},
    {634, "Resource catalog", "resourceCatalog/v4", "resourceCatalog/v5",
     "resourceCatalog resourceCatalogManagement", "resourceCatalog"},
    {638, "Service inventory", "serviceInventory/v4", "serviceInventory/v5",
     "serviceInventory serviceInventoryManagement", "service"},
    {639, "Resource inventory", "resourceInventoryManagement/v4", "resourceInventoryManagement/v5",
     "resourceInventory resourceInventoryManagement", "resource"},
    {673, "Geographic address", "geographicAddressManagement/v4", "",
     "geographicAddress geographicAddressManagement", "geographicAddress"},
    {674, "Geographic site", "geographicSiteManagement/v4", "",
     "geographicSite geographicSiteManagement", "geographicSite"},
    {675, "Geographic location", "geographicLocation/v4", "",
     "geographicLocation geographicLocationManagement", "geographicLocation"},
    {688, "Event", "event/v4", "", "event eventManagement", "event"},
}};

/// What is fixed about a collection. A plain value.
struct ApiRow {
  Api api = Api::service;
  graph::ElementKind root = 0; ///< the kind of its roots
  graph::Family family = 0;    ///< theirs; collections may share one, and then ids are unique in it
  std::string_view collection; ///< the last segment of its path
  std::uint16_t publication = 0; ///< the number of the interface that it belongs to
  /// What the names of its events have behind that of the collection, separated by spaces.
  std::string_view events_v4;
  std::string_view events_v5;
};

/// What most collections have in a version.
inline constexpr std::string_view value_events = "Create AttributeValueChange Delete";
inline constexpr std::string_view state_events = "Create AttributeValueChange StateChange Delete";
inline constexpr std::string_view status_events = "Create AttributeValueChange StatusChange Delete";
inline constexpr std::string_view plain_events = "Create Change Delete";
inline constexpr std::string_view no_events; ///< the version is not served

/// By Api.
inline constexpr std::array<ApiRow, api_count> apis = {{
    {Api::service, kinds::service, family_service, "service", 638, state_events,
     "Create AttributeValueChange StateChange OperatingStatusChange Delete"},
    {Api::resource, kinds::resource, family_resource, "resource", 639, state_events, state_events},
    {Api::individual, kinds::individual, family_party, "individual", 632, state_events,
     state_events},
    {Api::organization, kinds::organization, family_party, "organization", 632, state_events,
     state_events},
    {Api::service_specification, kinds::service_specification, family_specification,
     "serviceSpecification", 633, plain_events, no_events},
    {Api::service_catalog, kinds::service_catalog, family_catalog, "serviceCatalog", 633,
     plain_events, no_events},
    {Api::service_category, kinds::service_category, family_catalog, "serviceCategory", 633,
     plain_events, no_events},
    {Api::service_candidate, kinds::service_candidate, family_catalog, "serviceCandidate", 633,
     plain_events, no_events},
    {Api::resource_specification, kinds::resource_specification, family_specification,
     "resourceSpecification", 634, plain_events, status_events},
    {Api::resource_catalog, kinds::resource_catalog, family_catalog, "resourceCatalog", 634,
     plain_events, status_events},
    {Api::resource_category, kinds::resource_category, family_catalog, "resourceCategory", 634,
     plain_events, status_events},
    {Api::resource_candidate, kinds::resource_candidate, family_catalog, "resourceCandidate", 634,
     plain_events, status_events},
    {Api::geographic_address, kinds::geographic_address, family_place, "geographicAddress", 673,
     value_events, no_events},
    {Api::geographic_site, kinds::geographic_site, family_place, "geographicSite", 674,
     status_events, no_events},
    {Api::geographic_location, kinds::geographic_location, family_place, "geographicLocation", 675,
     value_events, no_events},
    {Api::topic, kinds::topic, family_topic, "topic", 688, plain_events, no_events},
}};

constexpr const ApiRow& row_of(Api api) {
  return apis[static_cast<std::size_t>(api)];
}
/// The kind of the roots of an API.
constexpr graph::ElementKind root_of(Api api) {
  return row_of(api).root;
}
/// The family of the roots of an API.
constexpr graph::Family family_of(Api api) {
  return row_of(api).family;
}
/// The last segment of the path of its collection, which is also its name.
constexpr std::string_view collection_of(Api api) {
  return row_of(api).collection;
}
/// Whether it holds instances: what kinds are declared of, what can be expected, observed and seen
/// to be outstanding.
constexpr bool is_of_instances(Api api) {
  return api == Api::service || api == Api::resource;
}
/// The interface of that number.
constexpr const Publication& publication_numbered(std::uint16_t number) {
  for (const Publication& one : publications)
    if (one.number == number)
      return one;
  return publications.front(); // every row names one that there is
}
/// The interface that it belongs to.
constexpr const Publication& publication_of(Api api) {
  return publication_numbered(row_of(api).publication);
}
/// The collection of that name.
constexpr std::optional<Api> api_named(std::string_view collection) {
  for (const ApiRow& row : apis)
    if (row.collection == collection)
      return row.api;
  return std::nullopt;
}
/// The API whose roots are of a kind; nothing for kinds that no collection shows.
constexpr std::optional<Api> api_of_root(graph::ElementKind root) {
  for (const ApiRow& row : apis)
    if (row.root == root)
      return row.api;
  return std::nullopt;
}

} // namespace diffo::model
