#pragma once

#include "base/text_hash.h"
#include "graph/compiled_filter.h"
#include "graph/delta.h"
#include "graph/field_reader.h"
#include "graph/query.h"
#include "loop/expectation_document.h"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace diffo::loop {

/// Which expectations may be about an instance, without looking at all of them. Those whose target
/// is named by id stand at an edge of the graph and are not in here, save expected instances, which
/// name theirs without one.
///
/// A filter, or the key of a target by kind and key, is registered under a text that its matches
/// have in some attribute, where it demands one; the others are asked of every instance, of which
/// there may be most_scanned in a family of a tenant. What is reached over hops is registered by
/// the instances that it was last found to be.
///
/// Thread rule: one thread. The schema must outlive it.
class ExpectationRegistry {
public:
  static constexpr std::size_t most_scanned = 1000;

  explicit ExpectationRegistry(const graph::Schema& schema) : schema_(&schema) {}

  /// Replaces what is registered of the expectation. Errors: invalid for a filter that cannot be
  /// read; nothing is registered then.
  Result<void> put(const graph::Key& expectation, const ExpectationDocument& document);
  /// The instances that its hops lead to.
  void put_reached(const graph::Key& expectation, const std::vector<graph::Key>& targets);
  void erase(const graph::Key& expectation);

  /// Expectations of which the record may be a target: all of which it is one are among them.
  void about(const graph::Record& record, std::set<graph::Key>& expectations) const;
  /// Those that name it, or lead to it, whether or not it is there.
  void naming(const graph::Key& target, std::set<graph::Key>& expectations) const;

  /// Whether its target is meant to be exactly what its filter finds, by kind and key.
  [[nodiscard]] bool is_by_key(const graph::Key& expectation) const;
  [[nodiscard]] bool is_by_hops(const graph::Key& expectation) const;
  [[nodiscard]] const std::vector<graph::Key>& reached(const graph::Key& expectation) const;
  void
  for_each_reached(const std::function<void(const graph::Key& expectation,
                                            const std::vector<graph::Key>& targets)>& visit) const;
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

private:
  struct FilterOf {
    graph::Family family = 0;
    graph::CompiledFilter filter;
    std::vector<std::string> places; ///< in by_value_; none: in scanned_
  };
  struct Entry {
    bool by_key = false;
    bool by_hops = false;
    std::vector<FilterOf> filters;
    std::vector<graph::Key> named; ///< in named_
  };
  using Scope = std::pair<graph::Tenant, graph::Family>;

  Result<void> add_filter(const graph::Key& expectation, Entry& entry, const graph::Query& query);
  static std::string place_of(const Scope& scope, std::string_view member, std::string_view text);
  void visit(const std::set<graph::Key>& candidates, const graph::Record& record,
             std::set<graph::Key>& expectations) const;

  struct Probe {
    graph::FieldReader reader;
    std::size_t uses = 0;
  };

  const graph::Schema* schema_;
  std::map<graph::Key, Entry> entries_;
  TextMap<std::set<graph::Key>> by_value_;
  std::map<Scope, std::map<std::string, Probe>> probes_; ///< the attributes of by_value_
  std::map<Scope, std::set<graph::Key>> scanned_;
  std::unordered_map<graph::Key, std::set<graph::Key>, graph::KeyHash> named_;
};

} // namespace diffo::loop
