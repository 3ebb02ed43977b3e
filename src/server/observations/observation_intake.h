#pragma once

#include "graph/store.h"
#include "http/memory_budget.h"
#include "rules/precedence.h"
#include "server/observations/observation_batch.h"
#include "server/observations/observation_report.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace diffo::server {

/// Takes what a source has seen, in pieces of any size: one JSON document, or NDJSON whose first
/// line is the head and whose last the end (wire.md §8). Items are decided some hundred at a time;
/// what is decided is durable, whatever becomes of the rest, unless all or none are to be taken.
/// Thread rule: one thread at a time, not one of the store's.
class ObservationIntake {
public:
  enum class Form : std::uint8_t { document, lines };
  /// All outlive it.
  struct Options {
    graph::Store& store;
    const rules::Precedence& precedence;
    std::function<graph::Context()> context;
    http::MemoryBudget& memory; ///< of what is held; others may share it
    /// Told of what was seen, after the store has noted it.
    std::function<void(std::span<const graph::Key>)> saw;
    Form form = Form::document;
  };

  explicit ObservationIntake(Options options);
  ~ObservationIntake();
  ObservationIntake(const ObservationIntake&) = delete;
  ObservationIntake& operator=(const ObservationIntake&) = delete;

  /// Takes the next bytes; waits for the store. Errors: invalid for a head that says nothing
  /// sensible; too_large for a document or line of more than 16 MiB and for what is to be taken as
  /// a whole beyond the budget; unavailable. It is over then.
  Result<void> feed(std::string_view bytes);
  /// Takes what is left. Called once; everything that it reports is durable.
  Result<ObservationReport> finish();
  /// Instead, or behind its error, when something broke: what is durable of the items that had come
  /// whole. Nothing: none had, or nobody knows.
  std::optional<ObservationReport> break_off(const Error& why);

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace diffo::server
