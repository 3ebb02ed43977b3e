#pragma once

#include "graph/key.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace diffo::store {

/// The dense number of an identity (tenant, family, id), whether a record has it or only an edge
/// names it.
using Identity = std::uint32_t;

/// Where identities are spelled: append-only memory that never moves. Thread rule: one writer; any
/// thread reads what was published to it.
class IdentityArena {
public:
  IdentityArena() = default;
  IdentityArena(const IdentityArena&) = delete;
  IdentityArena& operator=(const IdentityArena&) = delete;
  ~IdentityArena();
  /// Room for so many bytes; its place.
  std::pair<std::uint64_t, char*> allocate(std::size_t bytes);
  [[nodiscard]] const char* at(std::uint64_t place) const {
    return chunks_[place / chunk_bytes].load(std::memory_order_acquire) + place % chunk_bytes;
  }
  [[nodiscard]] std::uint64_t bytes() const { return used_.load(std::memory_order_relaxed); }
  static constexpr std::size_t chunk_bytes = std::size_t{1} << 20;
  static constexpr std::size_t max_chunks = std::size_t{1} << 15;

private:
  std::unique_ptr<std::atomic<char*>[]> chunks_ =
      std::make_unique<std::atomic<char*>[]>(max_chunks);
  std::atomic<std::uint64_t> used_{0};
};

/// One generation of the table's slots. Readers keep the generation of their revision: whatever
/// that revision knows is in it, and what is inserted later does them no harm. Thread rule: one
/// writer, any reader.
class IdentitySlots {
public:
  IdentitySlots(std::shared_ptr<const IdentityArena> arena, std::size_t count, std::uint64_t seed,
                std::uint32_t generation);
  [[nodiscard]] std::optional<Identity> find(const graph::KeyView& key) const;
  /// Numbers mean the same in slots of one generation.
  [[nodiscard]] std::uint32_t generation() const { return generation_; }

private:
  friend class IdentityTable;
  [[nodiscard]] std::optional<Identity> find(std::string_view packed, std::uint64_t hash) const;
  [[nodiscard]] bool is_at(std::uint64_t place, std::string_view packed) const;
  void put(std::uint64_t hash, std::uint64_t place);
  std::shared_ptr<const IdentityArena> arena_;
  std::size_t mask_;
  std::uint64_t seed_;
  std::uint32_t generation_;
  // High 20 bits: of the hash; low 44 bits: place in the arena + 1; 0: free.
  std::unique_ptr<std::atomic<std::uint64_t>[]> slots_;
};

/// Numbers identities and takes back the numbers of those that nothing names any more. Ids are
/// packed: a UUID takes 16 bytes.
///
/// What must hold for readers of old revisions: a number never means two identities within one
/// generation of slots. Unused identities therefore stay where they are until sweep() begins a new
/// generation without them; only what is interned after it gets their numbers, and it is not in the
/// slots that older revisions keep. So create and delete for ever costs the memory of about twice
/// of what is in use.
///
/// Uses are counted in one byte; from `many` on they are not, and a sweep asks whether there are
/// any. Thread rule: one writer; readers use the slots of their revision.
class IdentityTable {
public:
  /// The seed makes places unforeseeable for clients who choose ids.
  explicit IdentityTable(std::uint64_t seed);
  [[nodiscard]] std::optional<Identity> find(const graph::KeyView& key) const {
    return slots_->find(key);
  }
  /// The number of the identity; a new one is in use only when retain() says so.
  Identity intern(const graph::KeyView& key);
  /// The number, if it is in use.
  [[nodiscard]] std::optional<Identity> find_used(const graph::KeyView& key) const;
  /// One more, or one less, record or reverse edge has the number.
  void retain(Identity identity);
  void release(Identity identity);
  /// As if nothing were in use, before all of it is counted anew.
  void forget_uses();
  /// Whether a sweep would free about as much as is in use.
  [[nodiscard]] bool is_worth_sweeping() const;
  /// Begins a generation without what is not in use. Numbers interned before and not retained yet
  /// are invalid afterwards.
  void sweep(const std::function<bool(Identity)>& is_used);
  /// How many are in use.
  [[nodiscard]] std::uint32_t size() const { return known_ - unused_; }
  [[nodiscard]] std::shared_ptr<const IdentitySlots> slots() const { return slots_; }
  [[nodiscard]] std::uint64_t memory_bytes() const;

private:
  static constexpr std::uint8_t many = 255;
  Identity next_number();
  void place(Identity identity, std::string_view packed, std::uint64_t hash);
  void grow();
  std::shared_ptr<IdentityArena> arena_ = std::make_shared<IdentityArena>();
  std::shared_ptr<IdentitySlots> slots_;
  std::uint64_t seed_;
  std::uint32_t known_ = 0;        ///< in the slots
  std::uint32_t unused_ = 0;       ///< of these
  std::vector<std::uint8_t> uses_; ///< by number
  std::vector<Identity> free_;     ///< numbers of no identity
};

} // namespace diffo::store
