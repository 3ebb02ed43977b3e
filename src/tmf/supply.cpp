#include "tmf/supply.h"

#include "base/time.h"
#include "model/model.h"

#include <algorithm>
#include <string>

namespace diffo::tmf {
namespace {

const json::Value* value_of(const graph::Element& root, const model::Attribute& row,
                            const graph::Dictionary& dictionary) {
  if (const auto word = dictionary.find(row.name))
    if (const json::Value* field = root.field(*word))
      return field;
  const auto extra = std::find_if(root.extra.begin(), root.extra.end(),
                                  [&](const json::Member& one) { return one.name == row.name; });
  return extra == root.extra.end() ? nullptr : &extra->value;
}

void set_value(graph::Element& root, const model::Attribute& row, json::Value value,
               const graph::Dictionary& dictionary) {
  const auto word = dictionary.find(row.name);
  if (word && row.home == model::Home::property) {
    root.set_field(*word, std::move(value));
    return;
  }
  std::erase_if(root.extra, [&](const json::Member& one) { return one.name == row.name; });
  root.extra.push_back({std::string(row.name), std::move(value)});
}

} // namespace

void supply(graph::Element& root, model::Api api, std::int64_t now, const graph::Schema& schema) {
  for (const model::Attribute& row : model::model_of(schema).attributes_of(model::root_of(api))) {
    if ((row.supplied.empty() && !row.stamped) ||
        value_of(root, row, schema.dictionary()) != nullptr)
      continue;
    json::Value value = row.stamped ? json::Value(text_of(Timestamp{now}))
                                    : json::read(row.supplied).value(); // a literal of the table
    set_value(root, row, std::move(value), schema.dictionary());
  }
}

void stamp(graph::Element& root, const graph::ElementView& before, std::int64_t now,
           const graph::Schema& schema) {
  const graph::Element old = before.to_draft();
  for (const model::Attribute& row : model::model_of(schema).attributes_of(root.kind)) {
    if (!row.stamped)
      continue;
    const json::Value* was = value_of(old, row, schema.dictionary());
    const json::Value* is = value_of(root, row, schema.dictionary());
    if (is == nullptr || (was != nullptr && *was == *is))
      set_value(root, row, json::Value(text_of(Timestamp{now})), schema.dictionary());
  }
}

} // namespace diffo::tmf
