#include "model/schema.h"

#include "model/model.h"

#include <algorithm>

namespace diffo::model {

const graph::Schema& inventory_schema() {
  return inventory_model().schema();
}

std::string key_of_text(std::string_view text, Reading reading) {
  std::string key;
  const auto moment = reading == Reading::instant ? moment_of(text, reading) : std::nullopt;
  if (moment)
    graph::append_instant_key(key, *moment);
  else
    graph::append_text_key(key, text);
  return key;
}

std::optional<std::string> index_key(std::string_view index, std::string_view text) {
  const auto& attributes = inventory_model().attributes();
  const auto row =
      std::find_if(attributes.begin(), attributes.end(), [index](const Attribute& attribute) {
        return attribute.index != 0 && attribute.name == index;
      });
  if (row != attributes.end())
    return key_of_text(text, row->reading);
  if (inventory_schema().index(index) == nullptr || index == "characteristic")
    return std::nullopt;
  return key_of_text(text, Reading::text);
}

std::string characteristic_key(std::string_view name, const json::Value& value) {
  // The name ends at a byte that no UTF-8 text has.
  std::string key(name.substr(0, graph::max_index_key_bytes));
  key += '\xff';
  if (value.is_number())
    graph::append_number_key(key, value.as_double());
  else if (const std::string* text = value.if_string())
    graph::append_text_key(key, *text);
  else if (const bool* truth = value.if_boolean())
    graph::append_text_key(key, *truth ? "true" : "false");
  return key;
}

} // namespace diffo::model
