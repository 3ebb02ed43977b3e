#include "graph/filter.h"

#include "base/sha256.h"
#include "base/text.h"

#include <algorithm>
#include <span>

namespace diffo::graph {
namespace {

/// Several filters as one, those of the same kind among them dissolved.
Filter join(Filter::Kind kind, std::vector<Filter> children) {
  Filter joined;
  joined.kind = kind;
  for (Filter& child : children) {
    if (child.kind == kind)
      std::move(child.children.begin(), child.children.end(), std::back_inserter(joined.children));
    else
      joined.children.push_back(std::move(child));
  }
  if (joined.children.size() != 1)
    return joined;
  Filter only = std::move(joined.children.front());
  return only;
}

Filter of_kind(Filter::Kind kind) {
  Filter filter;
  filter.kind = kind;
  return filter;
}

} // namespace

Filter all_of(std::vector<Filter> children) {
  return join(Filter::Kind::all, std::move(children));
}

Filter any_of(std::vector<Filter> children) {
  if (std::any_of(children.begin(), children.end(),
                  [](const Filter& child) { return child.is_everything(); }))
    return {};
  return join(Filter::Kind::any, std::move(children));
}

Filter none_of(Filter child) {
  if (child.kind == Filter::Kind::none_of) {
    Filter inner = std::move(child.children.front());
    return inner;
  }
  Filter filter = of_kind(Filter::Kind::none_of);
  filter.children.push_back(std::move(child));
  return filter;
}

Filter compare(FieldPath path, Compare comparison, Reading reading,
               std::vector<json::Value> operands) {
  Filter filter = of_kind(Filter::Kind::compare);
  filter.path = std::move(path);
  filter.comparison = comparison;
  filter.reading = reading;
  filter.any_of = std::move(operands);
  return filter;
}

Filter equal_text(FieldPath path, std::vector<std::string> texts) {
  std::vector<json::Value> operands;
  operands.reserve(texts.size());
  for (std::string& text : texts)
    operands.emplace_back(std::move(text));
  return compare(std::move(path), Compare::equal, Reading::text, std::move(operands));
}

Filter exists(FieldPath path) {
  return compare(std::move(path), Compare::exists, Reading::value, {});
}

Filter any_part(std::vector<ElementKind> kinds, Filter child) {
  Filter filter = of_kind(Filter::Kind::any_part);
  filter.kinds = std::move(kinds);
  filter.children.push_back(std::move(child));
  return filter;
}

Filter has_edge(std::vector<ElementKind> kinds, std::vector<Target> targets) {
  Filter filter = of_kind(Filter::Kind::has_edge);
  filter.kinds = std::move(kinds);
  filter.targets = std::move(targets);
  return filter;
}

Filter in_index(std::string name) {
  Filter filter = of_kind(Filter::Kind::in_index);
  filter.name = std::move(name);
  return filter;
}

Filter in_index(std::string name, std::string_view key) {
  Filter filter = in_index(std::move(name));
  filter.any_of.emplace_back(
      hexadecimal(std::span(reinterpret_cast<const std::uint8_t*>(key.data()), key.size())));
  return filter;
}

std::optional<std::string> key_of(const Filter& in_index) {
  const std::string* digits =
      in_index.any_of.size() == 1 ? in_index.any_of.front().if_string() : nullptr;
  if (digits == nullptr || digits->size() % 2 != 0)
    return std::nullopt;
  std::string key;
  for (std::size_t at = 0; at < digits->size(); at += 2) {
    const int high = hex_digit((*digits)[at]);
    const int low = hex_digit((*digits)[at + 1]);
    if (high < 0 || low < 0)
      return std::nullopt;
    key += static_cast<char>(high * 16 + low);
  }
  return key;
}

Filter residual(Residual condition) {
  Filter filter = of_kind(Filter::Kind::residual);
  filter.residual = std::move(condition);
  return filter;
}

std::vector<const Filter*> conjuncts(const Filter& filter) {
  if (filter.kind != Filter::Kind::all)
    return {&filter};
  std::vector<const Filter*> all;
  all.reserve(filter.children.size());
  for (const Filter& child : filter.children)
    all.push_back(&child);
  return all;
}

bool has_residual(const Filter& filter) {
  return filter.kind == Filter::Kind::residual ||
         std::any_of(filter.children.begin(), filter.children.end(), has_residual);
}

} // namespace diffo::graph
