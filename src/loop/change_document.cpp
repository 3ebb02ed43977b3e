#include "loop/change_document.h"

#include "base/text_hash.h"
#include "outstanding/leaf.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
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
};

/// The items of a list, by their keys as they stand in addresses.
struct KeyedItems {
  std::vector<ItemKey> keys; ///< in the order of the items
  TextMap<std::size_t> places;
};

const Value* nested_of(const Value& item, const ListShape& shape) {
  return shape.nested.empty() ? nullptr : item.find(shape.nested);
}

const Value* target_of(const Value& item, const ListShape& shape) {
  const Value* nested = nested_of(item, shape);
  return nested != nullptr ? nested->find("id") : item.find("id");
}

ItemKey key_by(const Value& item, const ListShape& shape, const std::vector<std::string>& group) {
  ItemKey key;
  for (const std::string& attribute : group) {
    const Value* part = attribute == target_part ? target_of(item, shape) : item.find(attribute);
    if (part != nullptr)
      key.parts.emplace_back(attribute, *part);
  }
  return key;
}

std::optional<ItemKey> key_of(const Value& item, const ListShape& shape) {
  if (!item.is_object())
    return std::nullopt;
  for (const std::vector<std::string>& group : shape.keys) {
    ItemKey key = key_by(item, shape, group);
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
    if (!key || !read.places.emplace(key->text(), read.keys.size()).second)
      return std::nullopt;
    read.keys.push_back(*std::move(key));
  }
  return read;
}

/// By what an item that is seen may be taken for one that is there (wire.md §8): its id, if that is
/// its own, and each of its keys.
std::vector<std::string> marks_of(const Value& item, const ListShape& shape) {
  std::vector<std::string> marks;
  const bool has_own_id = shape.family.empty() || nested_of(item, shape) != nullptr;
  if (const Value* id = item.find("id"); id != nullptr && has_own_id)
    marks.push_back(json::to_text(*id));
  for (std::size_t group = 0; group < shape.keys.size(); ++group) {
    json::Object parts;
    for (const auto& [attribute, value] : key_by(item, shape, shape.keys[group]).parts)
      parts.append(attribute, value);
    if (!parts.empty())
      marks.push_back(std::to_string(group) + json::to_text(parts));
  }
  return marks;
}

/// Whether each refers to something else, and so is taken for itself alone.
bool are_told_apart_by_target(const json::Array& items, const ListShape& shape) {
  std::set<std::string> targets;
  return !shape.family.empty() && std::all_of(items.begin(), items.end(), [&](const Value& item) {
    const bool is_reference = nested_of(item, shape) == nullptr || item.find("id") == nullptr;
    const Value* target = item.is_object() && is_reference ? target_of(item, shape) : nullptr;
    return target != nullptr && targets.insert(json::to_text(*target)).second;
  });
}

bool loses_members(const Value& was, const Value& is) {
  return was.is_object() &&
         (!is.is_object() ||
          std::any_of(was.object().begin(), was.object().end(), [&](const json::Member& member) {
            return is.object().find(member.name) == nullptr;
          }));
}

bool is_empty_list(const Value& value) {
  return value.is_array() && value.array().empty();
}

/// Whether a name can stand in an address.
bool is_step(std::string_view name) {
  constexpr std::size_t longest = 256;
  return !name.empty() && name.size() <= longest &&
         name.find_first_of("./[]\"") == std::string_view::npos;
}

/// Where a list is, in the document as it was.
struct ListPlace {
  std::string address;
  std::string pointer;
};

/// An observation merges by attributes: what a list of the standard has item by item, of an item
/// member by member; any other value is replaced. It takes out first what is absent, so that what
/// is in both of them, absent and set, is there anew.
class Difference {
public:
  explicit Difference(const outstanding::DocumentShapes& shapes) : shapes_(shapes) {}

  json::Object of_documents(const json::Object& before, const json::Object& after) {
    json::Object set;
    for (const json::Member& member : after) {
      const Value* was = before.find(member.name);
      if (was != nullptr ? *was != member.value : !is_empty_list(member.value))
        add_attribute(member.name, was, member.value, set);
    }
    for (const json::Member& member : before)
      if (after.find(member.name) == nullptr)
        take_away(member.name, member.value, set);
    return set;
  }

  /// Places that are counted come before anything is gone that they count.
  json::Array take_absent() {
    for (Value& address : addresses_)
      pointers_.push_back(std::move(address));
    return std::move(pointers_);
  }

private:
  [[nodiscard]] const ListShape* list_shape(std::string_view name) const {
    const outstanding::AttributeShape* shape = shapes_.find(name);
    return shape != nullptr && shape->list ? &*shape->list : nullptr;
  }

  void add_attribute(const std::string& name, const Value* was, const Value& is,
                     json::Object& set) {
    const ListShape* list = list_shape(name);
    if (list != nullptr && was != nullptr && was->is_array() && is.is_array()) {
      json::Array items = of_lists(was->array(), is.array(), *list, {name, '/' + name});
      if (!items.empty())
        set.append(name, std::move(items));
      return;
    }
    if (is_empty_list(is))
      return take_away(name, *was, set);
    const outstanding::AttributeShape* shape = shapes_.find(name);
    if (was != nullptr && shape != nullptr && !shape->family.empty() && loses_members(*was, is))
      addresses_.emplace_back(name);
    set.append(name, is);
  }

  void take_away(const std::string& name, const Value& was, json::Object& set) {
    const ListShape* list = list_shape(name);
    if (list != nullptr && was.is_array())
      of_lists(was.array(), {}, *list, {name, '/' + name});
    else if (is_step(name))
      addresses_.emplace_back(name);
    else
      set.append(name, nullptr);
  }

  /// What is to be set of a list.
  json::Array of_lists(const json::Array& before, const json::Array& after, const ListShape& shape,
                       const ListPlace& place) {
    const auto were = keyed(before, shape);
    const auto are = keyed(after, shape);
    if (!were || !are || !are_sure(before, *were, after, *are, shape))
      return of_positions(before, after, shape, place);
    json::Array set;
    for (std::size_t at = 0; at < after.size(); ++at) {
      const std::string key = are->keys[at].text();
      const auto found = were->places.find(key);
      if (found == were->places.end()) {
        set.push_back(after[at]);
      } else if (const Value& was = before[found->second]; was != after[at]) {
        const ListPlace item{place.address + '[' + key + ']',
                             place.pointer + '/' + std::to_string(found->second)};
        add_item(was, after[at], shape, are->keys[at], item, set);
      }
    }
    for (const ItemKey& key : were->keys)
      if (!are->places.contains(key.text()))
        addresses_.emplace_back(place.address + '[' + key.text() + ']');
    return set;
  }

  /// Whether what is to be set would be taken for what it is meant for.
  [[nodiscard]] bool are_sure(const json::Array& before, const KeyedItems& were,
                              const json::Array& after, const KeyedItems& are,
                              const ListShape& shape) const {
    std::multimap<std::string, std::size_t> stay;
    for (std::size_t at = 0; at < before.size(); ++at) {
      const auto found = are.places.find(were.keys[at].text());
      if (found != are.places.end() && !must_be_new(before[at], after[found->second], shape))
        for (std::string& mark : marks_of(before[at], shape))
          stay.emplace(std::move(mark), at);
    }
    for (std::size_t at = 0; at < after.size(); ++at) {
      const auto found = were.places.find(are.keys[at].text());
      const Value* was = found != were.places.end() ? &before[found->second] : nullptr;
      if (was != nullptr && *was == after[at])
        continue;
      const bool is_whole = was == nullptr || is_set_whole(*was, after[at], shape);
      // What is merged may come to bear the mark of another item by what changes in it.
      std::vector<std::string> marks = marks_of(after[at], shape);
      if (!is_whole) {
        const std::vector<std::string> had = marks_of(*was, shape);
        std::erase_if(marks, [&](const std::string& mark) {
          return std::find(had.begin(), had.end(), mark) != had.end();
        });
        for (std::string& mark :
             marks_of(Value(key_members(after[at], shape, are.keys[at])), shape))
          marks.push_back(std::move(mark));
      }
      for (const std::string& mark : marks)
        for (auto [one, end] = stay.equal_range(mark); one != end; ++one)
          if (was == nullptr || one->second != found->second)
            return false;
    }
    return true;
  }

  /// Items that cannot be told apart go by where they stand. What stays is said once more where
  /// that tells it from what comes; else all come anew.
  json::Array of_positions(const json::Array& before, const json::Array& after,
                           const ListShape& shape, const ListPlace& place) {
    std::vector<bool> stays(before.size());
    bool adds = false;
    for (const Value& item : after) {
      std::size_t at = 0;
      while (at < before.size() && (stays[at] || before[at] != item))
        ++at;
      if (at < before.size())
        stays[at] = true;
      else
        adds = true;
    }
    if (adds && !are_told_apart_by_target(after, shape))
      stays.assign(before.size(), false);
    for (std::size_t at = before.size(); at-- > 0;)
      if (!stays[at])
        pointers_.emplace_back(place.pointer + '/' + std::to_string(at));
    return adds ? after : json::Array();
  }

  static bool has_other_target(const Value& was, const Value& is, const ListShape& shape) {
    const Value* before = target_of(was, shape);
    const Value* after = target_of(is, shape);
    return !shape.family.empty() && (before == nullptr || after == nullptr || *before != *after);
  }

  /// Whether something of the item goes that no address names.
  [[nodiscard]] bool must_be_new(const Value& was, const Value& is, const ListShape& shape) const {
    const bool is_moved = has_other_target(was, is, shape);
    return std::any_of(was.object().begin(), was.object().end(), [&](const json::Member& member) {
      const Value* now = is.find(member.name);
      if (list_shape(member.name) != nullptr && member.value.is_array())
        return is_moved || (now != nullptr && !now->is_array());
      if (now == nullptr || (is_empty_list(*now) && *now != member.value))
        return !shape.nested.empty() || !is_step(member.name);
      return member.name == shape.nested && !is_moved && loses_members(member.value, *now);
    });
  }

  /// What was said of another thing does not hold of this one: it is said as a whole.
  [[nodiscard]] bool is_set_whole(const Value& was, const Value& is, const ListShape& shape) const {
    return has_other_target(was, is, shape) || must_be_new(was, is, shape);
  }

  /// What says which item is meant. A reference is none without what it refers to.
  static json::Object key_members(const Value& item, const ListShape& shape, const ItemKey& key) {
    json::Object members;
    for (const auto& [attribute, value] : key.parts)
      if (attribute != target_part)
        members.append(attribute, value);
    const std::string target = nested_of(item, shape) != nullptr ? shape.nested : "id";
    if (const Value* whole = item.find(target); whole != nullptr && !shape.family.empty())
      members.set(target, *whole);
    return members;
  }

  void add_item(const Value& was, const Value& is, const ListShape& shape, const ItemKey& key,
                const ListPlace& place, json::Array& set) {
    if (is_set_whole(was, is, shape)) {
      if (must_be_new(was, is, shape))
        addresses_.emplace_back(place.address);
      set.push_back(is);
      return;
    }
    json::Object changed;
    for (const json::Member& member : is.object()) {
      const Value* before = was.find(member.name);
      if (before != nullptr ? *before != member.value : !is_empty_list(member.value))
        add_member(member, before, place, changed);
    }
    for (const json::Member& member : was.object())
      if (is.find(member.name) == nullptr)
        take_member(member, place);
    if (changed.empty())
      return;
    json::Object item = key_members(is, shape, key);
    for (json::Member& member : changed)
      item.set(member.name, std::move(member.value));
    set.emplace_back(std::move(item));
  }

  void add_member(const json::Member& member, const Value* was, const ListPlace& place,
                  json::Object& item) {
    const ListShape* list = list_shape(member.name);
    if (list != nullptr && was != nullptr && was->is_array()) {
      json::Array items =
          of_lists(was->array(), member.value.array(), *list,
                   {place.address + '.' + member.name, place.pointer + '/' + member.name});
      if (!items.empty())
        item.set(member.name, std::move(items));
    } else if (is_empty_list(member.value)) {
      addresses_.emplace_back(place.address + '.' + member.name);
    } else {
      item.set(member.name, member.value);
    }
  }

  void take_member(const json::Member& member, const ListPlace& place) {
    const ListShape* list = list_shape(member.name);
    const std::string address = place.address + '.' + member.name;
    if (list != nullptr && member.value.is_array())
      of_lists(member.value.array(), {}, *list, {address, place.pointer + '/' + member.name});
    else
      addresses_.emplace_back(address);
  }

  const outstanding::DocumentShapes& shapes_;
  json::Array pointers_;
  json::Array addresses_;
};

} // namespace

json::Value change_between(const Value& before, const Value& after,
                           const outstanding::DocumentShapes& shapes) {
  json::Object change;
  if (!before.is_object() || !after.is_object())
    return change;
  Difference difference(shapes);
  json::Object set = difference.of_documents(before.object(), after.object());
  json::Array absent = difference.take_absent();
  if (!set.empty())
    change.append("set", std::move(set));
  if (!absent.empty())
    change.append("absent", std::move(absent));
  return change;
}

} // namespace diffo::loop
