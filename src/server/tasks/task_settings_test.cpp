#include "server/loop_settings.h"

#include <doctest/doctest.h>

namespace diffo::server {

TEST_CASE("settings of tasks are read from YAML") {
  const auto read = read_loop_settings("loop.yaml", R"(
executors:
  fabric: {type: http, url: "https://fabric.example/tasks", secret: s, timeout: 5s, accepted: 1h}
  script: {type: command, command: [/bin/apply, -v]}
choose:
  - {executor: script, kind: Switch, path: "resourceCharacteristic[mtu]"}
  - {executor: self, family: service}
bounds: {attempts: 5, running: 2, verify: 2m, backOff: 3s}
window: {from: "22:30", to: "05:00"}
)");
  REQUIRE(read);
  const TaskSettings& tasks = read->tasks;
  CHECK(tasks.executors.at("fabric").type == ExecutorType::http);
  CHECK(tasks.executors.at("fabric").timeout == 5'000'000);
  CHECK(tasks.executors.at("fabric").secret.equals("s"));
  CHECK(tasks.executors.at("script").command == std::vector<std::string>{"/bin/apply", "-v"});
  CHECK(tasks.choose.size() == 2);
  CHECK(tasks.choose.front().kind == "Switch");
  CHECK(tasks.bounds.attempts == 5);
  CHECK(tasks.bounds.verify == 120'000'000);
  CHECK(tasks.bounds.fight == TaskBounds().fight);
  REQUIRE(tasks.window);
  CHECK(tasks.window->from == 22 * 60 + 30);
  CHECK(tasks.window->to == 5 * 60);
  CHECK(read_loop_settings("empty.yaml", "{}"));
}

TEST_CASE("what is wrong in settings is said with its place") {
  struct Row {
    const char* text;
    const char* said;
  };
  const Row rows[] = {
      {"executors: 7", "/executors must be a map"},
      {"executors: {a: {type: telepathy}}", "/executors/a/type must be one of"},
      {"executors: {a: {type: http}}", "/executors/a/url must begin"},
      {"executors: {a: {type: http, url: 'ftp://x'}}", "/executors/a/url must begin"},
      {"executors: {a: {type: self, url: 'http://x'}}", "/executors/a/url is not of this type"},
      {"executors: {a: {type: command}}", "/executors/a/command must be a list"},
      {"executors: {a: {type: command, command: [apply]}}", "/executors/a/command must begin"},
      {"executors: {a: {type: self, command: [/x]}}", "/executors/a/command is not of this type"},
      {"executors: {self: {type: self}}", "/executors/self there is one"},
      {"executors: {a: {type: self, colour: red}}", "/executors/a/colour is not known"},
      {"choose: [{executor: nobody}]", "/choose/0/executor must be one of"},
      {"choose: [{executor: self, family: party}]", "/choose/0/family must be"},
      {"bounds: {attempts: 0}", "/bounds/attempts must be a whole number from 1"},
      {"bounds: {verify: soon}", "/bounds/verify must be a time"},
      {"window: {from: '25:00', to: '01:00'}", "/window/from must be a time of the day"},
      {"window: {from: '22:00'}", "/window/to must be a time of the day"},
      {"strange: 1", "/strange is not known here"},
      {"[", "x.yaml:2:1: is not YAML"},
      {"{}\n---\n{}", "must be one document"},
  };
  for (const Row& row : rows) {
    const std::string text = row.text;
    CAPTURE(text);
    const auto read = read_loop_settings("x.yaml", row.text);
    REQUIRE_FALSE(read);
    CHECK(read.error().text().find(row.said) != std::string::npos);
  }
}

} // namespace diffo::server
