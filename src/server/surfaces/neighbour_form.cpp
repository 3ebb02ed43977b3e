#include "server/surfaces/neighbour_form.h"

#include "model/declared.h"
#include "model/model.h"
#include "server/surfaces/tmf_form.h"
#include "tmf/supply.h"

#include <string>
#include <utility>

namespace diffo::server {
namespace {

/// Errors: conflict for the specification of a declared kind.
Result<void> check_undeclared(const graph::Record& record, const graph::Schema& schema) {
  if (record.family() != model::family_specification)
    return {};
  const model::DeclaredKind* kind = model::model_of(schema).declared().specified(record.id());
  if (kind == nullptr)
    return {};
  return Error{ErrorCode::conflict, "it is the specification of the kind " + kind->name +
                                        ", and changes with the model that declares it"};
}

class NeighbourForm final : public TmfForm {
public:
  using TmfForm::TmfForm;

  [[nodiscard]] Result<rules::Further> resolve(graph::RecordDraft& draft,
                                               const graph::Record* before,
                                               graph::Subgraph& subgraph,
                                               const graph::Context& context) const override {
    if (before == nullptr)
      return rules::Further{};
    const graph::Schema& schema = subgraph.schema();
    TRY(check_undeclared(*before, schema));
    tmf::stamp(draft.root, before->root(schema.dictionary()), context.now, schema);
    return rules::Further{};
  }
  [[nodiscard]] Result<rules::Further> erased(const graph::Record& record,
                                              graph::Subgraph& subgraph,
                                              const graph::Context&) const override {
    TRY(check_undeclared(record, subgraph.schema()));
    return rules::Further{};
  }
};

} // namespace

std::unique_ptr<const DocumentForm> neighbour_form(Mount mount) {
  return std::make_unique<const NeighbourForm>(std::move(mount));
}

} // namespace diffo::server
