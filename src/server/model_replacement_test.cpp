#include "server/model_replacement.h"

#include "model/words.h"
#include "rules/pools.h"
#include "server/models.h"
#include "testing/declared_store.h"
#include "tmf/decode.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <tuple>

using namespace diffo;
using testing::DeclaredStore;

namespace {

const hooks::SharedRegistry functions; ///< none

constexpr std::string_view box = "5b2f0d7e-1a34-4c1f-8d52-0a6b7c8d9e01";
constexpr std::string_view crate = "5b2f0d7e-1a34-4c1f-8d52-0a6b7c8d9e02";

constexpr std::string_view present_model = R"(domain: Yard
kinds:
  Box:
    half: service
    specification: {id: 5b2f0d7e-1a34-4c1f-8d52-0a6b7c8d9e01, name: box}
    characteristics: {size: integer, tag: string}
    pools:
      ports: {thing: port, first: 1, last: 40}
      few: {thing: fewer, first: 1, last: 12}
)";

/// A characteristic gets another name, another is bounded, a pool goes, and what was generic
/// becomes a kind, with names that are unique.
constexpr std::string_view next_model = R"(domain: Yard
kinds:
  Box:
    half: service
    specification: {id: 5b2f0d7e-1a34-4c1f-8d52-0a6b7c8d9e01, name: box, description: of wood}
    characteristics: {size: {type: integer, max: 100}, label: string}
    pools:
      ports: {thing: port, first: 1, last: 40}
  Crate:
    half: service
    specification: {id: 5b2f0d7e-1a34-4c1f-8d52-0a6b7c8d9e02, name: crate}
    characteristics: {size: integer}
migrations:
  - {kind: Box, rename: {tag: label}, drop: [few]}
)";

model::DomainModel domains_of(std::string_view yaml) {
  const std::vector<model::ModelSource> sources{{"test.yaml", std::string(yaml)}};
  model::LoadedModel loaded = model::load_model(sources);
  for (const model::ModelProblem& problem : loaded.problems)
    FAIL(problem.text());
  return std::move(loaded.model);
}

using Contents = std::map<std::string, std::string>;
using Claims = std::set<std::tuple<std::string, std::string, std::string>>;

/// What a change set or a commit comes to, whatever its order.
struct Outcome {
  std::string refused; ///< empty: it is not
  Contents records{};
  Claims take{};
  Claims release{};
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

void note(Contents& contents, const graph::RecordRef& record) {
  contents[std::to_string(record->family()) + '/' + std::string(record->id())] =
      record->bytes().substr(graph::record_head_bytes);
}

void note(Claims& claims, const std::vector<graph::Claim>& some) {
  for (const graph::Claim& claim : some)
    CHECK(claims.emplace(claim.scope, claim.key, claim.holder).second);
}

Outcome outcome_of(const Result<graph::ChangeSet>& changes) {
  Outcome outcome;
  if (!changes) {
    CHECK(changes.error().code == ErrorCode::conflict);
    outcome.refused = changes.error().message.substr(0, 45);
    return outcome;
  }
  for (const graph::Change& change : changes->changes)
    note(outcome.records, change.after);
  CHECK(outcome.records.size() == changes->changes.size());
  note(outcome.take, changes->take);
  note(outcome.release, changes->release);
  return outcome;
}

struct Yard : DeclaredStore {
  explicit Yard(unsigned seed) : DeclaredStore(present_model), draws(seed) {}

  int below(int bound) { return static_cast<int>(draws() % static_cast<unsigned>(bound)); }
  graph::Key key(int number) { return {0, model::family_service, uuid(1'000 + number)}; }
  graph::Key some() { return key(below(30)); }

  /// As an import writes it: of a kind with all that this means, or generic.
  void write(const graph::Key& at, std::string_view specification, int name, int size) {
    std::string text =
        R"({"id":")" + at.id + R"(","state":"active","serviceSpecification":{"id":")" +
        std::string(specification) + R"("},"serviceCharacteristic":[{"name":"size","value":)" +
        std::to_string(size) + "}";
    if (specification == box)
      text += R"(,{"name":"tag","value":"t)" + std::to_string(size) + R"("})";
    text += R"(],"name":"n)" + std::to_string(name) + R"("})";
    const graph::Context here = context();
    const json::Value document = json::read(text).value();
    const auto rule = [&](graph::Subgraph& subgraph) -> Result<graph::Decision> {
      subgraph.announce(rules::plan_for(at));
      const graph::RecordRef before = subgraph.find(at);
      graph::RecordDraft draft = TRY(
          tmf::decode(document, model::Api::service, model::Version::v4, subgraph.schema(), here));
      rules::Further further =
          TRY(rules::enforce(here, subgraph, before.get(), draft, rules::Way::adopt));
      graph::ChangeSet changes;
      changes.changes.push_back({at, graph::encode(draft, subgraph.schema().dictionary())});
      rules::add(changes, further);
      return graph::Decision(std::move(changes));
    };
    written += graph::transact_and_wait(*store, here, {}, rule).has_value() ? 1 : 0;
  }

  void hand_out(const graph::Key& from, const std::string& pool, rules::AssignRequest request) {
    const graph::Context here = context();
    request.family = model::family_service;
    const auto done = graph::transact_and_wait(
        *store, here, rules::plan_for_assigning(from, request),
        rules::assign(here, from, pool, request), {.where = graph::Where::tip});
    written += done.has_value() ? 1 : 0;
  }

  /// One of what others do: most of it goes well with the next model.
  void step() {
    const graph::Key at = some();
    const std::string pool = below(12) == 0 ? "few" : "ports";
    switch (below(8)) {
    case 0:
    case 1:
    case 2: {
      // Drawn one after the other, so that every compiler draws the same.
      const int size = below(60) == 0 ? 101 + below(5) : below(100);
      write(at, box, below(200), size);
      return;
    }
    case 3: {
      const int size = below(100);
      write(at, crate, below(200), size);
      return;
    }
    case 4:
      written += erase(at).has_value() ? 1 : 0;
      return;
    case 5:
    case 6:
      hand_out(at, pool, {.assignee = some().id});
      return;
    default:
      for (const std::string& of : {std::string("few"), pool})
        hand_out(at, of,
                 {.operation = rules::AssignRequest::Operation::unassign,
                  .assignee = some().id,
                  .value = json::Value(1 + below(2))});
    }
  }
  void steps(int many) {
    for (int step_number = 0; step_number < many; ++step_number)
      step();
  }

  graph::Subgraph newest() { return graph::read_and_wait(*store, {}, {}).value(); }
  graph::Since since(graph::Sequence sequence) {
    graph::Since all;
    const auto deltas = store->deltas(sequence + 1, 1'000).value();
    for (const graph::DeltaRef& delta : deltas)
      all.add(*delta);
    return all;
  }
  Outcome from_nothing() {
    server::ModelReplacement replacement(asking, next, functions, {});
    graph::Subgraph subgraph = newest();
    return outcome_of(replacement.decide(subgraph));
  }
  Contents contents() {
    Contents all;
    store->newest()->for_each(0, [&](const graph::RecordRef& record) {
      note(all, record);
      return true;
    });
    return all;
  }
  Claims claims() {
    Claims all;
    REQUIRE(store->for_each_claim(
        [&](const graph::Claim& claim) { all.emplace(claim.scope, claim.key, claim.holder); }));
    return all;
  }

  std::mt19937 draws;
  int written = 0;
  const model::DomainModel next = domains_of(next_model);
  const graph::Context asking = context();
};

} // namespace

TEST_CASE("a replacement that is amended comes to what it would be from nothing") {
  int refused_at_once = 0;
  int refused_later = 0;
  int amended = 0;
  for (unsigned seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    Yard yard(seed);
    yard.steps(25);
    server::ModelReplacement replacement(yard.asking, yard.next, functions, {});
    graph::Subgraph first = yard.newest();
    auto changes = replacement.decide(first);
    if (!changes) {
      ++refused_at_once;
      continue;
    }
    graph::Sequence at = first.sequence();
    for (int round = 0; round < 6; ++round) {
      CAPTURE(round);
      yard.steps(yard.below(8));
      graph::Subgraph later = yard.newest();
      const graph::Since since = yard.since(at);
      at = later.sequence();
      Result<graph::ChangeSet> now = std::move(*changes);
      if (const auto done = replacement.amend(later, since, *now); !done)
        now = done.error();
      const Outcome outcome = outcome_of(now);
      REQUIRE(outcome == yard.from_nothing());
      ++amended;
      if (!now) {
        ++refused_later;
        break;
      }
      changes = std::move(now);
    }
  }
  // All of it has been seen.
  CHECK(refused_at_once > 5);
  CHECK(refused_later > 5);
  CHECK(amended > 60);
}

TEST_CASE("what is committed while the records are looked at is in the swap, and nothing is lost") {
  int refused = 0;
  int done = 0;
  for (unsigned seed = 100; seed < 125; ++seed) {
    CAPTURE(seed);
    Yard yard(seed);
    yard.steps(15);
    server::ModelReplacement replacement(yard.asking, yard.next, functions, {});
    int decided = 0;
    int written = 0;
    Outcome expected;
    Contents contents;
    Claims claims;
    graph::AmendingRule rule = replacement.rule();
    rule.decide = [&, decide = rule.decide](graph::Subgraph& subgraph) {
      auto decision = decide(subgraph);
      ++decided;
      const int before = yard.written;
      yard.steps(10);
      written = yard.written - before;
      expected = yard.from_nothing();
      contents = yard.contents();
      claims = yard.claims();
      return decision;
    };
    const auto committed = graph::transact_and_wait(*yard.store, yard.asking, {}, rule);
    CHECK(decided == 1);
    CHECK(written > 0);
    Outcome outcome;
    if (!committed) {
      ++refused;
      CHECK(committed.error().code == ErrorCode::conflict);
      CHECK(yard.contents() == contents);
      CHECK(yard.claims() == claims);
      continue;
    }
    ++done;
    for (const graph::RecordRef& record : committed->records)
      note(outcome.records, record);
    CHECK(expected.refused.empty());
    CHECK(outcome.records == expected.records);
    for (const auto& [key, bytes] : expected.records)
      contents[key] = bytes;
    CHECK(yard.contents() == contents);
    for (const auto& claim : expected.release)
      claims.erase(claim);
    claims.insert(expected.take.begin(), expected.take.end());
    CHECK(yard.claims() == claims);
    CHECK(store::test::findings_of(*yard.store) == std::vector<std::string>{});
  }
  CHECK(refused > 3);
  CHECK(done > 3);
}

TEST_CASE("a name that somebody takes meanwhile refuses the model in the same words") {
  Yard yard(1);
  yard.write(yard.key(1), crate, 7, 1);
  server::ModelReplacement replacement(yard.asking, yard.next, functions, {});
  graph::Subgraph first = yard.newest();
  auto changes = replacement.decide(first);
  REQUIRE(changes);
  yard.write(yard.key(2), crate, 7, 1);
  graph::Subgraph later = yard.newest();
  const auto refused = replacement.amend(later, yard.since(first.sequence()), *changes);
  REQUIRE(!refused);
  CHECK(refused.error().message.find("instance name must be unique: n7 is the name of " +
                                     yard.key(1).id) != std::string::npos);
}

TEST_CASE("a name that a migration gives is looked at again when somebody takes it meanwhile") {
  DeclaredStore fixture(R"(domain: Names
kinds:
  Box:
    half: service
    specification: {id: 5b2f0d7e-1a34-4c1f-8d52-0a6b7c8d9e01, name: box}
    attributes: {code: string}
    actions: {build: {create: true, accept: [id, name, code]}}
)");
  const model::DomainModel next = domains_of(R"(domain: Names
kinds:
  Box:
    half: service
    specification: {id: 5b2f0d7e-1a34-4c1f-8d52-0a6b7c8d9e01, name: box}
migrations:
  - {kind: Box, rename: {code: name}}
)");
  const graph::Key first = testing::key_of(fixture.build("Box", R"({"code": "n9"})"));
  const graph::Context asking = fixture.context();
  server::ModelReplacement replacement(asking, next, functions, {});
  graph::Subgraph before = graph::read_and_wait(*fixture.store, {}, {}).value();
  auto changes = replacement.decide(before);
  REQUIRE(changes);
  testing::key_of(fixture.build("Box", R"({"name": "n9"})"));
  graph::Since since;
  const auto deltas = fixture.store->deltas(before.sequence() + 1, 10).value();
  for (const graph::DeltaRef& delta : deltas)
    since.add(*delta);
  graph::Subgraph later = graph::read_and_wait(*fixture.store, {}, {}).value();
  const auto refused = replacement.amend(later, since, *changes);
  REQUIRE(!refused);
  CHECK(refused.error().code == ErrorCode::conflict);
  CHECK(refused.error().message.find(first.id + ": ") != std::string::npos);
}

TEST_CASE("whoever does not wait for it any more has changed nothing") {
  Yard yard(1);
  yard.steps(10);
  CancellationSource cancelled;
  cancelled.request();
  const auto before = yard.contents();
  const auto done =
      server::put_models(*yard.store, yard.asking, yard.next, functions, cancelled.token());
  REQUIRE(!done);
  CHECK(done.error().code == ErrorCode::unavailable);
  CHECK(yard.contents() == before);
}
