#pragma once

#include "model/model.h"

#include <diffo/json.h>

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

/// The pieces OpenAPI documents are put together from.
namespace diffo::openapi::openapi {

/// One schema of an object: its attributes as words `name:type`, `name!:type` when required. A type
/// is a scalar (`string`, `uri`, `date-time`, `boolean`, `integer`, `number`, `any`, `object`), the
/// name of a schema, or either in brackets for an array of them.
struct ObjectSchema {
  std::string_view name;
  std::string_view description;
  std::string_view attributes;
  bool open = false; ///< further members may be there
};

json::Value reference(std::string_view section, std::string_view name);
json::Value schema_of_type(std::string_view type);
void add_objects(json::Object& schemas, std::span<const ObjectSchema> objects);

/// The schemas of one API and version (openapi_schemas.cpp).
json::Object entity_schemas(const model::Model& model, model::Api api, model::Version version);
/// The error body (tmf.md §1.6).
void add_error_schema(json::Object& schemas);

/// A response with a JSON body of that schema (by reference or in full) and these headers, which
/// stand in `components/headers`.
json::Value json_response(std::string_view description, json::Value schema,
                          std::initializer_list<std::string_view> headers = {});
/// The responses for these statuses, each an error body, appended to `responses`.
void add_error_responses(json::Object& responses, std::initializer_list<int> statuses);
/// The components that all documents share: headers and error responses.
json::Object shared_headers();
json::Object shared_error_responses();
json::Value operation(std::string id, std::string summary, json::Array parameters,
                      json::Object responses);
/// The operation with a body, of media types that each have their schema.
json::Value with_body(json::Value operation, json::Object content);
/// The same, of an operation that does without a body, too.
json::Value with_optional_body(json::Value operation, json::Object content);
/// These media types, of one schema.
json::Object content_of(std::initializer_list<std::string_view> media_types,
                        const json::Value& schema);
/// `JsonPatch` and its operations, of RFC 6902.
void add_json_patch_schemas(json::Object& schemas);
/// Completes the operations of a document: the tag by which they are grouped, and the answers that
/// any request may get before an operation sees it.
void complete(json::Object& paths);
/// The conditions of a list that have a parameter of their own (openapi_filters.cpp).
void add_filter_parameters(json::Array& parameters, const model::Model& model, model::Api api,
                           model::Version version);
/// How conditions are written, for the description of a list.
std::string_view filter_syntax();
/// A parameter: `place` is "query", "path" or "header".
json::Value parameter(std::string_view place, std::string_view name, std::string_view type,
                      std::string_view description);
/// The responses of an operation: one where it succeeds, those of errors, and where a conflict says
/// more than an error does, that one.
json::Object answers(std::string_view status, json::Value response,
                     std::initializer_list<int> errors, json::Value conflict = {});
json::Value array_of(std::string_view schema);
json::Value any_object();

/// Kinds, models, actions and pools (openapi_models.cpp).
void add_model_paths(json::Object& paths);
void add_model_schemas(json::Object& schemas);

/// What stands outstanding and decisions on it (openapi_residues.cpp).
void add_residue_paths(json::Object& paths);
void add_residue_schemas(json::Object& schemas);
/// Plans and tasks (openapi_tasks.cpp).
void add_task_paths(json::Object& paths);
void add_task_schemas(json::Object& schemas);
/// The hub of an interface (openapi_hub.cpp).
void add_hub(json::Object& paths, json::Object& schemas, model::Version version);
/// The hubs and the events of topics (openapi_hub.cpp).
void add_topics(json::Object& paths, json::Object& schemas);
/// How events reach their subscribers (openapi_hub.cpp).
void add_delivery_paths(json::Object& paths);
void add_delivery_schemas(json::Object& schemas);
/// What becomes of what is outstanding, as events (openapi_stream.cpp).
void add_stream_path(json::Object& paths);

json::Value info(std::string_view title, std::string_view description);
json::Value servers(std::string_view url);

} // namespace diffo::openapi::openapi
