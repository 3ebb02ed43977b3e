#pragma once

#include "graph/change.h"
#include "store/disk.h"
#include "store/key_tree.h"
#include "store/radix_vector.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::store {

/// A claim that several sets share.
struct KeptClaim {
  mutable std::atomic<std::uint32_t> references{1};
  graph::Claim claim;
};
/// How a vector of claims counts them.
struct CountedClaims {
  static void retain(const KeptClaim* claim);
  static void release(const KeptClaim* claim);
};

/// Who holds what, as a value: copies share everything.
///
/// A claim has a slot; its content stands in claims_ under the slot. All orders stand in one tree,
/// each key ending with the slot (4 bytes):
///   N scope key     every claim once; the numbers of a pool in their order
///   U scope unit    of pools with units larger than one: every unit that has a claim, once,
///   without slot L lease         every claim with a lease, by its end S scope lease   those of
///   pools, by scope and end F               slots that are free again
/// Lengths stand before texts, so that no scope is the beginning of another. Long texts are
/// replaced by their hash; then the claim in the slot decides. A claim whose lease ran out stays
/// until drop_lapsed() and counts as free before. Thread rule: a set as a plain value.
class ClaimSet {
public:
  /// Errors: conflict when a claim to take is held by somebody else at that time; invalid for a key
  /// that is no number in the scope of a pool.
  [[nodiscard]] Result<void> check(const graph::ChangeSet& changes, std::int64_t now) const;
  /// Takes and releases; returns in `taken` and `released` what really changed.
  void apply(const graph::ChangeSet& changes, DiskBatch& batch, std::vector<graph::Claim>& taken,
             std::vector<graph::Claim>& released);
  /// Erases some of those whose lease has ended by then.
  void drop_lapsed(std::int64_t time, DiskBatch& batch);

  /// The claim, also when its lease ran out; null: none. Valid as long as the set is not changed.
  [[nodiscard]] const graph::Claim* find(std::string_view scope, std::string_view key) const;
  /// How many numbers or units are free. O((r + k) log n): r ranges, k claims of the scope whose
  /// lease ran out within the last minute. Errors: invalid.
  [[nodiscard]] Result<std::uint64_t> count_free(const graph::FreeQuery& query,
                                                 std::int64_t now) const;
  /// The free number or unit with so many free ones before it; for a unit, its first number. Cost
  /// as above. Errors: invalid.
  [[nodiscard]] Result<std::optional<std::int64_t>>
  nth_free(const graph::FreeQuery& query, std::uint64_t n, std::int64_t now) const;

  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Sum over all claims, to notice lost ones.
  [[nodiscard]] std::uint64_t digest() const { return digest_; }
  void for_each(const std::function<void(const graph::Claim&)>& visit) const;
  /// Takes an entry of the table on disk. Errors: corrupt.
  Result<void> load(std::string_view key, std::string_view value);

private:
  class Held;
  [[nodiscard]] std::optional<std::uint32_t> slot_of(std::string_view scope,
                                                     std::string_view key) const;
  [[nodiscard]] std::uint64_t numbers_between(std::string_view scope, std::int64_t first,
                                              std::int64_t last) const;
  [[nodiscard]] std::vector<std::int64_t> lapsed(std::string_view scope, std::int64_t now) const;
  void put(const graph::Claim& claim);
  void erase(std::uint32_t slot);
  void set(const graph::Claim& claim, DiskBatch& batch);
  void remove(std::uint32_t slot, DiskBatch& batch);

  KeyTree keys_;
  RadixVector<const KeptClaim*, CountedClaims> claims_; ///< by slot
  std::uint32_t next_slot_ = 0;
  std::uint64_t size_ = 0;
  std::uint64_t digest_ = 0;
};

/// The key and value of a claim on disk.
std::string claim_name(std::string_view scope, std::string_view key);
std::string encode_claim(const graph::Claim& claim);
Result<graph::Claim> decode_claim(std::string_view name, std::string_view value);

} // namespace diffo::store
