#include "graph/filter.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

// The form: {"all": […]}, {"any": […]}, {"not": …}, {"path": …, "is": "equal", …}, {"part":
// [kinds], "with": …}, {"edge": [kinds], "to": [[family, id]], "with": …}, {"index": name} and
// {"residual": name, "arguments": …}. What has its ordinary value is left out.
namespace diffo::graph {
namespace {

constexpr std::array<std::string_view, 7> comparisons = {
    "equal", "greater", "greaterOrEqual", "less", "lessOrEqual", "matches", "exists"};
constexpr std::array<std::string_view, 3> readings = {"text", "instant", "value"};
constexpr std::array<std::string_view, 8> ends = {"field",     "extra",     "member",    "id",
                                                  "createdAt", "updatedAt", "irregular", "element"};

json::Value kinds_value(const std::vector<ElementKind>& kinds) {
  json::Array items;
  for (const ElementKind kind : kinds)
    items.emplace_back(static_cast<int>(kind));
  return items;
}

json::Value path_value(const FieldPath& path) {
  json::Object value;
  if (!path.parts.empty()) {
    json::Array parts;
    for (const auto& kinds : path.parts)
      parts.push_back(kinds_value(kinds));
    value.set("parts", std::move(parts));
  }
  value.set(ends[static_cast<std::size_t>(path.end)], path.member);
  if (!path.inside.empty()) {
    json::Array inside;
    for (const std::string& member : path.inside)
      inside.emplace_back(member);
    value.set("inside", std::move(inside));
  }
  if (path.otherwise == FieldPath::Otherwise::created_at)
    value.set("otherwiseCreatedAt", true);
  if (path.otherwise == FieldPath::Otherwise::text)
    value.set("otherwise", path.otherwise_text);
  return value;
}

json::Value to_value(const Filter& filter);

json::Value children_value(const Filter& filter) {
  json::Array items;
  for (const Filter& child : filter.children)
    items.push_back(to_value(child));
  return items;
}

json::Value compare_value(const Filter& filter) {
  json::Object value{{"path", path_value(filter.path)},
                     {"is", std::string(comparisons[static_cast<std::size_t>(filter.comparison)])},
                     {"as", std::string(readings[static_cast<std::size_t>(filter.reading)])}};
  if (!filter.any_of.empty())
    value.set("of", json::Array(filter.any_of));
  if (!filter.shown.empty()) {
    json::Array pairs;
    for (const auto& [stored, shown] : filter.shown)
      pairs.push_back(json::Array{stored, shown});
    value.set("shown", std::move(pairs));
  }
  return value;
}

json::Value edge_value(const Filter& filter) {
  json::Object value{{"edge", kinds_value(filter.kinds)}};
  if (filter.direction == Direction::in)
    value.set("direction", "in");
  json::Array targets;
  for (const Target& target : filter.targets)
    targets.push_back(json::Array{static_cast<int>(target.family), target.id});
  if (!targets.empty())
    value.set("to", std::move(targets));
  if (!filter.children.empty())
    value.set("with", to_value(filter.children.front()));
  return value;
}

json::Value to_value(const Filter& filter) {
  switch (filter.kind) {
  case Filter::Kind::all:
    return json::Object{{"all", children_value(filter)}};
  case Filter::Kind::any:
    return json::Object{{"any", children_value(filter)}};
  case Filter::Kind::none_of:
    return json::Object{{"not", to_value(filter.children.front())}};
  case Filter::Kind::compare:
    return compare_value(filter);
  case Filter::Kind::any_part:
    return json::Object{{"part", kinds_value(filter.kinds)},
                        {"with", to_value(filter.children.front())}};
  case Filter::Kind::has_edge:
    return edge_value(filter);
  case Filter::Kind::in_index:
    if (!filter.any_of.empty())
      return json::Object{{"index", filter.name}, {"key", filter.any_of.front()}};
    return json::Object{{"index", filter.name}};
  case Filter::Kind::residual:
    return json::Object{{"residual", filter.residual.name},
                        {"arguments", filter.residual.arguments}};
  }
  return {};
}

Error wrong(std::string what) {
  return {ErrorCode::invalid, "this is no filter: " + std::move(what)};
}

template <typename Enumeration, std::size_t Count>
Result<Enumeration> one_of(const std::array<std::string_view, Count>& names,
                           std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    return wrong("there is no " + std::string(name));
  return static_cast<Enumeration>(found - names.begin());
}

/// Takes printed filters apart.
class FilterReader {
public:
  explicit FilterReader(const std::function<Result<Residual>(Residual)>& functions)
      : functions_(functions) {}

  Result<Filter> read(const json::Value& value) const {
    if (value.find("all") != nullptr)
      return all_of(TRY(read_children(value, "all")));
    if (value.find("any") != nullptr)
      return any_of(TRY(read_children(value, "any")));
    if (const json::Value* child = value.find("not"))
      return none_of(TRY(read(*child)));
    if (value.find("path") != nullptr)
      return read_compare(value);
    if (value.find("part") != nullptr)
      return any_part(TRY(read_kinds(value, "part")), TRY(read_with(value)));
    if (value.find("edge") != nullptr)
      return read_edge(value);
    if (value.find("index") != nullptr)
      return read_index(value);
    if (value.find("residual") != nullptr)
      return read_residual(value);
    return wrong("nothing that is known stands in it");
  }

private:
  static Result<Filter> read_index(const json::Value& value) {
    Filter filter = in_index(TRY(text_at(value, "index")));
    if (value.find("key") == nullptr)
      return filter;
    filter.any_of.emplace_back(TRY(text_at(value, "key")));
    if (!key_of(filter))
      return wrong("key is none");
    return filter;
  }

  static Result<std::string> text_at(const json::Value& value, const char* name) {
    const json::Value* member = value.find(name);
    const std::string* text = member != nullptr ? member->if_string() : nullptr;
    if (text == nullptr)
      return wrong(std::string(name) + " is no text");
    return *text;
  }

  static Result<const json::Array*> array_at(const json::Value& value, const char* name) {
    static const json::Array none;
    const json::Value* member = value.find(name);
    if (member == nullptr)
      return &none;
    const json::Array* items = member->if_array();
    if (items == nullptr)
      return wrong(std::string(name) + " is no list");
    return items;
  }

  static Result<std::uint8_t> small_number(const json::Value& value) {
    if (!value.is_number())
      return wrong("a number is missing");
    const double number = value.as_double();
    if (!(number >= 0 && number <= std::numeric_limits<std::uint8_t>::max()))
      return wrong("a number is too large");
    return static_cast<std::uint8_t>(number);
  }

  static Result<std::vector<ElementKind>> kinds_of(const json::Value& value) {
    const json::Array* items = value.if_array();
    if (items == nullptr)
      return wrong("kinds are no list");
    std::vector<ElementKind> kinds;
    for (const json::Value& item : *items)
      kinds.push_back(TRY(small_number(item)));
    return kinds;
  }

  static Result<std::vector<ElementKind>> read_kinds(const json::Value& value, const char* name) {
    return kinds_of(*value.find(name));
  }

  static Result<FieldPath> read_path(const json::Value& value) {
    FieldPath path;
    for (const json::Value& part : *TRY(array_at(value, "parts")))
      path.parts.push_back(TRY(kinds_of(part)));
    bool found = false;
    for (const std::string_view end : ends)
      if (value.find(end) != nullptr) {
        path.end = TRY(one_of<FieldPath::End>(ends, end));
        path.member = TRY(text_at(value, std::string(end).c_str()));
        found = true;
      }
    if (!found)
      return wrong("a path has no end");
    for (const json::Value& member : *TRY(array_at(value, "inside"))) {
      const std::string* name = member.if_string();
      if (name == nullptr)
        return wrong("a member is no text");
      path.inside.push_back(*name);
    }
    if (value.find("otherwiseCreatedAt") != nullptr)
      path.otherwise = FieldPath::Otherwise::created_at;
    if (value.find("otherwise") != nullptr) {
      path.otherwise = FieldPath::Otherwise::text;
      path.otherwise_text = TRY(text_at(value, "otherwise"));
    }
    return path;
  }

  Result<std::vector<Filter>> read_children(const json::Value& value, const char* name) const {
    std::vector<Filter> children;
    for (const json::Value& item : *TRY(array_at(value, name)))
      children.push_back(TRY(read(item)));
    return children;
  }

  Result<Filter> read_with(const json::Value& value) const {
    const json::Value* child = value.find("with");
    if (child == nullptr)
      return wrong("\"with\" is missing");
    return read(*child);
  }

  static Result<Filter> read_compare(const json::Value& value) {
    Filter filter = compare(TRY(read_path(*value.find("path"))),
                            TRY(one_of<Compare>(comparisons, TRY(text_at(value, "is")))),
                            TRY(one_of<Reading>(readings, TRY(text_at(value, "as")))),
                            *TRY(array_at(value, "of")));
    for (const json::Value& pair : *TRY(array_at(value, "shown"))) {
      const json::Array* words = pair.if_array();
      if (words == nullptr || words->size() != 2 || (*words)[0].if_string() == nullptr ||
          (*words)[1].if_string() == nullptr)
        return wrong("a shown word is no pair of texts");
      filter.shown.emplace_back((*words)[0].string(), (*words)[1].string());
    }
    return filter;
  }

  Result<Filter> read_edge(const json::Value& value) const {
    Filter filter = has_edge(TRY(read_kinds(value, "edge")), {});
    if (value.find("direction") != nullptr)
      filter.direction = Direction::in;
    for (const json::Value& target : *TRY(array_at(value, "to"))) {
      const json::Array* words = target.if_array();
      if (words == nullptr || words->size() != 2 || (*words)[1].if_string() == nullptr)
        return wrong("a target is no family and id");
      filter.targets.push_back({TRY(small_number((*words)[0])), (*words)[1].string()});
    }
    if (value.find("with") != nullptr)
      filter.children.push_back(TRY(read_with(value)));
    return filter;
  }

  Result<Filter> read_residual(const json::Value& value) const {
    Residual condition{TRY(text_at(value, "residual")), TRY(text_at(value, "arguments")), nullptr};
    if (functions_)
      condition = TRY(functions_(std::move(condition)));
    return residual(std::move(condition));
  }

  const std::function<Result<Residual>(Residual)>& functions_;
};

} // namespace

std::string print(const Filter& filter) {
  return json::to_text(to_value(filter));
}

Result<Filter> read_filter(std::string_view text,
                           const std::function<Result<Residual>(Residual)>& functions) {
  const json::Value value = TRY(json::read(text));
  return FilterReader(functions).read(value);
}

} // namespace diffo::graph
