// What expectations say is compiled once for all that say it, and forgotten before it takes too
// much.
#include "loop/compiled_expectations.h"

#include "loop/expectation_record.h"
#include "model/schema.h"
#include "testing/test_store.h"

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace diffo::loop {
namespace {

class World {
  store::test::Place place_;
  SystemClock clock_;
  std::unique_ptr<store::EmbeddedStore> store_;

public:
  World() {
    store::EmbeddedOptions options = place_.options(model::inventory_schema());
    options.clock = &clock_;
    store_ = store::EmbeddedStore::open(options).value();
  }
  ~World() { store_->stop(); }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// Writes an expectation of its own target, and compiles it.
  CompiledExpectation put(CompiledExpectations& compiled, const std::string& id,
                          const std::string& expect, const std::string& more = {}) {
    const json::Value document = json::read(R"({"id":")" + id + R"(","target":{"id":"t)" + id +
                                            R"("},"expect":)" + expect + more + "}")
                                     .value();
    const graph::Key key(0, model::family_expectation, id);
    const auto written = graph::transact_and_wait(
        *store_, {}, {.records = {key}}, [&](graph::Subgraph& subgraph) -> Result<graph::Decision> {
          const auto draft = expectation_draft(document, {}, subgraph.schema()).value();
          static_cast<void>(subgraph.find(key));
          graph::ChangeSet change;
          change.changes.push_back({key, graph::encode(draft, subgraph.schema().dictionary())});
          return graph::Decision(std::move(change));
        });
    REQUIRE(written);
    CompiledExpectation made;
    const auto read = graph::read_in_rounds(*store_, {}, {.records = {key}}, nullptr,
                                            [&](graph::Subgraph& subgraph) -> Result<void> {
                                              made = compiled.of(*subgraph.find(key), subgraph);
                                              return {};
                                            });
    REQUIRE(read);
    return made;
  }
};

/// Where both have been compiled to, which is one place where they share it.
bool share(const CompiledExpectation& a, const CompiledExpectation& b) {
  return &a.document->expect.document() == &b.document->expect.document();
}

std::string target_of(const CompiledExpectation& compiled) {
  return std::get<TargetById>(compiled.document->target).id;
}

TEST_CASE("what is the same is compiled once, and is of different targets") {
  World world;
  CompiledExpectations compiled;
  const std::string active = R"({"state":"active"})";
  const auto a = world.put(compiled, "a", active);
  const auto b = world.put(compiled, "b", active, R"(,"priority":7)");
  const auto other = world.put(compiled, "c", R"({"state":"inactive"})");
  const auto of_v4 = world.put(compiled, "d", active, R"(,"profile":"v4")");
  CHECK(share(a, b));
  CHECK(!share(a, other));
  CHECK(!share(a, of_v4));
  CHECK(of_v4.document->expect.profile() == outstanding::Profile::v4);
  CHECK(target_of(a) == "ta");
  CHECK(target_of(b) == "tb");
  CHECK(b.document->priority == 7);
  CHECK(compiled.entries() == 4);
  CHECK(compiled.forms() == 3);
}

TEST_CASE("a changed expectation says what it says now, and the form nobody uses is gone") {
  World world;
  CompiledExpectations compiled;
  world.put(compiled, "a", R"({"state":"active"})");
  const auto now = world.put(compiled, "a", R"({"state":"inactive"})");
  CHECK(json::to_text(now.document->expect.document()) == R"({"state":"inactive"})");
  CHECK(compiled.entries() == 1);
  CHECK(compiled.forms() == 1);
  compiled.erase(graph::Key(0, model::family_expectation, "a"));
  CHECK(compiled.entries() == 0);
  CHECK(compiled.forms() == 0);
}

TEST_CASE("no more is kept than there is room for, and what was forgotten is compiled again") {
  World world;
  CompiledExpectations compiled(20'000);
  for (int id = 0; id < 40; ++id) {
    const std::string wanted = "{\"name\":\"" + std::to_string(id) + "\"}";
    const auto made = world.put(compiled, std::to_string(id), wanted);
    CHECK(json::to_text(made.document->expect.document()) == wanted);
  }
  CHECK(compiled.entries() > 2);
  CHECK(compiled.entries() < 20);
  CHECK(compiled.forms() == compiled.entries());
  // Of one form there is room for more.
  compiled.clear();
  for (int id = 0; id < 20; ++id)
    world.put(compiled, std::to_string(id), R"({"name":"same"})");
  CHECK(compiled.entries() == 20);
  CHECK(compiled.forms() == 1);
}

} // namespace
} // namespace diffo::loop
