#include "server/surfaces/inventory.h"

#include "http/media_type.h"
#include "model/schema.h"
#include "query/fields.h"
#include "query/list_query.h"
#include "query/page_headers.h"
#include "rules/instances.h"
#include "tmf/decode.h"
#include "tmf/emit.h"
#include "tmf/import_line.h"
#include "tmf/patch.h"

#include <diffo/json.h>

#include <memory>
#include <utility>

namespace diffo::server {
namespace {

const char* collection_of(model::Api api) {
  return api == model::Api::service ? "/service" : "/resource";
}

graph::Key key_of(const Mount& mount, const http::Request& request) {
  return {0, model::family_of(mount.api), std::string(request.parameter("id"))};
}

tmf::EmitContext emit_context(const Mount& mount, const std::string& origin) {
  return {.api_base = origin + mount.base};
}

std::string cause_of(const http::Request& request) {
  return std::string(request.method_token) + ' ' + std::string(request.path);
}

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

void Inventory::add_routes(http::Router& router) {
  using Member = void (Inventory::*)(const Mount&, CallRef) const;
  const auto add = [&](http::Method method, const Mount& mount, const std::string& path,
                       Member member, std::vector<std::string> consumes = {}) {
    const auto handler = [this, &mount, member](http::Request request, http::Responder responder) {
      (this->*member)(mount, std::make_shared<Call>(std::move(request), std::move(responder)));
    };
    const auto added = router.add(method, mount.base + path, handler,
                                  {.consumes = std::move(consumes), .produces = {json_type}});
    DIFFO_ASSERT(added.has_value());
  };
  for (const Mount& mount : mounts_) {
    const std::string collection = collection_of(mount.api);
    add(http::Method::get, mount, collection, &Inventory::list);
    add(http::Method::post, mount, collection, &Inventory::create, {json_type});
    add(http::Method::get, mount, collection + "/{id}", &Inventory::get);
    add(http::Method::patch, mount, collection + "/{id}", &Inventory::change,
        {json_type, "application/merge-patch+json", "application/json-patch+json"});
    add(http::Method::delete_, mount, collection + "/{id}", &Inventory::remove);
    add(http::Method::post, mount, "/hub", &Inventory::no_hub);
    add(http::Method::get, mount, "/hub/{id}", &Inventory::no_hub);
    add(http::Method::delete_, mount, "/hub/{id}", &Inventory::no_hub);
  }
}

void Inventory::get(const Mount& mount, CallRef call) const {
  const graph::Key key = key_of(mount, call->request);
  const auto revision = services_.store.newest();
  const graph::RecordRef record = revision->find(key);
  if (!record) {
    answer_error(*call, rules::not_found(revision->schema(), key));
    return;
  }
  const std::string tag = entity_tag(record->sequence());
  if (call->request.has_header("If-None-Match") &&
      names_tag(call->request.joined_header("If-None-Match"), record->sequence(), true)) {
    answer(*call, 304, {}, {{"ETag", tag}});
    return;
  }
  answer_record(mount, *call, 200, *record);
}

void Inventory::answer_record(const Mount& mount, Call& call, int status,
                              const graph::Record& record) const {
  const auto fields = query::parse_fields(call.request.query, mount.api, mount.version);
  if (!fields) {
    answer_error(call, fields.error());
    return;
  }
  const std::string origin = origin_of(call.request, services_.public_url);
  std::string body;
  body.reserve(4096);
  tmf::emit(record, mount.version, emit_context(mount, origin), *fields ? &**fields : nullptr,
            body);
  Headers headers{{"ETag", entity_tag(record.sequence())}};
  if (status == 201)
    headers.emplace_back("Location", tmf::href_of(record, emit_context(mount, origin)));
  answer(call, status, std::move(body), std::move(headers));
}

void Inventory::create(const Mount& mount, CallRef call) const {
  const graph::Context context = services_.context(cause_of(call->request));
  auto fresh = [&]() -> Result<graph::RecordRef> {
    json::Value document = TRY(read_json(call->request.body));
    const graph::Which which = TRY(tmf::take_which(document));
    graph::RecordDraft draft = TRY(tmf::decode(document, mount.api, mount.version, context));
    draft.which = which;
    return graph::encode(draft, services_.store.schema().dictionary());
  }();
  if (!fresh) {
    answer_error(*call, fresh.error());
    return;
  }
  const graph::Key key = (*fresh)->key();
  services_.store.transact(context, rules::plan_for(key), rules::create(std::move(*fresh)),
                           [this, call, &mount](Result<graph::Commit> commit) {
                             if (commit)
                               answer_record(mount, *call, 201, *commit->records.front());
                             else
                               answer_error(*call, commit.error());
                           });
}

void Inventory::change(const Mount& mount, CallRef call) const {
  auto patch = read_json(call->request.body);
  if (!patch) {
    answer_error(*call, patch.error());
    return;
  }
  const auto kind =
      http::is_media_type(call->request.header("Content-Type"), "application/json-patch+json")
          ? tmf::PatchKind::json_patch
          : tmf::PatchKind::merge;
  const graph::Key key = key_of(mount, call->request);
  const std::string origin = origin_of(call->request, services_.public_url);
  auto revise = [&mount, origin, kind, document = std::make_shared<json::Value>(std::move(*patch))](
                    const graph::Record& present, graph::Subgraph&) {
    return tmf::patch(present, *document, kind, mount.api, mount.version,
                      emit_context(mount, origin));
  };
  services_.store.transact(services_.context(cause_of(call->request)), rules::plan_for(key),
                           rules::change(key, precondition_of(call->request), std::move(revise)),
                           [this, call, &mount, key](Result<graph::Commit> commit) {
                             if (!commit) {
                               answer_error(*call, commit.error());
                               return;
                             }
                             const graph::RecordRef record = commit->records.empty()
                                                                 ? commit->revision->find(key)
                                                                 : commit->records.front();
                             answer_record(mount, *call, 200, *record);
                           });
}

void Inventory::remove(const Mount& mount, CallRef call) const {
  const graph::Key key = key_of(mount, call->request);
  services_.store.transact(services_.context(cause_of(call->request)),
                           rules::plan_for_erasing(services_.store.schema(), key),
                           rules::erase(key, precondition_of(call->request)),
                           [call](Result<graph::Commit> commit) {
                             if (commit)
                               answer(*call, 204, {});
                             else
                               answer_error(*call, commit.error());
                           });
}

void Inventory::no_hub(const Mount&, CallRef call) const {
  answer_error(*call, {ErrorCode::unsupported, "this build has no event subscriptions yet"});
}

void Inventory::list(const Mount& mount, CallRef call) const {
  // On a worker: a filter without an index looks at every record.
  const bool posted = services_.readers.post([this, call, &mount] { answer_list(mount, *call); });
  if (!posted)
    answer_error(*call, {ErrorCode::unavailable, "too many searches are waiting"});
}

void Inventory::answer_list(const Mount& mount, Call& call) const {
  auto query = query::parse_list_query(call.request.query, mount.api, mount.version,
                                       services_.store.schema());
  if (!query) {
    answer_error(call, query.error());
    return;
  }
  const auto page = query::find_page(*services_.store.newest(), *query);
  if (!page) {
    answer_error(call, page.error());
    return;
  }
  const std::string origin = origin_of(call.request, services_.public_url);
  const auto context = emit_context(mount, origin);
  std::string body = "[";
  for (const graph::RecordRef& record : page->records) {
    if (body.size() > 1)
      body += ',';
    tmf::emit(*record, mount.version, context, query->fields ? &*query->fields : nullptr, body);
  }
  body += ']';
  const query::PageHeaders paging =
      query::page_headers(origin + std::string(call.request.path), call.request.query,
                          {.offset = query->query.offset,
                           .limit = query->query.limit,
                           .total = page->total,
                           .result = page->records.size()});
  Headers headers{{"X-Total-Count", paging.total_count}, {"X-Result-Count", paging.result_count}};
  if (!paging.link.empty())
    headers.emplace_back("Link", paging.link);
  answer(call, paging.status, std::move(body), std::move(headers));
}

} // namespace diffo::server
