#pragma once

#include "graph/change.h"
#include "loop/decided_leaf.h"

#include <diffo/json.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Decisions as records of the graph (wire.md §7.2).
namespace diffo::loop {

/// What was decided about a leaf.
enum class Verdict : std::uint8_t {
  push,   ///< tasks change the network
  adopt,  ///< the expectation follows what is there
  approve ///< what is there is accepted
};
std::string_view name_of(Verdict verdict);
std::optional<Verdict> verdict_of(std::string_view name);

/// Why an approval no longer holds.
struct Fall {
  std::int64_t at = 0; ///< microseconds since 1970
  std::string reason;
};

struct Decision {
  std::string id;
  Verdict verdict = Verdict::approve;
  std::string by;
  std::string reason;
  std::int64_t at = 0;               ///< microseconds since 1970
  std::optional<std::int64_t> until; ///< likewise
  std::vector<DecidedLeaf> leaves;
  std::vector<std::string> tasks; ///< of a push: their ids
  std::map<LeafId, Fall> fallen;  ///< of approvals: a fallen one never revives
  std::optional<Fall> undone;

  /// What still holds of an approval, by leaf.
  [[nodiscard]] std::map<LeafId, const DecidedLeaf*> standing() const;
};

graph::RecordDraft decision_draft(const Decision& decision, graph::Tenant tenant);
/// Errors: corrupt.
Result<Decision> stored_decision(const graph::Record& record, const graph::Schema& schema);
/// As it is shown.
json::Value decision_document(const Decision& decision, const graph::Schema& schema);

} // namespace diffo::loop
