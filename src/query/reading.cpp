#include "query/record_filter.h"

#include <algorithm>
#include <array>

namespace diffo::query {
namespace {

// First-level attributes that hold one text which is neither a date nor a number.
constexpr std::array<std::string_view, 20> text_attributes = {"id",
                                                              "href",
                                                              "name",
                                                              "category",
                                                              "description",
                                                              "serviceType",
                                                              "resourceVersion",
                                                              "state",
                                                              "operatingStatus",
                                                              "administrativeState",
                                                              "operationalState",
                                                              "usageState",
                                                              "resourceStatus",
                                                              "lifecycleState",
                                                              "startMode",
                                                              "@type",
                                                              "@baseType",
                                                              "@schemaLocation",
                                                              "internalState",
                                                              "internalOperatingStatus"};
constexpr std::array<std::string_view, 6> instant_attributes = {
    "serviceDate",        "startDate",        "endDate",
    "startOperatingDate", "endOperatingDate", "creationDate"};
constexpr std::array<std::string_view, 4> flag_attributes = {"isBundle", "isServiceEnabled",
                                                             "hasStarted", "isStateful"};
// Attributes that hold objects, and what in these is always a plain value.
constexpr std::array<std::string_view, 20> structured_attributes = {"serviceSpecification",
                                                                    "resourceSpecification",
                                                                    "serviceCharacteristic",
                                                                    "resourceCharacteristic",
                                                                    "feature",
                                                                    "activationFeature",
                                                                    "serviceRelationship",
                                                                    "resourceRelationship",
                                                                    "supportingService",
                                                                    "supportingResource",
                                                                    "place",
                                                                    "places",
                                                                    "relatedParty",
                                                                    "relatedEntity",
                                                                    "note",
                                                                    "externalIdentifier",
                                                                    "serviceOrderItem",
                                                                    "resourceOrderItem",
                                                                    "attachment",
                                                                    "processStatus"};
constexpr std::array<std::string_view, 12> scalar_members = {
    "id",     "href", "name", "role", "version", "@type", "@referredType", "relationshipType",
    "author", "date", "text", "owner"};

template <std::size_t Count>
bool contains(const std::array<std::string_view, Count>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Whether a path ends at a member that is a plain value wherever it stands in published documents;
/// below the value of a characteristic anything may stand.
bool ends_in_member(std::span<const std::string> path) {
  return path.size() >= 2 && contains(structured_attributes, path.front()) &&
         contains(scalar_members, path.back()) &&
         std::find(path.begin(), path.end(), "value") == path.end();
}

} // namespace

Reading reading_of_path(std::span<const std::string> path) {
  const std::string_view first = path.front();
  if (path.size() == 1 && contains(instant_attributes, first))
    return Reading::instant;
  const bool is_text = path.size() == 1 ? contains(text_attributes, first)
                                        : ends_in_member(path) && path.back() != "date";
  return is_text ? Reading::text : Reading::value;
}

bool is_plain_attribute(std::string_view attribute) {
  return contains(text_attributes, attribute) || contains(instant_attributes, attribute) ||
         contains(flag_attributes, attribute);
}

Result<void> check_operator(const ConditionText& condition) {
  const auto& path = condition.path;
  if (path.size() < 2)
    return {};
  if (!is_plain_attribute(path.front()) && !ends_in_member(std::span(path).first(path.size() - 1)))
    return {};
  return Error{ErrorCode::invalid,
               "unknown operator \"" + path.back() +
                   "\"; there are eq, ne, gt, gte, lt, lte and regex",
               condition.name};
}

} // namespace diffo::query
