#include "openapi/openapi.h"

#include "openapi/openapi_parts.h"

#include <cstdint>
#include <string>
#include <utility>

namespace diffo::openapi {
namespace {

using json::Array;
using json::Object;
using json::Value;
using openapi::add_error_responses;
using openapi::json_response;
using openapi::operation;
using openapi::parameter;
using openapi::reference;
using openapi::with_body;

Value parameter_reference(std::string_view name) {
  return reference("parameters", name);
}

/// The parameter, with a bound that its schema can tell: `minimum` of a number, `minLength` of a
/// text.
Value bounded(Value parameter, std::string_view word, std::int64_t bound) {
  parameter.object().find("schema")->object().set(word, bound);
  return parameter;
}

Object list_parameters() {
  return Object{
      {"fields",
       parameter(
           "query", "fields", "string",
           "The attributes to show, separated by commas; dotted paths and JSONPath show parts of "
           "one; none shows id and href alone.")},
      {"offset",
       bounded(parameter("query", "offset", "integer", "How many matches to skip; 0 by default."),
               "minimum", 0)},
      {"limit",
       bounded(parameter("query", "limit", "integer",
                         "How many matches to show; 1000 by default and at most, 0 for the counts "
                         "alone."),
               "minimum", 0)},
      {"after", parameter("query", "after", "string",
                          "The page behind this cursor of a link; empty: the first page, whose "
                          "links go on with cursors.")},
      {"before", parameter("query", "before", "string",
                           "The page in front of this cursor of a link; empty: the last page.")},
      {"sort",
       bounded(parameter("query", "sort", "string",
                         "Attributes separated by commas, a leading - for descending. What lacks "
                         "the attribute comes last, and the id decides between equals."),
               "minLength", 1)},
      {"filter",
       bounded(parameter("query", "filter", "string",
                         "JSONPath of TMF630 Part 6: the entities in which it finds something, as "
                         "$[?(@.state=='active')] or note[?(@.author=='x')]."),
               "minLength", 1)},
      {"expand",
       bounded(parameter("query", "expand", "string",
                         "Attributes separated by commas, such as relatedParty: what their "
                         "references lead to is shown beneath them."),
               "minLength", 1)},
      {"depth",
       bounded(bounded(parameter(
                           "query", "depth", "integer",
                           "0 to 3: 1 expands all references, or those of expand; 2 the references "
                           "of these, too."),
                       "minimum", 0),
               "maximum", 3)},
      {"at",
       bounded(parameter("query", "at", "string",
                         "As it was then: after the commit of that sequence, or at that date."),
               "minLength", 1)},
      {"id", parameter("path", "id", "string", "The id of the entity.")},
      {"If-Match",
       bounded(parameter("header", "If-Match", "string", "Do it only if the ETag is this one."),
               "minLength", 1)},
      {"If-None-Match",
       parameter("header", "If-None-Match", "string", "Answer 304 if the ETag is this one.")}};
}

Array parameters_named(std::initializer_list<std::string_view> names) {
  Array references;
  for (const std::string_view name : names)
    references.push_back(parameter_reference(name));
  return references;
}

struct Names {
  std::string collection; ///< service
  std::string entity;     ///< Service
};

Value list_operation(const Names& names, model::Api api, model::Version version,
                     const model::Model& model) {
  const Value items = Object{{"type", "array"}, {"items", reference("schemas", names.entity)}};
  Object responses{
      {"200", json_response("All that match.", items, {"X-Total-Count", "X-Result-Count", "ETag"})},
      {"206", json_response("One page of those that match.", items,
                            {"X-Total-Count", "X-Result-Count", "Content-Range", "Link", "ETag"})},
      {"304", Object{{"description", "It has not changed."}}}};
  add_error_responses(responses, {400, 406, 412, 413, 416, 500, 501, 503, 504});
  Array parameters = parameters_named(
      {"fields", "expand", "depth", "offset", "limit", "after", "before", "sort", "filter"});
  openapi::add_filter_parameters(parameters, model, api, version);
  Value list = operation("list" + names.entity, "Lists those that match.", std::move(parameters),
                         std::move(responses));
  list.object().set("description", openapi::filter_syntax());
  return list;
}

Value create_operation(const Names& names) {
  Object responses{
      {"201", json_response("Created.", reference("schemas", names.entity), {"Location", "ETag"})}};
  add_error_responses(responses, {400, 406, 409, 412, 413, 415, 422, 500, 501, 503});
  return with_body(
      operation("create" + names.entity, "Creates one.", parameters_named({"fields"}),
                std::move(responses)),
      openapi::content_of({"application/json"}, reference("schemas", names.entity + "Create")));
}

Value get_operation(const Names& names) {
  Object responses{{"200", json_response("The entity.", reference("schemas", names.entity),
                                         {"ETag", "Last-Modified"})},
                   {"304", Object{{"description", "It has not changed."}}}};
  add_error_responses(responses, {400, 404, 406, 410, 412, 500, 501, 503});
  return operation(
      "retrieve" + names.entity, "Gives one.",
      parameters_named({"fields", "expand", "depth", "filter", "sort", "at", "If-None-Match"}),
      std::move(responses));
}

/// Of one, and of all that a filter keeps.
Object patch_content(const Names& names) {
  Object content = openapi::content_of({"application/json", "application/merge-patch+json"},
                                       reference("schemas", names.entity + "Change"));
  for (const char* type : {"application/json-patch+json", "application/json-patch-query+json"})
    content.set(type, Object{{"schema", reference("schemas", "JsonPatch")}});
  return content;
}

Value patch_operation(const Names& names) {
  Object responses{
      {"200", json_response("As it is now.", reference("schemas", names.entity), {"ETag"})}};
  add_error_responses(responses, {400, 404, 406, 409, 412, 413, 415, 422, 500, 501, 503});
  return with_body(operation("patch" + names.entity, "Changes one, all of the patch or nothing.",
                             parameters_named({"fields", "If-Match"}), std::move(responses)),
                   patch_content(names));
}

Value patch_many_operation(const Names& names, model::Api api, model::Version version,
                           const model::Model& model) {
  const Value items = Object{{"type", "array"}, {"items", reference("schemas", names.entity)}};
  Object responses{{"200", json_response("All that the filter keeps, as they are now.", items,
                                         {"X-Total-Count", "X-Result-Count"})}};
  add_error_responses(responses, {400, 406, 409, 412, 413, 415, 422, 500, 501, 503, 504});
  Array parameters = parameters_named({"fields", "filter"});
  openapi::add_filter_parameters(parameters, model, api, version);
  return with_body(operation("patchEach" + names.entity,
                             "Changes all that the filter keeps (1000 at most), or none of them.",
                             std::move(parameters), std::move(responses)),
                   patch_content(names));
}

Value delete_operation(const Names& names) {
  Object responses{{"204", Object{{"description", "Deleted."}}}};
  add_error_responses(responses, {400, 404, 409, 412, 422, 500, 501, 503});
  return operation("delete" + names.entity, "Deletes one.", parameters_named({"If-Match"}),
                   std::move(responses));
}

void add_paths(Object& paths, const Names& names, model::Api api, model::Version version,
               const model::Model& model) {
  paths.set("/" + names.collection,
            Object{{"get", list_operation(names, api, version, model)},
                   {"post", create_operation(names)},
                   {"patch", patch_many_operation(names, api, version, model)}});
  paths.set("/" + names.collection + "/{id}", Object{{"parameters", parameters_named({"id"})},
                                                     {"get", get_operation(names)},
                                                     {"patch", patch_operation(names)},
                                                     {"delete", delete_operation(names)}});
}

} // namespace

Value openapi_document(model::Api api, model::Version version, std::string_view base_url,
                       const model::Model& model) {
  const model::Publication& publication = model::publication_of(api);
  const std::string title = std::string(publication.title) + ", TMF" +
                            std::to_string(publication.number) +
                            (version == model::Version::v5 ? " v5" : " v4");
  Object schemas;
  Object paths;
  for (const model::ApiRow& row : model::apis)
    if (row.publication == publication.number) {
      for (json::Member& schema : openapi::entity_schemas(model, row.api, version))
        schemas.set(schema.name, std::move(schema.value));
      add_paths(paths, {std::string(row.collection), std::string(model.kind(row.root)->schema)},
                row.api, version, model);
    }
  openapi::add_json_patch_schemas(schemas);
  openapi::add_hub(paths, schemas, version);
  if (model::row_of(api).publication == model::row_of(model::Api::topic).publication)
    openapi::add_topics(paths, schemas);
  openapi::complete(paths);
  return Object{
      {"openapi", "3.0.3"},
      {"info", openapi::info(title, "What this server serves. Every path takes HEAD where it takes "
                                    "GET, and answers 405 to other methods.")},
      {"servers", openapi::servers(base_url)},
      {"paths", std::move(paths)},
      {"components", Object{{"schemas", std::move(schemas)},
                            {"parameters", list_parameters()},
                            {"headers", openapi::shared_headers()},
                            {"responses", openapi::shared_error_responses()}}}};
}

} // namespace diffo::openapi
