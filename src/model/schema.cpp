#include "model/schema.h"

#include "model/model.h"

namespace diffo::model {

const graph::Schema& inventory_schema() {
  return inventory_model().schema();
}

Api api_of(const graph::Record& record, const graph::Schema& schema) {
  if (record.family() == family_service || record.family() == family_resource)
    return api_of(record.family());
  return api_of_root(record.root(schema.dictionary()).kind()).value_or(api_of(record.family()));
}

std::string collection_key(Api api) {
  std::string key;
  graph::append_text_key(key, collection_of(api));
  return key;
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
