#include "testing/test_store.h"

using namespace diffo;
using namespace diffo::store;
using namespace diffo::store::test;

TEST_CASE("what was committed is found, also after opening again") {
  const Place place;
  {
    auto store = place.open();
    auto committed =
        put(*store, Draft(service, "one").set(word_name, "first").edge(party_edge, party, "ann"));
    REQUIRE(committed);
    CHECK(committed->sequence == 1);
    CHECK(store->newest()->sequence() == 1);
    CHECK(store->newest()->find({0, service, "one"}));
    CHECK_FALSE(store->newest()->find({0, party, "one"}));
    CHECK(store->newest()->count_referrers({0, party, "ann"}) == 1);
    REQUIRE(put(*store, Draft(party, "ann").set(word_name, "Ann")));
    REQUIRE(put(*store, Draft(service, "two").set(word_name, "second")));
    REQUIRE(erase(*store, {0, service, "two"}));
    CHECK(findings_of(*store).empty());
    auto journal = store->journal(2, 10);
    REQUIRE(journal);
    REQUIRE(journal->size() == 3);
    CHECK((*journal)[0].sequence == 2);
    CHECK_FALSE((*journal)[2].changes.front().content);
    CHECK((*journal)[2].parent == (*journal)[1].hash);
  }
  CHECK(findings_in(place.options().folder) == std::vector<std::string>{});
  auto store = place.open();
  const auto revision = store->newest();
  CHECK(revision->sequence() == 4);
  CHECK(revision->record_count() == 2);
  const auto one = revision->find({0, service, "one"});
  REQUIRE(one);
  CHECK(one->sequence() == 1);
  CHECK(one->root(schema().dictionary()).field(word_name).text() == "first");
  CHECK(revision->count_referrers({0, party, "ann"}) == 1);
  CHECK_FALSE(revision->find({0, service, "two"}));
  CHECK(findings_of(*store).empty());
}

TEST_CASE("a query by a condition counts exactly and pages in the order of creation") {
  const Place place;
  auto store = place.open();
  for (int number = 0; number < 50; ++number)
    REQUIRE(put(*store, Draft(service, "s" + std::to_string(number))
                            .set(word_state, number % 2 == 0 ? "active" : "off")
                            .set(word_number, number)));
  graph::Query query;
  query.families = {service};
  query.filter = graph::equal_text({.member = "state"}, {"active"});
  query.offset = 3;
  query.limit = 2;
  const auto page = store->newest()->query(query);
  REQUIRE(page);
  CHECK(page->total == 25);
  REQUIRE(page->records.size() == 2);
  CHECK(page->records[0]->id() == "s6");
  CHECK(page->records[1]->id() == "s8");
}
