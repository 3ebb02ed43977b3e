// What exchanges cannot show: histories that a retention cuts, large ones, and that the patches of
// any are right.
#include "server/surfaces/history_view.h"

#include "base/uuid.h"
#include "model/schema.h"
#include "server/principal.h"
#include "testing/document_maker.h"
#include "testing/test_documents.h"
#include "testing/test_store.h"

#include <diffo/json.h>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

using namespace diffo;
using namespace diffo::server;

namespace {

const graph::Key one{0, model::family_service, "one"};

/// A store that services are put into, one a commit.
struct Past {
  store::test::Place place;
  SystemUuids uuids;
  std::unique_ptr<store::EmbeddedStore> store;

  explicit Past(std::uint64_t kept_entries = 0) {
    store::EmbeddedOptions options = place.options(model::inventory_schema());
    options.retention.max_entries = kept_entries;
    options.trim_every = 1;
    store = store::EmbeddedStore::open(options).value();
  }

  void commit(const graph::Key& key, const graph::RecordRef& after) {
    graph::FetchPlan plan;
    plan.records = {key};
    const auto done =
        graph::transact_and_wait(*store, context_of(*local_principal(), "test", place.clock, uuids),
                                 plan, [&](graph::Subgraph& subgraph) {
                                   (void)subgraph.find(key); // what is changed was read
                                   graph::ChangeSet changes;
                                   changes.changes.push_back({key, after});
                                   return Result<graph::Decision>(std::move(changes));
                                 });
    REQUIRE_MESSAGE(done, done.error().text());
  }
  void put(const std::string& id, json::Value document) {
    document.object().set("id", id);
    const graph::Key key{0, model::family_service, id};
    commit(key, testing::record_of_document(document, model::Api::service, model::Version::v5));
  }
  void describe(const std::string& id, const std::string& description) {
    put(id, json::Object{{"@type", "Service"},
                         {"state", "active"},
                         {"description", description},
                         {"serviceSpecification",
                          json::Object{{"@type", "ServiceSpecificationRef"}, {"id", "1"}}}});
  }
  void erase(const graph::Key& key) { commit(key, {}); }

  /// Entries are dropped after the answer; a check waits for it.
  void come_to_rest() { CHECK(store::test::findings_of(*store).empty()); }

  [[nodiscard]] json::Array rows(const graph::Key& key, const HistoryRequest& request = {}) const {
    return std::move(json::read(history_page(*store, key, request).value().rows).value().array());
  }
};

std::vector<std::int64_t> sequences_of(const json::Array& rows) {
  std::vector<std::int64_t> sequences;
  for (const json::Value& row : rows)
    sequences.push_back(row.find("sequence")->integer());
  return sequences;
}

using Sequences = std::vector<std::int64_t>;

} // namespace

TEST_CASE("rows behind the retention are gone, and asking for them is answered so") {
  Past past(3);
  past.describe("one", "a");      // 1
  past.describe("one", "b");      // 2
  past.describe("quiet", "here"); // 3
  past.describe("one", "c");      // 4
  past.describe("one", "d");      // 5
  past.come_to_rest();
  REQUIRE(past.store->oldest_entry() == 3);
  // The version that the oldest row changed is kept, though the commit that made it is not.
  const json::Array rows = past.rows(one);
  CHECK(sequences_of(rows) == Sequences{5, 4});
  CHECK(rows.back().text_of("change") == "changed");
  CHECK(json::to_text(*rows.back().find("patch")) ==
        R"([{"op":"replace","path":"/description","value":"c"}])");
  CHECK(history_page(*past.store, one, {.limit = 2}).value().next == 0);
  CHECK(past.rows(one, {.before = 4}).empty());
  CHECK(history_page(*past.store, one, {.before = 3}).error().code == ErrorCode::gone);

  past.describe("one", "e"); // 6
  past.come_to_rest();
  // Known, and nothing is told of it.
  const graph::Key quiet{0, model::family_service, "quiet"};
  CHECK(key_with_history(*past.store, {quiet}).value() == quiet);
  CHECK(past.rows(quiet).empty());
}

TEST_CASE("an erased instance has a history as long as its erasure is kept") {
  Past past(2);
  past.describe("one", "a");
  past.erase(one);
  past.come_to_rest();
  CHECK(sequences_of(past.rows(one)) == Sequences{2, 1});
  past.describe("other", "");
  past.come_to_rest();
  CHECK(key_with_history(*past.store, {one}).has_value());
  CHECK(past.rows(one).front().text_of("change") == "erased");
  past.describe("other", "x");
  past.come_to_rest();
  CHECK(key_with_history(*past.store, {one}).error().code == ErrorCode::not_found);
}

TEST_CASE("a page of large documents is short and leads on") {
  Past past;
  for (char letter = 'a'; letter < 'k'; ++letter)
    past.describe("one", std::string(3'000'000, letter));
  Sequences all;
  std::size_t pages = 0;
  HistoryRequest request;
  do {
    const HistoryPage page = history_page(*past.store, one, request).value();
    const json::Value rows = json::read(page.rows).value();
    const Sequences some = sequences_of(rows.array());
    CHECK(some.size() < 5);
    all.insert(all.end(), some.begin(), some.end());
    request.before = page.next;
    ++pages;
  } while (request.before != 0);
  CHECK(pages >= 3);
  CHECK(all == Sequences{10, 9, 8, 7, 6, 5, 4, 3, 2, 1});
}

TEST_CASE("who has gone is not worked for") {
  Past past;
  past.describe("one", "a");
  CancellationSource gone;
  gone.request();
  CHECK(history_page(*past.store, one, {.cancellation = gone.token()}).error().code ==
        ErrorCode::unavailable);
}

TEST_CASE("the patches of a history, one after the other, make an instance what it was each time") {
  Past past;
  int cases = 0;
  CHECK(rc::check("any documents", [&](const std::vector<std::vector<std::uint32_t>>& supplies) {
    const std::string id = "s" + std::to_string(cases++);
    const graph::Key key{0, model::family_service, id};
    for (std::size_t index = 0; index < std::min<std::size_t>(supplies.size(), 6); ++index)
      past.put(id, testing::DocumentMaker(supplies[index], model::Api::service, model::Version::v5)
                       .document());
    for (const model::Version version : {model::Version::v4, model::Version::v5}) {
      json::Array rows = past.rows(key, {.version = version, .origin = "http://host"});
      const auto versions = past.store->history(key, 0, 1'000).value();
      RC_ASSERT(rows.size() == versions.size());
      const tmf::EmitContext links =
          testing::links(std::string("http://host/tmf-api/serviceInventory/") +
                         (version == model::Version::v4 ? "v4" : "v5"));
      json::Value document;
      for (std::size_t row = rows.size(); row-- > 0;) {
        RC_ASSERT(json::apply_patch(document, *rows[row].find("patch"), {.max_depth = 512}));
        RC_ASSERT(document == tmf::document_of(*versions[row].record, version, links));
      }
    }
  }));
}
