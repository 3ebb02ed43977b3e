#include "server/surfaces/operations.h"

#include "http/media_type.h"
#include "openapi/openapi.h"
#include "openapi/page.h"
#include "tmf/emit.h"

#include <diffo/json.h>
#include <diffo/version.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace diffo::server {
namespace {

/// A document under /openapi/.
struct Document {
  std::string name;
  model::Api api;
  model::Version version;
};

/// One for each version of each published interface.
std::vector<Document> tmf_documents() {
  std::vector<Document> documents;
  for (const model::Publication& publication : model::publications)
    for (const model::Version version : {model::Version::v4, model::Version::v5}) {
      const bool v5 = version == model::Version::v5;
      if (v5 && publication.v5.empty())
        continue;
      const auto* row =
          std::find_if(model::apis.begin(), model::apis.end(), [&](const model::ApiRow& one) {
            return one.publication == publication.number;
          });
      documents.push_back(
          {"tmf" + std::to_string(publication.number) + (v5 ? "-v5.json" : "-v4.json"), row->api,
           version});
    }
  return documents;
}

constexpr const char* diffo_document = "diffo-v1.json";

/// Where one begins, for programs and people.
struct Beginning {
  const char* path;
  const char* about;
};
constexpr Beginning beginnings[] = {
    {"/openapi", "The APIs, and a page to try them on"},
    {"/health", "Whether the process runs"},
    {"/ready", "Whether requests will be served"},
    {"/metrics", "What Prometheus reads"},
};

const std::vector<std::string>& json_or_html() {
  static const std::vector<std::string> types{"application/json", "text/html"};
  return types;
}

bool prefers_html(const http::Request& request) {
  return request.has_header("accept") &&
         http::best_match(request.joined_header("accept"), json_or_html()) == std::size_t{1};
}

void answer_page(Call& call, std::string body, std::string_view type) {
  answer(call, 200, std::move(body),
         {{"Content-Security-Policy", std::string(openapi::page_policy)}, {"Vary", "Accept"}},
         type);
}

bool answer_page_file(Call& call, std::string_view name) {
  for (const openapi::PageFile& file : openapi::page_files())
    if (file.name == name) {
      answer_page(call, std::string(file.text), file.media_type);
      return true;
    }
  return false;
}

} // namespace

void Operations::add_routes(http::Router& router) {
  using Member = void (Operations::*)(CallRef) const;
  const auto add = [&](const char* path, Member member,
                       const std::vector<std::string>& types = {}) {
    add_route(router, http::Method::get, path,
              [this, member](CallRef call) { (this->*member)(std::move(call)); },
              {.produces = types});
  };
  add("/", &Operations::root, json_or_html());
  add("/health", &Operations::health);
  add("/ready", &Operations::ready);
  add("/metrics", &Operations::metrics);
  add("/openapi", &Operations::openapi_index, json_or_html());
  add("/openapi/{document}", &Operations::openapi);
}

void Operations::root(CallRef call) const {
  if (!prefers_html(call->request)) {
    json::Object links{{"version", diffo::version}};
    for (const Beginning& one : beginnings)
      links.set(std::string_view(one.path).substr(1), one.path);
    answer(*call, 200, json::to_text(std::move(links)), {{"Vary", "Accept"}});
    return;
  }
  std::string page = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Diffo"
                     "</title><link rel=\"stylesheet\" href=\"/openapi/page.css\"></head><body>"
                     "<main><h1>Diffo " +
                     std::string(diffo::version) + "</h1><ul>";
  for (const Beginning& one : beginnings)
    page +=
        "<li><a href=\"" + std::string(one.path) + "\">" + one.path + "</a> " + one.about + "</li>";
  answer_page(*call, page + "</ul></main></body></html>\n", "text/html; charset=utf-8");
}

void Operations::health(CallRef call) const {
  answer(*call, 200, json::to_text(json::Object{{"status", "up"}, {"version", diffo::version}}));
}

void Operations::ready(CallRef call) const {
  const std::string reason = services_.store.read_only_reason();
  if (reason.empty()) {
    answer(*call, 200, json::to_text(json::Object{{"status", "ready"}}));
    return;
  }
  answer_error(*call, {ErrorCode::unavailable, "the store takes no writes: " + reason});
}

void Operations::metrics(CallRef call) const {
  const graph::Statistics now = services_.store.statistics();
  const auto gauge = [this](const char* name, const char* help, double value) {
    services_.metrics.gauge(name, help).set(value);
  };
  gauge("diffo_records", "Records in the newest revision.", static_cast<double>(now.records));
  gauge("diffo_record_bytes", "Memory of the packed records.",
        static_cast<double>(now.record_bytes));
  gauge("diffo_identities", "Ids known, of records and of what they refer to.",
        static_cast<double>(now.identities));
  gauge("diffo_index_keys", "Keys of indexes and reverse edges.", static_cast<double>(now.keys));
  gauge("diffo_store_sequence", "Sequence of the newest revision.",
        static_cast<double>(now.sequence));
  gauge("diffo_store_batches", "Synced writes.", static_cast<double>(now.batches));
  gauge("diffo_store_commits", "Change sets made durable.", static_cast<double>(now.commits));
  gauge("diffo_store_queue", "Change sets waiting for the writer.",
        static_cast<double>(now.queued));
  gauge("diffo_store_read_only", "1 when the store refuses writes.",
        services_.store.read_only_reason().empty() ? 0 : 1);
  gauge("diffo_worker_queue", "Searches waiting for a worker.",
        static_cast<double>(services_.readers.waiting()));
  if (const loop::StandingRef standing = services_.residues.newest()) {
    gauge("diffo_residue_targets", "Instances of which something stands.",
          static_cast<double>(standing->index->size()));
    gauge("diffo_residue_sequence", "Sequence of the revision at which that is so.",
          static_cast<double>(standing->sequence));
    gauge("diffo_residue_evaluations", "How often an instance was held against what is expected.",
          static_cast<double>(standing->evaluations));
  }
  answer(*call, 200, services_.metrics.text(), {}, "text/plain; version=0.0.4; charset=utf-8");
}

void Operations::openapi_index(CallRef call) const {
  if (prefers_html(call->request)) {
    answer_page_file(*call, "index.html");
    return;
  }
  json::Array names;
  for (const Document& document : tmf_documents())
    names.emplace_back("/openapi/" + document.name);
  names.emplace_back(std::string("/openapi/") + diffo_document);
  answer(*call, 200, json::to_text(std::move(names)), {{"Vary", "Accept"}});
}

void Operations::openapi(CallRef call) const {
  const std::string_view name = call->request.parameter("document");
  const std::string origin = origin_of(call->request, services_.public_url);
  for (const Document& document : tmf_documents())
    if (name == document.name) {
      answer(*call, 200,
             json::to_text(openapi::openapi_document(
                 document.api, document.version,
                 origin + tmf::base_path_of(document.api, document.version),
                 model::model_of(services_.store.schema()))));
      return;
    }
  if (name.starts_with("page.") && answer_page_file(*call, name))
    return;
  if (name == diffo_document)
    answer(*call, 200, json::to_text(openapi::openapi_diffo_document(origin)));
  else
    answer_error(*call, {ErrorCode::not_found,
                         "there is no document " + std::string(name) + "; /openapi lists them"});
}

} // namespace diffo::server
