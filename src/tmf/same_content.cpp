#include "tmf/same_content.h"

#include "base/time.h"
#include "model/model.h"
#include "model/schema.h"

#include <algorithm>

namespace diffo::tmf {
namespace {

using graph::Element;

bool equal_fields(const Element& left, const Element& right) {
  return left.fields.size() == right.fields.size() &&
         std::all_of(left.fields.begin(), left.fields.end(), [&](const auto& field) {
           const json::Value* other = right.field(field.first);
           return other != nullptr && *other == field.second;
         });
}

bool equal_extra(const Element& left, const Element& right) {
  if (left.extra.size() != right.extra.size())
    return false;
  // As objects: their comparison does not look at the order.
  json::Object left_members, right_members;
  for (const json::Member& member : left.extra)
    left_members.append(member.name, member.value);
  for (const json::Member& member : right.extra)
    right_members.append(member.name, member.value);
  return json::Value(std::move(left_members)) == json::Value(std::move(right_members));
}

std::vector<const Element*> by_kind(const Element& owner) {
  std::vector<const Element*> children;
  children.reserve(owner.children.size());
  for (const Element& child : owner.children)
    children.push_back(&child);
  // Of one kind, in their order: they stand in one array.
  std::sort(children.begin(), children.end(), [](const Element* a, const Element* b) {
    return a->kind != b->kind ? a->kind < b->kind : a < b;
  });
  return children;
}

bool equal_children(const Element& left, const Element& right) {
  if (left.children.size() != right.children.size())
    return false;
  const auto left_children = by_kind(left);
  const auto right_children = by_kind(right);
  return std::equal(left_children.begin(), left_children.end(), right_children.begin(),
                    [](const Element* a, const Element* b) { return equal_elements(*a, *b); });
}

/// The moments of creation that stand where no date was given, in both alike: a record that was
/// never stored and names none could have any.
void settle_creation(const graph::Record& left, Element& left_root, const graph::Record& right,
                     Element& right_root, const model::Model& model) {
  const auto api = model::api_of_root(left_root.kind);
  if (!api)
    return;
  for (const model::Model::Standing& standing : model.standing(*api)) {
    if (standing.row->otherwise != model::Otherwise::created_at)
      continue;
    const auto is_open = [&](const graph::Record& record, const Element& root) {
      return record.created_at() == 0 && root.field(standing.word) == nullptr;
    };
    const auto fill = [&](const graph::Record& record, Element& root) {
      if (root.field(standing.word) == nullptr)
        root.set_field(standing.word, text_of(Timestamp{record.created_at()}));
    };
    if (is_open(left, left_root) || is_open(right, right_root)) {
      left_root.erase_field(standing.word);
      right_root.erase_field(standing.word);
    } else {
      fill(left, left_root);
      fill(right, right_root);
    }
  }
}

} // namespace

bool equal_elements(const Element& left, const Element& right) {
  if (left.kind != right.kind || left.verbatim != right.verbatim)
    return false;
  if (left.verbatim)
    return true; // what is kept as it came has no form
  return left.newer_form == right.newer_form && left.target == right.target &&
         equal_fields(left, right) && equal_extra(left, right) && equal_children(left, right);
}

bool same_content(const graph::Record& left, const graph::Record& right,
                  const graph::Schema& schema) {
  if (left.family() != right.family() || left.which() != right.which())
    return false;
  Element left_root = left.root(schema.dictionary()).to_draft();
  Element right_root = right.root(schema.dictionary()).to_draft();
  settle_creation(left, left_root, right, right_root, model::model_of(schema));
  return equal_elements(left_root, right_root);
}

} // namespace diffo::tmf
