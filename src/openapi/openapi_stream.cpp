// The stream of what becomes of what is outstanding (wire.md §7.1).
#include "openapi/openapi_parts.h"

#include <utility>

namespace diffo::openapi::openapi {

using json::Array;
using json::Object;

void add_stream_path(Object& paths) {
  Array parameters{
      parameter("query", "events", "string",
                "Which: some of leaf, residue, decision, task, change, separated by commas; all by "
                "default."),
      parameter("query", "from", "string",
                "Go on behind the event with that id, or that revision."),
      parameter("header", "Last-Event-ID", "string", "The same of a reader that comes back.")};
  for (const auto& [name, description] :
       {std::pair("expectation", "Only leaves and residues of that expectation."),
        {"target", "Of the instance with that id."},
        {"family", "Of targets that are a service or a resource."},
        {"kind", "Of targets of that kind."},
        {"owner", "Of expectations of that owner."},
        {"side", "Of expectations of that side: consumer or provider."},
        {"mode", "Of expectations of that mode: observe, propose or act."},
        {"path", "At that address, or in it."},
        {"category", "missing, misaligned, undesired or unknown."},
        {"since.lt", "Outstanding since before that moment."},
        {"since.gt", "Outstanding since after that moment."},
        {"approved", "Approved, or not."},
        {"outstanding", "Neither approved nor overruled, or one of both."}})
    parameters.push_back(parameter("query", name, "string", description));
  const Object text{{"schema", Object{{"type", "string"}}}};
  paths.set(
      "/diffo/v1/stream",
      Object{{"get", operation("stream", "Tells what becomes of what is outstanding.",
                               std::move(parameters),
                               answers("200",
                                       Object{{"description", "Events, without an end."},
                                              {"content", Object{{"text/event-stream", text}}}},
                                       {400, 406, 503}))}});
}

} // namespace diffo::openapi::openapi
