#include "loop/twin.h"

#include "model/model.h"
#include "rules/enforce.h"
#include "rules/kind_attributes.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

namespace diffo::loop {
namespace {

using json::Value;
using rules::AttributePlace;

/// Of an item of a list: the one with that name.
Value* item_named(Value* list, std::string_view name) {
  json::Array* items = list != nullptr ? list->if_array() : nullptr;
  if (items == nullptr)
    return nullptr;
  const auto found = std::find_if(items->begin(), items->end(), [name](const Value& item) {
    return item.text_of("name") == name;
  });
  return found != items->end() ? &*found : nullptr;
}

/// What is not named goes.
void keep_named(json::Object& members, const model::Model& model, const model::DeclaredKind& kind) {
  std::set<std::string, std::less<>> whole;
  std::set<std::string, std::less<>> characteristics;
  for (const std::string& name : kind.expect) {
    const AttributePlace place = rules::place_of_attribute(model, kind, name);
    if (place.item.empty())
      whole.insert(place.member);
    else
      characteristics.insert(place.item);
  }
  const std::string list(rules::characteristics_of(kind));
  json::Object kept;
  for (json::Member& member : members) {
    if (member.name == list && !whole.contains(list) && member.value.is_array()) {
      json::Array& items = member.value.array();
      std::erase_if(items, [&characteristics](const Value& item) {
        return !characteristics.contains(item.text_of("name"));
      });
      if (items.empty())
        continue;
    } else if (!whole.contains(member.name)) {
      continue;
    }
    kept.append(member.name, std::move(member.value));
  }
  members = std::move(kept);
}

/// A matcher takes the place of the value that the instance has.
void customize(json::Object& members, const model::Model& model, const model::DeclaredKind& kind) {
  for (const auto& [name, matcher] : kind.customize) {
    const AttributePlace place = rules::place_of_attribute(model, kind, name);
    Value* value = members.find(place.member);
    if (!place.item.empty()) {
      Value* item = item_named(value, place.item);
      value = item != nullptr ? item->object().find("value") : nullptr;
    }
    if (value != nullptr)
      *value = matcher;
  }
}

} // namespace

Value compared_document(const graph::Record& expected, Value document,
                        const graph::Schema& schema) {
  json::Object& members = document.object();
  for (const char* server_set : {"id", "href", "which", "actual", "serviceDate"})
    members.erase(server_set);
  const model::Model& model = model::model_of(schema);
  const model::DeclaredKind* kind = rules::kind_of(model, expected);
  if (kind == nullptr)
    return document;
  if (!kind->expect.empty())
    keep_named(members, model, *kind);
  customize(members, model, *kind);
  return document;
}

std::string pointer_in_instance(std::string_view pointer, const Value& compared,
                                const Value& document) {
  const auto parsed = json::Pointer::parse(pointer);
  if (!parsed || parsed->tokens().size() < 2)
    return std::string(pointer);
  std::vector<std::string> tokens = parsed->tokens();
  const Value* item = json::Pointer({tokens[0], tokens[1]}).find_in(compared);
  const Value* items = document.find(tokens[0]);
  const std::string_view name = item != nullptr ? item->text_of("name") : std::string_view();
  if (name.empty() || items == nullptr || !items->is_array() ||
      items->array().size() == compared.find(tokens[0])->array().size())
    return std::string(pointer);
  const auto found = std::find_if(items->array().begin(), items->array().end(),
                                  [name](const Value& one) { return one.text_of("name") == name; });
  if (found != items->array().end())
    tokens[1] = std::to_string(found - items->array().begin());
  return json::Pointer(std::move(tokens)).text();
}

} // namespace diffo::loop
