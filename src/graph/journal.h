#pragma once

#include "graph/change.h"

#include <array>

namespace diffo::graph {

using Hash = std::array<std::uint8_t, 32>;

/// One change set as the journal keeps it (docs/formats/journal.md). Entries form a chain: each
/// carries the hash of the one before it, and its own hash covers everything but itself.
struct JournalEntry {
  struct Image {
    Key key;
    Sequence previous = 0; ///< the sequence of the record before; 0: there was none
    std::string after;     ///< packed record; empty: erased
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
  Hash model{}; ///< of the model that was in force; zeros: none
  std::vector<Image> images;
  std::vector<Claim> taken;
  std::vector<Claim> released;
};

/// The stored bytes of an entry; sets `hash` from the content and `parent`.
std::string encode_entry(JournalEntry& entry);
/// Reads stored bytes. Errors: corrupt (damaged, or the hash does not cover the content),
/// unsupported (newer format).
Result<JournalEntry> decode_entry(std::string_view bytes);

} // namespace diffo::graph
