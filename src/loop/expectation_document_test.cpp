#include "loop/expectation_document.h"

#include "model/schema.h"

#include <doctest/doctest.h>

#include <string>

namespace diffo::loop {
namespace {

json::Value read(const std::string& text) {
  return json::read(text).value();
}

Result<ExpectationDocument> parsed(json::Value document) {
  return ExpectationDocument::parse(std::move(document), model::inventory_schema());
}

TEST_CASE("hops are read as they are written in files and as objects") {
  struct Row {
    const char* written;
    bool forward;
    Hop::Mechanism mechanism;
    const char* type;
    const char* alias;
  };
  constexpr auto relationship = Hop::Mechanism::relationship;
  constexpr auto assignment = Hop::Mechanism::assignment;
  for (const Row& row :
       {Row{R"("->contains")", true, relationship, "contains", ""},
        Row{R"("<-owns")", false, relationship, "owns", ""},
        Row{R"("->owns:port")", true, relationship, "owns", "port"},
        Row{R"("->:circuit")", true, relationship, "", "circuit"},
        Row{R"("=>slot")", true, assignment, "", "slot"},
        Row{R"("<=cvc")", false, assignment, "", "cvc"},
        Row{R"("cvc")", false, assignment, "", "cvc"},
        Row{R"({"forward": {"relationship": "owns"}})", true, relationship, "owns", ""},
        Row{R"({"reverse": {"relationship": {"type": "owns", "alias": "port"}}})", false,
            relationship, "owns", "port"},
        Row{R"({"reverse": {"assignment": "cvc"}})", false, assignment, "", "cvc"}}) {
    CAPTURE(row.written);
    const auto hop = Hop::parse(read(row.written), "/via/0");
    REQUIRE(hop);
    CHECK(hop->forward == row.forward);
    CHECK(hop->mechanism == row.mechanism);
    CHECK(hop->type == row.type);
    CHECK(hop->alias == row.alias);
  }
}

TEST_CASE("a hop that says too little is refused with its place") {
  for (const char* written :
       {R"("")", R"("->")", R"("->:")", R"("=>")", "7", "null", "{}", R"({"sideways": {}})",
        R"({"forward": {}})", R"({"forward": {"assignment": ""}})",
        R"({"forward": {"relationship": {}}})"}) {
    CAPTURE(written);
    const auto hop = Hop::parse(read(written), "/via/0");
    REQUIRE_FALSE(hop);
    CHECK(hop.error().code == ErrorCode::invalid);
    CHECK(hop.error().path == "/via/0");
  }
}

TEST_CASE("an expectation document is kept as it came") {
  const char* text =
      R"({"id": "e1", "name": "gold", "owner": "orders", "priority": 5, "colour": {"kept": [1.50]},
    "validFor": {"startDateTime": "2026-01-01T00:00:00Z", "endDateTime": "2027-01-01"},
    "target": {"id": "s1"}, "profile": "v4", "expect": {"state": "active"}})";
  const auto document = parsed(read(text));
  REQUIRE(document);
  CHECK(json::to_text(document->document) == json::to_text(read(text)));
  CHECK(document->name == "gold");
  CHECK(document->owner == "orders");
  CHECK(document->profile == outstanding::Profile::v4);
  CHECK(document->valid_from == 1'767'225'600'000'000);
  CHECK(document->valid_until == 1'798'761'600'000'000);
  CHECK(std::get<TargetById>(document->target).id == "s1");
}

TEST_CASE("all problems of an expectation document are told at once") {
  const auto document = parsed(read(
      R"({"name": 7, "priority": "high", "validFor": {"endDateTime": "soon"}, "target": {"of": "a", "via": ["->"]},
               "expect": {"state": {"$no": 1}}})"));
  REQUIRE_FALSE(document);
  std::string paths;
  for (const Error& problem : document.error().problems)
    paths += problem.path + ' ';
  CHECK(paths == "/name /priority /validFor/endDateTime /target/via/0 /expect/state/$no ");
}

TEST_CASE("a target is one of four forms, and nothing beside it is overlooked") {
  const auto target_of = [](const std::string& target) {
    return parsed(read(R"({"expect": {}, "target": )" + target + "}"));
  };
  CHECK(std::holds_alternative<TargetByFilter>(
      target_of(R"({"filter": "state=active"})").value().target));
  CHECK(
      std::holds_alternative<TargetByHops>(target_of(R"({"of": "a", "via": []})").value().target));
  CHECK(std::holds_alternative<TargetByKey>(
      target_of(R"({"kind": "access", "key": {"name": "n"}})").value().target));
  for (const char* bad : {"7", "{}", R"({"id": ""})", R"({"id": "a", "fliter": "b"})",
                          R"({"kind": "access"})", R"({"kind": "access", "key": {}})",
                          R"({"filter": "a=b", "family": "party"})", R"({"of": "a"})"}) {
    CAPTURE(bad);
    CHECK_FALSE(target_of(bad));
  }
  CHECK_FALSE(parsed(read(R"({"expect": {}})")));
}

} // namespace
} // namespace diffo::loop
