#pragma once

#include "graph/key.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

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
  IdentitySlots(std::shared_ptr<const IdentityArena> arena, std::size_t count, std::uint64_t seed);
  [[nodiscard]] std::optional<Identity> find(const graph::KeyView& key) const;

private:
  friend class IdentityTable;
  [[nodiscard]] std::optional<Identity> find(std::string_view packed, std::uint64_t hash) const;
  [[nodiscard]] bool is_at(std::uint64_t place, std::string_view packed) const;
  void put(std::uint64_t hash, std::uint64_t place);
  std::shared_ptr<const IdentityArena> arena_;
  std::size_t mask_;
  std::uint64_t seed_;
  // High 20 bits: of the hash; low 44 bits: place in the arena + 1; 0: free.
  std::unique_ptr<std::atomic<std::uint64_t>[]> slots_;
};

/// Numbers identities; never forgets one. Ids are packed: a UUID takes 16 bytes. Thread rule: one
/// writer; readers use the slots of their revision.
class IdentityTable {
public:
  /// The seed makes places unforeseeable for clients who choose ids.
  explicit IdentityTable(std::uint64_t seed);
  [[nodiscard]] std::optional<Identity> find(const graph::KeyView& key) const {
    return slots_->find(key);
  }
  Identity intern(const graph::KeyView& key);
  [[nodiscard]] std::uint32_t size() const { return count_; }
  [[nodiscard]] std::shared_ptr<const IdentitySlots> slots() const { return slots_; }
  [[nodiscard]] std::uint64_t memory_bytes() const;

private:
  void grow();
  std::shared_ptr<IdentityArena> arena_ = std::make_shared<IdentityArena>();
  std::shared_ptr<IdentitySlots> slots_;
  std::uint64_t seed_;
  std::uint32_t count_ = 0;
};

} // namespace diffo::store
