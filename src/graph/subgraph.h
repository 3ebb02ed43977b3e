#pragma once

#include "graph/footprint.h"
#include "graph/revision.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace diffo::graph {

/// What is known of a record after a read.
struct Fetched {
  enum class State : std::uint8_t {
    present,
    absent,     ///< it is not there
    not_fetched ///< the plan did not announce it, so nothing is known
  };
  State state = State::not_fetched;
  RecordRef record;
};

/// Whether all of a collection was seen.
enum class Seen : std::uint8_t { all, cut, not_fetched };

/// What becomes of a read that nothing announced.
enum class Unplanned : std::uint8_t {
  serve,  ///< as if it had been: for a store that has everything at hand, where reading again with
          ///< a larger plan would come to the same
  refuse, ///< fetched in one more flight where the data is far away and that can be, else not
          ///< fetched: it is concluded again from a larger plan
  fail ///< not fetched, and what was concluded is an error that names the read: in tests, so that
       ///< what works there works in one flight elsewhere
};

/// A pinned piece of one revision: all that a rule sees. A read that nothing announced and that is
/// not served answers not_fetched, never "absent", and stands in missing(): then what was concluded
/// is worth nothing and must be concluded again from a subgraph of the larger plan (see
/// read_in_rounds()). While there is a subgraph of it, its revision can be pinned again by its
/// sequence. Thread rule: one thread.
class Subgraph {
public:
  /// Of nothing.
  Subgraph() = default;
  /// Everything of a revision, unrecorded.
  explicit Subgraph(std::shared_ptr<const Revision> revision);
  /// The plan's piece of a revision. The recorder, if any, must outlive it.
  Subgraph(std::shared_ptr<const Revision> revision, FetchPlan plan, Recorder* recorder,
           Unplanned unplanned);

  [[nodiscard]] Sequence sequence() const { return revision_->sequence(); }
  [[nodiscard]] const Schema& schema() const { return revision_->schema(); }

  [[nodiscard]] Fetched fetch(const KeyView& key) { return fetch(key, {}); }
  /// Fields: what of the record is going to be looked at; empty: all.
  [[nodiscard]] Fetched fetch(const KeyView& key, const std::vector<FieldPath>& fields);
  /// The record; empty when it is absent, and when it was not fetched, which missing() tells.
  [[nodiscard]] RecordRef find(const KeyView& key) { return fetch(key).record; }
  /// Visits those that refer to the key over edges of the kinds (none: of any), once for each kind,
  /// until `visit` returns false. cut: the plan's bound hid some.
  Seen referrers(const KeyView& key, const std::vector<ElementKind>& kinds,
                 const std::function<bool(const Referrer&)>& visit);
  Seen referrers(const KeyView& key, const std::function<bool(const Referrer&)>& visit) {
    return referrers(key, {}, visit);
  }
  /// What the plan's query of that number finds. Errors: those of the query; unavailable when it
  /// was not fetched.
  [[nodiscard]] Result<Page> page(std::size_t number);
  [[nodiscard]] Result<Page> query(const Query& query);

  /// Who holds the claim at that time; nothing when nobody does, and when it was not fetched.
  [[nodiscard]] std::optional<Claim> claim(const ClaimName& name, std::int64_t now);
  /// As those of Revision. Errors: also unavailable when it was not fetched.
  [[nodiscard]] Result<std::uint64_t> count_free(const FreeQuery& query, std::int64_t now);
  [[nodiscard]] Result<std::optional<std::int64_t>> nth_free(const FreeQuery& query,
                                                             std::uint64_t n, std::int64_t now);

  /// Announces what is read next, where only what was read first tells what that is: one more
  /// flight where the data is far away. What can be known before belongs into the plan.
  void announce(const FetchPlan& more);

  /// The reads that are still to be fetched.
  [[nodiscard]] const FetchPlan& missing() const { return missing_; }
  [[nodiscard]] bool complete() const { return missing_.empty(); }
  /// The error that names the reads nobody announced, under Unplanned::fail.
  [[nodiscard]] std::optional<Error> forgotten() const;

  [[nodiscard]] Footprint take_footprint();
  /// Gives back what was taken.
  void add_footprint(const Footprint& footprint);

private:
  [[nodiscard]] bool is_planned(const KeyView& key) const;
  [[nodiscard]] bool is_planned(const FreeQuery& query) const;
  bool fetch_now(const FetchPlan& more);
  void miss(const KeyView& key);
  Error miss(const FreeQuery& query);
  void reach(const KeyView& key);
  void reach_targets(const Record& record);
  void run(const FetchPlan& plan);
  void run_walk(const FetchPlan::Walk& walk);
  void step(const Key& from, const FetchPlan::Hop& hop, std::vector<Key>& next);
  [[nodiscard]] const FetchPlan::Referrers*
  planned_referrers(const KeyView& key, const std::vector<ElementKind>& kinds) const;
  [[nodiscard]] Result<Page> handed_out(const Query& query, Result<Page> page);

  std::shared_ptr<const Revision> revision_;
  FetchPlan plan_;
  Recorder* recorder_ = nullptr;
  Unplanned unplanned_ = Unplanned::serve;
  std::set<Key, std::less<>> reachable_; ///< what the plan lets be read, when others are refused
  std::set<Key, std::less<>> missed_;    ///< those in missing_
  FetchPlan missing_;
};

} // namespace diffo::graph
