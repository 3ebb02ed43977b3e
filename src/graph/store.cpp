#include "graph/store.h"

#include <atomic>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace diffo::graph {

Result<void> Store::for_each_claim(const std::function<void(const Claim& claim)>& visit) const {
  constexpr std::size_t entries_at_once = 500;
  std::map<ClaimName, Claim> held;
  Sequence next = 1;
  for (std::size_t count = entries_at_once; count == entries_at_once;) {
    const std::vector<JournalEntry> entries = TRY(journal(next, entries_at_once));
    for (const JournalEntry& entry : entries) {
      for (const Claim& claim : entry.released)
        held.erase({claim.scope, claim.key});
      for (const Claim& claim : entry.taken)
        held.insert_or_assign({claim.scope, claim.key}, claim);
      next = entry.sequence + 1;
    }
    count = entries.size();
  }
  for (const auto& [name, claim] : held)
    visit(claim);
  return {};
}

std::uint64_t next_lane() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

Result<void> Store::check(const FindingSink&) const {
  return Error{ErrorCode::unsupported, "this store cannot be checked"};
}

Result<BackupReport> Store::backup(const std::filesystem::path&) const {
  return Error{ErrorCode::unsupported, "this store makes no backups"};
}

Result<Subgraph> read_and_wait(Store& store, Pin pin, FetchPlan plan, Recorder* recorder) {
  // Shared with the callback, which may still be leaving set_value() when the waiter goes on.
  const auto promise = std::make_shared<std::promise<Result<Subgraph>>>();
  auto future = promise->get_future();
  store.read(std::move(pin), std::move(plan), recorder,
             [promise](Result<Subgraph> subgraph) { promise->set_value(std::move(subgraph)); });
  return future.get();
}

Result<void> read_in_rounds(Store& store, Pin pin, FetchPlan plan, Recorder* recorder,
                            const std::function<Result<void>(Subgraph&)>& conclude) {
  constexpr int most_rounds = 8;
  std::optional<Subgraph> subgraph; // the one before, so that its revision can be pinned again
  for (int round = 0; round < most_rounds; ++round) {
    subgraph = TRY(read_and_wait(store, pin, plan, recorder));
    Result<void> concluded = conclude(*subgraph);
    if (subgraph->complete())
      return concluded;
    if (auto forgotten = subgraph->forgotten())
      return *std::move(forgotten);
    plan.extend(subgraph->missing());
    pin.at = subgraph->sequence();
    if (recorder != nullptr)
      static_cast<void>(recorder->take());
  }
  return Error{ErrorCode::too_large, "more and more had to be read"};
}

Result<Commit> transact_and_wait(Store& store, Context context, FetchPlan plan, Decide decide,
                                 Deciding deciding) {
  // Shared with the callback, which may still be leaving set_value() when the waiter goes on.
  const auto promise = std::make_shared<std::promise<Result<Commit>>>();
  auto future = promise->get_future();
  store.transact(std::move(context), std::move(plan), std::move(decide), deciding,
                 [promise](Result<Commit> commit) { promise->set_value(std::move(commit)); });
  return future.get();
}

} // namespace diffo::graph
