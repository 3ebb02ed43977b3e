#include "tmf/same_content.h"

#include "base/time.h"
#include "model/schema.h"
#include "model/words.h"

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

bool tells_no_date(const graph::Record& record, const Element& root) {
  return record.created_at() == 0 && root.field(model::words::service_date) == nullptr;
}

/// The moment of creation, where no date was given. A record that was never stored and names none
/// could have any.
void fill_service_date(const graph::Record& record, Element& root) {
  if (record.family() == model::family_service && root.field(model::words::service_date) == nullptr)
    root.set_field(model::words::service_date, text_of(Timestamp{record.created_at()}));
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

bool same_content(const graph::Record& left, const graph::Record& right) {
  if (left.family() != right.family() || left.which() != right.which())
    return false;
  const graph::Dictionary& dictionary = model::inventory_schema().dictionary();
  Element left_root = left.root(dictionary).to_draft();
  Element right_root = right.root(dictionary).to_draft();
  if (tells_no_date(left, left_root) || tells_no_date(right, right_root)) {
    left_root.erase_field(model::words::service_date);
    right_root.erase_field(model::words::service_date);
  } else {
    fill_service_date(left, left_root);
    fill_service_date(right, right_root);
  }
  return equal_elements(left_root, right_root);
}

} // namespace diffo::tmf
