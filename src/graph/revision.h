#pragma once

#include "graph/query.h"
#include "graph/schema.h"

#include <diffo/result.h>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace diffo::graph {

/// A root that has an edge to another, and the kind of that edge.
struct Referrer {
  RecordRef record;
  ElementKind edge = 0;
};

/// The whole state after one commit, as a value: records, reverse edges, indexes. It never changes;
/// a reader keeps it as long as it needs and waits for nobody. Pinned through shared_ptr because
/// readers, the writer and branches share it. Thread rule: immutable, any thread.
class Revision {
public:
  virtual ~Revision() = default;
  [[nodiscard]] virtual Sequence sequence() const = 0;
  [[nodiscard]] virtual const Schema& schema() const = 0;
  /// The record, or an empty reference: unknown here, deleted, or a stub (a known identity without
  /// content).
  [[nodiscard]] virtual RecordRef find(const KeyView& key) const = 0;
  /// Visits those that refer to the key, stub or not, until `visit` returns false. One call per
  /// (referrer, edge kind).
  virtual void referrers(const KeyView& key,
                         const std::function<bool(const Referrer&)>& visit) const = 0;
  /// How many (referrer, edge kind) pairs there are; cheap also for a million. A store far away may
  /// count each edge, so never less than the pairs, and 0 only when nobody refers to the key.
  [[nodiscard]] virtual std::uint64_t count_referrers(const KeyView& key) const = 0;
  /// Errors: invalid for an unknown index, too_large when a scan exceeds what is allowed.
  [[nodiscard]] virtual Result<Page> query(const Query& query) const = 0;
  /// Visits all records of a tenant in the order of creation, expected ones too, until `visit`
  /// returns false.
  virtual void for_each(Tenant tenant,
                        const std::function<bool(const RecordRef&)>& visit) const = 0;
  [[nodiscard]] virtual std::uint64_t record_count() const = 0;
};

/// What a rule is going to read, named before it runs, so that a store far away can fetch it in one
/// flight.
struct FetchPlan {
  std::vector<Key> records; ///< these roots, whole
  /// Roots reached from `records` over edges of these kinds, so many hops.
  struct Hop {
    std::vector<ElementKind> kinds;
    std::uint8_t hops = 1;
  };
  std::vector<Hop> along;
  /// Those that refer to `records`, at most so many for each; 0: none.
  std::uint32_t referrers_of_each = 0;
  /// Records found by these conditions (names, specification identities …).
  std::vector<Query> queries;
  /// Only referrers over edges of these kinds; empty: of any. A rule that looks for one kind must
  /// say so, or others may fill the bound and hide it.
  std::vector<ElementKind> referrer_kinds = {};
};

/// What an evaluation has read. It decides what must be evaluated again, what a change would touch,
/// and why a value is what it is. Thread rule: one thread.
struct Footprint {
  struct RecordRead {
    Key key;
    bool found = false;
    Sequence sequence = 0;
    std::vector<Word> fields; ///< empty: the whole record
  };
  struct ReferrersRead {
    Key key;
  };
  struct RangeRead {
    Query query; ///< without predicate and page
  };
  std::vector<RecordRead> records;
  std::vector<ReferrersRead> referrers;
  std::vector<RangeRead> ranges;
};

/// A pinned revision as a rule sees it: every read goes through here and leaves its footprint. With
/// a strict plan it refuses reads that the plan does not announce (used by tests, so that what
/// works embedded works in one flight). Thread rule: one thread.
class Subgraph {
public:
  explicit Subgraph(std::shared_ptr<const Revision> revision,
                    const FetchPlan* strict_plan = nullptr);

  [[nodiscard]] const Revision& revision() const { return *revision_; }
  [[nodiscard]] const std::shared_ptr<const Revision>& pinned() const { return revision_; }
  [[nodiscard]] const Schema& schema() const { return revision_->schema(); }
  [[nodiscard]] RecordRef find(const KeyView& key);
  void referrers(const KeyView& key, const std::function<bool(const Referrer&)>& visit);
  [[nodiscard]] Result<Page> query(const Query& query);
  [[nodiscard]] const Footprint& footprint() const { return footprint_; }
  [[nodiscard]] Footprint take_footprint() { return std::move(footprint_); }
  /// The reads outside the strict plan, for the test that fails because of them.
  [[nodiscard]] const std::vector<std::string>& unplanned() const { return unplanned_; }

private:
  [[nodiscard]] bool planned(const KeyView& key) const;
  std::shared_ptr<const Revision> revision_;
  const FetchPlan* strict_plan_;
  std::vector<Key> reachable_; ///< of the strict plan
  Footprint footprint_;
  std::vector<std::string> unplanned_;
};

} // namespace diffo::graph
