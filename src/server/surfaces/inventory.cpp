#include "server/surfaces/inventory.h"

#include "model/model.h"
#include "rules/beside.h"
#include "rules/operate.h"
#include "server/surfaces/mounts.h"
#include "server/surfaces/neighbour_form.h"
#include "server/surfaces/standing.h"
#include "server/surfaces/tmf_form.h"
#include "server/surfaces/topic_form.h"

#include <utility>

namespace diffo::server {
namespace {

/// Services or resources: of declared kinds their rules hold.
class InventoryForm final : public TmfForm {
public:
  using TmfForm::TmfForm;

  [[nodiscard]] bool resolves(const graph::RecordDraft& draft,
                              const graph::Schema& schema) const override {
    return rules::is_enforced(model::model_of(schema), nullptr, draft);
  }
  [[nodiscard]] Result<rules::Further> resolve(graph::RecordDraft& draft,
                                               const graph::Record* before,
                                               graph::Subgraph& subgraph,
                                               const graph::Context& context) const override {
    return rules::operate(context, subgraph, before, draft);
  }
  [[nodiscard]] bool shows_more(const graph::Record& record,
                                const graph::Schema& schema) const override {
    return rules::shows_more(model::model_of(schema), record);
  }
  [[nodiscard]] Result<rules::Further> erased(const graph::Record& record,
                                              graph::Subgraph& subgraph,
                                              const graph::Context& context) const override {
    return rules::enforce_erasing(context, subgraph, record);
  }
  [[nodiscard]] bool asks_for_outstanding(std::string_view query) const override {
    return server::asks_for_outstanding(query);
  }
};

} // namespace

Inventory::Inventory(Services& services) {
  for (const Mount& mount : inventory_mounts())
    resources_.push_back(std::make_unique<const Resource>(
        services, std::make_unique<const InventoryForm>(mount), mount.path()));
  for (const Mount& mount : neighbour_mounts())
    resources_.push_back(std::make_unique<const Resource>(
        services, mount.api == model::Api::topic ? topic_form(mount) : neighbour_form(mount),
        mount.path()));
}

void Inventory::add_routes(http::Router& router) const {
  for (const auto& resource : resources_)
    resource->add_routes(router);
}

} // namespace diffo::server
