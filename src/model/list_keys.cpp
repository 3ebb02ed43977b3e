#include "model/list_keys.h"

#include "model/model.h"
#include "model/split.h"

#include <algorithm>
#include <map>

namespace diffo::model {
namespace {

using outstanding::AttributeShape;
using outstanding::ListShape;

/// The row of a key's attribute: around the reference where there is something around it.
const Attribute* row_of(const Model& model, const Kind& kind, std::string_view attribute) {
  const Attribute* found = nullptr;
  for (const Attribute& row : model.attributes_of(kind.kind))
    if (row.name == attribute && (found == nullptr || row.of == Of::around))
      found = &row;
  return found;
}

class InventoryShapes final : public outstanding::DocumentShapes {
public:
  explicit InventoryShapes(const Model& model) : model_(model) {
    for (const Attribute& row : model.attributes()) {
      add_reading(row);
      if (row.home == Home::inner)
        add_inner(row);
      else if (const Kind* kind = row.holds != 0 ? model.kind(row.holds) : nullptr)
        add_children(row, *kind);
    }
  }
  [[nodiscard]] const AttributeShape* find(std::string_view attribute) const override {
    const auto found = shapes_.find(attribute);
    return found == shapes_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] bool is_address(std::string_view attribute) const override {
    return attribute == "href";
  }
  /// What a patch of the entity would be refused for (wire.md §5). What a class alone has is left
  /// out: it is known of the document as a whole.
  [[nodiscard]] std::string why_fixed(const outstanding::RootValue& value) const override {
    const bool is_service = value.family == "service";
    const bool is_v4 = value.profile == outstanding::Profile::v4;
    const auto word = model_.dictionary().find(value.attribute);
    if (!word || (!is_service && value.family != "resource") ||
        (!is_v4 && value.profile != outstanding::Profile::v5))
      return {};
    const Api api = is_service ? Api::service : Api::resource;
    for (const Attribute* row : model_.rows_named(root_of(api), *word))
      if (row->only_class.empty())
        if (auto why = why_refused(*row, api, is_v4 ? Version::v4 : Version::v5, value);
            !why.empty())
          return why;
    return {};
  }

private:
  [[nodiscard]] std::string why_refused(const Attribute& row, Api api, Version version,
                                        const outstanding::RootValue& value) const {
    const std::string name(value.attribute);
    // A type may be written where none was given, if it is the one that was meant.
    const bool is_meant = value.before == nullptr && value.after != nullptr &&
                          row.otherwise == Otherwise::class_name &&
                          *value.after == json::Value(model_.class_of(api));
    if (row.fixed && !is_meant)
      return name + " cannot be changed";
    if (value.after == nullptr)
      return row.is_demanded(version) ? name + " is mandatory" : std::string();
    if (!row.is_in(version) && !row.is_enumerated())
      return {};
    if (const Form form = row.demanded_form(version); !fits(*value.after, form))
      return name + ' ' + std::string(demand_of(form));
    const auto is_word = [&](const json::Value& one) {
      return one.is_string() && row.has_word(one.string(), version);
    };
    const json::Array* items = value.after->if_array();
    const bool are_words = items != nullptr ? std::all_of(items->begin(), items->end(), is_word)
                                            : is_word(*value.after);
    return row.is_enumerated() && !are_words ? "it is no " + name : std::string();
  }

  AttributeShape& shape(std::string_view name) { return shapes_[std::string(name)]; }

  /// An expectation knows attributes by name alone: what is read in two ways is read by its value.
  void add_reading(const Attribute& row) {
    const auto [known, is_new] = readings_.emplace(row.name, row.reading);
    if (!is_new && known->second != row.reading)
      known->second = Reading::value;
    if (known->second != Reading::value || !is_new)
      shape(row.name).reading = known->second;
  }

  void add_inner(const Attribute& row) {
    const Kind& kind = *model_.kind(row.owner);
    for (const std::string_view name : {row.name, kind.other_inner})
      if (!name.empty())
        shape(name).family = model_.family_name(kind.target);
  }

  void add_children(const Attribute& row, const Kind& kind) {
    if (row.is_single()) {
      shape(row.name).family = model_.family_name(kind.target);
      return;
    }
    if (kind.keys.empty() || row.home == Home::extra)
      return;
    const ListShape list = list_of(kind);
    shape(row.name).list = list;
    if (!row.name_in_newer_resource.empty())
      shape(row.name_in_newer_resource).list = list;
    for (const std::string_view name : split(kind.other_lists, ' '))
      shape(name).list = list;
  }

  [[nodiscard]] ListShape list_of(const Kind& kind) const {
    ListShape shape{.flat_form = kind.build == Build::related,
                    .family = std::string(model_.family_name(kind.target))};
    for (const Attribute& row : model_.attributes_of(kind.kind)) {
      if (row.home == Home::inner)
        shape.nested = row.name;
      shape.holds_values = shape.holds_values || row.v4 == Form::any;
    }
    for (const auto& group : list_keys_of(model_, kind)) {
      auto& names = shape.keys.emplace_back();
      for (const ListKeyPart& part : group)
        names.push_back(part.attribute);
    }
    return shape;
  }

  const Model& model_;
  std::map<std::string, AttributeShape, std::less<>> shapes_;
  std::map<std::string_view, Reading> readings_;
};

} // namespace

ListKeys list_keys_of(const Model& model, const Kind& kind) {
  ListKeys keys;
  for (const std::string_view group : split(kind.keys, '|')) {
    auto& parts = keys.emplace_back();
    for (const std::string_view attribute : split(group, '+')) {
      ListKeyPart part{.attribute = std::string(attribute)};
      if (const Attribute* row = row_of(model, kind, attribute)) {
        part.word = *model.dictionary().find(row->kept_word());
        part.is_field = true;
      }
      part.is_target =
          attribute == "@target" || (attribute == "id" && kind.build == Build::reference);
      parts.push_back(std::move(part));
    }
  }
  return keys;
}

std::unique_ptr<const outstanding::DocumentShapes> document_shapes_of(const Model& model) {
  return std::make_unique<InventoryShapes>(model);
}

} // namespace diffo::model
