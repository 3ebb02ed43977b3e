// What stands is what evaluating everything from nothing comes to, whatever happened before.
#include "loop/residue_keeper.h"

#include "testing/keeper_world.h"

namespace diffo::loop {
namespace {

using namespace testing;

constexpr const char* states[] = {"active", "inactive", "terminated"};
constexpr const char* names[] = {"access", "bearer", "core"};
constexpr const char* ids[] = {"a", "b", "c"};

std::string some_instance() {
  std::string document = R"({"id":")" + std::string(pick_of(ids)) + R"(","state":")" +
                         pick_of(states) + R"(","name":")" + pick_of(names) +
                         R"(","serviceSpecification":{"id":"S"})";
  if (pick(2) == 0)
    document += R"(,"serviceCharacteristic":[{"name":"vlan","value":)" + std::to_string(pick(3)) +
                R"(},{"name":"until","value":"2027-01-15T08:0)" + std::to_string(pick(3)) +
                R"(:00Z"}])";
  if (pick(2) == 0)
    document +=
        std::string(R"(,"serviceRelationship":[{"relationshipType":"owns","service":{"id":")") +
        pick_of(ids) + R"("}}])";
  return document + '}';
}

std::string some_target() {
  constexpr const char* targets[] = {
      R"({"id":"a"})",
      R"({"id":"b"})",
      R"({"id":"nobody"})",
      R"({"filter":"state=active"})",
      R"({"filter":"state=active,inactive&name=core"})",
      R"({"filter":"serviceCharacteristic.value=1"})",
      R"({"of":"a","via":["->owns"]})",
      R"({"of":"b","via":["<-owns","->owns"]})",
      R"({"kind":"S","key":{"name":"core"}})",
      R"({"kind":"T","key":{"name":"core"}})",
  };
  return pick_of(targets);
}

std::string some_expected() {
  constexpr const char* expected[] = {
      R"({"state":"active"})",
      R"({"state":"inactive","name":"core"})",
      R"({"serviceCharacteristic":[{"name":"vlan","value":1}]})",
      R"({"serviceCharacteristic":{"$only":[{"name":"vlan","value":{"$gte":1}}]}})",
      R"({"serviceCharacteristic":[{"name":"until","value":{"$is":"future_date_time"}}]})",
      R"({"serviceRelationship":[{"relationshipType":"owns","service":{"expect":{"state":"active"}}}]})",
      R"({"serviceRelationship":[{"relationshipType":"owns","service":{"expect":{"serviceRelationship":[
          {"relationshipType":"owns","service":{"expect":{"name":"core"}}}]}}}]})",
      R"({"name":{"$absent":true}})",
      R"({"id":"z","@type":"Bearer","description":"x"})",
      R"({"state":"flying","serviceSpecification":{"$absent":true},"name":"core"})",
      R"({"name":{"$eq":null},"description":7})",
  };
  return pick_of(expected);
}

std::string some_expectation() {
  std::string document = R"({"id":"e)" + std::to_string(pick(4)) + R"(","target":)" +
                         some_target() + R"(,"expect":)" + some_expected();
  if (pick(2) == 0)
    document += R"(,"priority":)" + std::to_string(pick(3));
  if (pick(3) == 0)
    document += R"(,"freshWithin":")" + std::to_string(1 + pick(60)) + R"(s")";
  if (pick(4) == 0)
    document += R"(,"validFor":{"startDateTime":"2027-01-15T08:00:3)" + std::to_string(pick(10)) +
                R"(Z","endDateTime":"2027-01-15T08:02:00Z"})";
  return document + '}';
}

void happen(World& world) {
  switch (pick(12)) {
  case 0:
  case 1:
  case 2:
    return world.put_instance(some_instance());
  case 3:
    return world.write({0, model::family_service, pick_of(ids)}, {});
  case 4:
  case 5:
    return world.put_expectation(some_expectation());
  case 6:
    return world.write({0, model::family_expectation, "e" + std::to_string(pick(4))}, {});
  case 7:
    if (pick(2) == 0)
      return world.put_instance(std::string(R"({"id":"t","state":"active","name":")") +
                                    pick_of(names) + R"(","serviceSpecification":{"id":"S"}})",
                                graph::Which::expected);
    return world.write({0, model::family_service, "t"}, {});
  case 8:
  case 9:
    return world.see(pick_of(ids));
  case 10:
    return world.lose(pick_of(ids));
  default:
    return world.clock.advance_microseconds(pick(40) * second);
  }
}

TEST_CASE("what stands equals what is evaluated from nothing") {
  CHECK(rc::check("after anything that happened", [] {
    World world;
    const int steps = *rc::gen::inRange(1, 25);
    for (int step = 0; step < steps; ++step) {
      for (int burst = pick(4); burst >= 0; --burst)
        happen(world);
      if (pick(6) == 0)
        world.restart(pick(2) == 0);
      else
        world.settle();
      if (pick(3) == 0) {
        const bool ends = pick(2) == 0;
        world.approve(pick(4),
                      ends ? std::optional(world.clock.now().microseconds + pick(60) * second)
                           : std::nullopt);
        world.settle();
      }
      RC_ASSERT(world.standing() == world.evaluated());
      world.check_closing();
      RC_ASSERT(world.keeper->establishing().empty());
      // And what was decided and contradicts is what another keeper finds.
      ResidueKeeper other(*world.store);
      RC_ASSERT(static_cast<bool>(other.begin(world.sequence(), world.clock.now())));
      while (true) {
        const auto round = other.run({}, world.sequence(), world.clock.now());
        RC_ASSERT(round && round->fallen.empty());
        if (!other.is_busy())
          break;
      }
      RC_ASSERT(World::judged(world.keeper->index()) == World::judged(other.index()));
    }
  }));
}

TEST_CASE("a leaf stands since what it is about, whatever else is looked at with it") {
  World world;
  world.put_instance(R"({"id":"a","state":"active","serviceSpecification":{"id":"S"}})");
  std::vector<std::int64_t> declared;
  for (const char* id : {"e0", "e1", "e2"}) {
    declared.push_back(world.clock.now().microseconds);
    world.put_expectation(R"({"id":")" + std::string(id) +
                          R"(","target":{"id":"a"},"expect":{"state":"inactive"}})");
  }
  world.settle(); // all in one round
  const auto standing = world.keeper->index().find({0, model::family_service, "a"});
  REQUIRE(standing);
  REQUIRE(standing->residues.size() == 3);
  for (std::size_t at = 0; at < 3; ++at)
    CHECK(standing->residues[at].since() == declared[at]);
}

TEST_CASE("no more leaves are kept than there is room for, and that is said") {
  World world;
  world.keeper.emplace(*world.store, nullptr, 2);
  REQUIRE(world.keeper->begin(world.sequence(), world.clock.now()));
  world.put_expectation(
      R"({"id":"e0","target":{"filter":"name=core"},"expect":{"state":"active"}})");
  for (const char* id : ids)
    world.put_instance(R"({"id":")" + std::string(id) +
                       R"(","state":"inactive","name":"core","serviceSpecification":{"id":"S"}})");
  world.settle();
  std::size_t leaves = 0;
  std::size_t errors = 0;
  const auto count = [&](const TargetResidues& one) {
    for (const Residue& residue : one.residues) {
      leaves += residue.leaves.size();
      errors += residue.error.empty() ? 0 : 1;
      CHECK(residue.is_outstanding());
    }
    return true;
  };
  world.keeper->index().for_each(count);
  CHECK(leaves == 2);
  CHECK(errors == 1);
  for (const char* id : ids)
    world.put_instance(R"({"id":")" + std::string(id) +
                       R"(","state":"active","name":"core","serviceSpecification":{"id":"S"}})");
  world.settle();
  CHECK(world.keeper->index().size() == 0);
}

} // namespace
} // namespace diffo::loop
