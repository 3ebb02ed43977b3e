#include "server/tasks/executor.h"

#include "base/text.h"
#include "base/url_text.h"
#include "model/kinds.h"
#include "server/inner_request.h"

#include <algorithm>

namespace diffo::server {
namespace {

class SelfExecutor final : public Executor {
public:
  explicit SelfExecutor(http::Router& router) : router_(router) {}

  Outcome run(const Attempt& attempt, const Cancellation&) override {
    const loop::Task& task = attempt.task;
    if (loop::is_selector(task.target))
      return {Outcome::Kind::failed, "what is known by kind and key alone is not made here"};
    const http::Response answer = ask(router_, task.creates ? creation(task) : change(task));
    if (answer.status < 300)
      return {};
    constexpr int conflict = 409;
    constexpr int first_of_server = 500;
    // What was tested may stand again as it did.
    const bool again = answer.status == conflict || answer.status >= first_of_server;
    return {again ? Outcome::Kind::again : Outcome::Kind::failed, reason_of(answer.body)};
  }

private:
  static std::string collection(const loop::Task& task) {
    const bool service = task.target.family == model::family_service;
    return std::string("/tmf-api/") + (service ? "serviceInventory/" : "resourceInventory/") +
           std::string(outstanding::name_of(task.profile)) + (service ? "/service" : "/resource");
  }

  static InnerRequest change(const loop::Task& task) {
    std::string path = collection(task) + '/';
    append_percent_encoded(path, task.target.id);
    return {.method = http::Method::patch,
            .path = std::move(path),
            .body = json::to_text(task.patch),
            .headers = {{"content-type", "application/json-patch+json"}}};
  }

  static InnerRequest creation(const loop::Task& task) {
    json::Object made;
    if (const json::Value* set = task.change.find("set"); set != nullptr && set->is_object())
      made = set->object();
    if (!made.contains("@type"))
      made.set("@type", task.target.family == model::family_service ? "Service" : "Resource");
    return {.method = http::Method::post,
            .path = collection(task),
            .body = json::to_text(made),
            .headers = {{"content-type", "application/json"}}};
  }

  http::Router& router_;
};

} // namespace

std::string reason_of(std::string_view said) {
  constexpr std::size_t longest = 500;
  constexpr unsigned char first_of_more = 0x80;
  const auto is_inside = [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == first_of_more;
  };
  std::size_t end = std::min(said.size(), longest);
  while (end < said.size() && end > 0 && is_inside(said[end]))
    --end;
  std::string reason(said.substr(0, end));
  if (!is_utf8(reason))
    for (char& c : reason)
      if (static_cast<unsigned char>(c) >= first_of_more)
        c = '?';
  return reason;
}

Outcome Executor::follow(const Attempt&, const Cancellation&) {
  return {Outcome::Kind::accepted};
}

std::unique_ptr<Executor> self_executor(http::Router& router) {
  return std::make_unique<SelfExecutor>(router);
}

Executors executors_of(const TaskSettings& settings, http::Router& router) {
  Executors executors;
  executors.emplace("self", self_executor(router));
  for (const auto& [name, one] : settings.executors) {
    switch (one.type) {
    case ExecutorType::self:
      executors.emplace(name, self_executor(router));
      break;
    case ExecutorType::http:
      executors.emplace(name, http_executor(one));
      break;
    case ExecutorType::tmf640:
      executors.emplace(name, tmf640_executor(one, router));
      break;
    case ExecutorType::tmf641:
      executors.emplace(name, tmf641_executor(one, router));
      break;
    case ExecutorType::command:
      executors.emplace(name, command_executor(one));
      break;
    }
  }
  return executors;
}

} // namespace diffo::server
