#pragma once

#include <diffo/domain_model.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The states of a service of a declared kind (domain.md §8).
namespace diffo::rules {

/// What one action does to the state.
struct Transition {
  std::string_view action;
  std::vector<std::string_view> from;
  std::string_view to;
  std::string_view operating_status = {}; ///< that it sets; empty: none
  bool starts = false;                    ///< startDate becomes now
  bool stops = false;                     ///< endDate becomes now
};

inline constexpr std::string_view start_state = "initial";

/// Those that all services have.
std::span<const Transition> common_transitions();

/// The transition of a kind that leads from one state to another: one that all have, with what it
/// does beside, else one of its own. Nothing when there is none.
std::optional<Transition> transition_between(const model::DeclaredKind& kind, std::string_view from,
                                             std::string_view to);
/// The one that an action of that name makes: of the kind, else one that all have.
std::optional<Transition> transition_named(const model::DeclaredKind& kind,
                                           std::string_view action);
/// The states that a state can be left for, separated by commas; for messages.
std::string states_behind(const model::DeclaredKind& kind, std::string_view from);

} // namespace diffo::rules
