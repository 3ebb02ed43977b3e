#include "rules/kind_attributes.h"

#include "model/typed_value.h"
#include "model/value_path.h"
#include "outstanding/leaf.h"
#include "rules/enforce.h"
#include "rules/first_level.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace diffo::rules {

namespace {

/// Empty of `*`: the document.
std::string address_of_attribute(const model::Model& model, const model::DeclaredKind& kind,
                                 std::string_view name) {
  if (name == "*")
    return {};
  const AttributePlace place = place_of_attribute(model, kind, name);
  return place.item.empty()
             ? place.member
             : place.member + '[' + outstanding::key_text(json::Value(place.item)) + ']';
}

} // namespace

std::string_view characteristics_of(const model::DeclaredKind& kind) {
  return kind.half == model::Half::service ? "serviceCharacteristic" : "resourceCharacteristic";
}

AttributePlace place_of_attribute(const model::Model& model, const model::DeclaredKind& kind,
                                  std::string_view name) {
  const std::string_view head = model::head_of(name);
  const bool is_inherited =
      std::any_of(kind.inherited_characteristics.begin(), kind.inherited_characteristics.end(),
                  [head](const auto& one) { return one.name == head; });
  if (kind.characteristic(head) != nullptr || kind.pool(head) != nullptr || is_inherited)
    return {std::string(characteristics_of(kind)), std::string(head)};
  const auto field = first_level_field(model, kind, name);
  return {field ? std::string(field->row->name) : model::camel_case(name), {}};
}

Precedence precedence_of(const Precedence& configured, const model::Model& model,
                         const model::DeclaredKind& kind) {
  std::vector<AttributeOrder> orders;
  // Those of a characteristic as a whole count before those of its fields, those of all others
  // last.
  for (const bool of_fields : {false, true})
    for (const model::Sources& one : kind.sources)
      if (one.attribute != "*" && (one.attribute.find('.') != std::string::npos) == of_fields)
        orders.push_back({address_of_attribute(model, kind, one.attribute), one.sources});
  for (const model::Sources& one : kind.sources)
    if (one.attribute == "*")
      orders.push_back({{}, one.sources});
  return configured.preceded_by(std::move(orders));
}

const Precedence& RecordPrecedence::of(const graph::Record& record, const graph::Schema& schema) {
  const model::Model& model = model::model_of(schema);
  const model::DeclaredKind* kind = kind_of(model, record);
  if (kind == nullptr || kind->sources.empty())
    return configured_;
  const auto known = of_kinds_.find(kind);
  return known != of_kinds_.end()
             ? known->second
             : of_kinds_.emplace(kind, precedence_of(configured_, model, *kind)).first->second;
}

} // namespace diffo::rules
