#include "neo4j/foreign_changes.h"

#include "neo4j/foreign_merge.h"
#include "neo4j/hidden_roots.h"
#include "neo4j/projection/difference.h"
#include "neo4j/projection/gather.h"

#include <diffo/bolt.h>

#include <algorithm>
#include <utility>

namespace diffo::neo4j {
namespace {

constexpr std::uint64_t roots_at_once = 200;
/// What we change ourselves meanwhile is looked at again so often.
constexpr int most_tries = 5;

/// The identities of all parts that a row of the answer tells of.
void add_present(const bolt::Value& parts, std::set<std::string>& present) {
  const auto* list = parts.get_if<bolt::List>();
  if (list == nullptr)
    return;
  for (const bolt::Value& item : *list) {
    const auto* part = item.get_if<bolt::Map>();
    const bolt::Value* value = part == nullptr ? nullptr : part->find("node");
    const auto* node = value == nullptr ? nullptr : value->get_if<bolt::Node>();
    if (node == nullptr)
      continue;
    present.emplace(node->properties.text_of("uuid"));
    if (const bolt::Value* inner = part->find("parts"))
      add_present(*inner, present);
  }
}

} // namespace

void ForeignChanges::leave(const std::string& label, const std::string& key, std::string reason) {
  ++call_.adoption.left;
  call_.sink({ErrorCode::conflict, std::move(reason), label + ' ' + key});
}

void ForeignChanges::add(graph::RecordRef record, OwnRoots& roots) const {
  SharedGraph shared = project(*record, call_.store.schema());
  // What has no root there is changed here alone.
  if (shared.nodes.empty() || shared.nodes.front().holder ||
      !can_be_named(record->key(), call_.store.schema()))
    return;
  const NodeName name = shared.nodes.front().name;
  roots[name.label].insert_or_assign(name.key, Own{std::move(record), std::move(shared)});
}

Result<void> ForeignChanges::take(std::vector<graph::Key> keys, std::set<graph::Key>* same) {
  same_.clear();
  for (int tries = 0; !keys.empty() && tries < most_tries; ++tries) {
    moved_.clear();
    for (std::size_t from = 0; from < keys.size(); from += roots_at_once)
      TRY(take_some({keys.begin() + static_cast<std::ptrdiff_t>(from),
                     keys.begin() + static_cast<std::ptrdiff_t>(
                                        std::min(keys.size(), from + roots_at_once))}));
    keys.assign(moved_.begin(), moved_.end());
  }
  if (same != nullptr)
    same->merge(same_);
  return {};
}

Result<void> ForeignChanges::take_some(const std::vector<graph::Key>& keys) {
  graph::Subgraph subgraph =
      TRY(graph::read_and_wait(call_.store, graph::Pin(), {.records = keys}));
  OwnRoots roots;
  for (const graph::Key& key : keys)
    if (graph::RecordRef record = subgraph.find(key))
      add(std::move(record), roots);
  for (auto& [label, own] : roots) {
    TRY(compare(label, own));
    for (const auto& [key, gone] : own)
      TRY(erase(label, key, gone));
  }
  return {};
}

Result<void> ForeignChanges::compare(const std::string& label, std::map<std::string, Own>& own) {
  std::vector<std::string> keys;
  keys.reserve(own.size());
  for (const auto& [key, one] : own)
    keys.push_back(key);
  const graph::Schema& schema = call_.store.schema();
  std::vector<std::string> records;
  records.reserve(own.size());
  for (const auto& [key, one] : own)
    records.push_back(one.shared.owner);
  const auto answers =
      TRY(call_.database.read({gather_statement(label, keys, schema), hidden_statement(records)}));
  // What has no room in the shared graph says nothing there.
  const auto hidden = TRY(hidden_keys(answers.back()));
  std::erase_if(own,
                [&hidden](const auto& one) { return hidden.contains(one.second.shared.owner); });
  std::map<std::string, std::set<std::string>> present; // by key of the root
  std::set<std::string> there;
  for (const bolt::Record& row : answers.front().records) {
    const auto* node = row["i"].get_if<bolt::Node>();
    const bolt::Value* index = &row["ix"];
    const auto* at = index->get_if<std::int64_t>();
    if (node == nullptr || at == nullptr || *at < 0 || static_cast<std::size_t>(*at) >= keys.size())
      return Error{ErrorCode::corrupt, "the answer has no node of a root in each row"};
    const std::string& key = keys[static_cast<std::size_t>(*at)];
    // A root that is another's in the shared graph was never there.
    if (const auto found = own.find(key);
        found != own.end() &&
        node->properties.text_of(owner_property) != found->second.shared.owner)
      own.erase(found);
    there.insert(key);
    for (const char* parts : {"outward", "inward"})
      add_present(row[parts], present[key]);
  }
  for (const graph::RecordDraft& draft : TRY(gather(answers.front(), label, schema)))
    if (const auto found = own.find(draft.key.id); found != own.end()) {
      TRY(take(label, found->second, draft, present[draft.key.id]));
      own.erase(found);
    }
  for (const std::string& key : there)
    if (own.erase(key) != 0)
      leave(label, key, "others made it something that is not known here");
  return {};
}

Result<void> ForeignChanges::take(const std::string& label, const Own& own,
                                  const graph::RecordDraft& theirs,
                                  const std::set<std::string>& present) {
  const graph::Record& record = *own.record;
  const graph::Schema& schema = call_.store.schema();
  if (theirs.key != record.key()) {
    leave(label, theirs.key.id, "others made it another kind");
    return {};
  }
  graph::RecordDraft like_theirs = theirs;
  like_theirs.created_at = record.created_at();
  like_theirs.updated_at = record.updated_at();
  like_theirs.next_part = std::max(theirs.next_part, record.next_part());
  const SharedGraph shared = project(*graph::encode(like_theirs, schema.dictionary()), schema);
  if (difference(own.shared, shared).empty()) {
    same_.insert(record.key());
    return {};
  }
  const auto after = merged(record, own.shared, {like_theirs, shared, present}, schema);
  if (!after) {
    leave(label, theirs.key.id, after.error().message);
    return {};
  }
  return commit(label, record, graph::encode(*after, schema.dictionary()), call_.adoption.changed);
}

Result<void> ForeignChanges::erase(const std::string& label, const std::string& key,
                                   const Own& own) {
  if (says_more(*own.record, own.shared, call_.store.schema())) {
    leave(label, key,
          "others deleted it, and the record says what the shared graph has no place for");
    return {};
  }
  return commit(label, *own.record, {}, call_.adoption.erased);
}

Result<void> ForeignChanges::commit(const std::string& label, const graph::Record& before,
                                    const graph::RecordRef& after, RootCounts& counts) {
  const graph::Key key = before.key();
  graph::Context context = call_.context();
  context.cause = after ? "changed in the shared graph" : "deleted from the shared graph";
  bool has_moved = false;
  const auto done =
      graph::transact_and_wait(call_.store, std::move(context), {.records = {key}},
                               [&](graph::Subgraph& subgraph) -> Result<graph::Decision> {
                                 const graph::RecordRef present = subgraph.find(key);
                                 has_moved = !present || present->sequence() != before.sequence();
                                 if (has_moved)
                                   return Error{ErrorCode::conflict, "it changes all the time"};
                                 graph::ChangeSet changes;
                                 changes.changes.push_back({key, after});
                                 return graph::Decision(std::move(changes));
                               });
  if (!done && is_general(done.error()))
    return done.error();
  if (has_moved)
    moved_.insert(key);
  else if (!done)
    leave(label, key.id, done.error().message);
  else
    ++counts[call_.store.schema().family(key.family)->name];
  return {};
}

Sweep::Sweep(const AdoptionCall& call, bool all_erasures)
    : changes_(call), all_erasures_(all_erasures) {
  for (const graph::FamilyDefinition& family : call.store.schema().families())
    if (is_shared(family))
      query_.families.push_back(family.family);
  query_.limit = roots_at_once;
  query_.count = false;
  query_.which = graph::Which::actual;
}

Result<bool> Sweep::next() {
  graph::FetchPlan plan;
  plan.queries.push_back(query_);
  graph::Subgraph subgraph =
      TRY(graph::read_and_wait(changes_.call_.store, graph::Pin(), std::move(plan)));
  graph::Page page = TRY(subgraph.page(0));
  query_.after = std::move(page.next);
  looked_at_ += page.records.size();
  ForeignChanges::OwnRoots roots;
  for (graph::RecordRef& record : page.records)
    changes_.add(std::move(record), roots);
  changes_.same_.clear();
  changes_.moved_.clear();
  for (auto& [label, own] : roots) {
    TRY(changes_.compare(label, own));
    for (const auto& [key, one] : own)
      gone_.push_back({label, key, one.record->key()});
  }
  TRY(changes_.take({changes_.moved_.begin(), changes_.moved_.end()}, nullptr));
  if (query_.after)
    return true;
  if (query_.which == graph::Which::actual) {
    query_.which = graph::Which::expected;
    return true;
  }
  TRY(finish());
  return false;
}

Result<void> Sweep::finish() {
  if (!all_erasures_ && gone_.size() > std::max(most_gone, looked_at_ / 10)) {
    for (const Gone& one : gone_)
      changes_.leave(one.label, one.key,
                     "the inventory has it, the shared graph does not, and of so many that "
                     "somebody must say that they were deleted: diffo neo4j adopt --erase");
    return {};
  }
  std::vector<graph::Key> keys;
  keys.reserve(gone_.size());
  for (const Gone& one : gone_)
    keys.push_back(one.record);
  return changes_.take(std::move(keys), nullptr);
}

} // namespace diffo::neo4j
