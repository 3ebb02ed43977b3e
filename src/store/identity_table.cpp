#include "store/identity_table.h"

#include "base/uuid.h"

#include <diffo/result.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

namespace diffo::store {
namespace {

constexpr unsigned place_bits = 44;
constexpr std::uint64_t place_mask = (std::uint64_t{1} << place_bits) - 1;
constexpr std::size_t first_slots = 1024;
constexpr std::uint32_t least_swept = 4096;
constexpr std::size_t number_bytes = sizeof(Identity);

/// Tenant, family and id as they are compared: varint tenant, family, 0 and 16 bytes of a
/// lower-case UUID, or varint length + 1 and the id.
class PackedIdentity {
public:
  explicit PackedIdentity(const graph::KeyView& key) {
    put_varint(key.tenant);
    head_[size_++] = static_cast<char>(key.family);
    if (key.id.size() == Uuid::text_length && pack_uuid(key.id)) {
      text_ = {head_.data(), size_};
      return;
    }
    put_varint(key.id.size() + 1);
    if (size_ + key.id.size() <= head_.size()) {
      key.id.copy(head_.data() + size_, key.id.size());
      text_ = {head_.data(), size_ + key.id.size()};
      return;
    }
    long_.assign(head_.data(), size_);
    long_ += key.id;
    text_ = long_;
  }
  PackedIdentity(const PackedIdentity&) = delete;
  PackedIdentity& operator=(const PackedIdentity&) = delete;
  [[nodiscard]] std::string_view text() const { return text_; }

private:
  void put_varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7)
      head_[size_++] = static_cast<char>(value | 0x80);
    head_[size_++] = static_cast<char>(value);
  }
  static int digit(char c) {
    if (c >= '0' && c <= '9')
      return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  }
  bool pack_uuid(std::string_view id) {
    char* out = head_.data() + size_ + 1;
    std::size_t at = 0;
    for (std::size_t byte = 0; byte < 16; ++byte) {
      if (at == 8 || at == 13 || at == 18 || at == 23)
        if (id[at++] != '-')
          return false;
      const int high = digit(id[at]);
      const int low = digit(id[at + 1]);
      if (high < 0 || low < 0)
        return false;
      out[byte] = static_cast<char>(high << 4 | low);
      at += 2;
    }
    head_[size_] = 0;
    size_ += 17;
    return true;
  }
  std::array<char, 96> head_;
  std::size_t size_ = 0;
  std::string long_;
  std::string_view text_;
};

__extension__ using Wide = unsigned __int128;

std::uint64_t mix(std::uint64_t left, std::uint64_t right) {
  const auto product = static_cast<Wide>(left) * right;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

/// A seeded hash: clients choose ids, so they must not be able to choose places.
std::uint64_t hash_of(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = mix(seed ^ 0x9e3779b97f4a7c15ULL, text.size() + 0xa0761d6478bd642fULL);
  while (text.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), 8);
    hash = mix(hash ^ word, seed | 0xe7037ed1a0b428dbULL);
    text.remove_prefix(8);
  }
  std::uint64_t rest = 0;
  if (!text.empty()) // an empty text may be nowhere
    std::memcpy(&rest, text.data(), text.size());
  return mix(hash ^ rest, 0x8ebc6af09c88c6e3ULL ^ seed);
}

std::size_t length_at(const char* packed) {
  const char* at = packed;
  while ((*at & 0x80) != 0)
    ++at;
  at += 2; // the tenant's last byte, the family
  std::uint64_t size = 0;
  unsigned shift = 0;
  do {
    size |= static_cast<std::uint64_t>(*at & 0x7f) << shift;
    shift += 7;
  } while ((*at++ & 0x80) != 0);
  return static_cast<std::size_t>(at - packed) + (size == 0 ? 16 : size - 1);
}

} // namespace

IdentityArena::~IdentityArena() {
  for (std::size_t chunk = 0; chunk < max_chunks; ++chunk) {
    char* bytes = chunks_[chunk].load(std::memory_order_relaxed);
    if (bytes == nullptr)
      return;
    ::operator delete(bytes);
  }
}

std::pair<std::uint64_t, char*> IdentityArena::allocate(std::size_t bytes) {
  DIFFO_ASSERT(bytes <= chunk_bytes);
  std::uint64_t place = used_.load(std::memory_order_relaxed);
  if (place % chunk_bytes == 0 || place % chunk_bytes + bytes > chunk_bytes) {
    place = (place + chunk_bytes - 1) / chunk_bytes * chunk_bytes;
    DIFFO_ASSERT(place / chunk_bytes < max_chunks);
    chunks_[place / chunk_bytes].store(static_cast<char*>(::operator new(chunk_bytes)),
                                       std::memory_order_release);
  }
  used_.store(place + bytes, std::memory_order_relaxed);
  return {place,
          chunks_[place / chunk_bytes].load(std::memory_order_relaxed) + place % chunk_bytes};
}

IdentitySlots::IdentitySlots(std::shared_ptr<const IdentityArena> arena, std::size_t count,
                             std::uint64_t seed, std::uint32_t generation)
    : arena_(std::move(arena)), mask_(count - 1), seed_(seed), generation_(generation),
      slots_(std::make_unique<std::atomic<std::uint64_t>[]>(count)) {}

bool IdentitySlots::is_at(std::uint64_t place, std::string_view packed) const {
  const char* stored = arena_->at(place) + number_bytes;
  // A stored identity ends where its own length says, so that a longer one never reads beyond it.
  return length_at(stored) == packed.size() &&
         std::memcmp(stored, packed.data(), packed.size()) == 0;
}

std::optional<Identity> IdentitySlots::find(const graph::KeyView& key) const {
  const PackedIdentity packed(key);
  return find(packed.text(), hash_of(packed.text(), seed_));
}

std::optional<Identity> IdentitySlots::find(std::string_view packed, std::uint64_t hash) const {
  for (std::size_t at = hash & mask_;; at = (at + 1) & mask_) {
    const std::uint64_t slot = slots_[at].load(std::memory_order_acquire);
    if (slot == 0)
      return std::nullopt;
    const std::uint64_t place = (slot & place_mask) - 1;
    if (slot >> place_bits == hash >> place_bits && is_at(place, packed)) {
      Identity identity = 0;
      std::memcpy(&identity, arena_->at(place), number_bytes);
      return identity;
    }
  }
}

void IdentitySlots::put(std::uint64_t hash, std::uint64_t place) {
  std::size_t at = hash & mask_;
  while (slots_[at].load(std::memory_order_relaxed) != 0)
    at = (at + 1) & mask_;
  slots_[at].store((hash >> place_bits << place_bits) | (place + 1), std::memory_order_release);
}

IdentityTable::IdentityTable(std::uint64_t seed)
    : slots_(std::make_shared<IdentitySlots>(arena_, first_slots, seed, 0)), seed_(seed) {}

Identity IdentityTable::intern(const graph::KeyView& key) {
  const PackedIdentity packed(key);
  const std::uint64_t hash = hash_of(packed.text(), seed_);
  if (const auto known = slots_->find(packed.text(), hash))
    return *known;
  if (known_ >= (slots_->mask_ + 1) / 4 * 3)
    grow();
  const Identity identity = next_number();
  place(identity, packed.text(), hash);
  ++known_;
  ++unused_;
  return identity;
}

std::optional<Identity> IdentityTable::find_used(const graph::KeyView& key) const {
  const auto identity = find(key);
  return identity && uses_[*identity] != 0 ? identity : std::nullopt;
}

Identity IdentityTable::next_number() {
  if (!free_.empty()) {
    const Identity identity = free_.back();
    free_.pop_back();
    return identity;
  }
  uses_.push_back(0);
  return static_cast<Identity>(uses_.size() - 1);
}

void IdentityTable::place(Identity identity, std::string_view packed, std::uint64_t hash) {
  const auto [place, bytes] = arena_->allocate(number_bytes + packed.size());
  std::memcpy(bytes, &identity, number_bytes);
  std::memcpy(bytes + number_bytes, packed.data(), packed.size());
  slots_->put(hash, place);
}

void IdentityTable::retain(Identity identity) {
  std::uint8_t& uses = uses_[identity];
  unused_ -= uses == 0 ? 1 : 0;
  if (uses < many)
    ++uses;
}

void IdentityTable::release(Identity identity) {
  std::uint8_t& uses = uses_[identity];
  DIFFO_ASSERT(uses != 0);
  if (uses == many)
    return;
  --uses;
  unused_ += uses == 0 ? 1 : 0;
}

void IdentityTable::forget_uses() {
  std::fill(uses_.begin(), uses_.end(), std::uint8_t{0});
  unused_ = known_;
}

bool IdentityTable::is_worth_sweeping() const {
  return unused_ >= std::max(least_swept, size());
}

void IdentityTable::sweep(const std::function<bool(Identity)>& is_used) {
  // Readers keep the generation before; it is not changed any more.
  const std::shared_ptr<IdentityArena> old_arena =
      std::exchange(arena_, std::make_shared<IdentityArena>());
  std::size_t count = first_slots;
  while (count / 4 * 3 <= size() + size() / 2)
    count *= 2;
  const std::shared_ptr<IdentitySlots> old_slots = std::exchange(
      slots_, std::make_shared<IdentitySlots>(arena_, count, seed_, slots_->generation_ + 1));
  known_ = unused_ = 0;
  for (std::size_t at = 0; at <= old_slots->mask_; ++at) {
    const std::uint64_t slot = old_slots->slots_[at].load(std::memory_order_relaxed);
    if (slot == 0)
      continue;
    const char* stored = old_arena->at((slot & place_mask) - 1);
    Identity identity = 0;
    std::memcpy(&identity, stored, number_bytes);
    std::uint8_t& uses = uses_[identity];
    if (uses == many && !is_used(identity))
      uses = 0;
    if (uses == 0) {
      free_.push_back(identity);
      continue;
    }
    const std::string_view packed(stored + number_bytes, length_at(stored + number_bytes));
    place(identity, packed, hash_of(packed, seed_));
    ++known_;
  }
}

void IdentityTable::grow() {
  const std::size_t count = (slots_->mask_ + 1) * 2;
  auto larger = std::make_shared<IdentitySlots>(arena_, count, seed_, slots_->generation_);
  for (std::size_t at = 0; at <= slots_->mask_; ++at)
    if (const std::uint64_t slot = slots_->slots_[at].load(std::memory_order_relaxed); slot != 0) {
      const std::uint64_t place = (slot & place_mask) - 1;
      const char* packed = arena_->at(place) + number_bytes;
      larger->put(hash_of({packed, length_at(packed)}, seed_), place);
    }
  slots_ = std::move(larger);
}

std::uint64_t IdentityTable::memory_bytes() const {
  return arena_->bytes() + (slots_->mask_ + 1) * sizeof(std::uint64_t) + uses_.capacity() +
         free_.capacity() * sizeof(Identity);
}

} // namespace diffo::store
