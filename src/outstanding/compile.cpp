#include "outstanding/compile.h"

#include "base/url_text.h"

#include <algorithm>

namespace diffo::outstanding {
namespace {

using json::Kind;
using json::Value;

/// The name of the matcher that the object is; empty when it is a plain object.
bool has_matcher_name(const json::Object& object) {
  return std::any_of(object.begin(), object.end(),
                     [](const json::Member& member) { return member.name.starts_with('$'); });
}

std::size_t child_named(const Node& node, std::string_view name) {
  const auto found = std::find_if(node.children.begin(), node.children.end(),
                                  [name](const Node& child) { return child.name == name; });
  return static_cast<std::size_t>(found - node.children.begin());
}

bool is_key_attribute(const ListShape& shape, std::string_view name) {
  return name == "id" ||
         std::any_of(shape.keys.begin(), shape.keys.end(), [name](const auto& group) {
           return std::find(group.begin(), group.end(), name) != group.end();
         });
}

void add_child(Node& node, Node child) {
  node.leaves += child.leaves;
  node.children.push_back(std::move(child));
}

} // namespace

Error Compiler::refuse(std::string message, ErrorCode code) const {
  return Error{code, std::move(message), pointer_};
}

Result<Node> Compiler::compile(const Value& value, const Position& position) {
  if (depth_ > options_.limits.max_depth)
    return refuse("the expectation is nested deeper than " +
                      std::to_string(options_.limits.max_depth),
                  ErrorCode::too_large);
  if (++parts_ > options_.limits.max_parts)
    return refuse("the expectation has more than " + std::to_string(options_.limits.max_parts) +
                      " parts",
                  ErrorCode::too_large);
  Node node = TRY(compile_part(value, position));
  node.source = &value;
  // Absence alone is never missing.
  if (node.rule != Rule::nothing && node.rule != Rule::absent && node.rule != Rule::no_item)
    node.leaves = std::max<std::size_t>(node.leaves, 1);
  return node;
}

Result<Node> Compiler::compile_part(const Value& value, const Position& position) {
  switch (value.kind()) {
  case Kind::null:
    return Node{};
  case Kind::boolean:
  case Kind::integer:
  case Kind::real:
  case Kind::number:
    return Node{.rule = Rule::literal};
  case Kind::string: {
    Node node{.rule = Rule::literal};
    read_as_date(node, value, position);
    return node;
  }
  case Kind::array: {
    return compile_list(value, value.array(), position,
                        is_keyed_by_place(position) ? Rule::keyed : Rule::positional);
  }
  case Kind::object:
    break;
  }
  if (!has_matcher_name(value.object()))
    return compile_object(value, position);
  if (position.keyed_item && value.find("$absent") != nullptr)
    return compile_no_item(value, position);
  if (value.object().size() != 1)
    return refuse(
        "a matcher stands alone in its object; a literal with `$` names is written {\"$eq\": …}");
  return compile_matcher(value, *value.object().begin(), position);
}

Position Compiler::member_position(std::string_view name, const Position& position) const {
  if (position.free || (position.item != nullptr && position.item->holds_values && name == "value"))
    return {.free = true};
  // Inside an item the attribute that holds the reference is one object, whatever a list of that
  // name is elsewhere.
  if (position.item != nullptr && name == position.item->nested)
    return {.family = position.item->family};
  Position inside;
  if (options_.shapes != nullptr)
    if (const AttributeShape* shape = options_.shapes->find(name)) {
      inside.list = shape->list ? &*shape->list : nullptr;
      inside.family = shape->family;
      inside.reading = shape->reading;
    }
  if (position.item != nullptr && is_key_attribute(*position.item, name))
    inside.reading = Reading::text;
  return inside;
}

bool Compiler::is_ignored(const json::Object& object, const json::Member& member,
                          const Position& position) const {
  const std::string* address = member.value.if_string();
  if (address == nullptr || options_.shapes == nullptr || !options_.shapes->is_address(member.name))
    return false;
  if (position.root)
    return true;
  const json::Value* id = object.find("id");
  const std::string_view family = position.family;
  if (family.empty() || id == nullptr || !id->is_string())
    return false;
  const std::size_t segment = address->rfind('/');
  if (segment == std::string::npos ||
      !std::string_view(*address).substr(0, segment).ends_with('/' + std::string(family)))
    return false;
  const auto named = percent_decode(std::string_view(*address).substr(segment + 1));
  return named && *named == id->string();
}

Result<Node> Compiler::compile_object(const Value& value, const Position& position) {
  Node node{.rule = Rule::object, .shape = position.item};
  for (const json::Member& member : value.object()) {
    if (is_ignored(value.object(), member, position))
      continue;
    if (member.name == "expect" && member.value.is_object() && !position.free && !is_reference() &&
        (!position.family.empty() || position.item != nullptr)) {
      TRY(add_expectation(node, member.value, position));
      continue;
    }
    const Inside inside(*this, member.name);
    Node child = TRY(compile(member.value, member_position(member.name, position)));
    child.name = member.name;
    add_child(node, std::move(child));
  }
  if (position.item != nullptr)
    find_keys(node, *position.item);
  return node;
}

/// Texts that are dates compare as dates where they may be some; to the letter they are texts.
void Compiler::read_as_date(Node& node, const Value& literal, const Position& position) const {
  if (is_reference() || !literal.is_string())
    return;
  TextOperand operand(literal.string(), position.reading);
  if (operand.instants())
    node.date = std::make_unique<TextOperand>(std::move(operand));
}

/// `{"name": "mtu", "$absent": true}`: no item has these keys; `{"$eq": …, "$absent": true}`: none
/// is that (wire.md §7).
Result<Node> Compiler::compile_no_item(const Value& value, const Position& position) {
  const ListShape& shape = position.item != nullptr ? *position.item : general_shape();
  Node node{.rule = Rule::no_item, .shape = position.item};
  bool named = value.find("$eq") != nullptr;
  for (const json::Member& member : value.object()) {
    const Inside inside(*this, member.name);
    if (member.name == "$absent") {
      if (member.value != Value(true))
        return refuse("beside the keys of an item $absent is true");
      continue;
    }
    if (member.name == "$eq") {
      Node& item = node.children.emplace_back(Rule::literal, &member.value, member.name);
      read_as_date(item, member.value, position);
      continue;
    }
    TRY(check_key_member(member, shape));
    Node child = TRY(compile(member.value, member_position(member.name, position)));
    child.name = member.name;
    if (child.rule == Rule::literal)
      node.keys.insert(node.keys.begin(), node.children.size());
    named = named || child.rule != Rule::nothing;
    node.children.push_back(std::move(child));
  }
  if (!named)
    return refuse("an item that is not to be there is named by its key");
  return node;
}

Result<void> Compiler::check_key_member(const json::Member& member, const ListShape& shape) const {
  const json::Object* reference = member.name == shape.nested ? member.value.if_object() : nullptr;
  const bool only_id =
      reference != nullptr && reference->size() == 1 && reference->begin()->name == "id";
  if (only_id || is_key_attribute(shape, member.name))
    return {};
  return refuse("an item that is not to be there has only its key beside $absent");
}

Result<void> Compiler::add_expectation(Node& node, const Value& expect, const Position& position) {
  const Inside inside(*this, "expect");
  node.family = position.family;
  if (node.family.empty() && position.item != nullptr)
    node.family = position.item->family;
  if (node.family.empty())
    return refuse("an expectation can be nested only in what refers to a service, resource, party, "
                  "place, entity "
                  "or specification");
  node.expect = std::make_unique<Node>(TRY(compile(expect, Position{.root = true})));
  node.expect->reads = reads_of(*node.expect);
  node.leaves += node.expect->leaves;
  return {};
}

void Compiler::find_keys(Node& node, const ListShape& shape) {
  for (const auto& group : shape.keys) {
    for (const std::string& attribute : group) {
      const std::size_t child =
          child_named(node, attribute == "@target" ? shape.nested : attribute);
      if (child == node.children.size() || node.children[child].rule == Rule::nothing)
        continue;
      if (attribute != "@target") {
        node.keys.push_back(child);
        continue;
      }
      const std::size_t id = child_named(node.children[child], "id");
      if (node.children[child].rule == Rule::object && id != node.children[child].children.size())
        node.target_key.emplace(child, id);
    }
    if (!node.keys.empty() || node.target_key)
      return;
  }
}

Position Compiler::item_position(const Position& position, Rule rule) const {
  // To the letter an item is any object; inside free values only $keyed makes it more than that.
  const bool plain = position.free || is_reference();
  const bool keyed = rule == Rule::keyed || rule == Rule::only;
  return {.item = plain && !keyed ? nullptr : position.list,
          .family = position.list != nullptr ? position.list->family : std::string_view(),
          .free = position.free,
          .keyed_item = keyed,
          .reading = position.reading};
}

Result<Node> Compiler::compile_list(const Value& value, const json::Array& items,
                                    const Position& position, Rule rule) {
  Node node{.rule = rule, .source = &value, .shape = position.list};
  const Position inside_list = item_position(position, rule);
  node.children.reserve(items.size());
  for (std::size_t index = 0; index < items.size(); ++index) {
    const Inside inside(*this, std::to_string(index));
    add_child(node, TRY(compile(items[index], inside_list)));
  }
  return node;
}

} // namespace diffo::outstanding
