#pragma once

#include "graph/change.h"
#include "graph/record.h"
#include "graph/schema.h"
#include "model/model.h"

#include <diffo/domain_model.h>
#include <diffo/result.h>

/// Who may write instances, by the policies of their kinds (domain.md §11). Here alone it is
/// settled, for whatever writes them.
namespace diffo::rules {

/// Whether everything is allowed: to administrators, and where nobody is known.
bool is_administrator(const graph::Context& context);

/// Whether the policy of a kind lets somebody write an instance of it: make it (`present` is null),
/// change it, take something of it away, hand out of it, delete it. Errors: forbidden.
Result<void> check_writer(const graph::Context& context, const model::Model& model,
                          const model::DeclaredKind& kind, const graph::Record* present);

/// The same of a record that is there, whatever it is. Generic ones are for everybody.
Result<void> check_writer(const graph::Context& context, const graph::Schema& schema,
                          const graph::Record& present);

} // namespace diffo::rules
