#include "loop/decision_record.h"

#include "base/dates.h"
#include "base/time.h"
#include "graph/schema.h"
#include "loop/expectation_record.h"
#include "model/kinds.h"

#include <utility>

namespace diffo::loop {
namespace {

using json::Value;

Value moment(std::int64_t microseconds) {
  return text_of_microseconds(Timestamp{microseconds});
}

std::optional<std::int64_t> moment_in(const Value& object, std::string_view member) {
  const auto instants = parse_instants(object.text_of(member));
  return instants ? std::optional(instants->from) : std::nullopt;
}

/// Records keep numbers of families; a selector has none.
json::Object key_member(const graph::Key& key) {
  return json::Object{{"family", static_cast<std::int64_t>(key.family)}, {"id", key.id}};
}

std::optional<graph::Key> key_in(const Value& object, std::string_view member,
                                 graph::Tenant tenant) {
  const Value* key = object.find(member);
  const Value* family = key != nullptr ? key->find("family") : nullptr;
  const std::int64_t* number = family != nullptr ? family->if_integer() : nullptr;
  if (number == nullptr || *number < 0 || *number > UINT8_MAX)
    return std::nullopt;
  return graph::Key(tenant, static_cast<graph::Family>(*number), std::string(key->text_of("id")));
}

Value fall_member(const Fall& fall) {
  return json::Object{{"at", moment(fall.at)}, {"reason", fall.reason}};
}

std::optional<Fall> fall_in(const Value& object) {
  const auto at = moment_in(object, "at");
  return at ? std::optional(Fall{*at, std::string(object.text_of("reason"))}) : std::nullopt;
}

Error damaged(const graph::Record& record) {
  return {ErrorCode::corrupt, "the decision " + record.id() + " cannot be read"};
}

std::optional<DecidedLeaf> leaf_in(const Value& value, graph::Tenant tenant) {
  const auto id = LeafId::parse(value.text_of("id"));
  const auto fingerprint = fingerprint_of(value.text_of("fingerprint"));
  auto expectation = key_in(value, "expectation", tenant);
  auto target = key_in(value, "target", tenant);
  if (!id || !fingerprint || !expectation || !target)
    return std::nullopt;
  return DecidedLeaf{*id, *fingerprint, *std::move(expectation), *std::move(target),
                     std::string(value.text_of("address"))};
}

} // namespace

std::string_view name_of(Verdict verdict) {
  return verdict == Verdict::adopt ? "adopt" : "approve";
}

std::optional<Verdict> verdict_of(std::string_view name) {
  for (const Verdict verdict : {Verdict::adopt, Verdict::approve})
    if (name_of(verdict) == name)
      return verdict;
  return std::nullopt;
}

std::map<LeafId, const DecidedLeaf*> Decision::standing() const {
  std::map<LeafId, const DecidedLeaf*> standing;
  if (verdict != Verdict::approve || undone)
    return standing;
  for (const DecidedLeaf& leaf : leaves)
    if (!fallen.contains(leaf.id))
      standing.emplace(leaf.id, &leaf);
  return standing;
}

graph::RecordDraft decision_draft(const Decision& decision, graph::Tenant tenant) {
  graph::RecordDraft draft;
  draft.key = {tenant, model::family_decision, decision.id};
  draft.root.kind = model::kinds::decision;
  auto& members = draft.root.extra;
  members.push_back({"decision", name_of(decision.verdict)});
  members.push_back({"by", decision.by});
  members.push_back({"because", decision.reason});
  members.push_back({"at", moment(decision.at)});
  if (decision.until)
    members.push_back({"until", moment(*decision.until)});
  json::Array leaves;
  for (const DecidedLeaf& leaf : decision.leaves)
    leaves.push_back(json::Object{{"id", leaf.id.text()},
                                  {"fingerprint", text_of(leaf.fingerprint)},
                                  {"expectation", key_member(leaf.expectation)},
                                  {"target", key_member(leaf.target)},
                                  {"address", leaf.address}});
  members.push_back({"leaves", std::move(leaves)});
  json::Object fallen;
  for (const auto& [leaf, fall] : decision.fallen)
    fallen.append(leaf.text(), fall_member(fall));
  if (!fallen.empty())
    members.push_back({"fallen", std::move(fallen)});
  if (decision.undone)
    members.push_back({"undone", fall_member(*decision.undone)});
  return draft;
}

Result<Decision> stored_decision(const graph::Record& record, const graph::Schema& schema) {
  const Value document = expectation_document(record, schema);
  Decision decision;
  decision.id = record.id();
  const auto verdict = verdict_of(document.text_of("decision"));
  const auto at = moment_in(document, "at");
  const Value* leaves = document.find("leaves");
  if (!verdict || !at || leaves == nullptr || !leaves->is_array())
    return damaged(record);
  decision.verdict = *verdict;
  decision.by = document.text_of("by");
  decision.reason = document.text_of("because");
  decision.at = *at;
  decision.until = moment_in(document, "until");
  for (const Value& value : leaves->array()) {
    auto leaf = leaf_in(value, record.tenant());
    if (!leaf)
      return damaged(record);
    decision.leaves.push_back(*std::move(leaf));
  }
  if (const Value* fallen = document.find("fallen"); fallen != nullptr && fallen->is_object())
    for (const json::Member& member : fallen->object())
      if (const auto id = LeafId::parse(member.name))
        if (auto fall = fall_in(member.value))
          decision.fallen.emplace(*id, *std::move(fall));
  if (const Value* undone = document.find("undone"))
    decision.undone = fall_in(*undone);
  return decision;
}

json::Value decision_document(const Decision& decision, const graph::Schema& schema) {
  const auto shown_key = [&schema](const graph::Key& key) {
    const graph::FamilyDefinition* family = schema.family(key.family);
    return json::Object{{"family", family != nullptr ? family->name : std::string()},
                        {"id", key.id}};
  };
  json::Object document{{"id", decision.id}, {"decision", name_of(decision.verdict)}};
  if (!decision.by.empty())
    document.append("by", decision.by);
  if (!decision.reason.empty())
    document.append("reason", decision.reason);
  document.append("at", text_of(Timestamp{decision.at}));
  if (decision.until)
    document.append("until", text_of(Timestamp{*decision.until}));
  const auto standing = decision.standing();
  if (decision.verdict == Verdict::approve)
    document.append("holds", !standing.empty());
  if (decision.undone)
    document.append("undone", fall_member(*decision.undone));
  json::Array leaves;
  for (const DecidedLeaf& leaf : decision.leaves) {
    json::Object shown{{"id", leaf.id.text()},
                       {"fingerprint", text_of(leaf.fingerprint)},
                       {"expectation", shown_key(leaf.expectation)}};
    if (!is_selector(leaf.target))
      shown.append("target", shown_key(leaf.target));
    shown.append("address", leaf.address);
    if (const auto fall = decision.fallen.find(leaf.id); fall != decision.fallen.end())
      shown.append("fell", fall_member(fall->second));
    leaves.emplace_back(std::move(shown));
  }
  document.append("leaves", std::move(leaves));
  return document;
}

} // namespace diffo::loop
