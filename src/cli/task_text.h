#pragma once

#include <diffo/json.h>

#include <string>

/// How plans and tasks are shown to a person. Nothing in it can steer a terminal.
namespace diffo::cli {

/// One line: state, target, what changes, by whom, and why it is as it is.
std::string task_text(const json::Value& task);
/// All of it, line by line.
std::string task_details(const json::Value& task);
/// The tasks in their order, then what no task can close.
std::string plan_text(const json::Value& plan);

} // namespace diffo::cli
