#include "server/surfaces/tmf_form.h"

#include "model/schema.h"
#include "query/fields.h"
#include "query/list_query.h"
#include "server/surfaces/standing.h"
#include "tmf/decode.h"
#include "tmf/emit.h"
#include "tmf/import_line.h"
#include "tmf/patch.h"

#include <utility>

namespace diffo::server {

TmfForm::TmfForm(Mount mount) : mount_(std::move(mount)) {}

graph::Family TmfForm::family() const {
  return model::family_of(mount_.api);
}

bool TmfForm::holds(const graph::Record& record, const graph::Schema& schema) const {
  return model::is_of_instances(mount_.api) || model::api_of(record, schema) == mount_.api;
}

Result<graph::RecordDraft> TmfForm::read(json::Value document, const graph::Context& context,
                                         const graph::Schema& schema) const {
  const graph::Which which = TRY(tmf::take_which(document));
  if (which == graph::Which::expected && !model::is_of_instances(mount_.api))
    return Error{ErrorCode::invalid, "only services and resources can be expected", "/which"};
  graph::RecordDraft draft =
      TRY(tmf::decode(document, mount_.api, mount_.version, schema, context));
  draft.which = which;
  return draft;
}

Result<std::optional<graph::RecordDraft>> TmfForm::patch(const graph::Record& present,
                                                         const PatchRequest& patch,
                                                         const Shown& shown,
                                                         const graph::Schema& schema) const {
  return tmf::patch(present, *patch.document, patch.kind, mount_.api, mount_.version,
                    context(shown, schema), patch.share.get());
}

void TmfForm::add_links(const graph::Record& record, const graph::Schema& schema,
                        LinkTargets& targets) const {
  targets.add(record, schema);
}

void TmfForm::write(const graph::Record& record, const Shown& shown, const graph::Schema& schema,
                    std::string& out) const {
  if (!shown.orders.empty() || (shown.fields && shown.fields->needs_document()))
    return write_document(document(record, shown, schema), shown, out);
  tmf::emit(record, mount_.version, context(shown, schema), shown.fields ? &*shown.fields : nullptr,
            out);
}

json::Value TmfForm::document(const graph::Record& record, const Shown& shown,
                              const graph::Schema& schema) const {
  return tmf::document_of(record, mount_.version, context(shown, schema));
}

void TmfForm::write_document(json::Value document, const Shown& shown, std::string& out) const {
  query::InnerOrder::apply_all(shown.orders, document);
  if (shown.fields)
    shown.fields->narrow_document(document);
  json::write(document, out);
}

Result<TakenExpansion> TmfForm::expansion(std::string_view query,
                                          const graph::Schema& schema) const {
  return take_expansion(query, mount_.api, mount_.version, schema);
}

std::string TmfForm::url(const graph::Record& record, const std::string& origin,
                         const graph::Schema& schema) const {
  return tmf::href_of(record, {.schema = schema, .api_base = origin + mount_.base});
}

Result<std::optional<tmf::FieldSelection>> TmfForm::fields(std::string_view query,
                                                           const graph::Schema& schema) const {
  return query::parse_fields(query, mount_.api, mount_.version, model::model_of(schema));
}

Result<graph::Filter> TmfForm::filter_of_one(const std::string& filter, const graph::Schema& schema,
                                             const query::Overrun& overrun) const {
  return query::path_filter(filter, mount_.api, mount_.version, schema, overrun);
}

Result<ListRequest> TmfForm::list(const Call& call, const graph::Schema& schema) const {
  TakenExpansion taken = TRY(expansion(call.request.query, schema));
  // Nothing is expected of what is no instance: there it is an attribute like any other.
  const OutstandingQuery asked = model::is_of_instances(mount_.api)
                                     ? TRY(take_outstanding(taken.rest))
                                     : OutstandingQuery{{}, std::move(taken.rest)};
  query::ListQuery query =
      TRY(query::parse_list_query(asked.rest, mount_.api, mount_.version, schema));
  query.query.tenant = call.principal->tenant;
  ListRequest request;
  request.collection = tmf::base_path_of(mount_.api, mount_.version) + '/';
  request.collection += model::collection_of(mount_.api);
  request.expansion = std::move(taken.asked);
  request.outstanding = asked.outstanding;
  request.fields = std::move(query.fields);
  request.paging = std::move(query.paging);
  request.overrun = std::move(query.overrun);
  request.query = std::move(query.query);
  return request;
}

tmf::EmitContext TmfForm::context(const Shown& shown, const graph::Schema& schema) const {
  return {.schema = schema,
          .api_base = shown.origin + mount_.base,
          .origin = shown.origin,
          .referenced = shown.referenced.get()};
}

} // namespace diffo::server
