#include "server/surfaces/expectation_form.h"

#include "base/url_text.h"
#include "loop/expectation_record.h"
#include "model/schema.h"
#include "query/fields.h"
#include "query/json_filter.h"
#include "query/list_parameters.h"
#include "server/parameters.h"

#include <algorithm>
#include <array>
#include <utility>

namespace diffo::server {
namespace {

Result<std::optional<tmf::FieldSelection>> selection_of(std::vector<std::string> values) {
  constexpr std::array<std::string_view, 1> always = {"id"};
  if (values.empty())
    return std::optional<tmf::FieldSelection>();
  return std::optional(TRY(query::parse_selection(values, always)));
}

class ExpectationForm final : public DocumentForm {
public:
  [[nodiscard]] graph::Family family() const override { return model::family_expectation; }

  [[nodiscard]] Result<graph::RecordDraft> read(json::Value document, const graph::Context& context,
                                                const graph::Schema& schema) const override {
    return loop::expectation_draft(document, context, schema);
  }

  [[nodiscard]] Result<std::optional<graph::RecordDraft>>
  patch(const graph::Record& present, const PatchRequest& patch, const Shown&,
        const graph::Schema& schema) const override {
    const json::Value before = loop::expectation_document(present, schema);
    json::Value after = before;
    if (patch.kind == tmf::PatchKind::json_patch)
      TRY(json::apply_patch(after, *patch.document));
    else if (patch.kind == tmf::PatchKind::patch_query)
      TRY(json::apply_patch_query(after, *patch.document));
    else
      json::merge_patch(after, *patch.document);
    if (after == before)
      return std::optional<graph::RecordDraft>();
    return std::optional(TRY(loop::changed_expectation(present, std::move(after), schema)));
  }

  [[nodiscard]] bool resolves(const graph::RecordDraft&, const graph::Schema&) const override {
    return true;
  }
  [[nodiscard]] graph::FetchPlan reads_of(const graph::RecordDraft& draft) const override {
    return loop::reads_of_target(draft);
  }
  [[nodiscard]] Result<rules::Further> resolve(graph::RecordDraft& draft,
                                               const graph::Record* before,
                                               graph::Subgraph& subgraph,
                                               const graph::Context&) const override {
    TRY(loop::resolve_target(draft, before, subgraph));
    return rules::Further{};
  }

  void write(const graph::Record& record, const Shown& shown, const graph::Schema& schema,
             std::string& out) const override {
    json::Value document = loop::expectation_document(record, schema);
    if (shown.fields)
      shown.fields->narrow_document(document);
    json::write(document, out);
  }

  [[nodiscard]] std::string url(const graph::Record& record, const std::string& origin,
                                const graph::Schema&) const override {
    std::string url = origin + std::string(expectations_path) + '/';
    append_percent_encoded(url, record.id());
    return url;
  }

  [[nodiscard]] Result<std::optional<tmf::FieldSelection>>
  fields(std::string_view query, const graph::Schema&) const override {
    return selection_of(TRY(query::parse_fields_parameters(query)));
  }

  [[nodiscard]] Result<ListRequest> list(const Call& call,
                                         const graph::Schema& schema) const override {
    const Parameters parameters = TRY(Parameters::parse(
        call.request, {"filter", "fields", "offset", "limit", "after", "before"}));
    ListRequest request;
    request.collection = "expectations";
    request.fields = TRY(selection_of(parameters.texts("fields")));
    query::Paging& paging = request.paging;
    paging.has_offset = parameters.has("offset");
    paging.offset = TRY(parameters.number("offset", 0));
    paging.limit = std::min(TRY(parameters.number("limit", query::max_page)), query::max_page);
    for (const auto& [name, cursor] :
         {std::pair{"after", &paging.after}, std::pair{"before", &paging.before}})
      if (parameters.has(name))
        *cursor = std::string(parameters.text(name));
    TRY(paging.check());
    graph::Query query =
        TRY(expectation_query(call.principal->tenant, parameters.text("filter"), schema));
    query.offset = paging.offset;
    query.limit = paging.limit;
    request.query = std::move(query);
    return request;
  }
};

} // namespace

std::unique_ptr<const DocumentForm> expectation_form() {
  return std::make_unique<const ExpectationForm>();
}

Result<graph::Query> expectation_query(graph::Tenant tenant, std::string_view filter,
                                       const graph::Schema& schema) {
  graph::Query query;
  query.tenant = tenant;
  query.families = {model::family_expectation};
  auto matches = TRY(query::JsonFilter::parse(filter));
  if (!filter.empty())
    query.filter =
        graph::residual({"expectation", std::string(filter),
                         [matches = std::move(matches), &schema](const auto& record) {
                           return matches.matches(loop::expectation_document(record, schema));
                         }});
  return query;
}

} // namespace diffo::server
