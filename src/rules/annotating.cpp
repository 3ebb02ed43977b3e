#include "rules/annotating.h"

#include "model/kinds.h"
#include "outstanding/leaf.h"

#include <algorithm>
#include <utility>

namespace diffo::rules {
namespace {

using graph::Element;

/// How many parts that are gone an element remembers; the oldest are forgotten.
constexpr std::ptrdiff_t most_gone = 64;

bool is_of_gone(const graph::Annotation& note) {
  return note.member.find('[') != std::string::npos;
}

const json::Value* extra_of(const Element& element, std::string_view name) {
  for (const json::Member& member : element.extra)
    if (member.name == name)
      return &member.value;
  return nullptr;
}

bool same(const json::Value* left, const json::Value* right) {
  return left == nullptr || right == nullptr ? left == right : *left == *right;
}

class Annotator {
public:
  Annotator(const Said& said, model::Api api, const graph::Schema& schema)
      : said_(said), api_(api), model_(model::model_of(schema)), dictionary_(schema.dictionary()) {}

  void compare(const Element& before, Element& after) const {
    ElementNotes notes(after, dictionary_);
    notes.take_over(before);
    if (before.verbatim != after.verbatim || before.target != after.target ||
        before.newer_form != after.newer_form)
      notes.set({}, said_);
    compare_members(before, after, notes);
    for (const Element& child : before.children)
      if (child.kind != model::kinds::outer && !is_where_it_was(part_in(after, child), child))
        notes.set(address_of_item(before.kind, child, api_, model_), said_);
    notes.write();
    for (Element& child : after.children) {
      if (const Element* was = part_in(before, child)) {
        compare(*was, child);
        continue;
      }
      ElementNotes fresh(child, dictionary_);
      fresh.set({}, said_);
      fresh.write();
    }
  }

private:
  void compare_members(const Element& before, const Element& after, ElementNotes& notes) const {
    for (const auto& [word, value] : after.fields)
      if (!same(before.field(word), &value))
        notes.set(dictionary_.text(word), said_);
    for (const auto& [word, value] : before.fields)
      if (after.field(word) == nullptr)
        notes.set(dictionary_.text(word), said_);
    for (const json::Member& member : after.extra)
      if (!same(extra_of(before, member.name), &member.value))
        notes.set(member.name, said_);
    for (const json::Member& member : before.extra)
      if (extra_of(after, member.name) == nullptr)
        notes.set(member.name, said_);
  }

  /// What has another key now is not there any more under the one that it had.
  [[nodiscard]] bool is_where_it_was(const Element* now, const Element& before) const {
    return now != nullptr && (model_.is_single(before.kind) ||
                              key_of_item(*now, model_) == key_of_item(before, model_));
  }

  static const Element* part_in(const Element& owner, const Element& part) {
    const auto found =
        std::find_if(owner.children.begin(), owner.children.end(), [&part](const Element& one) {
          return one.kind == part.kind && one.part == part.part && part.part != 0;
        });
    return found == owner.children.end() ? nullptr : &*found;
  }

  const Said& said_;
  model::Api api_;
  const model::Model& model_;
  const graph::Dictionary& dictionary_;
};

} // namespace

std::string key_of_item(const Element& item, const model::Model& model) {
  const auto append = [](std::string& key, const json::Value& value) {
    key += (key.empty() ? "" : ",") + outstanding::key_text(value);
  };
  for (const auto& group : model.list_keys(item.kind)) {
    std::string key;
    for (const model::ListKeyPart& part : group)
      if (const json::Value* value = part.is_field ? item.field(part.word) : nullptr)
        append(key, *value);
      else if (part.is_target && item.target)
        append(key, item.target->id);
    if (!key.empty())
      return key;
  }
  return {};
}

std::string address_of_item(graph::ElementKind owner, const Element& item, model::Api api,
                            const model::Model& model) {
  const auto word = model.home_word(owner, item.kind, api, model::Version::v5);
  std::string address(word ? model.dictionary().text(*word) : std::string_view());
  if (!model.is_single(item.kind))
    address += '[' + key_of_item(item, model) + ']';
  return address;
}

ElementNotes::ElementNotes(Element& element, const graph::Dictionary& dictionary)
    : element_(element), dictionary_(dictionary),
      notes_(graph::annotations_of(element, dictionary)) {}

const graph::Annotation* ElementNotes::find(std::string_view member) const {
  const graph::Annotation* whole = nullptr;
  for (const graph::Annotation& note : notes_) {
    if (note.member == member)
      return &note;
    if (note.member.empty())
      whole = &note;
  }
  return whole;
}

void ElementNotes::set(std::string_view member, const Said& said) {
  changed_ = true;
  if (member.empty())
    std::erase_if(notes_, [](const graph::Annotation& note) { return !is_of_gone(note); });
  const auto known = std::find_if(notes_.begin(), notes_.end(),
                                  [&](const auto& note) { return note.member == member; });
  graph::Annotation fresh{std::string(member), said.source, said.at};
  if (known != notes_.end()) {
    *known = std::move(fresh);
    return;
  }
  const bool gone = is_of_gone(fresh);
  notes_.push_back(std::move(fresh));
  if (gone && std::count_if(notes_.begin(), notes_.end(), is_of_gone) > most_gone)
    notes_.erase(std::find_if(notes_.begin(), notes_.end(), is_of_gone));
}

void ElementNotes::forget(std::string_view member) {
  changed_ |=
      std::erase_if(notes_, [member](const auto& note) { return note.member == member; }) > 0;
}

void ElementNotes::take_over(const Element& other) {
  notes_ = graph::annotations_of(other, dictionary_);
  changed_ = true;
}

void ElementNotes::write() {
  if (changed_)
    graph::set_annotations(element_, notes_, dictionary_);
}

bool is_annotated(const Element& root, const graph::Dictionary& dictionary) {
  return !graph::annotations_of(root, dictionary).empty();
}

void annotate_changes(const Element& before, Element& after, const Said& said, model::Api api,
                      const graph::Schema& schema) {
  Annotator(said, api, schema).compare(before, after);
}

} // namespace diffo::rules
