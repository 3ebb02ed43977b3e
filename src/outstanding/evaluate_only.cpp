// Lists that close ($only) and items that are not to be there ($absent): wire.md §7.
#include "outstanding/assignment.h"
#include "outstanding/evaluate.h"

#include <algorithm>
#include <map>

namespace diffo::outstanding {
namespace {

using json::Value;

/// Expected of a key member, a scalar means just itself; anything else would be a pattern.
bool names_something(const Value* value) {
  return value != nullptr && !value->is_null() && !value->is_object() && !value->is_array();
}

/// The id of what an item refers to, else the item's own, as a member that names it.
std::optional<json::Member> id_member(const Value& item, const ListShape& shape) {
  if (!shape.nested.empty())
    if (const Value* reference = item.find(shape.nested))
      if (const Value* id = reference->find("id"); names_something(id))
        return json::Member{shape.nested, json::Object{{"id", *id}}};
  const Value* id = item.find("id");
  return names_something(id) ? std::optional(json::Member{"id", *id}) : std::nullopt;
}

/// What the first group of keys of which the item gives something says of it.
json::Object key_of(const Value& item, const ListShape& shape) {
  json::Object key;
  for (const auto& group : shape.keys) {
    for (const std::string& attribute : group) {
      if (attribute == "@target") {
        if (auto id = id_member(item, shape))
          key.set(id->name, std::move(id->value));
      } else if (const Value* value = item.find(attribute); names_something(value)) {
        key.set(attribute, *value);
      }
    }
    if (!key.empty())
      break;
  }
  return key;
}

/// The shortest item that names each of the undesired ones among all: its key, else its key and id,
/// else all of it as a literal. Each is an item that an expectation may have.
class UndesiredItems {
public:
  UndesiredItems(std::span<const Value> items, const ListShape& shape)
      : items_(items), shape_(shape) {
    for (const Value& item : items) {
      ++with_key_[json::to_text(key_of(item, shape))];
      ++with_id_[json::to_text(with_id(item))];
    }
  }

  [[nodiscard]] Value of(std::size_t index) const {
    const Value& item = items_[index];
    json::Object named;
    if (!item.is_object()) {
      named.set("$eq", item);
    } else {
      named = key_of(item, shape_);
      if (named.empty() || count(with_key_, named) > 1) {
        named = with_id(item);
        if (named.empty() || count(with_id_, named) > 1)
          named = json::Object{{"$eq", item}};
      }
    }
    named.set("$absent", true);
    return named;
  }

private:
  using Counts = std::map<std::string, std::size_t>;

  static std::size_t count(const Counts& counts, const json::Object& named) {
    const auto found = counts.find(json::to_text(named));
    return found == counts.end() ? 0 : found->second;
  }

  [[nodiscard]] json::Object with_id(const Value& item) const {
    json::Object named = key_of(item, shape_);
    if (auto id = id_member(item, shape_))
      named.set(id->name, std::move(id->value));
    return named;
  }

  std::span<const Value> items_;
  const ListShape& shape_;
  Counts with_key_;
  Counts with_id_;
};

bool is_expected(const Node& item) {
  return item.rule != Rule::nothing && item.rule != Rule::no_item;
}

} // namespace

bool Evaluator::is_named_by(const Node& item, const Value& candidate) {
  const Quietly quietly(*this);
  return std::all_of(item.children.begin(), item.children.end(), [&](const Node& part) {
    const Value* found =
        part.name == "$eq" ? &candidate : item_attribute(candidate, part.name, item.shape);
    return evaluate(part, found).met();
  });
}

Outcome Evaluator::no_item(const Node& item, Items items, Candidates& candidates,
                           std::vector<bool>* named) {
  Outcome outcome;
  for (std::size_t at = candidates.first(item); at != TextIndex::none && !error_;
       at = candidates.after(at)) {
    if (!is_named_by(item, items[at]))
      continue;
    if (named != nullptr)
      (*named)[at] = true;
    if (!outcome.met())
      continue;
    const ActualStep step(*this, at);
    explain(item, &items[at], "$absent");
    outcome = {*item.source, 1};
    if (named == nullptr)
      break;
  }
  return outcome;
}

std::optional<Evaluator::Taken> Evaluator::take_items(const Node& node, Items items,
                                                      Candidates& candidates) {
  const Quietly quietly(*this);
  std::vector<std::size_t> missing;
  std::vector<Possibility> possible;
  Taken taken;
  for (const Node& item : node.children) {
    const std::size_t row = missing.size();
    missing.push_back(std::max<std::size_t>(item.leaves, 1));
    taken.choices.push_back(0);
    if (!is_expected(item))
      continue;
    const bool keyed = !item.keys.empty() || item.target_key;
    for (std::size_t at = candidates.first(item); at != TextIndex::none && !error_;
         at = candidates.after(at)) {
      if (!keys_met(item, items[at]))
        continue;
      const Outcome outcome = evaluate(item, &items[at]);
      // Without a key an item means only what has something of it.
      if (!keyed && outcome.leaves >= missing.back())
        continue;
      possible.push_back({row, at, outcome.leaves});
      ++taken.choices.back();
    }
  }
  if (error_)
    return std::nullopt;
  auto assigned = assign(missing, items.size(), possible);
  if (!assigned) {
    fail({ErrorCode::too_large, "too many items of a list compete for each other", pointer_});
    return std::nullopt;
  }
  taken.of_item = *std::move(assigned);
  return taken;
}

std::optional<Evaluator::Taken> Evaluator::taken_by(const Node& node, Items items) {
  Candidates candidates(items, node.shape, node.children.size());
  return take_items(node, items, candidates);
}

Outcome Evaluator::only(const Node& node, const Value* actual) {
  const bool missing = actual == nullptr || actual->is_null();
  if (!missing && !(actual->is_array() || actual->is_object()))
    return whole(node, actual);
  const Items items = missing              ? Items()
                      : actual->is_array() ? Items(actual->array())
                                           : Items(actual, 1);
  Candidates candidates(items, node.shape, node.children.size());
  const auto taken = take_items(node, items, candidates);
  if (!taken)
    return {};
  Outcome outcome;
  json::Array residue;
  const auto keep = [&](Outcome part) {
    outcome.leaves += part.leaves;
    residue.push_back(*std::move(part.residue));
  };
  std::vector<bool> named(items.size(), false);
  for (std::size_t index = 0; index < node.children.size() && !error_; ++index) {
    const Node& item = node.children[index];
    const ExpectedStep step(*this, node, index);
    const auto at = taken->of_item[index];
    if (at)
      named[*at] = true;
    Outcome part = item.rule == Rule::nothing   ? Outcome{}
                   : item.rule == Rule::no_item ? no_item(item, items, candidates, &named)
                   : at ? item_residue(item, items, *at, taken->choices[index])
                        : whole(item, nullptr);
    if (!part.met())
      keep(std::move(part));
  }
  std::optional<UndesiredItems> undesired;
  for (std::size_t at = 0; at < items.size() && !error_; ++at) {
    if (named[at])
      continue;
    if (!undesired)
      undesired.emplace(items, *node.shape);
    Value item = undesired->of(at);
    const ExpectedStep step(*this, node.matcher);
    const ActualStep actual_step(*this, at);
    explain_value(item, &items[at], node.matcher);
    keep({std::move(item), 1});
  }
  if (residue.empty())
    return outcome;
  // A plain list would be read by position where lists have no key of their own.
  outcome.residue = node.is_keyed_by_place ? Value(std::move(residue))
                                           : Value(json::Object{{"$keyed", std::move(residue)}});
  return outcome;
}

Outcome Evaluator::item_residue(const Node& item, Items items, std::size_t at,
                                std::size_t choices) {
  const ActualStep step(*this, at);
  Outcome outcome = evaluate(item, &items[at]);
  if (!outcome.met())
    outcome.residue = choices > 1 ? *item.source : with_keys(item, *std::move(outcome.residue));
  return outcome;
}

} // namespace diffo::outstanding
