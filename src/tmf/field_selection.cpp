#include "tmf/field_selection.h"

#include <algorithm>
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

} // namespace

const FieldSelection::Entry* FieldSelection::find(std::string_view attribute) const {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(),
                   [attribute](const Entry& entry) { return entry.attribute == attribute; });
  return found == entries_.end() ? nullptr : &*found;
}

FieldSelection::Entry& FieldSelection::entry(std::string_view attribute) {
  if (const Entry* found = find(attribute))
    return entries_[static_cast<std::size_t>(found - entries_.data())];
  entries_.push_back({std::string(attribute), false, {}});
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

FieldSelection FieldSelection::only(std::span<const std::string_view> attributes) {
  FieldSelection selection;
  selection.all_ = false;
  for (const std::string_view attribute : attributes)
    selection.entry(attribute).whole = true;
  return selection;
}

bool FieldSelection::wants(std::string_view attribute) const {
  return all_ || find(attribute) != nullptr;
}

bool FieldSelection::wants_whole(std::string_view attribute) const {
  if (all_)
    return true;
  const Entry* found = find(attribute);
  return found != nullptr && found->whole;
}

bool FieldSelection::narrow(std::string_view attribute, json::Value& value) const {
  if (wants_whole(attribute))
    return true;
  const Entry* found = find(attribute);
  std::vector<Path> paths;
  if (found != nullptr)
    paths.assign(found->paths.begin(), found->paths.end());
  return keep(value, paths);
}

void FieldSelection::narrow_document(json::Value& document) const {
  json::Object* object = document.if_object();
  if (all_ || object == nullptr)
    return;
  json::Object kept;
  for (json::Member& member : *object) {
    if (!wants(member.name) || !narrow(member.name, member.value))
      continue;
    kept.append(std::move(member.name), std::move(member.value));
  }
  *object = std::move(kept);
}

} // namespace diffo::tmf
