#include "tmf/import_line.h"

#include "base/text.h"
#include "model/declared.h"
#include "model/schema.h"
#include "tmf/check.h"
#include "tmf/document_reader.h"
#include "tmf/emit.h"
#include "tmf/supply.h"

#include <algorithm>
#include <utility>

namespace diffo::tmf {
namespace {

model::Api api_of(const json::Value& document, const model::Model& model) {
  // An export tells in href what it is of: a resource may carry a serviceSpecification of its own.
  const std::string_view href = document.text_of("href");
  if (href.starts_with('/'))
    if (const auto api = model::api_named(href.substr(1, href.find('/', 1) - 1)))
      return *api;
  for (const model::ApiRow& row : model::apis)
    if (!model::is_of_instances(row.api) && document.text_of("@type") == model.class_of(row.api))
      return row.api;
  const bool service = document.find("serviceSpecification") != nullptr ||
                       document.text_of("@type") == "Service" ||
                       model.declared().claiming(document.object(), model::Api::service) != nullptr;
  return service ? model::Api::service : model::Api::resource;
}

bool has_type(const json::Value& item) {
  return !item.is_object() || item.object().empty() || item.find("@type") != nullptr;
}

/// v5 demands a type of everything; v4 documents hardly ever have them all.
model::Version version_of(const json::Object& document, model::Api api, const model::Model& model) {
  if (document.contains(internal_form))
    return model::Version::v5;
  if (!document.contains("@type"))
    return model::Version::v4;
  for (const auto& [name, value] : document) {
    const auto word = model.dictionary().find(name);
    if (!word || model.home_kind(model::root_of(api), *word, api, model::Version::v5) == 0)
      continue;
    if (!has_type(value))
      return model::Version::v4;
    if (const json::Array* items = value.if_array())
      if (!std::all_of(items->begin(), items->end(), has_type))
        return model::Version::v4;
  }
  // A lone object as the place of a resource is v4's.
  const json::Value* place = document.find("place");
  return place != nullptr && place->is_object() ? model::Version::v4 : model::Version::v5;
}

} // namespace

Result<graph::Which> take_which(json::Value& document) {
  json::Object* object = document.if_object();
  const json::Value* which = object != nullptr ? object->find("which") : nullptr;
  if (which == nullptr)
    return graph::Which::actual;
  const std::string* text = which->if_string();
  if (text == nullptr || (*text != "actual" && *text != "expected"))
    return Error{ErrorCode::invalid, "which must be \"actual\" or \"expected\"", "/which"};
  const auto result = *text == "expected" ? graph::Which::expected : graph::Which::actual;
  object->erase("which");
  return result;
}

Result<graph::RecordDraft> decode_import_line(const json::Value& document,
                                              std::optional<model::Api> as,
                                              const graph::Schema& schema,
                                              const DecodeContext& context) {
  if (!document.is_object())
    return Error{ErrorCode::invalid, "a line must be an object"};
  json::Value copy = document;
  const graph::Which which = TRY(take_which(copy));
  const model::Model& model = model::model_of(schema);
  const model::Api api = as ? *as : api_of(copy, model);
  model::Version version = version_of(copy.object(), api, model);
  // An export says of itself how its items came; v4 may have brought what v5 would refuse.
  const bool exported = copy.find(internal_form) != nullptr;
  std::vector<Error> problems = exported ? word_problems_of(copy.object(), api, version, model)
                                         : problems_of(copy, api, version, model);
  if (!problems.empty() && !exported) {
    const model::Version other =
        version == model::Version::v4 ? model::Version::v5 : model::Version::v4;
    if (problems_of(copy, api, other, model).empty()) {
      version = other;
      problems.clear();
    }
  }
  const std::string id(copy.text_of("id"));
  if (const json::Value* given = copy.find("id");
      given != nullptr && !given->is_null() && !is_id(id))
    problems.push_back({ErrorCode::invalid, std::string(id_rule), "/id"});
  if (!problems.empty())
    return joined(std::move(problems));
  graph::RecordDraft draft;
  draft.key = {context.principal.tenant, model::family_of(api), id.empty() ? context.new_id() : id};
  draft.which = which;
  draft.root = DocumentReader(schema, api, version, Origin::import).read(copy.object());
  if (!exported)
    supply(draft.root, api, context.now, schema);
  return draft;
}

void export_line(const graph::Record& record, const graph::Schema& schema, std::string& out) {
  emit(record, model::Version::v5, {.schema = schema, .forms = Forms::noted}, nullptr, out);
}

json::Value export_document(const graph::Record& record, const graph::Schema& schema) {
  return document_of(record, model::Version::v5, {.schema = schema, .forms = Forms::noted});
}

} // namespace diffo::tmf
