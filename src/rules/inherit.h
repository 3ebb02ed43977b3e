#pragma once

#include "rules/traverse.h"

#include <diffo/domain_model.h>
#include <diffo/json.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Values that an instance has from others: inherited characteristics, places and parties, and what
/// is calculated from them (domain.md §8, §9).
namespace diffo::rules {

/// What was looked for and could not be had, and why. It never shows in a TM Forum document.
struct Unknown {
  std::string reason{}; ///< role_not_declared, no_concrete_world, no_target
  std::string source{}; ///< the instance where it ended
  std::string role{};
};

/// One value at the end of a chain. A plain value.
struct InheritedValue {
  std::optional<Unknown> unknown{};
  json::Value value{}; ///< of a characteristic
  /// Of the characteristic there, in the model that it was read under; none: of a pool.
  const model::Type* type = nullptr;
  graph::Target target{};   ///< of a place or party
  json::Object reference{}; ///< what the reference there says of it: name, href, types
  graph::Key from{};        ///< the instance that has it
};

enum class Sort : std::uint8_t { characteristic, place, party };

/// What a declaration of something inherited comes to for one instance. A plain value.
struct InheritedSet {
  Sort sort = Sort::characteristic;
  std::string name{};     ///< as it is shown: of the characteristic, or the role
  bool collapsed = false; ///< then there is at most one
  std::vector<InheritedValue> values{};
  Walked walked{};
  std::string contributed{}; ///< (key, sequence) of all that was read
};

/// Errors: too_large.
Result<InheritedSet> inherit(graph::Subgraph& subgraph, const graph::Key& instance,
                             const model::Inherited& declared, Sort sort, std::int64_t now);

/// What a calculation comes to for one instance. A plain value.
struct Calculated {
  std::string name{};
  json::Value value{};
  std::string why{}; ///< why it is null; empty: it is as it should be
  std::vector<Step> steps{};
  std::string contributed{};
};

/// What a hook does is no error: its value is missing, and `why` tells it. Errors: too_large.
Result<Calculated> calculate(graph::Subgraph& subgraph, const graph::Key& instance,
                             const model::DeclaredKind& kind, const model::Calculation& calculation,
                             std::int64_t now);

/// The inherited value or calculation of a name, or of a role that is calculated.
struct Derivation {
  const model::Inherited* inherited = nullptr;
  Sort sort = Sort::characteristic;
  const model::Calculation* calculation = nullptr;
  [[nodiscard]] bool found() const { return inherited != nullptr || calculation != nullptr; }
};
Derivation derivation_of(const model::DeclaredKind& kind, std::string_view name);
/// The names of all of them, for messages.
std::string derivations_of(const model::DeclaredKind& kind);

} // namespace diffo::rules
