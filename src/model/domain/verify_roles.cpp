#include "model/domain/hops.h"
#include "model/domain/verify_parts.h"

#include <algorithm>

namespace diffo::model::verifying {
namespace {

/// How messages about a list of roles call things.
struct Wording {
  std::string_view key;     ///< of the grammar
  std::string_view section; ///< parties
  std::string_view type;    ///< party_type
  std::string_view base;    ///< BaseParty
  Base demanded;
};
constexpr Wording of_parties{"parties", "parties", "party_type", "BaseParty", Base::party};
constexpr Wording of_places{"places", "places", "place_type", "BasePlace", Base::place};
constexpr Wording of_party_roles{"party_roles", "parties", "party_type", "BaseParty", Base::party};
constexpr Wording of_place_roles{"place_roles", "places", "place_type", "BasePlace", Base::place};
constexpr Wording of_instance_roles{"instance_roles", "instances", "instance_type", "BaseInstance",
                                    Base::instance};

void verify_role(const Role& role, const DeclaredKind& kind, const Wording& wording,
                 const Known& known, const Report& report) {
  const std::string section(wording.section);
  if (!is_name(role.role))
    report.problem(section + ": " + std::string(name_rule));
  if (!role.type.empty()) {
    const auto base = known.base_of(role.type);
    if (!base)
      report.problem(section + ": " + std::string(wording.type) + ' ' + role.type +
                     " does not exist" + known.suggest_kind(role.type));
    else if (*base != wording.demanded)
      report.problem(section + ": " + std::string(wording.type) + ' ' + role.type +
                     " does not extend " + std::string(wording.base));
  }
  if (role.min && role.max && *role.min > *role.max)
    report.problem(section + ": role :" + role.role + " has a min that is greater than its max");
  if (!role.many && (role.min.value_or(0) > 1 || role.max.value_or(1) > 1))
    report.problem(section + ": role :" + role.role + " is for one; say many: true for several");
  if (!role.calculate.empty() &&
      std::none_of(kind.calculations.begin(), kind.calculations.end(),
                   [&role](const Calculation& one) { return one.name == role.calculate; }))
    report.problem(section + ": calculate :" + role.calculate + " is no calculation of the kind");
}

void verify_list(const std::vector<Role>& roles, const std::vector<Inherited>& inherited,
                 const DeclaredKind& kind, const Wording& wording, const Known& known,
                 const Report& report) {
  const Report section = report.in(wording.key);
  Names names;
  const auto twice = [&](const std::string& role) {
    if (!names.add(role))
      section.problem(std::string(wording.section) + ": role :" + role +
                      " is declared more than once");
  };
  for (const Role& role : roles) {
    twice(role.role);
    verify_role(role, kind, wording, known, section.in(role.role, role.at));
  }
  for (const Inherited& one : inherited)
    twice(one.name);
}

void verify_permission(const std::optional<Permission>& permission, const std::string& direction,
                       const Report& report) {
  if (!permission || permission->of != Permission::Of::listed)
    return;
  const Report here = report.in(direction);
  if (permission->aliases.empty())
    here.problem("relationships: " + direction +
                 " roles must be :all, :none, or a non-empty list of atoms, got: []");
  for (const std::string& alias : permission->aliases) {
    if (is_name(alias))
      continue;
    std::string message = "relationships: ";
    message += direction;
    message.append(" role \"").append(alias).append("\" must be an atom, got \"");
    here.problem(message.append(alias).append("\""));
  }
}

/// Whatever of a chain can be looked up: roles of places and parties. Aliases of assignments and
/// types of relationships are declared nowhere.
void verify_chain(const Inherited& inherited, const std::string& label, const Known& known,
                  const Report& report) {
  if (inherited.via.size() > most_hops)
    report.problem(label + ": invalid via — invalid_via: has more than " +
                   std::to_string(most_hops) + " hops");
  for (const Hop& hop : inherited.via) {
    const bool nothing =
        hop.alias.empty() && (hop.mechanism != Hop::Mechanism::relationship || hop.type.empty());
    if (nothing)
      report.problem(label + ": invalid via — " + parse_hop(to_json(hop)).error().message);
    else if ((hop.mechanism == Hop::Mechanism::place && !known.has_place_role(hop.alias)) ||
             (hop.mechanism == Hop::Mechanism::party && !known.has_party_role(hop.alias)))
      report.problem(label + ": invalid via — nothing has the role :" + hop.alias);
  }
}

} // namespace

void verify_roles(const DeclaredKind& kind, const Known& known, const Report& report) {
  verify_list(kind.parties, kind.inherited_parties, kind, of_parties, known, report);
  verify_list(kind.places, kind.inherited_places, kind, of_places, known, report);
  verify_list(kind.party_roles, {}, kind, of_party_roles, known, report);
  verify_list(kind.place_roles, {}, kind, of_place_roles, known, report);
  verify_list(kind.instance_roles, {}, kind, of_instance_roles, known, report);
}

void verify_relationships(const DeclaredKind& kind, const Report& report) {
  const Report section = report.in("relationships");
  verify_permission(kind.source, "source", section);
  verify_permission(kind.target, "target", section);
}

void verify_inherited(const DeclaredKind& kind, const Known& known, const Report& report) {
  const Report characteristics = report.in("inherited_characteristics");
  Names names;
  for (const Field& plain : kind.characteristics)
    names.add(plain.name);
  for (const Pool& pool : kind.pools)
    names.add(pool.name);
  for (const Inherited& one : kind.inherited_characteristics) {
    const Report here = characteristics.in(one.name, one.at);
    const std::string label = "inherited_characteristic :" + one.name;
    if (!is_name(one.name))
      here.problem(label + ": " + std::string(name_rule));
    if (!names.add(one.name))
      characteristics.problem("characteristics: name :" + one.name + " is declared more than once");
    verify_chain(one, label, known, here);
    if (known.characteristics(one.read).empty() && !known.has_pool(one.read))
      here.problem(label + ": read :" + one.read + " is no characteristic of any instance kind");
  }
  const auto roles = [&](const std::vector<Inherited>& list, std::string_view section,
                         const std::string& what, auto exists) {
    for (const Inherited& one : list) {
      const Report here = report.in(section).in(one.name, one.at);
      const std::string label = what + " :" + one.name;
      if (!is_name(one.name))
        here.problem(label + ": " + std::string(name_rule));
      verify_chain(one, label, known, here);
      if (one.read.empty() || !exists(one.read))
        here.problem(label + ": source_role :" + one.read + " is no role of any kind");
    }
  };
  roles(kind.inherited_places, "inherited_places", "inherited_place",
        [&known](const std::string& role) { return known.has_place_role(role); });
  roles(kind.inherited_parties, "inherited_parties", "inherited_party",
        [&known](const std::string& role) { return known.has_party_role(role); });
}

} // namespace diffo::model::verifying
