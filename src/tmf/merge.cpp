#include "tmf/merge.h"

#include "base/text_hash.h"
#include "model/schema.h"
#include "model/words.h"
#include "tmf/same_content.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace diffo::tmf {
namespace {

using graph::Element;
using graph::ElementKind;

using Items = std::vector<const Element*>;

Items items_of(const Element& owner, ElementKind kind) {
  Items items;
  for (const Element& child : owner.children)
    if (child.kind == kind)
      items.push_back(&child);
  return items;
}

using Extras = TextViewMap<const json::Value*>;

/// By name, so that any number of extras takes linear time.
Extras extras_of(const Element& element) {
  Extras extras;
  extras.reserve(element.extra.size());
  for (const json::Member& member : element.extra)
    extras.emplace(member.name, &member.value);
  return extras;
}

const json::Value* find_in(const Extras& extras, std::string_view name) {
  const auto found = extras.find(name);
  return found == extras.end() ? nullptr : found->second;
}

bool same_value(const json::Value* left, const json::Value* right) {
  return left == nullptr || right == nullptr ? left == right : *left == *right;
}

std::string id_of(const Element& item) {
  return std::string(item.field_text(model::words::id));
}

/// What tells an item from its siblings when it has no id of its own; empty: nothing does.
std::string key_of(const Element& item) {
  const auto joined = [](std::string_view first, std::string_view second) {
    return std::string(first) + '\x1f' + std::string(second);
  };
  switch (item.kind) {
  case model::kinds::characteristic:
  case model::kinds::feature:
    return std::string(item.field_text(model::words::name));
  case model::kinds::external_identifier:
    return std::string(item.field_text(model::words::external_identifier_type));
  case model::kinds::service_relation:
  case model::kinds::resource_relation:
    if (!item.target)
      return {};
    return joined(item.field_text(model::words::relationship_type), item.target->id);
  case model::kinds::place_reference:
  case model::kinds::party_reference:
  case model::kinds::entity_reference:
    return std::string(item.field_text(model::words::role));
  case model::kinds::supporting_service:
  case model::kinds::supporting_resource:
    return item.target ? item.target->id : std::string();
  case model::kinds::specification_reference:
    return "specification"; // there is one
  default:
    return {};
  }
}

std::string name_of_relation(const Element& item) {
  if (item.kind != model::kinds::service_relation && item.kind != model::kinds::resource_relation)
    return {};
  const std::string_view name = item.field_text(model::words::outer_name);
  return std::string(name.empty() ? item.field_text(model::words::alias) : name);
}

/// Role and target together, for several of one role.
std::string role_and_target(const Element& item) {
  const std::string_view role = item.field_text(model::words::role);
  return item.target ? std::string(role) + '\x1f' + item.target->id : std::string();
}

/// All a keyless item says, so that it is known again at another place.
std::string content_of(const Element& item) {
  std::string content;
  if (item.verbatim) {
    json::write(*item.verbatim, content);
    return content;
  }
  if (!id_of(item).empty() || !key_of(item).empty())
    return {};
  if (item.target)
    content += item.target->id + '\x1f';
  for (const auto& [word, value] : item.fields) {
    content += std::to_string(word) + '=';
    json::write(value, content);
  }
  for (const auto& [name, value] : item.extra) {
    content += name + '=';
    json::write(value, content);
  }
  return content;
}

/// Which item of `before` each item of `after` is.
class Matcher {
public:
  Matcher(const Items& before, const Items& after)
      : before_(before), after_(after), taken_(before.size()), found(after.size()) {
    for (std::size_t index = 0; index < std::min(before.size(), after.size()); ++index)
      if (equal_elements(*before[index], *after[index]))
        take(index, index);
    match_by(id_of);
    match_by(name_of_relation);
    match_by(role_and_target);
    match_by(key_of);
    match_by(content_of);
    match_by_position();
  }

private:
  void take(std::size_t before, std::size_t after) {
    taken_[before] = true;
    found[after] = before;
  }

  template <typename KeyOf> void match_by(KeyOf key_of_item) {
    std::unordered_multimap<std::string, std::size_t, TextHash> places;
    for (std::size_t index = 0; index < before_.size(); ++index)
      if (!taken_[index])
        if (std::string key = key_of_item(*before_[index]); !key.empty())
          places.emplace(std::move(key), index);
    for (std::size_t index = 0; index < after_.size() && !places.empty(); ++index) {
      if (found[index])
        continue;
      const std::string key = key_of_item(*after_[index]);
      const auto [first, last] = places.equal_range(key);
      if (key.empty() || first == last)
        continue;
      const auto lowest = std::min_element(
          first, last, [](const auto& a, const auto& b) { return a.second < b.second; });
      take(lowest->second, index);
      places.erase(lowest);
    }
  }

  void match_by_position() {
    for (std::size_t index = 0; index < std::min(before_.size(), after_.size()); ++index)
      if (!found[index] && !taken_[index] && !has_key(*before_[index]) && !has_key(*after_[index]))
        take(index, index);
  }

  static bool has_key(const Element& item) { return !id_of(item).empty() || !key_of(item).empty(); }

  const Items& before_;
  const Items& after_;
  std::vector<bool> taken_;

public:
  std::vector<std::optional<std::size_t>> found;
};

class Merger {
public:
  bool changed = false;

  void merge(Element& present, const Element& before, const Element& after) {
    if (equal_elements(before, after))
      return;
    if (before.verbatim || after.verbatim || present.verbatim) {
      replace(present, after);
      return;
    }
    if (before.target != after.target) {
      present.target = after.target;
      changed = true;
    }
    merge_fields(present, before, after);
    merge_extra(present, before, after);
    merge_children(present, before, after);
  }

private:
  void replace(Element& present, const Element& after) {
    Element fresh = after;
    fresh.part = present.part;
    fresh.uuid = present.uuid;
    present = std::move(fresh);
    changed = true;
  }

  void merge_fields(Element& present, const Element& before, const Element& after) {
    for (const auto& [word, value] : after.fields)
      if (!same_value(before.field(word), &value)) {
        present.set_field(word, value);
        changed = true;
      }
    for (const auto& [word, value] : before.fields)
      if (after.field(word) == nullptr) {
        present.erase_field(word);
        changed = true;
      }
  }

  void merge_extra(Element& present, const Element& before, const Element& after) {
    const Extras old = extras_of(before);
    const Extras fresh = extras_of(after);
    TextViewSet settled;
    merge_extra_in(present.extra, old, fresh, settled);
    // A flat view shows those of the outer object too; a nested one shows that apart.
    const bool nested = !items_of(before, model::kinds::outer).empty();
    for (Element& child : present.children)
      if (!nested && child.kind == model::kinds::outer)
        merge_extra_in(child.extra, old, fresh, settled);
    for (const auto& [name, value] : after.extra)
      if (!settled.contains(name) && !same_value(find_in(old, name), &value)) {
        present.extra.push_back({name, value});
        changed = true;
      }
  }

  /// Changes and takes out those that are there.
  void merge_extra_in(std::vector<json::Member>& extra, const Extras& old, const Extras& fresh,
                      TextViewSet& settled) {
    std::vector<json::Member> merged;
    merged.reserve(extra.size());
    for (json::Member& member : extra) {
      const auto before = old.find(member.name);
      const auto after = fresh.find(member.name);
      const json::Value* was = before == old.end() ? nullptr : before->second;
      const json::Value* is = after == fresh.end() ? nullptr : after->second;
      const bool other = !same_value(was, is);
      if (is != nullptr && !settled.insert(after->first).second) {
        merged.push_back(std::move(member)); // the flat view showed another of that name
        continue;
      }
      changed |= other;
      if (!other)
        merged.push_back(std::move(member));
      else if (is != nullptr)
        merged.push_back({std::move(member.name), *is});
    }
    extra = std::move(merged);
  }

  void merge_children(Element& present, const Element& before, const Element& after) {
    std::vector<ElementKind> order;
    for (const Element* owner : {&std::as_const(present), &after})
      for (const Element& child : owner->children)
        if (std::find(order.begin(), order.end(), child.kind) == order.end())
          order.push_back(child.kind);
    std::vector<Element> merged;
    for (const ElementKind kind : order)
      merge_kind(merged, present, items_of(before, kind), items_of(after, kind), kind);
    present.children = std::move(merged);
  }

  /// Appends the merged items of one kind.
  void merge_kind(std::vector<Element>& merged, Element& present, const Items& before,
                  const Items& after, ElementKind kind) {
    std::vector<Element> items;
    for (Element& child : present.children)
      if (child.kind == kind)
        items.push_back(std::move(child));
    const Matcher matcher(before, after);
    for (std::size_t index = 0; index < after.size(); ++index) {
      const auto match = matcher.found[index];
      if (match && *match < items.size()) {
        merge(items[*match], *before[*match], *after[index]);
        changed |= *match != index;
        merged.push_back(std::move(items[*match]));
      } else {
        merged.push_back(*after[index]);
        merged.back().part = 0;
        changed = true;
      }
    }
    changed |= before.size() > after.size();
    // What was not shown at all stays.
    for (std::size_t index = before.size(); index < items.size(); ++index)
      merged.push_back(std::move(items[index]));
  }
};

} // namespace

bool apply_differences(Element& present, const Element& before, const Element& after) {
  Merger merger;
  merger.merge(present, before, after);
  return merger.changed;
}

} // namespace diffo::tmf
