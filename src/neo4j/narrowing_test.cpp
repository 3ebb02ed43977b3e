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

TEST_CASE("lists of keys are looked up by words, where nothing tells of single records") {
  const ListIndexes lists = list_indexes_of(schema());
  CHECK(lists.numbers == std::vector<graph::IndexNumber>{index_tag});
  const auto looked_up = [&lists](graph::Filter filter) {
    graph::Query query;
    query.families = {service, party};
    query.filter = std::move(filter);
    return narrow(query, schema(), "p", lists);
  };
  const Narrowing tags = looked_up(equal("tag", {"a", "b"}));
  CHECK(tags.source ==
        "MATCH (w:DiffoWord) WHERE (w.at IN $p2) MATCH (n:DiffoRecord)-[:DIFFO_HAS]->(w)");
  CHECK(*tags.parameters.find("p2") ==
        bolt::Value(bolt::List{"0|1|a|4|7861", "0|1|a|4|7862", "0|2|a|4|7861", "0|2|a|4|7862"}));
  CHECK(tags.condition == "n.scope IN $p0 AND any(x IN n.k4 WHERE x IN $p1)");
  CHECK(tags.exact);
  CHECK(tags.repeats);
  const Narrowing open = looked_up(graph::all_of({unknown(), graph::in_index("tag")}));
  CHECK(open.source ==
        "MATCH (w:DiffoWord) WHERE ((w.at >= $p2 AND w.at <= $p3) OR (w.at >= $p4 AND "
        "w.at <= $p5)) MATCH (n:DiffoRecord)-[:DIFFO_HAS]->(w)");
  CHECK(*open.parameters.find("p2") == bolt::Value("0|1|a|4|"));
  CHECK(*open.parameters.find("p3") == bolt::Value("0|1|a|4|g"));
  CHECK_FALSE(open.exact);
  const std::string scan = "MATCH (n:DiffoRecord)";
  CHECK(looked_up(equal("state", {"active"})).source == scan);
  CHECK(looked_up(graph::any_of({unknown(), equal("tag", {"a"})})).source == scan);
  CHECK(looked_up(graph::all_of({graph::equal_text({.end = graph::FieldPath::End::id}, {"a"}),
                                 equal("tag", {"a"})}))
            .source == scan);
  CHECK(looked_up(graph::all_of({graph::has_edge({party_edge}, {graph::Target{party, "a"}}),
                                 equal("tag", {"a"})}))
            .source.ends_with("(o:DiffoRecord)"));
  CHECK(looked_up(equal("tag", {})).source == scan);
  CHECK(narrowed(equal("tag", {"a"})).source == scan);
}

TEST_CASE("alternatives are united where each of them is found, and one by more than a range") {
  const graph::Filter edge = graph::has_edge({party_edge}, {graph::Target{party, "a"}});
  const Narrowing united = narrowed(graph::any_of({edge, graph::in_index("state")}));
  CHECK(united.source ==
        "CALL () { MATCH (n:DiffoRecord)-[e:DIFFO_REFERS]->(o:DiffoRecord) WHERE "
        "o.key IN $p4 AND e.kind IN $p5 RETURN n UNION MATCH (n:DiffoRecord) "
        "WHERE n.scope IN $p6 AND ((n.k2 >= $p7)) AND n.created IS NOT NULL RETURN n } "
        "WITH n");
  CHECK(united.exact);
  CHECK_FALSE(united.repeats);
  CHECK(united.condition.starts_with("n.scope = $p0 AND (EXISTS {"));
  const graph::Filter named =
      graph::all_of({graph::equal_text({.end = graph::FieldPath::End::id}, {"a"}),
                     graph::none_of(graph::in_index("name"))});
  const Narrowing either = narrowed(graph::any_of({equal("name", {"a"}), named}));
  CHECK(either.source == "CALL () { MATCH (n:DiffoRecord) WHERE n.scope IN $p4 AND n.k1 = $p5 AND "
                         "n.created IS NOT NULL RETURN n UNION MATCH (n:DiffoRecord) WHERE n.key "
                         "IN $p6 RETURN n } WITH n");
  CHECK(either.exact);
  const std::string scan = "MATCH (n:DiffoRecord)";
  CHECK(narrowed(graph::any_of({edge, unknown()})).source == scan);
  CHECK(narrowed(graph::any_of({equal("state", {"active"}), graph::in_index("name")})).source ==
        scan);
}

TEST_CASE("keys that are cut tell less") {
  const Narrowing narrowing = narrowed(equal("name", {std::string(60, 'n')}));
  CHECK_FALSE(narrowing.exact);
  CHECK(*narrowing.parameters.find("p1") == bolt::Value(hex_text("x" + std::string(47, 'n'))));
  CHECK(condition(graph::none_of(equal("name", {std::string(60, 'n')}))).empty());
}

TEST_CASE("edges become relationships") {
  const Narrowing to_one = narrowed(graph::has_edge({party_edge}, {graph::Target{party, "a"}}));
  CHECK(to_one.source == "MATCH (n:DiffoRecord)-[e:DIFFO_REFERS]->(o:DiffoRecord)");
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
