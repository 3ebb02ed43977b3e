#include "server/surfaces/instance_view.h"

#include "base/sha256.h"
#include "model/schema.h"
#include "rules/beside.h"
#include "tmf/diffo_profile.h"

#include <utility>

namespace diffo::server {
namespace {

/// The profile also shows what the targets of references say of themselves, and what was assigned.
EntityTag tag_of(const graph::Record& record, graph::Subgraph& subgraph,
                 const rules::Beside& beside) {
  const graph::FetchPlan targets = tmf::reads_of_references(record, subgraph.schema());
  subgraph.announce(targets);
  std::string contributed = beside.contributed;
  for (const graph::Key& key : targets.records)
    if (const graph::RecordRef target = subgraph.find(key))
      contributed += std::to_string(key.family) + '/' + key.id + '/' +
                     std::to_string(target->sequence()) + '/';
  return {record.sequence(), digest_of(contributed)};
}

} // namespace

std::vector<graph::Key> instance_keys(const graph::Principal& principal, const std::string& id) {
  return {{principal.tenant, model::family_service, id},
          {principal.tenant, model::family_resource, id}};
}

std::vector<graph::Key> profiled_keys(const graph::Principal& principal, const std::string& id) {
  std::vector<graph::Key> keys = instance_keys(principal, id);
  for (const graph::Family family : {model::family_specification, model::family_party,
                                     model::family_place, model::family_entity})
    keys.emplace_back(principal.tenant, family, id);
  return keys;
}

Result<std::vector<graph::Key>> keys_asked_for(const Call& call, const Parameters& parameters) {
  const std::string_view family = parameters.text("family");
  if (parameters.has("family") && family != "service" && family != "resource")
    return Error{ErrorCode::invalid, "family: must be service or resource"};
  std::vector<graph::Key> keys =
      instance_keys(*call.principal, std::string(call.request.parameter("id")));
  if (!family.empty())
    std::erase_if(keys, [family](const graph::Key& key) {
      return (family == "service") != (key.family == model::family_service);
    });
  return keys;
}

Result<std::vector<graph::Key>> keys_with_history(const Call& call, const Parameters& parameters) {
  const std::string_view family = parameters.text("family");
  for (const model::ApiRow& row : model::apis)
    if (!model::is_of_instances(row.api) && row.collection == family)
      return std::vector<graph::Key>{
          {call.principal->tenant, row.family, std::string(call.request.parameter("id"))}};
  return keys_asked_for(call, parameters);
}

Error ambiguous_id() {
  return {ErrorCode::conflict, "a service and a resource have that id: say which with family"};
}

Result<graph::RecordRef> instance_asked_for(const Call& call, const Parameters& parameters,
                                            graph::Subgraph& subgraph) {
  graph::FetchPlan plan;
  plan.records = TRY(keys_asked_for(call, parameters));
  subgraph.announce(plan);
  graph::RecordRef found;
  for (const graph::Key& key : plan.records) {
    graph::RecordRef record = subgraph.find(key);
    if (record && found)
      return ambiguous_id();
    if (record)
      found = std::move(record);
  }
  if (!found)
    return Error{ErrorCode::not_found,
                 "there is no instance with id " + std::string(call.request.parameter("id"))};
  return found;
}

Result<ShownInstance> show_instance(const Call& call, const std::vector<graph::Key>& keys,
                                    const std::vector<std::string>& load, graph::Subgraph& subgraph,
                                    std::optional<std::int64_t> now) {
  for (const graph::Key& key : keys) {
    const graph::RecordRef record = subgraph.find(key);
    if (!record)
      continue;
    const bool looks = now && rules::shows_more(model::model_of(subgraph.schema()), *record);
    rules::Beside beside = looks ? rules::look_beside(subgraph, key, *now) : rules::Beside();
    if (now)
      TRY(rules::load_beside(beside, subgraph, *record, load, *now));
    ShownInstance shown{tag_of(*record, subgraph, beside), {}};
    if (TRY(Conditions(call.request).judge(shown.tag)) == Conditions::Verdict::proceed)
      tmf::emit_diffo_profile(*record, subgraph, beside, shown.body);
    return shown;
  }
  return Error{ErrorCode::not_found,
               "there is no instance with id " + (keys.empty() ? std::string() : keys.front().id)};
}

void answer_instance_written(const Services& services, const CallRef& call, int status,
                             graph::RecordRef record, Headers headers) {
  const graph::Key key = record->key();
  services.store.read({}, tmf::reads_of_diffo_profile({key}), nullptr,
                      [&services, call, status, record = std::move(record),
                       headers = std::move(headers), key](Result<graph::Subgraph> read) mutable {
                        if (!read)
                          return answer_error(*call, read.error());
                        const rules::Beside beside =
                            rules::look_beside(*read, key, services.clock.now().microseconds);
                        std::string body;
                        tmf::emit_diffo_profile(*record, *read, beside, body);
                        headers.emplace_back("ETag", tag_of(*record, *read, beside).text());
                        answer(*call, status, std::move(body), std::move(headers));
                      });
}

} // namespace diffo::server
