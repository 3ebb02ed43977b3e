#pragma once

#include "graph/store.h"
#include "loop/compiled_expectations.h"
#include "loop/decision_record.h"
#include "loop/dependents.h"
#include "loop/evaluate.h"
#include "loop/expectation_registry.h"
#include "loop/residue.h"
#include "loop/targets.h"

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace diffo::loop {

/// Keeps what is outstanding true, commit by commit. It works target by target: whatever may make a
/// difference to a target has all that is expected of it evaluated again, at the newest revision.
///
/// Invariants, after a round at revision S and time t:
/// - the index holds what evaluating every expectation at S and t from nothing comes to, save of
///   the expectations in establishing();
/// - a target is found again by each change that can make a difference to it: a change of its
///   record; of an expectation that names it (an edge of the graph, the registry) or whose filter
///   it meets before or after (the registry); of another record that its evaluation has read
///   (dependents_); of the ways that lead to it (dependents_ of the expectation); of a decision on
///   one of its leaves; and by the clock (flips_);
/// - a pair of expectation and target without leaves occupies nothing but, at most, a flip.
///
/// Thread rule: one thread.
class ResidueKeeper {
public:
  /// So many targets of new expectations are evaluated in one round.
  static constexpr std::size_t swept_in_a_round = 2000;
  /// So many leaves are kept, of which a million takes 50 to 150 MB. What would be more is
  /// an error of its residue.
  static constexpr std::size_t most_leaves = 5'000'000;

  /// `pause` is called now and then during what may take long.
  explicit ResidueKeeper(graph::Store& store, std::function<void()> pause = {},
                         std::size_t leaves = most_leaves);

  /// Begins from nothing at a revision: every expectation is established anew in the rounds that
  /// follow. Errors: those of reading.
  Result<void> begin(graph::Sequence at, Timestamp now);

  struct Fallen {
    std::string decision;
    LeafId leaf;
    graph::Tenant tenant = 0;
    Fall fall;
  };
  struct Round {
    bool changed = false;            ///< the index, or what is being established
    std::vector<graph::Key> targets; ///< of which the index says something else than before
    std::vector<Fallen> fallen;      ///< approvals that no longer hold, to be written down
  };
  /// One round: what these commits, all up to the revision, and the clock made different. Errors:
  /// those of reading; the keeper must begin anew then.
  Result<Round> run(std::span<const graph::DeltaRef> deltas, graph::Sequence at, Timestamp now);

  /// Takes note that somebody has seen these: those that were not known before are looked at in the
  /// next round. Noted in the store before.
  void saw(std::span<const graph::Key> targets, Timestamp now);
  /// All that is not known any more was perhaps seen.
  void saw_all(Timestamp now);
  /// Becomes true before it is asked for the first time when something was seen: what is seen from
  /// then on must be told by saw(). It outlives the keeper.
  void set_asking(std::atomic<bool>& asking) { asking_ = &asking; }
  /// When nobody looked. Said before begin() or resume().
  void set_downtime(Downtime down) { down_ = down; }

  [[nodiscard]] const ResidueIndex& index() const { return index_; }
  /// Expectations whose targets have not all been looked at yet; what stands of them does not
  /// count.
  [[nodiscard]] const std::set<graph::Key>& establishing() const { return establishing_; }
  /// Whether another round has something to do although nothing has happened.
  [[nodiscard]] bool is_busy() const { return !jobs_.empty(); }
  /// All that is expected of an instance at the revision of the last round, met or not. Errors:
  /// those of reading.
  Result<std::vector<graph::Key>> expectations_about(const graph::Key& target);
  /// False from begin() on until all targets have been looked at.
  [[nodiscard]] bool is_complete() const { return complete_; }
  [[nodiscard]] std::optional<Timestamp> next_flip() const;
  [[nodiscard]] std::uint64_t evaluations() const { return evaluations_; }

  /// What survives a restart (docs/formats/residues.md); only when it is not busy.
  [[nodiscard]] std::string save() const;
  /// Takes what was saved and goes on from there: the answer is the sequence behind which the
  /// deltas must follow. What expectations and decisions there are is read at `now_at`. Errors:
  /// corrupt, unsupported, conflict (it was of another inventory, or of one that was set back), and
  /// those of reading and of the journal; the keeper must begin from nothing then.
  Result<graph::Sequence> resume(std::string_view saved, graph::Sequence now_at);

private:
  /// How much is done about an expectation that there is.
  enum class Look : std::uint8_t { at_targets, at_nothing };
  Result<void> resume_line(const json::Value& line);
  [[nodiscard]] Result<std::string> name_of_commit(graph::Sequence sequence) const;
  /// Why a target is looked at again.
  struct Touch {
    std::int64_t time = 0;
    graph::RecordRef before; ///< of the target, where it was changed itself
    bool own = false;
    std::optional<graph::Key> about{}; ///< the only expectation that it is about; none: all
  };
  using Touches = std::vector<Touch>;
  /// Targets of new expectations that are to be looked at.
  struct Job {
    std::optional<graph::Key> establishes;
    std::vector<graph::Key> targets;
    std::vector<graph::Query> queries;
  };
  using Expected = CompiledExpectation;
  struct Pair {
    graph::Key expectation;
    Expected expected;
    std::vector<outstanding::Leaf> leaves;
    std::optional<json::Value> residue;
    std::string error;
  };

  using ConcludeRead = std::function<Result<void>(graph::Subgraph&)>;
  Result<void> read(graph::FetchPlan plan, graph::Recorder* recorder,
                    const ConcludeRead& conclude) const;
  Result<void> read_standing(Look look);
  Result<void> for_each(const graph::Query& query,
                        const std::function<Result<void>(const graph::RecordRef&)>& visit);

  void touch(const graph::Key& target, Touch touch) {
    touched_[target].push_back(std::move(touch));
  }
  Result<void> take(const graph::Delta& delta);
  [[nodiscard]] bool is_about_kind(const graph::Delta::Change& change) const;
  void look_at_kinds();
  Result<void> take_instance(const graph::Delta::Change& change, const graph::Delta& delta);
  Result<void> take_expectation(const graph::Delta::Change& change, const graph::Delta& delta);
  Result<void> take_decision(const graph::Delta::Change& change, std::int64_t time);
  void touch_where_it_stands(const graph::Key& expectation, std::int64_t time);
  Result<void> declare(const graph::RecordRef& record, std::int64_t time, Look look);
  Result<void> establish(const graph::Key& expectation, const ExpectationDocument& document,
                         std::int64_t time);
  void add_target(const graph::Key& target);
  Result<void> reach(const graph::Key& expectation, std::int64_t time);
  void add_approvals(const Decision& decision, graph::Tenant tenant);
  void fall(const Approval& approval, const LeafId& leaf, graph::Tenant tenant, Fall how);
  void take_flips();
  Result<void> work_on_jobs();

  /// A target that is looked at, and what was found.
  struct Evaluated {
    const graph::Key& target;
    const Touches& touches;
    std::vector<Pair> pairs;
    graph::Footprint read_beside;
    std::optional<Timestamp> flip;
    TargetResidues standing;
  };
  Result<void> evaluate(const std::map<graph::Key, Touches>& touched, Round& round);
  Result<void> evaluate(std::span<Evaluated> some, Round& round);
  Result<void> find_out(Evaluated& one, graph::Subgraph& subgraph);
  void conclude(Evaluated& one, Round& round);
  Result<void> add_kind_pair(std::vector<Pair>& pairs, const Target& target,
                             graph::Subgraph& subgraph, graph::Footprint& read,
                             std::optional<Timestamp>& flip) const;
  Result<std::vector<Pair>> pairs_of(const graph::Key& target, graph::Subgraph& subgraph,
                                     graph::RecordRef& record, graph::Footprint& read,
                                     std::optional<Timestamp>& flip);
  Result<std::set<graph::Key>> expectations_of(const graph::Key& target,
                                               const graph::RecordRef& record,
                                               graph::Subgraph& subgraph);
  Expected expected_by(const graph::Key& expectation, graph::Subgraph& subgraph);
  void put(TargetResidues standing);
  Result<void> compare(Pair& pair, const Target& target, graph::Subgraph& subgraph,
                       graph::Footprint& read, std::optional<Timestamp>& flip) const;
  Result<void> compare_with_nothing(Pair& pair, graph::Subgraph& subgraph, graph::Footprint& read,
                                    std::optional<Timestamp>& flip) const;
  Result<TargetResidues> standing(const graph::Key& target, const std::vector<Pair>& pairs,
                                  const graph::RecordRef& record, const Touches& touches,
                                  graph::Subgraph& subgraph);
  /// A leaf that did not stand before.
  struct Fresh {
    StandingLeaf* leaf;
    bool own; ///< it is about the target itself, not about what that refers to
  };
  void date(const Pair& pair, const std::vector<Fresh>& fresh, const graph::Key& target,
            const graph::RecordRef& record, const Touches& touches,
            graph::Subgraph& subgraph) const;
  void keep_those_at(const graph::RecordRef& version, const Pair& pair, const graph::Key& target,
                     graph::Subgraph& subgraph, std::vector<StandingLeaf*>& leaves) const;
  class Contradictions;
  Result<void> settle_contradictions(TargetResidues& standing, const std::vector<Pair>& pairs,
                                     const graph::RecordRef& record, graph::Subgraph& subgraph,
                                     graph::Footprint& read, std::optional<Timestamp>& flip) const;
  void approve(TargetResidues& standing, std::optional<Timestamp>& flip);
  void ask_sightings() {
    if (asking_ != nullptr)
      *asking_ = true;
  }
  void note_unknown(const graph::Key& target, const std::vector<Pair>& pairs);
  void set_flip(const graph::Key& target, std::optional<Timestamp> flip);
  [[nodiscard]] EvaluateOptions options(const graph::Key& expectation,
                                        outstanding::Explain explain) const;

  graph::Store& store_;
  std::function<void()> pause_;
  std::size_t most_leaves_;
  std::size_t leaves_ = 0; ///< in the index
  graph::Sequence at_ = 0;
  Timestamp now_{};
  const graph::Schema* schema_ = nullptr;
  ResidueIndex index_;
  std::unique_ptr<ExpectationRegistry> registry_;
  Dependents dependents_;
  std::uint64_t expectations_ = 0;            ///< that there are; nothing is to be done without any
  graph::Sequence counted_at_ = 0;            ///< the revision of which they were counted
  std::map<graph::Key, std::string> refused_; ///< expectations that cannot be kept, and why
  std::map<graph::Key, Touches> touched_;
  std::deque<Job> jobs_;
  bool complete_ = true;
  std::set<graph::Key> establishing_;
  std::set<std::pair<std::int64_t, graph::Key>> flips_;
  std::unordered_map<graph::Key, std::int64_t, graph::KeyHash> flip_of_;
  std::map<LeafId, std::shared_ptr<const Approval>> approvals_;
  std::unordered_map<graph::Key, std::set<LeafId>, graph::KeyHash> approved_at_;
  CompiledExpectations compiled_;
  /// What fell since it was read which decisions there are, so that none revives.
  std::set<std::pair<std::string, LeafId>> fallen_;
  std::vector<Fallen> falls_; ///< of this round
  std::uint64_t evaluations_ = 0;
  std::atomic<bool>* asking_ = nullptr;
  std::set<graph::Key> unknown_; ///< targets that nobody has seen for too long
  Downtime down_{};
};

} // namespace diffo::loop
