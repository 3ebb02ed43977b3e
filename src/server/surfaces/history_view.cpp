#include "server/surfaces/history_view.h"

#include "base/time.h"
#include "graph/unseen.h"
#include "model/schema.h"
#include "server/conditions.h"
#include "server/surfaces/instance_view.h"
#include "tmf/emit.h"

#include <diffo/json.h>

#include <optional>
#include <utility>

namespace diffo::server {
namespace {

/// A page ends behind the row with which it has become so large, or has read so much.
constexpr std::size_t largest_body_bytes = std::size_t{8} << 20U;
constexpr std::size_t largest_read_bytes = std::size_t{32} << 20U;
constexpr std::size_t bytes_of_change = 128; ///< that an entry names, more or less

/// The newest version before that sequence (0: of all), where one is kept. One at a time, for they
/// may be large.
Result<std::optional<graph::Version>>
version_before(const graph::Store& store, const graph::Key& key, graph::Sequence before) {
  auto versions = TRY(store.history(key, before, 1));
  if (versions.empty())
    return std::optional<graph::Version>();
  return std::optional(std::move(versions.front()));
}

/// Nothing when it is behind the retention.
Result<std::optional<graph::JournalEntry>> entry_of(const graph::Store& store,
                                                    graph::Sequence sequence) {
  auto entries = store.journal(sequence, 1);
  if (!entries && entries.error().code != ErrorCode::gone)
    return std::move(entries).error();
  if (!entries || entries->empty() || entries->front().sequence != sequence)
    return std::optional<graph::JournalEntry>();
  return std::optional(std::move(entries->front()));
}

/// Turns versions into rows. One thread.
class RowWriter {
public:
  RowWriter(const graph::Schema& schema, const HistoryRequest& request)
      : version_(request.version), context_{.schema = schema}, origin_(request.origin) {}

  [[nodiscard]] json::Value row(const graph::JournalEntry& entry, const graph::RecordRef& before,
                                const graph::RecordRef& after) const {
    json::Object row{{"sequence", static_cast<std::int64_t>(entry.sequence)},
                     {"time", text_of_microseconds(Timestamp{entry.time})}};
    if (!entry.actor.empty())
      row.append("actor", entry.actor);
    if (!entry.cause.empty())
      row.append("cause", entry.cause);
    row.append("change", !after ? "erased" : before ? "changed" : "created");
    if (after)
      row.append("tag", EntityTag{entry.sequence, {}}.text());
    if (const auto unseen = unseen_of(after); unseen != unseen_of(before))
      row.append("unseen", unseen.has_value());
    row.append("patch", patch(before, after));
    return row;
  }

private:
  [[nodiscard]] std::optional<graph::Unseen> unseen_of(const graph::RecordRef& record) const {
    return record ? graph::unseen_of(record->root(context_.schema.dictionary())) : std::nullopt;
  }

  [[nodiscard]] json::Value document(const graph::RecordRef& record) const {
    tmf::EmitContext context = context_;
    context.api_base =
        origin_ + tmf::base_path_of(model::api_of(*record, context_.schema), version_);
    return tmf::document_of(*record, version_, context);
  }

  // RFC 6902 §4.1, §4.2: the pointer "" is the whole document, which came or went.
  [[nodiscard]] json::Value patch(const graph::RecordRef& before,
                                  const graph::RecordRef& after) const {
    if (before && after)
      return json::difference(document(before), document(after));
    json::Object whole{{"op", after ? "add" : "remove"}, {"path", ""}};
    if (after)
      whole.append("value", document(after));
    return json::Array{std::move(whole)};
  }

  model::Version version_;
  tmf::EmitContext context_;
  std::string origin_;
};

std::size_t size_of(const graph::RecordRef& record) {
  return record ? record->bytes().size() : 0;
}

} // namespace

Result<graph::Key> key_with_history(const graph::Store& store,
                                    const std::vector<graph::Key>& keys) {
  const graph::Key* found = nullptr;
  for (const graph::Key& key : keys) {
    if (!TRY(version_before(store, key, 0)))
      continue;
    if (found != nullptr)
      return ambiguous_id();
    found = &key;
  }
  if (found == nullptr)
    return Error{ErrorCode::not_found,
                 "there is no instance with id " + keys.front().id + ", nor was there one of late"};
  return *found;
}

Result<HistoryPage> history_page(const graph::Store& store, const graph::Key& key,
                                 const HistoryRequest& request) {
  if (const graph::Sequence oldest = store.oldest_entry();
      request.before != 0 && oldest > 1 && request.before <= oldest)
    return Error{ErrorCode::gone,
                 "what was before is not kept any more: the journal is kept from entry " +
                     std::to_string(oldest) + " on",
                 "before"};
  const RowWriter writer(store.schema(), request);
  HistoryPage page{.rows = "["};
  std::size_t rows = 0;
  std::size_t read_bytes = 0;
  graph::Sequence shown = 0;
  auto version = TRY(version_before(store, key, request.before));
  // The oldest version that is kept may be of a commit whose entry is not.
  while (version && version->sequence >= store.oldest_entry()) {
    if (request.cancellation.is_requested())
      return Error{ErrorCode::unavailable, "nobody waits for the answer any more"};
    if (rows == request.limit || read_bytes > largest_read_bytes ||
        page.rows.size() > largest_body_bytes) {
      page.next = shown;
      break;
    }
    auto earlier = TRY(version_before(store, key, version->sequence));
    // Read last: where the entry is kept, so was the version that it replaced.
    const auto entry = TRY(entry_of(store, version->sequence));
    if (!entry)
      break;
    const graph::RecordRef before = earlier ? earlier->record : graph::RecordRef();
    if (rows++ != 0)
      page.rows += ',';
    json::write(writer.row(*entry, before, version->record), page.rows);
    read_bytes +=
        size_of(version->record) + size_of(before) + entry->changes.size() * bytes_of_change;
    shown = version->sequence;
    version = std::move(earlier);
  }
  page.rows += ']';
  return page;
}

} // namespace diffo::server
