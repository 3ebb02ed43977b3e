// Keyed lists: wire.md §7. Each expected item looks for its own best actual item; items do not
// compete, so the outcome does not depend on the order of either list.
#include "outstanding/evaluate.h"

#include <algorithm>

namespace diffo::outstanding {
namespace {

using json::Value;

/// Whether a residue against one candidate holds all of that against another, so that what is kept
/// of an item is the same for both. May say no too often, never yes.
bool within(const Value& part, const Value& whole) {
  const json::Object* members = part.if_object();
  if (members == nullptr || !whole.is_object())
    return part == whole;
  return std::all_of(members->begin(), members->end(), [&whole](const json::Member& member) {
    const Value* found = whole.find(member.name);
    return found != nullptr && within(member.value, *found);
  });
}

} // namespace

Outcome Evaluator::keyed(const Node& node, const Value* actual) {
  // An empty list equals absence (wire.md §3).
  const bool missing = actual == nullptr || actual->is_null();
  const bool empty = missing || (actual->is_array() && actual->array().empty());
  if (node.children.empty() && empty)
    return {};
  if (node.children.empty() || !(missing || actual->is_array() || actual->is_object()))
    return whole(node, actual);
  // One object where a list is expected is a list of one: v4 has a single place where v5 has
  // several.
  const Items items = missing              ? Items()
                      : actual->is_array() ? Items(actual->array())
                                           : Items(actual, 1);
  Candidates candidates(items, node.shape, node.children.size());
  Outcome outcome;
  json::Array residue;
  for (std::size_t index = 0; index < node.children.size() && !error_; ++index) {
    const ExpectedStep step(*this, node, index);
    const Node& item = node.children[index];
    Outcome part = item.rule == Rule::no_item ? no_item(item, items, candidates, nullptr)
                                              : best_of(item, items, candidates);
    if (part.met())
      continue;
    outcome.leaves += part.leaves;
    residue.push_back(*std::move(part.residue));
  }
  if (residue.empty())
    return {};
  Value list(std::move(residue));
  if (!node.matcher.empty()) {
    json::Value argument = node.source->object().begin()->value;
    if (argument.is_object())
      argument.object().set("items", std::move(list));
    else
      argument = std::move(list);
    list = json::Object{{node.matcher, std::move(argument)}};
  }
  outcome.residue = std::move(list);
  return outcome;
}

Outcome Evaluator::best_of(const Node& item, Items items, Candidates& candidates) {
  if (item.rule == Rule::nothing)
    return {};
  Outcome best;
  std::size_t chosen = TextIndex::none;
  std::size_t possible = 0;
  const std::size_t mark = evaluation_.explanation.size();
  const auto tail = [&] {
    return evaluation_.explanation.begin() + static_cast<std::ptrdiff_t>(mark);
  };
  std::vector<Unmet> explanation;
  for (std::size_t at = candidates.first(item); at != TextIndex::none && !error_;
       at = candidates.after(at)) {
    if (!keys_met(item, items[at]))
      continue;
    const ActualStep step(*this, at);
    ++possible;
    Outcome outcome = evaluate(item, &items[at]);
    if (outcome.met()) {
      chosen_ = at;
      if (context_.explain != Explain::all)
        evaluation_.explanation.erase(tail(), evaluation_.explanation.end());
      return {};
    }
    if (chosen == TextIndex::none || outcome.leaves < best.leaves) {
      best = std::move(outcome);
      chosen = at;
      explanation.assign(std::make_move_iterator(tail()),
                         std::make_move_iterator(evaluation_.explanation.end()));
    }
    evaluation_.explanation.erase(tail(), evaluation_.explanation.end());
  }
  chosen_ = chosen != TextIndex::none ? std::optional<std::size_t>(chosen) : std::nullopt;
  if (error_)
    return {};
  if (!chosen_)
    return whole(item, nullptr);
  evaluation_.explanation.insert(evaluation_.explanation.end(),
                                 std::make_move_iterator(explanation.begin()),
                                 std::make_move_iterator(explanation.end()));
  if (possible > 1 && needs_whole_item(item, items, candidates, chosen, *best.residue))
    best.residue = *item.source;
  else
    best.residue = with_keys(item, *std::move(best.residue));
  return best;
}

std::optional<Evaluator::Meant> Evaluator::meant_by(const Node& item, Items items,
                                                    const ListShape* shape) {
  Candidates candidates(items, shape, 1);
  chosen_.reset();
  const bool met = best_of(item, items, candidates).met();
  return error_ || !chosen_ ? std::nullopt : std::optional<Meant>({*chosen_, met});
}

bool Evaluator::keys_met(const Node& item, const Value& candidate) {
  if (item.keys.empty() && !item.target_key)
    return true;
  const Quietly quietly(*this);
  for (const std::size_t key : item.keys) {
    const Node& part = item.children[key];
    if (!evaluate(part, item_attribute(candidate, part.name, item.shape)).met())
      return false;
  }
  if (!item.target_key)
    return true;
  const Node& target = item.children[item.target_key->first];
  const Value* reference = item_attribute(candidate, target.name, item.shape);
  return evaluate(target.children[item.target_key->second],
                  reference != nullptr ? reference->find("id") : nullptr)
      .met();
}

/// A residue must be its own residue. Kept without what made this candidate the best, an item could
/// be met by another candidate; then the whole item is kept.
bool Evaluator::needs_whole_item(const Node& item, Items items, Candidates& candidates,
                                 std::size_t chosen, const Value& residue) {
  const Quietly quietly(*this);
  for (std::size_t at = candidates.first(item); at != TextIndex::none && !error_;
       at = candidates.after(at)) {
    if (at == chosen || !keys_met(item, items[at]))
      continue;
    const Outcome other = evaluate(item, &items[at]);
    if (other.met() || !within(residue, *other.residue))
      return true;
  }
  return false;
}

Value Evaluator::with_keys(const Node& item, Value residue) {
  if (item.rule != Rule::object || !residue.is_object())
    return residue;
  const auto is_key = [&item](std::string_view name) {
    return std::any_of(item.keys.begin(), item.keys.end(),
                       [&](std::size_t key) { return item.children[key].name == name; });
  };
  const std::string_view target = item.target_key
                                      ? std::string_view(item.children[item.target_key->first].name)
                                      : std::string_view();
  json::Object kept;
  for (const json::Member& member : item.source->object()) {
    Value* rest = residue.object().find(member.name);
    if (!target.empty() && member.name == target) {
      json::Object reference{{"id", *member.value.find("id")}};
      if (rest != nullptr && rest->is_object())
        for (json::Member& part : rest->object())
          reference.set(part.name, std::move(part.value));
      kept.append(member.name, std::move(reference));
    } else if (rest != nullptr) {
      kept.append(member.name, std::move(*rest));
    } else if (is_key(member.name)) {
      kept.append(member.name, member.value);
    }
  }
  return kept;
}

} // namespace diffo::outstanding
