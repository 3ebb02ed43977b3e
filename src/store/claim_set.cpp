#include "store/claim_set.h"

#include "base/byte_order.h"
#include "base/sha256.h"
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

bool same_holder(const Claim& a, const Claim& b) {
  return a.holder == b.holder && a.branch == b.branch;
}

bool same_name(const Claim& a, const Claim& b) {
  return a.scope == b.scope && a.key == b.key;
}

/// The unit that a number lies in: rounded down, also below zero.
std::int64_t unit_of(std::int64_t number, std::int64_t size) {
  const std::int64_t quotient = number / size;
  return number % size < 0 ? quotient - 1 : quotient;
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
  std::map<std::string, const Claim*> taking;
  for (const Claim& claim : changes.take) {
    if (graph::unit_of_scope(claim.scope) && !graph::number_of_key(claim.key))
      return Error{ErrorCode::invalid, "the values of a pool are whole numbers, not " + claim.key,
                   claim.scope};
    const Claim* held = find(claim.scope, claim.key);
    bool free = held == nullptr || same_holder(*held, claim) || !graph::holds(*held, now);
    for (const Claim& given : changes.release)
      free = free || (same_name(given, claim) && same_holder(given, *held));
    const auto [twice, first] = taking.emplace(claim_name(claim.scope, claim.key), &claim);
    if (free && (first || same_holder(*twice->second, claim)))
      continue;
    return Error{ErrorCode::conflict,
                 claim.scope + " " + claim.key + " is held by " +
                     (free ? twice->second->holder : held->holder),
                 claim.scope};
  }
  return {};
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
    keys_.insert(number_place('U', claim.scope, unit_of(*number, *unit)));
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
    const std::int64_t at = unit_of(*number, *unit);
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
    if (!slot || !same_holder(claims_.get(*slot)->claim, claim))
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

/// What is free of one query at one time: numbers, or units by their number.
class ClaimSet::Free {
public:
  static Result<Free> of(const ClaimSet& set, const graph::FreeQuery& query, std::int64_t now) {
    const auto unit = graph::unit_of_scope(query.scope);
    if (!unit)
      return Error{ErrorCode::invalid, query.scope + " is not the scope of a pool"};
    Free free(set, query.scope);
    free.ranges_ = TRY(graph::allowed_ranges(query));
    free.lapsed_ = set.lapsed(query.scope, now);
    if (query.of == graph::FreeQuery::Of::units)
      free.count_in_units(*unit);
    return free;
  }

  [[nodiscard]] std::uint64_t count() const {
    std::uint64_t all = 0;
    for (const graph::NumberRange& range : ranges_)
      all += count(range);
    return all;
  }

  [[nodiscard]] std::optional<std::int64_t> nth(std::uint64_t n) const {
    for (const graph::NumberRange& range : ranges_) {
      const std::uint64_t here = count(range);
      if (n < here)
        return nth(n, range);
      n -= here;
    }
    return std::nullopt;
  }

private:
  Free(const ClaimSet& set, std::string_view scope) : set_(set), scope_(scope) {}

  /// From numbers to units that lie wholly within the ranges.
  void count_in_units(std::uint32_t unit) {
    size_ = unit;
    std::vector<graph::NumberRange> units;
    for (const graph::NumberRange& range : ranges_)
      if (const graph::NumberRange whole{unit_of(range.first - 1, size_) + 1,
                                         unit_of(range.last + 1, size_) - 1};
          whole.first <= whole.last)
        units.push_back(whole);
    ranges_ = std::move(units);
    // A unit is free again when all its claims have run out.
    std::vector<std::int64_t> free_again;
    for (std::size_t at = 0; at < lapsed_.size();) {
      const std::int64_t number = unit_of(lapsed_[at], size_);
      std::uint64_t gone = 0;
      for (; at < lapsed_.size() && unit_of(lapsed_[at], size_) == number; ++at)
        ++gone;
      if (set_.numbers_between(scope_, number * size_, number * size_ + size_ - 1) == gone)
        free_again.push_back(number);
    }
    lapsed_ = std::move(free_again);
    space_ = size_ > 1 ? 'U' : 'N';
  }

  [[nodiscard]] std::uint64_t count(const graph::NumberRange& range) const {
    const std::uint64_t held = set_.keys_.rank(number_place(space_, scope_, range.last + 1)) -
                               set_.keys_.rank(number_place(space_, scope_, range.first));
    const auto again = std::upper_bound(lapsed_.begin(), lapsed_.end(), range.last) -
                       std::lower_bound(lapsed_.begin(), lapsed_.end(), range.first);
    return static_cast<std::uint64_t>(range.last) - static_cast<std::uint64_t>(range.first) + 1 -
           held + static_cast<std::uint64_t>(again);
  }

  /// By halving: the least end of a range from the first on that has n + 1 free ones.
  [[nodiscard]] std::int64_t nth(std::uint64_t n, const graph::NumberRange& range) const {
    std::int64_t low = range.first;
    std::int64_t high = range.last;
    while (low < high) {
      const std::int64_t middle = low + (high - low) / 2;
      if (count({range.first, middle}) > n)
        high = middle;
      else
        low = middle + 1;
    }
    return low * size_;
  }

  const ClaimSet& set_;
  std::string scope_;
  std::vector<graph::NumberRange> ranges_;
  std::vector<std::int64_t> lapsed_; ///< those among the held that count as free
  std::int64_t size_ = 1;
  char space_ = 'N';
};

Result<std::uint64_t> ClaimSet::count_free(const graph::FreeQuery& query, std::int64_t now) const {
  return TRY(Free::of(*this, query, now)).count();
}

Result<std::optional<std::int64_t>> ClaimSet::nth_free(const graph::FreeQuery& query,
                                                       std::uint64_t n, std::int64_t now) const {
  return TRY(Free::of(*this, query, now)).nth(n);
}

} // namespace diffo::store
