#pragma once

#include "base/log.h"
#include "base/time.h"
#include "graph/store.h"
#include "neo4j/connection.h"
#include "neo4j/foreign_changes.h"
#include "neo4j/neo4j_store.h"

#include <diffo/result.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace diffo::neo4j {

struct FollowerOptions {
  Database& database;
  graph::Store& store;
  const Clock& clock;
  const Log* log = nullptr; ///< none: silent
  std::chrono::milliseconds every{1000};
  /// What was changed before this moment is known. Microseconds since 1970.
  std::int64_t since = 0;
  std::function<Result<OwnNodes>()> own_nodes; ///< counts them between two commits
};

/// Takes into the inventory what others write into the shared graph, while it goes on.
///
/// What has a time of change is found by it: a node of ours that others changed says another time
/// in `updatedAt` than in `diffoAt`, what they made has no `diffoAt`. The last seconds are looked
/// at in every round, and the last minutes in some, for commits of others come later than the
/// times in them, and clocks differ. Parts without such a time show in the number of nodes that
/// are nobody's of ours; what was erased, in the number of those that are. Then, once after the
/// start, and once a day, all records are held against their nodes, in a tenth of the time.
///
/// A node is stamped when it was found to say what its record says, and only if it has not changed
/// since it was found: whatever happens meanwhile is found in the next round.
class Follower {
public:
  explicit Follower(FollowerOptions options);
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;
  ~Follower() { stop(); }

  void start();
  /// Idempotent; waits for the step under way.
  void stop();

  /// One round, for tests; not beside start().
  Result<void> round();

private:
  struct Touched {
    std::string id;
    bolt::Value at;
    graph::Key root;
  };
  /// What one page of touched nodes asks for.
  struct Found {
    std::vector<Touched> nodes;
    std::set<graph::Key> ours;
    std::map<std::string, std::vector<std::string>> others; ///< keys of roots by label
  };

  void run();
  Result<void> look(std::int64_t since);
  Result<bool> look_at_page(bolt::Value& at, std::string& id);
  Result<Found> found_in(const bolt::EagerResult& page) const;
  Result<void> settle(const Found& found);
  Result<void> stamp(const Found& found, const std::set<graph::Key>& same);
  Result<void> count();
  Result<void> take_strays();
  Result<void> sweep();
  void tell(const Error& left);
  void sum_up();
  void report(const Result<void>& done);

  FollowerOptions options_;
  std::string touched_text_;
  std::string strays_text_;
  Adoption adoption_;
  graph::FindingSink sink_;
  AdoptionCall call_;
  ForeignChanges changes_;
  std::optional<Sweep> sweep_;
  bool wants_sweep_ = true;
  std::int64_t swept_at_ = 0;
  std::int64_t last_look_ = 0;
  std::uint64_t rounds_ = 0;
  std::optional<std::int64_t> ownerless_; ///< nodes that were nobody's of ours the last time
  std::set<std::string> told_;            ///< what was left, so that it is said once
  std::uint64_t told_now_ = 0;            ///< of it in this round
  std::string trouble_;                   ///< the last one, so that it is said once

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace diffo::neo4j
