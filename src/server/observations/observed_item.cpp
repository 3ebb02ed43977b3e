#include "server/observations/observed_item.h"

#include "base/dates.h"
#include "base/text.h"
#include "model/declared.h"
#include "model/kinds.h"
#include "model/model.h"
#include "model/schema.h"
#include "rules/precedence.h"
#include "server/parameters.h"

#include <algorithm>
#include <utility>

namespace diffo::server {
namespace {

using json::Value;

constexpr std::size_t longest_source = 255;
constexpr std::size_t longest_text = 4096;
/// Clocks differ; what is further ahead would make all that is seen until then stale.
constexpr std::int64_t most_ahead = std::int64_t{5} * 60 * 1'000'000;

Error invalid(std::string message, std::string path) {
  return {ErrorCode::invalid, std::move(message), std::move(path)};
}

Result<void> check_members(const json::Object& object, std::string_view what,
                           std::initializer_list<std::string_view> known, const std::string& path) {
  for (const json::Member& member : object)
    if (std::find(known.begin(), known.end(), member.name) == known.end()) {
      std::string at = path;
      json::append_token(at, member.name);
      return invalid("is no member of " + std::string(what), std::move(at));
    }
  return {};
}

/// A text that is not empty; absent: an empty one.
Result<std::string> text_in(const json::Object& object, std::string_view name,
                            const std::string& path) {
  const Value* value = object.find(name);
  if (value == nullptr)
    return std::string();
  const std::string* text = value->if_string();
  if (text == nullptr || text->empty() || text->size() > longest_text)
    return invalid("must be a text that is not empty, of at most 4096 bytes",
                   path + '/' + std::string(name));
  return *text;
}

Result<std::string> demanded(const json::Object& object, std::string_view name,
                             const std::string& path) {
  std::string text = TRY(text_in(object, name, path));
  if (text.empty())
    return invalid("is missing", path + '/' + std::string(name));
  return text;
}

/// 0 where none is said.
Result<graph::Family> family_in(const json::Object& object, const std::string& path) {
  const std::string family = TRY(text_in(object, "family", path));
  if (family.empty())
    return graph::Family{0};
  if (family != "service" && family != "resource")
    return invalid("must be service or resource", path + "/family");
  return family == "service" ? model::family_service : model::family_resource;
}

Result<std::int64_t> read_moment(const json::Object& object, std::int64_t now) {
  const std::string text = TRY(text_in(object, "observedAt", ""));
  if (text.empty())
    return now;
  const auto instants = parse_instants(text);
  if (!instants || instants->from < 0)
    return invalid("must be a date-time such as 2024-05-01T12:00:00Z, of 1970 or later",
                   "/observedAt");
  if (instants->from > now + most_ahead)
    return invalid("lies more than five minutes ahead: whoever says so has a clock that is wrong",
                   "/observedAt");
  return std::min(instants->from, now);
}

/// The members of a match that name the instance, one way or the other.
Result<void> read_identifier(const json::Object& object, ItemMatch& match) {
  const Value* external = object.find("externalIdentifier");
  const Value* characteristic = object.find("characteristic");
  const bool by_id = object.contains("id");
  const bool by_name = object.contains("name");
  if ((external != nullptr ? 1 : 0) + (characteristic != nullptr ? 1 : 0) + (by_id ? 1 : 0) +
          (by_name ? 1 : 0) !=
      1)
    return invalid("must have one of id, externalIdentifier, name and characteristic", "/match");
  if (by_id) {
    match.id = TRY(demanded(object, "id", "/match"));
    return {};
  }
  if (by_name) {
    match.by = ItemMatch::By::name;
    match.name = TRY(demanded(object, "name", "/match"));
    if (match.kind.empty())
      return invalid("is missing: names are unique in a kind at most", "/match/kind");
    return {};
  }
  const bool is_external = external != nullptr;
  const std::string path = is_external ? "/match/externalIdentifier" : "/match/characteristic";
  const json::Object* inner = (is_external ? external : characteristic)->if_object();
  if (inner == nullptr)
    return invalid(is_external ? "must be an object with type and id"
                               : "must be an object with name and value",
                   path);
  if (is_external) {
    match.by = ItemMatch::By::external_identifier;
    TRY(check_members(*inner, "an external identifier here", {"type", "id"}, path));
    match.type = TRY(demanded(*inner, "type", path));
    match.id = TRY(demanded(*inner, "id", path));
    return {};
  }
  match.by = ItemMatch::By::characteristic;
  TRY(check_members(*inner, "a characteristic here", {"name", "value"}, path));
  match.name = TRY(demanded(*inner, "name", path));
  const Value* value = inner->find("value");
  if (value == nullptr || value->is_null() || value->is_object() || value->is_array())
    return invalid("must be a text, a number or a truth value", path + "/value");
  match.value = *value;
  return {};
}

Result<ItemMatch> read_match(const Value* value) {
  const json::Object* object = value != nullptr ? value->if_object() : nullptr;
  if (object == nullptr)
    return invalid("must be an object that says which instance is meant", "/match");
  TRY(check_members(*object, "a match",
                    {"id", "family", "externalIdentifier", "name", "kind", "characteristic"},
                    "/match"));
  ItemMatch match;
  match.family = TRY(family_in(*object, "/match"));
  match.kind = TRY(text_in(*object, "kind", "/match"));
  TRY(read_identifier(*object, match));
  return match;
}

Result<CompleteScope> read_complete(const Value& value) {
  const std::string path = "/complete";
  const json::Object* object = value.if_object();
  if (object == nullptr)
    return invalid("must be an object with kind or filter", path);
  TRY(check_members(*object, "what is complete", {"kind", "filter", "family", "atMost"}, path));
  CompleteScope scope;
  scope.kind = TRY(text_in(*object, "kind", path));
  scope.filter = TRY(text_in(*object, "filter", path));
  scope.family = TRY(family_in(*object, path));
  if (scope.kind.empty() && scope.filter.empty() && scope.family == 0)
    return invalid("must say of what: kind, filter or family", path);
  if (const Value* most = object->find("atMost")) {
    const std::int64_t* number = most->if_integer();
    if (number == nullptr || *number < 0)
      return invalid("must be a number that is not negative", path + "/atMost");
    scope.at_most = static_cast<std::uint64_t>(*number);
  }
  return scope;
}

/// Where a name stands, as its index has it.
graph::FieldPath::End name_end(const graph::Schema& schema) {
  return model::model_of(schema).first_level(model::Api::service, "name")->end();
}

} // namespace

std::string ItemMatch::text() const {
  switch (by) {
  case By::id:
    return "the id " + shortened(id, 64);
  case By::external_identifier:
    return "the external identifier " + shortened(id, 64) + " of type " + shortened(type, 64);
  case By::name:
    return "the name " + shortened(name, 64) + " and the kind " + shortened(kind, 64);
  case By::characteristic:
    break;
  }
  return "the characteristic " + shortened(name, 64) + " = " + shortened(json::to_text(value), 64);
}

Result<ObservationHead> read_observation_head(const Value& document, std::int64_t now) {
  const json::Object* object = document.if_object();
  if (object == nullptr)
    return invalid("an observation is an object that begins with its source", "");
  TRY(check_members(*object, "an observation",
                    {"source", "observedAt", "mode", "complete", "items"}, ""));
  ObservationHead head;
  head.source = TRY(demanded(*object, "source", ""));
  if (head.source.size() > longest_source || head.source == rules::api_source)
    return invalid("must be a name of at most 255 bytes that is not \"api\"", "/source");
  head.observed_at = TRY(read_moment(*object, now));
  if (const std::string mode = TRY(text_in(*object, "mode", "")); !mode.empty()) {
    if (mode != "best" && mode != "atomic")
      return invalid("must be best or atomic", "/mode");
    head.atomic = mode == "atomic";
  }
  if (const Value* complete = object->find("complete"))
    head.complete = TRY(read_complete(*complete));
  return head;
}

Result<ObservedItem> read_observed_item(Value document) {
  json::Object* object = document.if_object();
  if (object == nullptr)
    return invalid("an item is an object with match and set", "");
  TRY(check_members(*object, "an item", {"match", "set", "absent", "create"}, ""));
  ObservedItem item;
  item.match = TRY(read_match(object->find("match")));
  if (const Value* create = object->find("create")) {
    if (!create->is_boolean())
      return invalid("must be true or false", "/create");
    item.create = create->boolean();
  }
  if (item.create && item.match.by == ItemMatch::By::id && !is_id(item.match.id))
    return invalid("cannot be the id of an instance", "/match/id");
  if (Value* set = object->find("set"))
    item.set = std::move(*set);
  if (Value* absent = object->find("absent"))
    item.absent = std::move(*absent);
  return item;
}

graph::Filter of_kind(const std::string& kind, const graph::Schema& schema) {
  const model::DeclaredKind* declared = model::model_of(schema).declared().named(kind);
  std::vector<std::string> ids{kind};
  if (declared != nullptr && declared->specification)
    ids.push_back(declared->specification->id);
  return graph::any_part(
      {model::kinds::specification_reference},
      graph::any_of(
          {graph::equal_text({.end = graph::FieldPath::End::id}, std::move(ids)),
           graph::equal_text({.end = graph::FieldPath::End::member, .member = "name"}, {kind})}));
}

graph::Filter filter_of(const ItemMatch& match, const graph::Schema& schema) {
  using graph::FieldPath;
  const auto of_part = [](graph::ElementKind kind, std::string member) {
    return FieldPath{.parts = {{kind}}, .end = FieldPath::End::member, .member = std::move(member)};
  };
  const auto member = [](std::string name) {
    return FieldPath{.end = FieldPath::End::member, .member = std::move(name)};
  };
  std::vector<graph::Filter> all;
  switch (match.by) {
  case ItemMatch::By::id:
    all.push_back(graph::equal_text({.end = FieldPath::End::id}, {match.id}));
    break;
  case ItemMatch::By::external_identifier:
    // The first is answered from the index, the second is what is meant.
    all.push_back(graph::compare(of_part(model::kinds::external_identifier, "id"),
                                 graph::Compare::equal, Reading::text, {json::Value(match.id)}));
    all.push_back(graph::any_part(
        {model::kinds::external_identifier},
        graph::all_of({graph::equal_text(member("id"), {match.id}),
                       graph::equal_text(member("externalIdentifierType"), {match.type})})));
    break;
  case ItemMatch::By::name:
    all.push_back(graph::equal_text({.end = name_end(schema), .member = "name"}, {match.name}));
    break;
  case ItemMatch::By::characteristic:
    all.push_back(
        graph::in_index("characteristic", model::characteristic_key(match.name, match.value)));
    all.push_back(
        graph::any_part({model::kinds::characteristic},
                        graph::all_of({graph::equal_text(member("name"), {match.name}),
                                       graph::compare(member("value"), graph::Compare::equal,
                                                      Reading::value, {match.value})})));
    break;
  }
  if (!match.kind.empty())
    all.push_back(of_kind(match.kind, schema));
  return graph::all_of(std::move(all));
}

} // namespace diffo::server
