#include "openapi/openapi_parts.h"

#include <string>
#include <utility>

namespace diffo::openapi::openapi {
namespace {

using json::Array;
using json::Object;
using json::Value;

constexpr ObjectSchema schemas_of_models[] = {
    {"KindSummary", "A kind that a model declares.",
     "name!:string domain!:string base!:string half:string about:string "
     "specification:SpecificationSummary href!:string"},
    {"Kind", "A kind with its declaration, and for instances what can be asked of them.",
     "name!:string domain!:string base!:string half:string about:string "
     "specification:SpecificationSummary href!:string declaration!:object schema!:object "
     "actions:[string]"},
    {"SpecificationSummary", "The specification of a kind.",
     "id!:string name!:string version!:string"},
    {"DomainSummary", "A domain of the model and the names of its kinds.",
     "domain!:string kinds!:[string] href!:string"},
    {"ModelChange", "The domains of the model as it is now; with dryRun as it would be.",
     "domains!:[string] dryRun!:boolean"},
    {"AssignmentArguments", "What is asked of a pool.", "assignment!:AssignmentRequest"},
    {"AssignmentRequest",
     "To whom; without an operation the pool picks. id: a number, or a prefix as text.",
     "assigneeId!:string operation:string id:any alias:string assignableType:string "
     "count:integer lease:integer family:string"},
    {"Assignment", "What was handed out of a pool, by whom and to whom.",
     "id!:string pool!:string thing!:string value!:any count:integer type:string alias:string "
     "assigner!:AssignmentEnd assignee!:AssignmentEnd leaseUntil:date-time"},
    {"AssignmentEnd", "An instance.", "id!:string family!:string"},
    {"PoolOwner", "The instance that has a pool.",
     "id!:string family!:string name:string kind!:string"},
    {"PoolUse", "How much of a pool is handed out; state: ok, warning, exhausted.",
     "instance!:PoolOwner pool!:string thing!:string units!:string size!:integer free!:integer "
     "used!:integer percent!:integer warnPercent:integer state!:string href!:string"},
    {"Pool", "A pool, its bounds, and a page of what is handed out.",
     "instance!:PoolOwner pool!:string thing!:string units!:string bounds!:object size!:integer "
     "free!:integer used!:integer percent!:integer warnPercent:integer state!:string "
     "assignments!:[Assignment]"},
};

constexpr ObjectSchema schemas_of_graph[] = {
    {"Root", "A record, or what is only referred to.",
     "id!:string family!:string kind:string name:string stub:boolean"},
    {"HopStep", "One step: over whose edge, from where to where.",
     "hop!:integer from!:Root over!:Root sequence!:integer to!:Root"},
    {"Traversal", "Where a chain leads, and over what.", "reached!:[Root] hops!:[HopStep]"},
    {"InheritedValue", "A value at the end of a chain, or why there is none.",
     "from!:Root value:any target:Root unknown:object"},
    {"Provenance",
     "Where a value comes from: record, default, kind, pool, inherited, calculated, absent.",
     "path!:string from!:string rule:string value:any values:[InheritedValue] why:string "
     "hops:[HopStep] record!:object"},
    {"AffectedValue", "An instance that shows something of this one, and under which name.",
     "id!:string family!:string kind!:string name!:string"},
    {"Impact", "Whom a change would touch; cut: there are more.",
     "inherits!:[AffectedValue] referrers!:[Root] assignments!:[Assignment] expectations!:[Root] "
     "cut!:boolean"},
};

Value in_path(std::string_view name) {
  return parameter("path", name, "string", "Which one.");
}

Value family_parameter() {
  return parameter("query", "family", "string",
                   "service or resource, where an instance of each has the id.");
}

Value dry_run_parameter() {
  return parameter("query", "dryRun", "string", "Present: says what is wrong and changes nothing.");
}

Object model_content() {
  Object content = content_of({"application/yaml", "application/x-yaml", "text/yaml"},
                              Object{{"type", "string"}});
  content.set("application/json", Object{{"schema", any_object()}});
  return content;
}

void add_kinds(Object& paths) {
  paths.set("/diffo/v1/kinds",
            Object{{"get", operation("listKind", "Lists the kinds that models declare.", {},
                                     answers("200",
                                             json_response("The kinds.", array_of("KindSummary"),
                                                           {"X-Total-Count"}),
                                             {400, 406}))}});
  paths.set(
      "/diffo/v1/kinds/{kind}",
      Object{
          {"parameters", Array{in_path("kind")}},
          {"get", operation("retrieveKind", "Gives a kind with its declaration.", {},
                            answers("200", json_response("The kind.", reference("schemas", "Kind")),
                                    {400, 404, 406}))}});
  paths.set(
      "/diffo/v1/kinds/{kind}/actions/{action}",
      Object{{"parameters", Array{in_path("kind"), in_path("action")}},
             {"post",
              with_body(operation("build", "Makes an instance of a kind.", {},
                                  answers("201",
                                          json_response("The instance in the reference's JSON.",
                                                        any_object(), {"Location", "ETag"}),
                                          {400, 403, 404, 406, 409, 412, 415, 422, 503})),
                        content_of({"application/json"}, any_object()))}});
}

void add_models(Object& paths) {
  const Value change = json_response("The domains.", reference("schemas", "ModelChange"));
  paths.set(
      "/diffo/v1/models",
      Object{
          {"get", operation("listModel", "Lists the domains of the model.", {},
                            answers("200", json_response("The domains.", array_of("DomainSummary")),
                                    {400, 406}))},
          {"post", [&] {
             Object responses = answers("201", change, {400, 406, 409, 413, 415, 422, 503});
             responses.set(
                 "200", json_response("It would be taken.", reference("schemas", "ModelChange")));
             return with_body(operation("createModel", "Adds domains to the model.",
                                        Array{dry_run_parameter()}, std::move(responses)),
                              model_content());
           }()}});
  paths.set(
      "/diffo/v1/models/{domain}",
      Object{
          {"parameters", Array{in_path("domain")}},
          {"get", operation("retrieveModel", "Gives the declarations of a domain.", {},
                            answers("200", json_response("The declarations.", any_object()),
                                    {400, 404, 406}))},
          {"put", with_body(operation("replaceModel",
                                      "Puts a domain in the place of that of its name, and brings "
                                      "instances over.",
                                      Array{dry_run_parameter()},
                                      answers("200", change, {400, 406, 409, 413, 415, 422, 503})),
                            model_content())},
          {"delete",
           operation("deleteModel", "Takes a domain out of the model.", Array{dry_run_parameter()},
                     answers("204", Object{{"description", "It is gone."}},
                             {400, 404, 406, 409, 422, 503}))}});
}

void add_actions(Object& paths) {
  Object responses = answers("200",
                             json_response("The instance in the reference's JSON, or what was "
                                           "handed out.",
                                           any_object(), {"ETag"}),
                             {400, 403, 404, 406, 409, 412, 415, 422, 503});
  responses.set("204", Object{{"description", "What was handed out has come back."}});
  paths.set(
      "/diffo/v1/instances/{id}/actions/{action}",
      Object{
          {"parameters", Array{in_path("id"), in_path("action")}},
          {"post",
           with_body(operation("act", "Carries out an action of an instance.",
                               Array{family_parameter()}, std::move(responses)),
                     content_of({"application/json"},
                                Object{{"anyOf", Array{reference("schemas", "AssignmentArguments"),
                                                       any_object()}}}))}});
}

/// What can be asked of an instance's surroundings.
void add_graph(Object& paths) {
  const auto add = [&paths](const char* name, const char* id, const char* about, Array parameters,
                            const char* schema) {
    paths.set(
        "/diffo/v1/instances/{id}/" + std::string(name),
        Object{{"parameters", Array{in_path("id")}},
               {"get", operation(id, about, std::move(parameters),
                                 answers("200", json_response(about, reference("schemas", schema)),
                                         {400, 404, 406, 409, 413, 503}))}});
  };
  add("traverse", "traverse", "Says where a chain of hops leads.",
      Array{parameter("query", "via", "string", "Hops, separated by commas: card,->contains."),
            family_parameter()},
      "Traversal");
  add("why", "why", "Says where a value comes from.",
      Array{parameter("query", "path", "string",
                      "An attribute, characteristic.member, or something inherited or calculated."),
            family_parameter()},
      "Provenance");
  add("impact", "impact", "Says whom a change would touch.", Array{family_parameter()}, "Impact");
}

void add_pools(Object& paths) {
  const Value limit = parameter("query", "limit", "integer", "At most so many; 1000 by default.");
  const Value after = parameter("query", "after", "string", "Behind what a link names.");
  paths.set(
      "/diffo/v1/pools",
      Object{{"get",
              operation("listPool", "Lists the pools of all instances with their use.",
                        Array{parameter("query", "sort", "string", "percent or -percent."),
                              parameter("query", "kind", "string", "Of instances of this kind."),
                              parameter("query", "state", "string", "ok, warning or exhausted."),
                              limit, after},
                        answers("200",
                                json_response("The pools.", array_of("PoolUse"),
                                              {"X-Total-Count", "Link"}),
                                {400, 406, 413, 503}))}});
  paths.set(
      "/diffo/v1/instances/{id}/pools/{pool}",
      Object{{"parameters", Array{in_path("id"), in_path("pool")}},
             {"get", operation("retrievePool", "Gives a pool and who has what of it.",
                               Array{limit, after, family_parameter()},
                               answers("200",
                                       json_response("The pool.", reference("schemas", "Pool"),
                                                     {"X-Total-Count", "Link"}),
                                       {400, 404, 406, 409, 503}))}});
}

} // namespace

void add_model_paths(Object& paths) {
  add_kinds(paths);
  add_models(paths);
  add_actions(paths);
  add_graph(paths);
  add_pools(paths);
}

void add_model_schemas(Object& schemas) {
  add_objects(schemas, schemas_of_models);
  add_objects(schemas, schemas_of_graph);
}

} // namespace diffo::openapi::openapi
