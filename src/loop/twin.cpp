#include "loop/twin.h"

#include "model/field_place.h"
#include "model/model.h"
#include "model/value_path.h"
#include "rules/enforce.h"
#include "rules/kind_attributes.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <span>
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

/// The members on the way to a field of a characteristic, as they are on the wire; none: all of it.
using Members = std::vector<std::string>;

Members members_of(const model::Model& model, const model::DeclaredKind& kind,
                   std::string_view name) {
  return members_of(model.declared(), &kind, model::head_of(name), model::tail_of(name));
}

/// What of a value stands at some paths, in a list of each of its items.
Value kept_of(const Value& value, const std::vector<std::span<const std::string>>& paths) {
  if (const json::Array* items = value.if_array()) {
    json::Array kept;
    kept.reserve(items->size());
    for (const Value& item : *items)
      kept.push_back(kept_of(item, paths));
    return kept;
  }
  json::Object kept;
  if (const json::Object* members = value.if_object())
    for (const auto& [name, inner] : *members) {
      std::vector<std::span<const std::string>> inside;
      bool is_whole = false;
      for (const auto& path : paths)
        if (path.front() == name) {
          is_whole |= path.size() == 1;
          inside.push_back(path.subspan(1));
        }
      if (!inside.empty())
        kept.append(name, is_whole ? inner : kept_of(inner, inside));
    }
  return kept;
}

/// Some of the characteristics, and of some of these some fields.
class Named {
public:
  void add(std::string_view characteristic, Members members) {
    fields_[std::string(characteristic)].push_back(std::move(members));
  }

  /// False where nothing of it is named.
  bool keep(Value& item) const {
    const auto found = fields_.find(item.text_of("name"));
    if (found == fields_.end())
      return false;
    std::vector<std::span<const std::string>> paths;
    for (const Members& members : found->second)
      paths.emplace_back(members);
    if (std::any_of(paths.begin(), paths.end(), [](const auto& path) { return path.empty(); }))
      return true;
    Value* value = item.object().find("value");
    if (value == nullptr)
      return false;
    *value = kept_of(*value, paths);
    return !value->is_object() || !value->object().empty();
  }

private:
  std::map<std::string, std::vector<Members>, std::less<>> fields_;
};

/// What is not named goes.
void keep_named(json::Object& members, const model::Model& model, const model::DeclaredKind& kind) {
  std::set<std::string, std::less<>> whole;
  Named characteristics;
  for (const std::string& name : kind.expect) {
    const AttributePlace place = rules::place_of_attribute(model, kind, name);
    if (place.item.empty())
      whole.insert(place.member);
    else
      characteristics.add(place.item, members_of(model, kind, name));
  }
  const std::string list(rules::characteristics_of(kind));
  json::Object kept;
  for (json::Member& member : members) {
    if (member.name == list && !whole.contains(list) && member.value.is_array()) {
      json::Array& items = member.value.array();
      std::erase_if(items, [&characteristics](Value& item) { return !characteristics.keep(item); });
      if (items.empty())
        continue;
    } else if (!whole.contains(member.name)) {
      continue;
    }
    kept.append(member.name, std::move(member.value));
  }
  members = std::move(kept);
}

/// Puts a matcher where something stands, in a list into each of its items.
void replace_at(Value& value, std::span<const std::string> path, const Value& matcher) {
  if (path.empty()) {
    value = matcher;
  } else if (json::Array* items = value.if_array()) {
    for (Value& item : *items)
      replace_at(item, path, matcher);
  } else if (json::Object* members = value.if_object()) {
    if (Value* inner = members->find(path.front()))
      replace_at(*inner, path.subspan(1), matcher);
  }
}

/// With the members of a characteristic where the wire has them.
Value matcher_on_the_wire(const model::Model& model, const model::DeclaredKind& kind,
                          std::string_view name, const Value& matcher) {
  const model::Field* characteristic = kind.characteristic(name);
  return characteristic != nullptr
             ? on_the_wire(model::by_name(model.declared()), characteristic->type, matcher)
             : matcher;
}

/// A matcher takes the place of the value that the instance has; one of a field that of a whole.
void customize(json::Object& members, const model::Model& model, const model::DeclaredKind& kind) {
  for (const auto& [name, matcher] : kind.customize) {
    const AttributePlace place = rules::place_of_attribute(model, kind, name);
    Value* value = members.find(place.member);
    if (!place.item.empty()) {
      Value* item = item_named(value, place.item);
      value = item != nullptr ? item->object().find("value") : nullptr;
    }
    if (value != nullptr)
      replace_at(*value, members_of(model, kind, name),
                 matcher_on_the_wire(model, kind, name, matcher));
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
