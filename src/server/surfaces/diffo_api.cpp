#include "server/surfaces/diffo_api.h"

#include "model/schema.h"
#include "rules/instances.h"
#include "server/backup_folder.h"
#include "server/on_reader.h"
#include "server/parameters.h"
#include "server/past.h"
#include "server/streamed_body.h"
#include "server/surfaces/history_view.h"
#include "server/surfaces/instance_view.h"
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
constexpr std::uint64_t default_journal_page = 100;
constexpr std::uint64_t largest_journal_page = 1000;
/// A page of the journal ends behind the entry that reaches this; its link leads on.
constexpr std::size_t largest_journal_body = std::size_t{8} << 20;
constexpr std::uint64_t default_history_page = 100;
constexpr std::uint64_t largest_history_page = 1000;

Result<ImportOptions> import_options(const http::Request& request) {
  const Parameters parameters = TRY(Parameters::parse(request, {"mode", "as"}));
  ImportOptions options;
  const std::string_view mode = parameters.text("mode");
  if (mode == "atomic")
    options.mode = ImportMode::atomic;
  else if (!mode.empty() && mode != "best")
    return Error{ErrorCode::invalid, "mode must be atomic or best", "mode"};
  const std::string_view as = parameters.text("as");
  options.as = model::api_named(as);
  if (!as.empty() && !options.as)
    return Error{ErrorCode::invalid,
                 "as must be the name of a collection: service, resource, individual, …", "as"};
  return options;
}

/// One import under way, and its place among those that may be.
struct RunningImport {
  RunningImport(Services& services, const CallRef& call, ImportOptions options, Slots::Slot taken)
      : slot(std::move(taken)),
        importer(
            services.store, [&services, call] { return services.context(*call, "import"); },
            options, services.import_memory) {}

  Slots::Slot slot;
  Importer importer;
};

void answer_import(Call& call, Importer& importer, const Result<void>& read) {
  const auto report = read ? importer.finish() : Result<ImportReport>(read.error());
  if (!report) {
    const ImportReport before = importer.break_off();
    if (before.lines == 0 || (read && !before.stored))
      return answer_error(call, report.error());
    return answer_error(call, report.error(), before.to_json());
  }
  answer(call, report->stored ? 200 : 409, json::to_text(report->to_json()));
}

/// For what takes no parameters: whether there are none; else it has been answered.
bool takes_none(Call& call) {
  const auto parameters = Parameters::parse(call.request, {});
  if (!parameters)
    answer_error(call, parameters.error());
  return parameters.has_value();
}

/// Names separated by commas.
std::vector<std::string> names_in(std::string_view list) {
  std::vector<std::string> names;
  while (!list.empty()) {
    const std::string_view name = list.substr(0, list.find(','));
    if (!name.empty())
      names.emplace_back(name);
    list.remove_prefix(std::min(list.size(), name.size() + 1));
  }
  return names;
}

void answer_shown(Call& call, Result<ShownInstance> shown) {
  if (!shown)
    return answer_error(call, shown.error());
  const int status = shown->body.empty() ? 304 : 200;
  answer(call, status, std::move(shown->body), {{"ETag", shown->tag.text()}});
}

Result<HistoryRequest> history_request(const Call& call, const Parameters& parameters,
                                       std::string_view public_url) {
  HistoryRequest wanted;
  const std::string_view profile = parameters.text("profile");
  if (profile == "v4")
    wanted.version = model::Version::v4;
  else if (parameters.has("profile") && profile != "v5")
    return Error{ErrorCode::invalid, "profile must be v4 or v5", "profile"};
  wanted.before = TRY(parameters.number("before", 0));
  if (parameters.has("before") && wanted.before == 0)
    return Error{ErrorCode::invalid, "must be the sequence of a commit", "before"};
  wanted.limit = TRY(parameters.number("limit", default_history_page));
  if (wanted.limit == 0 || wanted.limit > largest_history_page)
    return Error{ErrorCode::invalid,
                 "limit must be from 1 to " + std::to_string(largest_history_page), "limit"};
  wanted.origin = origin_of(call.request, public_url);
  wanted.cancellation = call.request.cancellation;
  return wanted;
}

/// The URL of the rows behind a page; what was asked for stays.
std::string next_of_history(const Call& call, const Parameters& parameters,
                            const HistoryRequest& wanted, graph::Sequence next) {
  std::string url = wanted.origin + std::string(call.request.path) +
                    "?before=" + std::to_string(next) + "&limit=" + std::to_string(wanted.limit);
  for (const char* name : {"family", "profile"}) // words, by now
    if (parameters.has(name))
      url += std::string("&") + name + '=' + std::string(parameters.text(name));
  return url;
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
  add(http::Method::get, "/diffo/v1/instances/{id}/history", &DiffoApi::history, plain);
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
  if (const auto started = start_instance(call); !started)
    answer_error(*call, started.error());
}

Result<void> DiffoApi::start_instance(const CallRef& call) const {
  const Parameters parameters = TRY(Parameters::parse(call->request, {"profile", "at", "load"}));
  if (const auto profile = parameters.text("profile"); !profile.empty() && profile != "diffo")
    return Error{ErrorCode::invalid, "profile must be diffo", "profile"};
  const std::vector<graph::Key> keys =
      profiled_keys(*call->principal, std::string(call->request.parameter("id")));
  const std::vector<std::string> load = names_in(parameters.text("load"));
  if (parameters.has("at")) {
    if (!load.empty())
      return Error{ErrorCode::invalid, "what is inherited is only known of the present", "load"};
    on_reader(services_, call,
              [this, keys, at = std::string(parameters.text("at"))](Call& asked) -> Result<void> {
                return answer_instance(asked, keys, {}, TRY(pin_of(at, services_.store)),
                                       {.records = keys});
              });
    return {};
  }
  if (!load.empty()) { // walks may be long
    on_reader(services_, call, [this, keys, load](Call& asked) {
      return answer_instance(asked, keys, load, {}, tmf::reads_of_diffo_profile(keys));
    });
    return {};
  }
  services_.store.read({}, tmf::reads_of_diffo_profile(keys), nullptr,
                       [this, call, keys](Result<graph::Subgraph> read) {
                         if (!read)
                           return answer_error(*call, read.error());
                         auto shown = show_instance(*call, keys, {}, *read, now());
                         if (read->complete())
                           return answer_shown(*call, std::move(shown));
                         // One flight was not enough.
                         on_reader(services_, call, [this, keys](Call& asked) {
                           return answer_instance(asked, keys, {}, {},
                                                  tmf::reads_of_diffo_profile(keys));
                         });
                       });
  return {};
}

std::int64_t DiffoApi::now() const {
  return services_.clock.now().microseconds;
}

Result<void> DiffoApi::answer_instance(Call& call, const std::vector<graph::Key>& keys,
                                       const std::vector<std::string>& load, graph::Pin pin,
                                       graph::FetchPlan plan) const {
  Result<ShownInstance> shown = ShownInstance();
  const auto moment = pin.at ? std::nullopt : std::optional(now());
  TRY(graph::read_in_rounds(services_.store, std::move(pin), std::move(plan), nullptr,
                            [&](graph::Subgraph& subgraph) -> Result<void> {
                              shown = show_instance(call, keys, load, subgraph, moment);
                              return {};
                            }));
  answer_shown(call, std::move(shown));
  return {};
}

void DiffoApi::history(CallRef call) const {
  on_reader(services_, call, [this](Call& asked) { return answer_history(asked); });
}

Result<void> DiffoApi::answer_history(Call& call) const {
  const Parameters parameters =
      TRY(Parameters::parse(call.request, {"before", "limit", "family", "profile"}));
  const HistoryRequest wanted = TRY(history_request(call, parameters, services_.public_url));
  const graph::Key key =
      TRY(key_with_history(services_.store, TRY(keys_with_history(call, parameters))));
  HistoryPage page = TRY(history_page(services_.store, key, wanted));
  Headers headers;
  if (page.next != 0)
    headers.emplace_back("Link", '<' + next_of_history(call, parameters, wanted, page.next) +
                                     ">; rel=\"next\"");
  answer(call, 200, std::move(page.rows), std::move(headers));
  return {};
}

void DiffoApi::journal(CallRef call) const {
  on_reader(services_, call, [this](Call& asked) { return answer_journal(asked); });
}

Result<void> DiffoApi::answer_journal(Call& call) const {
  const Parameters parameters = TRY(Parameters::parse(call.request, {"from", "limit"}));
  const std::uint64_t from = TRY(parameters.number("from", services_.store.oldest_entry()));
  const std::uint64_t limit =
      std::min(TRY(parameters.number("limit", default_journal_page)), largest_journal_page);
  const auto entries = TRY(services_.store.journal(from, limit));
  std::string body = "[";
  std::uint64_t next = 0; // behind the last entry shown, where there may be more
  for (const graph::JournalEntry& entry : entries) {
    if (body.size() > largest_journal_body)
      break;
    if (body.size() > 1)
      body += ',';
    json::write(journal_view(entry, services_.store), body);
    next = entry.sequence + 1;
  }
  body += ']';
  Headers headers;
  if (next != 0 && (entries.size() == limit || next <= entries.back().sequence))
    headers.emplace_back("Link", '<' + origin_of(call.request, services_.public_url) +
                                     std::string(call.request.path) +
                                     "?from=" + std::to_string(next) +
                                     "&limit=" + std::to_string(limit) + ">; rel=\"next\"");
  answer(call, 200, std::move(body), std::move(headers));
  return {};
}

void DiffoApi::import(CallRef call) const {
  const auto options = import_options(call->request);
  if (!options) {
    answer_error(*call, options.error());
    return;
  }
  if (call->request.has_header("Idempotency-Key"))
    return answer_error(*call, {ErrorCode::invalid,
                                "an import takes no key: repeated, it changes nothing that it has "
                                "stored",
                                "Idempotency-Key"});
  auto slot = imports_.take();
  if (!slot)
    return answer_error(*call, {ErrorCode::unavailable, "other imports are under way already"});
  // Shared by the two callbacks, of which the last one ends it.
  const auto running = std::make_shared<RunningImport>(services_, call, *options, std::move(slot));
  feed_on(
      services_.bulk, call->request,
      {.take = [running](std::string_view piece) { return running->importer.feed(piece); },
       .done = [call, running](
                   const Result<void>& read) { answer_import(*call, running->importer, read); }});
}

void DiffoApi::export_all(CallRef call) const {
  if (!takes_none(*call))
    return;
  auto slot = exports_.take();
  if (!slot)
    return answer_error(*call, {ErrorCode::unavailable, "other exports are under way already"});
  const auto exporter = std::make_shared<Exporter>(services_.store, call->principal->tenant,
                                                   call->request.cancellation);
  http::Response response;
  response.content_type = ndjson_type;
  response.stream = source_on(
      services_.bulk,
      [exporter, slot = std::move(slot)](std::string& out) { return exporter->next(out); },
      call->request.cancellation);
  call->responder.send(std::move(response));
}

void DiffoApi::check(CallRef call) const {
  if (!takes_none(*call))
    return;
  const bool posted = services_.maintenance.post([this, call] {
    std::vector<std::string> findings;
    const auto checked = services_.store.check(
        [&findings](const Error& finding) { findings.push_back(finding.text()); });
    if (checked)
      answer(*call, 200, json::to_text(findings_view(findings)));
    else
      answer_error(*call, checked.error());
  });
  if (!posted)
    answer_error(*call, {ErrorCode::unavailable, "other long work is waiting already"});
}

void DiffoApi::backup(CallRef call) const {
  if (!takes_none(*call))
    return;
  const auto folder = [&]() -> Result<std::filesystem::path> {
    const json::Value document = TRY(read_json(call->request.body));
    return backup_folder(services_.backup_root, document.text_of("folder"));
  }();
  if (!folder)
    return answer_error(*call, folder.error());
  const bool posted = services_.maintenance.post([this, call, wanted = *folder] {
    const auto done = services_.store.backup(wanted);
    if (done)
      answer(*call, 200,
             json::to_text(json::Object{{"folder", done->folder.string()},
                                        {"sharesTables", done->shares_tables}}));
    else
      answer_error(*call, done.error());
  });
  if (!posted)
    answer_error(*call, {ErrorCode::unavailable, "other long work is waiting already"});
}

} // namespace diffo::server
