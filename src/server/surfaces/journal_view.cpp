#include "server/surfaces/journal_view.h"

#include "base/time.h"
#include "loop/expectation_record.h"
#include "model/schema.h"
#include "rules/instances.h"
#include "server/hub/subscription.h"
#include "tmf/import_line.h"

#include <algorithm>
#include <string>
#include <utility>

namespace diffo::server {
namespace {

constexpr std::size_t largest_shown_bytes = std::size_t{16} << 20;

std::string hex(const graph::Hash& hash) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(hash.size() * 2);
  for (const std::uint8_t byte : hash) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

json::Value claim_view(const graph::Claim& claim) {
  json::Object view{{"scope", claim.scope}, {"key", claim.key}, {"holder", claim.holder}};
  if (claim.lease_until != 0)
    view.append("leaseUntil", text_of_microseconds(Timestamp{claim.lease_until}));
  return view;
}

/// The record as the entry left it. Large entries show so many bytes of records; of the rest it is
/// told that they were left out.
json::Value after_view(const graph::JournalEntry::Change& change, graph::Sequence sequence,
                       graph::Store& store, std::size_t& room) {
  if (!change.content)
    return nullptr;
  if (room == 0)
    return json::Object{{"omitted", "the entry is large"}};
  // One at a time, for they may be large.
  auto read = graph::read_and_wait(store, {.at = sequence}, rules::plan_for(change.key));
  const graph::RecordRef record = read ? read->find(change.key) : graph::RecordRef();
  if (!record)
    return json::Object{{"unreadable", read ? "the version is missing" : read.error().message}};
  room -= std::min(room, record->bytes().size());
  if (change.key.family == model::family_subscription)
    return shown_subscription(*record, read->schema());
  return change.key.family == model::family_expectation
             ? loop::expectation_document(*record, read->schema())
             : tmf::export_document(*record, read->schema());
}

json::Value change_view(const graph::JournalEntry::Change& change, graph::Sequence sequence,
                        graph::Store& store, std::size_t& room) {
  const auto* family = store.schema().family(change.key.family);
  json::Object view{
      {"family", family != nullptr ? family->name : std::to_string(change.key.family)},
      {"id", change.key.id},
      {"previous", static_cast<std::int64_t>(change.previous)}};
  view.append("after", after_view(change, sequence, store, room));
  return view;
}

} // namespace

json::Value journal_view(const graph::JournalEntry& entry, graph::Store& store) {
  json::Object view{{"sequence", static_cast<std::int64_t>(entry.sequence)},
                    {"time", text_of_microseconds(Timestamp{entry.time})},
                    {"branch", entry.branch},
                    {"parent", hex(entry.parent)},
                    {"hash", hex(entry.hash)}};
  if (entry.tenant != 0)
    view.append("tenant", static_cast<std::int64_t>(entry.tenant));
  for (const auto& [name, text] :
       {std::pair<const char*, const std::string*>{"actor", &entry.actor},
        {"cause", &entry.cause},
        {"idempotencyKey", &entry.idempotency_key}})
    if (!text->empty())
      view.append(name, *text);
  json::Array changes;
  std::size_t room = largest_shown_bytes;
  for (const auto& change : entry.changes)
    changes.push_back(change_view(change, entry.sequence, store, room));
  view.append("changes", std::move(changes));
  for (const auto& [name, claims] :
       {std::pair<const char*, const std::vector<graph::Claim>*>{"taken", &entry.taken},
        {"released", &entry.released}}) {
    if (claims->empty())
      continue;
    json::Array views;
    for (const graph::Claim& claim : *claims)
      views.push_back(claim_view(claim));
    view.append(name, std::move(views));
  }
  return view;
}

} // namespace diffo::server
