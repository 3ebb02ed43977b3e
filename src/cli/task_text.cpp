#include "cli/task_text.h"

#include "base/text.h"
#include "cli/leaf_table.h"

#include <algorithm>
#include <utility>

namespace diffo::cli {
namespace {

const json::Array& list_in(const json::Value& document, std::string_view name) {
  static const json::Array none;
  const json::Value* list = document.find(name);
  return list != nullptr && list->is_array() ? list->array() : none;
}

/// The places that change.
std::string places_of(const json::Value& task) {
  constexpr std::size_t most_shown = 3;
  const json::Array& leaves = list_in(task, "because");
  std::string text;
  for (std::size_t at = 0; at < std::min(leaves.size(), most_shown); ++at) {
    const std::string_view address = leaves[at].text_of("address");
    text += (at > 0 ? ", " : "") + (address.empty() ? "all of it" : printable(address));
  }
  if (leaves.size() > most_shown)
    text += " and " + std::to_string(leaves.size() - most_shown) + " more";
  return text;
}

std::string target_text(const json::Value& task) {
  const json::Value* target = task.find("target");
  if (target == nullptr)
    return "?";
  std::string_view shown = target->text_of("id");
  if (shown.empty())
    shown = target->text_of("name");
  if (shown.empty())
    shown = target->text_of("kind");
  return printable(shown);
}

std::string executor_text(const json::Value& task) {
  const std::string_view executor = task.text_of("executor");
  return executor.empty() ? "by nobody yet" : "by " + printable(executor);
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

} // namespace

std::string task_text(const json::Value& task) {
  constexpr std::size_t state_width = 9;
  std::string line = padded(printable(task.text_of("state")), state_width) + "  " +
                     printable(task.text_of("id")) + "  " + target_text(task) + "  " +
                     places_of(task) + "  " + executor_text(task);
  if (const std::string_view reason = task.text_of("reason"); !reason.empty())
    line += ": " + printable(reason);
  return line + '\n';
}

std::string task_details(const json::Value& task) {
  std::string text;
  if (!task.is_object())
    return text;
  for (const json::Member& member : task.object())
    text +=
        padded(printable(member.name), 14) +
        (member.value.is_string() ? printable(member.value.string()) : json_line(member.value)) +
        '\n';
  return text;
}

std::string plan_text(const json::Value& plan) {
  std::string text;
  const json::Array& tasks = list_in(plan, "tasks");
  for (const json::Value& task : tasks) {
    const json::Value* step = task.find("step");
    text += (step != nullptr ? json_line(*step) : std::string("?")) + ". " + target_text(task) +
            "  " + places_of(task) + "  " + executor_text(task);
    std::string after;
    for (const json::Value& before : list_in(task, "after"))
      after += (after.empty() ? "" : ", ") + json_line(before);
    text += (after.empty() ? "" : ", after " + after) + '\n';
    if (const json::Value* change = task.find("change"))
      text += "   " + json_line(*change) + '\n';
  }
  const json::Array& unreachable = list_in(plan, "unreachable");
  text += std::to_string(tasks.size()) + (tasks.size() == 1 ? " task" : " tasks") + ", " +
          std::to_string(unreachable.size()) + (unreachable.size() == 1 ? " leaf" : " leaves") +
          " that no task closes\n";
  for (const json::Value& one : unreachable)
    if (const json::Value* leaf = one.find("leaf"))
      text += "   " + printable(target_of(*leaf)) + "  " + printable(leaf->text_of("address")) +
              ": " + printable(one.text_of("reason")) + '\n';
  return text;
}

} // namespace diffo::cli
