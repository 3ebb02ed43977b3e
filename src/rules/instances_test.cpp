#include "rules/instances.h"

#include "testing/test_store.h"

#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <string>

namespace diffo::rules {
namespace {

constexpr graph::Family service = 1;
constexpr graph::ElementKind service_root = 1;
constexpr graph::ElementKind loose_edge = 2;
constexpr graph::ElementKind guarding_edge = 3;
constexpr graph::Word word_name = 0;

const graph::Schema& schema() {
  static constexpr std::array<std::string_view, 1> words = {"name"};
  static const graph::Schema all(
      words, {{service, "service"}},
      {{.kind = service_root, .name = "service", .role = graph::ElementRole::root},
       {.kind = loose_edge, .name = "loose", .role = graph::ElementRole::edge},
       {.kind = guarding_edge,
        .name = "guarding",
        .role = graph::ElementRole::edge,
        .guards_target = true}},
      {});
  return all;
}

graph::Key key_of(std::string id) {
  return {0, service, std::move(id)};
}

graph::RecordDraft draft_of(std::string id, std::string name) {
  graph::RecordDraft draft;
  draft.key = key_of(std::move(id));
  draft.root.kind = service_root;
  draft.root.set_field(word_name, std::move(name));
  return draft;
}

graph::RecordRef fresh(const graph::RecordDraft& draft) {
  return graph::encode(draft, schema().dictionary());
}

graph::RecordDraft referring(std::string id, graph::ElementKind kind, std::string target) {
  graph::RecordDraft draft = draft_of(std::move(id), "referrer");
  graph::Element edge;
  edge.kind = kind;
  edge.target = graph::Target{service, std::move(target)};
  draft.root.children.push_back(std::move(edge));
  return draft;
}

bool same_name(const graph::Record& a, const graph::Record& b, const graph::Schema& schema) {
  return a.root(schema.dictionary()).field(word_name).text() ==
         b.root(schema.dictionary()).field(word_name).text();
}

struct Fixture {
  store::test::Place place;
  std::unique_ptr<store::EmbeddedStore> store = place.open(schema());

  Result<graph::Commit> run(graph::FetchPlan plan, graph::Decide decide) {
    return graph::transact_and_wait(*store, {}, std::move(plan), std::move(decide));
  }
  Result<graph::Commit> make(const graph::RecordDraft& draft) {
    return run(plan_for(draft.key), create(fresh(draft)));
  }
  Result<graph::Commit> remove(const std::string& id, Precondition precondition = {}) {
    return run(plan_for_erasing(schema(), key_of(id)), erase(key_of(id), std::move(precondition)));
  }
};

Precondition demands(graph::Sequence wanted) {
  return {[wanted](const graph::Record& present) -> Result<void> {
    if (present.sequence() == wanted)
      return {};
    return Error{ErrorCode::precondition_failed, "another version is there"};
  }};
}

TEST_CASE("an id is taken once") {
  Fixture fixture;
  CHECK(fixture.make(draft_of("a", "first")));
  const auto again = fixture.make(draft_of("a", "second"));
  REQUIRE_FALSE(again);
  CHECK(again.error().code == ErrorCode::conflict);
  CHECK(again.error().path == "/id");
}

TEST_CASE("a stub is filled by the record of its id") {
  Fixture fixture;
  REQUIRE(fixture.make(referring("a", loose_edge, "b")));
  CHECK_FALSE(fixture.store->newest()->find(key_of("b")));
  CHECK(fixture.make(draft_of("b", "here now")));
  CHECK(fixture.store->newest()->find(key_of("b")));
  CHECK(fixture.store->newest()->count_referrers(key_of("b")) == 1);
}

TEST_CASE("a change sees what is there and may leave it") {
  Fixture fixture;
  REQUIRE(fixture.make(draft_of("a", "old")));
  const auto rename = [](const graph::Record& present,
                         graph::Subgraph&) -> Result<std::optional<Revision>> {
    graph::RecordDraft draft = present.to_draft(schema().dictionary());
    if (draft.root.field_text(word_name) == "new")
      return std::optional<Revision>();
    draft.root.set_field(word_name, "new");
    return std::optional(Revision{std::move(draft)});
  };
  const auto changed = fixture.run(plan_for(key_of("a")), change(key_of("a"), {}, rename));
  REQUIRE(changed);
  CHECK(changed->sequence == 2);
  const auto unchanged = fixture.run(plan_for(key_of("a")), change(key_of("a"), {}, rename));
  REQUIRE(unchanged);
  CHECK(unchanged->sequence == 0);
  CHECK(fixture.store->newest()->find(key_of("a"))->sequence() == 2);
}

TEST_CASE("a stale precondition refuses change and deletion") {
  Fixture fixture;
  REQUIRE(fixture.make(draft_of("a", "old")));
  const auto keep = [](const graph::Record&, graph::Subgraph&) -> Result<std::optional<Revision>> {
    return std::optional<Revision>();
  };
  const auto changed = fixture.run(plan_for(key_of("a")), change(key_of("a"), demands(7), keep));
  REQUIRE_FALSE(changed);
  CHECK(changed.error().code == ErrorCode::precondition_failed);
  const auto removed = fixture.remove("a", demands(7));
  REQUIRE_FALSE(removed);
  CHECK(removed.error().code == ErrorCode::precondition_failed);
  CHECK(fixture.remove("a", demands(1)));
}

TEST_CASE("what is not there can be neither changed nor deleted") {
  Fixture fixture;
  const auto removed = fixture.remove("a");
  REQUIRE_FALSE(removed);
  CHECK(removed.error().code == ErrorCode::not_found);
}

TEST_CASE("a guarding edge keeps its target, a loose one becomes a stub reference") {
  Fixture fixture;
  REQUIRE(fixture.make(draft_of("a", "target")));
  REQUIRE(fixture.make(referring("loose", loose_edge, "a")));
  REQUIRE(fixture.make(referring("guard", guarding_edge, "a")));
  const auto refused = fixture.remove("a");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::conflict);
  CHECK(refused.error().message.find("guard") != std::string::npos);
  REQUIRE(fixture.remove("guard"));
  REQUIRE(fixture.remove("a"));
  CHECK(fixture.store->newest()->count_referrers(key_of("a")) == 1);
}

TEST_CASE("adopting the same content again changes nothing, other content is refused") {
  Fixture fixture;
  const graph::RecordDraft draft = draft_of("a", "as it is");
  const auto adopt_once = [&](const graph::RecordDraft& wanted) {
    return fixture.run(plan_for(wanted.key), adopt(Adoption{fresh(wanted)}, same_name));
  };
  REQUIRE(adopt_once(draft));
  const auto again = adopt_once(draft);
  REQUIRE(again);
  CHECK(again->sequence == 0);
  const auto other = adopt_once(draft_of("a", "something else"));
  REQUIRE_FALSE(other);
  CHECK(other.error().code == ErrorCode::conflict);
}

TEST_CASE("many are adopted in the order of their lines, however often the rule is asked") {
  Fixture fixture;
  REQUIRE(fixture.make(draft_of("b", "there")));
  const std::vector<Adoption> lines{{fresh(draft_of("a", "second")), 3},
                                    {fresh(draft_of("a", "second")), 4},
                                    {fresh(draft_of("b", "there")), 2},
                                    {fresh(draft_of("c", "first")), 1}};
  std::vector<Clash> clashes;
  graph::FetchPlan plan;
  plan.records = {key_of("a"), key_of("b"), key_of("c")};
  const graph::Decide decide = adopt_all(lines, same_name, clashes);
  const auto commit = fixture.run(plan, [&](graph::Subgraph& subgraph) {
    const auto once = decide(subgraph);
    CHECK(once.has_value());
    return decide(subgraph);
  });
  REQUIRE(commit);
  CHECK(clashes.empty());
  REQUIRE(commit->records.size() == 2);
  CHECK(commit->records[0]->id() == "c");
  CHECK(commit->records[1]->id() == "a");
  CHECK(commit->records[1]->root(schema().dictionary()).field(word_name).text() == "second");
}

TEST_CASE("every line in the way is told once, however often the rule is asked") {
  Fixture fixture;
  REQUIRE(fixture.make(draft_of("b", "there")));
  const std::vector<Adoption> lines{{fresh(draft_of("a", "one")), 1},
                                    {fresh(draft_of("a", "another")), 3},
                                    {fresh(draft_of("b", "other")), 2}};
  std::vector<Clash> clashes;
  graph::FetchPlan plan;
  plan.records = {key_of("a"), key_of("b")};
  const graph::Decide decide = adopt_all(lines, same_name, clashes);
  const auto commit = fixture.run(plan, [&](graph::Subgraph& subgraph) {
    const auto once = decide(subgraph);
    CHECK_FALSE(once.has_value());
    return decide(subgraph);
  });
  REQUIRE_FALSE(commit);
  CHECK(commit.error().code == ErrorCode::conflict);
  REQUIRE(clashes.size() == 2);
  CHECK(clashes[0].line == 3);
  CHECK(clashes[0].error.message.find("line 1") != std::string::npos);
  CHECK(clashes[1].line == 2);
  CHECK(clashes[1].id == "b");
  CHECK_FALSE(fixture.store->newest()->find(key_of("a")));
}

TEST_CASE("what was encoded with another schema is not committed") {
  Fixture fixture;
  static constexpr std::array<std::string_view, 1> words = {"name"};
  const graph::Schema other(words, {}, {}, {});
  const auto refused =
      fixture.run(plan_for(key_of("a")), under(other, create(fresh(draft_of("a", "x")))));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::unavailable);
  CHECK(fixture.run(plan_for(key_of("a")), under(schema(), create(fresh(draft_of("a", "x"))))));
}

} // namespace
} // namespace diffo::rules
