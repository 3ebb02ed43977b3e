#pragma once

#include "graph/change.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::graph {

using Hash = std::array<std::uint8_t, 32>;

/// One change set as the journal keeps it (docs/formats/journal.md). Entries form a chain: each
/// carries the hash of the one before it, and its own hash covers everything but itself. Images are
/// not in it: a change names its record by the sequence and the hash of its content, and the store
/// keeps each image once.
struct JournalEntry {
  /// One record put or erased.
  struct Change {
    Key key;
    Sequence previous = 0;       ///< the sequence of the record before; 0: there was none
    std::optional<Hash> content; ///< content_hash() of the packed record put; none: erased
  };
  Sequence sequence = 0;
  std::int64_t time = 0;
  std::string branch;
  Hash parent{};
  Hash hash{};
  Tenant tenant = 0;
  std::string actor;
  std::string cause;
  std::string idempotency_key;
  Hash model{}; ///< of the schema's description from this entry on; zeros: the program's own
  bool replaced_schema = false; ///< this entry put it in force
  /// Of the images that this entry made into history: they go when it goes.
  std::uint64_t superseded_bytes = 0;
  std::vector<Change> changes;
  std::vector<Claim> taken;
  std::vector<Claim> released;
};

/// What names the content of a record in the journal: SHA-256 over its head, which a commit stamps,
/// and the SHA-256 of its body, which can be known before. Of nothing (an erasure): of no bytes.
Hash content_hash(std::string_view record_bytes);
/// The same with the hash of the body at hand. Costs the same for all records.
Hash content_hash(std::string_view record_bytes, const Hash& body);
Hash body_hash(const Record& record);

/// The stored bytes of an entry; sets `hash` from the content and `parent`.
std::string encode_entry(JournalEntry& entry);
/// Reads stored bytes. Errors: corrupt (damaged, or the hash does not cover the content),
/// unsupported (newer format).
Result<JournalEntry> decode_entry(std::string_view bytes);
/// The same without comparing the hash, for those who drop entries. Errors: likewise.
Result<JournalEntry> decode_entry_unverified(std::string_view bytes);
/// The time of an entry alone, unverified. Errors: corrupt, unsupported.
Result<std::int64_t> time_of_entry(std::string_view bytes);

} // namespace diffo::graph
