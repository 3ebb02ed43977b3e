#include "model/domain/verify.h"

#include "base/text.h"
#include "model/domain/defaults.h"
#include "model/domain/grammar.h"
#include "model/domain/verify_parts.h"

#include <algorithm>
#include <map>

namespace diffo::model {
namespace verifying {
namespace {

struct BuiltIn {
  std::string_view name;
  Base base;
};
/// Kinds that are there without being declared.
constexpr BuiltIn built_in[] = {
    {"Instance", Base::instance},
    {"ResourceInstance", Base::instance},
    {"Party", Base::party},
    {"Individual", Base::party},
    {"Organization", Base::party},
    {"Place", Base::place},
    {"GeographicAddress", Base::place},
    {"GeographicSite", Base::place},
    {"GeographicLocation", Base::place},
    {"Characteristic", Base::characteristic},
    {"AssignableCharacteristic", Base::characteristic},
};

} // namespace

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 255 && is_utf8(text) &&
         std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) <= ' ' || c == '\x7f' || c == '.';
         });
}

Known::Known(const DomainModel& model) {
  for (const Domain& domain : model.domains) {
    for (const DeclaredKind& kind : domain.kinds)
      add(kind);
    for (const Table& table : domain.tables)
      tables_.insert(table.name);
  }
}

void Known::add(const DeclaredKind& kind) {
  kinds_.emplace(kind.name, &kind);
  for (const Field& characteristic : kind.characteristics)
    if (auto& same = characteristics_[characteristic.name]; same.size() < most_declarations)
      same.push_back(&characteristic);
  for (const Pool& pool : kind.pools)
    pools_.insert(pool.name);
  for (const auto* roles : {&kind.places, &kind.place_roles})
    for (const Role& role : *roles)
      place_roles_.insert(role.role);
  for (const auto* roles : {&kind.parties, &kind.party_roles})
    for (const Role& role : *roles)
      party_roles_.insert(role.role);
  any_place_role_ |= kind.base == Base::instance && kind.places.empty();
  any_party_role_ |= kind.base == Base::instance && kind.parties.empty();
}

const DeclaredKind* Known::kind(std::string_view name) const {
  const auto found = kinds_.find(name);
  return found == kinds_.end() ? nullptr : found->second;
}

std::optional<Base> Known::base_of(std::string_view name) const {
  if (const DeclaredKind* declared = kind(name))
    return declared->base;
  for (const BuiltIn& one : built_in)
    if (one.name == name)
      return one.base;
  return std::nullopt;
}

const std::vector<const Field*>& Known::characteristics(std::string_view name) const {
  static const std::vector<const Field*> none;
  const auto found = characteristics_.find(name);
  return found == characteristics_.end() ? none : found->second;
}

std::string Known::suggest_kind(std::string_view name) const {
  std::vector<std::string_view> names;
  for (const auto& [known, kind] : kinds_)
    names.push_back(known);
  std::sort(names.begin(), names.end());
  return suggest(name, names);
}

std::string Known::suggest(std::string_view name,
                           const std::vector<std::string_view>& names) const {
  // Where very much is wrong, looking for what was meant would take longer than anything else.
  constexpr std::size_t most_names = 200;
  if (names.size() > most_names || suggestions_left_ == 0)
    return {};
  --suggestions_left_;
  return grammar::suggestion(name, names);
}

} // namespace verifying

namespace {

using namespace verifying;

/// What must not be claimed twice, over all domains.
struct Claims {
  Names domains;
  Names kinds;
  TextViewMap<const DeclaredKind*> specification_ids;
  std::map<std::pair<std::string_view, std::int64_t>, const DeclaredKind*> versions;
  /// The type of an own attribute by base and name.
  std::map<std::pair<Base, std::string_view>, std::pair<const DeclaredKind*, const Type*>>
      attributes;
};

void verify_claims(const DeclaredKind& kind, Claims& claims, const Report& report) {
  if (!claims.kinds.add(kind.name))
    report.problem("kinds: " + kind.name + " is declared more than once");
  if (kind.specification) {
    const Report in = report.in("specification", kind.specification->at);
    const auto [id, first] = claims.specification_ids.emplace(kind.specification->id, &kind);
    if (!first && !kind.specification->id.empty())
      in.problem("specification: id is that of " + id->second->name + " too");
    const auto [version, single] = claims.versions.emplace(
        std::pair(std::string_view(kind.specification->name), kind.specification->major_version),
        &kind);
    if (!single && !kind.specification->name.empty())
      in.problem("specification: name and major_version are those of " + version->second->name +
                 " too");
  }
  for (const Field& attribute : kind.attributes) {
    const auto [other, first] = claims.attributes.emplace(
        std::pair(kind.base, attribute.wire_name()), std::pair(&kind, &attribute.type));
    const Type& type = *other->second.second;
    if (!first && other->second.first != &kind &&
        (type.scalar != attribute.type.scalar || type.kind != attribute.type.kind ||
         type.array != attribute.type.array))
      report.in("attributes")
          .in(attribute.name, attribute.at)
          .problem("attributes: " + other->second.first->name +
                   " declares it with another type; what is called the same is the same");
  }
}

void verify_base(const DeclaredKind& kind, const Report& report) {
  if (kind.half != Half::none && defaults::base_of(kind.half) != kind.base)
    report.problem("half: does not belong to its base");
  if (kind.base == Base::instance && kind.half == Half::none)
    report.problem("half: an instance is a service or a resource");
  struct Section {
    std::string_view name;
    bool used;
  };
  const auto refuse = [&report](std::string_view whose, std::initializer_list<Section> sections) {
    for (const Section& section : sections)
      if (section.used)
        report.in(section.name)
            .problem(std::string(section.name) + ": only " + std::string(whose) + " have them");
  };
  if (kind.base != Base::instance)
    refuse("instances", {{"specification", kind.specification.has_value()},
                         {"characteristics", !kind.characteristics.empty()},
                         {"inherited_characteristics", !kind.inherited_characteristics.empty()},
                         {"inherited_places", !kind.inherited_places.empty()},
                         {"inherited_parties", !kind.inherited_parties.empty()},
                         {"features", !kind.features.empty()},
                         {"pools", !kind.pools.empty()},
                         {"parties", !kind.parties.empty()},
                         {"places", !kind.places.empty()},
                         {"relationships", kind.source || kind.target}});
  if (kind.base != Base::characteristic)
    refuse("characteristic kinds",
           {{"fields", !kind.fields.empty()}, {"value", !kind.groups.empty()}});
  else
    refuse("instances, parties and places", {{"attributes", !kind.attributes.empty()},
                                             {"actions", !kind.actions.empty()},
                                             {"generate", !kind.generated.empty()},
                                             {"policy", kind.policy.has_value()},
                                             {"sources", !kind.sources.empty()},
                                             {"indexes", !kind.indexes.empty()}});
  if (kind.base != Base::party && kind.base != Base::place)
    refuse("parties and places", {{"party_roles", !kind.party_roles.empty()},
                                  {"place_roles", !kind.place_roles.empty()},
                                  {"instance_roles", !kind.instance_roles.empty()},
                                  {"json", !kind.pick.empty() || !kind.rename.empty()}});
}

bool has_too_many_parts(const DeclaredKind& kind) {
  return std::max({kind.attributes.size(), kind.fields.size(), kind.groups.size(),
                   kind.characteristics.size(), kind.inherited_characteristics.size(),
                   kind.inherited_places.size(), kind.inherited_parties.size(),
                   kind.features.size(), kind.pools.size(), kind.parties.size(), kind.places.size(),
                   kind.actions.size(), kind.calculations.size(), kind.generated.size(),
                   kind.sources.size(), kind.indexes.size()}) > most_parts;
}

void verify_kind(const DeclaredKind& kind, const Known& known, const Report& report) {
  if (has_too_many_parts(kind))
    return report.problem("kinds: a kind has at most " + std::to_string(most_parts) +
                          " parts of one sort");
  if (!is_name(kind.name))
    report.problem("kinds: " + std::string(name_rule));
  verify_base(kind, report);
  verify_specification(kind, report);
  verify_attributes(kind, known, report);
  verify_characteristic_kind(kind, known, report);
  verify_characteristics(kind, known, report);
  verify_features(kind, known, report);
  verify_pools(kind, report);
  verify_roles(kind, known, report);
  verify_relationships(kind, report);
  verify_inherited(kind, known, report);
  verify_actions(kind, report);
  verify_calculations(kind, known, report);
  verify_generated_and_policy(kind, report);
  verify_observed(kind, known, report);
}

/// A kind that has itself as a field would have no end. The walk keeps its own stack: chains of
/// kinds may be long.
class Recursion {
public:
  Recursion(const Known& known, std::vector<ModelProblem>& problems)
      : known_(known), problems_(problems) {}

  void look_at(const DeclaredKind& start) {
    std::vector<std::pair<const DeclaredKind*, std::size_t>> path;
    enter(start, path);
    while (!path.empty()) {
      auto& [kind, next] = path.back();
      if (next == kind->fields.size()) {
        states_[kind] = State::done;
        path.pop_back();
        continue;
      }
      const Field& field = kind->fields[next++];
      const DeclaredKind* inner =
          field.type.scalar == Scalar::kind ? known_.kind(field.type.kind) : nullptr;
      if (inner == nullptr)
        continue;
      const auto state = states_.find(inner);
      if (state == states_.end())
        enter(*inner, path);
      else if (state->second == State::open)
        Report(problems_, "kinds." + kind->name + ".fields." + field.name, field.at)
            .problem("fields: " + field.type.kind + " contains itself");
    }
  }

private:
  enum class State : std::uint8_t { open, done };

  void enter(const DeclaredKind& kind,
             std::vector<std::pair<const DeclaredKind*, std::size_t>>& path) {
    if (states_.emplace(&kind, State::open).second)
      path.emplace_back(&kind, 0);
  }

  const Known& known_;
  std::vector<ModelProblem>& problems_;
  std::map<const DeclaredKind*, State> states_;
};

void verify_migration(const Migration& migration, std::size_t index, const Known& known,
                      const Report& domain) {
  const Report report = domain.in(std::to_string(index), migration.at);
  if (known.kind(migration.kind) == nullptr)
    report.problem("migrations: kind " + migration.kind + " does not exist" +
                   known.suggest_kind(migration.kind));
  for (const auto& [before, now] : migration.rename)
    if (before.empty() || now.empty() || before == now)
      report.in("rename").problem("migrations: rename leads from one path to another");
}

void verify_domain(const Domain& domain, const Known& known, Claims& claims,
                   std::vector<ModelProblem>& problems) {
  const Report report(problems, "domain", domain.at);
  if (!is_name(domain.name))
    report.problem("domain: " + std::string(name_rule));
  else if (!claims.domains.add(domain.name))
    report.problem("domain: " + domain.name + " is declared more than once");
  for (const DeclaredKind& kind : domain.kinds) {
    const Report here(problems, "kinds." + kind.name, kind.at);
    if (!domain.provider && kind.base != Base::characteristic)
      here.problem("provider: " + kind.name +
                   " does not carry the :Provider Neo4j label, so abstract readers would not see "
                   "it; leave out provider: false");
    verify_claims(kind, claims, here);
    verify_kind(kind, known, here);
  }
  Names tables;
  for (const Table& table : domain.tables)
    if (!tables.add(table.name) || !is_name(table.name))
      Report(problems, "tables." + table.name, table.at)
          .problem(is_name(table.name) ? "tables: name is declared more than once"
                                       : "tables: " + std::string(name_rule));
  const Report migrations(problems, "migrations", domain.at);
  for (std::size_t index = 0; index < domain.migrations.size(); ++index)
    verify_migration(domain.migrations[index], index, known, migrations);
}

} // namespace

std::vector<ModelProblem> verify(const DomainModel& model) {
  std::vector<ModelProblem> problems;
  const Known known(model);
  Claims claims;
  for (const Domain& domain : model.domains)
    verify_domain(domain, known, claims, problems);
  Recursion recursion(known, problems);
  for (const Domain& domain : model.domains)
    for (const DeclaredKind& kind : domain.kinds)
      recursion.look_at(kind);
  return problems;
}

} // namespace diffo::model
