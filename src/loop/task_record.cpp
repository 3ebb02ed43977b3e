#include "loop/task_record.h"

#include "base/time.h"
#include "base/url_text.h"
#include "graph/schema.h"
#include "loop/expectation_record.h"
#include "model/kinds.h"

#include <array>
#include <utility>

namespace diffo::loop {
namespace {

using json::Value;

constexpr std::array<std::string_view, 8> state_names{"proposed", "queued", "running", "verifying",
                                                      "held",     "done",   "failed",  "cancelled"};

Error damaged(const graph::Record& record) {
  return {ErrorCode::corrupt, "the task " + record.id() + " cannot be read"};
}

Result<std::vector<DecidedLeaf>> leaves_in(const Value& document, const graph::Record& record) {
  const Value* because = document.find("because");
  if (because == nullptr || !because->is_array())
    return damaged(record);
  std::vector<DecidedLeaf> leaves;
  for (const Value& value : because->array()) {
    auto leaf = kept_leaf_in(value, record.tenant());
    if (!leaf)
      return damaged(record);
    leaves.push_back(*std::move(leaf));
  }
  return leaves;
}

void append_text(json::Object& document, std::string_view name, const std::string& text) {
  if (!text.empty())
    document.append(std::string(name), text);
}

} // namespace

std::string_view name_of(TaskState state) {
  return state_names[static_cast<std::size_t>(state)];
}

std::optional<TaskState> task_state_of(std::string_view name) {
  for (std::size_t at = 0; at < state_names.size(); ++at)
    if (state_names[at] == name)
      return static_cast<TaskState>(at);
  return std::nullopt;
}

graph::RecordDraft task_draft(const Task& task, graph::Tenant tenant) {
  graph::RecordDraft draft;
  draft.key = {tenant, model::family_task, task.id};
  draft.root.kind = model::kinds::task;
  auto& members = draft.root.extra;
  const auto add_text = [&members](const char* name, const std::string& text) {
    if (!text.empty())
      members.push_back({name, text});
  };
  // What is reserved for records as such has another name.
  members.push_back({"step", name_of(task.state)});
  members.push_back({"target", kept_key(task.target)});
  add_text("targetKind", task.kind);
  add_text("targetName", task.name);
  if (task.creates)
    members.push_back({"creates", true});
  members.push_back({"version", outstanding::name_of(task.profile)});
  members.push_back({"change", task.change});
  members.push_back({"patch", task.patch});
  json::Array because;
  for (const DecidedLeaf& leaf : task.because)
    because.push_back(kept_leaf(leaf));
  members.push_back({"because", std::move(because)});
  add_text("executor", task.executor);
  if (!task.after.empty())
    members.push_back({"behind", json::Array(task.after.begin(), task.after.end())});
  add_text("decision", task.decision);
  add_text("by", task.by);
  add_text("reason", task.reason);
  members.push_back({"at", kept_moment(task.at)});
  members.push_back({"changed", kept_moment(task.changed)});
  members.push_back({"attempts", static_cast<std::int64_t>(task.attempts)});
  if (task.spent > 0)
    members.push_back({"spent", static_cast<std::int64_t>(task.spent)});
  if (task.accepted)
    members.push_back({"accepted", true});
  if (task.rejected)
    members.push_back({"rejected", true});
  add_text("follow", task.follow);
  if (task.not_before)
    members.push_back({"notBefore", kept_moment(*task.not_before)});
  if (task.until)
    members.push_back({"until", kept_moment(*task.until)});
  return draft;
}

Result<Task> stored_task(const graph::Record& record, const graph::Schema& schema) {
  const Value document = expectation_document(record, schema);
  const auto state = task_state_of(document.text_of("step"));
  auto target = kept_key_in(document, "target", record.tenant());
  const auto profile = outstanding::profile_of(document.text_of("version"));
  const auto at = kept_moment_in(document, "at");
  const auto changed = kept_moment_in(document, "changed");
  if (!state || !target || !profile || !at || !changed)
    return damaged(record);
  Task task;
  task.id = record.id();
  task.state = *state;
  task.target = *std::move(target);
  task.profile = *profile;
  task.because = TRY(leaves_in(document, record));
  task.at = *at;
  task.changed = *changed;
  for (auto& [name, text] : {std::pair("targetKind", &task.kind),
                             {"targetName", &task.name},
                             {"executor", &task.executor},
                             {"decision", &task.decision},
                             {"by", &task.by},
                             {"reason", &task.reason},
                             {"follow", &task.follow}})
    *text = document.text_of(name);
  for (auto& [name, value] : {std::pair("change", &task.change), {"patch", &task.patch}})
    if (const Value* kept = document.find(name))
      *value = *kept;
  for (auto& [name, flag] : {std::pair("creates", &task.creates),
                             {"accepted", &task.accepted},
                             {"rejected", &task.rejected}})
    if (const Value* kept = document.find(name))
      *flag = kept->is_boolean() && kept->boolean();
  if (const Value* behind = document.find("behind"); behind != nullptr && behind->is_array())
    for (const Value& id : behind->array())
      task.after.push_back(id.is_string() ? id.string() : std::string());
  for (const auto& [name, count] : {std::pair("attempts", &task.attempts), {"spent", &task.spent}})
    if (const Value* kept = document.find(name))
      if (const std::int64_t* number = kept->if_integer())
        *count = static_cast<std::uint64_t>(*number);
  task.not_before = kept_moment_in(document, "notBefore");
  task.until = kept_moment_in(document, "until");
  return task;
}

Value task_document(const Task& task, const graph::Schema& schema, std::string_view origin) {
  json::Object document{{"id", task.id}};
  document.append("href", std::string(origin) + "/diffo/v1/tasks/" + task.id);
  document.append("state", name_of(task.state));
  append_text(document, "reason", task.reason);
  json::Object target;
  if (!is_selector(task.target)) {
    const bool service = task.target.family == model::family_service;
    target.append("id", task.target.id);
    target.append("family", service ? "service" : "resource");
    std::string href =
        std::string(origin) + "/tmf-api/" + (service ? "serviceInventory/" : "resourceInventory/");
    href += outstanding::name_of(task.profile);
    href += service ? "/service/" : "/resource/";
    append_percent_encoded(href, task.target.id);
    target.append("href", std::move(href));
  }
  append_text(target, "kind", task.kind);
  append_text(target, "name", task.name);
  document.append("target", std::move(target));
  if (task.creates)
    document.append("creates", true);
  document.append("change", task.change);
  document.append(
      "patch", json::Object{{"version", outstanding::name_of(task.profile)}, {"ops", task.patch}});
  json::Array because;
  json::Array precondition;
  for (const DecidedLeaf& leaf : task.because) {
    because.emplace_back(shown_leaf(leaf, schema));
    precondition.emplace_back(text_of(leaf.fingerprint));
  }
  document.append("because", std::move(because));
  document.append("precondition", std::move(precondition));
  append_text(document, "executor", task.executor);
  document.append("attempts", static_cast<std::int64_t>(task.attempts));
  if (!task.after.empty())
    document.append("after", json::Array(task.after.begin(), task.after.end()));
  append_text(document, "decision", task.decision);
  append_text(document, "by", task.by);
  document.append("at", text_of(Timestamp{task.at}));
  document.append("changedAt", text_of(Timestamp{task.changed}));
  if (task.accepted)
    document.append("accepted", true);
  if (task.not_before)
    document.append("notBefore", text_of(Timestamp{*task.not_before}));
  if (task.until)
    document.append("until", text_of(Timestamp{*task.until}));
  return document;
}

} // namespace diffo::loop
