#include "graph/journal.h"

#include "base/sha256.h"
#include "graph/packed.h"

#include <algorithm>

namespace diffo::graph {
namespace {

// Layout (docs/formats/journal.md): version, hash, content. The hash covers version and content.
constexpr char format_version = 1;
constexpr std::size_t hash_bytes = sizeof(Hash);
constexpr std::size_t head_bytes = 1 + hash_bytes;
constexpr std::uint8_t erased = 0;
constexpr std::uint8_t put = 1;

void append_sized(std::string& out, std::string_view text) {
  append_varint(out, text.size());
  out += text;
}

void append_hash(std::string& out, const Hash& hash) {
  out.append(reinterpret_cast<const char*>(hash.data()), hash.size());
}

void append_claims(std::string& out, const std::vector<Claim>& claims) {
  append_varint(out, claims.size());
  for (const Claim& claim : claims) {
    append_sized(out, claim.scope);
    append_sized(out, claim.key);
    append_sized(out, claim.holder);
    append_sized(out, claim.branch);
    append_varint(out, static_cast<std::uint64_t>(claim.lease_until));
  }
}

std::string_view read_sized(PackedReader& in) {
  return in.bytes(in.varint());
}

Hash read_hash(PackedReader& in) {
  Hash hash{};
  const std::string_view bytes = in.bytes(hash_bytes);
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(hash.data()));
  return hash;
}

std::vector<Claim> read_claims(PackedReader& in) {
  std::vector<Claim> claims;
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    Claim& claim = claims.emplace_back();
    claim.scope = read_sized(in);
    claim.key = read_sized(in);
    claim.holder = read_sized(in);
    claim.branch = read_sized(in);
    claim.lease_until = static_cast<std::int64_t>(in.varint());
  }
  return claims;
}

Hash hash_of(std::string_view content) {
  std::string covered(1, format_version);
  covered += content;
  return sha256(covered);
}

void append_changes(std::string& out, const std::vector<JournalEntry::Change>& changes) {
  append_varint(out, changes.size());
  for (const JournalEntry::Change& change : changes) {
    append_varint(out, change.key.tenant);
    out += static_cast<char>(change.key.family);
    append_sized(out, change.key.id);
    append_varint(out, change.previous);
    out += static_cast<char>(change.content ? put : erased);
    if (change.content)
      append_hash(out, *change.content);
  }
}

Result<std::vector<JournalEntry::Change>> read_changes(PackedReader& in) {
  std::vector<JournalEntry::Change> changes;
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    JournalEntry::Change& change = changes.emplace_back();
    change.key.tenant = static_cast<Tenant>(in.varint());
    change.key.family = in.byte();
    change.key.id = read_sized(in);
    change.previous = in.varint();
    const std::uint8_t what = in.byte();
    if (what == put)
      change.content = read_hash(in);
    else if (what != erased)
      return Error{ErrorCode::corrupt, "the journal entry has a change of an unknown kind"};
  }
  return changes;
}

std::string content_of(const JournalEntry& entry) {
  std::string out;
  std::size_t expected = 256;
  for (const JournalEntry::Change& change : entry.changes)
    expected += change.key.id.size() + 56;
  out.reserve(expected);
  append_varint(out, entry.sequence);
  append_varint(out, static_cast<std::uint64_t>(entry.time));
  append_sized(out, entry.branch);
  append_hash(out, entry.parent);
  append_varint(out, entry.tenant);
  append_sized(out, entry.actor);
  append_sized(out, entry.cause);
  append_sized(out, entry.idempotency_key);
  append_hash(out, entry.model);
  out += static_cast<char>(entry.replaced_schema ? 1 : 0);
  append_varint(out, entry.superseded_bytes);
  append_changes(out, entry.changes);
  append_claims(out, entry.taken);
  append_claims(out, entry.released);
  return out;
}

/// What stands after the version byte.
Result<PackedReader> opened(std::string_view bytes) {
  if (bytes.size() < head_bytes || bytes[0] == 0)
    return Error{ErrorCode::corrupt, "the journal entry is too short"};
  if (bytes[0] != format_version)
    return Error{ErrorCode::unsupported, "the journal entry has a newer format"};
  return PackedReader(bytes.substr(1));
}

} // namespace

Hash content_hash(std::string_view record_bytes) {
  if (record_bytes.size() < record_head_bytes)
    return sha256(record_bytes);
  return content_hash(record_bytes, sha256(record_bytes.substr(record_head_bytes)));
}

Hash content_hash(std::string_view record_bytes, const Hash& body) {
  std::string both(record_bytes.substr(0, record_head_bytes));
  append_hash(both, body);
  return sha256(both);
}

Hash body_hash(const Record& record) {
  return sha256(record.bytes().substr(record_head_bytes));
}

std::string encode_entry(JournalEntry& entry) {
  const std::string content = content_of(entry);
  entry.hash = hash_of(content);
  std::string out;
  out.reserve(head_bytes + content.size());
  out += format_version;
  append_hash(out, entry.hash);
  out += content;
  return out;
}

Result<JournalEntry> decode_entry(std::string_view bytes) {
  PackedReader in = TRY(opened(bytes));
  if (hash_of(bytes.substr(head_bytes)) != read_hash(in))
    return Error{ErrorCode::corrupt, "the journal entry does not fit its hash"};
  return decode_entry_unverified(bytes);
}

Result<JournalEntry> decode_entry_unverified(std::string_view bytes) {
  PackedReader in = TRY(opened(bytes));
  JournalEntry entry;
  entry.hash = read_hash(in);
  entry.sequence = in.varint();
  entry.time = static_cast<std::int64_t>(in.varint());
  entry.branch = read_sized(in);
  entry.parent = read_hash(in);
  entry.tenant = static_cast<Tenant>(in.varint());
  entry.actor = read_sized(in);
  entry.cause = read_sized(in);
  entry.idempotency_key = read_sized(in);
  entry.model = read_hash(in);
  entry.replaced_schema = in.byte() != 0;
  entry.superseded_bytes = in.varint();
  entry.changes = TRY(read_changes(in));
  entry.taken = read_claims(in);
  entry.released = read_claims(in);
  if (!in.ok() || !in.at_end())
    return Error{ErrorCode::corrupt, "the journal entry has damaged content"};
  return entry;
}

Result<std::int64_t> time_of_entry(std::string_view bytes) {
  PackedReader in = TRY(opened(bytes));
  in.bytes(hash_bytes);
  in.varint();
  const auto time = static_cast<std::int64_t>(in.varint());
  if (!in.ok())
    return Error{ErrorCode::corrupt, "the journal entry is too short"};
  return time;
}

} // namespace diffo::graph
