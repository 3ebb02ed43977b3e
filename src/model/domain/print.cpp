#include "model/domain/print.h"

#include "model/domain/grammar.h"
#include "model/domain/hops.h"

#include <cmath>

namespace diffo::model {
namespace {

using Texts = std::vector<std::string>;
using TextPairs = std::vector<std::pair<std::string, std::string>>;
using ValuePairs = std::vector<std::pair<std::string, json::Value>>;

json::Value value(const std::string& text) {
  return text;
}
json::Value value(bool flag) {
  return flag;
}
json::Value value(std::int64_t number) {
  return number;
}
json::Value value(std::uint64_t number) {
  return static_cast<std::int64_t>(number);
}
json::Value value(std::uint32_t number) {
  return std::int64_t{number};
}
json::Value value(const json::Value& written) {
  return written;
}
json::Value value(double number) {
  constexpr double exact = 1e15; // whole numbers up to here are the same as integers
  if (std::abs(number) < exact && std::trunc(number) == number)
    return static_cast<std::int64_t>(number);
  return number;
}
json::Value value(const Texts& texts) {
  json::Array out;
  for (const std::string& text : texts)
    out.emplace_back(text);
  return out;
}
json::Value value(const json::Array& values) {
  return values;
}
template <typename Written>
json::Value value(const std::vector<std::pair<std::string, Written>>& pairs) {
  json::Object out;
  for (const auto& [name, written] : pairs)
    out.append(name, value(written));
  return out;
}
json::Value value(const std::vector<Hop>& hops) {
  json::Array out;
  for (const Hop& hop : hops)
    out.push_back(to_json(hop));
  return out;
}
json::Value value(const std::vector<Span>& spans) {
  json::Array out;
  for (const Span& span : spans)
    out.push_back(span.first == span.last ? json::Value(span.first)
                                          : json::Value(json::Array{span.first, span.last}));
  return out;
}
json::Value value(const Permission& permission) {
  if (permission.of == Permission::Of::listed)
    return value(permission.aliases);
  return permission.of == Permission::Of::all ? "all" : "none";
}

/// Members that say something.
class Members {
public:
  explicit Members(std::string_view section) : section_(section) {}

  template <typename Written> Members& always(std::string_view key, const Written& written) {
    DIFFO_ASSERT(grammar::find(section_, key) != nullptr);
    out_.set(key, value(written));
    return *this;
  }
  /// Unless it is what counts when nothing is written.
  template <typename Written>
  Members& unless(const Written& usual, std::string_view key, const Written& written) {
    return written == usual ? *this : always(key, written);
  }
  template <typename Written> Members& some(std::string_view key, const Written& written) {
    return written == Written() ? *this : always(key, written);
  }
  template <typename Written>
  Members& some(std::string_view key, const std::optional<Written>& written) {
    return written ? always(key, *written) : *this;
  }
  /// An enumerator by its place in the row's words, unless it is the first.
  template <typename Enumeration> Members& word(std::string_view key, Enumeration written) {
    const auto index = static_cast<std::size_t>(written);
    if (index != 0)
      out_.set(key, grammar::word_at(index, grammar::find(section_, key)->of));
    return *this;
  }
  Members& block(std::string_view key, json::Object members) {
    DIFFO_ASSERT(grammar::find(section_, key) != nullptr);
    out_.set(key, std::move(members));
    return *this;
  }
  template <typename Item, typename Print>
  Members& blocks(std::string_view key, const std::vector<Item>& items, std::string Item::* name,
                  Print print) {
    json::Object out;
    for (const Item& item : items)
      out.append(item.*name, print(item));
    return items.empty() ? *this : block(key, std::move(out));
  }
  json::Object take() { return std::move(out_); }

private:
  std::string_view section_;
  json::Object out_;
};

json::Value type_name(const Type& type) {
  static constexpr std::string_view words =
      "symbol string integer number boolean date_time uuid ip any";
  json::Value name =
      type.scalar == Scalar::kind
          ? json::Value(type.kind)
          : json::Value(grammar::word_at(static_cast<std::size_t>(type.scalar), words));
  return type.array ? json::Value(json::Array{std::move(name)}) : name;
}

json::Value print(const Field& field) {
  const Type& type = field.type;
  Members out("field");
  out.always("type", type_name(type));
  if (!type.one_of.empty())
    out.always("one_of", type.one_of);
  return out.some("min", type.min)
      .some("max", type.max)
      .some("min_length", type.min_length)
      .some("max_length", type.max_length)
      .some("pattern", type.pattern)
      .some("as", field.as)
      .some("default", field.otherwise)
      .some("required", field.required)
      .some("hidden", field.hidden)
      .some("about", field.about)
      .take();
}

json::Value print(const Group& group) {
  return value(group.members);
}

json::Value print_inherited(const Inherited& inherited, std::string_view section,
                            std::string_view read) {
  return Members(section)
      .always("via", inherited.via)
      .always(read, inherited.read)
      .some("as", inherited.as)
      .word("collapse", inherited.collapse)
      .some("crosses_tenants", inherited.crosses_tenants)
      .take();
}

json::Value print_characteristic(const Inherited& inherited) {
  return print_inherited(inherited, "inherited_characteristic", "read");
}

json::Value print_role(const Inherited& inherited) {
  return print_inherited(inherited, "inherited_role", "source_role");
}

json::Value print(const Feature& feature) {
  return Members("feature")
      .always("enabled", feature.enabled)
      .blocks("characteristics", feature.characteristics, &Field::name,
              [](const Field& field) { return print(field); })
      .take();
}

json::Value print(const Pool& pool) {
  Members out("pool");
  out.always("thing", pool.thing).word("units", pool.units);
  if (pool.bounds)
    out.always("first", pool.bounds->first).always("last", pool.bounds->last);
  return out.some("except", pool.except)
      .some("type", pool.type)
      .word("algorithm", pool.algorithm)
      .unless(std::uint32_t{1}, "block", pool.block)
      .some("network", pool.network)
      .some("prefix_length", pool.prefix_length)
      .some("lease", pool.lease_seconds)
      .some("quarantine", pool.quarantine_seconds)
      .some("quota", pool.quota)
      .some("warn", pool.warn_percent)
      .take();
}

json::Value print(const Role& role) {
  return Members("role")
      .some("type", role.type)
      .some("many", role.many)
      .some("ref", role.reference)
      .some("min", role.min)
      .some("max", role.max)
      .some("calculate", role.calculate)
      .take();
}

json::Object print(const Specification& specification) {
  return Members("specification")
      .always("id", specification.id)
      .always("name", specification.name)
      .some("type", specification.type)
      .always("major_version", specification.major_version)
      .some("minor_version", specification.minor_version)
      .some("patch_version", specification.patch_version)
      .some("tmf_version", specification.tmf_version)
      .some("description", specification.description)
      .some("category", specification.category)
      .take();
}

json::Value print(const Action& action) {
  Members out("action");
  switch (action.does) {
  case Action::Does::create:
    out.always("create", true);
    break;
  case Action::Does::update:
    out.always("update", true);
    break;
  case Action::Does::define:
    out.always("update", std::string("define"));
    break;
  case Action::Does::relate:
    out.always("update", std::string("relate"));
    break;
  case Action::Does::assign:
    out.always("assign", action.pool);
    break;
  }
  out.some("accept", action.accept).some("args", action.args);
  if (!action.set.empty())
    out.always("set", action.set);
  if (!action.from.empty() || !action.to.empty())
    out.block("transition",
              Members("transition").always("from", action.from).always("to", action.to).take());
  return out.some("effects", action.effects)
      .some("hook", action.hook)
      .some("about", action.about)
      .take();
}

void print_way(const Calculation& calculation, Members& out) {
  using By = Calculation::By;
  const std::string_view key =
      grammar::rows_of("calculation")[static_cast<std::size_t>(calculation.by)].key;
  switch (calculation.by) {
  case By::field_from_assignment:
    out.block(key, Members("from_assignment")
                       .always("field", calculation.field)
                       .some("alias", calculation.alias)
                       .take());
    return;
  case By::field_via_assigned_relationship:
    out.block(key, Members("via_assigned")
                       .always("field", calculation.field)
                       .some("via", calculation.via)
                       .take());
    return;
  case By::field_via_relationship:
    out.block(key, Members("via_relationship")
                       .always("field", calculation.field)
                       .some("alias", calculation.alias)
                       .some("type", calculation.relationship_type)
                       .take());
    return;
  case By::lookup:
    out.block(
        key,
        Members("lookup").always("table", calculation.table).always("of", calculation.of).take());
    return;
  case By::count:
  case By::sum:
  case By::min:
  case By::max:
    out.always(key, calculation.of);
    return;
  case By::expression:
    out.always(key, calculation.expression);
    return;
  case By::hook:
    out.always(key, calculation.hook);
  }
}

json::Value print(const Calculation& calculation) {
  Members out("calculation");
  print_way(calculation, out);
  return out.always("type", type_name(calculation.type))
      .some("otherwise", calculation.otherwise)
      .some("digits", calculation.digits)
      .take();
}

json::Value print(const Generated& generated) {
  return Members("generated")
      .always("prefix", generated.prefix)
      .always("digits", generated.digits)
      .take();
}

json::Value print(const Policy& policy) {
  if (policy.of != Policy::Of::owner)
    return policy.of == Policy::Of::managed ? "managed" : "everybody";
  Members out("policy");
  out.always("owner", policy.attribute);
  if (policy.stamp)
    out.always("stamp", std::string("actor"));
  return out.word("read", policy.read_owner).word("write", policy.write_owner).take();
}

void print_what_it_has(const DeclaredKind& kind, Members& out) {
  const auto field = [](const Field& one) { return print(one); };
  const auto role = [](const Role& one) { return print(one); };
  out.blocks("attributes", kind.attributes, &Field::name, field)
      .blocks("fields", kind.fields, &Field::name, field)
      .blocks("value", kind.groups, &Group::name, [](const Group& one) { return print(one); })
      .blocks("characteristics", kind.characteristics, &Field::name, field)
      .blocks("inherited_characteristics", kind.inherited_characteristics, &Inherited::name,
              print_characteristic)
      .blocks("inherited_places", kind.inherited_places, &Inherited::name, print_role)
      .blocks("inherited_parties", kind.inherited_parties, &Inherited::name, print_role)
      .blocks("features", kind.features, &Feature::name,
              [](const Feature& one) { return print(one); })
      .blocks("pools", kind.pools, &Pool::name, [](const Pool& one) { return print(one); })
      .blocks("parties", kind.parties, &Role::role, role)
      .blocks("places", kind.places, &Role::role, role)
      .blocks("party_roles", kind.party_roles, &Role::role, role)
      .blocks("place_roles", kind.place_roles, &Role::role, role)
      .blocks("instance_roles", kind.instance_roles, &Role::role, role);
  if (kind.source || kind.target)
    out.block(
        "relationships",
        Members("relationships").some("source", kind.source).some("target", kind.target).take());
}

void print_what_it_does(const DeclaredKind& kind, Members& out) {
  out.blocks("actions", kind.actions, &Action::name, [](const Action& one) { return print(one); })
      .blocks("calculations", kind.calculations, &Calculation::name,
              [](const Calculation& one) { return print(one); })
      .blocks("generate", kind.generated, &Generated::attribute,
              [](const Generated& one) { return print(one); });
  if (kind.policy)
    out.always("policy", print(*kind.policy));
  out.some("expect", kind.expect);
  if (!kind.customize.empty())
    out.block("customize", kind.customize);
  out.blocks("sources", kind.sources, &Sources::attribute,
             [](const Sources& one) { return value(one.sources); })
      .some("indexes", kind.indexes);
  if (!kind.pick.empty() || !kind.rename.empty())
    out.block("json", Members("json").some("pick", kind.pick).some("rename", kind.rename).take());
}

json::Value print(const Migration& migration) {
  Members out("migration");
  out.always("kind", migration.kind).some("rename", migration.rename);
  if (!migration.set.empty())
    out.always("set", migration.set);
  return out.some("drop", migration.drop).take();
}

} // namespace

json::Value to_json(const DeclaredKind& kind) {
  Members out("kind");
  const std::string_view bases = grammar::find("kind", "base")->of;
  out.always("base", std::string(grammar::word_at(static_cast<std::size_t>(kind.base), bases)))
      .word("half", kind.half)
      .some("about", kind.about);
  if (kind.specification)
    out.block("specification", print(*kind.specification));
  print_what_it_has(kind, out);
  print_what_it_does(kind, out);
  return out.take();
}

json::Value to_json(const Domain& domain) {
  Members out("document");
  out.always("domain", domain.name);
  out.always("provider", domain.provider);
  out.blocks("kinds", domain.kinds, &DeclaredKind::name,
             [](const DeclaredKind& kind) { return to_json(kind); })
      .blocks("tables", domain.tables, &Table::name,
              [](const Table& table) { return value(table.entries); });
  json::Array migrations;
  for (const Migration& migration : domain.migrations)
    migrations.push_back(print(migration));
  if (!migrations.empty())
    out.always("migrations", migrations);
  return out.take();
}

} // namespace diffo::model
