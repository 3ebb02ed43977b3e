// A commit replaces the model while the surfaces are up: from then on they speak by the new one.
#include "graph/store.h"
#include "model/schema.h"
#include "server/services.h"
#include "server/surfaces/expectation_api.h"
#include "server/surfaces/inventory.h"
#include "server/transfer/import.h"
#include "testing/added_model.h"
#include "testing/test_store.h"

#include <doctest/doctest.h>

#include <future>

using namespace diffo;

namespace {

constexpr const char* services_path = "/tmf-api/serviceInventory/v4/service";

std::string service(const std::string& id, const std::string& more) {
  return R"({"id":")" + id + R"(","state":"active","serviceSpecification":{"id":"s"})" +
         (more.empty() ? "" : "," + more) + "}";
}

/// The surfaces over a store, without sockets.
struct Desk {
  store::test::Place place;
  SystemUuids uuids;
  Log log = Log::open({}).value();
  Metrics metrics;
  http::MemoryBudget memory{std::uint64_t{64} << 20};
  std::unique_ptr<graph::Store> store = place.open(model::inventory_schema());
  server::Worker readers{{}}, large{{}}, bulk{{}}, maintenance{{}};
  loop::StandingResidues residues{{.store = *store,
                                   .clock = place.clock,
                                   .log = log,
                                   .file = {},
                                   .context = [](const std::string&) { return graph::Context(); }}};
  server::Services services{*store, place.clock, uuids, log,    metrics,  readers, large,
                            bulk,   maintenance, {},    memory, residues, {}};
  server::Inventory inventory{services};
  server::ExpectationApi expectations{services};
  http::Router router;

  Desk() {
    inventory.add_routes(router);
    expectations.add_routes(router);
  }

  http::Response ask(http::Method method, const std::string& target, const std::string& body = {}) {
    std::promise<http::Response> answered;
    const std::vector<http::Header> headers{{"content-type", "application/json"}};
    http::Request request;
    request.method = method;
    request.target = target;
    request.path = std::string_view(target).substr(0, target.find('?'));
    if (request.path.size() < target.size())
      request.query = std::string_view(target).substr(request.path.size() + 1);
    request.authority = "host";
    request.headers = headers;
    request.body = body;
    request.has_body = !body.empty();
    router.handle(std::move(request), http::Responder::to([&](http::Response response) {
                    answered.set_value(std::move(response));
                  }));
    return answered.get_future().get();
  }
  http::Response post(const std::string& body, const std::string& path = services_path) {
    return ask(http::Method::post, path, body);
  }
  json::Value get(const std::string& target) {
    const http::Response response = ask(http::Method::get, target);
    REQUIRE_MESSAGE(response.status == 200, response.body);
    return json::read(response.body).value();
  }

  Result<graph::Commit> replace_model() {
    return graph::transact_and_wait(*store, {}, {}, [](graph::Subgraph&) {
      graph::ChangeSet changes;
      const model::Model& model = testing::added_model();
      changes.replace_schema = {std::shared_ptr<const void>(), &model.schema()};
      return Result<graph::Decision>(std::move(changes));
    });
  }
};

std::string ids_in(const json::Value& list) {
  std::string ids;
  for (const json::Value& item : list.array())
    ids += item.text_of("id");
  return ids;
}

} // namespace

TEST_CASE("what is posted, shown, found, patched and expected follows the model that holds") {
  Desk desk;
  CHECK(desk.post(service("a", R"("tier":"platinum")")).status == 201); // nobody knows what it is
  CHECK(desk.ask(http::Method::get, services_path + std::string("?tier.contains=x")).status == 400);
  const auto replaced = desk.replace_model();
  REQUIRE_MESSAGE(replaced.has_value(), replaced.error().text());

  const http::Response refused = desk.post(service("b", R"("tier":"platinum")"));
  CHECK(refused.status == 400);
  CHECK(refused.body.find("bronze") != std::string::npos);
  CHECK(desk.post(service("b", R"("tier":"silver","checkpoint":[{"code":"y","remark":"1"}])"))
            .status == 201);
  CHECK(desk.post(service("c", R"("tier":"bronze")")).status == 201);
  const std::string list = services_path;
  CHECK(ids_in(desk.get(list + "?tier=silver")) == "b");
  CHECK(ids_in(desk.get(list + "?sort=tier&tier=silver,bronze")) == "cb");
  const json::Value newer = desk.get("/tmf-api/serviceInventory/v5/service/b");
  CHECK(newer.find("checkpoint")->array().front().text_of("@type") == "Checkpoint");
  CHECK(desk.get(list + "/a").text_of("tier") == "platinum"); // what is there stays
  CHECK(desk.ask(http::Method::patch, list + "/a", R"({"tier":"gold"})").status == 200);
  CHECK(desk.get(list + "/a").text_of("tier") == "gold");
  CHECK(ids_in(desk.get(list + "?tier=gold")) == "a");

  const std::string one = list + "/b";
  CHECK(desk.ask(http::Method::patch, one, R"({"tier":"wood"})").status == 400);
  CHECK(desk.ask(http::Method::patch, one, R"({"tier":"gold"})").status == 200);
  CHECK(ids_in(desk.get(list + "?tier=gold")) == "ab");

  const http::Response unmet =
      desk.post(R"({"target":{"id":"b"},"expect":{"checkpoint":[{"code":"y","remark":"2"}]}})",
                "/diffo/v1/outstanding");
  CHECK(unmet.status == 200);
  CHECK(json::to_text(*json::read(unmet.body).value().find("outstanding")) ==
        R"({"checkpoint":[{"code":"y","remark":"2"}]})");
}

TEST_CASE("an import that has begun under another model is told so, and takes nothing more") {
  for (const auto mode : {server::ImportMode::best, server::ImportMode::atomic}) {
    Desk desk;
    server::Importer importer(
        *desk.store, [&] { return server::context_of({}, "import", desk.place.clock, desk.uuids); },
        {mode, model::Api::service}, desk.memory);
    if (mode == server::ImportMode::atomic)
      REQUIRE(importer.feed(service("a", "") + "\n"));
    REQUIRE(desk.replace_model());
    const auto fed = importer.feed(service("b", R"("tier":"platinum")") + "\n");
    const auto report = importer.finish();
    REQUIRE((!fed || !report));
    CHECK((fed ? report.error() : fed.error()).code == ErrorCode::unavailable);
    CHECK(desk.get(services_path).array().empty());
  }
}
