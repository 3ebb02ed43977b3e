#include "store/claim_set.h"

#include "base/byte_order.h"
#include "base/sha256.h"
#include "graph/change_checks.h"
#include "graph/free_numbers.h"
#include "graph/packed.h"
#include "store/sealed_value.h"
#include "store/state_keys.h"

#include <algorithm>
#include <map>
#include <utility>

namespace diffo::store {
namespace {

using graph::Claim;

constexpr std::size_t slot_bytes = sizeof(std::uint32_t);
constexpr std::size_t longest_spelled = 64;
constexpr char hashed = '\xff';

void append_sized(std::string& out, std::string_view text) {
  graph::append_varint(out, text.size());
  out += text;
}

void append_part(std::string& out, std::string_view text) {
  if (text.size() <= longest_spelled) {
    out += static_cast<char>(text.size());
    out += text;
    return;
  }
  const auto hash = sha256(text);
  out += hashed;
  out.append(reinterpret_cast<const char*>(hash.data()), hash.size());
}

/// So that the order of the bytes is that of the numbers.
void append_number(std::string& out, std::int64_t number) {
  const std::uint64_t ordered = static_cast<std::uint64_t>(number) ^ std::uint64_t{1} << 63;
  append_big_endian(out, ordered);
}

std::string scope_prefix(char space, std::string_view scope) {
  std::string out(1, space);
  append_part(out, scope);
  return out;
}

std::string number_place(char space, std::string_view scope, std::int64_t number) {
  std::string out = scope_prefix(space, scope);
  append_number(out, number);
  return out;
}

/// Where the claim stands, without its slot. In the scope of a pool the key must be a number.
std::string name_place(std::string_view scope, std::string_view key) {
  if (graph::unit_of_scope(scope))
    if (const auto number = graph::number_of_key(key))
      return number_place('N', scope, *number);
  std::string out = scope_prefix('N', scope);
  append_part(out, key);
  return out;
}

std::string lease_place(std::int64_t lease_until) {
  std::string out(1, 'L');
  append_number(out, lease_until);
  return out;
}

std::string scope_lease_place(std::string_view scope, std::int64_t lease_until) {
  return number_place('S', scope, lease_until);
}

std::string with_slot(std::string place, std::uint32_t slot) {
  append_big_endian(place, slot);
  return place;
}

std::uint32_t slot_in(std::string_view key) {
  return ordinal_of(key);
}

std::uint64_t digest_of(const Claim& claim) {
  return store::digest_of(claim_name(claim.scope, claim.key), encode_claim(claim));
}

} // namespace

void CountedClaims::retain(const KeptClaim* claim) {
  if (claim != nullptr)
    claim->references.fetch_add(1, std::memory_order_relaxed);
}

void CountedClaims::release(const KeptClaim* claim) {
  if (claim != nullptr && claim->references.fetch_sub(1, std::memory_order_acq_rel) == 1)
    delete claim;
}

std::string claim_name(std::string_view scope, std::string_view key) {
  std::string name;
  append_sized(name, scope);
  name += key;
  return name;
}

std::string encode_claim(const Claim& claim) {
  std::string value;
  append_sized(value, claim.holder);
  append_sized(value, claim.branch);
  graph::append_varint(value, static_cast<std::uint64_t>(claim.lease_until));
  return value;
}

Result<Claim> decode_claim(std::string_view name, std::string_view value) {
  graph::PackedReader names(name);
  graph::PackedReader values(value);
  Claim claim;
  claim.scope = names.bytes(names.varint());
  claim.key = names.bytes(names.left());
  claim.holder = values.bytes(values.varint());
  claim.branch = values.bytes(values.varint());
  claim.lease_until = static_cast<std::int64_t>(values.varint());
  if (!names.ok() || !values.ok() || !values.at_end())
    return Error{ErrorCode::corrupt, "a stored claim is damaged"};
  return claim;
}

std::optional<std::uint32_t> ClaimSet::slot_of(std::string_view scope, std::string_view key) const {
  const std::string place = name_place(scope, key);
  const auto found = keys_.seek(place);
  if (!found.valid() || found.key().size() != place.size() + slot_bytes ||
      !found.key().starts_with(place))
    return std::nullopt;
  return slot_in(found.key());
}

const Claim* ClaimSet::find(std::string_view scope, std::string_view key) const {
  const auto slot = slot_of(scope, key);
  return slot ? &claims_.get(*slot)->claim : nullptr;
}

Result<void> ClaimSet::check(const graph::ChangeSet& changes, std::int64_t now) const {
  return graph::check_claims(changes, now, [this](const graph::ClaimName& name) {
    const Claim* held = find(name.scope, name.key);
    return held == nullptr ? std::nullopt : std::optional(*held);
  });
}

void ClaimSet::put(const Claim& claim) {
  std::uint32_t slot = next_slot_;
  const auto unused = keys_.seek("F");
  if (unused.valid() && unused.key().starts_with('F')) {
    const std::string key(unused.key());
    slot = slot_in(key);
    keys_.erase(key);
  } else {
    ++next_slot_;
  }
  keys_.insert(with_slot(name_place(claim.scope, claim.key), slot));
  const auto unit = graph::unit_of_scope(claim.scope);
  if (const auto number = graph::number_of_key(claim.key); unit && *unit > 1 && number)
    keys_.insert(number_place('U', claim.scope, graph::unit_of(*number, *unit)));
  if (claim.lease_until != 0) {
    keys_.insert(with_slot(lease_place(claim.lease_until), slot));
    if (unit)
      keys_.insert(with_slot(scope_lease_place(claim.scope, claim.lease_until), slot));
  }
  auto kept = std::make_unique<KeptClaim>();
  kept->claim = claim;
  claims_.set(slot, kept.release());
  ++size_;
  digest_ += digest_of(claim);
}

void ClaimSet::erase(std::uint32_t slot) {
  const Claim claim = claims_.get(slot)->claim;
  keys_.erase(with_slot(name_place(claim.scope, claim.key), slot));
  const auto unit = graph::unit_of_scope(claim.scope);
  if (const auto number = graph::number_of_key(claim.key); unit && *unit > 1 && number) {
    const std::int64_t at = graph::unit_of(*number, *unit);
    const std::int64_t first = at * std::int64_t{*unit};
    if (numbers_between(claim.scope, first, first + std::int64_t{*unit} - 1) == 0)
      keys_.erase(number_place('U', claim.scope, at));
  }
  if (claim.lease_until != 0) {
    keys_.erase(with_slot(lease_place(claim.lease_until), slot));
    keys_.erase(with_slot(scope_lease_place(claim.scope, claim.lease_until), slot));
  }
  claims_.set(slot, nullptr);
  keys_.insert(with_slot("F", slot));
  --size_;
  digest_ -= digest_of(claim);
}

void ClaimSet::remove(std::uint32_t slot, DiskBatch& batch) {
  const Claim& claim = claims_.get(slot)->claim;
  batch.erase(Table::claims, claim_name(claim.scope, claim.key));
  erase(slot);
}

void ClaimSet::set(const Claim& claim, DiskBatch& batch) {
  if (const auto slot = slot_of(claim.scope, claim.key))
    erase(*slot);
  const std::string name = claim_name(claim.scope, claim.key);
  batch.put(Table::claims, name, with_checksum(name, encode_claim(claim)));
  put(claim);
}

void ClaimSet::apply(const graph::ChangeSet& changes, DiskBatch& batch, std::vector<Claim>& taken,
                     std::vector<Claim>& released) {
  for (const Claim& claim : changes.release) {
    const auto slot = slot_of(claim.scope, claim.key);
    if (!slot || !graph::same_holder(claims_.get(*slot)->claim, claim))
      continue;
    released.push_back(claims_.get(*slot)->claim);
    remove(*slot, batch);
  }
  for (const Claim& claim : changes.take) {
    taken.push_back(claim);
    set(claim, batch);
  }
}

void ClaimSet::drop_lapsed(std::int64_t time, DiskBatch& batch) {
  constexpr int most = 1024;
  for (int dropped = 0; dropped < most; ++dropped) {
    const auto first = keys_.seek("L");
    if (!first.valid() || !first.key().starts_with('L'))
      return;
    const std::uint32_t slot = slot_in(first.key());
    if (graph::holds(claims_.get(slot)->claim, time))
      return;
    remove(slot, batch);
  }
}

Result<void> ClaimSet::load(std::string_view key, std::string_view stored) {
  const std::string_view value = TRY(without_checksum(key, stored, "a stored claim"));
  const Claim claim = TRY(decode_claim(key, value));
  if (find(claim.scope, claim.key) != nullptr)
    return Error{ErrorCode::corrupt, "a claim is stored twice"};
  put(claim);
  return {};
}

void ClaimSet::for_each(const std::function<void(const Claim&)>& visit) const {
  for (auto at = keys_.seek("N"); at.valid() && at.key().starts_with('N'); at.next())
    visit(claims_.get(slot_in(at.key()))->claim);
}

std::uint64_t ClaimSet::numbers_between(std::string_view scope, std::int64_t first,
                                        std::int64_t last) const {
  return keys_.rank(number_place('N', scope, last + 1)) -
         keys_.rank(number_place('N', scope, first));
}

/// The numbers of a pool whose lease has run out, ascending.
std::vector<std::int64_t> ClaimSet::lapsed(std::string_view scope, std::int64_t now) const {
  std::vector<std::int64_t> numbers;
  const std::string prefix = scope_prefix('S', scope);
  const std::string end = scope_lease_place(scope, now + 1);
  for (auto at = keys_.seek(prefix); at.valid() && at.key() < end; at.next())
    if (const auto number = graph::number_of_key(claims_.get(slot_in(at.key()))->claim.key))
      numbers.push_back(*number);
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

/// What the ranks of one scope are asked by.
class ClaimSet::Held final : public graph::HeldNumbers {
public:
  Held(const ClaimSet& set, std::string_view scope) : set_(set), scope_(scope) {}
  [[nodiscard]] std::uint64_t numbers(const graph::NumberRange& range) const override {
    return between('N', range);
  }
  [[nodiscard]] std::uint64_t units(const graph::NumberRange& range) const override {
    return between('U', range);
  }
  [[nodiscard]] std::vector<std::int64_t> lapsed(std::int64_t now) const override {
    return set_.lapsed(scope_, now);
  }

private:
  [[nodiscard]] std::uint64_t between(char space, const graph::NumberRange& range) const {
    return set_.keys_.rank(number_place(space, scope_, range.last + 1)) -
           set_.keys_.rank(number_place(space, scope_, range.first));
  }

  const ClaimSet& set_;
  std::string_view scope_;
};

Result<std::uint64_t> ClaimSet::count_free(const graph::FreeQuery& query, std::int64_t now) const {
  return graph::count_free(Held(*this, query.scope), query, now);
}

Result<std::optional<std::int64_t>> ClaimSet::nth_free(const graph::FreeQuery& query,
                                                       std::uint64_t n, std::int64_t now) const {
  return graph::nth_free(Held(*this, query.scope), query, n, now);
}

} // namespace diffo::store
