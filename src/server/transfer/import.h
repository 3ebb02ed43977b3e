#pragma once

#include "graph/store.h"
#include "model/api.h"

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
  static constexpr std::size_t max_rejections = 1000;

  [[nodiscard]] json::Value to_json() const;
};

/// Takes NDJSON of TMF documents in pieces of any size (wire.md §6.2). Lines are independent of
/// each other's order, because a reference to what is not there yet is a stub. Thread rule: one
/// thread, not one of the store's.
class Importer {
public:
  /// What an atomic import may hold in memory before it is stored.
  static constexpr std::size_t max_atomic_bytes = std::size_t{1} << 30;

  Importer(graph::Store& store, std::function<graph::Context()> context, ImportOptions options);
  ~Importer();
  Importer(const Importer&) = delete;
  Importer& operator=(const Importer&) = delete;

  /// Takes the next bytes; waits while the store is behind. Errors: too_large for a line or an
  /// atomic import beyond its bound, unavailable when the store stopped taking writes; the import
  /// is then over.
  Result<void> feed(std::string_view bytes);
  /// Takes the last line, waits for everything to be durable. Called once.
  Result<ImportReport> finish();

private:
  struct State;
  Result<void> take_line(std::string_view line);
  Result<void> store_all();
  std::unique_ptr<State> state_;
};

} // namespace diffo::server
