#include "rules/kind_ranges.h"

#include "model/model.h"
#include "model/schema.h"
#include "model/split.h"
#include "model/typed_value.h"
#include "model/words.h"
#include "rules/enforce.h"
#include "rules/kind_attributes.h"

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace diffo::rules {
namespace {

using json::Value;

/// RE2 repeats no more often than that.
constexpr std::uint32_t most_repeats = 1000;

std::string length_pattern(const model::Type& type) {
  const std::uint32_t least = type.min_length.value_or(0);
  return "(?s)^.{" + std::to_string(least) + ',' +
         (type.max_length ? std::to_string(*type.max_length) : std::string()) + "}$";
}

/// Nothing where no matcher says it.
std::optional<Value> allowed_text(const model::Type& type, const std::string& text,
                                  const model::DeclaredKinds& kinds) {
  const Pattern* pattern = kinds.pattern_of(type);
  if (pattern != nullptr && !pattern->found_in(text))
    return json::Object{{"$regex", "^(?:" + type.pattern + ")$"}};
  if (type.min_length.value_or(0) > most_repeats || type.max_length.value_or(0) > most_repeats)
    return std::nullopt;
  return json::Object{{"$regex", length_pattern(type)}};
}

Value bound(double number) {
  constexpr double most_exact = 1e15;
  return std::floor(number) == number && std::abs(number) < most_exact
             ? Value(static_cast<std::int64_t>(number))
             : Value(number);
}

std::optional<Value> allowed_value(const model::Type& type, const Value& value,
                                   const model::DeclaredKinds& kinds) {
  if (value.is_array())
    return std::nullopt;
  if (!type.one_of.empty())
    return json::Object{{"$in", json::Array(type.one_of.begin(), type.one_of.end())}};
  if (value.is_number() && type.min && json::compare_numbers(value, Value(*type.min)) < 0)
    return json::Object{{"$gte", bound(*type.min)}};
  if (value.is_number() && type.max)
    return json::Object{{"$lte", bound(*type.max)}};
  if (const std::string* text = value.if_string())
    return allowed_text(type, *text, kinds);
  return std::nullopt;
}

/// Puts a matcher where a pointer leads, through objects alone.
void put(Value& allowed, const Value& value, const json::Pointer& pointer, Value matcher) {
  const Value* here = &value;
  Value* into = &allowed;
  for (const std::string& token : pointer.tokens()) {
    if (!here->is_object())
      return;
    here = here->find(token);
    if (here == nullptr)
      return;
  }
  for (const std::string& token : pointer.tokens()) {
    if (!into->is_object())
      *into = json::Object();
    Value* next = into->object().find(token);
    into = next != nullptr ? next : &into->object().set(token, Value());
  }
  *into = std::move(matcher);
}

/// What is allowed instead of a value of a field; null where it is allowed.
Value allowed_of(const model::Field& field, const Value& value, const model::DeclaredKinds& kinds) {
  if (value.is_null())
    return {};
  std::vector<Error> problems;
  std::vector<model::OutOfRange> found;
  model::TypedReader reader(kinds, problems, model::TypedReader::Ranges::ignored);
  reader.tell_ranges(found);
  static_cast<void>(reader.read(field.type, value, {}));
  Value allowed;
  for (const model::OutOfRange& one : found) {
    const auto pointer = json::Pointer::parse(one.path);
    const Value* there = pointer ? pointer->find_in(value) : nullptr;
    if (there == nullptr)
      continue;
    if (auto matcher = allowed_value(*one.type, *there, kinds))
      put(allowed, value, *pointer, *std::move(matcher));
  }
  return allowed;
}

Value value_at(const graph::ElementView& element, const model::Model& model,
               std::string_view name) {
  const auto word = model.dictionary().find(name);
  const graph::ValueView field = word ? element.field(*word) : graph::ValueView();
  return field ? field.to_json() : Value();
}

/// Words that no version of the standard has.
void add_words(json::Object& allowed, const graph::ElementView& root, model::Api api,
               const model::Model& model) {
  for (const model::Attribute& row : model.attributes_of(root.kind())) {
    if (!row.is_enumerated() || !row.is_in(model::Version::v5))
      continue;
    const Value value = value_at(root, model, row.kept_word());
    const std::string* word = value.if_string();
    if (word == nullptr || row.has_word(*word, model::Version::v5) ||
        row.has_word(*word, model::Version::v4))
      continue;
    const std::string words = row.words_in(model::Version::v5);
    json::Array all;
    for (const std::string_view one : model::split(words, ' '))
      all.emplace_back(std::string(one));
    allowed.set(std::string(row.name_in(api, model::Version::v5)),
                json::Object{{"$in", std::move(all)}});
  }
}

} // namespace

json::Object allowed_instead(const graph::Record& record, const graph::Schema& schema) {
  const model::Model& model = model::model_of(schema);
  const model::DeclaredKind* kind = kind_of(model, record);
  json::Object allowed;
  if (kind == nullptr || record.which() != graph::Which::actual)
    return allowed;
  const graph::ElementView root = record.root(schema.dictionary());
  add_words(allowed, root, model::api_of(record.family()), model);
  for (const model::Field& attribute : kind->attributes)
    if (!attribute.hidden)
      if (Value one =
              allowed_of(attribute, value_at(root, model, attribute.wire_name()), model.declared());
          !one.is_null())
        allowed.set(std::string(attribute.wire_name()), std::move(one));
  json::Array items;
  graph::ElementView child;
  for (auto children = root.children(); children.next(child);) {
    if (child.kind() != model::kinds::characteristic)
      continue;
    const Value name = value_at(child, model, "name");
    const model::Field* field = name.is_string() ? kind->characteristic(name.string()) : nullptr;
    if (field == nullptr)
      continue;
    if (Value one = allowed_of(*field, value_at(child, model, "value"), model.declared());
        !one.is_null())
      items.push_back(json::Object{{"name", name}, {"value", std::move(one)}});
  }
  if (!items.empty())
    allowed.set(std::string(characteristics_of(*kind)), std::move(items));
  return allowed;
}

} // namespace diffo::rules
