#include "rules/value_at.h"

#include "model/declared.h"
#include "model/kinds.h"
#include "model/value_path.h"
#include "model/words.h"
#include "rules/enforce.h"
#include "rules/first_level.h"
#include "rules/parts.h"

#include <optional>
#include <utility>
#include <vector>

namespace diffo::rules {
namespace {

using graph::ElementView;
using model::head_of;
using model::tail_of;
namespace words = model::words;

json::Value as_one(model::ValuesAt found) {
  if (found.in_list)
    return json::Array(std::move(found.values));
  return found.values.empty() ? json::Value() : std::move(found.values.front());
}

/// A field of the root, by its name in the model or on the wire.
graph::ValueView attribute_of(const ElementView& root, const graph::Schema& schema,
                              const model::DeclaredKind* kind, std::string_view name) {
  if (const auto field =
          kind != nullptr ? first_level_field(model::model_of(schema), *kind, name) : std::nullopt)
    if (const graph::ValueView view = root.field(field->word))
      return view;
  const auto word = schema.dictionary().find(name);
  const graph::ValueView view = word ? root.field(*word) : graph::ValueView();
  return view ? view : root.extra(name);
}

} // namespace

model::ValuesAt values_in(const model::Model& model, const model::Type* type,
                          const json::Value& value, std::string_view path) {
  if (type != nullptr) {
    const auto place = place_of_field(by_name(model.declared()), *type, path);
    return place ? model::values_at(value, place->path) : model::ValuesAt();
  }
  std::vector<std::string> members = model::split_path(path);
  model::ValuesAt found = model::values_at(value, members);
  if (found.values.empty() && !members.empty() && members.back() == "size") {
    members.pop_back();
    for (const json::Value& range : model::values_at(value, members).values)
      if (json::Value size = model::member_of(range, "size"); !size.is_null())
        found.values.push_back(std::move(size));
  }
  return found;
}

json::Value value_at(const graph::Record& record, const graph::Schema& schema,
                     std::string_view path) {
  const ElementView root = record.root(schema.dictionary());
  if (path == "id")
    return record.id();
  if (path == "type")
    return record.family() == model::family_service ? "service" : "resource";
  if (path == "which")
    return record.which() == graph::Which::expected ? "expected" : "actual";
  const model::Model& model = model::model_of(schema);
  const model::DeclaredKind* kind = kind_of(model, record);
  ElementView part;
  for (auto children = root.children(); children.next_of(model::kinds::characteristic, part);)
    if (text_of(part, words::name) == head_of(path))
      if (const graph::ValueView view = part.field(words::value)) {
        const model::Field* field = kind != nullptr ? kind->characteristic(head_of(path)) : nullptr;
        return as_one(values_in(model, field != nullptr ? &field->type : nullptr, view.to_json(),
                                tail_of(path)));
      }
  if (const graph::ValueView view = attribute_of(root, schema, kind, head_of(path)))
    return as_one(values_in(model, nullptr, view.to_json(), tail_of(path)));
  return {};
}

} // namespace diffo::rules
