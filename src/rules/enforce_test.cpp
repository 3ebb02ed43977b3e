#include "rules/enforce.h"

#include "model/words.h"
#include "rules/assignment_line.h"
#include "rules/lapse.h"
#include "rules/pools.h"
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
  Frame:
    half: resource
    specification: {id: 9e4f0d7e-1a34-4c1f-8d52-0a6b7c8d9e05, name: frame}
    policy: managed
)";

struct Nodes : DeclaredStore {
  Nodes() : DeclaredStore(nodes) {}
  /// One that is theirs, where its kind asks whose it is; what follows is done by nobody known.
  graph::Key built_by(std::string_view actor, std::string_view kind_name) {
    const auto& policy = kind(kind_name).policy;
    principal = {};
    if (policy && policy->of == model::Policy::Of::owner)
      principal.actor = actor;
    graph::Key key = key_of(build(kind_name, "{}"));
    principal = {};
    return key;
  }
  Result<graph::Commit> define(const graph::Key& key, const std::string& values) {
    return act(key, "define", R"({"characteristicValueUpdates": )" + values + "}");
  }
  Result<graph::Commit> ask(const graph::Key& assigner, AssignRequest request) {
    request.family = model::family_resource;
    const graph::Context here = context();
    return graph::transact_and_wait(*store, here, plan_for_assigning(assigner, request),
                                    assign(here, assigner, "ports", request),
                                    {.where = graph::Where::tip});
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
  const graph::Key ours = fixture.built_by("us", "Node");
  const graph::Key theirs = fixture.built_by("them", "Node");
  CHECK(fixture.field(theirs, "owner") == "them");
  const auto relate = [&](const std::string& direction) {
    fixture.principal.actor = "us";
    return fixture.act(ours, "relate",
                       R"({"relationships": [{"id": ")" + theirs.id +
                           R"(", "type": "x", "direction": ")" + direction + R"("}]})");
  };
  CHECK(relate("reverse").error().code == ErrorCode::forbidden);
  CHECK(relate("forward"));
}

TEST_CASE("who may not change an instance may not delete it either") {
  Nodes fixture;
  struct Row {
    std::string kind;
    graph::Principal who;
    bool allowed;
  };
  const graph::Principal nobody;
  const graph::Principal us{.actor = "us", .roles = {"operator"}};
  const graph::Principal them{.actor = "them", .roles = {"operator"}};
  const graph::Principal administrator{.actor = "them", .roles = {"operator", "admin"}};
  const Row rows[] = {
      {"Node", us, true},      {"Node", them, false},  {"Node", administrator, true},
      {"Node", nobody, true},  {"Frame", us, false},   {"Frame", administrator, true},
      {"Frame", nobody, true}, {"NodeV2", them, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.kind);
    CAPTURE(row.who.actor);
    const graph::Key key = fixture.built_by("us", row.kind);
    fixture.principal = row.who;
    const auto changed = fixture.act(key, "lifecycle", R"({"lifecycleState": "installed"})");
    const auto erased = fixture.erase(key);
    CHECK(static_cast<bool>(changed) == row.allowed);
    CHECK(static_cast<bool>(erased) == row.allowed);
    CHECK(static_cast<bool>(fixture.find(key)) != row.allowed);
    if (!changed && !erased) {
      CHECK(erased.error().code == ErrorCode::forbidden);
      CHECK(erased.error().text() == changed.error().text());
    }
  }
}

TEST_CASE("another version of the kind is no way around its policy") {
  Nodes fixture;
  const graph::Key key = fixture.built_by("us", "Node");
  const std::string newer = R"({"specifiedBy": "7d3f0d7e-1a34-4c1f-8d52-0a6b7c8d9e03"})";
  fixture.principal.actor = "them";
  CHECK(fixture.act(key, "respecify", newer).error().code == ErrorCode::forbidden);
  fixture.principal.actor = "us";
  CHECK(fixture.act(key, "respecify", newer));
}

TEST_CASE("whoever may write an instance hands out of it and takes back, and nobody else") {
  Nodes fixture;
  const graph::Key ours = fixture.built_by("us", "Node");
  const graph::Key theirs = fixture.built_by("them", "Node");
  REQUIRE(fixture.act(ours, "lifecycle", R"({"lifecycleState": "installed"})"));
  using Operation = AssignRequest::Operation;
  for (const Operation operation : {Operation::assign, Operation::confirm, Operation::unassign}) {
    CAPTURE(static_cast<int>(operation));
    AssignRequest request{.operation = operation, .assignee = theirs.id, .value = json::Value(1)};
    if (operation == Operation::assign)
      request.lease_seconds = 10;
    fixture.principal.actor = "them";
    const auto changed = fixture.define(ours, R"({"speed": 7})");
    const auto asked = fixture.ask(ours, request);
    REQUIRE_FALSE(asked);
    CHECK(asked.error().text() == changed.error().text());
    fixture.principal.actor = "us";
    CHECK(fixture.ask(ours, request));
  }
}

TEST_CASE("an import hands out of what may be written alone") {
  Nodes fixture;
  const graph::Key ours = fixture.built_by("us", "Node");
  const std::string line =
      R"({"id": "x", "pool": "ports", "thing": "port", "value": 2, "assigner": {"id": ")" +
      ours.id + R"(", "family": "resource"}, "assignee": {"id": "anybody", "family": "resource"}})";
  const auto take = [&](const std::string& actor) {
    fixture.principal.actor = actor;
    const graph::Context here = fixture.context();
    Settled read =
        read_assignment_line(json::read(line).value(), here, fixture.model->schema()).value();
    const graph::RecordRef record = read.record;
    return graph::transact_and_wait(
        *fixture.store, here, plan_for(record->key()),
        adopt({record, 1, settlement_of(here, std::move(read))},
              [](const auto&, const auto&, const auto&) { return true; }));
  };
  const auto refused = take("them");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::forbidden);
  CHECK(take("us"));
}

TEST_CASE("what goes with what may be written goes, whoever it came from") {
  Nodes fixture;
  const graph::Key ours = fixture.built_by("us", "Node");
  const graph::Key theirs = fixture.built_by("them", "Node");
  REQUIRE(fixture.act(ours, "lifecycle", R"({"lifecycleState": "installed"})"));
  const graph::Key left = key_of(fixture.ask(ours, {.assignee = ours.id, .lease_seconds = 10}));
  const graph::Key held = key_of(fixture.ask(ours, {.assignee = theirs.id}));
  fixture.principal.actor = "them";
  CHECK(fixture.erase(theirs));
  CHECK_FALSE(fixture.find(held));
  fixture.clock.advance_microseconds(11'000'000);
  fixture.principal = {}; // the server itself
  CHECK(graph::transact_and_wait(*fixture.store, fixture.context(), plan_for_lapsing({left}),
                                 lapse(fixture.context(), {left})));
  CHECK_FALSE(fixture.find(left));
  CHECK(store::test::findings_of(*fixture.store).empty());
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
