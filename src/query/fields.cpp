#include "query/fields.h"

#include "base/text.h"
#include "query/condition.h"
#include "query/entity_path.h"
#include "query/list_parameters.h"

#include <algorithm>
#include <array>
#include <utility>

namespace diffo::query {
namespace {

constexpr std::size_t max_paths = 100;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ')
    text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ')
    text.remove_suffix(1);
  return text;
}

bool names_alone(const json::path::Segment& segment) {
  return segment.reach == json::path::Reach::child &&
         std::all_of(segment.selectors.begin(), segment.selectors.end(),
                     [](const json::path::Selector& one) {
                       return one.kind == json::path::SelectorKind::name;
                     });
}

/// A path of JSONPath; a name of an attribute alone is one like any other.
Result<void> add_json_path(std::string_view text, tmf::FieldSelection& selection) {
  auto path = EntityPath::parse(text);
  if (!path)
    return Error{path.error().code, path.error().message, "fields"};
  if (!path->which && path->rest.segments.size() == 1 && names_alone(path->rest.segments[0])) {
    for (const json::path::Selector& selector : path->rest.segments[0].selectors)
      selection.add({selector.name});
    return {};
  }
  auto attributes = attributes_of(path->condition());
  tmf::FieldSelection::Choice choice{json::JsonPath(path->rest), {}, {}};
  if (path->which)
    choice.which = json::PathCondition(*path->which);
  else if (attributes)
    choice.attributes = std::move(*attributes);
  selection.add(std::move(choice));
  return {};
}

Result<std::vector<std::string>> read_path(std::string_view text) {
  auto path = split_path(text);
  if (!path)
    return Error{ErrorCode::invalid, "\"" + shortened(text, 64) + "\": " + path.error().message,
                 "fields"};
  return path;
}

} // namespace

Result<tmf::FieldSelection> parse_selection(std::span<const std::string> values,
                                            std::span<const std::string_view> always) {
  if (values.empty())
    return tmf::FieldSelection();
  tmf::FieldSelection selection = tmf::FieldSelection::only(always);
  std::size_t count = 0;
  for (const std::string& value : values) {
    if (value.size() > json::JsonPath::max_text_bytes)
      return Error{ErrorCode::invalid, "is longer than 4096 bytes", "fields"};
    for (const std::string_view item : split_paths(value)) {
      const std::string_view name = trimmed(item);
      if (name.empty() || name == "none")
        continue;
      if (++count > max_paths)
        return Error{ErrorCode::invalid, "at most 100 attributes can be selected", "fields"};
      if (is_json_path(name)) {
        TRY(add_json_path(name, selection));
        continue;
      }
      std::vector<std::string> path = TRY(read_path(name));
      selection.add(std::move(path));
    }
  }
  return selection;
}

Result<std::optional<tmf::FieldSelection>> select_fields(std::span<const std::string> values,
                                                         model::Api api, model::Version version,
                                                         const model::Model& model) {
  constexpr std::array<std::string_view, 3> always = {"id", "href", "@type"};
  if (values.empty())
    return std::optional<tmf::FieldSelection>();
  const std::span<const std::string_view> shown(always);
  tmf::FieldSelection selection =
      TRY(parse_selection(values, version == model::Version::v5 ? shown : shown.first(2)));
  // An extension is shown beside the attribute that it explains.
  for (const model::Attribute& row : model.attributes_of(model::root_of(api)))
    if (row.vocabulary != nullptr && !row.vocabulary->extension.empty() &&
        !selection.needs_document() && selection.wants_whole(row.vocabulary->extension))
      selection.add({std::string(row.name)});
  return std::optional(std::move(selection));
}

Result<std::optional<tmf::FieldSelection>> parse_fields(std::string_view raw_query, model::Api api,
                                                        model::Version version,
                                                        const model::Model& model) {
  const std::vector<std::string> values = TRY(parse_fields_parameters(raw_query));
  return select_fields(values, api, version, model);
}

} // namespace diffo::query
