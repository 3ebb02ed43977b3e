#pragma once

#include "graph/store.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace diffo::server {

/// The record as a store with the other dictionary writes it. Errors: unsupported for a word that
/// it does not know.
Result<graph::RecordRef> translated(const graph::Record& record, const graph::Dictionary& from,
                                    const graph::Dictionary& to);

/// Whether they are the same in all but the commit that wrote them.
bool is_same(const graph::Record& one, const graph::Record& other);

/// Holds a copy against its source. Errors of all: corrupt where it differs, and those of either
/// store. Thread rule: one thread, which may wait.
class Comparison {
public:
  Comparison(graph::Store& source, graph::Store& target) : source_(source), target_(target) {}

  /// All records side by side, in the order of their creation, and when they were seen. Errors:
  /// conflict when the source is not at that commit any more.
  Result<void> compare_records(graph::Sequence copied);
  /// Those in force at that time.
  Result<void> compare_claims(std::int64_t now);
  /// Tenants and domains.
  Result<void> compare_frame();

  [[nodiscard]] std::uint64_t records() const { return records_; }
  [[nodiscard]] std::uint64_t claims() const { return claims_; }
  [[nodiscard]] std::uint64_t sightings() const { return sightings_; }
  /// Of the target.
  [[nodiscard]] graph::Sequence sequence() const { return sequence_; }
  /// The consumer of each subscription to events, and whether the source has told it of all
  /// commits.
  [[nodiscard]] const std::vector<std::pair<std::string, bool>>& subscribers() const {
    return subscribers_;
  }

private:
  Result<void> compare_seen(const graph::Record& record, const std::string& name);
  void note_subscriber(const graph::Record& record, graph::Sequence newest);

  graph::Store& source_;
  graph::Store& target_;
  std::uint64_t records_ = 0;
  std::uint64_t claims_ = 0;
  std::uint64_t sightings_ = 0;
  graph::Sequence sequence_ = 0;
  std::vector<std::pair<std::string, bool>> subscribers_;
};

} // namespace diffo::server
