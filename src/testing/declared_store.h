#pragma once

#include "base/time.h"
#include "model/declared.h"
#include "model/domain/loader.h"
#include "model/schema.h"
#include "model/stored_declarations.h"
#include "rules/actions.h"
#include "rules/enforce.h"
#include "rules/instances.h"
#include "rules/operate.h"
#include "testing/test_store.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::testing {

inline std::shared_ptr<const model::Model> model_of_yaml(std::string_view yaml,
                                                         hooks::SharedRegistry hooks = {}) {
  const std::vector<model::ModelSource> sources{{"test.yaml", std::string(yaml)}};
  model::LoadedModel loaded = model::load_model(sources);
  for (const model::ModelProblem& problem : loaded.problems)
    FAIL(problem.text());
  return model::model_of_domains(std::move(loaded.model), {}, std::move(hooks));
}

/// A store of declared kinds with a clock that stands still, which fails what reads without
/// announcing it. Thread rule: any thread, but for the clock.
struct DeclaredStore {
  explicit DeclaredStore(std::string_view yaml, hooks::SharedRegistry hooks = {})
      : model(model_of_yaml(yaml, std::move(hooks))) {
    store::EmbeddedOptions options = place.options(model->schema());
    options.clock = &clock;
    auto opened = store::EmbeddedStore::open(options);
    if (!opened)
      FAIL(opened.error().text());
    store = std::move(*opened);
  }

  /// Ids are UUIDs by number, and what is random is the middle.
  graph::Context context() {
    graph::Context context;
    context.principal = principal;
    context.now = clock.now().microseconds;
    context.random = [](std::uint64_t bound) { return bound / 2; };
    context.new_id = [this] {
      const std::lock_guard held(mutex);
      return uuid(++ids);
    };
    return context;
  }

  static std::string uuid(int number) {
    char text[40];
    (void)std::snprintf(text, sizeof text, "00000000-0000-4000-8000-%012d", number);
    return text;
  }

  [[nodiscard]] const model::DeclaredKind& kind(std::string_view name) const {
    const model::DeclaredKind* found = model->declared().named(name);
    REQUIRE(found != nullptr);
    return *found;
  }

  /// Makes an instance as the build action does.
  Result<graph::Commit> build(std::string_view name, std::string_view arguments) {
    const graph::Context here = context();
    const std::string id = here.new_id();
    const json::Value given = json::read(arguments).value();
    const auto rule = [&](graph::Subgraph& subgraph) -> Result<graph::Decision> {
      graph::Context same = here;
      same.new_id = [&id] { return std::string(id); };
      const auto action = rules::action_of(kind(name), "build");
      rules::Further further;
      graph::RecordDraft draft =
          TRY(rules::build({same, subgraph, kind(name), *action}, given.object(), further));
      subgraph.announce(rules::plan_for(draft.key));
      further.add(TRY(rules::operate(same, subgraph, nullptr, draft, {&*action, &given.object()})));
      return rules::create(graph::encode(draft, subgraph.schema().dictionary()),
                           std::move(further))(subgraph);
    };
    return graph::transact_and_wait(*store, here, {}, rule);
  }

  /// Carries out an action of an instance.
  Result<graph::Commit> act(const graph::Key& key, std::string_view name,
                            std::string_view arguments = "{}") {
    const graph::Context here = context();
    const json::Value given = json::read(arguments).value();
    const auto revise = [&](const graph::Record& present,
                            graph::Subgraph& subgraph) -> Result<std::optional<rules::Revision>> {
      const model::DeclaredKind* now = rules::kind_of(*model, present);
      const auto action = rules::action_of(*now, name);
      rules::Revision revised{present.to_draft(subgraph.schema().dictionary())};
      TRY(rules::apply({here, subgraph, *now, *action}, given.object(), revised.draft,
                       revised.further));
      revised.further.add(TRY(
          rules::operate(here, subgraph, &present, revised.draft, {&*action, &given.object()})));
      return std::optional(std::move(revised));
    };
    return graph::transact_and_wait(*store, here, rules::plan_for(key),
                                    rules::change(key, {}, revise));
  }

  Result<graph::Commit> erase(const graph::Key& key) {
    const graph::Context here = context();
    const auto release = [&](const graph::Record& present, graph::Subgraph& subgraph) {
      return rules::enforce_erasing(here, subgraph, present);
    };
    return graph::transact_and_wait(*store, here, rules::plan_for_erasing(model->schema(), key),
                                    rules::erase(key, {}, release));
  }

  [[nodiscard]] graph::RecordRef find(const graph::Key& key) const {
    return graph::read_and_wait(*store, {}, rules::plan_for(key)).value().find(key);
  }
  [[nodiscard]] std::string field(const graph::Key& key, std::string_view name) const {
    const graph::RecordRef record = find(key);
    REQUIRE(record);
    const graph::ValueView view =
        record->root(model->dictionary()).field(*model->dictionary().find(name));
    return view ? view.text() : std::string();
  }

  std::shared_ptr<const model::Model> model;
  store::test::Place place;
  ManualClock clock{Timestamp{1'800'000'000'000'000}};
  std::unique_ptr<store::EmbeddedStore> store;
  graph::Principal principal{}; ///< who does what follows
  std::mutex mutex;             ///< guards the next
  int ids = 0;
};

inline graph::Key key_of(const Result<graph::Commit>& commit) {
  if (!commit)
    FAIL(commit.error().text());
  return commit->records.front()->key();
}

} // namespace diffo::testing
