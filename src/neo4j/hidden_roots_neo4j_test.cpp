#include "model/domain/loader.h"
#include "model/stored_declarations.h"
#include "testing/shared_place.h"
#include "testing/test_models.h"

#include <doctest/doctest.h>

using namespace diffo;
using namespace diffo::testing;

namespace {

constexpr const char* same_id = "0b0c5d5e-8a2f-4c52-9d62-5a8f4d0f3a10";

/// Puts them, or erases those without a record, in one commit.
void commit(Place& place, std::vector<graph::Change> changes,
            std::shared_ptr<const graph::Schema> schema = {}) {
  graph::FetchPlan plan;
  for (const graph::Change& change : changes)
    plan.records.push_back(change.key);
  const auto done = graph::transact_and_wait(
      place.store(), {}, plan, [&](graph::Subgraph& subgraph) -> Result<graph::Decision> {
        for (const graph::Key& key : plan.records)
          static_cast<void>(subgraph.find(key));
        graph::ChangeSet set;
        set.changes = changes;
        set.replace_schema = schema;
        return graph::Decision(std::move(set));
      });
  if (!done)
    FAIL(done.error().text());
}

graph::Change of(const graph::RecordRef& record) {
  return {record->key(), record};
}

graph::RecordRef specification(const std::string& number, const char* name) {
  return record_of("{\"@type\":\"ServiceSpecification\",\"id\":\"a000000" + number +
                       "-0000-4000-8000-000000000000\",\"name\":\"" + name +
                       "\",\"version\":\"1.0\",\"description\":\"d\"}",
                   model::Api::service_specification, model::Version::v4);
}

std::int64_t hidden(Place& place) {
  return place.count("MATCH (d:DiffoHidden) RETURN count(d)");
}

std::int64_t named(Place& place, const char* name, const std::string& number) {
  return place.count(std::string("MATCH (s:Provider:Specification {name:'") + name +
                     "'}) WHERE s.uuid STARTS WITH 'a000000" + number + "' RETURN count(s)");
}

} // namespace

TEST_CASE("a root that another of the same id had kept out is shown when that goes") {
  Place place;
  place.adopt();
  commit(place, {of(record_of(std::string(R"({"@type":"Service","state":"active","id":")") +
                                  same_id + R"(","serviceSpecification":{"id":"s"}})",
                              model::Api::service, model::Version::v5))});
  CHECK(hidden(place) == 0);
  const auto resource =
      record_of(std::string(R"({"name":"r","note":[{"text":"t"}],"id":")") + same_id + R"("})",
                model::Api::resource, model::Version::v4);
  commit(place, {of(resource)});
  CHECK(hidden(place) == 1);
  const char* const seen = "MATCH (n:Provider:Note)-[:ANNOTATES]->(i:Instance {type:'resource'}) "
                           "RETURN count(i)";
  CHECK(place.count(seen) == 0);
  // Nobody deleted it.
  CHECK(place.adopt().erased.empty());
  CHECK(place.left.empty());
  CHECK(place.record(model::family_resource, same_id));
  commit(place, {{{0, model::family_service, same_id}, {}}});
  CHECK(place.count(seen) == 1);
  CHECK(hidden(place) == 0);
  CHECK(place.adopt().changed.empty());
  commit(place, {{resource->key(), {}}});
  CHECK(place.count("MATCH (i:Instance {type:'resource'}) RETURN count(i)") == 0);
  place.check_own_nodes();
}

TEST_CASE("specifications get the names that others had") {
  Place place;
  place.adopt();
  commit(place, {of(specification("1", "x"))});
  commit(place, {of(specification("2", "x")), of(specification("3", "y"))});
  CHECK(hidden(place) == 1);
  SUBCASE("renamed") {
    commit(place, {of(specification("1", "z"))});
    CHECK(named(place, "z", "1") == 1);
  }
  SUBCASE("erased") {
    commit(place, {{specification("1", "x")->key(), {}}});
  }
  SUBCASE("the hidden one wants another name") {
    commit(place, {of(specification("2", "w"))});
    CHECK(named(place, "w", "2") == 1);
    CHECK(hidden(place) == 0);
    commit(place, {of(specification("2", "x"))});
    CHECK(hidden(place) == 1);
    CHECK(named(place, "w", "2") == 1);
    // What the node still says is no change of others.
    CHECK(place.adopt().changed.empty());
    commit(place, {{specification("1", "x")->key(), {}}});
  }
  SUBCASE("by whoever opens the database next") {
    place.run("MATCH (s:Specification) WHERE s.uuid STARTS WITH 'a0000001' SET s.name='q'");
    place.open();
    commit(place, {of(specification("4", "v"))}); // after it has looked
  }
  CHECK(named(place, "x", "2") == 1);
  CHECK(named(place, "y", "3") == 1);
  CHECK(hidden(place) == 0);
  CHECK(place.findings() == std::vector<std::string>());
  place.check_own_nodes();
}

TEST_CASE("the nodes of records that do not change get the labels of a model that is replaced") {
  Place place;
  place.adopt();
  commit(
      place,
      {of(record_of(
          R"({"id":"0b0c5d5e-8a2f-4c52-9d62-5a8f4d0f3a11","name":"card","resourceSpecification":)"
          R"({"id":"cd29956f-6c68-44cc-bf54-705eb8d2f754"},"resourceCharacteristic":[)"
          R"({"name":"card","value":{"family":"ISAM"}},)"
          R"({"name":"ports","value":{"first":1,"last":48,"type":"ADSL","algorithm":"lowest"}}]})",
          model::Api::resource, model::Version::v4))});
  const char* const labelled =
      "MATCH (i:Servo:CardInstance)-[:HAS]->(c:CardCharacteristic {family:'ISAM'}), "
      "(i)-[:HAS]->(:AssignableCharacteristic {last:48}) RETURN count(i)";
  CHECK(place.count(labelled) == 0);
  const std::vector<model::ModelSource> sources{{"servo.yaml", std::string(servo_yaml)},
                                                {"nbn.yaml", std::string(nbn_yaml)}};
  model::LoadedModel loaded = model::load_model(sources);
  REQUIRE(loaded.problems.empty());
  std::vector<std::string> words;
  const graph::Dictionary& dictionary = place.store().schema().dictionary();
  for (std::size_t word = 0; word < dictionary.size(); ++word)
    words.emplace_back(dictionary.text(static_cast<graph::Word>(word)));
  commit(place, {}, model::shared_schema(model::model_of_domains(std::move(loaded.model), words)));
  CHECK(place.count(labelled) == 1);
  CHECK(place.count("MATCH (c:Characteristic {name:'card'}) RETURN count(c)") == 0);
  CHECK(place.findings() == std::vector<std::string>());
  place.check_own_nodes();
}
