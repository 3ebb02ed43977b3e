#include "rules/lifecycle.h"

#include <algorithm>

namespace diffo::rules {
namespace {

bool leaves(const Transition& transition, std::string_view state) {
  return std::find(transition.from.begin(), transition.from.end(), state) != transition.from.end();
}

Transition transition_of(const model::Action& action) {
  return {action.name, {action.from.begin(), action.from.end()}, action.to};
}

} // namespace

std::span<const Transition> common_transitions() {
  static const std::vector<Transition> all = {
      {"feasibilityCheck", {"initial"}, "feasibilityChecked"},
      {"reserve", {"initial", "feasibilityChecked"}, "reserved", "pending"},
      {"activate",
       {"initial", "feasibilityChecked", "reserved", "inactive", "suspended", "terminated"},
       "active",
       "starting",
       true},
      {"deactivate", {"active", "reserved"}, "inactive", "configured"},
      {"suspend", {"active"}, "suspended", "limited"},
      {"terminate", {"active", "inactive", "suspended"}, "terminated", "stopping", false, true},
      {"cancel",
       {"initial", "feasibilityChecked", "reserved"},
       "cancelled",
       "unknown",
       false,
       true},
  };
  return all;
}

std::optional<Transition> transition_between(const model::DeclaredKind& kind, std::string_view from,
                                             std::string_view to) {
  for (const Transition& common : common_transitions())
    if (common.to == to && leaves(common, from))
      return common;
  for (const model::Action& action : kind.actions)
    if (action.to == to)
      if (Transition own = transition_of(action); leaves(own, from))
        return own;
  return std::nullopt;
}

std::optional<Transition> transition_named(const model::DeclaredKind& kind, std::string_view name) {
  if (const model::Action* action = kind.action(name); action != nullptr && !action->to.empty())
    return transition_of(*action);
  for (const Transition& common : common_transitions())
    if (common.action == name)
      return common;
  return std::nullopt;
}

std::string states_behind(const model::DeclaredKind& kind, std::string_view from) {
  std::vector<std::string_view> states;
  const auto add = [&](std::string_view state) {
    if (std::find(states.begin(), states.end(), state) == states.end())
      states.push_back(state);
  };
  for (const Transition& common : common_transitions())
    if (leaves(common, from))
      add(common.to);
  for (const model::Action& action : kind.actions)
    if (std::find(action.from.begin(), action.from.end(), from) != action.from.end())
      add(action.to);
  std::string list;
  for (const std::string_view state : states)
    list += (list.empty() ? "" : ", ") + std::string(state);
  return list;
}

} // namespace diffo::rules
