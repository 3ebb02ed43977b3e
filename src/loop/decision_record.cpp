#include "loop/decision_record.h"

#include "base/time.h"
#include "graph/schema.h"
#include "loop/expectation_record.h"
#include "model/kinds.h"

#include <array>
#include <utility>

namespace diffo::loop {
namespace {

using json::Value;

Value fall_member(const Fall& fall) {
  return json::Object{{"at", kept_moment(fall.at)}, {"reason", fall.reason}};
}

std::optional<Fall> fall_in(const Value& object) {
  const auto at = kept_moment_in(object, "at");
  return at ? std::optional(Fall{*at, std::string(object.text_of("reason"))}) : std::nullopt;
}

Error damaged(const graph::Record& record) {
  return {ErrorCode::corrupt, "the decision " + record.id() + " cannot be read"};
}

} // namespace

std::string_view name_of(Verdict verdict) {
  constexpr std::array<std::string_view, 3> names{"push", "adopt", "approve"};
  return names[static_cast<std::size_t>(verdict)];
}

std::optional<Verdict> verdict_of(std::string_view name) {
  for (const Verdict verdict : {Verdict::push, Verdict::adopt, Verdict::approve})
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
  members.push_back({"at", kept_moment(decision.at)});
  if (decision.until)
    members.push_back({"until", kept_moment(*decision.until)});
  json::Array leaves;
  for (const DecidedLeaf& leaf : decision.leaves)
    leaves.push_back(kept_leaf(leaf));
  members.push_back({"leaves", std::move(leaves)});
  if (!decision.tasks.empty())
    members.push_back({"tasks", json::Array(decision.tasks.begin(), decision.tasks.end())});
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
  const auto at = kept_moment_in(document, "at");
  const Value* leaves = document.find("leaves");
  if (!verdict || !at || leaves == nullptr || !leaves->is_array())
    return damaged(record);
  decision.verdict = *verdict;
  decision.by = document.text_of("by");
  decision.reason = document.text_of("because");
  decision.at = *at;
  decision.until = kept_moment_in(document, "until");
  for (const Value& value : leaves->array()) {
    auto leaf = kept_leaf_in(value, record.tenant());
    if (!leaf)
      return damaged(record);
    decision.leaves.push_back(*std::move(leaf));
  }
  if (const Value* tasks = document.find("tasks"); tasks != nullptr && tasks->is_array())
    for (const Value& id : tasks->array())
      decision.tasks.push_back(id.is_string() ? id.string() : std::string());
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
    json::Object shown = shown_leaf(leaf, schema);
    if (const auto fall = decision.fallen.find(leaf.id); fall != decision.fallen.end())
      shown.append("fell", fall_member(fall->second));
    leaves.emplace_back(std::move(shown));
  }
  document.append("leaves", std::move(leaves));
  if (!decision.tasks.empty())
    document.append("tasks", json::Array(decision.tasks.begin(), decision.tasks.end()));
  return document;
}

} // namespace diffo::loop
