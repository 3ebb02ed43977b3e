#include "server/surfaces/inventory.h"

#include "model/schema.h"
#include "query/fields.h"
#include "query/list_query.h"
#include "rules/beside.h"
#include "server/surfaces/standing.h"
#include "tmf/decode.h"
#include "tmf/emit.h"
#include "tmf/import_line.h"
#include "tmf/patch.h"

#include <utility>

namespace diffo::server {
namespace {

const char* collection_of(model::Api api) {
  return api == model::Api::service ? "/service" : "/resource";
}

/// Services or resources in one version, with the links of one mount.
class InventoryForm final : public DocumentForm {
public:
  explicit InventoryForm(Mount mount) : mount_(std::move(mount)) {}

  [[nodiscard]] graph::Family family() const override { return model::family_of(mount_.api); }

  [[nodiscard]] Result<graph::RecordDraft> read(json::Value document, const graph::Context& context,
                                                const graph::Schema& schema) const override {
    const graph::Which which = TRY(tmf::take_which(document));
    graph::RecordDraft draft =
        TRY(tmf::decode(document, mount_.api, mount_.version, schema, context));
    draft.which = which;
    return draft;
  }

  [[nodiscard]] Result<std::optional<graph::RecordDraft>>
  patch(const graph::Record& present, const json::Value& patch, tmf::PatchKind kind,
        const std::string& origin, const graph::Schema& schema) const override {
    return tmf::patch(present, patch, kind, mount_.api, mount_.version, links(origin, schema));
  }

  [[nodiscard]] bool resolves(const graph::RecordDraft& draft,
                              const graph::Schema& schema) const override {
    return rules::is_enforced(model::model_of(schema), nullptr, draft);
  }
  [[nodiscard]] Result<rules::Further> resolve(graph::RecordDraft& draft,
                                               const graph::Record* before,
                                               graph::Subgraph& subgraph,
                                               const graph::Context& context) const override {
    return rules::enforce(context, subgraph, before, draft);
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

  void write(const graph::Record& record, const Shown& shown, const graph::Schema& schema,
             std::string& out) const override {
    if (shown.fields && shown.fields->needs_document()) {
      json::Value document = tmf::document_of(record, mount_.version, links(shown.origin, schema));
      shown.fields->narrow_document(document);
      return json::write(document, out);
    }
    tmf::emit(record, mount_.version, links(shown.origin, schema),
              shown.fields ? &*shown.fields : nullptr, out);
  }

  [[nodiscard]] std::string url(const graph::Record& record, const std::string& origin,
                                const graph::Schema& schema) const override {
    return tmf::href_of(record, links(origin, schema));
  }

  [[nodiscard]] Result<std::optional<tmf::FieldSelection>>
  fields(std::string_view query, const graph::Schema& schema) const override {
    return query::parse_fields(query, mount_.api, mount_.version, model::model_of(schema));
  }

  [[nodiscard]] Result<graph::Filter> filter_of_one(const std::string& filter,
                                                    const graph::Schema& schema,
                                                    const query::Overrun& overrun) const override {
    return query::path_filter(filter, mount_.api, mount_.version, schema, overrun);
  }

  [[nodiscard]] bool takes_patch_of_many() const override { return true; }

  [[nodiscard]] bool asks_for_outstanding(std::string_view query) const override {
    return server::asks_for_outstanding(query);
  }

  [[nodiscard]] Result<ListRequest> list(const Call& call,
                                         const graph::Schema& schema) const override {
    const OutstandingQuery asked = TRY(take_outstanding(call.request.query));
    query::ListQuery query =
        TRY(query::parse_list_query(asked.rest, mount_.api, mount_.version, schema));
    query.query.tenant = call.principal->tenant;
    ListRequest request;
    request.outstanding = asked.outstanding;
    request.fields = std::move(query.fields);
    request.paging = std::move(query.paging);
    request.overrun = std::move(query.overrun);
    request.query = std::move(query.query);
    return request;
  }

private:
  [[nodiscard]] tmf::EmitContext links(const std::string& origin,
                                       const graph::Schema& schema) const {
    return {.schema = schema, .api_base = origin + mount_.base};
  }
  Mount mount_;
};

} // namespace

std::vector<Mount> inventory_mounts() {
  std::vector<Mount> mounts;
  for (const char* prefix : {"/tmf-api", ""})
    for (const auto& [version, text] :
         {std::pair{model::Version::v4, "v4"}, {model::Version::v5, "v5"}})
      for (const auto& [api, name] : {std::pair{model::Api::service, "serviceInventory"},
                                      {model::Api::service, "serviceInventoryManagement"},
                                      {model::Api::resource, "resourceInventory"},
                                      {model::Api::resource, "resourceInventoryManagement"}})
        mounts.push_back({api, version, std::string(prefix) + '/' + name + '/' + text});
  return mounts;
}

Inventory::Inventory(Services& services) {
  for (const Mount& mount : inventory_mounts())
    resources_.push_back(
        std::make_unique<const Resource>(services, std::make_unique<const InventoryForm>(mount),
                                         mount.base + collection_of(mount.api)));
}

void Inventory::add_routes(http::Router& router) const {
  for (const auto& resource : resources_)
    resource->add_routes(router);
}

} // namespace diffo::server
