#include "query/attribute_access.h"
#include "query/record_filter.h"

#include <utility>

namespace diffo::query {
namespace {

using graph::FieldPath;
using graph::SortKey;

std::vector<std::string> behind_first(const std::vector<std::string>& path) {
  return {path.begin() + 1, path.end()};
}

/// Gives the collector what a path leads to in a document; arrays stand for their elements.
void collect(const json::Value& value, std::span<const std::string> path,
             graph::KeyCollector& keys) {
  if (const json::Array* items = value.if_array()) {
    for (const json::Value& item : *items)
      collect(item, path, keys);
    return;
  }
  if (!path.empty()) {
    if (const json::Value* member = value.find(path.front()))
      collect(*member, path.subspan(1), keys);
    return;
  }
  if (const std::string* text = value.if_string())
    keys.take_text(*text);
  else
    keys.take_other(value);
}

graph::ResidualOrder rendered(std::vector<std::string> path, AttributeRenderer render) {
  json::Array parts;
  for (const std::string& part : path)
    parts.emplace_back(part);
  json::Object arguments = render.arguments();
  arguments.append("path", std::move(parts));
  return {"rendered", json::to_text(arguments),
          [path = std::move(path), render = std::move(render)](const graph::Record& record,
                                                               graph::KeyCollector& keys) {
            collect(render(record), path, keys);
          }};
}

} // namespace

SortKey record_sort_key(std::vector<std::string> path, bool descending, model::Api api,
                        model::Version version, const graph::Schema& schema) {
  const model::Model& model = model::model_of(schema);
  // What stands in counts, unless an index has the order.
  const model::Attribute* row = model.first_level(api, path.front());
  const bool stands_in = row != nullptr && row->index == 0 && stand_in_path(*row, version);
  SortKey key{.path = {},
              .reading = model.reading_of(path, api, version),
              .shown = {},
              .descending = descending,
              .residual = {}};
  switch (stands_in ? AttributeHome::rendered : home_of(path.front(), api, model)) {
  case AttributeHome::id:
  case AttributeHome::href:
    key.path = {.end = FieldPath::End::id, .inside = behind_first(path)};
    break;
  case AttributeHome::word:
    key.shown = shown_otherwise(*model.first_level(api, path.front())->vocabulary, version);
    [[fallthrough]];
  case AttributeHome::field:
    key.path = {.end = model.first_level(api, path.front())->end(),
                .member = path.front(),
                .inside = behind_first(path)};
    break;
  case AttributeHome::type:
    key.path = {.member = path.front(), .inside = behind_first(path)};
    if (path.size() == 1) {
      key.path.otherwise = FieldPath::Otherwise::text;
      key.path.otherwise_text = model.class_of(api);
    }
    break;
  case AttributeHome::birth:
    key.path = {.member = path.front(), .inside = behind_first(path)};
    if (path.size() == 1)
      key.path.otherwise = FieldPath::Otherwise::created_at;
    break;
  case AttributeHome::unmodelled:
    key.path = {.end = FieldPath::End::extra, .member = path.front(), .inside = behind_first(path)};
    break;
  case AttributeHome::rendered: {
    AttributeRenderer render(path.front(), api, version, schema); // before the path is given away
    key.residual = rendered(std::move(path), std::move(render));
    break;
  }
  }
  return key;
}

} // namespace diffo::query
