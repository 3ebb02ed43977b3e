#include "testing/bolt_notation.h"

#include <diffo/bolt_json.h>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <limits>

using namespace diffo;

namespace {

std::string json_of(std::string_view notation) {
  return json::to_text(bolt::to_json(*bolt::fake::read_value(notation)));
}

} // namespace

TEST_CASE("values become JSON without loss") {
  CHECK(json_of(R"({"a": [1, 1.0, true, null, "x"]})") == R"({"a":[1,1.0,true,null,"x"]})");
  CHECK(json_of("9223372036854775807") == "9223372036854775807");
  CHECK(json_of("0.1") == "0.1");
  CHECK(json_of(R"(Bytes("00ff10"))") == R"("AP8Q")");
  CHECK(json_of(R"(Bytes("00"))") == R"("AA==")");
  CHECK(json_of("Date(0)") == R"("1970-01-01")");
  CHECK(json_of(R"(ZonedDateTime(0, 1000, "Etc/UTC"))") ==
        R"("1970-01-01T00:00:00.000001Z[Etc/UTC]")");
  CHECK(json_of("Point(4326, 1.0, 2.5)") == R"({"srid":4326,"x":1.0,"y":2.5})");
  CHECK(json_of(R"(Node(1, ["A"], {"k": 2}, "4:1"))") ==
        R"({"id":1,"elementId":"4:1","labels":["A"],"properties":{"k":2}})");
  CHECK(json_of(R"(Vector("i8", [1, -1]))") == "[1,-1]");
  CHECK(json::to_text(bolt::to_json(std::numeric_limits<double>::infinity())) == R"("Infinity")");
}

TEST_CASE("integers and doubles survive the way through JSON text") {
  CHECK(rc::check("numbers", [] {
    const auto integer = *rc::gen::arbitrary<std::int64_t>();
    RC_ASSERT(bolt::from_json(*json::read(json::to_text(bolt::to_json(integer)))) ==
              bolt::Value(integer));
    const auto real = *rc::gen::arbitrary<double>();
    RC_ASSERT(bolt::from_json(*json::read(json::to_text(bolt::to_json(real)))) ==
              bolt::Value(real));
  }));
}
