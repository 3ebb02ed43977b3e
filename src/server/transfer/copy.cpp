#include "server/transfer/copy.h"

#include "server/models.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace diffo::server {
namespace {

constexpr std::uint64_t records_at_once = 100;
constexpr std::size_t bytes_at_once = std::size_t{4} << 20;
constexpr std::size_t claims_at_once = 1000;
constexpr std::array parts{graph::Which::actual, graph::Which::expected};

/// All records of a tenant, page by page, of one revision.
class Records {
public:
  Records(graph::Store& store, graph::Tenant tenant) : store_(store) { query_.tenant = tenant; }

  /// Pins the newest revision and counts. Once, first.
  Result<void> begin() {
    graph::FetchPlan plan;
    for (const graph::Which which : parts) {
      query_.which = which;
      query_.limit = 1;
      plan.queries.push_back(query_);
    }
    pinned_ = TRY(graph::read_and_wait(store_, {}, std::move(plan)));
    for (std::size_t part = 0; part < parts.size(); ++part)
      totals_.at(part) = TRY(pinned_->page(part)).total;
    query_.limit = records_at_once;
    query_.count = false;
    return {};
  }

  [[nodiscard]] std::uint64_t total() const { return totals_[0] + totals_[1]; }
  [[nodiscard]] graph::Sequence sequence() const { return pinned_->sequence(); }
  [[nodiscard]] const graph::Schema& schema() const { return pinned_->schema(); }

  /// Passes over the first so many.
  void skip(std::uint64_t count) {
    part_ = count >= totals_[0] ? 1 : 0;
    query_.offset = part_ == 1 ? count - totals_[0] : count;
  }

  /// The next page; empty at the end.
  Result<std::vector<graph::RecordRef>> next() {
    for (; part_ < parts.size(); ++part_, query_.after.reset(), query_.offset = 0, ended_ = false) {
      if (ended_)
        continue;
      query_.which = parts.at(part_);
      graph::FetchPlan plan;
      plan.queries.push_back(query_);
      graph::Pin pin;
      pin.at = pinned_->sequence();
      // The new one keeps the revision before the old one lets it go.
      graph::Subgraph subgraph = TRY(graph::read_and_wait(store_, std::move(pin), std::move(plan)));
      graph::Page page = TRY(subgraph.page(0));
      pinned_ = std::move(subgraph);
      query_.after = std::move(page.next);
      query_.offset = 0;
      ended_ = !query_.after;
      if (!page.records.empty())
        return std::move(page.records);
    }
    return std::vector<graph::RecordRef>();
  }

private:
  graph::Store& store_;
  graph::Query query_;
  std::optional<graph::Subgraph> pinned_;
  std::array<std::uint64_t, parts.size()> totals_{};
  std::size_t part_ = 0;
  bool ended_ = false;
};

/// Spells the fields of an element by the numbers that another dictionary has for their words.
Result<void> translate(graph::Element& element, const graph::Dictionary& from,
                       const graph::Dictionary& to) {
  for (auto& [word, value] : element.fields) {
    const auto found = to.find(from.text(word));
    if (!found)
      return Error{ErrorCode::unsupported,
                   "the target does not know the word \"" + std::string(from.text(word)) + "\""};
    word = *found;
  }
  for (graph::Element& child : element.children)
    TRY(translate(child, from, to));
  return {};
}

/// The record as the other schema writes it.
Result<graph::RecordRef> translated(const graph::Record& record, const graph::Dictionary& from,
                                    const graph::Dictionary& to) {
  graph::RecordDraft draft = record.to_draft(from);
  TRY(translate(draft.root, from, to));
  return graph::encode(draft, to);
}

/// All but what a commit stamps.
std::string_view content_of(const graph::Record& record) {
  return record.bytes().substr(graph::record_head_bytes);
}

bool is_same(const graph::Record& one, const graph::Record& other) {
  return one.which() == other.which() && one.key() == other.key() &&
         one.next_part() == other.next_part() && content_of(one) == content_of(other);
}

std::string name_of_record(const graph::Record& record, const graph::Schema& schema) {
  const graph::FamilyDefinition* family = schema.family(record.family());
  return (family != nullptr ? family->name : std::to_string(record.family())) + ' ' + record.id();
}

/// The claims of a store, whatever their order.
struct ClaimSum {
  std::uint64_t count = 0;
  std::uint64_t digest = 0;
  void add(const graph::Claim& claim) {
    const std::string text = std::to_string(claim.scope.size()) + '|' + claim.scope + '|' +
                             std::to_string(claim.key.size()) + '|' + claim.key + '|' +
                             claim.holder;
    ++count;
    digest += std::hash<std::string>()(text);
  }
  friend bool operator==(const ClaimSum&, const ClaimSum&) = default;
};

class Copier {
public:
  Copier(graph::Store& source, graph::Store& target, const CopyOptions& options)
      : source_(source), target_(target), options_(options),
        records_(source, options.context.principal.tenant) {}

  Result<CopyReport> run() {
    TRY(records_.begin());
    TRY(check_tenants());
    mark_ = "copy of " + options_.source + " at " + std::to_string(records_.sequence());
    TRY(begin_or_go_on());
    if (const model::DomainModel& domains = models_of(source_); !domains.domains.empty())
      TRY(put_models(target_, options_.context, domains));
    TRY(copy_records());
    TRY(copy_claims());
    TRY(target_.keep_seen());
    TRY(compare());
    target_.forget_cursor(mark_);
    TRY(target_.keep_seen());
    return report_;
  }

private:
  Result<void> check_tenants() const {
    // A store that cannot count says 0.
    if (const std::uint64_t all = source_.statistics().records; all > records_.total())
      return Error{ErrorCode::unsupported,
                   std::to_string(all - records_.total()) +
                       " records belong to other tenants, which cannot be copied yet"};
    return {};
  }

  Result<void> begin_or_go_on() {
    if (const auto done = target_.cursor(mark_)) {
      report_.found = std::min<std::uint64_t>(*done, records_.total());
      records_.skip(report_.found);
      return {};
    }
    Records present(target_, options_.context.principal.tenant);
    TRY(present.begin());
    if (present.total() != 0)
      return Error{ErrorCode::conflict, "the target is not empty: it has " +
                                            std::to_string(present.total()) +
                                            " records, and they are not a part of this copy"};
    target_.save_cursor(mark_, 0);
    return target_.keep_seen();
  }

  Result<void> copy_records() {
    std::uint64_t done = report_.found;
    std::vector<graph::RecordRef> batch;
    std::size_t bytes = 0;
    const auto flush = [&]() -> Result<void> {
      TRY(put(batch));
      done += batch.size();
      batch.clear();
      bytes = 0;
      target_.save_cursor(mark_, done);
      if (options_.progress)
        options_.progress(done, records_.total());
      return {};
    };
    while (true) {
      const std::vector<graph::RecordRef> page = TRY(records_.next());
      if (page.empty())
        return batch.empty() ? Result<void>() : flush();
      for (const graph::RecordRef& record : page) {
        bytes += record->bytes().size();
        batch.push_back(record);
        if (bytes >= bytes_at_once || batch.size() == records_at_once)
          TRY(flush());
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
          for (const graph::RecordRef& record : fresh) {
            const graph::RecordRef present = subgraph.find(record->key());
            if (!present || !is_same(*present, *record))
              changes.changes.push_back({record->key(), graph::copy(*record)});
          }
          return graph::Decision(std::move(changes));
        }));
    for (const graph::RecordRef& record : batch)
      for (const graph::Sighting& sighting : TRY(source_.seen(record->key()))) {
        target_.note_seen(record->key(), sighting.source, sighting.at);
        ++report_.sightings;
      }
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
      claims_.add(claim);
      if (batch.size() == claims_at_once)
        flushed = flush();
    }));
    TRY(std::move(flushed));
    return batch.empty() ? Result<void>() : flush();
  }

  Result<void> compare() {
    Records expected(source_, options_.context.principal.tenant);
    Records there(target_, options_.context.principal.tenant);
    TRY(expected.begin());
    TRY(there.begin());
    if (expected.sequence() != records_.sequence())
      return Error{ErrorCode::conflict, "the source was changed meanwhile"};
    if (expected.total() != there.total())
      return Error{ErrorCode::corrupt, "the copy has " + std::to_string(there.total()) +
                                           " records in place of " +
                                           std::to_string(expected.total())};
    while (true) {
      const std::vector<graph::RecordRef> page = TRY(expected.next());
      if (page.empty())
        return compare_claims();
      TRY(compare_page(page));
    }
  }

  /// By their keys: specifications of declared kinds may have come earlier than at the source.
  Result<void> compare_page(const std::vector<graph::RecordRef>& page) {
    graph::FetchPlan plan;
    for (const graph::RecordRef& record : page)
      plan.records.push_back(record->key());
    graph::Subgraph subgraph = TRY(graph::read_and_wait(target_, {}, std::move(plan)));
    for (const graph::RecordRef& record : page) {
      const graph::RecordRef wanted =
          TRY(translated(*record, records_.schema().dictionary(), subgraph.schema().dictionary()));
      const graph::RecordRef present = subgraph.find(record->key());
      if (!present || !is_same(*present, *wanted))
        return Error{ErrorCode::corrupt,
                     "the copy differs in " + name_of_record(*record, records_.schema())};
      ++report_.records;
    }
    return {};
  }

  Result<void> compare_claims() {
    ClaimSum there;
    TRY(target_.for_each_claim([&](const graph::Claim& claim) {
      if (graph::holds(claim, options_.context.now))
        there.add(claim);
    }));
    if (there != claims_)
      return Error{ErrorCode::corrupt, "the copy has other claims: " + std::to_string(there.count) +
                                           " in place of " + std::to_string(claims_.count)};
    report_.claims = there.count;
    return {};
  }

  graph::Store& source_;
  graph::Store& target_;
  const CopyOptions& options_;
  Records records_;
  std::string mark_; ///< the cursor under which the target notes how far the copy has come
  ClaimSum claims_;
  CopyReport report_;
};

} // namespace

Result<CopyReport> copy_store(graph::Store& source, graph::Store& target,
                              const CopyOptions& options) {
  return Copier(source, target, options).run();
}

} // namespace diffo::server
