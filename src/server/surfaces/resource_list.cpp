#include "base/sha256.h"
#include "graph/packed.h"
#include "rules/beside.h"
#include "server/on_reader.h"
#include "server/surfaces/list_page.h"
#include "server/surfaces/resource.h"
#include "server/surfaces/standing.h"
#include "tmf/error_body.h"

#include <algorithm>
#include <utility>

namespace diffo::server {
namespace {

/// A page of a list ends behind the record that reaches this: whoever asks for a thousand large
/// records follows the links.
constexpr std::size_t page_bytes = std::size_t{8} << 20;
/// Digits of the hash in the tag of a list.
constexpr std::size_t tag_digits = 24;

void answer_unsatisfiable(Call& call, std::uint64_t total) {
  constexpr int range_not_satisfiable = 416;
  answer(call, range_not_satisfiable,
         tmf::status_error_body(range_not_satisfiable, http::reason_of(range_not_satisfiable),
                                "there are " + std::to_string(total) + " items"),
         {{"Content-Range", "items */" + std::to_string(total)}});
}

Headers headers_of(const query::PageHeaders& paging, const std::string& tag) {
  Headers headers{{"X-Total-Count", paging.total_count},
                  {"X-Result-Count", paging.result_count},
                  {"ETag", tag},
                  {"Accept-Ranges", "items"}};
  if (!paging.link.empty())
    headers.emplace_back("Link", paging.link);
  if (!paging.content_range.empty())
    headers.emplace_back("Content-Range", paging.content_range);
  return headers;
}

} // namespace

void Resource::list(const CallRef& call) const {
  if (form_->asks_for_outstanding(call->request.query))
    return with_standing(services_, call, [this](Call& asked, const loop::StandingRef& standing) {
      return answer_list(asked, standing);
    });
  // On a worker: a filter without an index looks at every record.
  on_reader(services_, call, [this](Call& asked) { return answer_list(asked, {}); });
}

Result<void> Resource::answer_list(Call& call, const loop::StandingRef& standing) const {
  const graph::Schema& schema = standing ? standing->pinned->schema() : services_.store.schema();
  ListRequest request = TRY(form_->list(call, schema));
  const ListPage asked = TRY(ListPage::of(call.request, request.collection, request.paging,
                                          services_.store, request.query));
  graph::Pin pin;
  if (standing) {
    pin.at = standing->sequence;
    request.query.filter =
        graph::all_of({std::move(request.query.filter),
                       outstanding_filter(*standing, request.query.tenant, form_->family(),
                                          request.outstanding.value_or(true))});
  }
  graph::FetchPlan plan;
  plan.queries.push_back(request.query);
  plan.page_edges = form_->link_edges(schema);
  plan.cancellation = call.request.cancellation;
  graph::Subgraph subgraph =
      TRY(graph::read_and_wait(services_.store, std::move(pin), std::move(plan)));
  if (&subgraph.schema() != &schema && !standing)
    return answer_list(call, standing); // a commit has replaced what the conditions were read by
  const graph::Page page = TRY(subgraph.page(0));
  if (request.overrun && *request.overrun)
    return query::overrun_error("filter");
  if (asked.is_unsatisfiable(page)) {
    answer_unsatisfiable(call, page.total);
    return {};
  }
  const Shown shown{origin_of(call.request, services_.public_url), request.fields};
  std::vector<Presented> all = presented_all(page.records, subgraph);
  if (request.expansion) {
    // What does not fit is left out at the far end.
    if (request.query.backward)
      std::reverse(all.begin(), all.end());
    TRY(expand_in(all, *request.expansion, shown, subgraph, max_expanded_bytes));
    if (request.query.backward)
      std::reverse(all.begin(), all.end());
  }
  const std::string tag = tag_of(page, all);
  if (TRY(Conditions(call.request).judge_list(tag)) == Conditions::Verdict::not_modified) {
    answer(call, 304, {}, {{"ETag", tag}});
    return {};
  }
  std::uint64_t written = 0;
  std::string body = request.query.backward
                         ? rendered_backward(all, shown, schema, page_bytes, written)
                         : rendered(all, shown, schema, page_bytes, written);
  if (shown.fields && shown.fields->overran())
    return query::overrun_error("fields");
  const query::PageHeaders paging = asked.headers(
      call.request, shown.origin + std::string(call.request.path), request.query, page,
      {.count = written,
       .others_end_early =
           written < page.records.size() ||
           (written > 0 && body.size() / written * request.query.limit > page_bytes)},
      subgraph.sequence(), schema.dictionary());
  Headers headers = headers_of(paging, tag);
  if (standing)
    headers.push_back(revision_header(*standing));
  answer(call, paging.status, std::move(body), std::move(headers));
  return {};
}

/// The records of a page with all that their documents show. What references lead to is looked up
/// once for all of them.
std::vector<Resource::Presented> Resource::presented_all(std::span<const graph::RecordRef> records,
                                                         graph::Subgraph& subgraph) const {
  const graph::Schema& schema = subgraph.schema();
  LinkTargets links;
  graph::FetchPlan beside;
  for (const graph::RecordRef& record : records) {
    form_->add_links(*record, schema, links);
    if (form_->shows_more(*record, schema))
      beside.extend(rules::plan_for_beside(record->key()));
  }
  subgraph.announce(links.plan());
  subgraph.announce(beside);
  const std::shared_ptr<const tmf::Referenced> referenced = links.found_in(subgraph);
  std::vector<Presented> all;
  all.reserve(records.size());
  for (const graph::RecordRef& record : records)
    all.push_back(form_->shows_more(*record, schema)
                      ? presented(record, subgraph)
                      : Presented{record, {record->sequence(), {}}, referenced});
  return all;
}

/// The same for lists that show the same, wherever they were read.
std::string Resource::tag_of(const graph::Page& page, std::span<const Presented> all) {
  std::string said;
  graph::append_varint(said, page.total);
  graph::append_varint(said, page.begin);
  const tmf::Referenced* told = nullptr;
  for (const Presented& one : all) {
    if (one.referenced && one.referenced.get() != told)
      said += one.referenced->text();
    told = one.referenced.get();
    const std::string& id = one.record->id();
    graph::append_varint(said, id.size());
    said += id;
    said += one.tag.text();
  }
  return '"' + hexadecimal(sha256(said)).substr(0, tag_digits) + '"';
}

std::string Resource::rendered(std::span<const Presented> page, Shown shown,
                               const graph::Schema& schema, std::size_t most_bytes,
                               std::uint64_t& written) const {
  std::string body = "[";
  for (const Presented& one : page) {
    if (body.size() > most_bytes)
      break;
    if (written++ > 0)
      body += ',';
    write(one, shown, schema, body);
  }
  return body += ']';
}

std::string Resource::rendered_backward(std::span<const Presented> page, Shown shown,
                                        const graph::Schema& schema, std::size_t most_bytes,
                                        std::uint64_t& written) const {
  std::vector<std::string> documents;
  for (std::size_t bytes = 0; documents.size() < page.size() && bytes <= most_bytes;) {
    const Presented& one = page[page.size() - 1 - documents.size()];
    write(one, shown, schema, documents.emplace_back());
    bytes += documents.back().size();
  }
  written = documents.size();
  std::string body = "[";
  for (auto document = documents.rbegin(); document != documents.rend(); ++document) {
    body += body.size() > 1 ? "," : "";
    body += *document;
  }
  return body += ']';
}

} // namespace diffo::server
