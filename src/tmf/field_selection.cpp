#include "tmf/field_selection.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace diffo::tmf {
namespace {

constexpr std::string_view type_attribute = "@type";

using Path = std::span<const std::string>;

/// Keeps what the paths lead to, and says whether they lead anywhere. Arrays pass the paths on to
/// each element; of these, objects stay in their places and plain values go.
bool keep(json::Value& value, const std::vector<Path>& paths) {
  bool led = false;
  if (json::Array* items = value.if_array()) {
    std::erase_if(*items, [&](json::Value& item) {
      const bool here = keep(item, paths);
      led = led || here;
      return !here && item.if_object() == nullptr;
    });
    return led;
  }
  json::Object* object = value.if_object();
  if (object == nullptr)
    return false; // a plain value has no members
  json::Object kept;
  for (json::Member& member : *object) {
    bool whole = false;
    std::vector<Path> below;
    for (const Path path : paths) {
      if (path.empty() || path.front() != member.name)
        continue;
      whole = whole || path.size() == 1;
      below.push_back(path.subspan(1));
    }
    const bool here = whole || (!below.empty() && keep(member.value, below));
    led = led || here;
    if (here || member.name == type_attribute)
      kept.append(std::move(member.name), std::move(member.value));
  }
  *object = std::move(kept);
  return led;
}

constexpr std::size_t max_steps = 1'000'000;

} // namespace

/// The values of a document that were chosen. One thread.
class FieldSelection::Marks {
public:
  explicit Marks(std::atomic<bool>* overrun) : overrun_(overrun) {}

  void mark(const json::Value& document, const json::JsonPath& path) {
    json::Budget budget(max_steps);
    const auto nodes = path.select({&document, &document}, budget);
    if (!nodes)
      *overrun_ = true;
    for (std::size_t at = 0; nodes && at < nodes->size(); ++at)
      chosen_.insert(&(*nodes)[at]);
  }
  void mark(const json::Value& document, const Choice& choice) {
    json::Budget budget(max_steps);
    const auto fits =
        choice.which ? choice.which->holds({&document, &document}, budget) : Result<bool>(true);
    if (!fits)
      *overrun_ = true;
    else if (*fits)
      mark(document, choice.path);
  }
  /// What a dotted path leads to, through arrays.
  void mark(const json::Value& value, Path path) {
    if (path.empty()) {
      chosen_.insert(&value);
    } else if (const json::Array* items = value.if_array()) {
      for (const json::Value& item : *items)
        mark(item, path);
    } else if (const json::Value* member = value.find(path.front())) {
      mark(*member, path.subspan(1));
    }
  }
  /// Takes out what neither was chosen nor leads to what was; false: nothing is left.
  bool prune(json::Value& value) const {
    if (chosen_.contains(&value))
      return true;
    if (json::Array* items = value.if_array()) {
      std::erase_if(*items, [this](json::Value& item) { return !prune(item); });
      return !items->empty();
    }
    json::Object* object = value.if_object();
    return object != nullptr && prune(*object);
  }
  bool prune(json::Object& object) const {
    json::Object kept;
    bool led = false;
    for (json::Member& member : object) {
      const bool here = prune(member.value);
      led = led || here;
      if (here || member.name == type_attribute)
        kept.append(std::move(member.name), std::move(member.value));
    }
    object = std::move(kept);
    return led;
  }
  [[nodiscard]] bool has_all_of(const json::Value& value) const { return chosen_.contains(&value); }

private:
  std::unordered_set<const json::Value*> chosen_;
  std::atomic<bool>* overrun_;
};

const FieldSelection::Entry* FieldSelection::find(std::string_view attribute) const {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(),
                   [attribute](const Entry& entry) { return entry.attribute == attribute; });
  return found == entries_.end() ? nullptr : &*found;
}

FieldSelection::Entry& FieldSelection::entry(std::string_view attribute) {
  if (const Entry* found = find(attribute))
    return entries_[static_cast<std::size_t>(found - entries_.data())];
  entries_.push_back({std::string(attribute), false, {}, {}});
  return entries_.back();
}

void FieldSelection::add(std::vector<std::string> path) {
  all_ = false;
  Entry& added = entry(path.front());
  path.erase(path.begin());
  if (path.empty())
    added.whole = true;
  else
    added.paths.push_back(std::move(path));
}

void FieldSelection::add(Choice choice) {
  all_ = false;
  if (!overrun_)
    overrun_ = std::make_shared<std::atomic<bool>>(false);
  if (choice.which || choice.attributes.empty())
    of_documents_.push_back(std::move(choice));
  else
    for (const std::string& attribute : choice.attributes)
      entry(attribute).choices.push_back(choice.path);
}

FieldSelection FieldSelection::only(std::span<const std::string_view> attributes) {
  FieldSelection selection;
  selection.all_ = false;
  for (const std::string_view attribute : attributes)
    selection.entry(attribute).whole = true;
  return selection;
}

bool FieldSelection::wants(std::string_view attribute) const {
  return all_ || needs_document() || find(attribute) != nullptr;
}

bool FieldSelection::wants_whole(std::string_view attribute) const {
  if (all_ || needs_document())
    return true;
  const Entry* found = find(attribute);
  return found != nullptr && found->whole;
}

bool FieldSelection::narrow(std::string_view attribute, json::Value& value) const {
  if (wants_whole(attribute))
    return true;
  const Entry* found = find(attribute);
  std::vector<Path> paths;
  if (found != nullptr && !found->choices.empty()) {
    json::Value document(json::Object{{std::string(attribute), std::move(value)}});
    Marks marks(overrun_.get());
    json::Value& shown = *document.object().find(attribute);
    for (const json::JsonPath& choice : found->choices)
      marks.mark(document, choice);
    for (const auto& path : found->paths)
      marks.mark(shown, Path(path));
    const bool led = marks.prune(shown);
    value = std::move(shown);
    return led;
  }
  if (found != nullptr)
    paths.assign(found->paths.begin(), found->paths.end());
  return keep(value, paths);
}

void FieldSelection::narrow_document(json::Value& document) const {
  json::Object* object = document.if_object();
  if (all_ || object == nullptr)
    return;
  if (needs_document()) {
    Marks marks(overrun_.get());
    for (const Choice& choice : of_documents_)
      marks.mark(document, choice);
    for (const Entry& one : entries_) {
      const json::Value* value = object->find(one.attribute);
      if (value == nullptr)
        continue;
      if (one.whole)
        marks.mark(*value, Path());
      for (const auto& path : one.paths)
        marks.mark(*value, Path(path));
      for (const json::JsonPath& choice : one.choices)
        marks.mark(document, choice);
    }
    if (!marks.has_all_of(document))
      marks.prune(*object);
    return;
  }
  json::Object kept;
  for (json::Member& member : *object) {
    if (!wants(member.name) || !narrow(member.name, member.value))
      continue;
    kept.append(std::move(member.name), std::move(member.value));
  }
  *object = std::move(kept);
}

} // namespace diffo::tmf
