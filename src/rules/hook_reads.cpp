#include "rules/hook_reads.h"

#include "base/text.h"
#include "model/domain/hops.h"
#include "model/kinds.h"
#include "model/words.h"
#include "rules/enforce.h"

#include <algorithm>
#include <array>
#include <utility>

namespace diffo::rules {
namespace {

using graph::Element;
namespace words = model::words;

struct NamedFamily {
  std::string_view name;
  graph::Family family;
};
constexpr std::array<NamedFamily, 4> families{{{"service", model::family_service},
                                               {"resource", model::family_resource},
                                               {"place", model::family_place},
                                               {"party", model::family_party}}};

hooks::Id id_of(graph::Family family, const std::string& id) {
  const auto found = std::find_if(families.begin(), families.end(),
                                  [family](const auto& one) { return one.family == family; });
  return {found == families.end() ? std::string() : std::string(found->name), id};
}

json::Object characteristics_of(const Element& owner) {
  json::Object all;
  for (const Element& part : owner.children)
    if (part.kind == model::kinds::characteristic) {
      const json::Value* value = part.field(words::value);
      all.set(part.field_text(words::name), value != nullptr ? *value : json::Value());
    }
  return all;
}

json::Value feature_of(const Element& feature) {
  const json::Value* enabled = feature.field(words::number_of("isEnabled"));
  return json::Object{{"isEnabled", enabled != nullptr ? *enabled : json::Value()},
                      {"characteristics", characteristics_of(feature)}};
}

hooks::Related related_of(const Element& edge) {
  return {std::string(edge.field_text(words::role)), id_of(edge.target->family, edge.target->id)};
}

void add_edge(const Element& edge, hooks::Record& record) {
  if (edge.kind == model::kinds::service_relation || edge.kind == model::kinds::resource_relation)
    record.relationships.push_back({std::string(edge.field_text(words::relationship_type)),
                                    std::string(edge.field_text(words::alias)),
                                    id_of(edge.target->family, edge.target->id)});
  else if (edge.kind == model::kinds::place_reference)
    record.places.push_back(related_of(edge));
  else if (edge.kind == model::kinds::party_reference)
    record.parties.push_back(related_of(edge));
}

} // namespace

hooks::Record seen_by_hooks(const graph::RecordDraft& draft, const model::Model& model) {
  hooks::Record record;
  record.id = id_of(draft.key.family, draft.key.id);
  record.expected = draft.which == graph::Which::expected;
  if (const model::DeclaredKind* kind = kind_of(model, draft))
    record.kind = kind->name;
  const graph::Dictionary& dictionary = model.schema().dictionary();
  for (const auto& [word, value] : draft.root.fields)
    record.attributes.set(dictionary.text(word), value);
  for (const json::Member& member : draft.root.extra)
    record.attributes.set(member.name, member.value);
  record.characteristics = characteristics_of(draft.root);
  for (const Element& part : draft.root.children)
    if (part.kind == model::kinds::feature)
      record.features.set(part.field_text(words::name), feature_of(part));
    else if (part.target)
      add_edge(part, record);
  return record;
}

Error HookReads::too_much() {
  return {ErrorCode::too_large,
          "more than " + std::to_string(hooks::Reader::most_read) + " records were to be read"};
}

Result<graph::Key> HookReads::key_of(const hooks::Id& id) const {
  for (const NamedFamily& one : families)
    if (one.name == id.family)
      return graph::Key(instance_.tenant, one.family, id.id);
  return Error{ErrorCode::invalid, "the family " + shortened(id.family, 64) +
                                       " is none of service, resource, place, party"};
}

Result<void> HookReads::spend(std::size_t count) {
  exceeded_ |= count > left_;
  if (exceeded_)
    return too_much();
  left_ -= count;
  return {};
}

void HookReads::note(const graph::Key& key, graph::Sequence sequence) {
  contributed_ += std::to_string(key.family) + '/' + key.id + '/' + std::to_string(sequence) + '/';
}

Result<std::optional<hooks::Record>> HookReads::find(const hooks::Id& id) {
  const graph::Key key = TRY(key_of(id));
  TRY(spend(1));
  graph::FetchPlan plan;
  plan.records.push_back(key);
  subgraph_.announce(plan);
  const graph::RecordRef record = subgraph_.find(key);
  note(key, record ? record->sequence() : 0);
  if (!record)
    return std::optional<hooks::Record>();
  steps_.push_back({0, instance_, key, record->sequence(), key});
  const graph::Schema& schema = subgraph_.schema();
  return std::optional(
      seen_by_hooks(record->to_draft(schema.dictionary()), model::model_of(schema)));
}

Result<std::vector<hooks::Record>> HookReads::along(const hooks::Id& from,
                                                    const std::vector<std::string>& chain) {
  if (chain.size() > model::most_hops)
    return Error{ErrorCode::invalid,
                 "a chain has at most " + std::to_string(model::most_hops) + " hops"};
  std::vector<model::Hop> via;
  via.reserve(chain.size());
  for (const std::string& hop : chain)
    via.push_back(TRY(model::parse_hop(hop)));
  const graph::Key start = TRY(key_of(from));
  auto walked = walk(subgraph_, start, via, now_);
  exceeded_ |= !walked && walked.error().code == ErrorCode::too_large;
  Walked found = TRY(std::move(walked));
  TRY(spend(found.reached.size()));
  for (Step& step : found.steps) {
    note(step.over, step.sequence);
    steps_.push_back(std::move(step));
  }
  graph::FetchPlan plan;
  plan.records = found.reached;
  subgraph_.announce(plan);
  const graph::Schema& schema = subgraph_.schema();
  std::vector<hooks::Record> records;
  records.reserve(found.reached.size());
  for (const graph::Key& key : found.reached) {
    const graph::RecordRef record = subgraph_.find(key);
    note(key, record ? record->sequence() : 0);
    if (record)
      records.push_back(
          seen_by_hooks(record->to_draft(schema.dictionary()), model::model_of(schema)));
  }
  return records;
}

} // namespace diffo::rules
