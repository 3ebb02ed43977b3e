#include "graph/change_checks.h"

#include <map>
#include <string>
#include <unordered_set>

namespace diffo::graph {
namespace {

std::string text_of(const Key& key) {
  return "record " + key.id;
}

} // namespace

Result<void> check_changes(const Context& context, const ChangeSet& changes, const Schema& schema,
                           std::size_t most_changes,
                           const std::function<bool(const KeyView& key)>& is_there) {
  if (changes.changes.size() > most_changes)
    return Error{ErrorCode::too_large,
                 "one change set may change at most " + std::to_string(most_changes) + " records"};
  std::unordered_set<KeyView, KeyHash> seen;
  for (const Change& change : changes.changes) {
    if (change.key.id.empty() || change.key.id.size() > max_id_bytes)
      return Error{ErrorCode::invalid, "an id has 1 to " + std::to_string(max_id_bytes) + " bytes",
                   "id"};
    // Whatever rule or surface let it pass: a foreign tenant's record is not found. Whoever copies
    // a store is of all tenants.
    if (!changes.keep_times && change.key.tenant != context.principal.tenant)
      return Error{ErrorCode::not_found, text_of(change.key) + " does not exist"};
    if (schema.family(change.key.family) == nullptr)
      return Error{ErrorCode::internal,
                   "no family " + std::to_string(change.key.family) + " is declared"};
    if (changes.changes.size() > 1 && !seen.insert(change.key).second)
      return Error{ErrorCode::internal, text_of(change.key) + " is changed twice at once"};
    if (change.after && change.after->key() != change.key)
      return Error{ErrorCode::internal, text_of(change.key) + " has another key inside"};
    if (!change.after && !is_there(change.key))
      return Error{ErrorCode::not_found, text_of(change.key) + " does not exist"};
  }
  return {};
}

bool same_holder(const Claim& a, const Claim& b) {
  return a.holder == b.holder && a.branch == b.branch;
}

Result<void>
check_claims(const ChangeSet& changes, std::int64_t now,
             const std::function<std::optional<Claim>(const ClaimName& name)>& holder) {
  std::map<ClaimName, const Claim*> taking;
  for (const Claim& claim : changes.take) {
    if (unit_of_scope(claim.scope) && !number_of_key(claim.key))
      return Error{ErrorCode::invalid, "the values of a pool are whole numbers, not " + claim.key,
                   claim.scope};
    const ClaimName name{claim.scope, claim.key};
    const std::optional<Claim> held = holder(name);
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

std::vector<Key> answered_keys(const ChangeSet& wanted) {
  std::vector<Key> keys;
  keys.reserve(wanted.changes.size() + wanted.unchanged.size());
  for (const Change& change : wanted.changes)
    keys.push_back(change.key);
  if (wanted.empty())
    for (const RecordRef& record : wanted.unchanged)
      keys.push_back(record->key());
  return keys;
}

} // namespace diffo::graph
