#include "store/check.h"

#include "base/sha256.h"
#include "base/text_hash.h"
#include "store/embedded_core.h"
#include "store/history.h"
#include "store/images.h"
#include "store/sealed_value.h"
#include "store/side_tables.h"
#include "store/stored_words.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>
#include <vector>

namespace diffo::store {
namespace {

Error wrong(std::string message, std::string where = {}) {
  return {ErrorCode::corrupt, std::move(message), std::move(where)};
}

std::string text_of(const graph::KeyView& key) {
  return "tenant " + std::to_string(key.tenant) + " family " + std::to_string(key.family) + " id " +
         std::string(key.id);
}

/// Reads the journal once, then history, records and claims, and compares.
class TableCheck {
public:
  TableCheck(const Disk& disk, const Disk::Snapshot* snapshot, const CheckedAgainst& against,
             const FindingSink& sink)
      : disk_(disk), snapshot_(snapshot), against_(against), sink_(sink) {}

  void run() {
    last_hash_ = against_.sealed.hash;
    last_sequence_ = against_.sealed.sequence;
    kept_bytes_ = against_.sealed.bytes;
    each(Table::journal, [this](std::string_view key, std::string_view bytes) {
      return journal_entry(key, bytes);
    });
    if (last_sequence_ != against_.head.sequence || last_hash_ != against_.head.hash)
      sink_(wrong("the journal ends with entry " + std::to_string(last_sequence_) +
                  ", the head says " + std::to_string(against_.head.sequence)));
    else if (kept_bytes_ != against_.head.kept_bytes)
      sink_(wrong("the journal is not as large as the head says"));
    std::sort(superseded_.begin(), superseded_.end());
    each_row(Table::history,
             [this](std::string_view key, std::string_view bytes) { return version(key, bytes); });
    for (const Superseded& image : superseded_)
      if (!image.found)
        sink_(wrong("the image that journal entry " + std::to_string(image.by) +
                    " superseded is missing"));
    each_row(Table::records,
             [this](std::string_view key, std::string_view bytes) { return record(key, bytes); });
    for (const auto& [key, last] : images_)
      if (last.content && !last.found)
        sink_(wrong("the record that journal entry " + std::to_string(last.sequence) +
                        " wrote is missing",
                    key.substr(5)));
    each(Table::claims,
         [this](std::string_view key, std::string_view bytes) { return claim(key, bytes); });
    lost_claims();
    side_tables();
    compare_images();
    if (schema_since_ != 0 && !schema_found_)
      sink_(wrong("the schema that the journal put in force is missing"));
  }

private:
  /// The newest image of a record, as the journal tells it.
  struct LastImage {
    graph::Sequence sequence = 0;
    std::optional<graph::Hash> content; ///< none: erased
    bool found = false;
  };
  /// An image that must be in history: by its place, a number made from the key, so that a long
  /// journal needs little memory.
  struct Superseded {
    std::uint64_t place = 0;
    graph::Sequence by = 0;    ///< the entry that put it there
    std::uint64_t content = 0; ///< begin of its hash; 0: not known, for its entry is dropped
    bool found = false;
    friend bool operator<(const Superseded& a, const Superseded& b) { return a.place < b.place; }
  };

  template <typename Visit> void each(Table table, const Visit& visit) {
    const Result<void> read = disk_.for_each(table, {}, visit, snapshot_);
    if (!read)
      sink_(read.error());
  }

  template <typename Visit> void each_row(Table table, const Visit& visit) {
    if (const Result<void> read = for_each_row(disk_, table, visit, snapshot_); !read)
      sink_(read.error());
  }

  Result<bool> journal_entry(std::string_view key, std::string_view bytes) {
    const auto sequence = sequence_of(key);
    if (!sequence) {
      sink_(sequence.error());
      return true;
    }
    const std::string where = "journal entry " + std::to_string(*sequence);
    const auto entry = graph::decode_entry(bytes);
    if (!entry) {
      sink_(wrong(entry.error().message, where));
      last_sequence_ = *sequence;
      return true;
    }
    if (entry->sequence != *sequence || *sequence != last_sequence_ + 1)
      sink_(wrong("comes after entry " + std::to_string(last_sequence_), where));
    else if (entry->parent != last_hash_)
      sink_(wrong("does not continue the entry before it", where));
    last_sequence_ = *sequence;
    last_hash_ = entry->hash;
    kept_bytes_ += bytes.size() + entry->superseded_bytes;
    last_model_ = entry->model;
    if (entry->replaced_schema)
      schema_since_ = *sequence;
    for (const graph::JournalEntry::Change& change : entry->changes)
      apply(change, *sequence, where);
    for (const graph::Claim& released : entry->released)
      claims_.erase(claim_name(released.scope, released.key));
    for (const graph::Claim& taken : entry->taken)
      claims_.insert_or_assign(claim_name(taken.scope, taken.key), encode_claim(taken));
    return true;
  }

  void apply(const graph::JournalEntry::Change& change, graph::Sequence sequence,
             const std::string& where) {
    const auto [last, first] = images_.try_emplace(record_key(change.key));
    const bool fits = first ? change.previous <= against_.sealed.sequence
                            : change.previous == (last->second.content ? last->second.sequence : 0);
    if (!fits)
      sink_(wrong("names the wrong entry as the one before, for " + text_of(change.key), where));
    if (change.previous != 0)
      superseded_.push_back(
          {.place = place_of(history_key(change.key, change.previous)),
           .by = sequence,
           .content = last->second.content ? begin_of(*last->second.content) : 0});
    if (!change.content)
      superseded_.push_back({.place = place_of(history_key(change.key, sequence)),
                             .by = sequence,
                             .content = begin_of(graph::content_hash({}))});
    last->second = {.sequence = sequence, .content = change.content, .found = false};
  }

  /// As long as the number of rows is far below 2^32 no two have one place: sums of checksums alone
  /// would have 32 bits, of which 100 000 rows share some.
  static std::uint64_t place_of(std::string_view key) { return TextHash{}(key); }
  static std::uint64_t begin_of(const graph::Hash& hash) {
    std::uint64_t begin = 0;
    std::memcpy(&begin, hash.data(), sizeof begin);
    return begin;
  }

  Result<bool> version(std::string_view key, std::string_view stored) {
    const auto place = history_place(key);
    if (!place) {
      sink_(place.error());
      return true;
    }
    const std::string where = text_of(place->key) + " sequence " + std::to_string(place->sequence);
    const auto row =
        load_row(disk_, key, stored, against_.schema.dictionary(), "an earlier version");
    if (!row) {
      sink_(wrong(row.error().message, where));
      return true;
    }
    const graph::RecordRef& record = row->record;
    const std::string_view bytes = record ? record->bytes() : std::string_view();
    if (record && (record->key() != place->key || record->sequence() != place->sequence))
      sink_(wrong("an earlier version stands in the wrong place", where));
    const Superseded wanted{.place = place_of(key)};
    auto image = std::lower_bound(superseded_.begin(), superseded_.end(), wanted);
    while (image != superseded_.end() && image->place == wanted.place && image->found)
      ++image;
    if (image == superseded_.end() || image->place != wanted.place) {
      sink_(wrong("the journal does not know of the earlier version", where));
      return true;
    }
    image->found = true;
    if (row->image)
      named_images_.push_back({.superseded_by = image->by, .number = *row->image});
    if (image->content != 0 && image->content != begin_of(graph::content_hash(bytes)))
      sink_(wrong("the earlier version is not what the journal says", where));
    return true;
  }

  Result<bool> record(std::string_view key, std::string_view stored) {
    const std::string where(key.substr(std::min<std::size_t>(5, key.size())));
    const auto row = load_row(disk_, key, stored, against_.schema.dictionary(), "a stored record");
    if (!row || !row->record) {
      sink_(wrong(row ? "a stored record is empty" : row.error().message, where));
      return true;
    }
    const graph::Record& record = *row->record;
    if (row->image)
      named_images_.push_back({.number = *row->image});
    const auto in_memory = against_.state.find(record.key());
    if (!in_memory || in_memory->bytes() != record.bytes())
      sink_(wrong("the stored record is not the one in memory", where));
    if (against_.record_findings)
      for (Error& finding : against_.record_findings(record, against_.schema))
        sink_({finding.code, std::move(finding.message),
               where + (finding.path.empty() ? "" : " " + finding.path)});
    const auto image = images_.find(std::string(key));
    if (image == images_.end()) {
      if (record.sequence() > against_.sealed.sequence)
        sink_(wrong("the journal does not know the record", where));
      return true;
    }
    image->second.found = true;
    if (image->second.sequence != record.sequence() ||
        image->second.content != graph::content_hash(record.bytes()))
      sink_(wrong("the record is not what journal entry " + std::to_string(image->second.sequence) +
                      " wrote",
                  where));
    return true;
  }

  Result<bool> claim(std::string_view key, std::string_view stored) {
    const auto value = without_checksum(key, stored, "a stored claim");
    if (!value) {
      sink_(value.error());
      return true;
    }
    const std::string name(key);
    const auto in_memory = against_.claims.find(name);
    if (in_memory == against_.claims.end() || in_memory->second != *value)
      sink_(wrong("a stored claim is not the one in memory"));
    const auto replayed = claims_.find(name);
    if (replayed != claims_.end() ? replayed->second != *value : against_.sealed.sequence == 0)
      sink_(wrong("a claim is not what the journal says"));
    if (replayed != claims_.end())
      claims_.erase(replayed);
    return true;
  }

  void side_tables() {
    each(Table::meta, [this](std::string_view key, std::string_view stored) -> Result<bool> {
      if (key == schema_key)
        check_schema(stored);
      if (key.starts_with(image_space))
        kept_image(key, stored);
      if (!key.starts_with(cursor_space))
        return true;
      const std::string consumer(key.substr(cursor_space.size()));
      const auto cursor = decode_cursor(key, stored);
      if (!cursor)
        sink_(wrong(cursor.error().message, consumer));
      else if (*cursor > against_.head.sequence)
        sink_(wrong("the consumer is ahead of the journal", consumer));
      return true;
    });
    each(Table::seen, [this](std::string_view key, std::string_view stored) -> Result<bool> {
      if (const auto seen = decode_seen(key, stored); !seen)
        sink_(seen.error());
      return true;
    });
    each(Table::answers, [this](std::string_view key, std::string_view stored) -> Result<bool> {
      if (const auto answer = check_answer(key, stored); !answer)
        sink_(answer.error());
      return true;
    });
  }

  void kept_image(std::string_view key, std::string_view stored) {
    const auto kept = decode_kept_image(key, stored);
    if (kept)
      kept_images_.push_back(*kept);
    else
      sink_(kept.error());
  }

  /// What rows name is kept until the journal drops it, and nothing else is.
  void compare_images() {
    std::sort(named_images_.begin(), named_images_.end());
    std::sort(kept_images_.begin(), kept_images_.end());
    std::vector<KeptImage> different;
    std::set_symmetric_difference(named_images_.begin(), named_images_.end(), kept_images_.begin(),
                                  kept_images_.end(), std::back_inserter(different));
    for (const KeptImage& image : different)
      sink_(wrong("image " + std::to_string(image.number) + " is not noted as it is used"));
  }

  /// The journal names the schema by the hash of its description.
  void check_schema(std::string_view stored) {
    const auto schema = decode_schema(stored);
    if (!schema) {
      sink_(schema.error());
      return;
    }
    const graph::Hash named =
        schema->description.empty() ? graph::Hash{} : sha256(schema->description);
    const bool in_journal = schema->sequence > against_.sealed.sequence;
    if (in_journal ? schema_since_ != schema->sequence : schema_since_ != 0)
      sink_(wrong("the schema is not the one that the journal put in force last"));
    else if (last_sequence_ > against_.sealed.sequence && last_model_ != named)
      sink_(wrong("the schema's description is not the one that the journal names"));
    schema_found_ = true;
  }

  /// What the journal took and nobody released is there, unless its lease has ended.
  void lost_claims() {
    for (const auto& [name, value] : claims_) {
      const auto claim = decode_claim(name, value);
      if (!claim || holds(*claim, against_.now))
        sink_(wrong("a claim is missing"));
    }
  }

  const Disk& disk_;
  const Disk::Snapshot* snapshot_;
  const CheckedAgainst& against_;
  const FindingSink& sink_;
  graph::Sequence last_sequence_ = 0;
  graph::Hash last_hash_{};
  graph::Hash last_model_{};
  graph::Sequence schema_since_ = 0; ///< the last entry that replaced it
  bool schema_found_ = false;
  std::uint64_t kept_bytes_ = 0;
  TextMap<LastImage> images_;
  std::vector<Superseded> superseded_;
  TextMap<std::string> claims_;
  std::vector<KeptImage> named_images_; ///< by rows
  std::vector<KeptImage> kept_images_;  ///< by the settings
};

/// Applies all records one by one to an empty state.
State built_step_by_step(const State& state, const graph::Schema& schema,
                         IdentityTable& identities) {
  StateEditor editor(schema, identities);
  State built;
  built.identities = identities.slots();
  // Numbered in the order in which they are when all is built at once, and kept.
  const IdentityOf number = [&identities](const graph::KeyView& key) {
    const Identity identity = identities.intern(key);
    identities.retain(identity);
    return identity;
  };
  std::vector<ReverseEdge> edges;
  for (Ordinal ordinal = 0; ordinal < state.next_ordinal; ++ordinal)
    if (auto record = state.record(ordinal)) {
      number(record->key());
      add_edges(schema, *record, ordinal, number, edges);
      edges.clear();
      editor.apply(built, record->key(), record);
    }
  return built;
}

/// The claims as the table has them.
TextMap<std::string> spelled(const ClaimSet& claims) {
  TextMap<std::string> all;
  claims.for_each([&](const graph::Claim& claim) {
    all.emplace(claim_name(claim.scope, claim.key), encode_claim(claim));
  });
  return all;
}

} // namespace

void check_tables(const Disk& disk, const Disk::Snapshot* snapshot, const CheckedAgainst& against,
                  const FindingSink& sink) {
  TableCheck(disk, snapshot, against, sink).run();
}

Result<void> check_folder(const std::filesystem::path& folder, const SchemaSource& source,
                          const FindingSink& sink, const RecordFindings& record_findings) {
  if (TRY(look_at_folder(folder)) == FolderState::fresh)
    return Error{ErrorCode::not_found, "there is no data folder", folder.string()};
  const auto lock = TRY(lock_folder_for_reading(folder));
  if (const auto sealed = verify_seal(folder); !sealed)
    sink(sealed.error());
  auto mark = AcknowledgedMark::read(folder);
  if (!mark)
    sink(mark.error());
  else if (!*mark)
    sink(wrong("the mark of what was acknowledged last is missing", folder.string()));
  const auto disk =
      TRY(Disk::open({.folder = engine_folder(folder), .use = DiskOptions::Use::read}));
  if (const auto files = disk->verify_files(); !files)
    sink(files.error());
  auto loaded = load_state(*disk, source);
  if (!loaded) {
    sink(loaded.error());
    return {};
  }
  const graph::Schema& schema = *loaded->schema;
  if (const auto marked = compare_with_mark(*disk, *loaded, mark ? *mark : std::nullopt); !marked)
    sink(marked.error());
  check_state(loaded->state, schema, sink);
  IdentityTable identities(1);
  compare_states(loaded->state, built_step_by_step(loaded->state, schema, identities), sink);
  const auto claims = spelled(loaded->state.claims);
  check_tables(*disk, nullptr,
               {.state = loaded->state,
                .schema = schema,
                .claims = claims,
                .sealed = loaded->sealed,
                .head = loaded->head,
                .now = SystemClock().now().microseconds,
                .record_findings = record_findings},
               sink);
  return {};
}

Result<void> EmbeddedStore::check(const FindingSink& sink) const {
  std::shared_ptr<const StateRevision> revision;
  std::unique_ptr<Disk::Snapshot> snapshot;
  SealedPrefix sealed;
  Head head;
  const bool ran = core_->run_between_batches([&] {
    revision = core_->newest();
    snapshot = core_->disk().snapshot();
    sealed = core_->sealed();
    head = core_->head();
  });
  if (!ran || !core_->read_only_reason().empty())
    return Error{ErrorCode::unavailable, "only a store that takes writes can be checked"};
  const TextMap<std::string> claims = spelled(revision->state().claims);
  const graph::Schema& schema = revision->schema();
  check_state(revision->state(), schema, sink);
  check_tables(core_->disk(), snapshot.get(),
               {.state = revision->state(),
                .schema = schema,
                .claims = claims,
                .sealed = sealed,
                .head = head,
                .now = core_->options.clock->now().microseconds,
                .record_findings = core_->options.record_findings},
               sink);
  return {};
}

} // namespace diffo::store
