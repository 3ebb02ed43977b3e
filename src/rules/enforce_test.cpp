#include "rules/enforce.h"

#include "model/words.h"
#include "rules/conform.h"
#include "testing/declared_store.h"

#include <string>

using namespace diffo;
using namespace diffo::rules;
using testing::DeclaredStore;
using testing::key_of;

namespace {

constexpr std::string_view nodes = R"(domain: Nodes
kinds:
  Node:
    half: resource
    specification: {id: 5b2f0d7e-1a34-4c1f-8d52-0a6b7c8d9e01, name: node, category: Things}
    attributes: {owner: string}
    characteristics: {speed: {type: integer, default: 5}, note: string}
    pools: {ports: {thing: port, first: 1, last: 4, type: wide}}
    relationships: {source: all, target: all}
    policy: {owner: owner, stamp: actor, read: owner, write: owner}
  NodeV2:
    half: resource
    specification: {id: 7d3f0d7e-1a34-4c1f-8d52-0a6b7c8d9e03, name: node, major_version: 2}
    characteristics: {speed: {type: integer, default: 9}}
    relationships: {source: all}
)";

struct Nodes : DeclaredStore {
  Nodes() : DeclaredStore(nodes) {}
  Result<graph::Commit> define(const graph::Key& key, const std::string& values) {
    return act(key, "define", R"({"characteristicValueUpdates": )" + values + "}");
  }
  [[nodiscard]] json::Value value(const graph::Key& key, std::string_view name) const {
    const graph::RecordRef record = find(key);
    graph::ElementView part;
    for (auto parts = record->root(model->dictionary()).children();
         parts.next_of(model::kinds::characteristic, part);)
      if (part.field(model::words::name).text() == name)
        return part.field(model::words::value) ? part.field(model::words::value).to_json()
                                               : json::Value();
    return "none";
  }
};

} // namespace

TEST_CASE("what changes nothing leaves the record as it was") {
  Nodes fixture;
  const graph::Key node = key_of(fixture.build("Node", "{}"));
  const graph::Sequence before = fixture.find(node)->sequence();
  REQUIRE(fixture.define(node, R"({"speed": 5, "ports": {"last": 4}})"));
  CHECK(fixture.find(node)->sequence() == before);
  REQUIRE(fixture.define(node, R"({"speed": 6})"));
  CHECK(fixture.find(node)->sequence() > before);
}

TEST_CASE("members of a pool's value can be taken away") {
  Nodes fixture;
  const graph::Key node = key_of(fixture.build("Node", "{}"));
  REQUIRE(fixture.define(node, R"({"ports": {"except": [2], "ranges": [[1, 3], [7, 9]]}})"));
  CHECK(json::to_text(fixture.value(node, "ports")) ==
        R"({"ranges":[[1,3],[7,9]],"except":[2],"type":"wide","algorithm":"lowest"})");
  REQUIRE(
      fixture.define(node, R"({"ports": {"except": null, "type": null, "first": 1, "last": 2}})"));
  CHECK(json::to_text(fixture.value(node, "ports")) ==
        R"({"first":1,"last":2,"algorithm":"lowest"})");
}

TEST_CASE("another version drops what nobody has touched, and nothing else") {
  Nodes fixture;
  const std::string newer = R"({"specifiedBy": "7d3f0d7e-1a34-4c1f-8d52-0a6b7c8d9e03"})";
  const graph::Key plain = key_of(fixture.build("Node", "{}"));
  REQUIRE(fixture.act(plain, "respecify", newer));
  CHECK(fixture.value(plain, "speed") == json::Value(5));
  CHECK(fixture.value(plain, "note") == json::Value("none"));
  CHECK(fixture.value(plain, "ports") == json::Value("none"));
  const graph::Key told = key_of(fixture.build("Node", "{}"));
  REQUIRE(fixture.define(told, R"({"note": "mine"})"));
  CHECK(fixture.act(told, "respecify", newer).error().code == ErrorCode::invalid);
}

TEST_CASE("a relationship from another needs what writing the other needs") {
  Nodes fixture;
  const auto as = [&](std::string actor) {
    graph::Context context = fixture.context();
    context.principal.actor = std::move(actor);
    return context;
  };
  const auto build = [&](const std::string& actor) {
    const graph::Context here = as(actor);
    const std::string id = here.new_id();
    return key_of(graph::transact_and_wait(
        *fixture.store, here, {}, [&](graph::Subgraph& subgraph) -> Result<graph::Decision> {
          graph::Context same = here;
          same.new_id = [&id] { return std::string(id); };
          Further further;
          const auto action = action_of(fixture.kind("Node"), "build");
          graph::RecordDraft draft =
              TRY(rules::build({same, subgraph, fixture.kind("Node"), *action}, {}, further));
          subgraph.announce(plan_for(draft.key));
          further.add(TRY(enforce(same, subgraph, nullptr, draft)));
          return create(graph::encode(draft, subgraph.schema().dictionary()),
                        std::move(further))(subgraph);
        }));
  };
  const graph::Key ours = build("us");
  const graph::Key theirs = build("them");
  CHECK(fixture.field(theirs, "owner") == "them");
  const auto relate = [&](const std::string& direction) {
    const graph::Context here = as("us");
    const json::Value given =
        json::read(R"({"relationships": [{"id": ")" + theirs.id +
                   R"(", "type": "x", "direction": ")" + direction + R"("}]})")
            .value();
    return graph::transact_and_wait(
        *fixture.store, here, plan_for(ours),
        change(ours, {},
               [&](const graph::Record& present,
                   graph::Subgraph& subgraph) -> Result<std::optional<Revision>> {
                 const auto action = action_of(fixture.kind("Node"), "relate");
                 Revision revised{present.to_draft(subgraph.schema().dictionary())};
                 TRY(apply({here, subgraph, fixture.kind("Node"), *action}, given.object(),
                           revised.draft, revised.further));
                 revised.further.add(TRY(enforce(here, subgraph, &present, revised.draft)));
                 return std::optional(std::move(revised));
               }));
  };
  CHECK(relate("reverse").error().code == ErrorCode::forbidden);
  CHECK(relate("forward"));
}

TEST_CASE("names are claimed for a kind, given up, and free again") {
  Nodes fixture;
  const graph::Key first = key_of(fixture.build("Node", R"({"name": "a"})"));
  const auto refused = fixture.build("Node", R"({"name": "a"})");
  CHECK(refused.error().code == ErrorCode::conflict);
  CHECK(refused.error().path == "/name");
  CHECK(fixture.build("NodeV2", R"({"name": "a"})"));
  REQUIRE(fixture.erase(first));
  CHECK(fixture.build("Node", R"({"name": "a"})"));
  CHECK(store::test::findings_of(*fixture.store).empty());
}
