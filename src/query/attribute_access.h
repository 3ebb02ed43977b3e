#pragma once

#include "graph/field_path.h"
#include "graph/record.h"
#include "graph/schema.h"
#include "model/model.h"
#include "query/fields.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Where records keep first-level attributes, as far as that can be told without rendering them.
namespace diffo::query {

enum class AttributeHome : std::uint8_t {
  id,         ///< the record's id
  href,       ///< derived from the id
  field,      ///< a field whose value is shown as it is
  word,       ///< a field whose value has a vocabulary (model/vocabulary.h)
  birth,      ///< serviceDate: a field, else the moment of creation
  type,       ///< @type: a field, else the class of the collection; asking for a class finds its
              ///< subclasses too (TMF630 Part 2)
  unmodelled, ///< among the extras, under its own name
  rendered    ///< only the codec knows
};

AttributeHome home_of(std::string_view attribute, model::Api api, const model::Model& model);

/// The words of a vocabulary that the version shows otherwise than they are kept.
std::vector<std::pair<std::string, std::string>>
shown_otherwise(const model::Vocabulary& vocabulary, model::Version version);

/// Where the value stands that the version shows of a first-level attribute in a record without it
/// (tmf.md §1.8); nothing: it shows none.
std::optional<graph::FieldPath> stand_in_path(const model::Attribute& row, model::Version version);

/// Renders first-level attributes of records, and whatever is always shown.
class AttributeRenderer {
public:
  /// The schema must outlive it.
  AttributeRenderer(std::string_view attribute, model::Api api, model::Version version,
                    const graph::Schema& schema)
      : AttributeRenderer(std::vector<std::string>{std::string(attribute)}, api, version, schema) {}
  AttributeRenderer(const std::vector<std::string>& attributes, model::Api api,
                    model::Version version, const graph::Schema& schema);
  static AttributeRenderer of_everything(model::Api api, model::Version version,
                                         const graph::Schema& schema) {
    AttributeRenderer renderer(std::vector<std::string>(), api, version, schema);
    renderer.selection_ = tmf::FieldSelection();
    return renderer;
  }
  [[nodiscard]] json::Value operator()(const graph::Record& record) const;
  /// Who it is, for the arguments of a residual: `api` and `version`.
  [[nodiscard]] json::Object arguments() const;

private:
  model::Api api_;
  model::Version version_;
  const graph::Schema* schema_;
  tmf::FieldSelection selection_;
};

} // namespace diffo::query
