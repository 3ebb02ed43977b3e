#include "loop/target_reads.h"

#include "loop/evaluate.h"
#include "loop/expectation_record.h"
#include "model/contradictions.h"
#include "model/schema.h"
#include "rules/instances.h"
#include "testing/test_store.h"
#include "tmf/import_line.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>

namespace diffo::loop {
namespace {

constexpr const char* instances[] = {
    R"({"id":"a","state":"active","name":"access","serviceSpecification":{"id":"S"},
        "serviceRelationship":[{"relationshipType":"owns","alias":"x","service":{"id":"b"}},
                               {"relationshipType":"owns","service":{"id":"c"}},
                               {"relationshipType":"uses","service":{"id":"nobody"}}]})",
    R"({"id":"b","state":"inactive","name":"bearer","serviceSpecification":{"id":"S"},
        "serviceRelationship":[{"relationshipType":"owns","service":{"id":"c"}}],
        "resourceRelationship":[{"relationshipType":"uses","resource":{"id":"r"}}],
        "relatedParty":[{"id":"p","role":"Owner","@referredType":"Organization"}]})",
    R"({"id":"c","state":"active","name":"core","serviceSpecification":{"id":"S"},
        "serviceRelationship":[{"relationshipType":"uses","service":{"id":"a"}}]})",
    R"({"id":"r","name":"router","resourceStatus":"available"})"};

constexpr const char* expectations[] = {
    R"({"target":{"id":"a"},"expect":{"state":"inactive"}})",
    R"({"target":{"id":"r"},"expect":{"name":"switch"}})",
    R"({"target":{"id":"none"},"expect":{"state":"active"}})",
    R"({"target":{"filter":"state=active"},"expect":{"name":"access"}})",
    R"({"target":{"of":"a","via":["->owns"]},"expect":{"state":"active"}})",
    R"({"target":{"of":"a","via":["->owns:x","->uses"]},"expect":{"name":"switch"}})",
    R"({"target":{"of":"c","via":["<-owns","<-owns"]},"expect":{"state":"inactive"}})",
    R"({"target":{"of":"r","via":["<-uses","<-:x","->uses"]},"expect":{"state":"active"}})",
    R"({"target":{"kind":"S","key":{"name":"bearer"}},"expect":{"state":"active"}})",
    R"({"target":{"kind":"S","key":{"name":"beer"}},"expect":{"state":"active"}})",
    R"({"target":{"filter":"state=active"},"expect":{"serviceRelationship":[
        {"relationshipType":"owns","service":{"expect":{"state":"inactive","serviceRelationship":[
        {"relationshipType":"owns","service":{"expect":{"state":"inactive"}}}]}}}]}})",
    R"({"profile":"diffo","target":{"id":"b"},"expect":{"relatedParty":[{"role":"Owner","name":"Ann"}],
        "state":"active"}})"};

struct Inventory {
  store::test::Place place;
  std::unique_ptr<store::EmbeddedStore> store;

  explicit Inventory(graph::Unplanned unplanned) {
    store::EmbeddedOptions options = place.options(model::inventory_schema());
    options.unplanned = unplanned;
    store = store::EmbeddedStore::open(std::move(options)).value();
    for (const char* text : instances) {
      const auto draft = tmf::decode_import_line(json::read(text).value(), {},
                                                 model::inventory_schema(), graph::Context{})
                             .value();
      auto record = model::encode(draft, model::inventory_schema()).value();
      REQUIRE(graph::transact_and_wait(*store, {}, rules::plan_for(draft.key),
                                       rules::create(std::move(record))));
    }
  }
};

ExpectationDocument expectation_of(const char* text) {
  auto expectation =
      ExpectationDocument::parse(json::read(text).value(), model::inventory_schema());
  REQUIRE_MESSAGE(expectation.has_value(), text);
  return std::move(*expectation);
}

std::string told(const ExpectationResidue& residue) {
  std::string text;
  for (const TargetResidue& target : residue.targets)
    text += target.family + ' ' + target.id + '@' + std::to_string(target.sequence) + ' ' +
            (target.evaluation.residue ? json::to_text(*target.evaluation.residue) : "met") + '\n';
  return text;
}

std::string concluded_in(graph::Store& store, const ExpectationDocument& expectation,
                         graph::FetchPlan plan, int& rounds) {
  std::string text;
  rounds = 0;
  const auto read = graph::read_in_rounds(
      store, {}, std::move(plan), nullptr, [&](graph::Subgraph& subgraph) -> Result<void> {
        ++rounds;
        text = told(TRY(evaluate(expectation, subgraph, EvaluateOptions())));
        return {};
      });
  if (!read)
    return read.error().text();
  return text;
}

} // namespace

TEST_CASE("an expectation is concluded alike from everything, in rounds, and strictly") {
  const Inventory near(graph::Unplanned::serve);
  const Inventory far(graph::Unplanned::refuse);
  const Inventory strict(graph::Unplanned::fail);
  for (const char* text : expectations) {
    CAPTURE(text);
    const ExpectationDocument expectation = expectation_of(text);
    int rounds = 0;
    const std::string expected = concluded_in(*near.store, expectation, {}, rounds);
    CHECK(rounds == 1);
    CHECK(expected.find('@') != std::string::npos);
    CHECK(concluded_in(*far.store, expectation, {}, rounds) == expected);
    CHECK(rounds > 1);
    CHECK(concluded_in(*strict.store, expectation, {}, rounds) == expected);
    CHECK(rounds == 1);
  }
}

TEST_CASE("what the target tells is read in one flight") {
  const Inventory far(graph::Unplanned::refuse);
  for (const char* text : expectations) {
    CAPTURE(text);
    const ExpectationDocument expectation = expectation_of(text);
    const bool reads_on =
        std::string_view(text).find("\"expect\":{\"serviceRel") != std::string_view::npos ||
        expectation.profile == outstanding::Profile::diffo;
    int rounds = 0;
    concluded_in(
        *far.store, expectation,
        reads_of(expectation.target, far.store->schema(), 0, EvaluateOptions().most_targets)
            .value(),
        rounds);
    CHECK((rounds == 1) == !reads_on);
  }
}

TEST_CASE("an id that is a service's and a resource's is told apart with what the plan reads") {
  const Inventory strict(graph::Unplanned::fail);
  graph::RecordDraft draft =
      expectation_draft(
          json::read(R"({"id":"e","target":{"id":"r"},"expect":{"name":"x"}})").value(),
          graph::Context{}, model::inventory_schema())
          .value();
  const auto read = graph::read_in_rounds(
      *strict.store, {}, reads_of_target(draft), nullptr,
      [&](graph::Subgraph& subgraph) { return resolve_target(draft, nullptr, subgraph); });
  CHECK(read);
  CHECK(draft.root.children.front().target->family == model::family_resource);
}

} // namespace diffo::loop
