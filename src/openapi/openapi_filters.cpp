// The conditions of a list as parameters of their own, derived from the table of attributes: what
// client generators make methods of. A free-form object of parameters, which would say it all, is
// sent by none of them as the server reads it (docs/reference/clients.md).
#include "openapi/openapi_parts.h"

#include <string>

namespace diffo::openapi::openapi {
namespace {

using json::Array;
using model::Attribute;
using model::Form;

/// What of the items of a list is asked for most, as the version writes it.
struct Nested {
  std::string_view attribute; ///< of the first level
  std::string_view member;
};
constexpr Nested nested[] = {
    {"serviceSpecification", "id"},
    {"serviceSpecification", "name"},
    {"resourceSpecification", "id"},
    {"resourceSpecification", "name"},
    {"serviceCharacteristic", "name"},
    {"serviceCharacteristic", "value"},
    {"resourceCharacteristic", "name"},
    {"resourceCharacteristic", "value"},
    {"serviceRelationship", "relationshipType"},
    {"resourceRelationship", "relationshipType"},
    {"relatedParty", "role"},
    {"place", "role"},
    {"externalIdentifier", "id"},
    {"externalIdentifier", "externalIdentifierType"},
};

bool can_be_asked(const Attribute& row, model::Version version) {
  return row.only_class.empty() && row.is_in(version) && row.form(version) != Form::objects &&
         row.form(version) != Form::object && row.form(version) != Form::any &&
         row.name != "href" && row.schema != "uri";
}

std::string about(const Attribute& row, model::Version version) {
  const std::string name(row.name);
  if (row.is_enumerated())
    return "Those whose " + name + " is this: one of " + row.words_in(version) +
           ", or several, separated by commas.";
  if (row.form(version) == Form::boolean)
    return "Those whose " + name + " is this: true or false.";
  if (row.reading == Reading::instant)
    return "Those whose " + name + " is this, at the precision that is given here.";
  return "Those whose " + name + " is this, or one of several, separated by commas.";
}

} // namespace

std::string_view filter_syntax() {
  return "Conditions are parameters: any attribute by its dotted path, also those that are not "
         "listed here, as relatedParty.role=Customer; all of them hold together. Alternatives are "
         "separated by commas. An operator follows the path: .eq .ne .gt .gte .lt .lte .regex "
         ".like .ilike .exists, as startDate.gte=2026-01-01. An unknown attribute matches nothing.";
}

void add_filter_parameters(Array& parameters, const model::Model& model, model::Api api,
                           model::Version version) {
  const auto rows = model.attributes_of(model::root_of(api));
  for (const Attribute& row : rows) {
    if (!can_be_asked(row, version))
      continue;
    parameters.push_back(parameter("query", row.name, "string", about(row, version)));
    if (row.reading != Reading::instant)
      continue;
    const std::string name(row.name);
    parameters.push_back(
        parameter("query", name + ".gte", "string", "Those whose " + name + " is not earlier."));
    parameters.push_back(
        parameter("query", name + ".lt", "string", "Those whose " + name + " is earlier."));
  }
  for (const Nested& one : nested)
    for (const Attribute& row : rows)
      if (row.name == one.attribute && row.only_class.empty() && row.is_in(version))
        parameters.push_back(
            parameter("query", std::string(one.attribute) + '.' + std::string(one.member), "string",
                      "Those that have a " + std::string(one.attribute) + " of this " +
                          std::string(one.member) + "."));
}

} // namespace diffo::openapi::openapi
