#include "openapi/openapi_parts.h"

#include <string>
#include <utility>

/// What stands outstanding, and decisions on it (wire.md §7.1, §7.2).
namespace diffo::openapi::openapi {
namespace {

using json::Array;
using json::Object;
using json::Value;

constexpr ObjectSchema schemas_of_residues[] = {
    {"ResidueTarget", "The instance, or what an expectation says of one that does not exist.",
     "id:string family:string kind:string href:uri", true},
    {"ResidueCounts", "Leaves by category, and how many of them do not count.",
     "missing!:integer misaligned!:integer undesired!:integer unknown!:integer approved!:integer "
     "overruled!:integer"},
    {"Residue", "What is outstanding of one expectation at one target.",
     "expectation!:string name:string target!:ResidueTarget owner:string side!:string mode!:string "
     "revision!:integer since:date-time error:string counts!:ResidueCounts outstanding!:boolean "
     "leaves:[Leaf]"},
    {"LeafPlace", "Where an actual stands that is not in the target.",
     "family!:string id!:string pointer!:string"},
    {"Contradiction", "The expectation of the same priority that refuses what would meet the leaf.",
     "id!:string owner:string"},
    {"LeafDecision", "The approval that holds.",
     "id!:string decision!:string by:string reason:string until:date-time"},
    {"Leaf", "One place in which an expectation is not met.",
     "id!:string fingerprint!:string expectation!:string target!:ResidueTarget pointer:string "
     "address!:string category!:string closable!:boolean expected:any actual:any rule:string "
     "place:LeafPlace unknown:string since!:date-time source:string observedAt:date-time "
     "nextFlip:date-time decision:LeafDecision overruledBy:string contradictedBy:Contradiction "
     "task:LeafTask "
     "outstanding!:boolean"},
    {"ResidueSum", "Leaves that have something in common.",
     "kind:string owner:string category:string path:string leaves!:integer outstanding!:integer "
     "oldest!:date-time"},
    {"RecordRef", "A record.", "family!:string id!:string"},
    {"Fall", "When and why something no longer holds.", "at!:date-time reason!:string"},
    {"LeafTask", "The task that is to close the leaf.", "id!:string state:string reason:string"},
    {"DecidedLeaf", "A leaf as it was decided on.",
     "id!:string fingerprint!:string expectation!:RecordRef target:RecordRef address!:string "
     "fell:Fall"},
    {"Decision",
     "What was decided, by whom and why; changed: expectations that were adopted; tasks: those of "
     "a "
     "push, or their ids.",
     "id:string decision!:string by:string reason:string at!:date-time until:date-time "
     "holds:boolean undone:Fall leaves!:[DecidedLeaf] tasks:[any] changed:[Expectation]"},
    {"DecisionRequest",
     "One of leaves, residue and filter; push, adopt or approve; scope all: an expectation of "
     "several targets may be adopted.",
     "leaves:[any] residue:object filter:string decision!:string reason:string until:string "
     "scope:string dryRun:boolean"},
    {"TruthExpectation", "An expectation of the instance.",
     "expectation!:string name:string owner:string side!:string mode!:string outstanding!:boolean "
     "error:string"},
    {"TruthLeaf", "One place in which something is expected, met or not.",
     "id:string fingerprint:string expectation!:string pointer:string address!:string "
     "category:string closable:boolean expected:any actual:any rule:string place:LeafPlace "
     "unknown:string since:date-time source:string observedAt:date-time nextFlip:date-time "
     "decision:LeafDecision overruledBy:string contradictedBy:Contradiction task:LeafTask "
     "met!:boolean outstanding!:boolean"},
    {"Unseen", "Who no longer sees an instance; means: unknown or missing.",
     "source!:string since!:date-time means!:string"},
    {"Truth", "An instance with both truths: what is expected of it and what is there.",
     "id!:string family!:string kind:string unseen:Unseen expectations!:[TruthExpectation] "
     "leaves!:[TruthLeaf]"},
    {"Patch", "The changes that close what one change can close, each behind a test.",
     "target!:ResidueTarget version!:string ops!:[object]"},
};

Array filter_parameters() {
  const auto text = [](std::string_view name, std::string_view about) {
    return parameter("query", name, "string", about);
  };
  return {text("expectation", "Of this expectation."),
          text("target", "Of this instance."),
          text("family", "Of services or of resources."),
          text("kind", "Of instances of this kind, or with this specification."),
          text("owner", "Of expectations of this owner."),
          text("side", "consumer or provider."),
          text("mode", "observe, propose or act."),
          text("path", "At this address or in it."),
          text("category", "missing, misaligned, undesired or unknown."),
          text("since.lt", "Outstanding since before then."),
          text("since.gt", "Outstanding since after then."),
          text("approved", "true or false."),
          text("outstanding", "true: neither approved nor overruled; false: one of these.")};
}

Array list_parameters() {
  Array parameters = filter_parameters();
  parameters.push_back(parameter("query", "sort", "string", "since (the oldest first) or -since."));
  parameters.push_back(parameter("query", "limit", "integer", "At most so many; 1000 by default."));
  parameters.push_back(parameter("query", "after", "string", "Behind what a link names."));
  return parameters;
}

void add_standing(Object& paths) {
  Array of_residues = list_parameters();
  of_residues.push_back(parameter("query", "leaves", "string", "Present: with all leaves."));
  of_residues.push_back(parameter("query", "asPatch", "string",
                                  "Present: as the JSON Patches that close what can be closed."));
  const Value rows =
      json_response("The residues; with asPatch a patch for each document.",
                    Object{{"type", "array"},
                           {"items", Object{{"anyOf", Array{reference("schemas", "Residue"),
                                                            reference("schemas", "Patch")}}}}},
                    {"X-Total-Count", "Link", "X-Diffo-Revision"});
  paths.set("/diffo/v1/residues",
            Object{{"get", operation("listResidue", "Lists what stands outstanding.",
                                     std::move(of_residues),
                                     answers("200", rows, {400, 406, 413, 500, 503}))}});
  paths.set(
      "/diffo/v1/leaves",
      Object{{"get", operation("listLeaf", "Lists what stands outstanding, leaf by leaf.",
                               list_parameters(),
                               answers("200",
                                       json_response("The leaves.", array_of("Leaf"),
                                                     {"X-Total-Count", "Link", "X-Diffo-Revision"}),
                                       {400, 406, 413, 500, 503}))}});
  Array by = filter_parameters();
  by.push_back(parameter("query", "by", "string", "kind, owner, category or path."));
  paths.set("/diffo/v1/residues/summary",
            Object{{"get", operation("sumResidue", "Counts what stands outstanding.", std::move(by),
                                     answers("200",
                                             json_response("The counts.", array_of("ResidueSum"),
                                                           {"X-Diffo-Revision"}),
                                             {400, 406, 413, 500, 503}))}});
}

void add_truth(Object& paths) {
  paths.set(
      "/diffo/v1/instances/{id}/truth",
      Object{{"parameters", Array{parameter("path", "id", "string", "The id.")}},
             {"get", operation("truth", "Shows what is expected of an instance and what is there.",
                               Array{parameter("query", "family", "string",
                                               "service or resource, where both have the id.")},
                               answers("200",
                                       json_response("Both truths.", reference("schemas", "Truth"),
                                                     {"X-Diffo-Revision"}),
                                       {400, 404, 406, 409, 413, 500, 503}))}});
}

void add_decisions(Object& paths) {
  const Value decision = reference("schemas", "Decision");
  Object decided = answers("201", json_response("Decided.", decision, {"Location"}),
                           {400, 404, 406, 409, 413, 415, 422, 500, 501, 503});
  decided.set("200", json_response("What would be decided.", decision, {"X-Diffo-Revision"}));
  paths.set(
      "/diffo/v1/decisions",
      Object{
          {"get",
           operation(
               "listDecision", "Lists the decisions, also those that fell.",
               Array{parameter("query", "limit", "integer", "At most so many; 1000 by default."),
                     parameter("query", "after", "string", "Behind what a link names.")},
               answers(
                   "200",
                   json_response("The decisions.", array_of("Decision"), {"X-Total-Count", "Link"}),
                   {400, 406, 500, 503}))},
          {"post",
           with_body(operation("decide", "Decides on leaves, all or none.", {}, std::move(decided)),
                     content_of({"application/json"}, reference("schemas", "DecisionRequest")))}});
  paths.set(
      "/diffo/v1/decisions/{id}",
      Object{{"parameters", Array{parameter("path", "id", "string", "The id.")}},
             {"get", operation("retrieveDecision", "Gives a decision.", {},
                               answers("200", json_response("The decision.", decision),
                                       {400, 404, 406, 500, 503}))},
             {"delete", operation("undoDecision", "Undoes a decision, where that is possible.", {},
                                  answers("204", Object{{"description", "Undone."}},
                                          {400, 404, 406, 409, 500, 503}))}});
}

} // namespace

void add_residue_paths(Object& paths) {
  add_standing(paths);
  add_decisions(paths);
  add_truth(paths);
}

void add_residue_schemas(Object& schemas) {
  add_objects(schemas, schemas_of_residues);
}

} // namespace diffo::openapi::openapi
