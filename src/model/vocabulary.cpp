#include "model/vocabulary.h"

namespace diffo::model {
namespace {

// wire.md §4.
constexpr Translation states[] = {
    {"initial", "designed", "designed"},
    {"feasibilityChecked", "feasibilityChecked", "feasibilityChecked"},
    {"reserved", "reserved", "reserved"},
    {"inactive", "inactive", "inactive"},
    {"active", "active", "active"},
    {"terminated", "terminated", "terminated"},
    {"suspended", "inactive", "suspended"},
    {"cancelled", "terminated", "terminated"},
};
// v4 knows no operatingStatus: there it is an extension under its own name, in internal words.
constexpr Translation operating_statuses[] = {
    {"pending", "pending", "pending"},    {"configured", "configured", "configured"},
    {"starting", "starting", "starting"}, {"running", "running", "running"},
    {"degraded", "degraded", "degraded"}, {"failed", "failed", "failed"},
    {"limited", "limited", "limited"},    {"stopping", "stopping", "stopping"},
    {"stopped", "stopped", "stopped"},    {"unknown", "unknown", "unknown"},
    {"feasible", "feasible", "pending"},  {"not_feasible", "not_feasible", "unknown"},
};
constexpr Translation administrative_states[] = {
    {"locked", "locked", "locked"},
    {"unlocked", "unlocked", "unlocked"},
    {"shutdown", "shutdown", "shuttingDown"},
};
constexpr Translation operational_states[] = {
    {"enabled", "enable", "enabled"},
    {"disabled", "disable", "disabled"},
};
// TMF632 v4 spells it otherwise.
constexpr Translation individual_statuses[] = {
    {"initialized", "initialized", "initialized"},
    {"validated", "validated", "validated"},
    {"deceased", "deceaded", "deceased"},
};

const Translation* of_wire(const Vocabulary& vocabulary, std::string_view wire, Version version) {
  for (const Translation& one : vocabulary.translations)
    if (one.wire(version) == wire)
      return &one;
  return nullptr;
}

const Translation* of_internal(const Vocabulary& vocabulary, std::string_view internal) {
  for (const Translation& one : vocabulary.translations)
    if (one.internal == internal)
      return &one;
  return nullptr;
}

} // namespace

constinit const Vocabulary state_vocabulary{states, "internalState"};
constinit const Vocabulary operating_status_vocabulary{operating_statuses,
                                                       "internalOperatingStatus"};
constinit const Vocabulary administrative_state_vocabulary{administrative_states};
constinit const Vocabulary operational_state_vocabulary{operational_states};
constinit const Vocabulary individual_status_vocabulary{individual_statuses};

std::optional<std::string_view> Vocabulary::internal_value(std::string_view wire,
                                                           Version version) const {
  if (const Translation* shown = of_wire(*this, wire, version))
    return shown->internal;
  if (const Translation* kept = of_internal(*this, wire))
    return kept->internal;
  return std::nullopt;
}

std::vector<std::string> Vocabulary::internal_values(std::string_view wire, Version version) const {
  std::vector<std::string> values;
  for (const Translation& one : translations)
    if (one.wire(version) == wire)
      values.emplace_back(one.internal);
  if (values.empty())
    values.emplace_back(wire);
  return values;
}

std::string_view Vocabulary::wire_value(std::string_view internal, Version version) const {
  const Translation* kept = of_internal(*this, internal);
  return kept != nullptr ? kept->wire(version) : internal;
}

bool Vocabulary::is_hidden(std::string_view internal, Version version) const {
  const Translation* kept = of_internal(*this, internal);
  return kept != nullptr && of_wire(*this, kept->wire(version), version) != kept;
}

std::optional<std::string_view> Vocabulary::extended_value(std::string_view wire,
                                                           std::string_view extended,
                                                           Version version) const {
  const Translation* kept = of_internal(*this, extended);
  if (kept == nullptr || kept->wire(version) != wire)
    return std::nullopt;
  return kept->internal;
}

std::string Vocabulary::wire_words(Version version) const {
  std::string words;
  for (const Translation& one : translations)
    if (of_wire(*this, one.wire(version), version) == &one) // each once
      words += (words.empty() ? "" : " ") + std::string(one.wire(version));
  return words;
}

} // namespace diffo::model
