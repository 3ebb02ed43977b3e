#include "server/surfaces/journal_view.h"

#include "base/time.h"
#include "loop/expectation_record.h"
#include "model/schema.h"
#include "tmf/import_line.h"

#include <string>
#include <utility>

namespace diffo::server {
namespace {

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

json::Value image_view(const graph::JournalEntry::Image& image, const graph::Schema& schema) {
  const auto* family = schema.family(image.key.family);
  json::Object view{{"family", family != nullptr ? family->name : std::to_string(image.key.family)},
                    {"id", image.key.id},
                    {"previous", static_cast<std::int64_t>(image.previous)}};
  if (image.after.empty()) {
    view.append("after", nullptr);
    return view;
  }
  const auto record = graph::load(image.after, schema.dictionary());
  if (!record) {
    view.append("after", json::Object{{"unreadable", record.error().message}});
    return view;
  }
  view.append("after", image.key.family == model::family_expectation
                           ? loop::expectation_document(**record)
                           : tmf::export_document(**record));
  return view;
}

} // namespace

json::Value journal_view(const graph::JournalEntry& entry, const graph::Schema& schema) {
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
  for (const auto& image : entry.images)
    changes.push_back(image_view(image, schema));
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
