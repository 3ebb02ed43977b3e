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
     "@type:string @baseType:string @schemaLocation:string callback!:uri query:string "
     "@listener:boolean @secret:string @from:integer"},
};
constexpr ObjectSchema schemas_of_delivery[] = {
    {"EventGap", "Commits that were not told, because their entries are not kept any more.",
     "from!:integer to!:integer"},
    {"HubDelivery", "A subscription, and how its delivery goes.",
     "id!:string href!:uri hub!:uri api!:string version!:string callback!:uri topic:string "
     "query:string "
     "listener!:boolean signed!:boolean by:string at!:date-time state!:string cursor!:integer "
     "lag!:integer delivered!:integer deliveredAt:date-time failures!:integer "
     "failingSince:date-time retryAt:date-time lastError:string lastErrorAt:date-time "
     "parkedAt:date-time reason:string gaps:[EventGap]"},
    {"Resend", "The first commit that is told again.", "from!:integer"},
    {"Park", "Why nothing is to be sent.", "reason:string"},
};

constexpr ObjectSchema schemas_of_events[] = {
    {"Event", "What happened to an entity, in the words of v4 of its interface.",
     "eventId!:string eventTime!:date-time eventType!:string correlationId:string domain:string "
     "title:string description:string priority:string timeOcurred:date-time fieldPath:string "
     "@sequence:integer event!:object"},
};

/// What the words for its members cannot say of a schema.
void bound_hub(Object& schemas) {
  Object& properties = schemas.find("HubCreate")->object().find("properties")->object();
  Object& secret = properties.find("@secret")->object();
  secret.set("minLength", 1);
  secret.set("maxLength", 1024);
  properties.find("@from")->object().set("minimum", 1);
  properties.find("query")->object().set("maxLength", 4096);
}

Array id_parameter() {
  return Array{parameter("path", "id", "string", "The id.")};
}

Array topic_parameter() {
  return Array{parameter("path", "topic", "string", "The id of the topic.")};
}

Array joined(Array first, Array second) {
  for (Value& one : second)
    first.push_back(std::move(one));
  return first;
}

/// Subscriptions: `name` is what they are called, `above` the parameters of the path before them.
void add_hub_at(Object& paths, const std::string& path, const std::string& name,
                const Array& above) {
  const Value hub = reference("schemas", "Hub");
  Object listed = answers("200", json_response("All of them.", array_of("Hub"), {"X-Total-Count"}),
                          {400, 406, 500, 503});
  Object made = answers("201", json_response("Subscribed.", hub, {"Location"}),
                        {400, 406, 409, 410, 413, 415, 422, 500, 501, 503});
  if (!above.empty()) {
    add_error_responses(made, {404});
    add_error_responses(listed, {404, 409});
  }
  Object collection;
  if (!above.empty())
    collection.append("parameters", above);
  collection.append("get", operation("list" + name, "Lists the subscriptions that are made here.",
                                     {}, std::move(listed)));
  collection.append(
      "post", with_body(operation("create" + name, "Subscribes to events.", {}, std::move(made)),
                        content_of({"application/json"}, reference("schemas", "HubCreate"))));
  paths.set(path, std::move(collection));
  Object deleted{{"204", Object{{"description", "Nothing is sent any more."}}}};
  add_error_responses(deleted, {400, 404, 406, 409, 422, 500, 503});
  paths.set(path + "/{id}",
            Object{{"parameters", joined(above, id_parameter())},
                   {"get", operation("retrieve" + name, "Gives a subscription.", {},
                                     answers("200", json_response("The subscription.", hub),
                                             {400, 404, 406, 500, 503}))},
                   {"delete",
                    operation("delete" + name, "Ends a subscription.", {}, std::move(deleted))}});
}

} // namespace

void add_hub(Object& paths, Object& schemas, model::Version version) {
  add_hub_at(paths, "/hub", "Hub", {});
  if (version == model::Version::v4)
    add_objects(schemas, schemas_of_v4);
  else
    add_objects(schemas, schemas_of_v5);
  bound_hub(schemas);
}

void add_topics(Object& paths, Object& schemas) {
  add_hub_at(paths, "/topic/{topic}/hub", "TopicHub", topic_parameter());
  add_objects(schemas, schemas_of_events);
  Object some = answers(
      "200", json_response("All of them.", array_of("Event"), {"X-Total-Count", "X-Result-Count"}),
      {400, 404, 406, 409, 410, 500, 503});
  some.append("206", json_response("Some of them. `Link` leads to what comes next.",
                                   array_of("Event"), {"X-Result-Count", "Link"}));
  paths.set(
      "/topic/{topic}/event",
      Object{{"parameters", topic_parameter()},
             {"get",
              operation(
                  "listEvent", "Lists the events of a topic, as far back as the journal is kept.",
                  Array{parameter("query", "fields", "string", "What is shown of an event."),
                        parameter("query", "sort", "string",
                                  "`eventTime`, or `-eventTime`: the newest first."),
                        parameter("query", "limit", "integer", "How many at most, 1000 at most."),
                        parameter("query", "offset", "integer", "How many are left out."),
                        parameter("query", "after", "string", "Where a `Link` goes on."),
                        parameter("query", "eventType", "string", "The types asked for."),
                        parameter("query", "eventTime.gte", "date-time", "From when on."),
                        parameter("query", "eventTime.lt", "date-time", "Until when.")},
                  std::move(some))}});
  paths.set(
      "/topic/{topic}/event/{id}",
      Object{{"parameters", joined(topic_parameter(), id_parameter())},
             {"get",
              operation("retrieveEvent", "Gives an event of a topic.",
                        Array{parameter("query", "fields", "string", "What is shown of it.")},
                        answers("200", json_response("The event.", reference("schemas", "Event")),
                                {400, 404, 406, 409, 410, 500, 503}))}});
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
