#pragma once

#include "graph/query.h"
#include "graph/record.h"
#include "neo4j/adoption.h"
#include "neo4j/projection/shared_graph.h"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

/// What others did to roots of ours in the shared graph. What becomes of it, adopt() says.
namespace diffo::neo4j {

/// Roots of ours that are as their records say, as of a moment.
class ForeignChanges {
public:
  explicit ForeignChanges(const AdoptionCall& call) : call_(call) {}

  /// Takes what others did to these. What they deleted is erased at once. `same`: gets those of
  /// which the nodes say what the record says.
  Result<void> take(std::vector<graph::Key> keys, std::set<graph::Key>* same);

private:
  friend class Sweep;
  /// A record of ours as the shared graph should have it.
  struct Own {
    graph::RecordRef record;
    SharedGraph shared;
  };
  using OwnRoots = std::map<std::string, std::map<std::string, Own>>; // by label and key

  void add(graph::RecordRef record, OwnRoots& roots) const;
  Result<void> take_some(const std::vector<graph::Key>& keys);
  /// Those that have no node any more stay in `own`.
  Result<void> compare(const std::string& label, std::map<std::string, Own>& own);
  Result<void> take(const std::string& label, const Own& own, const graph::RecordDraft& theirs,
                    const std::set<std::string>& present);
  Result<void> erase(const std::string& label, const std::string& key, const Own& own);
  Result<void> commit(const std::string& label, const graph::Record& before,
                      const graph::RecordRef& after, RootCounts& counts);
  void leave(const std::string& label, const std::string& key, std::string reason);

  /// Of the call under way: those that we changed ourselves meanwhile, and those that are the same.
  std::set<graph::Key> moved_;
  std::set<graph::Key> same_;
  AdoptionCall call_;
};

/// Goes through all records, a page at a time. Thread rule: one thread after the other.
class Sweep {
public:
  explicit Sweep(const AdoptionCall& call, bool all_erasures);

  /// False: it is through.
  Result<bool> next();

private:
  /// Of what others deleted so many are erased whatever there is beside them; more only where they
  /// are less than a tenth of all.
  static constexpr std::size_t most_gone = 100;
  struct Gone {
    std::string label;
    std::string key;
    graph::Key record;
  };

  Result<void> finish();

  ForeignChanges changes_;
  bool all_erasures_;
  graph::Query query_;
  std::vector<Gone> gone_;
  std::size_t looked_at_ = 0;
};

} // namespace diffo::neo4j
