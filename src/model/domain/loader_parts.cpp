#include "model/domain/loader_parts.h"

#include "model/domain/defaults.h"

#include <array>
#include <limits>

namespace diffo::model::parts {
namespace {

using By = Calculation::By;

void read_inherited(const Block& block, const std::string& whose, Inherited& inherited) {
  inherited.via = defaults::chain(inherited.name);
  if (const auto via = block.find("via")) {
    inherited.via.clear();
    via->read_hops(whose, inherited.via);
  }
  block.read("as", inherited.as);
  block.read_word("collapse", inherited.collapse);
  block.read("crosses_tenants", inherited.crosses_tenants);
}

Inherited inherited_role(const Spot& spot, const std::string& name, const std::string& whose) {
  Inherited made;
  made.name = name;
  const Block block(spot, "inherited_role");
  read_inherited(block, whose + name, made);
  block.read("source_role", made.read);
  return made;
}

/// How a calculation is written: the key of its grammar, and how what stands behind it is read.
void read_block_of(const Spot& spot, By by, Calculation& calculation) {
  switch (by) {
  case By::field_from_assignment: {
    const Block block(spot, "from_assignment");
    block.read("field", calculation.field);
    block.read("alias", calculation.alias);
    return;
  }
  case By::field_via_assigned_relationship: {
    const Block block(spot, "via_assigned");
    block.read("field", calculation.field);
    if (const auto via = block.find("via"))
      via->read_hops("calculation :" + calculation.name, calculation.via);
    return;
  }
  case By::field_via_relationship: {
    const Block block(spot, "via_relationship");
    block.read("field", calculation.field);
    block.read("alias", calculation.alias);
    block.read("type", calculation.relationship_type);
    return;
  }
  case By::lookup: {
    const Block block(spot, "lookup");
    block.read("table", calculation.table);
    block.read("of", calculation.of);
    return;
  }
  case By::count:
  case By::sum:
  case By::min:
  case By::max:
    return spot.read(calculation.of);
  case By::expression:
    return spot.read(calculation.expression);
  case By::hook:
    return spot.read(calculation.hook);
  }
}

} // namespace

Specification specification(const Spot& spot, Half half) {
  const Block block(spot, "specification");
  Specification made;
  made.at = spot.at();
  made.type = defaults::specification_type(half);
  block.read("id", made.id);
  block.read("name", made.name);
  block.read("type", made.type);
  block.read("major_version", made.major_version);
  block.read("minor_version", made.minor_version);
  block.read("patch_version", made.patch_version);
  block.read("tmf_version", made.tmf_version);
  block.read("description", made.description);
  block.read("category", made.category);
  return made;
}

Field field(const Spot& spot, const std::string& name) {
  Field made;
  made.name = name;
  if (!spot.node().is_map()) {
    spot.read(made.type);
    return made;
  }
  const Block block(spot, "field");
  block.read("type", made.type);
  for (const std::string_view key : {"one_of", "enum"})
    if (const auto values = block.find(key)) {
      if (!made.type.one_of.empty())
        values->problem("one_of says it already");
      else
        values->each_item(
            [&made](const Spot& item) { made.type.one_of.push_back(yaml::value_of(item.node())); });
    }
  block.read("min", made.type.min);
  block.read("max", made.type.max);
  block.read_count("min_length", made.type.min_length);
  block.read_count("max_length", made.type.max_length);
  block.read("pattern", made.type.pattern);
  block.read("as", made.as);
  block.read_any("default", made.otherwise);
  block.read("required", made.required);
  block.read("hidden", made.hidden);
  block.read("about", made.about);
  return made;
}

Inherited inherited_characteristic(const Spot& spot, const std::string& name) {
  Inherited made;
  made.name = name;
  made.read = name;
  const std::string whose = "inherited_characteristic :" + name;
  if (spot.node().is_sequence()) {
    spot.read_hops(whose, made.via);
    return made;
  }
  const Block block(spot, "inherited_characteristic");
  read_inherited(block, whose, made);
  block.read("read", made.read);
  return made;
}

Inherited inherited_place(const Spot& spot, const std::string& name) {
  return inherited_role(spot, name, "inherited_place :");
}

Inherited inherited_party(const Spot& spot, const std::string& name) {
  return inherited_role(spot, name, "inherited_party :");
}

Feature feature(const Spot& spot, const std::string& name) {
  Feature made;
  made.name = name;
  const Block block(spot, "feature");
  block.read("enabled", made.enabled);
  block.read_blocks("characteristics", made.characteristics, field);
  return made;
}

Pool pool(const Spot& spot, const std::string& name) {
  Pool made;
  made.name = name;
  if (spot.node().is_scalar()) {
    spot.read(made.thing);
    return made;
  }
  const Block block(spot, "pool");
  block.read("thing", made.thing);
  block.read_word("units", made.units);
  if (block.find("first") || block.find("last")) {
    Span bounds{1, 1};
    block.read("first", bounds.first);
    block.read("last", bounds.last);
    made.bounds = bounds;
  }
  block.read("except", made.except);
  block.read("type", made.type);
  block.read_word("algorithm", made.algorithm);
  block.read_count("block", made.block);
  block.read("network", made.network);
  block.read_count("prefix_length", made.prefix_length, 128);
  if (const auto lease = block.find("lease"))
    lease->read_seconds(made.lease_seconds);
  if (const auto quarantine = block.find("quarantine"))
    quarantine->read_seconds(made.quarantine_seconds);
  block.read_count("quota", made.quota);
  block.read_count("warn", made.warn_percent, 100);
  return made;
}

Role role(const Spot& spot, const std::string& name) {
  Role made;
  made.role = name;
  if (spot.node().is_null())
    return made;
  if (spot.node().is_scalar()) {
    spot.read(made.type);
    return made;
  }
  const Block block(spot, "role");
  block.read("type", made.type);
  block.read("many", made.many);
  block.read("ref", made.reference);
  block.read_count("min", made.min);
  block.read_count("max", made.max);
  block.read("calculate", made.calculate);
  return made;
}

namespace {

/// Exactly one of create, update and assign.
void read_what_it_does(const Block& block, Action& action) {
  using Does = Action::Does;
  int said = 0;
  if (const auto create = block.find("create")) {
    bool flag = false;
    create->read(flag);
    if (flag) {
      action.does = Does::create;
      ++said;
    }
  }
  if (const auto word = block.word("update")) {
    constexpr std::array<Does, 3> updates{Does::update, Does::define, Does::relate};
    action.does = updates[*word];
    ++said;
  } else if (block.find("update")) {
    ++said; // the word is a problem already
  }
  if (block.find("assign")) {
    block.read("assign", action.pool);
    action.does = Does::assign;
    ++said;
  }
  if (said != 1)
    block.spot().problem("exactly one of create, update and assign says what it does");
}

} // namespace

Action action(const Spot& spot, const std::string& name) {
  Action made;
  made.name = name;
  const Block block(spot, "action");
  read_what_it_does(block, made);
  block.read("accept", made.accept);
  block.read("args", made.args);
  block.read("set", made.set);
  if (const auto wire = block.find("wire")) {
    bool flag = true;
    wire->read(flag);
    if (!flag || made.does != Action::Does::create)
      wire->problem("is true of create, and of nothing else");
  }
  if (const auto transition = block.find("transition")) {
    const Block states(*transition, "transition");
    if (const auto from = states.find("from"))
      from->read_one_or_list(made.from);
    states.read("to", made.to);
  }
  block.read("effects", made.effects);
  block.read("hook", made.hook);
  block.read("about", made.about);
  return made;
}

Calculation calculation(const Spot& spot, const std::string& name) {
  // The first keys of the section, in the order of the enumeration.
  constexpr std::size_t ways = static_cast<std::size_t>(By::hook) + 1;
  Calculation made;
  made.name = name;
  const Block block(spot, "calculation");
  int said = 0;
  for (std::size_t index = 0; index < ways; ++index) {
    const auto found = block.find(grammar::rows_of("calculation")[index].key);
    if (!found)
      continue;
    made.by = static_cast<By>(index);
    ++said;
    read_block_of(*found, made.by, made);
  }
  if (said != 1 && spot.node().is_map())
    spot.problem("exactly one key says how it is worked out");
  made.type = defaults::calculation_type(made.by);
  if (const auto type = block.find("type")) {
    made.type = {};
    type->read(made.type);
  }
  block.read_any("otherwise", made.otherwise);
  block.read_count("digits", made.digits, 15);
  return made;
}

Generated generated(const Spot& spot, const std::string& name) {
  Generated made;
  made.attribute = name;
  const Block block(spot, "generated");
  block.read("prefix", made.prefix);
  block.read_count("digits", made.digits, 64);
  return made;
}

Group group(const Spot& spot, const std::string& name) {
  Group made;
  made.name = name;
  if (!spot.node().is_map())
    spot.problem("must be a map");
  else
    spot.read(made.members);
  return made;
}

Policy policy(const Spot& spot) {
  Policy made;
  made.at = spot.at();
  if (spot.node().is_scalar()) {
    const int word = grammar::index_of(spot.node().text, "everybody managed");
    if (word < 0)
      spot.problem("must be managed, everybody, or a map that names the owner");
    else
      made.of = word == 1 ? Policy::Of::managed : Policy::Of::everybody;
    return made;
  }
  const Block block(spot, "policy");
  made.of = Policy::Of::owner;
  block.read("owner", made.attribute);
  made.stamp = block.word("stamp").has_value();
  made.read_owner = block.word("read") == 1U;
  made.write_owner = block.word("write") == 1U;
  return made;
}

Migration migration(const Spot& spot) {
  Migration made;
  made.at = spot.at();
  const Block block(spot, "migration");
  block.read("kind", made.kind);
  block.read("rename", made.rename);
  block.read("set", made.set);
  block.read("drop", made.drop);
  return made;
}

Table table(const Spot& spot, const std::string& name) {
  Table made;
  made.name = name;
  spot.read(made.entries);
  return made;
}

} // namespace diffo::model::parts
