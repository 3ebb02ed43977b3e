#pragma once

#include "graph/compiled_filter.h"
#include "graph/delta.h"
#include "graph/footprint.h"

#include <map>
#include <set>
#include <unordered_map>
#include <vector>

namespace diffo::loop {

/// What is evaluated as one: what stands at a target, or of which instances an expectation is.
struct Dependent {
  enum class What : std::uint8_t { target, expectation };
  What what = What::target;
  graph::Key key;
  friend auto operator<=>(const Dependent&, const Dependent&) = default;
};

/// Who has read what beside its own record: whom a change makes a difference to. A footprint tells
/// it completely, so nobody is missed; some may be asked in vain. Thread rule: one thread.
class Dependents {
public:
  /// Replaces what the dependent has read; what is read of its own target is not kept.
  void put(const Dependent& dependent, const graph::Footprint& footprint);
  void erase(const Dependent& dependent) { put(dependent, Reads()); }
  /// Adds those whom the change may concern. The schema is the one of the change.
  void of(const graph::Delta::Change& change, const graph::Schema& schema,
          std::set<Dependent>& found) const;
  void clear();

  /// What a dependent has read, as it is kept; for the file.
  struct Reads {
    std::vector<graph::Key> records;
    std::vector<graph::Key> referred; ///< whose referrers were looked at
    [[nodiscard]] bool empty() const { return records.empty() && referred.empty(); }
  };
  [[nodiscard]] const std::map<Dependent, Reads>& all() const { return reads_; }
  void put(const Dependent& dependent, Reads reads);

private:
  using Who = std::unordered_map<graph::Key, std::set<Dependent>, graph::KeyHash>;
  static void drop(Who& who, const graph::Key& key, const Dependent& dependent);

  std::map<Dependent, Reads> reads_;
  Who records_;
  Who referred_;
};

} // namespace diffo::loop
