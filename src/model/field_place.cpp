#include "model/field_place.h"

#include "model/declared.h"
#include "model/split.h"

#include <algorithm>
#include <utility>

namespace diffo::model {
namespace {

bool has_inside(const Field& field) {
  return field.type.scalar == Scalar::kind || field.type.scalar == Scalar::any;
}

/// One path, field by field.
class Resolver {
public:
  Resolver(const KindNamed& kinds, std::string_view path) : kinds_(kinds), rest_(path) {}

  /// False where there is no such field.
  bool enter(const Type& type) {
    if (rest_.empty())
      return true;
    const DeclaredKind* kind = type.scalar == Scalar::kind ? kinds_(type.kind) : nullptr;
    if (kind != nullptr)
      return enter_kind(*kind);
    if (type.scalar != Scalar::any && type.scalar != Scalar::kind)
      return false;
    place.field = nullptr;
    place.open = true;
    for (std::string& part : split_path(rest_))
      place.path.push_back(std::move(part));
    return true;
  }

  FieldPlace place;

private:
  std::string_view take() {
    const std::string_view head = rest_.substr(0, rest_.find('.'));
    rest_.remove_prefix(std::min(rest_.size(), head.size() + 1));
    return head;
  }

  bool enter_kind(const DeclaredKind& kind) {
    const std::string_view head = take();
    const Field* field = field_declared(kind, head);
    if (field != nullptr && (rest_.empty() || has_inside(*field)))
      return enter_field(kind, *field);
    const auto group = std::find_if(kind.groups.begin(), kind.groups.end(),
                                    [head](const Group& one) { return one.name == head; });
    if (group != kind.groups.end())
      return enter_group(kind, *group);
    const auto renamed = std::find_if(kind.fields.begin(), kind.fields.end(),
                                      [head](const Field& one) { return one.as == head; });
    return renamed != kind.fields.end() && enter_field(kind, *renamed);
  }

  bool enter_group(const DeclaredKind& kind, const Group& group) {
    if (rest_.empty()) {
      place.path.push_back(group.name);
      place.field = nullptr;
      return true;
    }
    const std::string_view head = take();
    for (const auto& [member, of_field] : group.members)
      if (member == head)
        if (const Field* field = field_declared(kind, of_field))
          return enter_field(kind, *field);
    return false;
  }

  bool enter_field(const DeclaredKind& kind, const Field& field) {
    if (const auto [group, member] = group_of(kind, field.name); group != nullptr) {
      place.path.push_back(group->name);
      place.path.emplace_back(member);
    } else {
      place.path.emplace_back(field.wire_name());
    }
    place.field = &field;
    return enter(field.type);
  }

  const KindNamed& kinds_;
  std::string_view rest_;
};

void collect(const json::Value& value, std::span<const std::string> path, ValuesAt& found) {
  const json::Array* items = value.if_array();
  if (items != nullptr && (!path.empty() || found.in_list)) {
    found.in_list = true;
    for (const json::Value& item : *items)
      collect(item, path, found);
  } else if (path.empty()) {
    if (!value.is_null())
      found.values.push_back(value);
  } else if (const json::Value* next = value.find(path.front())) {
    collect(*next, path.subspan(1), found);
  }
}

json::Value object_on_the_wire(const KindNamed& kinds, const Type& type,
                               const json::Object& declared) {
  json::Value made = json::Object();
  for (const auto& [name, value] : declared) {
    const auto place = place_of_field(kinds, type, name);
    json::Value inner =
        place && place->field != nullptr ? on_the_wire(kinds, place->field->type, value) : value;
    const std::vector<std::string> path = place ? place->path : std::vector<std::string>{name};
    json::Value* at = &made;
    for (const std::string& part : path) {
      if (!at->is_object())
        *at = json::Object();
      json::Value* next = at->object().find(part);
      at = next != nullptr ? next : &at->object().set(part, json::Value());
    }
    if (at->is_object() && inner.is_object())
      json::merge_patch(*at, inner); // an object of several fields, beside one of them
    else
      *at = std::move(inner);
  }
  return made;
}

} // namespace

const Field* field_declared(const DeclaredKind& kind, std::string_view name) {
  const auto found = std::find_if(kind.fields.begin(), kind.fields.end(),
                                  [name](const Field& one) { return one.name == name; });
  return found == kind.fields.end() ? nullptr : &*found;
}

std::pair<const Group*, std::string_view> group_of(const DeclaredKind& kind,
                                                   std::string_view field) {
  for (const Group& group : kind.groups)
    for (const auto& [member, of_field] : group.members)
      if (of_field == field)
        return {&group, member};
  return {nullptr, {}};
}

KindNamed by_name(const DeclaredKinds& kinds) {
  return [&kinds](std::string_view name) { return kinds.named(name); };
}

std::optional<FieldPlace> place_of_field(const KindNamed& kinds, const Type& type,
                                         std::string_view path) {
  Resolver resolver(kinds, path);
  if (!resolver.enter(type))
    return std::nullopt;
  return std::move(resolver.place);
}

std::vector<std::string> members_of(const DeclaredKinds& kinds, const DeclaredKind* kind,
                                    std::string_view characteristic, std::string_view field) {
  if (field.empty())
    return {};
  const Field* declared = kind != nullptr ? kind->characteristic(characteristic) : nullptr;
  if (declared != nullptr)
    if (auto place = place_of_field(by_name(kinds), declared->type, field))
      return std::move(place->path);
  return split_path(field);
}

std::vector<std::string> names_of_fields(const DeclaredKind& kind) {
  std::vector<std::string> names;
  const auto add = [&names](std::string name) {
    if (std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(std::move(name));
  };
  for (const Field& field : kind.fields) {
    add(field.name);
    if (const auto [group, member] = group_of(kind, field.name); group != nullptr)
      add(group->name + '.' + std::string(member));
    else
      add(std::string(field.wire_name()));
  }
  return names;
}

std::vector<std::string> split_path(std::string_view path) {
  const std::vector<std::string_view> parts = split(path, '.');
  return {parts.begin(), parts.end()};
}

ValuesAt values_at(const json::Value& value, std::span<const std::string> path) {
  ValuesAt found;
  collect(value, path, found);
  return found;
}

json::Value on_the_wire(const KindNamed& kinds, const Type& type, const json::Value& declared) {
  if (const json::Array* items = type.array ? declared.if_array() : nullptr) {
    Type one = type;
    one.array = false;
    json::Array made;
    made.reserve(items->size());
    for (const json::Value& item : *items)
      made.push_back(on_the_wire(kinds, one, item));
    return made;
  }
  const json::Object* members = declared.if_object();
  if (members == nullptr || type.scalar != Scalar::kind)
    return declared;
  return object_on_the_wire(kinds, type, *members);
}

} // namespace diffo::model
