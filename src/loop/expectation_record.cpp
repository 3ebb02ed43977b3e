#include "loop/expectation_record.h"

#include "base/text.h"
#include "loop/evaluate.h"
#include "loop/target_reads.h"
#include "loop/twin.h"
#include "model/kinds.h"

#include <algorithm>
#include <string>
#include <utility>

namespace diffo::loop {
namespace {

/// The whole document is kept verbatim; only its id becomes the record's.
graph::Element root_of(const json::Value& document) {
  graph::Element root;
  root.kind = model::kinds::expectation;
  for (const auto& [name, value] : document.object())
    if (name != "id" && name != "href")
      root.extra.push_back({name, value});
  // The edge lets the graph tell who expects something of an instance.
  if (const json::Value* target = document.find("target"))
    if (const std::string_view id = target->text_of("id"); !id.empty()) {
      graph::Element edge;
      edge.kind = model::kinds::expects;
      edge.target = graph::Target{target->text_of("family") == "resource" ? model::family_resource
                                                                          : model::family_service,
                                  std::string(id)};
      root.children.push_back(std::move(edge));
    }
  return root;
}

const json::Value* target_of(const graph::RecordDraft& draft) {
  for (const json::Member& member : draft.root.extra)
    if (member.name == "target")
      return &member.value;
  return nullptr;
}

/// What came, with its id, but for one of its members.
json::Value document_without(std::string_view left_out, const graph::Record& record,
                             const graph::Schema& schema) {
  json::Object document{{"id", record.id()}};
  graph::Name name;
  graph::ValueView value;
  for (graph::ExtraCursor cursor = record.root(schema.dictionary()).extra();
       cursor.next(name, value);)
    if (name.text != left_out)
      document.append(std::string(name.text), value.to_json());
  return document;
}

/// A filter that is new can be read, or nothing would ever be outstanding by it.
Result<void> check_filter(const json::Value* target, const graph::Record* before,
                          graph::Tenant tenant, const graph::Schema& schema) {
  const json::Value* filter = target != nullptr ? target->find("filter") : nullptr;
  if (filter == nullptr || !filter->is_string())
    return {};
  const json::Value earlier =
      before != nullptr ? expectation_document(*before, schema) : json::Value();
  if (const json::Value* same = earlier.find("target"); same != nullptr && *same == *target)
    return {};
  TRY(query_of({filter->string(), target->text_of("family") == "resource"}, schema, tenant, 1));
  return {};
}

} // namespace

std::optional<graph::Key> named_target(const graph::Record& record, const graph::Schema& schema) {
  std::optional<graph::Key> target;
  graph::for_each_edge(record.root(schema.dictionary()), [&](const graph::ElementView& edge) {
    if (edge.kind() == model::kinds::expects)
      target.emplace(record.tenant(), edge.target_family(), edge.target_id().text());
  });
  return target;
}

graph::FetchPlan reads_of_target(const graph::RecordDraft& draft) {
  graph::FetchPlan plan;
  for (const graph::Element& child : draft.root.children)
    if (child.kind == model::kinds::expects)
      for (const graph::Family family : {model::family_service, model::family_resource})
        plan.records.emplace_back(draft.key.tenant, family, child.target->id);
  return plan;
}

Result<void> resolve_target(graph::RecordDraft& draft, const graph::Record* before,
                            graph::Subgraph& subgraph) {
  const auto edge =
      std::find_if(draft.root.children.begin(), draft.root.children.end(),
                   [](const auto& child) { return child.kind == model::kinds::expects; });
  const json::Value* target = target_of(draft);
  TRY(check_filter(target, before, draft.key.tenant, subgraph.schema()));
  if (edge == draft.root.children.end() || target == nullptr || target->find("family") != nullptr)
    return {};
  if (before != nullptr) {
    const json::Value earlier = expectation_document(*before, subgraph.schema());
    const json::Value* same = earlier.find("target");
    const auto named = named_target(*before, subgraph.schema());
    if (same != nullptr && *same == *target && named) {
      edge->target->family = named->family;
      return {};
    }
  }
  subgraph.announce(reads_of_target(draft)); // a patch may have made it another
  const std::string& id = edge->target->id;
  const auto exists = [&](graph::Family family) {
    return static_cast<bool>(subgraph.find({draft.key.tenant, family, id}));
  };
  const bool service = exists(model::family_service);
  const bool resource = exists(model::family_resource);
  if (service && resource)
    return Error{ErrorCode::conflict,
                 "is the id of a service and of a resource: say which by \"family\"", "/target/id"};
  edge->target->family = resource ? model::family_resource : model::family_service;
  return {};
}

Result<ExpectationDocument> stored_expectation(const graph::Record& record,
                                               const graph::Schema& schema,
                                               const outstanding::Expectation* compiled) {
  ExpectationDocument expectation = TRY(ExpectationDocument::parse(
      document_without(compiled != nullptr ? "expect" : "", record, schema), schema,
      {.compiled = compiled}));
  if (auto* by_id = std::get_if<TargetById>(&expectation.target))
    if (const auto named = named_target(record, schema))
      by_id->family = named->family == model::family_resource ? "resource" : "service";
  return expectation;
}

Result<graph::RecordDraft> expectation_draft(const json::Value& document,
                                             const graph::Context& context,
                                             const graph::Schema& schema) {
  TRY(ExpectationDocument::parse(document, schema));
  graph::RecordDraft draft;
  const json::Value* id = document.find("id");
  if (id != nullptr && !id->is_string())
    return Error{ErrorCode::invalid, "must be a text", "/id"};
  draft.key = {context.principal.tenant, model::family_expectation,
               id != nullptr ? id->string() : context.new_id()};
  if (!is_id(draft.key.id))
    return Error{ErrorCode::invalid, std::string(id_rule), "/id"};
  draft.root = root_of(document);
  return draft;
}

json::Value expectation_document(const graph::Record& record, const graph::Schema& schema) {
  return document_without({}, record, schema);
}

Result<graph::RecordDraft> changed_expectation(const graph::Record& present, json::Value document,
                                               const graph::Schema& schema) {
  TRY(ExpectationDocument::parse(document, schema));
  if (const json::Value* id = document.find("id");
      id != nullptr && *id != json::Value(present.id()))
    return Error{ErrorCode::invalid, "cannot be changed", "/id"};
  graph::RecordDraft draft = present.to_draft(schema.dictionary());
  draft.root = root_of(document);
  return draft;
}

Result<ExpectationDocument> expectation_of(const graph::Record& record, graph::Subgraph& subgraph) {
  return record.family() == model::family_expectation
             ? stored_expectation(record, subgraph.schema())
             : expectation_of_instance(record, subgraph);
}

Result<ExpectationDocument> expectation_of_instance(const graph::Record& expected,
                                                    graph::Subgraph& subgraph) {
  json::Value document = TRY(document_of(expected, outstanding::Profile::v5, subgraph));
  json::Object& members = document.object();
  json::Object target;
  if (const std::string_view actual = document.text_of("actual"); !actual.empty()) {
    target.append("id", actual);
    target.append("family", expected.family() == model::family_service ? "service" : "resource");
  } else {
    const char* specification = expected.family() == model::family_service
                                    ? "serviceSpecification"
                                    : "resourceSpecification";
    const json::Value* reference = members.find(specification);
    const std::string_view kind =
        reference != nullptr ? reference->text_of("id") : std::string_view();
    if (kind.empty() || document.text_of("name").empty())
      return Error{ErrorCode::invalid,
                   "the expected instance " + expected.id() +
                       " names its twin neither by actual nor by specification and name"};
    target.append("kind", kind);
    target.append("key", json::Object{{"name", document.text_of("name")}});
  }
  const std::string name(document.text_of("name"));
  json::Object made{
      {"name", name.empty() ? "expected instance " + expected.id() : name},
      {"target", std::move(target)},
      {"expect", compared_document(expected, std::move(document), subgraph.schema())}};
  return ExpectationDocument::parse(std::move(made), subgraph.schema());
}

} // namespace diffo::loop
