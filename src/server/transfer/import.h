#pragma once

#include "graph/store.h"
#include "http/memory_budget.h"
#include "model/api.h"
#include "rules/instances.h"

#include <diffo/json.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::server {

enum class ImportMode : std::uint8_t {
  atomic, ///< all lines or none
  best,   ///< every line that can be taken
};

struct ImportOptions {
  ImportMode mode = ImportMode::best;
  std::optional<model::Api> as; ///< what every line is, whatever it looks like
};

/// What all imports under way may hold in memory, unless configured otherwise: the lines of atomic
/// ones until they are stored, and lines that have not come to their end.
inline constexpr std::uint64_t default_import_bytes = std::uint64_t{256} << 20;

/// Why one line was not taken.
struct RejectedLine {
  std::uint64_t line = 0; ///< from 1
  std::string id;         ///< when it could be read
  Error error;
};

struct ImportReport {
  std::uint64_t lines = 0; ///< without empty ones
  std::uint64_t created = 0;
  std::uint64_t unchanged = 0; ///< there already, with the same content
  std::uint64_t rejected = 0;
  std::vector<RejectedLine> rejections; ///< the first max_rejections of them
  bool stored = true;                   ///< false: atomic, and nothing was taken
  std::uint64_t broke_in = 0;           ///< the line that it broke off in; 0: it did not
  static constexpr std::size_t max_rejections = 1000;

  [[nodiscard]] json::Value to_json() const;
};

/// Takes NDJSON of TMF documents in pieces of any size (wire.md §6.2). Lines are independent of
/// each other's order, because a reference to what is not there yet is a stub; a line that says the
/// same as what is there, or as an earlier line, changes nothing. Thread rule: one thread at a
/// time, not one of the store's.
class Importer {
public:
  /// The budget outlives the importer; others may share it.
  Importer(graph::Store& store, std::function<graph::Context()> context, ImportOptions options,
           http::MemoryBudget& memory);
  ~Importer();
  Importer(const Importer&) = delete;
  Importer& operator=(const Importer&) = delete;

  /// Takes the next bytes; waits while the store is behind. Errors: too_large for a line that is
  /// too long and for an atomic import beyond the budget, unavailable when others hold too much of
  /// the budget or the store stopped taking writes; the import is then over.
  Result<void> feed(std::string_view bytes);
  /// Takes the last line, waits for everything to be durable. Called once.
  Result<ImportReport> finish();
  /// Instead, after an error of feed() or of where the bytes come from; or, of lines that are taken
  /// one by one, behind an error of finish(). What became of those before it, when all of them are
  /// durable or refused.
  ImportReport break_off();

private:
  struct State;
  Result<void> take_line(std::string_view line);
  Result<rules::Adoption> read_line(const json::Value& document);
  Result<void> store_all();
  std::unique_ptr<State> state_;
};

} // namespace diffo::server
