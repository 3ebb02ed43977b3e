#include "tmf/observed.h"

#include "graph/unseen.h"
#include "model/model.h"
#include "model/schema.h"
#include "model/words.h"
#include "rules/annotating.h"
#include "tmf/item_address.h"
#include "tmf/item_matching.h"

#include <algorithm>
#include <utility>

namespace diffo::tmf {
namespace {

using graph::Element;

std::string joined_address(const std::string& outer, std::string_view name) {
  return outer.empty() ? std::string(name) : outer + '.' + std::string(name);
}

class ObservedMerge {
public:
  ObservedMerge(graph::RecordDraft& draft, const Observer& observer, const graph::Schema& schema)
      : draft_(draft), observer_(observer), model_(model::model_of(schema)),
        dictionary_(schema.dictionary()), api_(model::api_of(draft.key.family)) {
    // What has no annotation was written over the API, when the record was written last.
    rules::ElementNotes notes(draft.root, dictionary_);
    if (const graph::Annotation* whole = notes.find({}))
      unsaid_ = {whole->source, whole->changed_at};
    else
      unsaid_ = {std::string(rules::api_source), draft.updated_at};
    if (!rules::is_annotated(draft.root, dictionary_)) {
      notes.set({}, unsaid_);
      notes.write();
    }
  }

  bool changed = false;
  std::vector<NotTaken> not_taken;

  void merge(Element& present, const Element& said, const std::string& address) {
    if (present.verbatim || said.verbatim) {
      replace(present, said, address);
      return;
    }
    rules::ElementNotes notes(present, dictionary_);
    merge_target(present, said, address, notes);
    for (const auto& [word, value] : said.fields)
      if (!is_form(present, said, word))
        merge_field(present, word, value, address, notes);
    for (const json::Member& member : said.extra)
      merge_extra(present, member, address, notes);
    notes.write();
    merge_children(present, said, address);
  }

  /// It is seen again, unless somebody who is believed said later that it is not.
  void see() {
    const auto unseen = graph::unseen_of(draft_.root, dictionary_);
    if (!unseen)
      return;
    rules::Said held{unseen->source, unseen->at};
    const rules::Ruling ruling = observer_.precedence.judge(observer_.said, held, {});
    if (ruling != rules::Ruling::takes) {
      not_taken.push_back({{}, ruling, std::move(held)});
      return;
    }
    graph::set_unseen(draft_.root, {}, dictionary_);
    changed = true;
  }

  Result<void> clear_attribute(const std::string& name) {
    Element& root = draft_.root;
    TRY(check_can_be_gone(root, name));
    const auto word = dictionary_.find(name);
    rules::ElementNotes notes(root, dictionary_);
    const bool field = word && root.field(*word) != nullptr;
    const bool extra = extra_of(root, name) != root.extra.end();
    if ((field || extra) && wins(notes, name, name)) {
      if (field)
        root.erase_field(*word);
      std::erase_if(root.extra, [&](const json::Member& member) { return member.name == name; });
      notes.set(name, observer_.said);
      changed = true;
    }
    notes.write();
    const graph::ElementKind kind =
        word ? model_.home_kind(root.kind, *word, api_, model::Version::v5) : graph::ElementKind{0};
    if (kind == 0)
      return {};
    std::vector<std::uint32_t> parts;
    for (const Element& child : root.children)
      if (child.kind == kind)
        parts.push_back(child.part);
    for (const std::uint32_t part : parts)
      remove(root, kind, part, {});
    return {};
  }

  Result<void> take_out(const std::string& where) {
    const auto found = TRY(find_place(draft_.root, where, api_, model_));
    if (!found)
      return {}; // it is not there
    if (found->member.empty()) {
      remove(*found->owner, found->item->kind, found->item->part, found->address);
      return {};
    }
    Element& element = found->item != nullptr ? *found->item : *found->owner;
    TRY(check_can_be_gone(element, found->member));
    rules::ElementNotes notes(element, dictionary_);
    if (!wins(notes, found->member, found->address))
      return {};
    if (const auto word = dictionary_.find(found->member))
      changed |= element.erase_field(*word);
    changed |= std::erase_if(element.extra, [&](const json::Member& member) {
                 return member.name == found->member;
               }) > 0;
    notes.set(found->member, observer_.said);
    notes.write();
    return {};
  }

private:
  /// What shows whatever is kept, and what names an item among its like, is there as long as that.
  [[nodiscard]] Result<void> check_can_be_gone(const Element& element,
                                               std::string_view member) const {
    for (const model::Attribute& row : model_.attributes_of(element.kind))
      if (row.name_in(api_, model::Version::v5) == member &&
          (row.home == model::Home::derived || row.home == model::Home::inner ||
           row.otherwise != model::Otherwise::nothing ||
           (&element == &draft_.root && row.has_stand_in())))
        return Error{ErrorCode::invalid, "is always there: of an item, name the item itself"};
    const auto word = dictionary_.find(member);
    if (&element == &draft_.root || !word)
      return {};
    for (const auto& group : model_.list_keys(element.kind))
      for (const model::ListKeyPart& part : group)
        if (part.is_field && part.word == *word)
          return Error{ErrorCode::invalid, "names an item: name the item itself"};
    return {};
  }

  static std::vector<json::Member>::iterator extra_of(Element& element, std::string_view name) {
    return std::find_if(element.extra.begin(), element.extra.end(),
                        [name](const json::Member& member) { return member.name == name; });
  }

  /// The type of an item that came in the older form means something else there.
  [[nodiscard]] bool is_form(const Element& present, const Element& said, graph::Word word) const {
    return present.newer_form != said.newer_form &&
           model_.traits_of(present.kind, api_).build == model::Build::related &&
           (word == model::words::type || word == model::words::outer_type);
  }

  [[nodiscard]] rules::Said held_by(const rules::ElementNotes& notes,
                                    std::string_view member) const {
    const graph::Annotation* note = notes.find(member);
    rules::Said held = note != nullptr ? rules::Said{note->source, note->changed_at} : unsaid_;
    if (observer_.last_seen && held.source != rules::api_source)
      held.at = std::max(held.at, observer_.last_seen(held.source));
    return held;
  }

  bool wins(const rules::ElementNotes& notes, std::string_view member, const std::string& address) {
    rules::Said held = held_by(notes, member);
    const rules::Ruling ruling = observer_.precedence.judge(observer_.said, held, address);
    if (ruling == rules::Ruling::takes)
      return true;
    not_taken.push_back({address, ruling, std::move(held)});
    return false;
  }

  /// What a stronger source says, too, is its own from then on.
  void confirm(rules::ElementNotes& notes, std::string_view member, const std::string& outer) {
    if (!observer_.precedence.ranks_any())
      return;
    const rules::Said held = held_by(notes, member);
    const std::string address = joined_address(outer, member);
    if (observer_.precedence.rank(observer_.said.source, address) <
            observer_.precedence.rank(held.source, address) &&
        (held.source != rules::api_source || observer_.said.at >= held.at)) {
      notes.set(member, observer_.said);
      changed = true;
    }
  }

  void merge_target(Element& present, const Element& said, const std::string& address,
                    rules::ElementNotes& notes) {
    if (!said.target || present.target == said.target)
      return;
    if (!wins(notes, "id", joined_address(address, "id")))
      return;
    // What was said of another thing does not hold of this one.
    if (present.target && model_.traits_of(present.kind, api_).build != model::Build::part) {
      present.fields = said.fields;
      present.extra = said.extra;
    }
    present.target = said.target;
    notes.set({}, observer_.said);
    changed = true;
  }

  void merge_field(Element& present, graph::Word word, const json::Value& value,
                   const std::string& address, rules::ElementNotes& notes) {
    const std::string_view name = dictionary_.text(word);
    const json::Value* kept = present.field(word);
    if (kept != nullptr && *kept == value)
      return confirm(notes, name, address);
    if (!wins(notes, name, joined_address(address, name)))
      return;
    present.set_field(word, value);
    std::erase_if(present.extra, [name](const json::Member& one) { return one.name == name; });
    notes.set(name, observer_.said);
    changed = true;
  }

  void merge_extra(Element& present, const json::Member& member, const std::string& address,
                   rules::ElementNotes& notes) {
    const auto kept = extra_of(present, member.name);
    if (kept != present.extra.end() && kept->value == member.value)
      return confirm(notes, member.name, address);
    if (!wins(notes, member.name, joined_address(address, member.name)))
      return;
    if (const auto word = dictionary_.find(member.name))
      present.erase_field(*word);
    if (kept != present.extra.end())
      kept->value = member.value;
    else
      present.extra.push_back(member);
    notes.set(member.name, observer_.said);
    changed = true;
  }

  void replace(Element& present, const Element& said, const std::string& address) {
    if (present.verbatim == said.verbatim)
      return;
    rules::ElementNotes notes(present, dictionary_);
    if (!wins(notes, {}, address))
      return;
    Element fresh = said;
    fresh.part = present.part;
    fresh.uuid = present.uuid;
    present = std::move(fresh);
    rules::ElementNotes anew(present, dictionary_);
    anew.set({}, observer_.said);
    anew.write();
    changed = true;
  }

  void merge_children(Element& present, const Element& said, const std::string& address) {
    std::vector<graph::ElementKind> kinds;
    for (const Element& child : said.children)
      if (std::find(kinds.begin(), kinds.end(), child.kind) == kinds.end())
        kinds.push_back(child.kind);
    for (const graph::ElementKind kind : kinds)
      merge_list(present, said, kind, address);
  }

  void merge_list(Element& present, const Element& said, graph::ElementKind kind,
                  const std::string& outer) {
    const auto items_in = [kind](const Element& owner, std::vector<std::size_t>& places) {
      Items items;
      for (std::size_t at = 0; at < owner.children.size(); ++at)
        if (owner.children[at].kind == kind) {
          items.push_back(&owner.children[at]);
          places.push_back(at);
        }
      return items;
    };
    std::vector<std::size_t> places;
    std::vector<std::size_t> unused;
    const Items given = items_in(said, unused);
    const auto found =
        match_items(items_in(present, places), given, model_.list_keys(kind), OtherRole::another);
    std::vector<Element> added;
    for (std::size_t index = 0; index < given.size(); ++index) {
      const Element& item = *given[index];
      const std::string own = rules::address_of_item(present.kind, item, api_, model_);
      const std::string address = joined_address(outer, own);
      if (found[index])
        merge(present.children[places[*found[index]]], item, address);
      else if (kind == model::kinds::outer || is_new_here(present, own, address))
        added.push_back(annotated(item));
    }
    changed |= !added.empty();
    for (Element& item : added)
      present.children.push_back(std::move(item));
  }

  /// Whether nobody who is believed has said that there is no such item.
  bool is_new_here(Element& owner, const std::string& own, const std::string& address) {
    rules::ElementNotes notes(owner, dictionary_);
    const graph::Annotation* gone = notes.find(own);
    if (gone == nullptr || gone->member != own)
      return true;
    if (!wins(notes, own, address))
      return false;
    notes.forget(own);
    notes.write();
    return true;
  }

  [[nodiscard]] Element annotated(const Element& item) const {
    Element fresh = item;
    fresh.part = 0;
    rules::ElementNotes notes(fresh, dictionary_);
    notes.set({}, observer_.said);
    notes.write();
    return fresh;
  }

  void remove(Element& owner, graph::ElementKind kind, std::uint32_t part, std::string address) {
    const auto item = std::find_if(owner.children.begin(), owner.children.end(), [&](auto& child) {
      return child.kind == kind && child.part == part;
    });
    if (item == owner.children.end())
      return;
    const std::string own = rules::address_of_item(owner.kind, *item, api_, model_);
    if (address.empty())
      address = own;
    // Of its members the one that was said last decides.
    const rules::ElementNotes of_item(*item, dictionary_);
    std::string latest;
    std::int64_t at = held_by(of_item, {}).at;
    for (const graph::Annotation& note : graph::annotations_of(*item, dictionary_))
      if (note.changed_at > at) {
        latest = note.member;
        at = note.changed_at;
      }
    if (!wins(of_item, latest, address))
      return;
    owner.children.erase(item);
    rules::ElementNotes notes(owner, dictionary_);
    notes.set(own, observer_.said);
    notes.write();
    changed = true;
  }

  graph::RecordDraft& draft_;
  const Observer& observer_;
  const model::Model& model_;
  const graph::Dictionary& dictionary_;
  model::Api api_;
  rules::Said unsaid_; ///< of all that has no annotation
};

std::string pointer_to(std::string outer, std::string_view member) {
  json::append_token(outer, member);
  return outer;
}

} // namespace

Result<ObservedChange> merge_observed(const graph::Record& present,
                                      const ObservedDocument& observed, const Observer& observer,
                                      const graph::Schema& schema) {
  graph::RecordDraft draft = present.to_draft(schema.dictionary());
  ObservedMerge merge(draft, observer, schema);
  merge.see();
  for (std::size_t index = 0; index < observed.gone.size(); ++index)
    if (auto taken = merge.take_out(observed.gone[index]); !taken)
      return Error{ErrorCode::invalid, taken.error().message, "/absent/" + std::to_string(index)};
  for (const std::string& name : observed.nulls)
    if (auto cleared = merge.clear_attribute(name); !cleared)
      return Error{ErrorCode::invalid, cleared.error().message, pointer_to("/set", name)};
  merge.merge(draft.root, observed.said, {});
  ObservedChange change{.draft = {}, .not_taken = std::move(merge.not_taken)};
  if (merge.changed)
    change.draft = std::move(draft);
  return change;
}

} // namespace diffo::tmf
