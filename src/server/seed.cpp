#include "server/seed.h"

#include "model/domain/yaml.h"
#include "server/inner_request.h"

#include <algorithm>
#include <map>
#include <utility>

namespace diffo::server {
namespace {

/// The claim that says that a seed is planted.
constexpr const char* seed_scope = "seed";

Error wrong(std::string_view file, std::size_t step, const std::string& message) {
  return {ErrorCode::invalid,
          std::string(file) + ": step " + std::to_string(step + 1) + ": " + message};
}

/// It is part of idempotency keys.
bool is_name(std::string_view name) {
  constexpr std::size_t longest = 64;
  return !name.empty() && name.size() <= longest &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

Result<Seed::Step> read_step(std::string_view file, std::size_t number, const json::Value& given) {
  if (!given.is_object())
    return wrong(file, number, "must be a map with build, do or expect");
  Seed::Step step;
  int deeds = 0;
  for (const auto& [name, value] : given.object()) {
    const std::string* text = value.if_string();
    const bool is_text = name == "as" || name == "on" || name == "build" || name == "do";
    if (is_text && text == nullptr)
      return wrong(file, number, name + " must be a text");
    if (name == "as") {
      step.as = *text;
    } else if (name == "on") {
      step.on = *text;
    } else if (name == "build") {
      step.path = "/diffo/v1/kinds/" + *text + "/actions/build";
      ++deeds;
    } else if (name == "do") {
      step.path = "/diffo/v1/instances/{on}/actions/" + *text;
      ++deeds;
    } else if (name == "expect") {
      step.path = "/diffo/v1/expectations";
      step.with = value;
      ++deeds;
    } else if (name == "with") {
      step.with = value;
    } else {
      return wrong(file, number,
                   "there is no " + name + "; there are as, build, do, on, expect, with");
    }
  }
  if (deeds != 1)
    return wrong(file, number, "must have one of build, do and expect");
  if ((step.path.find("{on}") != std::string::npos) == step.on.empty())
    return wrong(file, number, "do needs on: what an earlier step is called");
  if (step.with.is_null())
    step.with = json::Object();
  return step;
}

/// Requests as the surfaces get them, answered on this thread.
class Planter {
public:
  Planter(const Seed& seed, http::Router& router) : seed_(seed), router_(router) {}

  Result<void> run() {
    for (std::size_t number = 0; number < seed_.steps.size(); ++number)
      if (const auto done = plant(number); !done)
        return Error{done.error().code, "seed " + seed_.name + ", step " +
                                            std::to_string(number + 1) + ": " +
                                            done.error().message};
    return {};
  }

private:
  Result<void> plant(std::size_t number) {
    const Seed::Step& step = seed_.steps[number];
    std::string path = step.path;
    if (!step.on.empty())
      path.replace(path.find("{on}"), 4, TRY(known(step.on)));
    json::Value body = step.with;
    TRY(name_ids(body));
    const http::Response answer = request(std::move(path), json::to_text(body), number);
    if (answer.status >= 300)
      return Error{ErrorCode::conflict, answer.body};
    if (step.as.empty() || answer.body.empty())
      return {};
    const json::Value made = TRY(json::read(answer.body));
    ids_[step.as] = made.text_of("id");
    return {};
  }

  Result<std::string> known(const std::string& name) const {
    const auto found = ids_.find(name);
    if (found == ids_.end())
      return Error{ErrorCode::invalid, "no earlier step is called " + name};
    return found->second;
  }

  /// `$shelf` becomes the id of what the step called shelf made.
  Result<void> name_ids(json::Value& value) const {
    if (const std::string* text = value.if_string(); text != nullptr && text->starts_with('$'))
      value = TRY(known(text->substr(1)));
    if (json::Array* items = value.if_array())
      for (json::Value& item : *items)
        TRY(name_ids(item));
    if (json::Object* members = value.if_object())
      for (json::Member& member : *members)
        if (!member.name.starts_with('$')) // a matcher's pattern may begin so
          TRY(name_ids(member.value));
    return {};
  }

  http::Response request(std::string path, std::string body, std::size_t number) {
    return ask(router_, {.path = std::move(path),
                         .body = std::move(body),
                         .headers = {{"content-type", json_type},
                                     {"idempotency-key",
                                      "seed/" + seed_.name + '/' + std::to_string(number + 1)}}});
  }

  const Seed& seed_;
  http::Router& router_;
  std::map<std::string, std::string, std::less<>> ids_;
};

} // namespace

Result<Seed> read_seed(std::string_view file, std::string_view text) {
  const json::Value document = TRY(model::yaml::read_one(file, text));
  const json::Value* steps = document.find("steps");
  Seed seed;
  seed.name = document.text_of("seed");
  if (!is_name(seed.name) || steps == nullptr || !steps->is_array())
    return Error{ErrorCode::invalid,
                 std::string(file) + ": must have seed, its name of letters, digits, '-', '_' and "
                                     "'.', and steps"};
  for (std::size_t number = 0; number < steps->array().size(); ++number)
    seed.steps.push_back(TRY(read_step(file, number, steps->array()[number])));
  return seed;
}

Result<void> plant(const Seed& seed, Services& services, http::Router& router) {
  const graph::ClaimName done{seed_scope, seed.name};
  graph::FetchPlan plan;
  plan.claims.push_back(done);
  const auto context = services.own_context(0, "seed " + seed.name);
  graph::Subgraph present = TRY(graph::read_and_wait(services.store, {}, plan));
  if (present.claim(done, context.now))
    return {};
  TRY(Planter(seed, router).run());
  TRY(graph::transact_and_wait(
      services.store, context, plan, [&done](graph::Subgraph& subgraph) -> Result<graph::Decision> {
        (void)subgraph.claim(done, 0);
        graph::ChangeSet changes;
        changes.take.push_back({.scope = done.scope, .key = done.key, .holder = "seed"});
        return graph::Decision(std::move(changes));
      }));
  return {};
}

} // namespace diffo::server
