#include "neo4j/narrowing.h"

#include "neo4j/layout.h"
#include "testing/store_schema.h"

#include <doctest/doctest.h>

using namespace diffo;
using namespace diffo::neo4j;
using namespace diffo::store::test;

namespace {

Narrowing narrowed(graph::Filter filter, std::vector<graph::Family> families = {service}) {
  graph::Query query;
  query.tenant = 7;
  query.families = std::move(families);
  query.filter = std::move(filter);
  return narrow(query, schema(), "p");
}

/// The condition of the filter alone.
std::string condition(graph::Filter filter) {
  const std::string scope = "n.scope = $p0";
  const std::string text = narrowed(std::move(filter)).condition;
  REQUIRE(text.starts_with(scope));
  return text == scope ? "" : text.substr(scope.size() + 5);
}

graph::Filter equal(const char* member, std::vector<std::string> texts) {
  return graph::equal_text({.member = member}, std::move(texts));
}

graph::Filter unknown() {
  return graph::residual({"even", "", [](const graph::Record&) { return true; }});
}

const std::string active = "78616374697665"; // "x" and the text

} // namespace

TEST_CASE("a query without a filter asks for its scopes") {
  const Narrowing one = narrowed({});
  CHECK(one.condition == "n.scope = $p0");
  CHECK(one.exact);
  CHECK(one.parameters == bolt::Map{{"p0", "7|1|a"}});
  const Narrowing all = narrowed({}, {});
  CHECK(all.condition == "n.scope IN $p0");
  CHECK(all.parameters == bolt::Map{{"p0", bolt::List{"7|1|a", "7|2|a"}}});
}

TEST_CASE("ids become keys in all families asked for") {
  const Narrowing ids =
      narrowed(graph::equal_text({.end = graph::FieldPath::End::id}, {"a", "b"}), {});
  CHECK(ids.condition == "n.scope IN $p0 AND n.key IN $p1");
  CHECK(ids.exact);
  CHECK(*ids.parameters.find("p1") == bolt::Value(bolt::List{"7|1|a", "7|2|a", "7|1|b", "7|2|b"}));
}

TEST_CASE("an index answers comparisons of its path") {
  const Narrowing same = narrowed(equal("state", {"active"}));
  CHECK(same.condition == "n.scope = $p0 AND n.k2 = $p1");
  CHECK(same.exact);
  CHECK(*same.parameters.find("p1") == bolt::Value(active));
  CHECK(same.fixed == std::vector<std::string>{"n.scope", "n.k2"});
  CHECK(condition(equal("state", {"active", "off"})) == "(n.k2 IN $p1)");
  CHECK(condition(graph::compare({.member = "name"}, graph::Compare::greater, Reading::text,
                                 {json::Value("active")})) == "((n.k1 > $p1 AND n.k1 < $p2))");
  CHECK(condition(equal("tag", {"a", "b"})) == "any(x IN n.k4 WHERE x IN $p1)");
  CHECK(condition(equal("tag", {})) == "false");
  CHECK(condition(graph::in_index("number")) == "((n.k3 >= $p1))");
}

TEST_CASE("keys that are cut tell less") {
  const Narrowing narrowing = narrowed(equal("name", {std::string(60, 'n')}));
  CHECK_FALSE(narrowing.exact);
  CHECK(*narrowing.parameters.find("p1") == bolt::Value(hex_text("x" + std::string(47, 'n'))));
  CHECK(condition(graph::none_of(equal("name", {std::string(60, 'n')}))).empty());
}

TEST_CASE("edges become relationships") {
  const Narrowing to_one = narrowed(graph::has_edge({party_edge}, {graph::Target{party, "a"}}));
  CHECK(to_one.pattern == "(n:DiffoRecord)-[e:DIFFO_REFERS]->(o:DiffoRecord)");
  CHECK(to_one.repeats);
  CHECK(to_one.condition == "n.scope = $p0 AND o.key IN $p1 AND e.kind IN $p2");
  CHECK(to_one.exact);
  CHECK(*to_one.parameters.find("p1") == bolt::Value(bolt::List{"7|2|a"}));
  CHECK(*to_one.parameters.find("p2") == bolt::Value(bolt::List{4}));
  CHECK(condition(graph::none_of(graph::has_edge({party_edge}, {}))) ==
        "NOT coalesce(EXISTS { MATCH (n)-[r:DIFFO_REFERS]->(t:DiffoRecord) WHERE r.kind IN $p1 }, "
        "false)");
  graph::Filter with_child = graph::has_edge({}, {graph::Target{party, "a"}});
  with_child.children.push_back(graph::exists({.member = "role"}));
  CHECK_FALSE(narrowed(std::move(with_child)).exact);
}

TEST_CASE("what the database cannot tell makes the condition wider, never narrower") {
  const Narrowing part = narrowed(graph::all_of({unknown(), equal("state", {"active"})}));
  CHECK(part.condition == "n.scope = $p0 AND n.k2 = $p1");
  CHECK_FALSE(part.exact);
  CHECK(condition(graph::any_of({unknown(), equal("state", {"active"})})).empty());
  CHECK(condition(graph::none_of(graph::all_of({unknown(), equal("state", {"active"})}))).empty());
  CHECK(condition(graph::none_of(equal("state", {"active"}))) == "NOT coalesce(n.k2 = $p1, false)");
  CHECK(condition(graph::any_of({equal("state", {"active"}), equal("state", {"off"})})) ==
        "(n.k2 = $p1 OR n.k2 = $p2)");
  CHECK(condition(graph::exists({.member = "name"})).empty());
  CHECK_FALSE(narrowed(graph::exists({.member = "name"})).exact);
}
