#include "server/observations/observation_intake.h"

#include "server/call.h"
#include "server/observations/complete_scope.h"
#include "server/observations/observed_item.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace diffo::server {
namespace {

constexpr std::size_t longest_piece = std::size_t{16} << 20;
/// Of one change set.
constexpr std::size_t most_items = 512;
constexpr std::size_t most_bytes = std::size_t{4} << 20;
/// What a parsed document holds, in times of its text.
constexpr std::uint64_t held_per_byte = 4;
/// Larger than what a store decides on its writer.
constexpr std::size_t never_at_the_tip = std::size_t{1} << 20;

bool ends_all(ErrorCode code) {
  return code == ErrorCode::unavailable || code == ErrorCode::outcome_unknown ||
         code == ErrorCode::io || code == ErrorCode::corrupt;
}

} // namespace

struct ObservationIntake::State {
  explicit State(Options wanted) : options(std::move(wanted)), charge(options.memory) {}

  Options options;
  http::Charge charge;
  std::string partial; ///< of the document, or of a line
  std::optional<ObservationHead> head;
  std::optional<ObservationScope> scope;
  std::optional<CompleteSweep> sweep; ///< where the head says that it tells all
  std::optional<std::uint64_t> end;   ///< how many items there were to be
  std::uint64_t count = 0;
  bool any_seen = false; ///< something was noted that may not be durable yet
  std::vector<ObservedItem> held;
  std::size_t held_bytes = 0;
  std::size_t document_bytes = 0; ///< of a document that has been parsed
  ObservationReport report;

  Result<void> account() {
    const std::uint64_t wanted = (held_bytes + document_bytes) * held_per_byte + partial.size() +
                                 (sweep ? sweep->bytes() : 0);
    if (charge.try_set(wanted))
      return {};
    held.clear();
    partial.clear();
    (void)charge.try_set(0); // less is always granted
    if (wanted > options.memory.limit())
      return Error{ErrorCode::too_large,
                   "what is to be taken as a whole is too much to be held here: use mode best, or "
                   "less at once"};
    return Error{ErrorCode::unavailable, "other transfers hold too much memory just now"};
  }

  [[nodiscard]] graph::Context context() const {
    graph::Context context = options.context();
    if (context.principal.actor.empty())
      context.principal.actor = head->source;
    return context;
  }

  Result<void> begin(const json::Value& document) {
    const bool lines = options.form == Form::lines;
    if (lines && document.find("items") != nullptr)
      return Error{ErrorCode::invalid, "stand in lines of their own behind the head", "/items"};
    const std::int64_t now = options.context().now;
    head = TRY(read_observation_head(document, now));
    scope.emplace(ObservationScope{{head->source, head->observed_at},
                                   options.precedence,
                                   [this](const graph::Key& record, std::string_view source) {
                                     const auto seen = options.store.seen(record);
                                     if (seen)
                                       for (const graph::Sighting& one : *seen)
                                         if (one.source == source)
                                           return one.at;
                                     return std::int64_t{0};
                                   }});
    report.source = head->source;
    report.observed_at = head->observed_at;
    if (!head->complete)
      return {};
    TRY(queries_of(*head->complete, options.store.schema(), context().principal.tenant));
    sweep.emplace(options.store, *scope, *head->complete);
    return {};
  }

  void reject(std::uint64_t number, const Error& error, bool unplaced = true) {
    report.add({.number = number,
                .outcome = ObservedOutcome::rejected,
                .path = error.path,
                .reason = error.path.empty() ? error.text() : error.message,
                .unplaced = unplaced});
  }

  /// One item. What cannot be read is rejected by itself.
  Result<void> take(json::Value document, std::size_t bytes) {
    const std::uint64_t number = ++count;
    auto item = read_observed_item(std::move(document));
    if (!item) {
      reject(number, item.error());
      return {};
    }
    item->number = number;
    item->bytes = bytes;
    held_bytes += bytes;
    held.push_back(*std::move(item));
    if (!head->atomic && (held.size() >= most_items || held_bytes >= most_bytes))
      TRY(flush());
    return account();
  }

  Result<void> take_line(std::string_view line) {
    if (line.find_first_not_of(" \t\r") == std::string_view::npos)
      return {};
    auto document = json::read(line);
    if (!head) {
      if (!document)
        return Error{ErrorCode::malformed, "the first line is no head: " + document.error().text()};
      return begin(*document);
    }
    if (end) {
      reject(++count, {ErrorCode::invalid, "stands behind the end"});
      return {};
    }
    if (!document) {
      reject(++count, document.error());
      return {};
    }
    if (const json::Value* last = document->find("end");
        last != nullptr && document->object().size() == 1) {
      const std::int64_t* number = last->if_integer();
      if (number == nullptr || *number < 0)
        reject(++count, {ErrorCode::invalid, "must be the number of items", "/end"});
      else
        end = static_cast<std::uint64_t>(*number);
      return {};
    }
    return take(std::move(*document), line.size());
  }

  /// Decides what is held. A change set that is refused as a whole is tried item by item.
  Result<void> flush() {
    std::vector<ObservedItem> items = std::exchange(held, {});
    held_bytes = 0;
    if (!items.empty())
      TRY(decide(items));
    return account();
  }

  Result<void> decide(std::span<const ObservedItem> items) {
    ObservationBatch batch(*scope, context(), items, head->atomic);
    std::size_t bytes = never_at_the_tip;
    for (const ObservedItem& item : items)
      bytes += item.bytes;
    const auto commit = graph::transact_and_wait(
        options.store, context(), batch.plan(),
        [&batch](graph::Subgraph& subgraph) { return batch.decide(subgraph); },
        {.document_bytes = bytes});
    if (!commit)
      return decide_refused(items, batch, commit.error());
    for (const ItemOutcome& outcome : batch.outcomes())
      report.add(outcome);
    for (const graph::Key& record : batch.found()) {
      options.store.note_seen(record, head->source, head->observed_at);
      if (sweep)
        sweep->saw(record);
    }
    any_seen = any_seen || !batch.found().empty();
    if (options.saw)
      options.saw(std::vector<graph::Key>(batch.found().begin(), batch.found().end()));
    return {};
  }

  Result<void> decide_refused(std::span<const ObservedItem> items, const ObservationBatch& batch,
                              const Error& refusal) {
    if (ends_all(refusal.code))
      return refusal;
    const bool any_rejected =
        std::any_of(batch.outcomes().begin(), batch.outcomes().end(), [](const ItemOutcome& one) {
          return one.outcome == ObservedOutcome::rejected;
        });
    if (head->atomic) {
      report.stored = false;
      for (const ItemOutcome& outcome : batch.outcomes())
        report.add(outcome);
      if (!any_rejected)
        report.note = refusal.text();
      return {};
    }
    if (items.size() == 1) {
      for (const graph::Key& record : batch.found())
        if (sweep)
          sweep->saw(record);
      reject(items.front().number, refusal, batch.found().empty());
      return {};
    }
    for (std::size_t at = 0; at < items.size(); ++at)
      TRY(decide(items.subspan(at, 1)));
    return {};
  }

  Result<void> read_document() {
    const std::string text = std::exchange(partial, {});
    document_bytes = text.size();
    TRY(account());
    json::Value document = TRY(read_json(text));
    TRY(begin(document));
    json::Value* items = document.object().find("items");
    json::Array* all = items != nullptr ? items->if_array() : nullptr;
    if (all == nullptr)
      return Error{ErrorCode::invalid, "must be an array of what was seen", "/items"};
    for (json::Value& item : *all)
      TRY(take(std::move(item), 0));
    end = count;
    return {};
  }

  /// Marks what the source no longer sees, when it is sure that it has told all.
  Result<void> mark_unseen() {
    if (!sweep)
      return {};
    UnseenReport nothing;
    if (!report.stored)
      nothing.note = "nothing was marked, for nothing was taken";
    else if (!report.ended)
      nothing.note = "nothing was marked, for not all has come";
    else if (report.unplaced() > 0)
      nothing.note = "nothing was marked: of " + std::to_string(report.unplaced()) +
                     " items it is not known which instances they are about";
    if (!nothing.note.empty()) {
      report.unseen = std::move(nothing);
      return {};
    }
    TRY(sweep->find(context(), [this] { return account(); }));
    TRY(sweep->mark([this] { return context(); }));
    report.unseen = sweep->take_report();
    return {};
  }

  /// Whether all has come that was to come.
  [[nodiscard]] bool has_ended() const { return end && *end == count; }

  void conclude() {
    report.sort();
    report.items = count;
    report.ended = has_ended();
    if (report.ended)
      return;
    report.note = end ? "the end says " + std::to_string(*end) + " items, and " +
                            std::to_string(count) + " came"
                      : "the stream was cut: there was no end";
  }
};

ObservationIntake::ObservationIntake(Options options)
    : state_(std::make_unique<State>(std::move(options))) {}

ObservationIntake::~ObservationIntake() = default;

Result<void> ObservationIntake::feed(std::string_view bytes) {
  State& state = *state_;
  while (!bytes.empty()) {
    const std::size_t end =
        state.options.form == Form::lines ? bytes.find('\n') : std::string_view::npos;
    const std::string_view piece = bytes.substr(0, end);
    if (state.partial.size() + piece.size() > longest_piece)
      return Error{ErrorCode::too_large,
                   state.options.form == Form::lines
                       ? "a line is longer than 16 MiB"
                       : "the document is longer than 16 MiB: send it as NDJSON"};
    if (end == std::string_view::npos) {
      state.partial += piece;
      return state.account();
    }
    bytes.remove_prefix(end + 1);
    if (state.partial.empty()) {
      TRY(state.take_line(piece));
    } else {
      state.partial += piece;
      const std::string line = std::exchange(state.partial, {});
      TRY(state.take_line(line));
    }
  }
  return {};
}

Result<ObservationReport> ObservationIntake::finish() {
  State& state = *state_;
  if (state.options.form == Form::document) {
    TRY(state.read_document());
  } else if (!state.partial.empty()) {
    const std::string line = std::exchange(state.partial, {});
    TRY(state.take_line(line));
  }
  if (!state.head)
    return Error{ErrorCode::invalid, "there is nothing: the head, with a source, comes first"};
  if (state.head->atomic &&
      (!state.has_ended() || state.report.count(ObservedOutcome::rejected) > 0)) {
    state.report.stored = false;
    state.held.clear();
  }
  TRY(state.flush());
  if (state.any_seen)
    TRY(state.options.store.keep_seen());
  state.conclude();
  TRY(state.mark_unseen());
  (void)state.charge.try_set(0);
  return std::move(state.report);
}

std::optional<ObservationReport> ObservationIntake::break_off(const Error& why) {
  State& state = *state_;
  state.partial.clear(); // no item
  if (!state.head || state.count == 0 ||
      (state.head->atomic && why.code == ErrorCode::outcome_unknown))
    return std::nullopt;
  if (state.head->atomic) {
    state.report.stored = false;
    state.held.clear();
  }
  const auto flushed = state.flush();
  if (!flushed || (state.any_seen && !state.options.store.keep_seen()))
    return std::nullopt;
  state.end.reset(); // what came behind it is not known
  state.conclude();
  state.report.note = "it broke off behind item " + std::to_string(state.count) + ": " + why.text();
  (void)state.mark_unseen(); // which marks nothing of what has not ended
  (void)state.charge.try_set(0);
  return std::move(state.report);
}

} // namespace diffo::server
