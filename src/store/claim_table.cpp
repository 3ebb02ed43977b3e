#include "store/claim_table.h"

#include "base/text_hash.h"
#include "graph/packed.h"
#include "store/sealed_value.h"

#include <utility>

namespace diffo::store {
namespace {

using graph::Claim;

void append_sized(std::string& out, std::string_view text) {
  graph::append_varint(out, text.size());
  out += text;
}

bool same_holder(const Claim& a, const Claim& b) {
  return a.holder == b.holder && a.branch == b.branch;
}

} // namespace

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

bool holds(const Claim& claim, std::int64_t now) {
  return claim.lease_until == 0 || claim.lease_until > now;
}

std::optional<std::string> ClaimTable::stored_at_tip(const std::string& name) {
  if (const auto changed = overlay_.find(name); changed != overlay_.end())
    return changed->second;
  return published_.with([&](const auto& claims) -> std::optional<std::string> {
    const auto found = claims.find(name);
    return found == claims.end() ? std::nullopt : std::optional(found->second);
  });
}

std::optional<Claim> ClaimTable::at_tip(const std::string& name) {
  const auto stored = stored_at_tip(name);
  if (!stored)
    return std::nullopt;
  auto claim = decode_claim(name, *stored);
  DIFFO_ASSERT(claim.has_value());
  return std::move(*claim);
}

Result<void> ClaimTable::check(const graph::ChangeSet& changes, std::int64_t now) {
  TextMap<const Claim*> taking;
  for (const Claim& claim : changes.take) {
    const std::string name = claim_name(claim.scope, claim.key);
    const auto held = at_tip(name);
    bool free = !held || same_holder(*held, claim) || !holds(*held, now);
    for (const Claim& given : changes.release)
      free = free ||
             (given.scope == claim.scope && given.key == claim.key && same_holder(given, *held));
    const auto [twice, first] = taking.emplace(name, &claim);
    if (free && (first || same_holder(*twice->second, claim)))
      continue;
    return Error{ErrorCode::conflict,
                 claim.scope + " " + claim.key + " is held by " +
                     (free ? twice->second->holder : held->holder),
                 claim.scope};
  }
  return {};
}

void ClaimTable::set(const std::string& name, std::optional<std::string> value, DiskBatch& batch) {
  if (const auto before = stored_at_tip(name))
    digest_ -= digest_of(name, *before);
  if (value) {
    digest_ += digest_of(name, *value);
    batch.put(Table::claims, name, with_checksum(name, *value));
  } else {
    batch.erase(Table::claims, name);
  }
  overlay_.insert_or_assign(name, std::move(value));
}

void ClaimTable::apply(const graph::ChangeSet& changes, DiskBatch& batch, std::vector<Claim>& taken,
                       std::vector<Claim>& released) {
  for (const Claim& claim : changes.release) {
    const std::string name = claim_name(claim.scope, claim.key);
    if (const auto held = at_tip(name); held && same_holder(*held, claim)) {
      released.push_back(*held);
      set(name, std::nullopt, batch);
    }
  }
  for (const Claim& claim : changes.take) {
    const std::string name = claim_name(claim.scope, claim.key);
    taken.push_back(claim);
    set(name, encode_claim(claim), batch);
    if (claim.lease_until != 0)
      leases_.emplace(claim.lease_until, name);
  }
}

void ClaimTable::drop_expired(std::int64_t time, DiskBatch& batch) {
  constexpr int most = 256;
  for (int dropped = 0; dropped < most && !leases_.empty() && leases_.begin()->first <= time;
       ++dropped) {
    const std::string name = std::move(leases_.begin()->second);
    leases_.erase(leases_.begin());
    if (const auto claim = at_tip(name); claim && !holds(*claim, time))
      set(name, std::nullopt, batch);
  }
}

void ClaimTable::publish() {
  if (overlay_.empty())
    return;
  const auto claims = published_.lock();
  for (auto& [name, value] : overlay_) {
    if (value)
      claims->insert_or_assign(name, std::move(*value));
    else
      claims->erase(name);
  }
  overlay_.clear();
}

std::optional<Claim> ClaimTable::find(std::string_view scope, std::string_view key,
                                      std::int64_t now) {
  const std::string name = claim_name(scope, key);
  const auto stored = published_.with([&](const auto& claims) -> std::optional<std::string> {
    const auto found = claims.find(name);
    return found == claims.end() ? std::nullopt : std::optional(found->second);
  });
  if (!stored)
    return std::nullopt;
  auto claim = decode_claim(name, *stored);
  if (!claim || !holds(*claim, now))
    return std::nullopt;
  return std::move(*claim);
}

std::size_t ClaimTable::size() {
  return published_.with([](const auto& claims) { return claims.size(); });
}

TextMap<std::string> ClaimTable::all() {
  return published_.with([](const auto& claims) { return claims; });
}

Result<void> ClaimTable::load(std::string_view key, std::string_view stored) {
  const std::string_view value = TRY(without_checksum(key, stored, "a stored claim"));
  const Claim claim = TRY(decode_claim(key, value));
  if (claim.lease_until != 0)
    leases_.emplace(claim.lease_until, std::string(key));
  digest_ += digest_of(key, value);
  published_.lock()->emplace(std::string(key), std::string(value));
  return {};
}

} // namespace diffo::store
