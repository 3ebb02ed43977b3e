#pragma once

#include "base/text_hash.h"
#include "graph/key.h"
#include "graph/record.h"
#include "graph/subgraph.h"
#include "loop/expectation_document.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

namespace diffo::loop {

/// What a stored expectation says, ready to be evaluated.
struct CompiledExpectation {
  std::shared_ptr<const ExpectationDocument> document; ///< without its `document`; or none
  std::int64_t declared_at = 0;                        ///< microseconds since 1970
  std::string error;                                   ///< why there is no document
};

/// The stored expectations that were needed last, compiled. Many say the same of different targets:
/// what they say (a form) is compiled once for all of them.
///
/// Invariants:
/// - a form is there as long as an entry uses it;
/// - bytes_ is what all entries and forms are estimated to take, and no more than the bound, but
///   for the entry that was made last.
///
/// Thread rule: one thread.
class CompiledExpectations {
public:
  static constexpr std::size_t bytes_by_default = std::size_t{64} << 20U;

  explicit CompiledExpectations(std::size_t most_bytes = bytes_by_default)
      : most_bytes_(most_bytes) {}

  /// Of the expectation or expected instance that the record is.
  CompiledExpectation of(const graph::Record& record, graph::Subgraph& subgraph);
  void erase(const graph::Key& expectation);
  /// Before a schema is replaced: what is compiled refers to it.
  void clear();

  [[nodiscard]] std::size_t entries() const { return entries_.size(); }
  [[nodiscard]] std::size_t forms() const { return forms_.size(); }

private:
  struct Form {
    outstanding::Expectation expectation;
    std::size_t bytes = 0;
    std::size_t users = 0;
  };
  using Forms = TextMap<Form>; ///< by profile and `expect`, as stored
  struct Entry {
    graph::Sequence sequence = 0; ///< of the record
    CompiledExpectation compiled;
    Forms::pointer form = nullptr; ///< what it says; none: it is its own
    std::size_t bytes = 0;
  };
  using Entries = std::unordered_map<graph::Key, Entry, graph::KeyHash>;

  Entry made(const graph::Record& record, graph::Subgraph& subgraph);
  void use_form(Entry& entry, std::string key);
  void erase(Entries::iterator entry);
  void forget_one();

  std::size_t most_bytes_;
  std::size_t bytes_ = 0;
  std::uint64_t forgotten_ = 0;
  Entries entries_;
  Forms forms_;
};

} // namespace diffo::loop
