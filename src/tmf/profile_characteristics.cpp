#include "tmf/profile_characteristics.h"

#include "graph/foreign_form.h"
#include "model/kinds.h"
#include "model/schema.h"
#include "model/words.h"
#include "tmf/profile_parts.h"

#include <algorithm>
#include <array>
#include <span>
#include <tuple>
#include <utility>

namespace diffo::tmf {
namespace {

using graph::ElementView;
using json::Array;
using json::Object;
using json::Value;

enum class Sort : std::uint8_t { dynamic, typed, pool };

constexpr std::array<std::string_view, 8> of_pool = {
    "first", "last", "ranges", "network", "prefixLength", "except", "type", "algorithm"};

/// Whether the reference keeps a characteristic as a node of its own kind.
bool is_typed(const model::Field& field) {
  return field.type.scalar == model::Scalar::kind && !field.type.array;
}

/// Whether others call the node of a characteristic a pool.
bool is_pool(const std::vector<std::string>& labels, const graph::Schema& schema) {
  const graph::ElementDefinition* definition = schema.element(model::kinds::characteristic);
  return definition != nullptr &&
         std::any_of(definition->alternatives.begin(), definition->alternatives.end(),
                     [&labels](const graph::AlternativeForm& form) {
                       return std::all_of(
                           form.labels.begin(), form.labels.end(), [&](const std::string& label) {
                             return std::find(labels.begin(), labels.end(), label) != labels.end();
                           });
                     });
}

/// The members that are named first, in that order.
Value with_first(const Object& members, std::span<const std::string_view> names) {
  Object ordered;
  for (const std::string_view name : names)
    if (const Value* member = members.find(name))
      ordered.append(std::string(name), *member);
  for (const json::Member& member : members)
    if (std::find(names.begin(), names.end(), member.name) == names.end())
      ordered.append(member.name, member.value);
  return ordered;
}

} // namespace

struct ProfileCharacteristics::Item {
  ElementView part;
  std::string name{};
  Sort sort = Sort::dynamic;
  std::size_t place = 0;                     ///< among those of its sort
  const model::DeclaredKind* type = nullptr; ///< of a typed one, where it is declared
  std::vector<std::string> value_types{};    ///< what others call the types of its values
};

Array ProfileCharacteristics::of_instance(const ElementView& root) const {
  Array shown_items;
  for (const Item& item : items_of(root))
    shown_items.emplace_back(shown(item));
  return shown_items;
}

/// domain.md §9: the typed ones of a feature are stored, and never shown here.
Array ProfileCharacteristics::of_feature(const ElementView& feature) const {
  Array shown_items;
  for (const Item& item : items_of(feature))
    if (item.sort == Sort::dynamic)
      shown_items.emplace_back(shown(item));
  return shown_items;
}

Array ProfileCharacteristics::of_relationship(const ElementView& edge) const {
  return of_instance(edge);
}

/// domain.md §9: the dynamic ones by name, the typed ones and pools as they are declared, or else
/// as they were made.
std::vector<ProfileCharacteristics::Item>
ProfileCharacteristics::items_of(const ElementView& owner) const {
  std::vector<Item> items;
  ElementView part;
  for (graph::ChildCursor children = owner.children();
       children.next_of(model::kinds::characteristic, part);) {
    if (part.is_verbatim())
      continue;
    Item& item = items.emplace_back();
    item.part = part;
    item.name = text_of_field(part, model::words::name);
    sort_out(owner, item);
  }
  std::sort(items.begin(), items.end(), [](const Item& left, const Item& right) {
    const auto rank = [](const Item& item) {
      return std::tuple(item.sort, item.place, item.name.empty(), std::string_view(item.name));
    };
    const auto a = rank(left);
    const auto b = rank(right);
    return a != b ? a < b : left.part.part() > right.part.part();
  });
  return items;
}

void ProfileCharacteristics::sort_out(const ElementView& owner, Item& item) const {
  graph::ForeignForm form = graph::foreign_form_of(item.part);
  item.value_types = std::move(form.value_types);
  const model::DeclaredKinds& declared = model_.declared();
  if (kind_ != nullptr && owner.part() == 0) {
    const auto pool =
        std::find_if(kind_->pools.begin(), kind_->pools.end(),
                     [&item](const model::Pool& one) { return one.name == item.name; });
    if (pool != kind_->pools.end()) {
      item.sort = Sort::pool;
      item.place = static_cast<std::size_t>(pool - kind_->pools.begin());
      return;
    }
  }
  if (const model::Field* field = declared_field(owner, item.name);
      field != nullptr && is_typed(*field)) {
    item.sort = Sort::typed;
    item.place =
        owner.part() == 0 ? static_cast<std::size_t>(field - kind_->characteristics.data()) : 0;
    item.type = declared.named(field->type.kind);
    return;
  }
  if (form.labels.empty())
    return;
  item.sort = is_pool(form.labels, model_.schema()) ? Sort::pool : Sort::typed;
  item.place = item.part.part();
  for (const std::string& label : form.labels)
    if (const model::DeclaredKind* type = declared.named(label);
        type != nullptr && !type->fields.empty())
      item.type = type;
}

const model::Field* ProfileCharacteristics::declared_field(const ElementView& owner,
                                                           const std::string& name) const {
  if (kind_ == nullptr)
    return nullptr;
  if (owner.part() == 0)
    return kind_->characteristic(name);
  const model::Feature* feature = owner.kind() == model::kinds::feature
                                      ? kind_->feature(text_of_field(owner, model::words::name))
                                      : nullptr;
  if (feature == nullptr)
    return nullptr;
  for (const model::Field& field : feature->characteristics)
    if (field.name == name)
      return &field;
  return nullptr;
}

Object ProfileCharacteristics::shown(const Item& item) const {
  Object result{{"name", item.name}};
  const graph::ValueView view = item.part.field(model::words::value);
  if (!view)
    return result;
  Value value = view.to_json();
  if (Array* values = value.if_array()) {
    for (std::size_t at = 0; at < values->size(); ++at)
      (*values)[at] = in_order(std::move((*values)[at]), item, at);
    result.set("values", std::move(value));
  } else {
    result.set("value", in_order(std::move(value), item, 0));
  }
  return result;
}

/// The members of an object stand as the type of the value is declared.
Value ProfileCharacteristics::in_order(Value value, const Item& item, std::size_t at) const {
  const Object* members = value.if_object();
  if (members == nullptr)
    return value;
  if (item.sort == Sort::pool)
    return with_first(*members, of_pool);
  const model::DeclaredKind* type = item.type;
  if (type == nullptr && at < item.value_types.size()) {
    const std::string& name = item.value_types[at]; // Elixir.A.B
    type = model_.declared().named(std::string_view(name).substr(name.rfind('.') + 1));
  }
  if (type == nullptr || type->fields.empty())
    return value;
  std::vector<std::string_view> names;
  names.reserve(type->fields.size());
  for (const model::Field& field : type->fields)
    names.push_back(field.wire_name());
  return with_first(*members, names);
}

} // namespace diffo::tmf
