#include "server/observations/complete_scope.h"

#include "graph/unseen.h"
#include "testing/declared_store.h"

#include <string>

using namespace diffo;
using namespace diffo::server;
using testing::DeclaredStore;
using testing::key_of;

namespace {

constexpr std::string_view lines = R"(domain: Lines
kinds:
  Line:
    half: service
    specification: {id: 5b2f0d7e-1a34-4c1f-8d52-0a6b7c8d9e11, name: line}
    attributes: {owner: string}
    policy: {owner: owner, stamp: actor, write: owner}
)";

} // namespace

TEST_CASE("what belongs to others is not marked as no longer seen") {
  DeclaredStore fixture(lines);
  fixture.principal.actor = "them";
  const graph::Key theirs = key_of(fixture.build("Line", "{}"));
  fixture.principal.actor = "us";
  const graph::Key ours = key_of(fixture.build("Line", "{}"));
  const rules::Precedence nobody;
  const ObservationScope observer{{"us", fixture.clock.now().microseconds + 1}, nobody, {}};
  CompleteScope scope;
  scope.kind = "Line";
  CompleteSweep sweep(*fixture.store, observer, scope);
  REQUIRE(sweep.find(fixture.context(), [] { return Result<void>(); }));
  REQUIRE(sweep.mark([&fixture] { return fixture.context(); }));
  const UnseenReport report = sweep.take_report();
  CHECK(report.count(UnseenOutcome::Kind::unseen) == 1);
  CHECK(report.count(UnseenOutcome::Kind::rejected) == 1);
  const auto is_marked = [&fixture](const graph::Key& key) {
    return graph::unseen_of(fixture.find(key)->root(fixture.model->dictionary())).has_value();
  };
  CHECK(is_marked(ours));
  CHECK_FALSE(is_marked(theirs));
}
