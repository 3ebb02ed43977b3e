#include "neo4j/projection/geometry.h"

#include "neo4j/projection/difference.h"
#include "neo4j/projection/gather.h"
#include "neo4j/projection/shared_graph.h"
#include "testing/shared_graph_checks.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

using namespace diffo;
using namespace diffo::neo4j;

namespace {

json::Value parsed(std::string_view text) {
  auto value = json::read(text);
  REQUIRE(value.has_value());
  return std::move(*value);
}

SharedGraph graph_of(const graph::RecordRef& record) {
  return project(*record, inventory());
}
graph::RecordRef location(const char* geometry, const char* type = "GeoJsonPoint") {
  graph::RecordDraft draft;
  draft.key = {0, model::family_place, "l1"};
  draft.root.kind = model::kinds::geographic_location;
  draft.root.set_field(model::words::type, type);
  draft.root.extra.push_back({"geoJson", parsed(geometry)});
  return encoded(draft);
}

const bolt::Map& properties_of(const SharedGraph& graph) {
  return graph.nodes.at(0).properties;
}

bool has_geometry(const SharedGraph& graph) {
  const bolt::Map& properties = properties_of(graph);
  return std::any_of(properties.begin(), properties.end(), [](const bolt::Entry& entry) {
    return entry.key.find('.') != std::string::npos;
  });
}

} // namespace

TEST_CASE("a point is the location of a place, an area its bounds") {
  const SharedGraph point =
      graph_of(location(R"({"type":"Point","coordinates":[151.2093,-33.8688],"crs":"WGS84"})"));
  CHECK(properties_of(point).text_of("location.json") ==
        R"({"bbox":[151.2093,-33.8688,151.2093,-33.8688],"coordinates":[151.2093,-33.8688],)"
        R"("type":"Point"})");
  CHECK(*properties_of(point).find("location.point") ==
        bolt::Value(bolt::Point2D{.srid = 4326, .x = 151.2093, .y = -33.8688}));
  CHECK_FALSE(properties_of(point).contains("location.bbSW"));
  CHECK(properties_of(point).text_of("type") == "GeographicLocation");

  const SharedGraph high = graph_of(location(R"({"type":"Point","coordinates":[6,52,10]})"));
  CHECK(*properties_of(high).find("location.point") ==
        bolt::Value(bolt::Point3D{.srid = 4979, .x = 6, .y = 52, .z = 10}));

  const SharedGraph area = graph_of(location(
      R"({"geometry":{"type":"Polygon","coordinates":[[[151,-33.5],[151.5,-33.5],[151.5,-34],[151,-33.5]]]}})",
      "GeoJsonPolygon"));
  CHECK(properties_of(area).text_of("bounds.json") ==
        R"({"bbox":[151.0,-34.0,151.5,-33.5],"coordinates":[[[151.0,-33.5],[151.5,-33.5],)"
        R"([151.5,-34.0],[151.0,-33.5]]],"type":"Polygon"})");
  CHECK(*properties_of(area).find("bounds.bbSW") ==
        bolt::Value(bolt::Point2D{.srid = 4326, .x = 151, .y = -34}));
  CHECK(*properties_of(area).find("bounds.bbNE") ==
        bolt::Value(bolt::Point2D{.srid = 4326, .x = 151.5, .y = -33.5}));
  CHECK_FALSE(properties_of(area).contains("location.json"));

  const Difference change = difference(point, area);
  REQUIRE(change.changed.size() == 1);
  for (const char* stale : {"location.json", "location.point"}) {
    const bolt::Value* gone = change.changed[0].set.find(stale);
    REQUIRE(gone != nullptr);
    CHECK(gone->is_null());
  }
}

TEST_CASE("what others have no geometry for is not said") {
  for (const char* geometry :
       {R"({"type":"LineString","coordinates":[[1,2],[3,4]]})",
        R"({"type":"Polygon","coordinates":[[[1,2,3],[4,5,6],[7,8,9],[1,2,3]]]})",
        R"({"type":"Point","coordinates":[181,0]})", R"({"type":"Point","coordinates":[0,91]})",
        R"({"type":"Point","coordinates":["a",1]})", R"({"type":"Polygon","coordinates":[]})",
        R"({"type":"Sphere","coordinates":[1,2]})"}) {
    const SharedGraph graph = graph_of(location(geometry));
    REQUIRE(graph.nodes.size() == 1);
    CHECK_FALSE(has_geometry(graph));
  }
}

TEST_CASE("geometries of kinds that others declare") {
  bolt::Map properties;
  add_untyped("spot", parsed(R"({"type":"Point","coordinates":[1,2]})"), properties);
  CHECK(properties.contains("spot.json"));
  CHECK(properties.contains("spot.point"));
  CHECK_FALSE(properties.contains("spot"));
  add_untyped("meta",
              parsed(R"({"inner":{"at":{"type":"Point","coordinates":[1,2]},)"
                     R"("way":{"type":"LineString","coordinates":[[1,2],[3,1]]}},)"
                     R"("many":[{"type":"Point","coordinates":[1,2]}]})"),
              properties);
  CHECK(properties.text_of("meta").find("LineString") != std::string::npos);
  CHECK(*properties.find("meta.inner.at.point") ==
        bolt::Value(bolt::Point2D{.srid = 4326, .x = 1, .y = 2}));
  CHECK(*properties.find("meta.inner.way.bbSW") ==
        bolt::Value(bolt::Point2D{.srid = 4326, .x = 1, .y = 1}));
  CHECK(properties.size() == 6);
  for (const char* name : {"spot.point", "meta.inner.at.point", "meta.inner.way.bbNE"})
    CHECK(is_companion(properties, name));
  CHECK(geometry_attribute(properties, "spot.json") == "spot");
  CHECK_FALSE(is_companion(properties, "spot.json"));
  CHECK_FALSE(is_companion(properties, "meta"));
}

TEST_CASE("any geometry becomes any other, complete and never stale") {
  CHECK(rc::check("geometry", [](const std::vector<std::uint32_t>& former,
                                 const std::vector<std::uint32_t>& latter) {
    const SharedGraph before = graph_of(random_location(former));
    const SharedGraph after = graph_of(random_location(latter));
    Applied made = applied(before);
    apply(made, difference(before, after));
    RC_ASSERT(made == applied(after));
    for (const char* attribute : {"location", "bounds"})
      RC_ASSERT(companion_fault(properties_of(after), attribute).empty());
    const auto read = gather(told(after), "Place", inventory());
    RC_ASSERT(read.has_value());
    RC_ASSERT(applied(graph_of(encoded(read->at(0)))) == applied(after));
  }));
}
