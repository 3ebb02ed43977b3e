#include "model/domain/hops.h"

#include <doctest/doctest.h>

#include <vector>

using namespace diffo;
using namespace diffo::model;

namespace {

using Direction = Hop::Direction;
using Mechanism = Hop::Mechanism;

} // namespace

TEST_CASE("a hop is read in each of its forms and written in the shortest") {
  struct Case {
    const char* written;
    Hop hop;
    const char* shortest;
  };
  const Case cases[] = {
      {R"("cvc")", {Direction::reverse, Mechanism::assignment, "", "cvc"}, R"("cvc")"},
      {R"("<=cvc")", {Direction::reverse, Mechanism::assignment, "", "cvc"}, R"("cvc")"},
      {R"("=>slot")", {Direction::forward, Mechanism::assignment, "", "slot"}, R"("=>slot")"},
      {R"("->contains")", {Direction::forward, Mechanism::relationship, "contains", ""}, nullptr},
      {R"("<-owns")", {Direction::reverse, Mechanism::relationship, "owns", ""}, nullptr},
      {R"("->owns:port")", {Direction::forward, Mechanism::relationship, "owns", "port"}, nullptr},
      {R"("->:circuit")", {Direction::forward, Mechanism::relationship, "", "circuit"}, nullptr},
      {R"("=@site")", {Direction::forward, Mechanism::place, "", "site"}, nullptr},
      {R"("<@site")", {Direction::reverse, Mechanism::place, "", "site"}, nullptr},
      {R"({"forward":{"assignment":"a"}})",
       {Direction::forward, Mechanism::assignment, "", "a"},
       R"("=>a")"},
      {R"({"forward":{"relationship":{"type":"owns","alias":"port"}}})",
       {Direction::forward, Mechanism::relationship, "owns", "port"},
       R"("->owns:port")"},
      {R"({"reverse":{"relationship":"owns"}})",
       {Direction::reverse, Mechanism::relationship, "owns", ""},
       R"("<-owns")"},
      {R"({"forward":{"place":"site"}})",
       {Direction::forward, Mechanism::place, "", "site"},
       R"("=@site")"},
      {R"({"reverse":{"party":"owner"}})",
       {Direction::reverse, Mechanism::party, "", "owner"},
       nullptr},
      // What an arrow could not say.
      {R"({"reverse":{"assignment":"->x"}})",
       {Direction::reverse, Mechanism::assignment, "", "->x"},
       nullptr},
      {R"({"forward":{"relationship":{"type":"a:b"}}})",
       {Direction::forward, Mechanism::relationship, "a:b", ""},
       nullptr},
      // Of several mechanisms the assignment counts.
      {R"({"forward":{"relationship":"t","assignment":"a"}})",
       {Direction::forward, Mechanism::assignment, "", "a"},
       R"("=>a")"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.written);
    const auto read = parse_hop(*json::read(one.written));
    REQUIRE(read);
    CHECK((*read == one.hop));
    const json::Value written = to_json(*read);
    CHECK(json::to_text(written) == (one.shortest != nullptr ? one.shortest : one.written));
    CHECK((*parse_hop(written) == one.hop));
  }
}

TEST_CASE("what is no hop is refused with its reason") {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"7", "invalid_hop"},
      {"null", "invalid_hop"},
      {"{}", "invalid_hop"},
      {R"({"up":{"assignment":"a"}})", "invalid_hop"},
      {R"({"forward":{"assignment":"a"},"reverse":{"assignment":"a"}})", "invalid_hop"},
      {R"({"forward":{"relationship":{"typ":"a"}}})", "invalid_hop"},
      {R"({"forward":{}})", "hop_missing_mechanism"},
      {R"({"forward":7})", "hop_missing_mechanism"},
      {R"("")", "assignment_requires_alias"},
      {R"("=>")", "assignment_requires_alias"},
      {R"({"forward":{"assignment":null}})", "assignment_requires_alias"},
      {R"("->")", "relationship_requires_type_or_alias"},
      {R"("<-:")", "relationship_requires_type_or_alias"},
      {R"({"forward":{"relationship":{}}})", "relationship_requires_type_or_alias"},
      {R"({"forward":{"relationship":7}})", "relationship_requires_type_or_alias"},
      {R"("=@")", "place_or_party_requires_role"},
  };
  for (const auto& [written, reason] : cases) {
    CAPTURE(written);
    const auto read = parse_hop(*json::read(written));
    REQUIRE_FALSE(read);
    CHECK(read.error().message.starts_with(std::string(reason) + ": "));
  }
}
