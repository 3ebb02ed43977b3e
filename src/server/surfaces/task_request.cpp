#include "server/surfaces/task_request.h"

#include "base/dates.h"
#include "base/time.h"
#include "server/call.h"

#include <algorithm>
#include <utility>

namespace diffo::server {
namespace {

using json::Value;
using loop::TaskState;

Error invalid(std::string message, std::string path) {
  return {ErrorCode::invalid, std::move(message), std::move(path)};
}

Result<Value> object_in(std::string_view body, std::initializer_list<std::string_view> known) {
  Value read = TRY(read_json(body));
  if (!read.is_object())
    return invalid("must be an object", "");
  for (const json::Member& member : read.object())
    if (std::find(known.begin(), known.end(), member.name) == known.end())
      return invalid("is not known here", '/' + member.name);
  return read;
}

Result<std::string> text_in(const Value& body, std::string_view name) {
  const Value* value = body.find(name);
  if (value == nullptr)
    return std::string();
  if (!value->is_string() || value->string().size() > longest_reason)
    return invalid("must be a text of at most 2000 bytes", '/' + std::string(name));
  return value->string();
}

} // namespace

Result<TasksRequest> read_tasks_request(std::string_view text) {
  const Value body = TRY(object_in(text, {"leaves", "residue", "filter", "state", "reason"}));
  TasksRequest request;
  request.reason = TRY(text_in(body, "reason"));
  request.what = TRY(read_asked_leaves(body));
  const std::string state = TRY(text_in(body, "state"));
  if (!state.empty() && state != "queued" && state != "proposed")
    return invalid("must be queued or proposed", "/state");
  if (state == "proposed")
    request.state = TaskState::proposed;
  return request;
}

Result<ToldOfTask> read_told(std::string_view text) {
  const Value body = TRY(object_in(text, {"state", "reason"}));
  const std::string state = TRY(text_in(body, "state"));
  if (state != "done" && state != "failed")
    return invalid("must be done or failed", "/state");
  return ToldOfTask{state == "done" ? TaskState::done : TaskState::failed,
                    TRY(text_in(body, "reason"))};
}

Result<graph::Claim> read_hold(std::string_view text, const graph::Context& context) {
  const Value body =
      text.empty() ? Value(json::Object()) : TRY(object_in(text, {"reason", "until"}));
  json::Object said{{"by", context.principal.actor},
                    {"at", text_of(Timestamp{context.now})},
                    {"reason", TRY(text_in(body, "reason"))}};
  graph::Claim claim;
  if (const std::string until = TRY(text_in(body, "until")); !until.empty()) {
    const auto instants = parse_instants(until);
    if (!instants)
      return invalid("must be a date or a date-time", "/until");
    if (instants->from <= context.now)
      return invalid("must be ahead", "/until");
    claim.lease_until = instants->from;
  }
  claim.holder = json::to_text(said);
  return claim;
}

Value hold_view(const std::optional<graph::Claim>& claim) {
  json::Object view{{"held", claim.has_value()}};
  if (!claim)
    return view;
  if (const auto said = json::read(claim->holder); said && said->is_object())
    for (const json::Member& member : said->object())
      if (member.value.is_string() && !member.value.string().empty())
        view.append(member.name, member.value);
  if (claim->lease_until != 0)
    view.append("until", text_of(Timestamp{claim->lease_until}));
  return view;
}

bool TaskFilter::is_empty() const {
  return states.empty() && target.empty() && executor.empty() && decision.empty() &&
         expectation.empty();
}

bool TaskFilter::takes(const loop::Task& task) const {
  return (states.empty() || states.contains(task.state)) &&
         (target.empty() || (!loop::is_selector(task.target) && task.target.id == target)) &&
         (executor.empty() || task.executor == executor) &&
         (decision.empty() || task.decision == decision) &&
         (expectation.empty() ||
          std::any_of(task.because.begin(), task.because.end(),
                      [this](const auto& leaf) { return leaf.expectation.id == expectation; }));
}

Result<TaskFilter> read_task_filter(const Parameters& parameters) {
  TaskFilter filter;
  filter.target = parameters.text("target");
  filter.executor = parameters.text("executor");
  filter.decision = parameters.text("decision");
  filter.expectation = parameters.text("expectation");
  std::string_view states = parameters.text("state");
  while (!states.empty()) {
    const std::size_t comma = std::min(states.find(','), states.size());
    const auto state = loop::task_state_of(states.substr(0, comma));
    if (!state)
      return Error{ErrorCode::invalid, "state: must be some of proposed, queued, running, "
                                       "verifying, held, done, failed, cancelled"};
    filter.states.insert(*state);
    states.remove_prefix(std::min(comma + 1, states.size()));
  }
  return filter;
}

json::Array unreachable_view(const Plan& plan, ResidueRows& rows, const std::string& origin,
                             const loop::EvaluateOptions& options) {
  json::Array views;
  for (const Unreachable& one : plan.unreachable) {
    views.emplace_back(
        json::Object{{"leaf", rows.leaf_view(*one.row.residue, *one.row.leaf, origin, options)},
                     {"reason", one.reason}});
  }
  return views;
}

Value plan_view(const Plan& plan, ResidueRows& rows, const std::string& origin,
                const loop::EvaluateOptions& options, const graph::Schema& schema) {
  json::Array tasks;
  for (std::size_t at = 0; at < plan.tasks.size(); ++at) {
    const PlannedTask& planned = plan.tasks[at];
    json::Object view = loop::task_document(planned.task, schema, origin).object();
    for (const char* name : {"id", "href", "state", "attempts", "at", "changedAt"})
      view.erase(name);
    view.append("step", static_cast<std::int64_t>(at));
    json::Array after;
    for (const std::size_t before : planned.after)
      after.emplace_back(static_cast<std::int64_t>(before));
    view.append("after", std::move(after));
    tasks.emplace_back(std::move(view));
  }
  return json::Object{{"tasks", std::move(tasks)},
                      {"unreachable", unreachable_view(plan, rows, origin, options)}};
}

} // namespace diffo::server
