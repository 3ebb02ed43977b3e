#pragma once

#include "base/guarded.h"
#include "base/text_hash.h"
#include "graph/change.h"
#include "store/disk.h"

#include <map>
#include <optional>
#include <string>

namespace diffo::store {

/// Who holds what. The writer changes an overlay that becomes visible to others when its batch is
/// durable, or is dropped with it. Thread rule: one writer; find() from any thread.
class ClaimTable {
public:
  /// Errors: conflict when a claim to take is held by somebody else at that time.
  Result<void> check(const graph::ChangeSet& changes, std::int64_t now);
  /// Takes and releases; returns in `taken` and `released` what really changed.
  void apply(const graph::ChangeSet& changes, DiskBatch& batch, std::vector<graph::Claim>& taken,
             std::vector<graph::Claim>& released);
  /// Erases some of those whose lease has ended by then.
  void drop_expired(std::int64_t time, DiskBatch& batch);
  void publish();
  void drop() { overlay_.clear(); }
  [[nodiscard]] std::optional<graph::Claim> find(std::string_view scope, std::string_view key,
                                                 std::int64_t now);
  [[nodiscard]] std::size_t size();
  /// Sum over all claims, to notice lost ones; of the tip.
  [[nodiscard]] std::uint64_t digest() const { return digest_; }

  /// Takes an entry of the table on disk. Errors: corrupt.
  Result<void> load(std::string_view key, std::string_view value);
  [[nodiscard]] TextMap<std::string> all();

private:
  std::optional<graph::Claim> at_tip(const std::string& name);
  void set(const std::string& name, std::optional<std::string> value, DiskBatch& batch);
  std::optional<std::string> stored_at_tip(const std::string& name);

  Guarded<TextMap<std::string>> published_;
  TextMap<std::optional<std::string>> overlay_;
  std::multimap<std::int64_t, std::string> leases_;
  std::uint64_t digest_ = 0;
};

/// The key and value of a claim on disk.
std::string claim_name(std::string_view scope, std::string_view key);
std::string encode_claim(const graph::Claim& claim);
Result<graph::Claim> decode_claim(std::string_view name, std::string_view value);
[[nodiscard]] bool holds(const graph::Claim& claim, std::int64_t now);

} // namespace diffo::store
