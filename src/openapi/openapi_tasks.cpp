// Plans and tasks (wire.md §7.3).
#include "openapi/openapi_parts.h"

#include <string>
#include <tuple>
#include <utility>

namespace diffo::openapi::openapi {
namespace {

using json::Array;
using json::Object;
using json::Value;

constexpr ObjectSchema schemas_of_tasks[] = {
    {"TaskTarget", "The instance that changes, or what is known of one that does not exist.",
     "id:string family:string href:uri kind:string name:string"},
    {"TaskChange", "What is to be, in the form of an observation's item.",
     "set:object absent:[string]"},
    {"TaskPatch", "The same as a JSON Patch, each operation behind a test.",
     "version!:string ops!:[object]"},
    {"Task", "A change of one instance that closes leaves.",
     "id!:string href!:uri state!:string reason:string target!:TaskTarget creates:boolean "
     "change!:TaskChange patch!:TaskPatch because!:[DecidedLeaf] precondition!:[string] "
     "executor:string attempts!:integer after:[string] decision:string by:string at!:date-time "
     "changedAt!:date-time accepted:boolean notBefore:date-time until:date-time"},
    {"PlannedTask", "A task that could be made.",
     "step!:integer target!:TaskTarget creates:boolean change!:TaskChange patch!:TaskPatch "
     "because!:[DecidedLeaf] precondition!:[string] executor:string after!:[integer]"},
    {"Unreachable", "A leaf that no task can close, and why.", "leaf!:Leaf reason!:string"},
    {"Plan", "What would be done, in an order that can be followed, and what cannot be done.",
     "tasks!:[PlannedTask] unreachable!:[Unreachable]"},
    {"QueuedTasks", "The tasks that were made, and what none can close.",
     "tasks!:[Task] unreachable!:[Unreachable]"},
    {"TasksRequest", "One of leaves, residue and filter; the state is queued or proposed.",
     "leaves:[any] residue:object filter:string state:string reason:string"},
    {"ToldOfTask", "What became of a task, as its executor says: done or failed.",
     "state!:string reason:string"},
    {"Hold", "Whether all tasks are held back, by whom, and why.",
     "held!:boolean by:string at:date-time reason:string until:date-time"},
    {"HoldRequest", "Why, and until when.", "reason:string until:string"},
};

Value id_parameter() {
  return Array{parameter("path", "id", "string", "The id.")};
}

void add_plan(Object& paths) {
  Array parameters;
  for (const auto& [name, about] :
       {std::pair("expectation", "Of this expectation."),
        {"target", "Of this instance."},
        {"family", "Of services or of resources."},
        {"kind", "Of instances of this kind, or with this specification."},
        {"owner", "Of expectations of this owner."},
        {"side", "consumer or provider."},
        {"mode", "observe, propose or act."},
        {"path", "At this address or in it."},
        {"category", "missing, misaligned, undesired or unknown."},
        {"since.lt", "Outstanding since before then."},
        {"since.gt", "Outstanding since after then."},
        {"approved", "true or false."},
        {"outstanding", "true (the default): neither approved nor overruled."}})
    parameters.push_back(parameter("query", name, "string", about));
  paths.set(
      "/diffo/v1/plan",
      Object{{"get", operation("plan", "Shows what would close what is outstanding.",
                               std::move(parameters),
                               answers("200",
                                       json_response("The plan.", reference("schemas", "Plan"),
                                                     {"X-Diffo-Revision"}),
                                       {400, 406, 413, 500, 503}))}});
}

void add_collection(Object& paths) {
  paths.set(
      "/diffo/v1/tasks",
      Object{{"get",
              operation(
                  "listTask", "Lists the tasks.",
                  Array{parameter("query", "state", "string",
                                  "Some of proposed, queued, running, verifying, held, done, "
                                  "failed, cancelled, separated by commas."),
                        parameter("query", "target", "string", "Of this instance."),
                        parameter("query", "executor", "string", "Run by this one."),
                        parameter("query", "decision", "string", "Of this push."),
                        parameter("query", "expectation", "string",
                                  "That close leaves of this expectation."),
                        parameter("query", "limit", "integer", "At most so many; 1000 by default."),
                        parameter("query", "after", "string", "Behind what a link names.")},
                  answers("200",
                          json_response("The tasks; the total where nothing is left out.",
                                        array_of("Task"), {"X-Total-Count", "Link"}),
                          {400, 406, 500, 503}))},
             {"post",
              with_body(operation("queueTask", "Queues the tasks that close leaves.", {},
                                  answers("201",
                                          json_response("Queued, as far as it can be.",
                                                        reference("schemas", "QueuedTasks")),
                                          {400, 404, 406, 409, 413, 415, 422, 500, 503})),
                        content_of({"application/json"}, reference("schemas", "TasksRequest")))}});
}

void add_one(Object& paths) {
  const Value task = reference("schemas", "Task");
  const auto changed = [&](std::string id, std::string summary) {
    return operation(std::move(id), std::move(summary), {},
                     answers("200", json_response("The task as it is now.", task),
                             {400, 404, 406, 409, 500, 503}));
  };
  paths.set(
      "/diffo/v1/tasks/{id}",
      Object{{"parameters", id_parameter()},
             {"get", operation("retrieveTask", "Gives a task.", {},
                               answers("200", json_response("The task.", task),
                                       {400, 404, 406, 500, 503}))},
             {"patch",
              with_body(operation("tellOfTask", "Tells what became of a running task.", {},
                                  answers("200", json_response("The task as it is now.", task),
                                          {400, 404, 406, 409, 415, 500, 503})),
                        content_of({"application/json", "application/merge-patch+json"},
                                   reference("schemas", "ToldOfTask")))}});
  for (const auto& [verb, id, summary] :
       {std::tuple("approve", "approveTask", "Lets a proposed task be run."),
        {"reject", "rejectTask", "Cancels a task that has not begun; it is not proposed again."},
        {"release", "releaseTask", "Queues a held task again."}})
    paths.set(std::string("/diffo/v1/tasks/{id}/") + verb,
              Object{{"parameters", id_parameter()}, {"post", changed(id, summary)}});
}

void add_hold(Object& paths) {
  const Object held = answers("200", json_response("How it is now.", reference("schemas", "Hold")),
                              {400, 406, 409, 415, 500, 503});
  paths.set(
      "/diffo/v1/tasks/hold",
      Object{{"get", operation("retrieveHold", "Says whether tasks are held back.", {}, held)},
             {"post", openapi::with_optional_body(
                          operation("hold", "Holds all tasks back.", {}, held),
                          content_of({"application/json"}, reference("schemas", "HoldRequest")))},
             {"delete", operation("resume", "Lets tasks be begun again.", {}, held)}});
}

} // namespace

void add_task_paths(Object& paths) {
  add_plan(paths);
  add_collection(paths);
  add_one(paths);
  add_hold(paths);
}

void add_task_schemas(Object& schemas) {
  add_objects(schemas, schemas_of_tasks);
}

} // namespace diffo::openapi::openapi
