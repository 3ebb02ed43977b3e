#include "tmf/fields.h"

#include "tmf/condition.h"
#include "tmf/list_parameters.h"

#include <algorithm>
#include <array>
#include <utility>

namespace diffo::tmf {
namespace {

constexpr std::size_t max_paths = 100;
constexpr std::string_view type_attribute = "@type";

using Path = std::span<const std::string>;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ')
    text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ')
    text.remove_suffix(1);
  return text;
}

/// Keeps what the paths lead to. Arrays pass the paths on to each element.
void keep(json::Value& value, const std::vector<Path>& paths) {
  if (json::Array* items = value.if_array()) {
    for (json::Value& item : *items)
      keep(item, paths);
    return;
  }
  json::Object* object = value.if_object();
  if (object == nullptr)
    return;
  json::Object kept;
  for (json::Member& member : *object) {
    bool whole = member.name == type_attribute;
    std::vector<Path> below;
    for (const Path path : paths) {
      if (path.empty() || path.front() != member.name)
        continue;
      whole = whole || path.size() == 1;
      below.push_back(path.subspan(1));
    }
    if (!whole && below.empty())
      continue;
    if (!whole)
      keep(member.value, below);
    kept.append(std::move(member.name), std::move(member.value));
  }
  *object = std::move(kept);
}

Result<std::vector<std::string>> read_path(std::string_view text) {
  if (text.find_first_of("[$?") != std::string_view::npos)
    return Error{ErrorCode::unsupported,
                 "JSONPath in fields is not supported; use names and dotted paths", "fields"};
  auto path = split_path(text);
  if (!path)
    return Error{ErrorCode::invalid,
                 "\"" + std::string(text.substr(0, 64)) + "\": " + path.error().message, "fields"};
  return path;
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

Result<FieldSelection> FieldSelection::parse(std::span<const std::string> values,
                                             std::span<const std::string_view> always) {
  FieldSelection selection;
  if (values.empty())
    return selection;
  selection = only(always);
  std::size_t count = 0;
  for (const std::string& value : values) {
    const std::vector<std::string> names = TRY(split_alternatives(value));
    for (const std::string& item : names) {
      const std::string_view name = trimmed(item);
      if (name.empty() || name == "none")
        continue;
      if (++count > max_paths)
        return Error{ErrorCode::invalid, "at most 100 attributes can be selected", "fields"};
      std::vector<std::string> path = TRY(read_path(name));
      Entry& entry = selection.entry(path.front());
      path.erase(path.begin());
      if (path.empty())
        entry.whole = true;
      else
        entry.paths.push_back(std::move(path));
    }
  }
  return selection;
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

void FieldSelection::narrow(std::string_view attribute, json::Value& value) const {
  if (wants_whole(attribute))
    return;
  const Entry* found = find(attribute);
  std::vector<Path> paths;
  if (found != nullptr)
    paths.assign(found->paths.begin(), found->paths.end());
  keep(value, paths);
}

void FieldSelection::narrow_document(json::Value& document) const {
  json::Object* object = document.if_object();
  if (all_ || object == nullptr)
    return;
  json::Object kept;
  for (json::Member& member : *object) {
    if (!wants(member.name))
      continue;
    narrow(member.name, member.value);
    kept.append(std::move(member.name), std::move(member.value));
  }
  *object = std::move(kept);
}

Result<std::optional<FieldSelection>> select_fields(std::span<const std::string> values, Api,
                                                    Version version) {
  constexpr std::array<std::string_view, 3> always = {"id", "href", type_attribute};
  if (values.empty())
    return std::optional<FieldSelection>();
  const std::span<const std::string_view> shown(always);
  return std::optional(
      TRY(FieldSelection::parse(values, version == Version::v5 ? shown : shown.first(2))));
}

Result<std::optional<FieldSelection>> parse_fields(std::string_view raw_query, Api api,
                                                   Version version) {
  const std::vector<std::string> values = TRY(parse_fields_parameters(raw_query));
  return select_fields(values, api, version);
}

} // namespace diffo::tmf
