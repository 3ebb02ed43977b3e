#include "store/check.h"
#include "testing/test_store.h"

#include <map>
#include <random>
#include <set>

using namespace diffo;
using namespace diffo::store;
using namespace diffo::store::test;

namespace {

/// What a state should hold, by id.
using Content = std::map<std::string, std::set<std::string>>;

/// Looks at a state through identities only, as a reader does.
void compare(const State& state, const Content& content, unsigned ids) {
  REQUIRE(state.record_count == content.size());
  std::map<std::string, std::set<std::string>> referrers;
  for (const auto& [id, targets] : content)
    for (const std::string& target : targets)
      referrers[target].insert(id);
  const StateRevision revision(
      state, std::shared_ptr<const graph::Schema>(std::shared_ptr<void>(), &schema()), {});
  for (unsigned number = 0; number < ids; ++number) {
    const std::string id = std::to_string(number);
    const auto record = revision.find({0, service, id});
    REQUIRE(static_cast<bool>(record) == content.contains(id));
    REQUIRE((!record || record->id() == id));
    std::set<std::string> found;
    revision.referrers({0, service, id}, [&](const graph::Referrer& referrer) {
      found.insert(referrer.record->id());
      return true;
    });
    REQUIRE(found == referrers[id]);
  }
}

} // namespace

TEST_CASE("reused identities and ordinals never mix up records, also for readers of old states") {
  for (const unsigned seed : {1U, 2U, 3U}) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    IdentityTable identities(seed);
    StateEditor editor(schema(), identities);
    State state;
    state.identities = identities.slots();
    Content content;
    std::vector<std::pair<State, Content>> kept;
    constexpr unsigned ids = 40;
    std::int64_t time = 0;
    for (int step = 0; step < 3'000; ++step) {
      const std::string id = std::to_string(random() % ids);
      if (random() % 3 == 0) {
        editor.apply(state, {0, service, id}, {});
        content.erase(id);
      } else {
        Draft draft(service, id);
        draft.draft.created_at = ++time;
        std::set<std::string> targets;
        for (unsigned edges = random() % 4; edges > 0; --edges) {
          const std::string target = std::to_string(random() % ids);
          targets.insert(target);
          draft.edge(supporting_edge, service, target);
        }
        const auto before = state.find({0, service, id});
        if (before)
          draft.draft.created_at = before->created_at();
        editor.apply(state, {0, service, id}, draft.put().after);
        content[id] = targets;
      }
      if (step % 97 == 0)
        kept.emplace_back(state, content);
      if (step % 61 == 0)
        identities.sweep([&](Identity) { return true; });
      if (step % 503 == 0)
        editor.renumber(state);
      if (step % 50 == 0)
        compare(state, content, ids);
    }
    for (const auto& [old, then] : kept)
      compare(old, then, ids);
    // What is in use is what a state built from nothing uses.
    identities.sweep([](Identity) { return true; });
    std::vector<graph::RecordRef> records;
    for (Ordinal ordinal = 0; ordinal < state.next_ordinal; ++ordinal)
      if (auto record = state.record(ordinal))
        records.push_back(record);
    IdentityTable fresh(1);
    const State built = StateEditor(schema(), fresh).build(records);
    CHECK(fresh.size() == identities.size());
    CHECK(built.keys.size() == state.keys.size());
    compare(built, content, ids);
    for (const auto& [id, targets] : content)
      editor.apply(state, {0, service, id}, {});
    CHECK(identities.size() == 0);
    CHECK(state.keys.size() == 0);
  }
}

TEST_CASE("a store that creates and deletes for ever stays as small as it was") {
  const Place place;
  EmbeddedOptions options = place.options();
  options.max_ordinals = 2'000;
  auto store = EmbeddedStore::open(options).value();
  REQUIRE(put(*store, Draft(service, "stays").edge(party_edge, party, "hub")));
  std::uint64_t identity_bytes = 0;
  for (int round = 0; round < 60; ++round) {
    graph::ChangeSet creates;
    graph::ChangeSet erasures;
    for (int number = 0; number < 250; ++number) {
      const std::string id = std::to_string(round) + "-" + std::to_string(number);
      creates.changes.push_back(Draft(service, id)
                                    .edge(party_edge, party, "of " + id)
                                    .edge(supporting_edge, party, "hub")
                                    .put());
      erasures.changes.push_back({{0, service, id}, {}});
    }
    REQUIRE(commit(*store, std::move(creates)));
    REQUIRE(commit(*store, std::move(erasures)));
    if (round == 30)
      identity_bytes = store->statistics().identity_bytes;
  }
  CHECK(store->statistics().identities == 2);
  CHECK(store->statistics().identity_bytes <= 2 * identity_bytes);
  CHECK(store->newest()->count_referrers({0, party, "hub"}) == 1);
  CHECK(findings_of(*store) == std::vector<std::string>{});
}

TEST_CASE("at the limit of identities what is there can still be changed and erased") {
  const Place place;
  EmbeddedOptions options = place.options();
  options.max_identities = 10;
  auto store = EmbeddedStore::open(options).value();
  for (int number = 0; number < 10; ++number)
    REQUIRE(put(*store, Draft(service, std::to_string(number))));
  CHECK(put(*store, Draft(service, "more")).error().code == ErrorCode::too_large);
  CHECK(put(*store, Draft(service, "1").edge(party_edge, party, "new")).error().code ==
        ErrorCode::too_large);
  REQUIRE(put(*store, Draft(service, "1").set(word_number, 5).edge(party_edge, service, "2")));
  REQUIRE(erase(*store, {0, service, "7"}));
  REQUIRE(put(*store, Draft(service, "more")));
  CHECK(put(*store, Draft(service, "7")).error().code == ErrorCode::too_large);
}
