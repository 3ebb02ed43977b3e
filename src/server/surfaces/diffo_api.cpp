#include "server/surfaces/diffo_api.h"

#include "model/schema.h"
#include "rules/instances.h"
#include "server/conditions.h"
#include "server/parameters.h"
#include "server/streamed_body.h"
#include "server/surfaces/journal_view.h"
#include "server/transfer/export.h"
#include "server/transfer/import.h"
#include "tmf/diffo_profile.h"
#include "tmf/emit.h"

#include <diffo/json.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace diffo::server {
namespace {

constexpr const char* ndjson_type = "application/x-ndjson";
/// Imports that may be under way at one time; each may hold what it has not yet stored.
constexpr int most_imports = 8;
constexpr std::uint64_t default_journal_page = 100;
constexpr std::uint64_t largest_journal_page = 1000;
constexpr std::size_t largest_journal_body = std::size_t{16} << 20;

Result<ImportOptions> import_options(const http::Request& request) {
  const Parameters parameters = TRY(Parameters::parse(request, {"mode", "as"}));
  ImportOptions options;
  const std::string_view mode = parameters.text("mode");
  if (mode == "atomic")
    options.mode = ImportMode::atomic;
  else if (!mode.empty() && mode != "best")
    return Error{ErrorCode::invalid, "mode must be atomic or best", "mode"};
  const std::string_view as = parameters.text("as");
  if (as == "service")
    options.as = model::Api::service;
  else if (as == "resource")
    options.as = model::Api::resource;
  else if (!as.empty())
    return Error{ErrorCode::invalid, "as must be service or resource", "as"};
  return options;
}

/// One import under way, and its place among those that may be.
struct RunningImport {
  RunningImport(Services& services, CallRef call, ImportOptions options, std::atomic<int>& open)
      : importer(
            services.store, [&services, call] { return services.context(*call, "import"); },
            options),
        open_imports(open) {
    ++open_imports;
  }
  ~RunningImport() { --open_imports; }
  RunningImport(const RunningImport&) = delete;
  RunningImport& operator=(const RunningImport&) = delete;

  Importer importer;
  std::atomic<int>& open_imports;
};

void answer_import(Call& call, Importer& importer, const Result<void>& read) {
  const auto report = read ? importer.finish() : Result<ImportReport>(read.error());
  if (!report)
    return answer_error(call, report.error());
  answer(call, report->stored ? 200 : 409, json::to_text(report->to_json()));
}

json::Value findings_view(const std::vector<std::string>& findings) {
  json::Array items;
  for (const std::string& finding : findings)
    items.emplace_back(finding);
  return json::Object{{"clean", findings.empty()}, {"findings", std::move(items)}};
}

} // namespace

void DiffoApi::add_routes(http::Router& router) {
  using Member = void (DiffoApi::*)(CallRef) const;
  const auto add = [&](http::Method method, const char* path, Member member,
                       http::RouteOptions options) {
    add_route(
        router, method, path, [this, member](CallRef call) { (this->*member)(std::move(call)); },
        std::move(options));
  };
  const http::RouteOptions plain{.produces = {json_type}};
  add(http::Method::get, "/diffo/v1/instances/{id}", &DiffoApi::get_instance, plain);
  add(http::Method::get, "/diffo/v1/journal", &DiffoApi::journal, plain);
  add(http::Method::post, "/diffo/v1/import", &DiffoApi::import,
      {.consumes = {ndjson_type, "application/ndjson", "application/jsonl", json_type,
                    "application/octet-stream"},
       .produces = {json_type},
       .body = http::RouteBody::streamed});
  add(http::Method::get, "/diffo/v1/export", &DiffoApi::export_all, {.produces = {ndjson_type}});
  add(http::Method::post, "/diffo/v1/check", &DiffoApi::check, plain);
  add(http::Method::post, "/diffo/v1/backup", &DiffoApi::backup,
      {.consumes = {json_type}, .produces = {json_type}});
}

void DiffoApi::get_instance(CallRef call) const {
  const auto parameters = Parameters::parse(call->request, {"profile"});
  if (!parameters) {
    answer_error(*call, parameters.error());
    return;
  }
  if (const auto profile = parameters->text("profile"); !profile.empty() && profile != "diffo") {
    answer_error(*call, {ErrorCode::invalid, "profile must be diffo", "profile"});
    return;
  }
  const auto revision = services_.store.newest();
  const std::string id(call->request.parameter("id"));
  for (const graph::Family family : {model::family_service, model::family_resource}) {
    const graph::RecordRef record = revision->find({call->principal.tenant, family, id});
    if (!record)
      continue;
    std::string body;
    tmf::emit_diffo_profile(*record, *revision, body);
    answer(*call, 200, std::move(body), {{"ETag", EntityTag{record->sequence(), {}}.text()}});
    return;
  }
  answer_error(*call, {ErrorCode::not_found, "there is no instance with id " + id});
}

void DiffoApi::journal(CallRef call) const {
  const bool posted = services_.readers.post(
      [this, call] {
        const auto entries = [&]() -> Result<std::vector<graph::JournalEntry>> {
          const Parameters parameters = TRY(Parameters::parse(call->request, {"from", "limit"}));
          const std::uint64_t from = TRY(parameters.number("from", services_.store.oldest_entry()));
          const std::uint64_t limit = TRY(parameters.number("limit", default_journal_page));
          return services_.store.journal(from, std::min(limit, largest_journal_page));
        }();
        if (!entries) {
          answer_error(*call, entries.error());
          return;
        }
        std::string body = "[";
        for (const graph::JournalEntry& entry : *entries) {
          if (body.size() > largest_journal_body)
            break; // the rest is asked for with from=
          if (body.size() > 1)
            body += ',';
          json::write(journal_view(entry, services_.store), body);
        }
        body += ']';
        answer(*call, 200, std::move(body));
      },
      call->request.cancellation);
  if (!posted)
    answer_error(*call, {ErrorCode::unavailable, "too many searches are waiting"});
}

void DiffoApi::import(CallRef call) const {
  const auto options = import_options(call->request);
  if (!options) {
    answer_error(*call, options.error());
    return;
  }
  if (open_imports_ >= most_imports)
    return answer_error(*call, {ErrorCode::unavailable, "other imports are under way already"});
  // Shared by the two callbacks, of which the last one ends it.
  const auto running = std::make_shared<RunningImport>(services_, call, *options, open_imports_);
  feed_on(
      services_.bulk, call->request.stream,
      {.take = [running](std::string_view piece) { return running->importer.feed(piece); },
       .done = [call, running](
                   const Result<void>& read) { answer_import(*call, running->importer, read); }});
}

void DiffoApi::export_all(CallRef call) const {
  if (const auto parameters = Parameters::parse(call->request, {}); !parameters) {
    answer_error(*call, parameters.error());
    return;
  }
  const auto exporter =
      std::make_shared<Exporter>(services_.store.newest(), call->principal.tenant);
  http::Response response;
  response.content_type = ndjson_type;
  response.stream = source_on(
      services_.bulk, [exporter](std::string& out) -> Result<bool> { return exporter->next(out); },
      call->request.cancellation);
  call->responder.send(std::move(response));
}

void DiffoApi::check(CallRef call) const {
  if (const auto parameters = Parameters::parse(call->request, {}); !parameters) {
    answer_error(*call, parameters.error());
    return;
  }
  const bool posted = services_.maintenance.post([this, call] {
    const auto findings = services_.check();
    if (findings)
      answer(*call, 200, json::to_text(findings_view(*findings)));
    else
      answer_error(*call, findings.error());
  });
  if (!posted)
    answer_error(*call, {ErrorCode::unavailable, "other long work is waiting already"});
}

void DiffoApi::backup(CallRef call) const {
  if (const auto parameters = Parameters::parse(call->request, {}); !parameters) {
    answer_error(*call, parameters.error());
    return;
  }
  auto document = read_json(call->request.body);
  if (!document || document->text_of("folder").empty()) {
    answer_error(*call, document ? Error{ErrorCode::invalid,
                                         "name an empty or absent folder on the server", "/folder"}
                                 : document.error());
    return;
  }
  const bool posted =
      services_.maintenance.post([this, call, folder = std::string(document->text_of("folder"))] {
        const auto done = services_.backup(folder);
        if (done)
          answer(*call, 200,
                 json::to_text(json::Object{{"folder", done->folder},
                                            {"sharesTables", done->shares_tables}}));
        else
          answer_error(*call, done.error());
      });
  if (!posted)
    answer_error(*call, {ErrorCode::unavailable, "other long work is waiting already"});
}

} // namespace diffo::server
