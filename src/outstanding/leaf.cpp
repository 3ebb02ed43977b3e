#include "outstanding/leaf.h"

#include "base/sha256.h"

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace diffo::outstanding {

using json::Value;

std::string key_text(const Value& value) {
  constexpr std::size_t longest = 256;
  const std::string* text = value.if_string();
  std::string shown = text != nullptr && text->find_first_of("[],\"") == std::string::npos
                          ? *text
                          : json::to_text(value);
  if (shown.size() <= longest)
    return shown;
  constexpr std::size_t enough = 16;
  const Sha256 hash = sha256(shown);
  return '#' + hexadecimal(std::span(hash).first(enough));
}

bool lies_in(std::string_view address, std::string_view outer) {
  return address.starts_with(outer) &&
         (address.size() == outer.size() || outer.empty() || address[outer.size()] == '.' ||
          address[outer.size()] == '[');
}

namespace {

void append_key(std::string& keys, const Value& value) {
  if (!keys.empty())
    keys += ',';
  keys += key_text(value);
}

/// What names an item that is not to be there: the members beside `$absent`, of a reference its id.
std::string undesired_key(const Value& item) {
  std::string keys;
  if (!item.is_object())
    return key_text(item);
  for (const json::Member& member : item.object()) {
    if (member.name == "$absent")
      continue;
    const Value* id = member.value.find("id");
    append_key(keys, id != nullptr ? *id : member.value);
  }
  return keys;
}

std::string item_key(const Node& item, std::size_t position) {
  if (item.rule == Rule::no_item)
    return undesired_key(*item.source);
  std::string keys;
  for (const std::size_t key : item.keys)
    append_key(keys, *item.children[key].source);
  if (item.target_key)
    append_key(keys,
               *item.children[item.target_key->first].children[item.target_key->second].source);
  return keys.empty() ? std::to_string(position) : keys;
}

/// Whether some one value, or a removal, meets all that the node says.
bool is_settable(const Node& node) {
  const auto all_children = [&node] {
    return std::all_of(node.children.begin(), node.children.end(), is_settable);
  };
  switch (node.rule) {
  case Rule::nothing:
  case Rule::literal:
  case Rule::equal:
  case Rule::temporal:
  case Rule::set:
  case Rule::absent:
  case Rule::no_item:
    return true;
  case Rule::object:
    return !node.expect && all_children();
  case Rule::positional:
  case Rule::keyed:
  case Rule::only:
  case Rule::keyword:
  case Rule::tuple:
    return all_children();
  default:
    return false;
  }
}

/// Follows a pointer through what was compiled and spells the same way by keys.
class Way {
public:
  Way(const Node& root, std::span<const std::string> tokens)
      : node_(&root), document_(&root), tokens_(tokens) {
    while (!tokens_.empty() && step()) {
    }
  }

  /// The node that the pointer names; null pointer where it is a whole list that closes.
  [[nodiscard]] const Node& node() const { return *node_; }
  [[nodiscard]] std::string& address() { return address_; }
  /// What is said of the document that it ends in, and of which attribute of that; null pointer
  /// where it is the document as a whole.
  [[nodiscard]] const Node& document() const { return *document_; }
  [[nodiscard]] const Node* attribute() const { return attribute_; }

private:
  bool step() {
    switch (node_->rule) {
    case Rule::object:
      return member();
    case Rule::keyed:
    case Rule::only:
    case Rule::positional:
      return item();
    case Rule::keyword:
      return pair();
    default:
      return false;
    }
  }

  std::string take() {
    std::string token = tokens_.front();
    tokens_ = tokens_.subspan(1);
    return token;
  }

  void enter(const Node& child, std::string_view name) {
    if (!address_.empty())
      address_ += '.';
    address_ += name;
    node_ = &child;
  }

  bool member() {
    const std::string name = take();
    if (node_->expect && name == "expect") {
      enter(*node_->expect, name);
      document_ = node_;
      attribute_ = nullptr;
      return true;
    }
    for (const Node& child : node_->children)
      if (child.name == name) {
        if (node_ == document_)
          attribute_ = &child;
        enter(child, name);
        return true;
      }
    return false;
  }

  bool item() {
    if (!node_->matcher.empty()) {
      take();
      if (tokens_.empty())
        return false;
      if (node_->source->object().begin()->value.is_object())
        take(); // `items`
    }
    if (tokens_.empty())
      return false;
    const std::size_t at = std::stoul(take());
    const Node& child = node_->children.at(at);
    address_ +=
        '[' + (node_->rule == Rule::positional ? std::to_string(at) : item_key(child, at)) + ']';
    node_ = &child;
    return true;
  }

  bool pair() {
    take();
    if (tokens_.empty())
      return false;
    const std::string token = take();
    if (node_->source->object().begin()->value.is_object())
      for (const Node& child : node_->children)
        if (child.name == token) {
          enter(child, token);
          return true;
        }
    if (!tokens_.empty())
      take(); // the value of the pair
    const Node& child = node_->children.at(std::stoul(token));
    enter(child, child.name);
    return true;
  }

  const Node* node_;
  const Node* document_;
  const Node* attribute_ = nullptr;
  std::span<const std::string> tokens_;
  std::string address_;
};

class LeafMaker {
public:
  explicit LeafMaker(const Compiled& compiled) : compiled_(compiled) {}

  std::vector<Leaf> operator()(const Evaluation& evaluation) {
    for (const Unmet& unmet : evaluation.explanation)
      if (!unmet.missing || leaves_.empty() || missing_ != unmet.missing)
        add(unmet);
    return std::move(leaves_);
  }

private:
  void add(const Unmet& unmet) {
    missing_ = unmet.missing;
    const std::string& pointer = unmet.missing ? *unmet.missing : unmet.pointer;
    const auto tokens = json::Pointer::parse(pointer).value().tokens();
    Way way(compiled_.root, tokens);
    Leaf leaf{.address = std::move(way.address()),
              .pointer = pointer,
              .expected = unmet.missing ? *way.node().source : unmet.expected,
              .actual = unmet.actual,
              .rule = unmet.missing ? "object" : unmet.rule,
              .place = unmet.place,
              .unknown = unmet.unknown,
              .since = unmet.since,
              .provenance = unmet.provenance,
              .next_flip = unmet.next_flip,
              .met = unmet.met};
    classify(leaf, way.node());
    if (leaf.closable)
      leaf.fixed = why_fixed(leaf, way);
    leaf.closable = leaf.closable && leaf.fixed.empty();
    if (const std::size_t again = ++addresses_[leaf.address]; again > 1)
      leaf.address += '#' + std::to_string(again);
    leaves_.push_back(std::move(leaf));
  }

  static void classify(Leaf& leaf, const Node& node) {
    const bool surplus = node.rule == Rule::only && leaf.rule == "$only";
    if (surplus)
      leaf.address += '[' + undesired_key(leaf.expected) + ']';
    if (leaf.met)
      return;
    if (!leaf.unknown.empty()) {
      leaf.category = Category::unknown;
      return;
    }
    if (surplus || node.rule == Rule::absent || node.rule == Rule::no_item) {
      leaf.category = Category::undesired;
      leaf.closable = true;
      return;
    }
    const bool nothing = !leaf.actual || leaf.actual->is_null();
    leaf.category = nothing ? Category::missing : Category::misaligned;
    // What does not exist is made by whoever builds it, not by a value.
    leaf.closable = !leaf.pointer.empty() && is_settable(node);
  }

  /// Why the value that meets a leaf cannot be made; empty where it can.
  [[nodiscard]] std::string why_fixed(const Leaf& leaf, const Way& way) const {
    if (way.document().rule != Rule::object)
      return "it is about the document as a whole, which no change makes another";
    const Node* attribute = way.attribute();
    if (attribute == nullptr)
      return {};
    if (attribute->name.empty())
      return "no address names it";
    if (way.node().rule == Rule::equal && argument_of(way.node()).is_null() &&
        &way.node() == attribute)
      return "nothing is equal to null: an attribute that is null is not there";
    const auto wanted = root_value(leaf, way.node(), *attribute);
    if (compiled_.shapes == nullptr || !wanted)
      return {};
    return compiled_.shapes->why_fixed(
        {.family = leaf.place.family,
         .profile = compiled_.profile,
         .attribute = attribute->name,
         .before = leaf.actual && !leaf.actual->is_null() ? &*leaf.actual : nullptr,
         .after = wanted->is_null() ? nullptr : &*wanted});
  }

  /// What the attribute around a leaf would be, as far as it matters of which form it is and which
  /// words are in it; null: nothing. Nothing where it would be what it is.
  static std::optional<Value> root_value(const Leaf& leaf, const Node& node,
                                         const Node& attribute) {
    if (&node == &attribute)
      return leaf.rule == "$only" ? std::nullopt : std::optional(form_of(node));
    const bool is_item = attribute.rule == Rule::positional && node.rule == Rule::literal &&
                         std::any_of(attribute.children.begin(), attribute.children.end(),
                                     [&](const Node& item) { return &item == &node; });
    return is_item ? std::optional(Value(json::Array{*node.source})) : std::nullopt;
  }

  static Value form_of(const Node& node) {
    switch (node.rule) {
    case Rule::absent:
      return nullptr;
    case Rule::literal:
      return *node.source;
    case Rule::equal:
    case Rule::temporal:
      return argument_of(node);
    case Rule::object:
      return json::Object();
    case Rule::positional:
      return node.source->is_array() ? *node.source : Value(json::Array());
    default:
      return json::Array();
    }
  }

  static const Value& argument_of(const Node& node) { return node.source->object().begin()->value; }

  const Compiled& compiled_;
  std::vector<Leaf> leaves_;
  std::optional<std::string> missing_;
  std::map<std::string, std::size_t> addresses_;
};

constexpr std::pair<Category, std::string_view> category_names[] = {
    {Category::missing, "missing"},
    {Category::misaligned, "misaligned"},
    {Category::undesired, "undesired"},
    {Category::unknown, "unknown"}};

} // namespace

std::string_view name_of(Category category) {
  for (const auto& [one, name] : category_names)
    if (one == category)
      return name;
  return {};
}

std::optional<Category> category_of(std::string_view name) {
  for (const auto& [category, one] : category_names)
    if (one == name)
      return category;
  return std::nullopt;
}

std::vector<Leaf> leaves_of(const Compiled& compiled, const Evaluation& evaluation) {
  return LeafMaker(compiled)(evaluation);
}

} // namespace diffo::outstanding
