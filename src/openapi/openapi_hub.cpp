// Subscriptions to events, and their delivery (wire.md §10).
#include "openapi/openapi_parts.h"

#include <string>
#include <tuple>
#include <utility>

namespace diffo::openapi::openapi {
namespace {

using json::Array;
using json::Object;
using json::Value;

constexpr ObjectSchema schemas_of_v4[] = {
    {"Hub", "Who is told of events.", "id!:string callback!:uri query:string @listener:boolean"},
    {"HubCreate",
     "Who wants to be told of events. The extensions: whether events go to "
     "CALLBACK/listener/EVENT, what they are signed with, and the first commit to be told of.",
     "callback!:uri query:string @listener:boolean @secret:string @from:integer"},
};
constexpr ObjectSchema schemas_of_v5[] = {
    {"Hub", "Who is told of events.",
     "@type!:string id!:string href!:uri callback!:uri query:string @listener:boolean"},
    {"HubCreate",
     "Who wants to be told of events. The extensions: whether events go to "
     "CALLBACK/listener/EVENT, what they are signed with, and the first commit to be told of.",
     "@type:string @baseType:string @schemaLocation:uri callback!:uri query:string "
     "@listener:boolean @secret:string @from:integer"},
};
constexpr ObjectSchema schemas_of_delivery[] = {
    {"EventGap", "Commits that were not told, because their entries are not kept any more.",
     "from!:integer to!:integer"},
    {"HubDelivery", "A subscription, and how its delivery goes.",
     "id!:string href!:uri hub!:uri api!:string version!:string callback!:uri query:string "
     "listener!:boolean signed!:boolean by:string at!:date-time state!:string cursor!:integer "
     "lag!:integer delivered!:integer deliveredAt:date-time failures!:integer "
     "failingSince:date-time retryAt:date-time lastError:string lastErrorAt:date-time "
     "parkedAt:date-time reason:string gaps:[EventGap]"},
    {"Resend", "The first commit that is told again.", "from!:integer"},
    {"Park", "Why nothing is to be sent.", "reason:string"},
};

Value id_parameter() {
  return Array{parameter("path", "id", "string", "The id.")};
}

} // namespace

void add_hub(Object& paths, Object& schemas, model::Version version) {
  const Value hub = reference("schemas", "Hub");
  paths.set(
      "/hub",
      Object{{"get",
              operation("listHub", "Lists the subscriptions of this API and version.", {},
                        answers("200",
                                json_response("All of them.", array_of("Hub"), {"X-Total-Count"}),
                                {400, 406, 500, 503}))},
             {"post",
              with_body(operation("createHub", "Subscribes to events.", {},
                                  answers("201", json_response("Subscribed.", hub, {"Location"}),
                                          {400, 406, 409, 410, 413, 415, 422, 500, 501, 503})),
                        content_of({"application/json"}, reference("schemas", "HubCreate")))}});
  Object deleted{{"204", Object{{"description", "Nothing is sent any more."}}}};
  add_error_responses(deleted, {400, 404, 406, 409, 422, 500, 503});
  paths.set(
      "/hub/{id}",
      Object{{"parameters", id_parameter()},
             {"get", operation("retrieveHub", "Gives a subscription.", {},
                               answers("200", json_response("The subscription.", hub),
                                       {400, 404, 406, 500, 503}))},
             {"delete", operation("deleteHub", "Ends a subscription.", {}, std::move(deleted))}});
  if (version == model::Version::v4)
    add_objects(schemas, schemas_of_v4);
  else
    add_objects(schemas, schemas_of_v5);
}

void add_delivery_paths(Object& paths) {
  const Value one = reference("schemas", "HubDelivery");
  const Object now = answers("200", json_response("How it is now.", one),
                             {400, 404, 406, 409, 410, 413, 415, 500, 503});
  paths.set(
      "/diffo/v1/hubs",
      Object{{"get", operation("listHubDelivery", "Tells how events reach their subscribers.",
                               Array{parameter("query", "state", "string",
                                               "Some of current, behind, retrying, parked, "
                                               "separated by commas.")},
                               answers("200",
                                       json_response("All subscriptions.", array_of("HubDelivery"),
                                                     {"X-Total-Count"}),
                                       {400, 406, 500, 503}))}});
  paths.set("/diffo/v1/hubs/{id}",
            Object{{"parameters", id_parameter()},
                   {"get", operation("retrieveHubDelivery", "Tells how it goes with one.", {},
                                     answers("200", json_response("How it is now.", one),
                                             {400, 404, 406, 500, 503}))}});
  for (const auto& [verb, id, summary, body] :
       {std::tuple("resend", "resendHub", "Tells again what was committed from there on.",
                   "Resend"),
        {"park", "parkHub", "Sends nothing until it is resumed.", "Park"}})
    paths.set(
        std::string("/diffo/v1/hubs/{id}/") + verb,
        Object{{"parameters", id_parameter()},
               {"post", with_body(operation(id, summary, {}, now),
                                  content_of({"application/json"}, reference("schemas", body)))}});
  paths.set("/diffo/v1/hubs/{id}/resume",
            Object{{"parameters", id_parameter()},
                   {"post", operation("resumeHub", "Goes on where it was parked.", {}, now)}});
}

void add_delivery_schemas(Object& schemas) {
  add_objects(schemas, schemas_of_delivery);
}

} // namespace diffo::openapi::openapi
