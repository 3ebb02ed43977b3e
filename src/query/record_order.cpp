#include "model/homes.h"
#include "model/vocabulary.h"
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

graph::ResidualOrder rendered(std::vector<std::string> path, model::Api api,
                              model::Version version) {
  json::Array parts;
  for (const std::string& part : path)
    parts.emplace_back(part);
  const json::Object arguments{{"api", api == model::Api::service ? "service" : "resource"},
                               {"version", version == model::Version::v4 ? "v4" : "v5"},
                               {"path", std::move(parts)}};
  auto selection = selection_for(std::span(path).first(1));
  return {"rendered", json::to_text(arguments),
          [path = std::move(path), version, selection = std::move(selection)](
              const graph::Record& record, graph::KeyCollector& keys) {
            collect(render_attributes(record, selection, version), path, keys);
          }};
}

} // namespace

SortKey record_sort_key(std::vector<std::string> path, bool descending, model::Api api,
                        model::Version version, const graph::Schema& schema) {
  SortKey key{.path = {},
              .reading = reading_of_path(path),
              .shown = {},
              .descending = descending,
              .residual = {}};
  switch (home_of(path.front(), api, version, schema.dictionary())) {
  case AttributeHome::id:
  case AttributeHome::href:
    key.path = {.end = FieldPath::End::id, .inside = behind_first(path)};
    break;
  case AttributeHome::word:
    for (const std::string_view word : model::internal_words(path.front()))
      if (const auto shown = model::wire_value(path.front(), word, version); shown != word)
        key.shown.emplace_back(word, shown);
    [[fallthrough]];
  case AttributeHome::field:
    key.path = {.member = path.front(), .inside = behind_first(path)};
    break;
  case AttributeHome::type:
    key.path = {.member = path.front(), .inside = behind_first(path)};
    if (path.size() == 1) {
      key.path.otherwise = FieldPath::Otherwise::text;
      key.path.otherwise_text = root_class(api);
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
  case AttributeHome::rendered:
    key.residual = rendered(std::move(path), api, version);
    break;
  }
  return key;
}

} // namespace diffo::query
