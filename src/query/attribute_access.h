#pragma once

#include "graph/record.h"
#include "graph/schema.h"
#include "model/api.h"
#include "query/fields.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// Where records keep first-level attributes, as far as that can be told without rendering them.
namespace diffo::query {

enum class AttributeHome : std::uint8_t {
  id,         ///< the record's id
  href,       ///< derived from the id
  field,      ///< a field whose value is shown as it is
  word,       ///< a field whose value has a vocabulary (vocabulary.h)
  birth,      ///< serviceDate: a field, else the moment of creation
  type,       ///< @type: a field, else the class of the collection; asking for a class finds its
              ///< subclasses too (TMF630 Part 2)
  unmodelled, ///< among the extras, under its own name
  rendered    ///< only the codec knows
};

/// The home of an attribute in one version.
AttributeHome home_of(std::string_view attribute, model::Api api, model::Version version,
                      const graph::Dictionary& dictionary);

/// The class that every entity of a collection has.
std::string_view root_class(model::Api api);
/// Whether an entity of class `type` (with that `base_type`, if it names one) is a `wanted`.
bool is_class(std::string_view type, std::string_view base_type, std::string_view wanted,
              model::Api api);

/// What must be rendered to see these attributes.
tmf::FieldSelection selection_for(std::span<const std::string> attributes);

/// A document with these attributes of the record, and whatever the selection always has.
json::Value render_attributes(const graph::Record& record, const tmf::FieldSelection& selection,
                              model::Version version);

} // namespace diffo::query
