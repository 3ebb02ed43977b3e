#include "server/transfer/export.h"

#include "base/uuid.h"
#include "model/kinds.h"
#include "model/schema.h"
#include "model/words.h"
#include "server/principal.h"
#include "server/transfer/import.h"
#include "testing/test_store.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace diffo;
using namespace diffo::server;

namespace {

struct Inventory {
  store::test::Place place;
  SystemUuids uuids;
  http::MemoryBudget memory{default_import_bytes};
  std::unique_ptr<store::EmbeddedStore> store = place.open(model::inventory_schema());

  void import(const std::string& lines) {
    Importer importer(
        *store, [this] { return context_of(*local_principal(), "import", place.clock, uuids); }, {},
        memory);
    REQUIRE(importer.feed(lines));
    const auto report = importer.finish();
    REQUIRE(report);
    REQUIRE(report->rejected == 0);
  }
};

std::string services(const std::string& prefix, int count) {
  std::string lines;
  for (int number = 0; number < count; ++number)
    lines += R"({"id":")" + prefix + std::to_string(number) +
             R"(","state":"active","serviceSpecification":{"id":"1"},"description":")" +
             std::string(500, 'x') + "\"}\n";
  return lines;
}

std::size_t lines_in(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

graph::FetchPlan any_service() {
  graph::Query query;
  query.families = {model::family_service};
  graph::FetchPlan plan;
  plan.queries.push_back(std::move(query));
  return plan;
}

} // namespace

TEST_CASE("an export shows one revision, whatever is written meanwhile") {
  Inventory inventory;
  inventory.import(services("a", 700));
  Exporter exporter(*inventory.store, 0);
  std::string lines;
  REQUIRE(exporter.next(lines).value());
  REQUIRE(lines_in(lines) < 700);
  int round = 0;
  do
    inventory.import(services("b" + std::to_string(round++) + "-", 20));
  while (exporter.next(lines).value());
  CHECK(round > 3);
  CHECK(lines_in(lines) == 700);
  CHECK(lines.find(R"("id":"b)") == std::string::npos);
}

TEST_CASE("an export that is given up lets go of its revision") {
  Inventory inventory;
  inventory.import(services("a", 700));
  const graph::Pin pinned{.at = graph::read_and_wait(*inventory.store, {}, {})->sequence()};
  {
    Exporter exporter(*inventory.store, 0);
    std::string lines;
    REQUIRE(exporter.next(lines).value());
    inventory.import(services("b", 1));
    CHECK(graph::read_and_wait(*inventory.store, pinned, any_service()));
  }
  CHECK_FALSE(graph::read_and_wait(*inventory.store, pinned, any_service()));
}

TEST_CASE("an export for nobody ends") {
  Inventory inventory;
  inventory.import(services("a", 700));
  CancellationSource gone;
  Exporter exporter(*inventory.store, 0, gone.token());
  std::string lines;
  REQUIRE(exporter.next(lines).value());
  gone.request();
  Result<bool> more = true;
  while (more && *more)
    more = exporter.next(lines);
  CHECK_FALSE(more);
  CHECK(lines_in(lines) < 700);
}

TEST_CASE("an export has no line that could not be read again") {
  Inventory inventory;
  graph::RecordDraft draft;
  draft.key = {0, model::family_party, "elsewhere"};
  draft.root.kind = model::kinds::party; // as the shared graph has one for a party of others
  draft.root.set_field(model::words::href, "party/elsewhere");
  graph::FetchPlan plan;
  plan.records.push_back(draft.key);
  REQUIRE(graph::transact_and_wait(
      *inventory.store,
      context_of(*local_principal(), "adopt", inventory.place.clock, inventory.uuids), plan,
      [&](graph::Subgraph& subgraph) -> Result<graph::Decision> {
        (void)subgraph.find(draft.key);
        graph::ChangeSet changes;
        changes.changes.push_back(
            {draft.key, graph::encode(draft, subgraph.schema().dictionary())});
        return graph::Decision(std::move(changes));
      }));
  inventory.import(services("a", 1));
  Exporter exporter(*inventory.store, 0);
  std::string lines;
  while (exporter.next(lines).value()) {
  }
  CHECK(lines_in(lines) == 1);
  CHECK(lines.find("elsewhere") == std::string::npos);
}
