#include "openapi/openapi_parts.h"

#include <diffo/version.h>

#include <array>
#include <utility>

namespace diffo::openapi::openapi {
namespace {

using json::Array;
using json::Object;
using json::Value;

std::string_view next_word(std::string_view& words) {
  const std::size_t begin = std::min(words.find_first_not_of(' '), words.size());
  words.remove_prefix(begin);
  const std::size_t end = std::min(words.find(' '), words.size());
  const std::string_view word = words.substr(0, end);
  words.remove_prefix(end);
  return word;
}

Value typed(std::string_view type) {
  return Object{{"type", type}};
}
Value text_of_format(std::string_view format) {
  return Object{{"type", "string"}, {"format", format}};
}

struct ErrorStatus {
  int status;
  std::string_view name;
  std::string_view description;
};

constexpr std::array<ErrorStatus, 20> error_statuses = {{
    {400, "BadRequest", "The request cannot be read or breaks a rule; every problem is listed."},
    {403, "Forbidden",
     "The Host or Origin is not one that is served, or the deed is not allowed here."},
    {404, "NotFound", "There is no such thing."},
    {405, "MethodNotAllowed", "The path does not take this method; Allow names those it takes."},
    {406, "NotAcceptable", "Accept excludes what this path can send."},
    {408, "RequestTimeout", "The request did not come in time."},
    {409, "Conflict", "The id is taken, the transition is illegal, or others refer to it."},
    {410, "Gone", "It was there and is no longer kept."},
    {412, "PreconditionFailed", "The ETag in If-Match is stale."},
    {413, "ContentTooLarge", "The body is larger than the server takes."},
    {414, "TargetTooLong", "The URL is longer than the server takes."},
    {415, "UnsupportedMediaType", "The body's media type is not taken here."},
    {416, "RangeNotSatisfiable", "There are no items in that range."},
    {417, "ExpectationFailed", "Expect asks for what the server does not do."},
    {422, "Unprocessable", "Understood, but it cannot be done."},
    {431, "HeadersTooLarge", "The headers are larger than the server takes."},
    {500, "InternalError", "A mistake of the server."},
    {501, "NotImplemented", "This server or its store lacks the feature."},
    {503, "Unavailable", "Not now: the store is read-only or overloaded."},
    {504, "Timeout", "It took too long."},
}};

/// What operations are grouped by: the first name of a path that says what it is about.
std::string_view tag_of(std::string_view path) {
  constexpr std::string_view own = "/diffo/v1/";
  const bool is_tmf_or_own =
      path.starts_with(own) || path.starts_with("/service") || path.starts_with("/resource");
  if (!is_tmf_or_own)
    return "server";
  path.remove_prefix(path.starts_with(own) ? own.size() : 1);
  return path.substr(0, path.find('/'));
}

} // namespace

Value reference(std::string_view section, std::string_view name) {
  return Object{{"$ref", "#/components/" + std::string(section) + "/" + std::string(name)}};
}

Value schema_of_type(std::string_view type) {
  if (type.starts_with('['))
    return Object{{"type", "array"}, {"items", schema_of_type(type.substr(1, type.size() - 2))}};
  if (type == "any")
    return Object{};
  if (type == "uri" || type == "date-time")
    return text_of_format(type);
  if (type.front() >= 'A' && type.front() <= 'Z')
    return reference("schemas", type);
  return typed(type);
}

void add_objects(Object& schemas, std::span<const ObjectSchema> objects) {
  for (const ObjectSchema& object : objects) {
    Object properties;
    Array required;
    std::string_view words = object.attributes;
    for (std::string_view word = next_word(words); !word.empty(); word = next_word(words)) {
      const std::size_t colon = word.find(':');
      std::string_view name = word.substr(0, colon);
      if (name.ends_with('!')) {
        name.remove_suffix(1);
        required.emplace_back(name);
      }
      properties.set(name, schema_of_type(word.substr(colon + 1)));
    }
    Object schema{{"type", "object"}, {"description", object.description}};
    if (!required.empty())
      schema.set("required", std::move(required));
    schema.set("properties", std::move(properties));
    if (object.open)
      schema.set("additionalProperties", true);
    schemas.set(object.name, std::move(schema));
  }
}

void add_error_schema(Object& schemas) {
  constexpr std::array<ObjectSchema, 2> error = {
      {{"Error", "Why a request was refused.",
        "code!:string reason!:string message:string status:string problems:[Problem] "
        "@type!:string"},
       {"Problem", "One of several things that are wrong.", "path:string message!:string"}}};
  add_objects(schemas, error);
}

Value json_response(std::string_view description, Value schema,
                    std::initializer_list<std::string_view> headers) {
  Object response{{"description", description}};
  if (headers.size() > 0) {
    Object described;
    for (const std::string_view header : headers)
      described.set(header, reference("headers", header));
    response.set("headers", std::move(described));
  }
  response.set("content", Object{{"application/json", Object{{"schema", std::move(schema)}}}});
  return response;
}

void add_error_responses(Object& responses, std::initializer_list<int> statuses) {
  for (const int status : statuses)
    for (const ErrorStatus& known : error_statuses)
      if (known.status == status)
        if (const std::string name = std::to_string(status); !responses.contains(name))
          responses.set(name, reference("responses", known.name));
}

Object shared_headers() {
  const auto header = [](std::string_view description, std::string_view type) {
    return Value(Object{{"description", description}, {"schema", typed(type)}});
  };
  return Object{
      {"X-Total-Count", header("How many entities match, on all pages.", "integer")},
      {"X-Result-Count", header("How many entities are in this body.", "integer")},
      {"Link", header("The pages before and after this one (RFC 8288); absent when the body holds "
                      "all.",
                      "string")},
      {"X-Diffo-Revision", header("The sequence of the commit as of which this is.", "integer")},
      {"Content-Range", header("Which of how many: items 10-19/100.", "string")},
      {"ETag", header("The version of what is shown.", "string")},
      {"Last-Modified", header("When the entity changed last.", "string")},
      {"Location", header("The URL of the new entity.", "string")},
      {"Allow", header("The methods this path takes.", "string")},
      {"Retry-After", header("When to try again, in seconds.", "integer")}};
}

Object shared_error_responses() {
  Object responses;
  for (const ErrorStatus& known : error_statuses) {
    Value response =
        known.status == 405
            ? json_response(known.description, reference("schemas", "Error"), {"Allow"})
        : known.status == 503
            ? json_response(known.description, reference("schemas", "Error"), {"Retry-After"})
            : json_response(known.description, reference("schemas", "Error"));
    responses.set(known.name, std::move(response));
  }
  return responses;
}

Value parameter(std::string_view place, std::string_view name, std::string_view type,
                std::string_view description) {
  Object result{{"name", name}, {"in", place}, {"description", description}};
  if (place == "path")
    result.set("required", true);
  result.set("schema", schema_of_type(type));
  return result;
}

Object answers(std::string_view status, Value response, std::initializer_list<int> errors,
               Value conflict) {
  Object responses{{std::string(status), std::move(response)}};
  add_error_responses(responses, errors);
  if (!conflict.is_null())
    responses.set("409", std::move(conflict));
  return responses;
}

Value array_of(std::string_view schema) {
  return Object{{"type", "array"}, {"items", reference("schemas", schema)}};
}

Value any_object() {
  return Object{{"type", "object"}, {"additionalProperties", true}};
}

Value info(std::string_view title, std::string_view description) {
  return Object{{"title", title}, {"version", version}, {"description", description}};
}

Value servers(std::string_view url) {
  return Array{Object{{"url", url}}};
}

Value operation(std::string id, std::string summary, Array parameters, Object responses) {
  Object result{{"operationId", std::move(id)}, {"summary", std::move(summary)}};
  if (!parameters.empty())
    result.set("parameters", std::move(parameters));
  result.set("responses", std::move(responses));
  return result;
}

Value with_body(Value operation, Object content) {
  operation.object().set("requestBody",
                         Object{{"required", true}, {"content", std::move(content)}});
  return operation;
}

Value with_optional_body(Value operation, Object content) {
  operation.object().set("requestBody",
                         Object{{"required", false}, {"content", std::move(content)}});
  return operation;
}

Object content_of(std::initializer_list<std::string_view> media_types, const Value& schema) {
  Object content;
  for (const std::string_view type : media_types)
    content.set(std::string(type), Object{{"schema", schema}});
  return content;
}

void add_json_patch_schemas(Object& schemas) {
  const Value op = Object{{"type", "string"},
                          {"enum", Array{"add", "remove", "replace", "move", "copy", "test"}}};
  schemas.set("JsonPatchOperation", Object{{"type", "object"},
                                           {"description", "One operation of RFC 6902."},
                                           {"required", Array{"op", "path"}},
                                           {"properties", Object{{"op", op},
                                                                 {"path", typed("string")},
                                                                 {"from", typed("string")},
                                                                 {"value", Object{}}}}});
  schemas.set("JsonPatch", Object{{"type", "array"},
                                  {"description", "RFC 6902; all operations are done or none."},
                                  {"items", reference("schemas", "JsonPatchOperation")}});
}

void complete(Object& paths) {
  for (json::Member& path : paths)
    for (json::Member& member : path.value.object()) {
      json::Object* operation = member.value.if_object();
      json::Value* responses = operation != nullptr ? operation->find("responses") : nullptr;
      if (responses == nullptr)
        continue; // what all methods of the path share
      add_error_responses(responses->object(), {400, 403, 408, 413, 414, 417, 431, 500, 503});
      operation->set("tags", Array{tag_of(path.name)});
    }
}

} // namespace diffo::openapi::openapi
