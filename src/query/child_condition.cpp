#include "query/child_condition.h"

#include "model/homes.h"

#include <algorithm>
#include <span>

namespace diffo::query {
namespace {

using graph::ElementView;
using graph::ValueView;

Found look_at_value(const Condition& condition, const ValueView& value, std::size_t walked) {
  if (!value)
    return Found::nothing;
  if (condition.path.size() == walked && value.kind() == json::Kind::string) {
    const std::string_view direct = value.direct_text();
    return direct.empty() ? condition.look_at_text(value.text()) : condition.look_at_text(direct);
  }
  return condition.look(value.to_json(), walked);
}

/// Members of parts that are shown otherwise than they are kept.
bool is_translated(graph::ElementKind kind, std::string_view member) {
  return member == "@type" || (kind == model::kinds::feature &&
                               (member == "constraint" || member == "policyConstraint"));
}

} // namespace

std::optional<ChildCondition> ChildCondition::make(const Condition& condition, model::Api api,
                                                   model::Version version,
                                                   const graph::Dictionary& dictionary) {
  const auto& path = condition.path;
  const graph::ElementKind root =
      api == model::Api::service ? model::kinds::service : model::kinds::resource;
  const auto attribute = dictionary.find(path.front());
  const graph::ElementKind kind = attribute ? model::home_kind(root, *attribute, api, version) : 0;
  if (kind == 0 || path.size() < 2)
    return std::nullopt;
  // v4 shows only the first place of a resource there.
  if (kind == model::kinds::place_reference && api == model::Api::resource &&
      version == model::Version::v4)
    return std::nullopt;
  ChildCondition result(condition, dictionary);
  result.kind_ = kind;
  const auto member = dictionary.find(path[1]);
  const model::KindTraits& traits = model::traits_of(kind, api);
  const bool is_member = path.size() == 2;
  const bool inner = path.size() == 3 && member == traits.inner && path[2] == "id";
  switch (traits.build) {
  case model::Build::part:
    if (is_translated(kind, path[1]) ||
        (member && model::home_kind(kind, *member, api, version) != 0))
      return std::nullopt;
    result.word_ = member && model::is_field(kind, *member) ? member : std::nullopt;
    return result;
  case model::Build::reference:
    result.place_ = Place::target;
    return is_member && path[1] == "id" ? std::optional(result) : std::nullopt;
  case model::Build::relation:
    result.place_ = inner ? Place::target : Place::relationship_type;
    return inner || (is_member && path[1] == "relationshipType") ? std::optional(result)
                                                                 : std::nullopt;
  case model::Build::related:
    result.flat_ = version == model::Version::v4;
    result.place_ = is_member && path[1] == "role" ? Place::role : Place::target;
    const bool is_id = result.flat_ ? is_member && path[1] == "id" : inner;
    return result.place_ == Place::role || is_id ? std::optional(result) : std::nullopt;
  }
  return std::nullopt;
}

Found ChildCondition::look_at_member(const ElementView& child) const {
  if (word_)
    if (const ValueView value = child.field(*word_))
      return look_at_value(condition_, value, 2);
  return look_at_value(condition_, child.extra(condition_.path[1]), 2);
}

/// Whether v4 surely shows the reference and what is around it as one object.
bool ChildCondition::is_flat(const ElementView& child) const {
  return !child.newer_form() || (!child.has_children() && !child.extra("role"));
}

/// Nothing: only the rendered child tells.
std::optional<Found> ChildCondition::look_at(const ElementView& child) const {
  if (child.is_verbatim())
    return std::nullopt;
  switch (place_) {
  case Place::member:
    return look_at_member(child);
  case Place::role:
  case Place::relationship_type: {
    const ValueView value =
        child.field(place_ == Place::role ? model::words::role : model::words::relationship_type);
    return value ? std::optional(look_at_value(condition_, value, condition_.path.size()))
                 : std::nullopt;
  }
  case Place::target:
    if (!child.has_target() || (flat_ && !is_flat(child)))
      return std::nullopt;
    return look_at_value(condition_, child.target_id(), condition_.path.size());
  }
  return std::nullopt;
}

ChildCondition::Answer ChildCondition::ask(const graph::Record& record) const {
  const ElementView root = record.root(*dictionary_);
  if (root.has_extra() && root.extra(condition_.path.front()))
    return Answer::unknown;
  Found best = Found::nothing;
  ElementView child;
  for (graph::ChildCursor children = root.children(); children.next(child);) {
    if (child.kind() != kind_)
      continue;
    const std::optional<Found> found = look_at(child);
    if (!found)
      return Answer::unknown;
    best = std::max(best, *found);
    if (best == Found::match)
      break;
  }
  return condition_.holds_for(best) ? Answer::yes : Answer::no;
}

} // namespace diffo::query
