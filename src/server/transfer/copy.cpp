#include "server/transfer/copy.h"

#include "model/kinds.h"
#include "model/stored_declarations.h"
#include "server/models.h"
#include "server/transfer/copy_parts.h"
#include "server/transfer/creation_order.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace diffo::server {
namespace {

constexpr std::size_t records_at_once = 100;
constexpr std::size_t bytes_at_once = std::size_t{4} << 20;
constexpr std::size_t claims_at_once = 1000;

/// Where the target notes how far a copy has come, durably behind what has come: as cursors, which
/// any store keeps.
class Mark {
public:
  Mark(graph::Store& target, const std::string& name)
      : target_(target), count_(name), time_(name + ", created at") {}
  [[nodiscard]] std::optional<std::uint64_t> count() const { return target_.cursor(count_); }
  [[nodiscard]] std::optional<std::int64_t> created_at() const {
    const auto time = target_.cursor(time_);
    return time ? std::optional(static_cast<std::int64_t>(*time)) : std::nullopt;
  }
  void set(std::uint64_t count) { target_.save_cursor(count_, count); }
  void set(std::uint64_t count, std::int64_t created_at) {
    target_.save_cursor(time_, static_cast<graph::Sequence>(created_at));
    set(count);
  }
  void forget() {
    target_.forget_cursor(count_);
    target_.forget_cursor(time_);
  }

private:
  graph::Store& target_;
  std::string count_, time_;
};

class Copier {
public:
  Copier(graph::Store& source, graph::Store& target, const CopyOptions& options)
      : source_(source), target_(target), options_(options), records_(source) {}

  Result<CopyReport> run() {
    TRY(records_.begin());
    TRY(check_count());
    Mark mark(target_, "copy of " + options_.source + " at " + std::to_string(records_.sequence()));
    TRY(begin_or_go_on(mark));
    TRY(bring_models(target_, options_.context, models_of(source_),
                     model::words_of(records_.schema().dictionary())));
    TRY(copy_records(mark));
    TRY(copy_claims());
    TRY(target_.keep_seen());
    TRY(compare());
    mark.forget();
    TRY(target_.keep_seen());
    return report_;
  }

private:
  Result<void> check_count() const {
    // A store that cannot count says 0.
    if (const std::uint64_t all = source_.statistics().records; all != 0 && all != records_.total())
      return Error{ErrorCode::corrupt, "the source has " + std::to_string(all) +
                                           " records, and finds " +
                                           std::to_string(records_.total())};
    return {};
  }

  Result<void> begin_or_go_on(Mark& mark) {
    if (const auto done = mark.count()) {
      report_.found = std::min(*done, records_.total());
      if (const auto time = mark.created_at())
        records_.begin_at(*time);
      return bring_tenants();
    }
    CreationOrder present(target_);
    TRY(present.begin());
    if (present.total() != 0)
      return Error{ErrorCode::conflict, "the target is not empty: it has " +
                                            std::to_string(present.total()) +
                                            " records, and they are not a part of this copy"};
    TRY(bring_tenants());
    TRY(target_.begin_behind(records_.sequence()));
    mark.set(0);
    return target_.keep_seen();
  }

  /// Their numbers are those of the source, for keys have them.
  Result<void> bring_tenants() {
    const std::vector<std::string> names = source_.tenants();
    for (std::size_t number = 0; number < names.size(); ++number)
      if (TRY(target_.tenant(names[number])) != number)
        return Error{ErrorCode::conflict, "the target has tenants of its own"};
    if (target_.tenants().size() != names.size())
      return Error{ErrorCode::conflict, "the target has tenants of its own"};
    return {};
  }

  Result<void> copy_records(Mark& mark) {
    std::uint64_t done = report_.found;
    std::vector<graph::RecordRef> batch;
    std::size_t bytes = 0;
    for (;;) {
      const graph::RecordRef record = TRY(records_.next());
      if (record) {
        bytes += record->bytes().size();
        batch.push_back(record);
      }
      if (!record || bytes >= bytes_at_once || batch.size() == records_at_once) {
        if (batch.empty())
          return {};
        TRY(put(batch));
        // What was created in the same microsecond as the last one comes once more after a break.
        done = std::min(done + batch.size(), records_.total());
        mark.set(done, batch.back()->created_at());
        if (options_.progress)
          options_.progress(done, records_.total());
        batch.clear();
        bytes = 0;
      }
    }
  }

  Result<void> put(const std::vector<graph::RecordRef>& batch) {
    graph::FetchPlan plan;
    std::vector<graph::RecordRef> fresh;
    for (const graph::RecordRef& record : batch) {
      plan.records.push_back(record->key());
      fresh.push_back(
          TRY(translated(*record, records_.schema().dictionary(), target_.schema().dictionary())));
    }
    TRY(graph::transact_and_wait(
        target_, options_.context, plan, [&](graph::Subgraph& subgraph) -> Result<graph::Decision> {
          graph::ChangeSet changes;
          changes.keep_times = true;
          for (const graph::RecordRef& record : fresh) {
            const graph::RecordRef present = subgraph.find(record->key());
            if (!present || !is_same(*present, *record))
              changes.changes.push_back({record->key(), graph::copy(*record)});
          }
          return graph::Decision(std::move(changes));
        }));
    for (const graph::RecordRef& record : batch)
      for (const graph::Sighting& sighting : TRY(source_.seen(record->key())))
        target_.note_seen(record->key(), sighting.source, sighting.at);
    return {};
  }

  Result<void> copy_claims() {
    std::vector<graph::Claim> batch;
    const auto flush = [&]() -> Result<void> {
      TRY(graph::transact_and_wait(target_, options_.context, {},
                                   [&](graph::Subgraph&) -> Result<graph::Decision> {
                                     graph::ChangeSet changes;
                                     changes.take = batch;
                                     return graph::Decision(std::move(changes));
                                   }));
      batch.clear();
      return {};
    };
    Result<void> flushed;
    TRY(source_.for_each_claim([&](const graph::Claim& claim) {
      if (!flushed || !graph::holds(claim, options_.context.now))
        return;
      batch.push_back(claim);
      if (batch.size() == claims_at_once)
        flushed = flush();
    }));
    TRY(std::move(flushed));
    return batch.empty() ? Result<void>() : flush();
  }

  Result<void> compare() {
    Comparison comparison(source_, target_);
    TRY(comparison.compare_records(records_.sequence()));
    // Of leases those that last until then; who copies may take his time.
    TRY(comparison.compare_claims(options_.clock->now().microseconds));
    TRY(comparison.compare_frame());
    report_.records = comparison.records();
    report_.claims = comparison.claims();
    report_.sightings = comparison.sightings();
    for (const auto& [consumer, is_told] : comparison.subscribers()) {
      target_.save_cursor(consumer, comparison.sequence());
      report_.untold += is_told ? 0 : 1;
    }
    return {};
  }

  graph::Store& source_;
  graph::Store& target_;
  const CopyOptions& options_;
  CreationOrder records_;
  CopyReport report_;
};

} // namespace

Result<CopyReport> copy_store(graph::Store& source, graph::Store& target,
                              const CopyOptions& options) {
  return Copier(source, target, options).run();
}

} // namespace diffo::server
