#include <diffo/domain_model.h>

#include <algorithm>
#include <tuple>

namespace diffo::model {
namespace {

template <typename Item>
const Item* find_named(const std::vector<Item>& items, std::string_view name,
                       std::string Item::* member) {
  const auto found = std::find_if(items.begin(), items.end(), [name, member](const Item& item) {
    return item.*member == name;
  });
  return found == items.end() ? nullptr : &*found;
}

bool same(const json::Object& a, const json::Object& b) {
  return json::Value(a) == json::Value(b);
}

/// All that a kind declares but the members that have no comparison of their own.
auto declared(const DeclaredKind& kind) {
  return std::tie(kind.name, kind.base, kind.half, kind.about, kind.specification, kind.attributes,
                  kind.fields, kind.groups, kind.characteristics, kind.inherited_characteristics,
                  kind.inherited_places, kind.inherited_parties, kind.features, kind.pools,
                  kind.parties, kind.places, kind.party_roles, kind.place_roles,
                  kind.instance_roles, kind.source, kind.target, kind.actions, kind.calculations,
                  kind.generated, kind.policy, kind.expect, kind.sources, kind.indexes, kind.pick,
                  kind.rename);
}

} // namespace

std::string Specification::version() const {
  return 'v' + std::to_string(major_version) + '.' + std::to_string(minor_version.value_or(0)) +
         '.' + std::to_string(patch_version.value_or(0));
}

const Field* DeclaredKind::characteristic(std::string_view wanted) const {
  return find_named(characteristics, wanted, &Field::name);
}

const Feature* DeclaredKind::feature(std::string_view wanted) const {
  return find_named(features, wanted, &Feature::name);
}

const Pool* DeclaredKind::pool(std::string_view wanted) const {
  return find_named(pools, wanted, &Pool::name);
}

const Role* DeclaredKind::party(std::string_view role) const {
  return find_named(parties, role, &Role::role);
}

const Role* DeclaredKind::place(std::string_view role) const {
  return find_named(places, role, &Role::role);
}

const Action* DeclaredKind::action(std::string_view wanted) const {
  return find_named(actions, wanted, &Action::name);
}

const Field* DeclaredKind::attribute(std::string_view wanted) const {
  const Field* declared = find_named(attributes, wanted, &Field::name);
  if (declared != nullptr || wanted.empty())
    return declared;
  return find_named(attributes, wanted, &Field::as);
}

const DeclaredKind* Domain::kind(std::string_view wanted) const {
  return find_named(kinds, wanted, &DeclaredKind::name);
}

bool operator==(const DeclaredKind& a, const DeclaredKind& b) {
  return declared(a) == declared(b) && same(a.customize, b.customize);
}

bool operator==(const Domain& a, const Domain& b) {
  return std::tie(a.name, a.provider, a.kinds, a.tables, a.migrations) ==
         std::tie(b.name, b.provider, b.kinds, b.tables, b.migrations);
}

std::string ModelProblem::text() const {
  std::string text;
  if (!at.file.empty())
    text += at.file + ':' + std::to_string(at.line) + ':' + std::to_string(at.column) + ": ";
  if (!path.empty())
    text += path + ": ";
  return text + message;
}

} // namespace diffo::model
