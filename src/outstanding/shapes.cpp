// Items of keyed lists.
#include "outstanding/compiled.h"

namespace diffo::outstanding {
namespace {

/// The attributes that a flat item has from its reference.
bool belongs_to_reference(std::string_view attribute) {
  return attribute == "id" || attribute == "href" || attribute == "name" ||
         attribute == "@referredType";
}

} // namespace

const ListShape& general_shape() {
  static const ListShape shape{.keys = {{"name"}, {"id"}, {"role"}, {"type"}}};
  return shape;
}

const json::Value* item_attribute(const json::Value& item, std::string_view name,
                                  const ListShape* shape) {
  if (const json::Value* found = item.find(name))
    return found;
  if (shape == nullptr || !shape->flat_form || !item.is_object())
    return nullptr;
  if (name == shape->nested)
    return &item; // A flat item is its own reference.
  const json::Value* nested = item.find(shape->nested);
  return nested != nullptr && belongs_to_reference(name) ? nested->find(name) : nullptr;
}

} // namespace diffo::outstanding
