#include "outstanding/evaluate.h"

#include <algorithm>

namespace diffo::outstanding {

using json::Value;

namespace {

/// What may be repeated for every leaf that should be there instead.
const Value* small_scalar(const Value* actual) {
  constexpr std::size_t longest = 1024;
  if (actual == nullptr || actual->is_null() || actual->is_object() || actual->is_array())
    return nullptr;
  const std::string* text = actual->if_string();
  return text != nullptr && text->size() > longest ? nullptr : actual;
}

} // namespace

const Value* MemberFinder::find(std::string_view name) {
  const auto members = object_.begin();
  const std::size_t count = object_.size();
  if (next_ < count && members[static_cast<std::ptrdiff_t>(next_)].name == name)
    return &members[static_cast<std::ptrdiff_t>(next_++)].value;
  std::size_t found = count;
  if (count > few) {
    if (!index_)
      index_.emplace(count, [&](std::size_t position) {
        return std::optional<std::string_view>(members[static_cast<std::ptrdiff_t>(position)].name);
      });
    found = std::min(index_->first(name), count);
  } else {
    for (found = 0; found < count; ++found)
      if (members[static_cast<std::ptrdiff_t>(found)].name == name)
        break;
  }
  if (found == count)
    return nullptr;
  next_ = found + 1;
  return &members[static_cast<std::ptrdiff_t>(found)].value;
}

Result<Evaluation> Evaluator::run(const Value* actual) {
  place_ = {context_.family, context_.id, ""};
  look_at(place_, compiled_.root);
  return concluded(evaluate(compiled_.root, actual));
}

Result<Evaluation> Evaluator::run(DocumentView& actual) {
  place_ = {context_.family, context_.id, ""};
  look_at(place_, compiled_.root);
  return concluded(evaluate(compiled_.root, actual));
}

Result<Evaluation> Evaluator::concluded(Outcome outcome) {
  if (error_)
    return *std::move(error_);
  evaluation_.unmet = outcome.leaves;
  evaluation_.residue = std::move(outcome.residue);
  return std::move(evaluation_);
}

Outcome Evaluator::evaluate(const Node& node, const Value* actual) {
  if (error_ || ++steps_ > context_.limits.max_steps) {
    fail({ErrorCode::too_large, "the evaluation takes more than " +
                                    std::to_string(context_.limits.max_steps) + " steps"});
    return {};
  }
  switch (node.rule) {
  case Rule::nothing:
    return {};
  case Rule::object:
    return object(node, actual);
  case Rule::positional:
    return positional(node, actual);
  case Rule::keyed:
    return keyed(node, actual);
  case Rule::only:
    return only(node, actual);
  case Rule::no_item: // asked of lists
    return {};
  case Rule::keyword:
    return keyword(node, actual);
  case Rule::set:
    return set(node, actual);
  default:
    break;
  }
  leaf_flip_.reset();
  if (leaf_met(node, actual)) {
    if (context_.explain == Explain::all)
      explain_value(*node.source, actual, node.matcher.empty() ? "equality" : node.matcher, true);
    return {};
  }
  explain(node, actual, node.matcher.empty() ? "equality" : node.matcher);
  return {*node.source, 1};
}

Outcome Evaluator::object(const Node& node, const Value* actual) {
  if (actual == nullptr || !actual->is_object())
    return whole(node, actual);
  MemberFinder finder(actual->object());
  Outcome outcome = members(node, [&](const std::string& name) {
    const Value* found = finder.find(name);
    return found != nullptr ? found : item_attribute(*actual, name, node.shape);
  });
  if (error_ || !node.expect)
    return outcome;
  Outcome part = nested(node, *actual);
  if (part.met())
    return outcome;
  outcome.leaves += part.leaves;
  if (!outcome.residue)
    outcome.residue = json::Object();
  outcome.residue->object().append("expect", *std::move(part.residue));
  return outcome;
}

/// A whole document: nothing but members is ever asked of its root when an object is expected.
Outcome Evaluator::evaluate(const Node& root, DocumentView& document) {
  if (root.rule != Rule::object)
    return evaluate(root, &document.whole());
  return members(root, [&](const std::string& name) { return document.member(name); });
}

template <typename Find> Outcome Evaluator::members(const Node& node, Find find) {
  Outcome outcome;
  json::Object residue;
  for (std::size_t index = 0; index < node.children.size(); ++index) {
    const Node& child = node.children[index];
    if (error_)
      return {};
    if (child.rule == Rule::nothing)
      continue;
    // What an item was found by says nothing of it.
    std::optional<Quietly> quietly;
    if (context_.explain == Explain::all &&
        std::find(node.keys.begin(), node.keys.end(), index) != node.keys.end())
      quietly.emplace(*this);
    const Value* found = find(child.name);
    const ExpectedStep expected_step(*this, child.name);
    const ActualStep actual_step(*this, child.name);
    Outcome part = evaluate(child, found);
    if (part.met())
      continue;
    outcome.leaves += part.leaves;
    residue.append(child.name, *std::move(part.residue));
  }
  if (!residue.empty())
    outcome.residue = Value(std::move(residue));
  return outcome;
}

Outcome Evaluator::nested(const Node& node, const Value& reference) {
  const ExpectedStep step(*this, "expect");
  const Value* id = item_attribute(reference, "id", node.shape);
  if (node.shape != nullptr && !node.shape->nested.empty())
    if (const Value* inner = reference.find(node.shape->nested))
      if (const Value* inner_id = inner->find("id"))
        id = inner_id;
  if (id == nullptr || !id->is_string())
    return whole(*node.expect, nullptr);
  return resolved(*node.expect, node.family, id->string());
}

Outcome Evaluator::resolved(const Node& expect, std::string_view family, const std::string& id) {
  const Resolution* resolution = this->resolution(family, id);
  if (resolution == nullptr)
    return {};
  const DocumentPlace outer = std::exchange(place_, DocumentPlace{std::string(family), id, ""});
  look_at(place_, expect);
  Outcome outcome;
  if (resolution->state == Resolution::State::found) {
    outcome = resolution->view ? evaluate(expect, *resolution->view)
                               : evaluate(expect, &resolution->document);
  } else {
    if (resolution->state == Resolution::State::unknown)
      unknown_ = resolution->reason.empty() ? "unknown" : resolution->reason;
    outcome = whole(expect, nullptr);
    unknown_.clear();
  }
  place_ = outer;
  return outcome;
}

const Resolution* Evaluator::resolution(std::string_view family, const std::string& id) {
  static const Resolution nobody_to_ask{
      Resolution::State::unknown, {}, "unknown: other documents are not looked at here"};
  if (!context_.resolve)
    return &nobody_to_ask;
  const auto key = std::pair(std::string(family), id);
  if (const auto known = resolutions_.find(key); known != resolutions_.end())
    return &known->second;
  if (resolutions_.size() >= context_.limits.max_documents) {
    fail({ErrorCode::too_large, "the evaluation reads more than " +
                                    std::to_string(context_.limits.max_documents) +
                                    " other documents"});
    return nullptr;
  }
  auto answer = context_.resolve(family, id);
  if (!answer) {
    fail(std::move(answer).error());
    return nullptr;
  }
  return &resolutions_.emplace(key, std::move(answer).value()).first->second;
}

Outcome Evaluator::positional(const Node& node, const Value* actual) {
  const json::Array* items = actual != nullptr ? actual->if_array() : nullptr;
  if (items == nullptr)
    return whole(node, actual);
  Outcome outcome;
  json::Array residue;
  for (std::size_t index = 0; index < node.children.size() && !error_; ++index) {
    const ExpectedStep expected_step(*this, node, index);
    const ActualStep actual_step(*this, index);
    Outcome part =
        evaluate(node.children[index], index < items->size() ? &(*items)[index] : nullptr);
    outcome.leaves += part.leaves;
    if (part.met() && residue.empty())
      continue;
    // The places before the first one that is not met are filled in only now.
    residue.resize(index);
    residue.push_back(part.met() ? Value() : *std::move(part.residue));
  }
  if (outcome.leaves == 0 && items->size() == node.children.size())
    return {};
  if (outcome.leaves == 0) {
    explain(node, actual, "list length");
    outcome.leaves = 1;
  }
  residue.resize(node.children.size());
  Value list(std::move(residue));
  if (!node.matcher.empty())
    list = json::Object{{node.matcher, std::move(list)}};
  outcome.residue = std::move(list);
  return outcome;
}

Outcome Evaluator::set(const Node& node, const Value* actual) {
  const json::Array& wanted = node.source->object().begin()->value.array();
  const json::Array* members = actual != nullptr ? actual->if_array() : nullptr;
  json::Array missing;
  for (const Value& member : wanted) {
    bool found = false;
    for (std::size_t index = 0; members != nullptr && index < members->size() && !found; ++index) {
      if (++steps_ > context_.limits.max_steps) {
        fail({ErrorCode::too_large, "the evaluation takes more than " +
                                        std::to_string(context_.limits.max_steps) + " steps"});
        return {};
      }
      found = strictly_equal(member, (*members)[index]);
    }
    if (!found)
      missing.push_back(member);
  }
  if (members != nullptr && missing.empty())
    return {};
  explain(node, actual, node.matcher);
  return {Value(json::Object{
              {node.matcher, members != nullptr ? Value(std::move(missing)) : Value(wanted)}}),
          1};
}

Outcome Evaluator::keyword(const Node& node, const Value* actual) {
  const json::Array* pairs = actual != nullptr ? actual->if_array() : nullptr;
  if (pairs == nullptr)
    return whole(node, actual);
  const auto key_of = [](const Value& pair) -> const std::string* {
    const json::Array* both = pair.if_array();
    return both != nullptr && both->size() == 2 ? both->front().if_string() : nullptr;
  };
  for (const Value& pair : *pairs)
    if (key_of(pair) == nullptr) {
      raise(ErrorCode::invalid, "a keyword list cannot be compared with a plain list");
      return whole(node, actual);
    }
  const TextIndex index(pairs->size(), [&](std::size_t at) {
    return std::optional<std::string_view>(*key_of((*pairs)[at]));
  });
  const Value& argument = node.source->object().begin()->value;
  Outcome outcome;
  json::Object members;
  json::Array list;
  for (std::size_t wanted = 0; wanted < node.children.size(); ++wanted) {
    const Node& child = node.children[wanted];
    const std::size_t at = index.first(child.name);
    const ExpectedStep expected_step(*this, node, wanted);
    Outcome part = evaluate(child, at != TextIndex::none ? &(*pairs)[at].array().back() : nullptr);
    if (part.met())
      continue;
    outcome.leaves += part.leaves;
    if (argument.is_object())
      members.append(child.name, *std::move(part.residue));
    else
      list.push_back(json::Array{Value(child.name), *std::move(part.residue)});
  }
  if (outcome.leaves != 0)
    outcome.residue = Value(json::Object{
        {node.matcher, argument.is_object() ? Value(std::move(members)) : Value(std::move(list))}});
  return outcome;
}

Outcome Evaluator::whole(const Node& node, const Value* actual) {
  if (context_.explain != Explain::no && quiet_ == 0) {
    const bool nothing = actual == nullptr || actual->is_null();
    const bool outermost = !missing_ && nothing && node.rule == Rule::object;
    if (outermost)
      missing_ = pointer_;
    explain_leaves(node, small_scalar(actual));
    if (outermost)
      missing_.reset();
  }
  return {*node.source, std::max<std::size_t>(node.leaves, 1)};
}

void Evaluator::explain_leaves(const Node& node, const Value* instead) {
  if (node.rule == Rule::nothing || node.rule == Rule::absent || node.rule == Rule::no_item)
    return;
  const std::size_t before = evaluation_.explanation.size();
  const bool has_parts = node.rule == Rule::object || node.rule == Rule::keyed ||
                         node.rule == Rule::only || node.rule == Rule::positional ||
                         node.rule == Rule::keyword;
  for (std::size_t index = 0; has_parts && index < node.children.size(); ++index) {
    const ExpectedStep step(*this, node, index);
    explain_leaves(node.children[index], instead);
  }
  if (node.expect) {
    const ExpectedStep step(*this, "expect");
    explain_leaves(*node.expect, instead);
  }
  if (evaluation_.explanation.size() == before)
    explain(node, instead,
            !node.matcher.empty()        ? node.matcher
            : node.rule == Rule::literal ? "equality"
            : node.rule == Rule::object  ? "object"
                                         : "list");
}

void Evaluator::append_child(const Node& node, std::size_t child) {
  const Value* argument = nullptr;
  if (!node.matcher.empty()) {
    json::append_token(pointer_, node.matcher);
    argument = &node.source->object().begin()->value;
  }
  if (node.rule == Rule::keyed && argument != nullptr && argument->is_object())
    json::append_token(pointer_, "items");
  const bool pair = node.rule == Rule::keyword && argument != nullptr && argument->is_array();
  const bool named = node.rule == Rule::object || (node.rule == Rule::keyword && !pair);
  json::append_token(pointer_, named ? node.children[child].name : std::to_string(child));
  if (pair)
    json::append_token(pointer_, "1");
}

void Evaluator::explain(const Node& node, const Value* actual, std::string rule) {
  explain_value(*node.source, actual, std::move(rule));
}

void Evaluator::explain_value(const Value& expected, const Value* actual, std::string rule,
                              bool met) {
  if (context_.explain == Explain::no || quiet_ != 0 || error_)
    return;
  Unmet unmet{.pointer = pointer_,
              .expected = expected,
              .actual = actual != nullptr ? std::optional<Value>(*actual) : std::nullopt,
              .rule = std::move(rule),
              .place = place_,
              .declared_by = context_.declared_by,
              .unknown = unknown_,
              .next_flip = leaf_flip_,
              .missing = missing_,
              .met = met};
  if (context_.outstanding_since)
    unmet.since = context_.outstanding_since(unmet.pointer);
  if (context_.provenance)
    unmet.provenance = context_.provenance(unmet.place);
  evaluation_.explanation.push_back(std::move(unmet));
  leaf_flip_.reset();
}

bool Evaluator::raise(ErrorCode code, const std::string& message) {
  if (compiled_.profile == Profile::reference)
    fail({code, message, pointer_});
  return false;
}

bool Evaluator::fail(Error error) {
  if (!error_)
    error_ = std::move(error);
  return false;
}

void Evaluator::look_at(const DocumentPlace& document, const Node& root) {
  if (context_.reads && told_.emplace(&root, document.family + '/' + document.id).second)
    context_.reads(document.family, document.id, root.reads);
}

void Evaluator::flips_at(std::optional<Timestamp> flip) {
  leaf_flip_ = flip;
  if (flip && (!evaluation_.next_flip || *flip < *evaluation_.next_flip))
    evaluation_.next_flip = flip;
}

} // namespace diffo::outstanding
