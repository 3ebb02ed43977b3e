#include "tmf/merge.h"

#include "model/words.h"
#include "tmf/document_reader.h"
#include "tmf/item_matching.h"
#include "tmf/same_content.h"

#include <algorithm>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace diffo::tmf {
namespace {

using graph::Element;
using graph::ElementKind;

Items items_of(const Element& owner, ElementKind kind) {
  Items items;
  for (const Element& child : owner.children)
    if (child.kind == kind)
      items.push_back(&child);
  return items;
}

/// How an item shows its members in the version it was read in.
enum class View : std::uint8_t {
  single, ///< one object is all there is
  nested, ///< an object around a reference: two objects
  flat,   ///< what v4 makes one object of
};

View view_of(const Element& item, const model::Model& model) {
  switch (model.traits_of(item.kind, model::Api::service).build) {
  case model::Build::part:
  case model::Build::reference:
    return View::single;
  case model::Build::relation:
    return View::nested;
  case model::Build::related:
    return item.newer_form ? View::nested : View::flat;
  }
  return View::single;
}

/// Which member of an item: which of its objects has it, and its name there.
struct MemberKey {
  bool outer = false;
  std::string_view name;
  friend auto operator<=>(const MemberKey&, const MemberKey&) = default;
};

/// How items of a kind are looked at.
struct Look {
  const model::Model& model;
  graph::ElementKind kind;
  View view;

  [[nodiscard]] MemberKey key_of(graph::Word word) const {
    const graph::Word outer =
        view == View::single ? graph::Word{0} : model.outer_member(kind, word);
    return {outer != 0 && view == View::nested, model.dictionary().text(outer != 0 ? outer : word)};
  }
};

/// Where an item keeps a member.
enum class Home : std::uint8_t { target, field, extra, outer_extra };

struct KeptMember {
  Home home = Home::field;
  graph::Word word = 0;               ///< of a field
  const json::Value* value = nullptr; ///< of what is no target
  const graph::Target* target = nullptr;

  friend bool operator==(const KeptMember& left, const KeptMember& right) {
    if (left.home != right.home || left.word != right.word)
      return false;
    return left.target != nullptr ? *left.target == *right.target : *left.value == *right.value;
  }
};

/// Sorted, so that names chosen to collide cost nothing.
using Members = std::map<MemberKey, KeptMember>;

const Element* outer_of(const Element& item) {
  for (const Element& child : item.children)
    if (child.kind == model::kinds::outer)
      return &child;
  return nullptr;
}

Members members_of(const Element& item, const Look& look) {
  Members members;
  if (item.target)
    members[{false, "id"}] = {Home::target, 0, nullptr, &*item.target};
  for (const auto& [word, value] : item.fields)
    members[look.key_of(word)] = {Home::field, word, &value, nullptr};
  for (const auto& [name, value] : item.extra)
    members[{false, name}] = {Home::extra, 0, &value, nullptr};
  if (const Element* outer = outer_of(item))
    for (const auto& [name, value] : outer->extra)
      members[{look.view == View::nested, name}] = {Home::outer_extra, 0, &value, nullptr};
  return members;
}

/// Carries the members that differ between two readings of an item over to the item as it is kept.
/// Invariant: of each member of each object there is one home at most. A member that changes leaves
/// every home it had, whatever the version it was read in could tell of them.
class MemberMerge {
public:
  MemberMerge(const Element& before, const Element& after, const Look& look) : look_(look) {
    const Members old = members_of(before, look);
    const Members fresh = members_of(after, look);
    for (const auto& [key, member] : fresh)
      if (const auto was = old.find(key); was == old.end() || !(was->second == member))
        changes_[key] = member;
    for (const auto& [key, member] : old)
      if (!fresh.contains(key))
        changes_[key] = std::nullopt;
  }

  /// True when something changed.
  bool apply(Element& present) {
    if (changes_.empty())
      return false;
    take_target(present);
    take_fields(present);
    take_extra(present.extra, Home::extra, false);
    for (Element& child : present.children)
      if (child.kind == model::kinds::outer)
        take_extra(child.extra, Home::outer_extra, look_.view == View::nested);
    for (auto& [key, change] : changes_)
      if (change)
        put(present, key, *change);
    std::erase_if(present.children, [](const Element& child) {
      return child.kind == model::kinds::outer && child.extra.empty();
    });
    return true;
  }

private:
  using Changes = std::map<MemberKey, std::optional<KeptMember>>;

  /// Whether the change of a member takes effect at this home of it, so that it keeps its place.
  static bool settles(Changes::iterator change, Home home, graph::Word word) {
    if (!change->second)
      return false;
    const bool both_extra =
        (change->second->home == Home::extra || change->second->home == Home::outer_extra) &&
        (home == Home::extra || home == Home::outer_extra);
    return both_extra || (change->second->home == home && change->second->word == word);
  }

  void take_target(Element& present) {
    if (present.target && changes_.contains({false, "id"}))
      present.target.reset();
  }

  void take_fields(Element& present) {
    std::erase_if(present.fields, [&](auto& field) {
      // What the flat view does not show: the type of the object around, beside that of a
      // reference.
      if (look_.view == View::flat && present.newer_form && field.first == model::words::outer_type)
        return false;
      const auto change = changes_.find(look_.key_of(field.first));
      if (change == changes_.end())
        return false;
      if (!settles(change, Home::field, field.first))
        return true;
      field.second = *change->second->value;
      change->second.reset();
      return false;
    });
  }

  void take_extra(std::vector<json::Member>& extra, Home home, bool outer) {
    std::erase_if(extra, [&](json::Member& member) {
      const auto change = changes_.find({outer, member.name});
      if (change == changes_.end())
        return false;
      if (!settles(change, home, 0))
        return true;
      member.value = *change->second->value;
      change->second.reset();
      return false;
    });
  }

  static void put(Element& present, const MemberKey& key, const KeptMember& member) {
    switch (member.home) {
    case Home::target:
      present.target = *member.target;
      break;
    case Home::field:
      present.fields.emplace_back(member.word, *member.value);
      break;
    case Home::extra:
      present.extra.push_back({std::string(key.name), *member.value});
      break;
    case Home::outer_extra:
      outer_in(present).extra.push_back({std::string(key.name), *member.value});
      break;
    }
  }

  static Element& outer_in(Element& present) {
    for (Element& child : present.children)
      if (child.kind == model::kinds::outer)
        return child;
    Element outer;
    outer.kind = model::kinds::outer;
    return present.children.emplace_back(std::move(outer));
  }

  const Look& look_;
  Changes changes_; ///< nothing: it goes, or has been settled
};

class Merger {
public:
  explicit Merger(const model::Model& model) : model_(model) {}

  bool changed = false;

  void merge(Element& present, const Element& before, const Element& after) {
    if (equal_elements(before, after))
      return;
    if (before.verbatim || after.verbatim || present.verbatim ||
        changes_form(present, before, after)) {
      replace(present, after);
      return;
    }
    const Look look{model_, after.kind, view_of(after, model_)};
    changed |= MemberMerge(before, after, look).apply(present);
    if (const model::KindTraits& traits = model_.traits_of(present.kind, model::Api::service);
        traits.build == model::Build::related)
      settle_target(present, traits.target);
    merge_children(present, before, after);
    drop_empty_lists(present);
  }

private:
  /// The type of the object around a reference is another in each form of a related thing; whoever
  /// changes it gives the item the form of his version.
  [[nodiscard]] bool changes_form(const Element& present, const Element& before,
                                  const Element& after) const {
    if (present.newer_form == after.newer_form ||
        model_.traits_of(present.kind, model::Api::service).build != model::Build::related)
      return false;
    const json::Value* was = before.field(model::words::outer_type);
    const json::Value* is = after.field(model::words::outer_type);
    return was == nullptr || is == nullptr ? was != is : !(*was == *is);
  }

  /// An empty list that is kept, and for which something stood in (tmf.md §1.8): when it gets
  /// items, it is no more.
  void drop_empty_lists(Element& present) const {
    for (const model::Model::Demanded& demanded :
         model_.stand_ins(present.kind, model::Version::v4))
      if (demanded.row->home == model::Home::part &&
          !items_of(present, demanded.row->holds).empty())
        std::erase_if(present.extra, [&](const json::Member& member) {
          return member.name == demanded.row->name;
        });
  }

  void replace(Element& present, const Element& after) {
    Element fresh = after;
    fresh.part = present.part;
    fresh.uuid = present.uuid;
    present = std::move(fresh);
    changed = true;
  }

  void merge_children(Element& present, const Element& before, const Element& after) {
    std::vector<ElementKind> order;
    for (const Element* owner : {&std::as_const(present), &after})
      for (const Element& child : owner->children)
        if (child.kind != model::kinds::outer &&
            std::find(order.begin(), order.end(), child.kind) == order.end())
          order.push_back(child.kind);
    std::vector<Element> merged;
    for (Element& child : present.children)
      if (child.kind == model::kinds::outer)
        merged.push_back(std::move(child)); // its members were merged with the item's
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
    const auto found = match_items(before, after, model_.list_keys(kind), OtherRole::changed);
    for (std::size_t index = 0; index < after.size(); ++index) {
      const auto match = found[index];
      // What only stood in for what is not there (tmf.md §1.8), as it was shown.
      if (match && *match >= items.size() && equal_elements(*before[*match], *after[index]))
        continue;
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

  const model::Model& model_;
};

} // namespace

bool apply_differences(Element& present, const Element& before, const Element& after,
                       const model::Model& model) {
  Merger merger(model);
  merger.merge(present, before, after);
  return merger.changed;
}

} // namespace diffo::tmf
