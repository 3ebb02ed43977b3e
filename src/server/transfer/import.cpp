#include "server/transfer/import.h"

#include "model/contradictions.h"
#include "rules/instances.h"
#include "tmf/import_line.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace diffo::server {
namespace {

constexpr std::uint64_t most_in_flight = 1024;

json::Value rejection_view(const RejectedLine& rejected) {
  json::Object view{{"line", static_cast<std::int64_t>(rejected.line)}};
  if (!rejected.id.empty())
    view.append("id", rejected.id);
  view.append("code", std::string(name_of(rejected.error.code)));
  view.append("message", rejected.error.text());
  return view;
}

} // namespace

json::Value ImportReport::to_json() const {
  json::Array views;
  for (const RejectedLine& rejected_line : rejections)
    views.push_back(rejection_view(rejected_line));
  return json::Object{{"stored", stored},
                      {"lines", static_cast<std::int64_t>(lines)},
                      {"created", static_cast<std::int64_t>(created)},
                      {"unchanged", static_cast<std::int64_t>(unchanged)},
                      {"rejected", static_cast<std::int64_t>(rejected)},
                      {"rejections", std::move(views)}};
}

/// Shared with the store's callbacks, which may still run while feed() waits.
struct Importer::State {
  graph::Store& store;
  std::function<graph::Context()> context;
  ImportOptions options;

  std::string partial_line;
  std::uint64_t line_number = 0;
  struct Taken {
    graph::RecordRef record;
    std::uint64_t line;
  };
  std::vector<Taken> held; ///< of an atomic import
  std::size_t held_bytes = 0;

  std::mutex mutex;
  std::condition_variable changed;
  std::uint64_t in_flight = 0;
  ImportReport report;
  std::optional<Error> broken;

  void reject(std::uint64_t line, std::string id, Error error) {
    const std::lock_guard lock(mutex);
    ++report.rejected;
    if (report.rejections.size() < ImportReport::max_rejections)
      report.rejections.push_back({line, std::move(id), std::move(error)});
  }

  void settle(std::uint64_t line, const std::string& id, Result<graph::Commit> commit) {
    const std::lock_guard lock(mutex);
    --in_flight;
    if (commit) {
      ++(commit->sequence == 0 ? report.unchanged : report.created);
    } else {
      if (commit.error().code == ErrorCode::unavailable)
        broken = commit.error();
      ++report.rejected;
      if (report.rejections.size() < ImportReport::max_rejections)
        report.rejections.push_back({line, id, std::move(commit).error()});
    }
    // Under the lock: once it is released the waiter may destroy this state.
    changed.notify_all();
  }

  void store_one(graph::RecordRef record, std::uint64_t line) {
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [this] { return in_flight < most_in_flight; });
      ++in_flight;
    }
    const graph::Key key = record->key();
    store.transact(context(), rules::plan_for(key),
                   rules::adopt(std::move(record), tmf::same_content), {},
                   [this, line, id = key.id](Result<graph::Commit> commit) {
                     settle(line, id, std::move(commit));
                   });
  }

  void wait_for_all() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return in_flight == 0; });
  }
};

Importer::Importer(graph::Store& store, std::function<graph::Context()> context,
                   ImportOptions options)
    : state_(new State{store, std::move(context), options, {}, 0, {}, 0, {}, {}, 0, {}, {}}) {}

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
      return {};
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
  ++state.line_number;
  if (line.find_first_not_of(" \t\r") == std::string_view::npos)
    return {};
  {
    const std::lock_guard lock(state.mutex);
    ++state.report.lines;
    if (state.broken)
      return *state.broken;
  }
  auto document = json::read(line, tmf::line_limits);
  if (!document) {
    state.reject(state.line_number, {}, std::move(document).error());
    return {};
  }
  const graph::Context context = state.context();
  auto draft = tmf::decode_import_line(*document, state.options.as, context);
  if (!draft) {
    state.reject(state.line_number, std::string(document->text_of("id")), std::move(draft).error());
    return {};
  }
  auto packed = model::encode(*draft, state.store.schema().dictionary());
  if (!packed) {
    state.reject(state.line_number, draft->key.id, std::move(packed).error());
    return {};
  }
  graph::RecordRef record = std::move(*packed);
  if (state.options.mode == ImportMode::best) {
    state.store_one(std::move(record), state.line_number);
    return {};
  }
  state.held_bytes += record->memory_bytes();
  if (state.held_bytes > max_atomic_bytes)
    return Error{ErrorCode::too_large,
                 "an atomic import takes at most 1 GiB; use mode=best or smaller files"};
  state.held.push_back({std::move(record), state.line_number});
  return {};
}

Result<ImportReport> Importer::finish() {
  State& state = *state_;
  if (!state.partial_line.empty())
    TRY(take_line(std::exchange(state.partial_line, {})));
  if (state.options.mode == ImportMode::atomic)
    TRY(store_all());
  state.wait_for_all();
  const std::lock_guard lock(state.mutex);
  if (state.broken)
    return *state.broken;
  std::sort(state.report.rejections.begin(), state.report.rejections.end(),
            [](const RejectedLine& a, const RejectedLine& b) { return a.line < b.line; });
  return std::move(state.report);
}

Result<void> Importer::store_all() {
  State& state = *state_;
  if (state.report.rejected > 0) {
    state.report.stored = false;
    return {};
  }
  // Every clash is reported, not only the first: the decision collects them and then refuses the
  // whole.
  auto clashes = std::make_shared<std::vector<RejectedLine>>();
  auto held = std::make_shared<std::vector<State::Taken>>(std::move(state.held));
  const auto decide = [held, clashes](graph::Subgraph& subgraph) -> Result<graph::Decision> {
    graph::ChangeSet changes;
    std::vector<std::pair<graph::Key, std::uint64_t>> seen;
    for (State::Taken& taken : *held) {
      graph::Key key = taken.record->key();
      if (const graph::RecordRef present = subgraph.find(key)) {
        if (!tmf::same_content(*present, *taken.record))
          clashes->push_back(
              {taken.line,
               key.id,
               {ErrorCode::conflict, "the id is taken by a record with other content", "/id"}});
        continue;
      }
      seen.emplace_back(key, taken.line);
      changes.changes.push_back({std::move(key), std::move(taken.record)});
    }
    std::sort(seen.begin(), seen.end());
    for (std::size_t index = 1; index < seen.size(); ++index)
      if (seen[index].first == seen[index - 1].first)
        clashes->push_back(
            {seen[index].second,
             seen[index].first.id,
             {ErrorCode::conflict,
              "the id also stands in line " + std::to_string(seen[index - 1].second), "/id"}});
    if (!clashes->empty())
      return Error{ErrorCode::conflict, "some lines cannot be taken"};
    return graph::Decision(std::move(changes));
  };
  graph::FetchPlan plan;
  for (const State::Taken& taken : *held)
    plan.records.push_back(taken.record->key());
  const auto commit =
      graph::transact_and_wait(state.store, state.context(), std::move(plan), decide);
  if (commit) {
    state.report.created = commit->records.size();
    state.report.unchanged = state.report.lines - state.report.created;
    return {};
  }
  if (clashes->empty())
    return commit.error();
  state.report.stored = false;
  state.report.rejected = clashes->size();
  clashes->resize(std::min(clashes->size(), ImportReport::max_rejections));
  state.report.rejections = std::move(*clashes);
  return {};
}

} // namespace diffo::server
