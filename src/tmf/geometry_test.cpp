// GeoJSON as RFC 7946 has it, and what is none.
#include "tmf/geometry.h"

#include <doctest/doctest.h>
#include <string>

using namespace diffo;
using namespace diffo::tmf;

namespace {

/// The path and message of what is wrong; empty for nothing.
std::string wrong(const std::string& text, std::string_view type = {}) {
  const auto problem = geometry_problem(json::read(text).value(), "/g", type);
  return problem ? problem->path + ": " + problem->message : std::string();
}

std::string of(const std::string& type, const std::string& coordinates) {
  return R"({"type":")" + type + R"(","coordinates":)" + coordinates + "}";
}

} // namespace

TEST_CASE("the geometries of RFC 7946 are taken") {
  const std::string ring = "[[0,0],[4,0],[4,4],[0,0]]";
  for (const std::string& one : {
           of("Point", "[1.5,-2]"),
           of("Point", "[1,2,3]"),
           of("MultiPoint", "[[1,2],[3,4]]"),
           of("MultiPoint", "[]"),
           of("LineString", "[[1,2],[3,4]]"),
           of("MultiLineString", "[[[1,2],[3,4]],[[5,6],[7,8],[9,0]]]"),
           of("Polygon", "[" + ring + "," + ring + "]"),
           of("MultiPolygon", "[[" + ring + "]]"),
           std::string(R"({"type":"GeometryCollection","geometries":[)") + of("Point", "[1,2]") +
               "]}",
           std::string(R"({"type":"Point","coordinates":[1,2],"bbox":[1,2,1,2],"more":null})"),
           std::string(R"({"geometry":{"type":"Point","coordinates":[1,2]}})"),
           std::string(R"({"type":"Feature","geometry":null,"properties":{}})"),
       }) {
    CAPTURE(one);
    CHECK(wrong(one).empty());
  }
}

TEST_CASE("what is no geometry is told with its place") {
  const std::string position = "a position is an array of two or three numbers";
  CHECK(wrong("7") == "/g: a geometry must be an object");
  CHECK(wrong(R"({"type":7})") == "/g/type: type must be a string");
  CHECK(
      wrong(R"({"type":"point","coordinates":[1,2]})").starts_with("/g/type: type must be Point"));
  CHECK(wrong(R"({"coordinates":[1,2]})").starts_with("/g/type: type must be Point"));
  CHECK(wrong(R"({"type":"Point"})") == "/g/coordinates: coordinates are mandatory");
  CHECK(wrong(of("Point", "[1]")) == "/g/coordinates: " + position);
  CHECK(wrong(of("Point", "[1,2,3,4]")) == "/g/coordinates: " + position);
  CHECK(wrong(of("Point", "{}")) == "/g/coordinates: " + position);
  CHECK(wrong(of("LineString", "[[1,2],[3,null]]")) == "/g/coordinates/1: " + position);
  CHECK(wrong(of("LineString", "[[1,2]]")) == "/g/coordinates: a line has at least 2 positions");
  CHECK(wrong(of("LineString", "7")) == "/g/coordinates: must be an array");
  CHECK(wrong(of("Polygon", "[[[0,0],[1,0],[0,0]]]")) ==
        "/g/coordinates/0: a ring has at least 4 positions");
  CHECK(wrong(of("MultiPolygon", "[[[[0,0],[1,0],[1,1]]]]")) ==
        "/g/coordinates/0/0: a ring has at least 4 positions");
  CHECK(wrong(R"({"geometry":{"type":"Point","coordinates":[1]}})") ==
        "/g/geometry/coordinates: " + position);
  CHECK(wrong(R"({"type":"GeometryCollection","geometries":[{"type":"Point"}]})") ==
        "/g/geometries/0/coordinates: coordinates are mandatory");
  CHECK(wrong(R"({"type":"Point","coordinates":[1,2],"bbox":[1]})").starts_with("/g/bbox: "));
}

TEST_CASE("a geometry is of the type that its holder names") {
  CHECK(wrong(R"({"coordinates":[[1,2],[3,4]]})", "LineString").empty());
  CHECK(wrong(of("Point", "[1,2]"), "Point").empty());
  CHECK(wrong(of("Point", "[1,2]"), "Polygon") ==
        "/g/type: the type of the geometry is not the one that @type names: Polygon");
}

TEST_CASE("a geometry is bounded in number and depth") {
  std::string many = "[[0,0]";
  for (int index = 0; index < 100'000; ++index)
    many += ",[0,0]";
  CHECK(wrong(of("MultiPoint", many + "]")) ==
        "/g/coordinates/100000: a geometry has at most 100000 positions");
  for (const auto& [before, after] :
       {std::pair{R"({"type":"GeometryCollection","geometries":[)", "]}"},
        {R"({"geometry":)", "}"}}) {
    std::string deep = of("Point", "[1,2]");
    for (int depth = 0; depth < 9; ++depth)
      deep = before + deep + after;
    CHECK(wrong(deep).find("too deep") != std::string::npos);
  }
}
