#include "server/transfer/copy.h"

#include "base/uuid.h"
#include "model/kinds.h"
#include "model/schema.h"
#include "server/principal.h"
#include "server/transfer/creation_order.h"
#include "server/transfer/import.h"
#include "testing/test_store.h"

#include <doctest/doctest.h>

#include <functional>

using namespace diffo;
using namespace diffo::server;

namespace {

using Store = std::unique_ptr<store::EmbeddedStore>;

/// A store that another one stands in for, and that does less than it was told.
class Careless final : public graph::Store {
public:
  enum class Fault { none, times, record, claim, sighting, tenant };
  Careless(graph::Store& real, Fault fault) : real_(real), fault_(fault) {}

  graph::Capabilities capabilities() const override { return real_.capabilities(); }
  const graph::Schema& schema() const override { return real_.schema(); }
  void read(graph::Pin pin, graph::FetchPlan plan, graph::Recorder* recorder,
            std::function<void(Result<graph::Subgraph>)> done) override {
    real_.read(std::move(pin), std::move(plan), recorder, std::move(done));
  }
  void transact(graph::Context context, graph::FetchPlan plan, graph::Decide decide,
                graph::Deciding deciding,
                std::function<void(Result<graph::Commit>)> done) override {
    real_.transact(
        std::move(context), std::move(plan),
        [this, decide = std::move(decide)](graph::Subgraph& subgraph) -> Result<graph::Decision> {
          graph::Decision decision = TRY(decide(subgraph));
          if (auto* changes = std::get_if<graph::ChangeSet>(&decision))
            spoil(*changes);
          return decision;
        },
        deciding, std::move(done));
  }
  Result<graph::Tenant> tenant(std::string_view name) override { return real_.tenant(name); }
  std::vector<std::string> tenants() const override {
    auto names = real_.tenants();
    if (fault_ == Fault::tenant && names.size() > 1)
      names.back() += '?';
    return names;
  }
  Result<std::vector<graph::JournalEntry>> journal(graph::Sequence from,
                                                   std::size_t limit) const override {
    return real_.journal(from, limit);
  }
  graph::Sequence oldest_entry() const override { return real_.oldest_entry(); }
  Result<graph::Sequence> sequence_at(std::int64_t time) const override {
    return real_.sequence_at(time);
  }
  Result<std::vector<graph::Version>> history(const graph::KeyView& key, graph::Sequence before,
                                              std::size_t limit) const override {
    return real_.history(key, before, limit);
  }
  void note_seen(const graph::KeyView& record, std::string_view source, std::int64_t at) override {
    if (fault_ != Fault::sighting)
      real_.note_seen(record, source, at);
  }
  Result<void> keep_seen() override { return real_.keep_seen(); }
  Result<std::vector<graph::Sighting>> seen(const graph::KeyView& record) const override {
    return real_.seen(record);
  }
  Result<std::vector<graph::DeltaRef>> deltas(graph::Sequence from,
                                              std::size_t limit) const override {
    return real_.deltas(from, limit);
  }
  void save_cursor(std::string_view consumer, graph::Sequence sequence) override {
    real_.save_cursor(consumer, sequence);
  }
  std::optional<graph::Sequence> cursor(std::string_view consumer) const override {
    return real_.cursor(consumer);
  }
  void forget_cursor(std::string_view consumer) override { real_.forget_cursor(consumer); }
  Result<std::unique_ptr<graph::Watch>>
  watch(graph::Sequence from,
        std::function<void(std::span<const graph::DeltaRef>)> enqueue) override {
    return real_.watch(from, std::move(enqueue));
  }
  graph::Statistics statistics() const override { return real_.statistics(); }
  Result<void>
  for_each_claim(const std::function<void(const graph::Claim& claim)>& visit) const override {
    return real_.for_each_claim(visit);
  }
  Result<void> begin_behind(graph::Sequence sequence) override {
    return real_.begin_behind(sequence);
  }
  std::string read_only_reason() const override { return real_.read_only_reason(); }
  void stop() override { real_.stop(); }

private:
  void spoil(graph::ChangeSet& changes) const {
    if (fault_ == Fault::times)
      for (graph::Change& change : changes.changes)
        graph::stamp(change.after, 0, change.after->created_at(), change.after->updated_at() + 1);
    if (fault_ == Fault::record && changes.changes.size() > 1)
      changes.changes.pop_back();
    if (fault_ == Fault::claim)
      for (graph::Claim& claim : changes.take)
        claim.lease_until += claim.lease_until == 0 ? 0 : 1;
  }
  graph::Store& real_;
  Fault fault_;
};

struct Inventory {
  store::test::Place place;
  SystemUuids uuids;
  http::MemoryBudget memory{default_import_bytes};
  Store store = place.open(model::inventory_schema());

  graph::Context context(graph::Tenant tenant = 0) {
    auto principal = *local_principal();
    principal.tenant = tenant;
    return context_of(principal, "test", place.clock, uuids);
  }

  void import(graph::Tenant tenant, const std::string& lines) {
    Importer importer(*store, [this, tenant] { return context(tenant); }, {}, memory);
    REQUIRE(importer.feed(lines));
    const auto report = importer.finish();
    REQUIRE(report);
    REQUIRE(report->rejected == 0);
  }

  CopyOptions options() {
    return {.source = "there", .context = context(), .clock = &place.clock, .progress = {}};
  }

  /// Keys, times and what is expected, in the order of their creation.
  std::vector<std::string> listed() {
    CreationOrder order(*store);
    REQUIRE(order.begin());
    std::vector<std::string> all;
    for (;;) {
      const auto record = order.next();
      REQUIRE(record);
      if (!*record)
        return all;
      const graph::Record& one = **record;
      all.push_back(std::to_string(one.tenant()) + '/' + std::to_string(one.family()) + '/' +
                    one.id() + ' ' + std::to_string(one.created_at()) + ' ' +
                    std::to_string(one.updated_at()) + ' ' +
                    (one.which() == graph::Which::expected ? "expected" : "actual"));
    }
  }
};

std::string line(const std::string& id, const std::string& more = {}) {
  return R"({"id":")" + id + R"(","state":"active","serviceSpecification":{"id":"1"})" + more +
         "}\n";
}

/// Three tenants' records by turns, some of them expected, changed and erased, with claims, leases
/// and sightings.
void furnish(Inventory& inventory) {
  const std::string expected = R"(,"which":"expected")";
  for (const char* name : {"north", "south"})
    REQUIRE(inventory.store->tenant(name));
  for (int round = 0; round < 150; ++round)
    for (const graph::Tenant tenant : {2U, 0U, 1U})
      inventory.import(
          tenant, line("s" + std::to_string(round), round % 3 == 0 ? expected : std::string()));
  graph::ChangeSet later;
  const graph::Key changed{0, model::family_service, "s7"};
  later.changes.push_back({changed, graph::copy(*inventory.store->newest()->find(changed))});
  REQUIRE(store::test::commit(*inventory.store, later));
  inventory.import(0, line("gone"));
  REQUIRE(store::test::erase(*inventory.store, {0, model::family_service, "gone"}));
  graph::ChangeSet claims;
  const std::int64_t now = inventory.place.clock.now().microseconds;
  claims.take = {{.scope = "names", .key = "a", .holder = "s1"},
                 {.scope = "names", .key = "b", .holder = "s2", .lease_until = now + 3'600'000'000},
                 {.scope = "names", .key = "c", .holder = "s3", .lease_until = now - 1}};
  REQUIRE(store::test::commit(*inventory.store, claims));
  inventory.store->note_seen({1, model::family_service, "s5"}, "poller", 17);
  inventory.store->note_seen({0, model::family_service, "s6"}, "poller", 18);
  inventory.store->note_seen({0, model::family_service, "s6"}, "discovery", 19);
  REQUIRE(inventory.store->keep_seen());
}

} // namespace

TEST_CASE(
    "a copy has the records of all tenants with their times and in their order, and the rest") {
  Inventory from;
  furnish(from);
  Inventory to;
  const auto report = copy_store(*from.store, *to.store, to.options());
  REQUIRE_MESSAGE(report, report.error().text());
  CHECK(report->records == from.listed().size());
  CHECK(report->claims == 2);
  CHECK(report->sightings == 3);
  CHECK(to.listed() == from.listed());
  CHECK(to.store->tenants() == from.store->tenants());
  CHECK(store::test::findings_of(*to.store) == std::vector<std::string>());

  SUBCASE("no version of the copy has the number of one of the source") {
    const graph::Sequence last = from.store->statistics().sequence;
    CHECK(to.store->oldest_entry() == last + 1);
    CHECK(to.store->journal(last + 1, 1).value().front().sequence == last + 1);
    CHECK(to.store->newest()->find({0, model::family_service, "s7"})->sequence() > last);
  }
  SUBCASE("it is the same when it is opened again, and what comes then comes last") {
    const auto before = to.listed();
    to.store.reset();
    to.store = to.place.open(model::inventory_schema());
    CHECK(to.listed() == before);
    to.import(0, line("new"));
    CHECK(to.listed().back().find("/new ") != std::string::npos);
    CHECK(to.listed().size() == before.size() + 1);
    CHECK(store::test::findings_of(*to.store) == std::vector<std::string>());
  }
  SUBCASE("it is not gone on with once it is done") {
    const auto again = copy_store(*from.store, *to.store, to.options());
    REQUIRE(!again);
    CHECK(again.error().code == ErrorCode::conflict);
  }
}

TEST_CASE("a copy that was broken off anywhere goes on, and loses nothing") {
  Inventory from;
  furnish(from);
  Inventory to;
  for (std::uint64_t stop = 100; stop <= 400; stop += 100) {
    auto options = to.options();
    options.progress = [stop](std::uint64_t done, std::uint64_t) {
      if (done >= stop)
        throw std::runtime_error("killed");
    };
    CHECK_THROWS(static_cast<void>(copy_store(*from.store, *to.store, options)));
    if (stop == 200) {
      to.store.reset();
      to.store = to.place.open(model::inventory_schema());
    }
  }
  const auto report = copy_store(*from.store, *to.store, to.options());
  REQUIRE_MESSAGE(report, report.error().text());
  CHECK(report->found >= 400);
  CHECK(to.listed() == from.listed());
  CHECK(report->sightings == 3);
}

TEST_CASE("what a copy lacks is found by the comparison at its end") {
  Inventory from;
  furnish(from);
  using Fault = Careless::Fault;
  for (const auto& [fault, told] :
       {std::pair(Fault::times, "differs in service"),
        std::pair(Fault::record, "records in place of"), std::pair(Fault::claim, "other claims"),
        std::pair(Fault::sighting, "when sources saw"),
        std::pair(Fault::tenant, "other tenants")}) {
    CAPTURE(told);
    Inventory to;
    Careless careless(*to.store, fault);
    const auto report = copy_store(*from.store, careless, to.options());
    REQUIRE(!report);
    CHECK(report.error().code == ErrorCode::corrupt);
    CHECK(report.error().message.find(told) != std::string::npos);
  }
}

TEST_CASE("what was created earlier than what is there is not put behind it") {
  Inventory to;
  to.import(0, line("here"));
  const auto here = to.store->newest()->find({0, model::family_service, "here"});
  graph::RecordDraft draft = here->to_draft(to.store->schema().dictionary());
  draft.key.id = "earlier";
  graph::ChangeSet changes;
  changes.keep_times = true;
  SUBCASE("in one change set") {
    draft.created_at += 2;
    changes.changes.push_back({draft.key, graph::encode(draft, to.store->schema().dictionary())});
    draft.key.id = "b";
    draft.created_at -= 1;
  }
  SUBCASE("as it is") {
    draft.created_at -= 1;
  }
  SUBCASE("as another time of what is there") {
    draft.key.id = "here";
    draft.created_at += 1;
  }
  changes.changes.push_back({draft.key, graph::encode(draft, to.store->schema().dictionary())});
  const auto put = store::test::commit(*to.store, changes);
  REQUIRE(!put);
  CHECK(put.error().code == ErrorCode::invalid);
}

TEST_CASE("a store with commits does not begin anew") {
  Inventory inventory;
  CHECK(inventory.store->begin_behind(5));
  CHECK(inventory.store->begin_behind(9));
  CHECK(inventory.store->oldest_entry() == 10);
  inventory.import(0, line("a"));
  const auto begun = inventory.store->begin_behind(20);
  REQUIRE(!begun);
  CHECK(begun.error().code == ErrorCode::conflict);
  CHECK(inventory.store->statistics().sequence == 10);
}
