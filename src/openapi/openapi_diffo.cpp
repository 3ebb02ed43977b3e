#include "openapi/openapi.h"
#include "openapi/openapi_parts.h"

#include <string>
#include <utility>

namespace diffo::openapi {
namespace {

using json::Array;
using json::Object;
using json::Value;
using openapi::answers;
using openapi::any_object;
using openapi::array_of;
using openapi::json_response;
using openapi::ObjectSchema;
using openapi::operation;
using openapi::parameter;
using openapi::reference;
using openapi::with_body;

constexpr ObjectSchema schemas_of_diffo[] = {
    {"Expectation", "What should be, beside what is.",
     "id:string name:string owner:string side:string mode:string priority:integer "
     "validFor:TimePeriod freshWithin:string "
     "target:ExpectationTarget expect:object profile:string",
     true},
    {"ExpectationTarget", "Whom an expectation is about: an id, a filter, or a walk from an id.",
     "id:string family:string filter:string of:string via:[any] kind:string key:object", true},
    {"TimePeriod", "A span of time.", "startDateTime:string endDateTime:string", true},
    {"Outstanding", "What is outstanding of one expectation.",
     "id:string name:string owner:string met!:boolean inForce:boolean outstanding:any "
     "targets!:[TargetOutstanding] sequence!:integer evaluatedAt!:date-time nextFlip:date-time"},
    {"TargetOutstanding",
     "What is missing of one target, in the shape of the expectation; null when nothing is.",
     "family:string id:string exists!:boolean sequence:integer outstanding:any unmet!:integer "
     "explain:[Explanation] footprint:[Read]"},
    {"Explanation", "One unmet leaf.",
     "pointer!:string expected:any actual:any rule!:string document!:Place declaredBy:string "
     "since:date-time",
     true},
    {"Place", "Where in which document a leaf stands.", "family:string id:string pointer!:string"},
    {"Read", "What an evaluation looked at.", "family!:string id!:string attributes!:[string]"},
    {"Evaluation", "An expectation to be evaluated against an actual without storing anything.",
     "expectation:object expect:any actual:any target:ExpectationTarget profile:string", true},
    {"JournalEntry", "One change set as the journal keeps it.",
     "sequence!:integer time!:date-time branch!:string parent!:string hash!:string cause:string "
     "changes!:[Change]",
     true},
    {"Change", "One record of a change set; after: as it was left, null when it was deleted.",
     "family!:string id!:string previous:integer after:any", true},
    {"HistoryEntry",
     "What a commit made of an instance; change: created, changed, erased. tag: the ETag that it "
     "had from then on. unseen: whether a source no longer saw it from then on.",
     "sequence!:integer time!:date-time actor:string cause:string change!:string tag:string "
     "unseen:boolean patch!:[PatchOperation]"},
    {"PatchOperation", "An operation of RFC 6902.", "op!:string path!:string value:any"},
    {"ImportReport",
     "What an import did, line by line where it failed. An error of one that had begun has these "
     "members too. brokeInLine: the line in which it broke off.",
     "stored!:boolean lines!:integer created!:integer unchanged!:integer rejected!:integer "
     "rejections!:[Rejection] brokeInLine:integer"},
    {"Rejection", "A line that was not taken, and why.",
     "line!:integer id:string code!:string message!:string"},
    {"Observation",
     "What a source has seen. mode: best or atomic. complete: it is all that there is of that.",
     "source!:string observedAt:date-time mode:string complete:CompleteScope "
     "items!:[ObservedItem]"},
    {"CompleteScope",
     "Instances of a kind, of which a filter of v5 is true. atMost: beyond so many that are no "
     "longer seen none is marked.",
     "kind:string filter:string family:string atMost:integer"},
    {"ObservedItem",
     "What was seen of one instance: a partial document of v5, and addresses of what is not there.",
     "match!:object set:object absent:[string] create:boolean"},
    {"ObservationReport",
     "What became of the items, one by one of those that are not unchanged, the first 10000. An "
     "error of an observation that had begun has these members too.",
     "stored!:boolean ended!:boolean source!:string observedAt!:date-time items!:integer "
     "unchanged!:integer updated!:integer created!:integer conflicting!:integer stale!:integer "
     "rejected!:integer note:string outcomes!:[ItemOutcome] complete:UnseenReport"},
    {"UnseenReport",
     "What became of the instances of a complete observation; outcomes: of those that it did not "
     "tell of, the first 10000.",
     "instances!:integer seen!:integer unseen!:integer already!:integer conflicting!:integer "
     "stale!:integer rejected!:integer note:string outcomes!:[UnseenOutcome]"},
    {"UnseenOutcome",
     "An instance that was not told of; outcome: unseen, conflicting, stale, rejected.",
     "id!:string family!:string outcome!:string reason:string"},
    {"Source",
     "Who observes: how far it is believed, and what came of what it sent since the program began.",
     "name!:string rank:integer staleAfter:string attributes:[string] unseen:string "
     "heardAt:date-time observedAt:date-time observations:integer unchanged:integer "
     "updated:integer created:integer conflicting:integer stale:integer rejected:integer "
     "completeAt:date-time noLongerSeen:integer"},
    {"ItemOutcome", "An item, counted from 1, and what became of it.",
     "item!:integer outcome!:string id:string family:string path:string reason:string"},
    {"Findings", "What a check found.", "clean!:boolean findings!:[string]"},
    {"Backup", "Where the copy is, and whether it shares files with the data.",
     "folder!:string sharesTables!:boolean"},
};

Object or_unchanged(Object responses) {
  responses.set("304", Object{{"description", "It has not changed."}});
  return responses;
}

Value text_response(std::string_view description, std::string_view media_type) {
  return Object{{"description", description},
                {"content", Object{{std::string(media_type),
                                    Object{{"schema", Object{{"type", "string"}}}}}}}};
}

Value id_parameter() {
  return parameter("path", "id", "string", "The id.");
}

Value at_parameter() {
  return parameter("query", "at", "string",
                   "As it was then: after the commit of that sequence, or at that date.");
}

void add_instance_paths(Object& paths) {
  paths.set(
      "/diffo/v1/instances/{id}",
      Object{{"parameters", Array{id_parameter()}},
             {"get",
              operation(
                  "retrieveInstance", "Gives a record in the reference's own JSON.",
                  Array{parameter("query", "profile", "string", "The wire form; diffo by default."),
                        parameter("query", "load", "string",
                                  "What it inherits and calculates that is shown too: names, "
                                  "separated by commas, or *."),
                        at_parameter()},
                  or_unchanged(answers("200", json_response("The record.", any_object(), {"ETag"}),
                                       {400, 404, 406, 410, 412, 413, 503})))}});
  paths.set(
      "/diffo/v1/instances/{id}/history",
      Object{
          {"parameters", Array{id_parameter()}},
          {"get",
           operation(
               "history", "Tells what has become of an instance, the newest first.",
               Array{parameter("query", "before", "integer", "The rows behind that sequence."),
                     parameter("query", "limit", "integer", "At most so many; 100 by default."),
                     parameter("query", "profile", "string",
                               "Between whose documents the patches are: v4 or v5, the default."),
                     parameter(
                         "query", "family", "string",
                         "service or resource, where an instance of each has the id; or the name "
                         "of the collection of what is no instance.")},
               answers("200", json_response("The rows.", array_of("HistoryEntry"), {"Link"}),
                       {400, 404, 406, 409, 410, 503}))}});
}

void add_bulk_paths(Object& paths) {
  paths.set(
      "/diffo/v1/import",
      Object{{"post",
              openapi::with_optional_body(
                  operation(
                      "import", "Takes TMF documents, one a line, in any order.",
                      Array{parameter("query", "mode", "string",
                                      "atomic: all or nothing; best: what can be "
                                      "taken."),
                            parameter("query", "as", "string",
                                      "The collection of the lines that do not tell "
                                      "by themselves: service, resource, individual, …")},
                      answers(
                          "200",
                          json_response("What was taken.", reference("schemas", "ImportReport")),
                          {400, 413, 415, 500, 503},
                          json_response("Nothing was taken, for a line clashes with what is there.",
                                        reference("schemas", "ImportReport")))),
                  openapi::content_of({"application/x-ndjson", "application/ndjson",
                                       "application/jsonl", "application/json",
                                       "application/octet-stream"},
                                      Object{{"type", "string"}}))}});
  paths.set(
      "/diffo/v1/export",
      Object{
          {"get", operation("export", "Gives everything as v5 documents, one a line.", {},
                            answers("200", text_response("The documents.", "application/x-ndjson"),
                                    {400, 406, 500, 503}))}});
  paths.set(
      "/diffo/v1/journal",
      Object{
          {"get", operation("journal", "Gives the change sets from a sequence on.",
                            Array{parameter("query", "from", "integer", "The first sequence."),
                                  parameter("query", "limit", "integer", "At most so many.")},
                            answers("200", json_response("The entries.", array_of("JournalEntry")),
                                    {400, 406, 410, 503}))}});
}

void add_observation_paths(Object& paths) {
  Object content = openapi::content_of({"application/json"}, reference("schemas", "Observation"));
  for (const char* lines : {"application/x-ndjson", "application/ndjson", "application/jsonl"})
    content.set(lines, Object{{"schema", Object{{"type", "string"}}}});
  paths.set(
      "/diffo/v1/observations",
      Object{
          {"post",
           with_body(operation("observe",
                               "Takes what a source has seen: a document, or as lines its head, an "
                               "item a line, and {\"end\": n}.",
                               {},
                               answers("200",
                                       json_response("What became of the items.",
                                                     reference("schemas", "ObservationReport")),
                                       {400, 413, 415, 500, 503},
                                       json_response("Nothing was taken, for some item cannot be.",
                                                     reference("schemas", "ObservationReport")))),
                     std::move(content))}});
}

void add_sources_path(Object& paths) {
  paths.set("/diffo/v1/sources",
            Object{{"get", operation("listSources", "Lists who observes, the strongest first.", {},
                                     answers("200",
                                             json_response("The sources.", array_of("Source"),
                                                           {"X-Total-Count"}),
                                             {400, 406, 503}))}});
}

void add_care_paths(Object& paths) {
  paths.set("/diffo/v1/check",
            Object{{"post", operation("check", "Verifies what is stored.", {},
                                      answers("200",
                                              json_response("What was found.",
                                                            reference("schemas", "Findings")),
                                              {400, 500, 503}))}});
  paths.set(
      "/diffo/v1/backup",
      Object{{"post",
              with_body(
                  operation("backup", "Copies the data to a folder.", {},
                            answers("200", json_response("Copied.", reference("schemas", "Backup")),
                                    {400, 403, 409, 415, 501, 503})),
                  openapi::content_of({"application/json"}, any_object()))}});
}

void add_expectation_paths(Object& paths) {
  const Value expectation = reference("schemas", "Expectation");
  paths.set(
      "/diffo/v1/expectations",
      Object{
          {"get",
           operation("listExpectation", "Lists the expectations.", {},
                     answers("200", json_response("The expectations.", array_of("Expectation")),
                             {400, 406, 412, 422, 500, 501, 503}))},
          {"post",
           with_body(
               operation("createExpectation", "Stores an expectation.", {},
                         answers("201", json_response("Stored.", expectation, {"Location", "ETag"}),
                                 {400, 406, 409, 412, 413, 415, 422, 500, 501, 503})),
               openapi::content_of({"application/json"}, expectation))}});
  Object patches =
      openapi::content_of({"application/json", "application/merge-patch+json"}, any_object());
  for (const char* type : {"application/json-patch+json", "application/json-patch-query+json"})
    patches.set(type, Object{{"schema", reference("schemas", "JsonPatch")}});
  paths.set(
      "/diffo/v1/expectations/{id}",
      Object{
          {"parameters", Array{id_parameter()}},
          {"get", operation("retrieveExpectation", "Gives an expectation.", Array{at_parameter()},
                            or_unchanged(answers(
                                "200", json_response("The expectation.", expectation, {"ETag"}),
                                {400, 404, 406, 410, 412, 500, 501, 503})))},
          {"patch",
           with_body(operation("patchExpectation", "Changes an expectation.", {},
                               answers("200", json_response("As it is now.", expectation, {"ETag"}),
                                       {400, 404, 406, 412, 415, 422, 500, 501, 503})),
                     std::move(patches))},
          {"delete", operation("deleteExpectation", "Forgets an expectation.", {},
                               answers("204", Object{{"description", "Forgotten."}},
                                       {400, 404, 406, 412, 422, 500, 501, 503}))}});
  paths.set("/diffo/v1/expectations/{id}/outstanding",
            Object{{"parameters", Array{id_parameter()}},
                   {"get", operation("outstandingOfExpectation", "Tells what is outstanding.",
                                     Array{parameter("query", "explain", "string",
                                                     "Present: one entry for each unmet leaf.")},
                                     answers("200",
                                             json_response("What is outstanding.",
                                                           reference("schemas", "Outstanding")),
                                             {400, 404, 406, 412, 422, 500, 501, 503}))}});
}

void add_outstanding_path(Object& paths) {
  const Value outstanding = reference("schemas", "Outstanding");
  paths.set(
      "/diffo/v1/outstanding",
      Object{{"get",
              operation("listOutstanding", "Tells what is outstanding over all.",
                        Array{parameter("query", "filter", "string",
                                        "Which expectations, as a list filter.")},
                        answers("200",
                                json_response("All that is outstanding.", array_of("Outstanding")),
                                {400, 406, 412, 422, 500, 501, 503}))},
             {"post",
              with_body(
                  operation("evaluate", "Evaluates an expectation without storing anything.", {},
                            answers("200", json_response("What is outstanding.", outstanding),
                                    {400, 404, 406, 412, 413, 415, 422, 500, 501, 503})),
                  openapi::content_of({"application/json"}, reference("schemas", "Evaluation")))}});
}

/// The response, in one more media type, which is text.
Value also_as(Value response, std::string_view media_type) {
  response.object().find("content")->object().set(media_type,
                                                  Object{{"schema", Object{{"type", "string"}}}});
  return response;
}

void add_schema_paths(Object& paths) {
  paths.set(
      "/diffo/v1/schemas/expectation",
      Object{{"get",
              operation("expectationSchema", "Gives the JSON Schema of expectation documents.", {},
                        answers("200",
                                Object{{"description", "The schema."},
                                       {"content", Object{{"application/schema+json",
                                                           Object{{"schema", any_object()}}}}}},
                                {406}))}});
  paths.set(
      "/openapi",
      Object{{"get", operation("openapiIndex",
                               "Names the OpenAPI documents; as HTML, a page to try them on.", {},
                               answers("200",
                                       also_as(json_response("Their paths.",
                                                             openapi::schema_of_type("[string]")),
                                               "text/html"),
                                       {406}))}});
  paths.set(
      "/openapi/{document}",
      Object{
          {"parameters", Array{parameter("path", "document", "string", "Its name.")}},
          {"get",
           operation("openapiDocument", "Gives an OpenAPI document.", {},
                     answers("200",
                             also_as(also_as(json_response(
                                                 "The document; of the page, its script and style.",
                                                 any_object()),
                                             "text/javascript"),
                                     "text/css"),
                             {404, 406}))}});
}

void add_operational_paths(Object& paths) {
  paths.set(
      "/",
      Object{{"get", operation("root", "Tells where one begins.", {},
                               answers("200",
                                       also_as(json_response("The paths, by name.", any_object()),
                                               "text/html"),
                                       {406}))}});
  paths.set(
      "/health",
      Object{{"get",
              operation("health", "Tells that the process runs.", {},
                        answers("200", json_response("The process runs.", any_object()), {}))}});
  paths.set(
      "/ready",
      Object{
          {"get", operation("ready", "Tells whether requests will be served.", {},
                            answers("200", json_response("Requests will be served.", any_object()),
                                    {503}))}});
  paths.set(
      "/metrics",
      Object{{"get", operation("metrics", "Gives the metrics for Prometheus.", {},
                               answers("200", text_response("The metrics.", "text/plain"), {}))}});
}

} // namespace

Value openapi_diffo_document(std::string_view root_url) {
  Object paths;
  add_instance_paths(paths);
  add_bulk_paths(paths);
  add_observation_paths(paths);
  add_sources_path(paths);
  add_care_paths(paths);
  add_expectation_paths(paths);
  add_outstanding_path(paths);
  add_schema_paths(paths);
  add_operational_paths(paths);
  openapi::add_model_paths(paths);
  openapi::add_residue_paths(paths);
  openapi::add_task_paths(paths);
  openapi::add_stream_path(paths);
  openapi::add_delivery_paths(paths);
  openapi::complete(paths);
  Object schemas;
  openapi::add_objects(schemas, schemas_of_diffo);
  openapi::add_model_schemas(schemas);
  openapi::add_residue_schemas(schemas);
  openapi::add_task_schemas(schemas);
  openapi::add_delivery_schemas(schemas);
  openapi::add_error_schema(schemas);
  openapi::add_json_patch_schemas(schemas);
  return Object{{"openapi", "3.0.3"},
                {"info", openapi::info("Diffo", "What the server does beyond the TM Forum APIs.")},
                {"servers", openapi::servers(root_url)},
                {"paths", std::move(paths)},
                {"components", Object{{"schemas", std::move(schemas)},
                                      {"headers", openapi::shared_headers()},
                                      {"responses", openapi::shared_error_responses()}}}};
}

} // namespace diffo::openapi
