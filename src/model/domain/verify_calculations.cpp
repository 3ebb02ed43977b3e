#include "model/domain/expression.h"
#include "model/domain/grammar.h"
#include "model/domain/hops.h"
#include "model/domain/verify_parts.h"
#include "model/value_path.h"

#include <algorithm>
#include <set>

namespace diffo::model::verifying {
namespace {

using By = Calculation::By;

const Calculation* find_calculation(const DeclaredKind& kind, std::string_view name) {
  const auto found = std::find_if(kind.calculations.begin(), kind.calculations.end(),
                                  [name](const Calculation& one) { return one.name == name; });
  return found == kind.calculations.end() ? nullptr : &*found;
}

/// An object on the wire that is made of several fields.
const Type& type_of_group() {
  static const Type type{.scalar = Scalar::kind};
  return type;
}

/// What a characteristic has no such field of, with what was perhaps meant.
std::string no_field(std::string_view name, const std::vector<const Type*>& types,
                     std::string_view field, const Known& known) {
  std::vector<std::string> all;
  for (const Type* type : types)
    if (const DeclaredKind* kind = known.kind(type->kind))
      for (std::string& one : names_of_fields(*kind))
        all.push_back(std::move(one));
  return std::string(name) + " has no field " + std::string(field) +
         known.suggest(field, {all.begin(), all.end()});
}

/// The field of a characteristic, of which there may be several declarations.
Found find_field(std::string_view name, const std::vector<const Type*>& types,
                 std::string_view field, const Known& known) {
  Found found;
  bool open = types.size() >= most_declarations; // then something may have any field
  for (const Type* type : types) {
    const auto place = place_of_field(known.by_name(), *type, field);
    if (!place)
      continue;
    open |= place->open;
    if (!place->open)
      found.types.push_back(place->field != nullptr ? &place->field->type : &type_of_group());
  }
  found.exists = open || !found.types.empty();
  if (!found.exists)
    found.message = no_field(name, types, field, known);
  return found;
}

std::vector<const Type*> types_of(const DeclaredKind& kind, std::string_view name,
                                  const Known& known, bool& exists) {
  std::vector<const Type*> types;
  if (const Field* plain = kind.characteristic(name))
    types.push_back(&plain->type);
  for (const Inherited& inherited : kind.inherited_characteristics)
    if (inherited.name == name)
      for (const Field* read : known.characteristics(inherited.read))
        types.push_back(&read->type);
  exists = !types.empty();
  return types;
}

/// What the value of a pool has; how much of it is left is told of those of the instance itself.
bool is_pool_field(std::string_view field, bool of_itself) {
  return grammar::index_of(field, "first last size type algorithm thing") >= 0 ||
         (of_itself && grammar::index_of(field, "free used") >= 0);
}

void verify_of(const Calculation& calculation, const DeclaredKind& kind, const Known& known,
               const Report& report) {
  const Found found = find_value(kind, calculation.of, known);
  if (!found.exists)
    return report.problem("calculations: " + found.message);
  const bool numeric =
      calculation.by == By::sum || calculation.by == By::min || calculation.by == By::max;
  const bool countable = std::any_of(found.types.begin(), found.types.end(), [](const Type* type) {
    return type->scalar == Scalar::integer || type->scalar == Scalar::number ||
           type->scalar == Scalar::any;
  });
  if (numeric && !found.types.empty() && !countable)
    report.problem("calculations: " + calculation.of + " is no number");
}

void verify_expression(const Calculation& calculation, const DeclaredKind& kind, const Known& known,
                       const Report& report) {
  const auto expression = Expression::parse(calculation.expression);
  if (!expression)
    return report.problem("calculations: expression: " + expression.error().message);
  for (const std::string& name : expression->names())
    if (const Found found = find_value(kind, name, known); !found.exists)
      report.problem("calculations: expression: " + found.message);
}

void verify_assignment_field(const Calculation& calculation, const Report& report) {
  constexpr std::string_view fields = "id value thing pool alias type created_at";
  if (grammar::index_of(calculation.field, fields) < 0)
    report.problem("calculations: field " + calculation.field + " is none of " +
                   std::string(fields));
}

/// A field of whoever is reached, of which the kind is not known.
void verify_field_there(std::string_view path, const Known& known, const Report& report) {
  const std::string_view head = head_of(path);
  const std::string_view field = tail_of(path);
  if (path.empty())
    return report.problem("calculations: field is mandatory");
  if (!is_name(head))
    return report.problem("calculations: field: " + std::string(name_rule));
  if (head.size() == path.size())
    return;
  std::vector<const Type*> types;
  for (const Field* one : known.characteristics(head))
    types.push_back(&one->type);
  if (types.empty() && known.has_pool(head) && is_pool_field(field, false))
    return;
  if (types.empty())
    return report.problem("calculations: field: " + std::string(head) +
                          " is no characteristic of any instance kind");
  if (const Found found = find_field(head, types, field, known); !found.exists)
    report.problem("calculations: field: " + found.message);
}

void verify_calculation(const Calculation& calculation, const DeclaredKind& kind,
                        const Known& known, const Report& report) {
  if (!is_name(calculation.name))
    report.problem("calculations: " + std::string(name_rule));
  if (calculation.type.scalar == Scalar::kind &&
      known.base_of(calculation.type.kind) != Base::characteristic)
    report.problem("calculations: type " + calculation.type.kind + " is no characteristic kind" +
                   known.suggest_kind(calculation.type.kind));
  if (calculation.digits.value_or(0) > 15)
    report.problem("calculations: digits are at most 15");
  if (calculation.via.size() > most_hops)
    report.problem("calculations: has more than " + std::to_string(most_hops) + " hops");
  switch (calculation.by) {
  case By::field_from_assignment:
    return verify_assignment_field(calculation, report);
  case By::field_via_assigned_relationship:
  case By::field_via_relationship:
    return verify_field_there(calculation.field, known, report);
  case By::lookup:
    if (!known.has_table(calculation.table))
      report.problem("calculations: table " + calculation.table + " does not exist");
    return verify_of(calculation, kind, known, report);
  case By::count:
  case By::sum:
  case By::min:
  case By::max:
    return verify_of(calculation, kind, known, report);
  case By::expression:
    return verify_expression(calculation, kind, known, report);
  case By::hook:
    if (!is_name(calculation.hook))
      report.problem("calculations: hook: " + std::string(name_rule));
  }
}

/// The calculations of the kind that one is worked out from.
std::vector<const Calculation*> needed_by(const Calculation& calculation,
                                          const DeclaredKind& kind) {
  std::vector<const Calculation*> needed;
  if (calculation.by == By::expression) {
    if (const auto expression = Expression::parse(calculation.expression))
      for (const std::string& name : expression->names())
        needed.push_back(find_calculation(kind, name));
  } else if (!calculation.of.empty()) {
    needed.push_back(find_calculation(kind, calculation.of));
  }
  std::erase(needed, nullptr);
  return needed;
}

/// Calculations are taken away whose needs are all gone; what is left needs itself in the end.
std::vector<const Calculation*> circular(const DeclaredKind& kind) {
  std::vector<const Calculation*> left;
  std::vector<std::pair<const Calculation*, std::vector<const Calculation*>>> needs;
  for (const Calculation& one : kind.calculations)
    if (auto needed = needed_by(one, kind); !needed.empty())
      needs.emplace_back(&one, std::move(needed));
  std::set<const Calculation*> open;
  for (const auto& [one, needed] : needs)
    open.insert(one);
  for (bool changed = true; changed;) {
    changed = false;
    for (const auto& [one, needed] : needs)
      if (open.contains(one) &&
          std::none_of(needed.begin(), needed.end(),
                       [&open](const Calculation* other) { return open.contains(other); }))
        changed = open.erase(one) > 0;
  }
  for (const Calculation& one : kind.calculations)
    if (open.contains(&one))
      left.push_back(&one);
  return left;
}

} // namespace

Found find_value(const DeclaredKind& kind, std::string_view path, const Known& known) {
  const std::size_t point = path.find('.');
  const std::string_view head = path.substr(0, point);
  bool exists = false;
  const std::vector<const Type*> types = types_of(kind, head, known, exists);
  if (exists && point != std::string_view::npos)
    return find_field(head, types, path.substr(point + 1), known);
  if (exists)
    return {true, "", types};
  const auto inherited =
      std::find_if(kind.inherited_characteristics.begin(), kind.inherited_characteristics.end(),
                   [head](const Inherited& one) { return one.name == head; });
  const bool of_pool =
      kind.pool(head) != nullptr ||
      (inherited != kind.inherited_characteristics.end() && known.has_pool(inherited->read));
  if (of_pool && (point == std::string_view::npos ||
                  is_pool_field(path.substr(point + 1), kind.pool(head) != nullptr)))
    return {true, "", {}};
  if (point == std::string_view::npos) {
    if (const Field* attribute = kind.attribute(head))
      return {true, "", {&attribute->type}};
    if (const Calculation* calculation = find_calculation(kind, head))
      return {true, "", {&calculation->type}};
  }
  return {false,
          std::string(path.empty() ? "what it is of is mandatory" : path) +
              (path.empty() ? "" : " is no characteristic, attribute or calculation of the kind"),
          {}};
}

void verify_calculations(const DeclaredKind& kind, const Known& known, const Report& report) {
  const Report section = report.in("calculations");
  Names names;
  for (const Inherited& inherited : kind.inherited_characteristics)
    names.add(inherited.name);
  for (const Field& characteristic : kind.characteristics)
    names.add(characteristic.name);
  for (const Field& attribute : kind.attributes)
    names.add(attribute.name);
  for (const Calculation& calculation : kind.calculations) {
    if (!names.add(calculation.name))
      section.problem("calculations: name :" + calculation.name + " is declared more than once");
    verify_calculation(calculation, kind, known, section.in(calculation.name, calculation.at));
  }
  for (const Calculation* calculation : circular(kind))
    section.in(calculation->name, calculation->at)
        .problem("calculations: :" + calculation->name + " is worked out from itself");
}

} // namespace diffo::model::verifying
