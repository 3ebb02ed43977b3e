#include "server/surfaces/expansion.h"

#include "base/uuid.h"
#include "graph/store.h"
#include "model/schema.h"
#include "server/principal.h"
#include "server/transfer/import.h"
#include "testing/test_store.h"

#include <doctest/doctest.h>

#include <string>

using namespace diffo;
using namespace diffo::server;

namespace {

Result<TakenExpansion> taken(std::string_view query) {
  return take_expansion(query, model::Api::service, model::Version::v4, model::inventory_schema());
}

/// Services that are there, and a document of one that refers to the first so many of them.
struct Supported {
  store::test::Place place;
  SystemUuids uuids;
  http::MemoryBudget memory{default_import_bytes};
  std::unique_ptr<store::EmbeddedStore> store = place.open(model::inventory_schema());

  explicit Supported(std::size_t count) {
    Importer importer(
        *store, [this] { return context_of(*local_principal(), "import", place.clock, uuids); }, {},
        memory);
    std::string lines;
    for (std::size_t number = 0; number < count; ++number)
      lines += R"({"id":")" + std::to_string(number) +
               R"(","state":"active","serviceSpecification":{"id":"1"}})" + "\n";
    REQUIRE(importer.feed(lines));
    const auto report = importer.finish();
    REQUIRE(report);
    REQUIRE(report->rejected == 0);
  }

  [[nodiscard]] Result<json::Value> expanded(std::size_t references, unsigned levels = 1) const {
    json::Array supporting;
    for (std::size_t number = 0; number < references; ++number)
      supporting.emplace_back(json::Object{{"id", std::to_string(number)}});
    const graph::Tenant tenant = local_principal()->tenant;
    std::vector<ExpandableDocument> documents;
    documents.push_back({{tenant, model::family_service, "whole"},
                         json::Object{{"id", "whole"}, {"supportingService", supporting}}});
    graph::Subgraph subgraph = TRY(graph::read_and_wait(*store, {}, {}));
    TRY(expand(documents, {.levels = levels}, {"http://here", 0}, subgraph));
    return std::move(documents.front().document);
  }
};

std::size_t shown(const json::Value& document) {
  std::size_t count = 0;
  for (const json::Value& item : document.find("supportingService")->array())
    count += item.find("state") != nullptr ? 1U : 0U;
  return count;
}

} // namespace

TEST_CASE("one answer shows a thousand records beneath references, and no more") {
  const Supported supported(max_expanded_targets + 1);
  const auto most = supported.expanded(max_expanded_targets);
  REQUIRE(most);
  CHECK(shown(*most) == max_expanded_targets);
  const auto beyond = supported.expanded(max_expanded_targets + 1);
  REQUIRE_FALSE(beyond.has_value());
  CHECK(beyond.error().code == ErrorCode::invalid);
  CHECK(beyond.error().path == "depth");
}

TEST_CASE("what is not there costs nothing of the bound") {
  const Supported supported(2);
  const auto document = supported.expanded(5000, max_expansion_depth);
  REQUIRE(document);
  CHECK(shown(*document) == 2);
}

TEST_CASE("a query string without expand and depth is left as it came") {
  for (const std::string query : {"", "a=b&&c=%41", "expand.eq=x&depth.gt=1", "x=depth"}) {
    CAPTURE(query);
    const TakenExpansion result = taken(query).value();
    CHECK_FALSE(result.asked.has_value());
  }
  const TakenExpansion both = taken("a=1&%65xpand=place,%20relatedParty&b=%41&depth=2").value();
  REQUIRE(both.asked.has_value());
  CHECK(both.rest == "a=1&b=%41");
  CHECK(both.asked->levels == 2);
  CHECK(both.asked->paths == std::vector<std::vector<std::string>>{{"place"}, {"relatedParty"}});
  CHECK(taken("depth=3").value().asked->paths.empty());
  CHECK(taken("expand=place&depth=0").value().asked->levels == 1);
  CHECK_FALSE(taken("depth=0").value().asked.has_value());
}

TEST_CASE("what can be no reference, and what is no depth, is refused") {
  const std::string many = [] {
    std::string text = "expand=place";
    for (int more = 0; more < 100; ++more)
      text += ",place";
    return text;
  }();
  struct Refused {
    std::string query;
    std::string_view path;
  };
  for (const Refused& item : {Refused{"expand", "expand"},
                              {"expand=name", "expand"},
                              {"expand=place,", "expand"},
                              {"expand=note.author", "expand"},
                              {"expand=$.place", "expand"},
                              {"expand=place.place.place", "expand"},
                              {"expand=serviceRelationship.resource", "expand"},
                              {"expand=place&expand=place", "expand"},
                              {many, "expand"},
                              {"depth", "depth"},
                              {"depth=4", "depth"},
                              {"depth=01", "depth"},
                              {"depth=1&depth=1", "depth"}}) {
    CAPTURE(item.query);
    const auto result = taken(item.query);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code == ErrorCode::invalid);
    CHECK(result.error().path == item.path);
  }
}
