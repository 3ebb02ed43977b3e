#include "server/transfer/import.h"

#include "model/contradictions.h"
#include "model/model.h"
#include "rules/assignment_line.h"
#include "rules/enforce.h"
#include "tmf/import_line.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace diffo::server {
namespace {

constexpr std::uint64_t most_in_flight = 1024;
constexpr std::size_t most_bytes_in_flight = std::size_t{32} << 20;

json::Value rejection_view(const RejectedLine& rejected) {
  json::Object view{{"line", static_cast<std::int64_t>(rejected.line)}};
  if (!rejected.id.empty())
    view.append("id", rejected.id);
  view.append("code", std::string(name_of(rejected.error.code)));
  view.append("message", rejected.error.text());
  return view;
}

/// Assignments have no documents.
bool same_record(const graph::Record& present, const graph::Record& fresh,
                 const graph::Schema& schema) {
  if (present.family() != model::family_assignment)
    return tmf::same_content(present, fresh, schema);
  return present.bytes().substr(graph::record_head_bytes) ==
         fresh.bytes().substr(graph::record_head_bytes);
}

} // namespace

json::Value ImportReport::to_json() const {
  json::Array views;
  for (const RejectedLine& rejected_line : rejections)
    views.push_back(rejection_view(rejected_line));
  json::Object view{{"stored", stored},
                    {"lines", static_cast<std::int64_t>(lines)},
                    {"created", static_cast<std::int64_t>(created)},
                    {"unchanged", static_cast<std::int64_t>(unchanged)},
                    {"rejected", static_cast<std::int64_t>(rejected)},
                    {"rejections", std::move(views)}};
  if (broke_in > 0)
    view.append("brokeInLine", static_cast<std::int64_t>(broke_in));
  return view;
}

/// Shared with the store's callbacks, which may still run while feed() waits.
struct Importer::State {
  State(graph::Store& wanted_store, std::function<graph::Context()> wanted_context,
        ImportOptions wanted_options, http::MemoryBudget& budget)
      : store(wanted_store), context(std::move(wanted_context)), options(wanted_options),
        memory(budget), charge(budget) {}

  graph::Store& store;
  const graph::Schema& schema = store.schema(); ///< what all lines are read by
  const std::function<graph::Context()> context;
  const ImportOptions options;
  const http::MemoryBudget& memory;
  http::Charge charge;
  const std::uint64_t lane = graph::next_lane(); ///< lines are stored in their order

  std::string partial_line;
  std::uint64_t line_number = 0;
  std::vector<rules::Adoption> held; ///< of an atomic import
  std::size_t held_bytes = 0;

  std::mutex mutex; ///< guards what follows
  std::condition_variable changed;
  std::uint64_t in_flight = 0;
  std::size_t bytes_in_flight = 0;
  ImportReport report;
  std::optional<Error> broken;

  /// Only with the mutex held.
  void add_rejection(RejectedLine line) {
    ++report.rejected;
    if (report.rejections.size() < ImportReport::max_rejections)
      report.rejections.push_back(std::move(line));
  }

  void reject(std::uint64_t line, std::string id, Error error) {
    const std::lock_guard lock(mutex);
    add_rejection({line, std::move(id), std::move(error)});
  }

  void settle(RejectedLine line, std::size_t bytes, Result<graph::Commit> commit) {
    const std::lock_guard lock(mutex);
    --in_flight;
    bytes_in_flight -= bytes;
    if (commit) {
      ++(commit->sequence == 0 ? report.unchanged : report.created);
    } else {
      if (commit.error().code == ErrorCode::unavailable ||
          commit.error().code == ErrorCode::outcome_unknown) {
        broken = commit.error();
        report.broke_in = report.broke_in == 0 ? line.line : std::min(report.broke_in, line.line);
      }
      line.error = std::move(commit).error();
      add_rejection(std::move(line));
    }
    // Under the lock: once it is released the waiter may destroy this state.
    changed.notify_all();
  }

  void store_one(rules::Adoption adoption) {
    const std::size_t bytes = adoption.record->memory_bytes();
    const std::uint64_t line = adoption.line;
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] {
        return in_flight == 0 ||
               (in_flight < most_in_flight && bytes_in_flight + bytes <= most_bytes_in_flight);
      });
      ++in_flight;
      bytes_in_flight += bytes;
    }
    const graph::Key key = adoption.record->key();
    store.transact(context(), rules::plan_for(key),
                   rules::under(schema, rules::adopt(std::move(adoption), same_record)),
                   {.lane = lane}, [this, line, bytes, id = key.id](Result<graph::Commit> commit) {
                     settle({line, id, {}}, bytes, std::move(commit));
                   });
  }

  void wait_for_all() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return in_flight == 0; });
  }

  /// All that is known when nothing is under way any more.
  ImportReport conclude() {
    wait_for_all();
    release();
    const std::lock_guard lock(mutex);
    std::sort(report.rejections.begin(), report.rejections.end(),
              [](const RejectedLine& a, const RejectedLine& b) { return a.line < b.line; });
    return report;
  }

  /// Lets go of everything, before anybody learns that the import is over.
  void release() {
    held.clear();
    held_bytes = 0;
    partial_line.clear();
    (void)charge.try_set(0); // less is always granted
  }

  /// Holds what is held now of the budget. An error ends the import.
  Result<void> account() {
    const std::uint64_t wanted = held_bytes + partial_line.size();
    if (charge.try_set(wanted))
      return {};
    release();
    if (wanted > memory.limit())
      return Error{ErrorCode::too_large, "an atomic import may hold " +
                                             std::to_string(memory.limit() >> 20) +
                                             " MiB in memory here; use mode=best or smaller files"};
    return Error{ErrorCode::unavailable, "other imports hold too much memory just now"};
  }
};

Importer::Importer(graph::Store& store, std::function<graph::Context()> context,
                   ImportOptions options, http::MemoryBudget& memory)
    : state_(std::make_unique<State>(store, std::move(context), options, memory)) {}

Importer::~Importer() {
  state_->wait_for_all();
}

Result<void> Importer::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    if (state_->partial_line.size() + piece.size() > tmf::longest_line)
      return Error{ErrorCode::too_large,
                   "line " + std::to_string(state_->line_number + 1) + " is longer than 64 MiB"};
    if (end == std::string_view::npos) {
      state_->partial_line += piece;
      return state_->account();
    }
    bytes.remove_prefix(end + 1);
    if (state_->partial_line.empty()) {
      TRY(take_line(piece));
    } else {
      state_->partial_line += piece;
      const std::string line = std::exchange(state_->partial_line, {});
      TRY(take_line(line));
    }
  }
  return {};
}

Result<void> Importer::take_line(std::string_view line) {
  State& state = *state_;
  const bool is_empty = line.find_first_not_of(" \t\r") == std::string_view::npos;
  {
    const std::lock_guard lock(state.mutex);
    if (state.broken)
      return *state.broken;
    state.report.lines += is_empty ? 0 : 1;
  }
  ++state.line_number;
  if (is_empty)
    return {};
  auto document = json::read(line, tmf::line_limits);
  if (!document) {
    state.reject(state.line_number, {}, std::move(document).error());
    return {};
  }
  auto adoption = read_line(*document);
  if (!adoption) {
    state.reject(state.line_number, std::string(document->text_of("id")),
                 std::move(adoption).error());
    return {};
  }
  adoption->line = state.line_number;
  if (state.options.mode == ImportMode::best) {
    state.store_one(std::move(*adoption));
    return {};
  }
  state.held_bytes += adoption->record->memory_bytes();
  state.held.push_back(std::move(*adoption));
  return state.account();
}

/// A line as a record, and what settles it when it is stored: instances of declared kinds hold
/// their names, assignments their values.
Result<rules::Adoption> Importer::read_line(const json::Value& document) {
  State& state = *state_;
  graph::Context context = state.context();
  rules::Adoption adoption;
  if (document.text_of("@type") == rules::assignment_line_type) {
    rules::Settled settled = TRY(rules::read_assignment_line(document, context, state.schema));
    adoption.record = settled.record;
    adoption.settle = rules::settlement_of(std::move(context), std::move(settled));
    return adoption;
  }
  graph::RecordDraft draft =
      TRY(tmf::decode_import_line(document, state.options.as, state.schema, context));
  adoption.record = TRY(model::encode(draft, state.schema));
  if (rules::is_enforced(model::model_of(state.schema), nullptr, draft))
    adoption.settle = [context = std::move(context), draft = std::move(draft)](
                          graph::Subgraph& subgraph) -> Result<rules::Settled> {
      graph::RecordDraft settled = draft;
      rules::Further further =
          TRY(rules::enforce(context, subgraph, nullptr, settled, rules::Way::adopt));
      return rules::Settled{TRY(model::encode(settled, subgraph.schema())), std::move(further)};
    };
  return adoption;
}

Result<ImportReport> Importer::finish() {
  State& state = *state_;
  if (!state.partial_line.empty()) {
    const std::string line = std::exchange(state.partial_line, {});
    TRY(take_line(line));
  }
  if (state.options.mode == ImportMode::atomic)
    TRY(store_all());
  ImportReport report = state.conclude();
  if (state.broken)
    return *state.broken;
  return report;
}

ImportReport Importer::break_off() {
  State& state = *state_;
  ImportReport report = state.conclude();
  if (report.broke_in == 0)
    report.broke_in = state.line_number + 1;
  report.stored = state.options.mode == ImportMode::best;
  return report;
}

/// All lines as one change set. Every clash is reported, not only the first.
Result<void> Importer::store_all() {
  State& state = *state_;
  if (state.report.rejected > 0) {
    state.report.stored = false;
    return {};
  }
  std::sort(state.held.begin(), state.held.end(),
            [](const rules::Adoption& a, const rules::Adoption& b) {
              const auto order = a.record->key() <=> b.record->key();
              return order != 0 ? order < 0 : a.line < b.line;
            });
  graph::FetchPlan plan;
  for (const rules::Adoption& one : state.held)
    if (plan.records.empty() || plan.records.back() != one.record->key())
      plan.records.push_back(one.record->key());
  std::vector<rules::Clash> clashes;
  const auto commit = graph::transact_and_wait(
      state.store, state.context(), std::move(plan),
      rules::under(state.schema, rules::adopt_all(state.held, same_record, clashes)));
  if (commit) {
    state.report.created = commit->sequence == 0 ? 0 : commit->records.size();
    state.report.unchanged = state.report.lines - state.report.created;
    return {};
  }
  if (clashes.empty())
    return commit.error();
  state.report.stored = false;
  for (rules::Clash& clash : clashes)
    state.add_rejection({clash.line, std::move(clash.id), std::move(clash.error)});
  return {};
}

} // namespace diffo::server
