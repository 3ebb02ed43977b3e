#include "model/domain/defaults.h"
#include "model/domain/verify.h"

#include <diffo/model.h>

namespace diffo::model {
namespace {

Calculation by(Calculation::By by) {
  Calculation made;
  made.by = by;
  made.type = defaults::calculation_type(by);
  return made;
}

Calculation over(Calculation::By way, std::string of) {
  Calculation made = by(way);
  made.of = std::move(of);
  return made;
}

} // namespace

Field field(std::string name, Type type, FieldOptions options) {
  return {.name = std::move(name),
          .type = std::move(type),
          .as = std::move(options.as),
          .otherwise = std::move(options.otherwise),
          .required = options.required,
          .hidden = options.hidden,
          .about = std::move(options.about)};
}

Calculation field_from_assignment(std::string field, std::string alias) {
  Calculation made = by(Calculation::By::field_from_assignment);
  made.field = std::move(field);
  made.alias = std::move(alias);
  return made;
}

Calculation field_via_assigned_relationship(std::string field, std::vector<Hop> via) {
  Calculation made = by(Calculation::By::field_via_assigned_relationship);
  made.field = std::move(field);
  made.via = std::move(via);
  return made;
}

Calculation field_via_relationship(std::string field, Selector which) {
  Calculation made = by(Calculation::By::field_via_relationship);
  made.field = std::move(field);
  made.alias = std::move(which.alias);
  made.relationship_type = std::move(which.type);
  return made;
}

Calculation count(std::string of) {
  return over(Calculation::By::count, std::move(of));
}

Calculation sum(std::string of) {
  return over(Calculation::By::sum, std::move(of));
}

Calculation least(std::string of) {
  return over(Calculation::By::min, std::move(of));
}

Calculation greatest(std::string of) {
  return over(Calculation::By::max, std::move(of));
}

Calculation lookup(std::string table, std::string of) {
  Calculation made = over(Calculation::By::lookup, std::move(of));
  made.table = std::move(table);
  return made;
}

Calculation expression(std::string text) {
  Calculation made = by(Calculation::By::expression);
  made.expression = std::move(text);
  return made;
}

Calculation hook(std::string name) {
  Calculation made = by(Calculation::By::hook);
  made.hook = std::move(name);
  return made;
}

Policy owned_by(std::string attribute, OwnerOptions options) {
  return {Policy::Of::owner, std::move(attribute), options.stamp, options.read, options.write, {}};
}

Policy managed() {
  return {.of = Policy::Of::managed};
}

namespace building {

Specification complete(Specification specification, Half half) {
  if (specification.type.empty())
    specification.type = defaults::specification_type(half);
  return specification;
}

Role role(std::string name, std::string type, RoleOptions options) {
  return {.role = std::move(name),
          .type = std::move(type),
          .many = options.many,
          .min = options.min,
          .max = options.max,
          .calculate = std::move(options.calculate)};
}

Inherited inherited(std::string name, std::vector<Hop> via, std::string read,
                    InheritedOptions options) {
  return {.name = std::move(name),
          .via = std::move(via),
          .read = std::move(read),
          .as = std::move(options.as),
          .collapse = options.collapse,
          .crosses_tenants = options.crosses_tenants};
}

Action action(std::string name, Action::Does does, ActionOptions options) {
  return {.name = std::move(name),
          .does = does,
          .accept = std::move(options.accept),
          .args = std::move(options.args),
          .set = std::move(options.set),
          .from = std::move(options.from),
          .to = std::move(options.to),
          .effects = std::move(options.effects),
          .hook = std::move(options.hook),
          .about = std::move(options.about)};
}

Calculation calculation(std::string name, Calculation how, CalculationOptions options) {
  how.name = std::move(name);
  if (options.type) {
    // Files cannot say more of it, and both must come to the same.
    how.type = {.scalar = options.type->scalar,
                .kind = std::move(options.type->kind),
                .array = options.type->array};
  }
  how.otherwise = std::move(options.otherwise);
  how.digits = options.digits;
  return how;
}

} // namespace building

DeclaredKind& DomainBuilder::add(std::string name, Base base, Half half) {
  DeclaredKind kind;
  kind.name = std::move(name);
  kind.base = base;
  kind.half = half;
  return kinds_.emplace_back(std::move(kind));
}

CharacteristicKind DomainBuilder::characteristic(std::string name) {
  return CharacteristicKind(add(std::move(name), Base::characteristic, Half::none));
}

ServiceKind DomainBuilder::service(std::string name) {
  return ServiceKind(add(std::move(name), Base::instance, Half::service));
}

ResourceKind DomainBuilder::resource(std::string name) {
  return ResourceKind(add(std::move(name), Base::instance, Half::resource));
}

PartyKind DomainBuilder::party(std::string name) {
  return PartyKind(add(std::move(name), Base::party, Half::none));
}

PartyKind DomainBuilder::individual(std::string name) {
  return PartyKind(add(std::move(name), Base::party, Half::individual));
}

PartyKind DomainBuilder::organization(std::string name) {
  return PartyKind(add(std::move(name), Base::party, Half::organization));
}

PlaceKind DomainBuilder::place(std::string name) {
  return PlaceKind(add(std::move(name), Base::place, Half::none));
}

PlaceKind DomainBuilder::address(std::string name) {
  return PlaceKind(add(std::move(name), Base::place, Half::address));
}

PlaceKind DomainBuilder::site(std::string name) {
  return PlaceKind(add(std::move(name), Base::place, Half::site));
}

PlaceKind DomainBuilder::location(std::string name) {
  return PlaceKind(add(std::move(name), Base::place, Half::location));
}

DomainBuilder& DomainBuilder::table(std::string name,
                                    std::vector<std::pair<std::string, json::Value>> entries) {
  tables_.push_back({std::move(name), std::move(entries), {}});
  return *this;
}

DomainBuilder& DomainBuilder::migration(Migration migration) {
  migrations_.push_back(std::move(migration));
  return *this;
}

DomainBuilder& DomainBuilder::provider(bool visible) {
  provider_ = visible;
  return *this;
}

Domain DomainBuilder::build() const {
  Domain domain;
  domain.name = name_;
  domain.provider = provider_;
  domain.kinds.assign(kinds_.begin(), kinds_.end());
  domain.tables = tables_;
  domain.migrations = migrations_;
  return domain;
}

Result<DomainModel> compile(std::vector<Domain> domains) {
  DomainModel model{std::move(domains)};
  const std::vector<ModelProblem> problems = verify(model);
  if (problems.empty())
    return model;
  Error error{ErrorCode::invalid, "the model does not hold together"};
  for (const ModelProblem& problem : problems)
    error.problems.push_back({ErrorCode::invalid, problem.message, problem.path});
  return error;
}

} // namespace diffo::model
