#pragma once

#include "graph/key.h"
#include "graph/store.h"
#include "store/disk.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What a store keeps beside records and journal, without a sequence of its own
/// (docs/formats/folder.md): places of consumers, when a source last saw a
/// record, answers to requests with an idempotency key.
namespace diffo::store {

/// Begin of the keys of cursors among the settings.
inline constexpr std::string_view cursor_space = "cursor/";
std::string cursor_key(std::string_view consumer);
std::string encode_cursor(std::string_view key, graph::Sequence sequence);
/// Errors: corrupt.
Result<graph::Sequence> decode_cursor(std::string_view key, std::string_view stored);

using Seen = graph::Sighting;
void put_seen(DiskBatch& batch, const graph::KeyView& record, const Seen& seen);
/// By which sources, in the order of their names. Errors: corrupt, io.
Result<std::vector<Seen>> find_seen(const Disk& disk, const graph::KeyView& record);
/// When that source saw it; 0: never. Errors: corrupt, io.
Result<std::int64_t> find_seen(const Disk& disk, const graph::KeyView& record,
                               std::string_view source);
/// The record was erased.
Result<void> drop_seen(const Disk& disk, const graph::KeyView& record, DiskBatch& batch);
/// Errors: corrupt.
Result<Seen> decode_seen(std::string_view key, std::string_view stored);

/// How long the answer to an idempotency key is kept, in microseconds.
inline constexpr std::int64_t answers_kept = std::int64_t{24} * 60 * 60 * 1'000'000;
/// What a request with an idempotency key came to: enough to give the same
/// answer again.
struct KeptAnswer {
  std::string fingerprint;      ///< of the request
  std::uint16_t status = 0;     ///< 0: it follows from the rest
  graph::Sequence sequence = 0; ///< at which the records show what was answered
  std::int64_t time = 0;
  std::vector<graph::Key> records;
  friend bool operator==(const KeptAnswer&, const KeptAnswer&) = default;
};
/// The scope of a key: who gave it.
std::string answer_name(graph::Tenant tenant, std::string_view actor, std::string_view key);
void put_answer(DiskBatch& batch, std::string_view name, const KeptAnswer& answer);
/// Nothing when there is none that is younger than `after`. Errors: corrupt,
/// io.
Result<std::optional<KeptAnswer>> find_answer(const Disk& disk, std::string_view name,
                                              std::int64_t after);
/// Erases some of those that are not younger than `after`. Errors: corrupt, io.
Result<void> drop_answers(const Disk& disk, std::int64_t after, DiskBatch& batch);
/// Whether an entry of the table can be read. Errors: corrupt.
Result<void> check_answer(std::string_view key, std::string_view stored);

} // namespace diffo::store
