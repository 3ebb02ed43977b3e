#include "tmf/observed.h"

#include "graph/annotation.h"
#include "model/model.h"
#include "model/words.h"
#include "rules/annotating.h"
#include "rules/instances.h"
#include "testing/test_documents.h"
#include "tmf/patch.h"

#include <doctest/doctest.h>

using namespace diffo;
using namespace diffo::tmf;
using namespace diffo::testing;

namespace {

const graph::Schema& schema() {
  return model::inventory_schema();
}

const rules::Precedence ranked({{"strong", std::nullopt, {}}, {"weak", std::nullopt, {}}});

/// Behind the times at which records were written.
constexpr std::int64_t later = 1'900'000'000'000'000;

ObservedDocument observed(std::string_view set, std::string_view absent = "null") {
  const json::Value document = parsed(set);
  const json::Value gone = parsed(absent);
  auto read =
      read_observed(&document, gone.is_null() ? nullptr : &gone, model::Api::service, schema());
  REQUIRE_MESSAGE(read.has_value(), read.error().text());
  return *std::move(read);
}

/// The record after that was seen of it, and what was not taken.
struct Seen {
  graph::RecordRef record;
  std::vector<std::string> not_taken;
};

Seen see(const graph::RecordRef& present, rules::Said said, std::string_view set,
         std::string_view absent = "null", const rules::Precedence& precedence = ranked) {
  said.at += later;
  auto change = merge_observed(*present, observed(set, absent), {said, precedence, {}}, schema());
  REQUIRE_MESSAGE(change.has_value(), change.error().text());
  Seen seen{change->draft ? packed(*change->draft) : present, {}};
  for (const NotTaken& one : change->not_taken)
    seen.not_taken.push_back(one.address);
  return seen;
}

graph::RecordRef line() {
  return record_of(R"({"id": "l", "state": "inactive", "serviceSpecification": {"id": "S"},
    "serviceCharacteristic": [{"name": "mtu", "value": 1500}, {"name": "vlan", "value": 7}],
    "relatedParty": [{"id": "P", "role": "customer"}]})",
                   model::Api::service, model::Version::v4);
}

std::string source_of(const graph::Record& record, std::string_view member) {
  const auto note = graph::annotation_of(record.root(schema().dictionary()), member);
  return note ? note->source : std::string();
}

} // namespace

TEST_CASE("what is seen is merged: what is not mentioned stays, and each is annotated") {
  const auto record = see(line(), {"weak", 10}, R"({"state": "active", "serviceCharacteristic":
    [{"name": "mtu", "value": 9000}, {"name": "new", "value": {"a": 1}}]})")
                          .record;
  const json::Value document = shown(*record, model::Version::v4);
  CHECK(document.text_of("state") == "active");
  CHECK(
      json::to_text(*document.find("serviceCharacteristic")) ==
      R"([{"name":"mtu","value":9000},{"name":"vlan","value":7},{"name":"new","value":{"a":1}}])");
  CHECK(source_of(*record, "state") == "weak");
  CHECK(source_of(*record, "description") == "api");
}

TEST_CASE("what is so already needs no draft") {
  const auto record = line();
  CHECK(is_as_observed(*record, observed(R"({"state": "inactive"})"), schema()));
  CHECK(is_as_observed(*record, observed(R"({"serviceCharacteristic": [{"name": "vlan",
    "value": 7}, {"name": "mtu"}], "serviceSpecification": {"id": "S"}})"),
                       schema()));
  CHECK_FALSE(is_as_observed(*record, observed(R"({"state": "active"})"), schema()));
  CHECK_FALSE(is_as_observed(
      *record, observed(R"({"serviceCharacteristic": [{"name": "vlan", "value": 8}]})"), schema()));
  CHECK_FALSE(is_as_observed(*record, observed(R"({"description": null})"), schema()));
}

TEST_CASE("a stronger source holds its attributes against weaker ones, one by one") {
  auto record = see(line(), {"strong", 10}, R"({"state": "active"})").record;
  const Seen second = see(record, {"weak", 20}, R"({"state": "terminated", "description": "x"})");
  CHECK(second.not_taken == std::vector<std::string>{"state"});
  CHECK(shown(*second.record, model::Version::v4).text_of("state") == "active");
  CHECK(shown(*second.record, model::Version::v4).text_of("description") == "x");
}

TEST_CASE("what a stronger source says too becomes its own") {
  const auto weak = see(line(), {"weak", 10}, R"({"state": "active"})").record;
  const auto both = see(weak, {"strong", 11}, R"({"state": "active"})").record;
  CHECK(source_of(*both, "state") == "strong");
  CHECK(see(both, {"weak", 12}, R"({"state": "terminated"})").not_taken.size() == 1);
}

TEST_CASE("what was written over the API is noted as such, part by part") {
  const auto seen = see(line(), {"weak", 10}, R"({"state": "active", "serviceCharacteristic":
    [{"name": "mtu", "value": 9000}]})")
                        .record;
  graph::RecordDraft draft = seen->to_draft(schema().dictionary());
  for (graph::Element& child : draft.root.children)
    if (child.field_text(model::words::name) == "mtu")
      child.set_field(model::words::value, 1400);
  std::erase_if(draft.root.children, [](const graph::Element& child) {
    return child.field_text(model::words::name) == "vlan";
  });
  rules::note_api(*seen, draft, later + 100, schema());
  const auto written = packed(draft);
  CHECK(source_of(*written, "state") == "weak");
  // What is older than the write does not take it back, what is newer does.
  const char* again = R"({"serviceCharacteristic": [{"name": "mtu", "value": 9000},
    {"name": "vlan", "value": 7}]})";
  CHECK(
      see(written, {"weak", 99}, again).not_taken ==
      std::vector<std::string>{"serviceCharacteristic[mtu].value", "serviceCharacteristic[vlan]"});
  CHECK(see(written, {"weak", 101}, again).not_taken.empty());
}

TEST_CASE("who got another role over the API is not taken back by what is older") {
  const auto seen = see(line(), {"weak", 10}, R"({"state": "active"})").record;
  auto patched = patch(*seen, parsed(R"({"relatedParty": [{"id": "P", "role": "owner"}]})"),
                       PatchKind::merge, model::Api::service, model::Version::v4, links());
  REQUIRE(patched);
  REQUIRE(*patched);
  rules::note_api(*seen, **patched, later + 100, schema());
  const auto written = packed(**patched);
  const char* again =
      R"({"relatedParty": [{"role": "customer", "partyOrPartyRole": {"id": "P"}}]})";
  CHECK(see(written, {"weak", 99}, again).not_taken ==
        std::vector<std::string>{"relatedParty[customer]"});
  // What is newer is another one all the same: somebody may have two roles.
  const auto both = see(written, {"weak", 101}, again).record;
  CHECK(shown(*both, model::Version::v4).find("relatedParty")->array().size() == 2);
}

TEST_CASE("what is gone is named by address or pointer, and stays gone for older sights") {
  for (const char* where :
       {R"(["serviceCharacteristic[vlan]"])", R"(["/serviceCharacteristic/1"])"}) {
    CAPTURE(where);
    const auto record = see(line(), {"weak", 10}, "{}", where).record;
    CHECK(json::to_text(*shown(*record, model::Version::v4).find("serviceCharacteristic")) ==
          R"([{"name":"mtu","value":1500}])");
    const char* back = R"({"serviceCharacteristic": [{"name": "vlan", "value": 7}]})";
    CHECK(see(record, {"weak", 9}, back).not_taken ==
          std::vector<std::string>{"serviceCharacteristic[vlan]"});
    CHECK(see(record, {"weak", 11}, back).not_taken.empty());
  }
}

TEST_CASE("only what cannot be read is refused") {
  const auto refused = [](std::string_view set) {
    const json::Value document = parsed(set);
    return !read_observed(&document, nullptr, model::Api::service, schema()).has_value();
  };
  CHECK_FALSE(refused(R"({"state": "on fire"})"));
  CHECK_FALSE(refused(R"({"unheard": {"of": [1, null]}})"));
  CHECK(refused(R"({"state": 1})"));
  CHECK(refused(R"({"relatedParty": "P"})"));
  CHECK(refused(R"([1])"));
}
