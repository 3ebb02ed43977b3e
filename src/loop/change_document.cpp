#include "loop/change_document.h"

#include "base/text_hash.h"
#include "outstanding/leaf.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace diffo::loop {
namespace {

using json::Value;
using outstanding::ListShape;

constexpr std::string_view target_part = "@target";

/// What tells an item of a list from the others.
struct ItemKey {
  std::vector<std::pair<std::string, Value>> parts; ///< attribute and value

  /// As it stands in an address.
  [[nodiscard]] std::string text() const {
    std::string text;
    for (const auto& [attribute, value] : parts)
      text += (text.empty() ? "" : ",") + outstanding::key_text(value);
    return text;
  }
  /// The same for the same key alone.
  [[nodiscard]] std::string whole() const {
    json::Object members;
    for (const auto& [attribute, value] : parts)
      members.append(attribute, value);
    return json::to_text(members);
  }
};

/// The items of a list, by their keys.
struct KeyedItems {
  std::vector<ItemKey> keys; ///< in the order of the items
  TextMap<std::size_t> places;
};

const Value* target_of(const Value& item, const ListShape& shape) {
  const Value* nested = shape.nested.empty() ? nullptr : item.find(shape.nested);
  return nested != nullptr ? nested->find("id") : item.find("id");
}

std::optional<ItemKey> key_of(const Value& item, const ListShape& shape) {
  if (!item.is_object())
    return std::nullopt;
  for (const std::vector<std::string>& group : shape.keys) {
    ItemKey key;
    for (const std::string& attribute : group) {
      const Value* part = attribute == target_part ? target_of(item, shape) : item.find(attribute);
      if (part != nullptr)
        key.parts.emplace_back(attribute, *part);
    }
    if (!key.parts.empty())
      return key;
  }
  return std::nullopt;
}

/// Nothing where they cannot be told apart.
std::optional<KeyedItems> keyed(const json::Array& items, const ListShape& shape) {
  KeyedItems read;
  for (const Value& item : items) {
    auto key = key_of(item, shape);
    if (!key || !read.places.emplace(key->whole(), read.keys.size()).second)
      return std::nullopt;
    read.keys.push_back(*std::move(key));
  }
  return read;
}

class Difference {
public:
  explicit Difference(const outstanding::DocumentShapes& shapes) : shapes_(shapes) {}

  /// What is to be set in an object.
  json::Object of_objects(const json::Object& before, const json::Object& after,
                          const std::string& address) {
    json::Object set;
    for (const json::Member& member : after) {
      const Value* was = before.find(member.name);
      const std::string place = address.empty() ? member.name : address + '.' + member.name;
      if (was == nullptr)
        set.append(member.name, member.value);
      else if (*was != member.value)
        add_changed(member.name, *was, member.value, place, set);
    }
    for (const json::Member& member : before)
      if (after.find(member.name) == nullptr)
        absent_.emplace_back(address.empty() ? member.name : address + '.' + member.name);
    return set;
  }

  json::Array take_absent() { return std::move(absent_); }

private:
  void add_changed(const std::string& name, const Value& was, const Value& is,
                   const std::string& place, json::Object& set) {
    const outstanding::AttributeShape* shape = shapes_.find(name);
    if (shape != nullptr && shape->list && was.is_array() && is.is_array()) {
      if (auto items = of_lists(was.array(), is.array(), *shape->list, place)) {
        if (!items->empty())
          set.append(name, *std::move(items));
        return;
      }
    } else if (was.is_object() && is.is_object()) {
      json::Object members = of_objects(was.object(), is.object(), place);
      if (!members.empty())
        set.append(name, std::move(members));
      return;
    }
    set.append(name, is);
  }

  /// Nothing where items cannot be told apart.
  std::optional<json::Array> of_lists(const json::Array& before, const json::Array& after,
                                      const ListShape& shape, const std::string& place) {
    const auto were = keyed(before, shape);
    const auto are = keyed(after, shape);
    if (!were || !are)
      return std::nullopt;
    json::Array set;
    for (std::size_t at = 0; at < after.size(); ++at) {
      const auto found = were->places.find(are->keys[at].whole());
      if (found == were->places.end())
        set.push_back(after[at]);
      else if (before[found->second] != after[at])
        add_item(before[found->second], after[at], shape, are->keys[at], place, set);
    }
    for (const ItemKey& key : were->keys)
      if (!are->places.contains(key.whole()))
        absent_.emplace_back(place + '[' + key.text() + ']');
    return set;
  }

  void add_item(const Value& was, const Value& is, const ListShape& shape, const ItemKey& key,
                const std::string& place, json::Array& set) {
    json::Object item;
    for (const auto& [attribute, value] : key.parts) {
      const std::string& name = attribute != target_part ? attribute
                                : is.find(shape.nested)  ? shape.nested
                                                         : std::string("id");
      if (const Value* whole = is.find(name))
        item.set(name, *whole);
    }
    const std::size_t keys = item.size();
    const std::size_t absent = absent_.size();
    json::Object changed = of_objects(was.object(), is.object(), place + '[' + key.text() + ']');
    for (json::Member& member : changed) {
      if (shape.holds_values && member.name == "value")
        member.value = *is.find("value");
      item.set(member.name, std::move(member.value));
    }
    if (shape.holds_values)
      drop_absent_values(absent, place + '[' + key.text() + "].value.");
    if (item.size() > keys || !changed.empty())
      set.emplace_back(std::move(item));
  }

  /// A value that is there as a whole leaves out what it no longer has.
  void drop_absent_values(std::size_t from, const std::string& begin) {
    absent_.erase(
        std::remove_if(absent_.begin() + static_cast<std::ptrdiff_t>(from), absent_.end(),
                       [&](const Value& address) { return address.string().starts_with(begin); }),
        absent_.end());
  }

  const outstanding::DocumentShapes& shapes_;
  json::Array absent_;
};

} // namespace

json::Value change_between(const Value& before, const Value& after,
                           const outstanding::DocumentShapes& shapes) {
  json::Object change;
  if (!before.is_object() || !after.is_object())
    return change;
  Difference difference(shapes);
  json::Object set = difference.of_objects(before.object(), after.object(), {});
  json::Array absent = difference.take_absent();
  if (!set.empty())
    change.append("set", std::move(set));
  if (!absent.empty())
    change.append("absent", std::move(absent));
  return change;
}

} // namespace diffo::loop
