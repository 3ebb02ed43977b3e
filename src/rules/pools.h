#pragma once

#include "graph/store.h"
#include "rules/assignments.h"

#include <diffo/domain_model.h>
#include <diffo/json.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The rules for handing out the values of pools (domain.md §10; assignments.h says what comes of
/// it). Decide them at the tip: many ask one pool at once.
namespace diffo::rules {

/// What somebody asks of a pool. A plain value.
struct AssignRequest {
  enum class Operation : std::uint8_t {
    auto_assign, ///< the pool picks
    assign,      ///< this value
    unassign,
    confirm ///< a reservation stays
  };
  Operation operation = Operation::auto_assign;
  std::string assignee{};
  std::optional<graph::Family> family{}; ///< of the assignee, where two have the id
  std::optional<json::Value> value{};    ///< a number, or the text of a prefix
  std::string alias{};
  std::string assignable_type{};
  std::uint32_t count = 1; ///< numbers that follow each other
  std::optional<std::uint64_t> lease_seconds{};
  std::string fresh_id{}; ///< of the assignment that is made; empty: the context's next one
};

/// Reads `{"assigneeId", "operation"?, "id"?, "alias"?, "assignableType"?, "count"?, "lease"?,
/// "family"?}` (wire.md §6.2). Errors: invalid, with a JSON pointer.
Result<AssignRequest> read_assign_request(const json::Object& arguments);

/// Hands out of a pool, or takes back. The first record of the commit is the assignment, empty when
/// it was taken back. Errors: not_found without assigner or assignee; invalid for a pool that the
/// kind has not and for values outside of it; conflict when the value is taken, nothing is free,
/// the alias or the quota is used up, a reservation has run out, or the state of the assigner does
/// not allow it; forbidden by the policy of its kind.
graph::Decide assign(graph::Context context, graph::Key assigner, std::string pool,
                     AssignRequest request);

/// What assign() reads, as far as it is known before.
graph::FetchPlan plan_for_assigning(const graph::Key& assigner, const AssignRequest& request);

} // namespace diffo::rules
