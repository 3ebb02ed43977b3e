#include "loop/document_fields.h"

#include "model/model.h"
#include "model/schema.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace diffo::loop {
namespace {

using graph::ElementKind;
using graph::FieldPath;

/// What the emitter (tmf/emit.h) makes the attributes of a document from.
class Homes {
public:
  Homes(graph::Family family, const graph::Schema& schema, outstanding::Profile profile)
      : model_(model::model_of(schema)), dictionary_(schema.dictionary()),
        root_(static_cast<ElementKind>(family)), // a family's roots have its number
        api_(model::api_of(family)),
        version_(profile == outstanding::Profile::v4 ? model::Version::v4 : model::Version::v5) {}

  void add(const outstanding::DocumentPath& path, std::vector<FieldPath>& fields) const {
    const std::string& name = path.front();
    fields.push_back({.end = FieldPath::End::member, .member = name});
    if (name == "serviceDate")
      fields.push_back({.end = FieldPath::End::created_at});
    // Beside a word of the wire stands the internal one.
    if (const model::Attribute* explained = model_.explained_by(api_, name))
      fields.push_back({.end = FieldPath::End::member, .member = std::string(explained->name)});
    for (const ElementKind kind : kinds_of(name))
      add_children(kind, path, fields);
  }

  [[nodiscard]] std::optional<std::string> attribute_of(const FieldPath& field) const {
    if (field.end == FieldPath::End::created_at)
      return "serviceDate";
    if (field.parts.empty())
      return field.member.empty() ? std::nullopt : std::optional(field.member);
    const auto word = model_.home_word(root_, field.parts.front().front(), api_, version_);
    return word ? std::optional(std::string(dictionary_.text(*word))) : std::nullopt;
  }

private:
  static constexpr ElementKind most_kinds = 64;

  /// The kinds of children that an attribute shows.
  [[nodiscard]] std::vector<ElementKind> kinds_of(std::string_view name) const {
    if (name == "place" || name == "places")
      return {model::kinds::place_reference};
    std::vector<ElementKind> kinds;
    for (ElementKind kind = 1; kind < most_kinds; ++kind) {
      const auto word = model_.home_word(root_, kind, api_, version_);
      if (word && dictionary_.text(*word) == name)
        kinds.push_back(kind);
    }
    return kinds;
  }

  void add_children(ElementKind kind, const outstanding::DocumentPath& path,
                    std::vector<FieldPath>& fields) const {
    FieldPath field{.parts = {{kind}}, .end = FieldPath::End::element};
    if (path.size() > 1 && is_shown_as_kept(kind, path[1])) {
      field.end = FieldPath::End::member;
      field.member = path[1];
    }
    fields.push_back(std::move(field));
  }

  /// Whether a member of an item is just the member of the part.
  [[nodiscard]] bool is_shown_as_kept(ElementKind kind, std::string_view member) const {
    if (model_.traits_of(kind, api_).build != model::Build::part || member.starts_with('@') ||
        model_.swapped_name(kind, member, api_, version_) != member)
      return false;
    const auto stand_ins = model_.stand_ins(kind, version_);
    if (std::any_of(stand_ins.begin(), stand_ins.end(),
                    [member](const auto& one) { return one.row->name == member; }))
      return false; // another member may stand in for it
    const auto word = dictionary_.find(member);
    return !word || model_.home_kind(kind, *word, api_, version_) == 0;
  }

  const model::Model& model_;
  const graph::Dictionary& dictionary_;
  ElementKind root_;
  model::Api api_;
  model::Version version_;
};

} // namespace

std::vector<FieldPath> presence() {
  return {{.end = FieldPath::End::id}};
}

std::vector<FieldPath> fields_at(graph::Family family, const graph::Schema& schema,
                                 outstanding::Profile profile,
                                 const std::vector<outstanding::DocumentPath>& paths) {
  const bool whole =
      profile == outstanding::Profile::diffo || // and of what is no instance
      (family != model::family_service && family != model::family_resource) ||
      std::any_of(paths.begin(), paths.end(), [](const auto& path) { return path.empty(); });
  if (whole)
    return {};
  const Homes homes(family, schema, profile);
  std::vector<FieldPath> fields = presence();
  for (const outstanding::DocumentPath& path : paths)
    homes.add(path, fields);
  std::sort(fields.begin(), fields.end());
  fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
  return fields;
}

std::vector<std::string> attributes_of(const graph::Footprint::RecordRead& read,
                                       const graph::Schema& schema, outstanding::Profile profile) {
  if (read.fields.empty())
    return {"*"};
  const Homes homes(read.key.family, schema, profile);
  std::vector<std::string> attributes;
  for (const FieldPath& field : read.fields)
    if (auto attribute = homes.attribute_of(field);
        attribute &&
        std::find(attributes.begin(), attributes.end(), *attribute) == attributes.end())
      attributes.push_back(*std::move(attribute));
  return attributes;
}

} // namespace diffo::loop
