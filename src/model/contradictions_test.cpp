#include "model/contradictions.h"
#include "model/schema.h"
#include "model/words.h"

#include <doctest/doctest.h>

using namespace diffo;
using namespace diffo::model;

namespace {

graph::Element service_with(graph::Element child) {
  graph::Element root;
  root.kind = kinds::service;
  root.children.push_back(std::move(child));
  return root;
}

std::string found_in(const graph::Element& root) {
  std::string text;
  for (const Contradiction& one : contradictions_of(root, inventory_schema()))
    text += one.path + " " + one.member + "\n";
  return text;
}

} // namespace

TEST_CASE("two homes of one member of one object contradict each other") {
  graph::Element place;
  place.kind = kinds::place_reference;
  place.target = graph::Target{family_place, "a"};
  CHECK(found_in(service_with(place)).empty());
  place.fields.emplace_back(words::id, "b");
  CHECK(found_in(service_with(place)) == "place[0].place id\n");

  graph::Element good = place;
  good.fields.clear();
  graph::Element several = service_with(good);
  several.children.push_back(service_with({}).children.front());
  several.children.back().kind = kinds::note;
  several.children.push_back(place);
  CHECK(found_in(several) == "place[1].place id\n");

  graph::Element relation;
  relation.kind = kinds::service_relation;
  relation.fields.emplace_back(words::outer_type, "X");
  relation.fields.emplace_back(words::type, "ServiceRef");
  CHECK(found_in(service_with(relation)).empty());
  graph::Element outer;
  outer.kind = kinds::outer;
  outer.extra.push_back({"@type", nullptr});
  relation.children.push_back(outer);
  CHECK(found_in(service_with(relation)) == "serviceRelationship[0] @type\n");

  graph::Element root = service_with({});
  root.children.front().kind = kinds::note;
  root.extra.push_back({"note", "none"});
  CHECK(found_in(root) == " note\n");
}

TEST_CASE("a record that contradicts itself is not made") {
  graph::RecordDraft draft;
  draft.key = {0, family_service, "x"};
  draft.root.kind = kinds::service;
  draft.root.fields.emplace_back(words::name, "a");
  CHECK(model::encode(draft, inventory_schema()).has_value());
  draft.root.extra.push_back({"name", "b"});
  const auto refused = model::encode(draft, inventory_schema());
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().message == "it would have two members \"name\" in the entity");
}

TEST_CASE("a check is told what stands twice in an old record and how to mend it") {
  graph::RecordDraft draft;
  draft.key = {0, family_service, "x"};
  draft.root.kind = kinds::service;
  draft.root.fields.emplace_back(words::name, "a");
  const graph::Schema& schema = inventory_schema();
  CHECK(contradiction_findings(*graph::encode(draft, schema.dictionary()), schema).empty());
  draft.root.extra.push_back({"name", "b"});
  graph::Element place;
  place.kind = kinds::place_reference;
  place.target = graph::Target{family_place, "a"};
  place.fields.emplace_back(words::id, "b");
  draft.root.children.push_back(place);
  const auto findings = contradiction_findings(*graph::encode(draft, schema.dictionary()), schema);
  REQUIRE(findings.size() == 2);
  std::string all;
  for (const Error& finding : findings)
    all += finding.text() + "\n";
  CHECK(all.find("PATCH name as a whole") != std::string::npos);
  CHECK(all.find("PATCH place as a whole") != std::string::npos);
}
