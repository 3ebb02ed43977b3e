#pragma once

#include "graph/store.h"

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A small schema and what tests of this folder share: services with a name, a state, a number and
/// edges to parties and services.
namespace diffo::store::test {

inline constexpr graph::Family service = 1;
inline constexpr graph::Family party = 2;
inline constexpr graph::ElementKind service_root = 1;
inline constexpr graph::ElementKind party_root = 2;
inline constexpr graph::ElementKind note_part = 3;
inline constexpr graph::ElementKind party_edge = 4;
inline constexpr graph::ElementKind supporting_edge = 5;
enum TestWord : graph::Word { word_name, word_state, word_number, word_tag, word_text };
inline constexpr graph::IndexNumber index_name = 1;
inline constexpr graph::IndexNumber index_state = 2;
inline constexpr graph::IndexNumber index_number = 3;
inline constexpr graph::IndexNumber index_tag = 4;

inline void add_field_keys(const graph::Record& record, const graph::Dictionary& dictionary,
                           graph::Word word, graph::IndexSink& sink) {
  const auto add = [&sink](const json::Value& value) {
    std::string key;
    if (const std::string* text = value.if_string())
      graph::append_text_key(key, *text);
    else if (value.is_number())
      graph::append_number_key(key, value.as_double());
    else
      return;
    sink.add(key);
  };
  const json::Value value = record.root(dictionary).field(word).to_json();
  if (const json::Array* items = value.if_array())
    for (const json::Value& item : *items)
      add(item);
  else
    add(value);
}

inline graph::IndexDefinition field_index(graph::IndexNumber number, const std::string& name,
                                          graph::Word word, bool single) {
  return {
      .number = number,
      .name = name,
      .families = {service, party},
      .keys = [word](const graph::Record& record, const graph::Dictionary& dictionary,
                     graph::IndexSink& sink) { add_field_keys(record, dictionary, word, sink); },
      .single_key = single,
      .path =
          number == index_number ? std::nullopt : std::optional(graph::FieldPath{.member = name})};
}

inline const graph::Schema& schema() {
  static constexpr std::array<std::string_view, 6> words = {"name", "state", "number",
                                                            "tag",  "text",  "active"};
  static const graph::Schema all(
      words, {{service, "service"}, {party, "party"}},
      {{.kind = service_root, .name = "service", .role = graph::ElementRole::root},
       {.kind = party_root, .name = "party", .role = graph::ElementRole::root},
       {.kind = note_part, .name = "note", .role = graph::ElementRole::part},
       {.kind = party_edge, .name = "party", .role = graph::ElementRole::edge},
       {.kind = supporting_edge, .name = "supporting", .role = graph::ElementRole::edge}},
      {field_index(index_name, "name", word_name, true),
       field_index(index_state, "state", word_state, true),
       field_index(index_number, "number", word_number, true),
       field_index(index_tag, "tag", word_tag, false)});
  return all;
}

/// A record in the making.
struct Draft {
  graph::RecordDraft draft;

  Draft(graph::Family family, std::string id) {
    draft.key = {0, family, std::move(id)};
    draft.root.kind = family == service ? service_root : party_root;
  }
  Draft& set(graph::Word word, json::Value value) {
    draft.root.set_field(word, std::move(value));
    return *this;
  }
  Draft& edge(graph::ElementKind kind, graph::Family family, std::string id) {
    graph::Element child;
    child.kind = kind;
    child.target = graph::Target{family, std::move(id)};
    draft.root.children.push_back(std::move(child));
    return *this;
  }
  [[nodiscard]] graph::Change put() const {
    return {draft.key, graph::encode(draft, schema().dictionary())};
  }
};

inline graph::ChangeSet putting(const Draft& draft) {
  graph::ChangeSet changes;
  changes.changes.push_back(draft.put());
  return changes;
}

inline std::int64_t number_in(const graph::RecordRef& record) {
  return record->root(schema().dictionary()).field(word_number).to_json().integer();
}

inline Draft numbered(std::string id, std::int64_t number) {
  return Draft(service, std::move(id)).set(word_number, number);
}

inline graph::Decide always(graph::ChangeSet changes) {
  return [changes = std::move(changes)](graph::Subgraph&) -> Result<graph::Decision> {
    graph::ChangeSet wanted = changes;
    for (graph::Change& change : wanted.changes)
      if (change.after)
        change.after = graph::copy(*change.after);
    return graph::Decision(std::move(wanted));
  };
}

inline Result<graph::Commit> commit(graph::Store& store, graph::ChangeSet changes,
                                    graph::Context context = {}) {
  return graph::transact_and_wait(store, std::move(context), {}, always(std::move(changes)));
}

inline Result<graph::Commit> put(graph::Store& store, const Draft& draft) {
  return commit(store, putting(draft));
}

inline Result<graph::Commit> erase(graph::Store& store, graph::Key key) {
  graph::ChangeSet changes;
  changes.changes.push_back({std::move(key), {}});
  return commit(store, std::move(changes));
}

} // namespace diffo::store::test
