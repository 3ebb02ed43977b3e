#include "outstanding/apply.h"

#include "outstanding/evaluate.h"

#include <algorithm>
#include <set>

namespace diffo::outstanding {
namespace {

using json::Value;

/// Whether the node names one value.
bool names_a_value(const Node& node) {
  switch (node.rule) {
  case Rule::literal:
  case Rule::equal:
  case Rule::object:
  case Rule::positional:
  case Rule::keyed:
  case Rule::only:
  case Rule::set:
  case Rule::tuple:
  case Rule::keyword:
  case Rule::temporal:
    return true;
  default:
    return false;
  }
}

const Value& argument_of(const Node& node) {
  return node.source->object().begin()->value;
}

class Applier {
public:
  explicit Applier(const Compiled& compiled) : compiled_(compiled) {}

  void apply(const Node& node, Value& actual) const {
    switch (node.rule) {
    case Rule::literal:
      actual = *node.source;
      return;
    case Rule::equal:
    case Rule::temporal:
      actual = argument_of(node);
      return;
    case Rule::object:
      return object(node, actual);
    case Rule::positional:
    case Rule::tuple:
      return positional(node, actual);
    case Rule::keyed:
      return keyed(node, actual);
    case Rule::only:
      return only(node, actual);
    case Rule::set:
      return set(node, actual);
    case Rule::keyword:
      return keyword(node, actual);
    case Rule::absent:
      actual = nullptr;
      return;
    default:
      return;
    }
  }

private:
  void object(const Node& node, Value& actual) const {
    if (!actual.is_object())
      actual = json::Object{};
    for (const Node& child : node.children) {
      if (child.rule == Rule::absent) {
        erase(actual.object(), child.name, node.shape);
        continue;
      }
      Value* found = find(actual, child.name, node.shape);
      // A flat item is its own reference only as far as an object is expected of that.
      if (found == &actual && child.rule != Rule::object)
        found = nullptr;
      if (found == nullptr && names_a_value(child))
        found = &actual.object().append(child.name, nullptr);
      if (found != nullptr)
        apply(child, *found);
    }
  }

  static void erase(json::Object& object, std::string_view name, const ListShape* shape) {
    if (object.erase(name) || shape == nullptr || !shape->flat_form)
      return;
    if (Value* nested = object.find(shape->nested); nested != nullptr && nested->is_object())
      nested->object().erase(name);
  }

  static Value* find(Value& object, std::string_view name, const ListShape* shape) {
    return const_cast<Value*>(item_attribute(object, name, shape));
  }

  void positional(const Node& node, Value& actual) const {
    if (!actual.is_array())
      actual = json::Array{};
    actual.array().resize(node.children.size());
    for (std::size_t index = 0; index < node.children.size(); ++index)
      apply(node.children[index], actual.array()[index]);
  }

  void keyed(const Node& node, Value& actual) const {
    if (node.children.empty() || !(actual.is_array() || actual.is_object()))
      actual = json::Array{};
    if (actual.is_object()) {
      Value only = std::move(actual);
      actual = json::Array{};
      actual.array().push_back(std::move(only));
    }
    erase_unwanted(node, actual.array());
    // What already meets an item is left to it; no two items share what has to change.
    std::set<std::size_t> taken;
    std::vector<const Node*> unmet;
    for (const Node& item : node.children) {
      const auto meant = meant_by(item, actual, node.shape);
      if (meant && meant->met)
        taken.insert(meant->position);
      else if (names_a_value(item))
        unmet.push_back(&item);
    }
    for (const Node* item : unmet) {
      const auto meant = meant_by(*item, actual, node.shape);
      if (meant && meant->met)
        continue;
      const bool free = meant && taken.insert(meant->position).second;
      if (!free) {
        taken.insert(actual.array().size());
        actual.array().emplace_back();
      }
      apply(*item, free ? actual.array()[meant->position] : actual.array().back());
    }
  }

  void erase_unwanted(const Node& node, json::Array& items) const {
    const EvaluationContext context;
    Evaluator evaluator(compiled_, context);
    for (const Node& item : node.children)
      if (item.rule == Rule::no_item)
        std::erase_if(
            items, [&](const Value& candidate) { return evaluator.is_named_by(item, candidate); });
  }

  /// Items that took one change it, the others are added; what none took goes.
  void only(const Node& node, Value& actual) const {
    if (actual.is_object())
      actual = json::Array{std::move(actual)};
    if (!actual.is_array())
      actual = json::Array{};
    const EvaluationContext context;
    const auto taken = Evaluator(compiled_, context).taken_by(node, actual.array());
    if (!taken)
      return;
    json::Array kept;
    for (std::size_t index = 0; index < node.children.size(); ++index) {
      const Node& item = node.children[index];
      const auto at = taken->of_item[index];
      if (!at && !names_a_value(item))
        continue;
      kept.push_back(at ? std::move(actual.array()[*at]) : Value());
      apply(item, kept.back());
    }
    actual = std::move(kept);
    erase_unwanted(node, actual.array());
  }

  std::optional<Evaluator::Meant> meant_by(const Node& item, const Value& list,
                                           const ListShape* shape) const {
    const EvaluationContext context;
    return Evaluator(compiled_, context).meant_by(item, list.array(), shape);
  }

  static void set(const Node& node, Value& actual) {
    if (!actual.is_array())
      actual = json::Array{};
    for (const Value& member : argument_of(node).array())
      if (std::find(actual.array().begin(), actual.array().end(), member) == actual.array().end())
        actual.array().push_back(member);
  }

  void keyword(const Node& node, Value& actual) const {
    if (!actual.is_array())
      actual = json::Array{};
    for (const Node& child : node.children) {
      json::Array& pairs = actual.array();
      auto pair = std::find_if(pairs.begin(), pairs.end(), [&child](const Value& candidate) {
        return candidate.is_array() && candidate.array().size() == 2 &&
               candidate.array().front() == Value(child.name);
      });
      if (pair == pairs.end())
        pair = pairs.insert(pairs.end(), Value(json::Array{Value(child.name), Value()}));
      apply(child, pair->array().back());
    }
  }

  const Compiled& compiled_;
};

} // namespace

void apply(const Compiled& compiled, Value& actual) {
  Applier(compiled).apply(compiled.root, actual);
}

} // namespace diffo::outstanding
