#include "model/domain/grammar.h"
#include "model/domain/verify_parts.h"

#include <algorithm>

namespace diffo::model::verifying {
namespace {

/// The states of a service (provider of TMF638 as Diffo has them).
constexpr std::string_view service_states =
    "initial feasibilityChecked reserved inactive active suspended cancelled terminated";
constexpr std::string_view known_arguments = "relationships places parties characteristics";
constexpr std::string_view known_effects = "add_places add_parties add_relationships define";

bool is_word(std::string_view word, std::string_view words) {
  return grammar::index_of(word, words) >= 0;
}

void verify_units(const Pool& pool, const Report& report) {
  const bool blocks = pool.units == Units::blocks;
  const bool prefixes = pool.units == Units::prefixes;
  if (pool.block < 1 || (blocks && pool.block < 2))
    report.problem("pools: block must be at least " + std::string(blocks ? "2" : "1"));
  if (!blocks && pool.block > 1)
    report.problem("pools: block is of units: blocks");
  if (!prefixes && (!pool.network.empty() || pool.prefix_length != 0))
    report.problem("pools: network and prefix_length are of units: prefixes");
  if (!prefixes)
    return;
  if (pool.bounds)
    report.problem("pools: first and last are not of units: prefixes");
  if (pool.prefix_length < 1 || pool.prefix_length > 128)
    report.problem("pools: prefix_length must be 1 to 128");
  if (pool.network.empty())
    return;
  const auto network = parse_network(pool.network);
  if (!network)
    return report.problem("pools: network " + pool.network + " is no IP network");
  if (pool.prefix_length < network->length)
    report.problem("pools: prefix_length is shorter than that of the network");
  if (network->version == 4 && pool.prefix_length > 32)
    report.problem("pools: prefix_length of an IPv4 network is at most 32");
}

void verify_bounds(const Pool& pool, const Report& report) {
  if (pool.bounds && pool.bounds->first < 0)
    report.problem("pools: first must be greater than or equal to 0");
  if (pool.bounds && pool.bounds->first > pool.bounds->last)
    report.problem("pools: first is greater than last");
  for (const Span& span : pool.except) {
    if (span.first > span.last)
      report.problem("pools: except: first is greater than last");
    else if (pool.bounds && (span.first < pool.bounds->first || span.last > pool.bounds->last))
      report.problem("pools: except: is outside of first and last");
  }
}

void verify_transition(const Action& action, const DeclaredKind& kind, const Report& report) {
  if (action.from.empty() && action.to.empty())
    return;
  if (kind.half != Half::service || action.does != Action::Does::update)
    report.problem("behaviour: a transition is of an update of a service");
  if (action.from.empty())
    report.problem("behaviour: transition from is mandatory");
  std::vector<std::string> states = action.from;
  states.push_back(action.to);
  for (const std::string& state : states)
    if (!is_word(state, service_states))
      report.problem("behaviour: transition state " + state + " is none of " +
                     std::string(service_states));
}

void verify_action(const Action& action, const DeclaredKind& kind, const Report& report) {
  using Does = Action::Does;
  if (!is_name(action.name))
    report.problem("behaviour: " + std::string(name_rule));
  const bool of_instances =
      action.does == Does::define || action.does == Does::relate || action.does == Does::assign;
  if (of_instances && kind.base != Base::instance)
    report.problem("behaviour: define, relate and assign are of instances");
  if (action.does == Does::assign && kind.pool(action.pool) == nullptr)
    report.problem("behaviour: pool " + action.pool + " not declared on " + kind.name);
  if (action.does != Does::assign && !action.pool.empty())
    report.problem("behaviour: only assign has a pool");
  for (const std::string& argument : action.args)
    if (!is_word(argument, known_arguments))
      report.problem("behaviour: argument " + argument + " is none of " +
                     std::string(known_arguments));
  for (const std::string& effect : action.effects)
    if (!is_word(effect, known_effects))
      report.problem("behaviour: effect " + effect + " is none of " + std::string(known_effects));
  if (!action.hook.empty() && (action.does == Does::assign || kind.base != Base::instance))
    report.problem("behaviour: a hook is of an action of instances that does not assign");
  else if (!action.hook.empty() && !is_name(action.hook))
    report.problem("behaviour: hook: " + std::string(name_rule));
  Names accepted;
  for (const std::string& attribute : action.accept)
    if (!accepted.add(attribute))
      report.problem("behaviour: accepts " + attribute + " more than once");
  verify_transition(action, kind, report);
}

} // namespace

void verify_pools(const DeclaredKind& kind, const Report& report) {
  const Report section = report.in("pools");
  Names names;
  for (const Pool& pool : kind.pools) {
    const Report here = section.in(pool.name, pool.at);
    if (!names.add(pool.name))
      section.problem("pools: name :" + pool.name + " is declared more than once");
    if (!is_name(pool.name) || !is_name(pool.thing))
      here.problem("pools: " + std::string(name_rule) + ", and so has a thing");
    if (pool.warn_percent.value_or(0) > 100)
      here.problem("pools: warn is a percentage");
    verify_bounds(pool, here);
    verify_units(pool, here);
  }
}

void verify_actions(const DeclaredKind& kind, const Report& report) {
  const Report section = report.in("actions");
  Names names;
  for (const Action& action : kind.actions) {
    if (!names.add(action.name))
      section.problem("behaviour: action :" + action.name + " is declared more than once");
    verify_action(action, kind, section.in(action.name, action.at));
  }
}

} // namespace diffo::model::verifying
