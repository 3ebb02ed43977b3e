#include "bolt/packstream.h"
#include "testing/bolt_notation.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>

using namespace diffo::bolt;

namespace {

std::string hex_of(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    out += "0123456789ABCDEF"[static_cast<unsigned char>(c) >> 4];
    out += "0123456789ABCDEF"[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::string packed(const Value& value, Version version = bolt_5_4) {
  std::string out;
  Packer packer(out);
  const Outcome<void> done = pack(packer, value, version, GraphValues::allow);
  return done ? hex_of(out) : done.error().message;
}

Outcome<Value> unpacked(std::string_view hex, Version version = bolt_5_4) {
  const std::string bytes = *fake::read_hex(hex);
  Unpacker reader(bytes, version);
  Value value;
  if (!reader.value(value))
    return reader.failure();
  if (!reader.at_end())
    return make_failure(FailureKind::protocol_error, "bytes are left");
  return value;
}

Value value_of(std::string_view notation) {
  return *fake::read_value(notation);
}

struct Golden {
  const char* notation;
  const char* bytes;
  Version version = bolt_5_4;
};

} // namespace

TEST_CASE("every value has its golden bytes and is read back from them") {
  const Golden goldens[] = {
      {"null", "C0"},
      {"true", "C3"},
      {"false", "C2"},
      {"0", "00"},
      {"127", "7F"},
      {"-16", "F0"},
      {"-17", "C8EF"},
      {"-128", "C880"},
      {"128", "C90080"},
      {"-129", "C9FF7F"},
      {"32767", "C97FFF"},
      {"32768", "CA00008000"},
      {"-32769", "CAFFFF7FFF"},
      {"2147483647", "CA7FFFFFFF"},
      {"2147483648", "CB0000000080000000"},
      {"-2147483649", "CBFFFFFFFF7FFFFFFF"},
      {"9223372036854775807", "CB7FFFFFFFFFFFFFFF"},
      {"-9223372036854775808", "CB8000000000000000"},
      {"6.283185307179586", "C1401921FB54442D18"},
      {"-1.5", "C1BFF8000000000000"},
      {"\"\"", "80"},
      {"\"A\"", "8141"},
      {"\"ABCDEFGHIJKLMNOPQRSTUVWXYZ\"",
       "D01A4142434445464748494A4B4C4D4E4F505152535455565758595A"},
      {"\"Größe\"", "874772C3B6C39F65"},
      {"Bytes(\"\")", "CC00"},
      {"Bytes(\"010203\")", "CC03010203"},
      {"[]", "90"},
      {"[1, 2, 3]", "93010203"},
      {"[1, 2.0, \"three\"]", "9301C14000000000000000857468726565"},
      {"{}", "A0"},
      {"{\"one\": \"eins\"}", "A1836F6E658465696E73"},
      {"Date(0)", "B14400"},
      {"Date(-1)", "B144FF"},
      {"LocalTime(1)", "B17401"},
      {"Time(1, 3600)", "B25401C90E10"},
      {"LocalDateTime(1, 2)", "B2640102"},
      {"DateTime(1, 2, 3600)", "B3490102C90E10"},
      {"DateTime(1, 2, 3600)", "B346C90E1102C90E10", bolt_4_4},
      {"ZonedDateTime(1, 2, \"Etc/UTC\")", "B3690102874574632F555443"},
      {"ZonedDateTime(1, 2, \"Etc/UTC\")", "B3660102874574632F555443", bolt_4_4},
      {"Duration(1, -2, 3, 4)", "B44501FE0304"},
      {"Point(4326, 1.0, 2.0)", "B358C910E6C13FF0000000000000C14000000000000000"},
      {"Point(4979, 1.0, 2.0, 3.0)",
       "B459C91373C13FF0000000000000C14000000000000000C14008000000000000"},
      {"Node(1, [\"A\"], {\"k\": true}, \"4:x:1\")", "B44E019181"
                                                     "41A1816BC385"
                                                     "343A783A31"},
      {"Node(1, [\"A\"], {}, \"1\")", "B34E01918141A0", bolt_4_4},
      {"Relationship(3, 1, 2, \"T\", {}, \"5:3\", \"4:1\", \"4:2\")", "B852030102"
                                                                      "8154A0"
                                                                      "83353A33"
                                                                      "83343A31"
                                                                      "83343A32"},
      {"Relationship(3, 1, 2, \"T\", {}, \"3\", \"1\", \"2\")", "B5520301028154A0", bolt_4_4},
      {"UnboundRelationship(3, \"T\", {}, \"5:3\")", "B472038154A083353A33"},
      {"Path([Node(1, [], {}, \"a\"), Node(2, [], {}, \"b\")], "
       "[Relationship(3, 2, 1, \"T\", {}, \"r\", \"b\", \"a\")])",
       "B350"
       "92B44E0190A08161"
       "B44E0290A08162"
       "91B472038154A08172"
       "92FF01"},
      {"Path([Node(1, [], {}, \"a\")], [])", "B35091B44E0190A081619090"},
      {"Vector(\"f32\", [1.0])", "B256CC01C6CC043F800000", bolt_6_0},
      {"Vector(\"f64\", [1.0])", "B256CC01C1CC083FF0000000000000", bolt_6_0},
      {"Vector(\"i8\", [1, -1])", "B256CC01C8CC0201FF", bolt_6_0},
      {"Vector(\"i16\", [-2])", "B256CC01C9CC02FFFE", bolt_6_0},
      {"Vector(\"i32\", [-2])", "B256CC01CACC04FFFFFFFE", bolt_6_0},
      {"Vector(\"i64\", [1])", "B256CC01CBCC080000000000000001", bolt_6_0},
      {"Unsupported(\"UUID\", 6, 1, \"new\")", "B43F84555549440601A1876D657373616765836E6577",
       bolt_6_0},
      {"Uuid(\"00112233445566778899aabbccddeeff\")", "E000112233445566778899AABBCCDDEEFF"},
      {"Structure(1, [2])", "B10102"},
  };
  for (const Golden& golden : goldens) {
    CAPTURE(golden.notation);
    const Value value = value_of(golden.notation);
    CHECK(packed(value, golden.version) == golden.bytes);
    const Outcome<Value> back = unpacked(golden.bytes, golden.version);
    REQUIRE(back.has_value());
    CHECK(*back == value);
  }
}

TEST_CASE("sizes use the shortest marker that holds them") {
  CHECK(packed(std::string(15, 'x')).starts_with("8F"));
  CHECK(packed(std::string(16, 'x')).starts_with("D010"));
  CHECK(packed(std::string(255, 'x')).starts_with("D0FF"));
  CHECK(packed(std::string(256, 'x')).starts_with("D10100"));
  CHECK(packed(std::string(65536, 'x')).starts_with("D200010000"));
  CHECK(packed(Bytes(255)).starts_with("CCFF"));
  CHECK(packed(Bytes(256)).starts_with("CD0100"));
  CHECK(packed(Bytes(65536)).starts_with("CE00010000"));
  CHECK(packed(List(15)).starts_with("9F"));
  CHECK(packed(List(16)).starts_with("D410"));
  CHECK(packed(List(256)).starts_with("D50100"));
  CHECK(packed(List(65536)).starts_with("D600010000"));
  std::vector<Entry> entries;
  entries.reserve(300);
  for (int i = 0; i < 300; ++i)
    entries.push_back({"k" + std::to_string(i), i});
  const Value large = Map::from_entries(entries);
  CHECK(packed(large).starts_with("D9012C"));
  CHECK(unpacked(packed(large)).value() == large);
}

TEST_CASE("longer forms than needed are read as well") {
  CHECK(*unpacked("C801") == Value(1));
  CHECK(*unpacked("CB0000000000000001") == Value(1));
  CHECK(*unpacked("D200000001"
                  "41") == Value("A"));
  CHECK(*unpacked("D60000000101") == Value(List{1}));
  CHECK(*unpacked("DA00000001"
                  "8161"
                  "01") == Value(Map{{"a", 1}}));
}

TEST_CASE("the last of a repeated key wins, in small and large maps") {
  CHECK(*unpacked("A2816101816102") == Value(Map{{"a", 2}}));
  std::string hex = "D812";
  for (int i = 0; i < 18; ++i)
    hex += i % 2 == 0 ? "816101" : "816202";
  CHECK(*unpacked(hex) == Value(Map{{"a", 1}, {"b", 2}}));
}

TEST_CASE("legacy date-times become UTC where that is possible, and say so where it is not") {
  CHECK(*unpacked("B346C90E1102C90E10", bolt_4_4) == Value(DateTime{1, 2, 3600}));
  const Value zoned = *unpacked("B36601028D4575726F70652F4265726C696E", bolt_4_4);
  CHECK(zoned.get<ZonedDateTime>().seconds_are_local);
  CHECK(packed(zoned, bolt_4_4) == "B36601028D4575726F70652F4265726C696E");
  CHECK(packed(zoned, bolt_5_0).find("cannot be sent") == 0);
  CHECK(packed(ZonedDateTime{1, 2, false, "Europe/Berlin"}, bolt_4_4).find("cannot be sent") == 0);
  // From 5.0 the tag is unknown and the value is kept as it came.
  CHECK(unpacked("B346010203", bolt_5_0)->kind() == Kind::unknown_structure);
}

TEST_CASE("what a client may not send is refused before anything is sent") {
  const auto refused = [](const Value& value, Version version) {
    std::string out;
    Packer packer(out);
    return !pack(packer, value, version).has_value();
  };
  CHECK(refused(Node{}, bolt_5_4));
  CHECK(refused(Relationship{}, bolt_5_4));
  CHECK(refused(Path{}, bolt_5_4));
  CHECK(refused(Vector{}, bolt_5_8));
  CHECK_FALSE(refused(Vector{}, bolt_6_0));
  CHECK(refused(Uuid{}, bolt_6_0));
  CHECK(refused(Value("\xFF"), bolt_6_0));
  Value deep;
  for (int i = 0; i < 200; ++i)
    deep = List{deep};
  CHECK(refused(deep, bolt_6_0));
}

TEST_CASE("malformed bytes are refused with a reason, whatever they announce") {
  // NOLINTBEGIN(bugprone-suspicious-missing-comma): parts of one message stand apart
  const char* const hostile[] = {
      "", // nothing
      "C4",
      "C5",
      "C6",
      "C7", // reserved markers
      "CF",
      "D3",
      "D7",
      "DB",
      "DF",
      "E1",
      "EF",
      "C8",
      "C900",
      "CB00",         // cut off
      "D67FFFFFFF",   // a list of 2^31-1
      "D6FFFFFFFF",   // beyond
      "D27FFFFFFF41", // a string of 2 GiB
      "CE7FFFFFFF41",
      "DA7FFFFFFF",
      "DA40000000",
      "D9FFFF",
      "81FF",     // no UTF-8
      "83EDA080", // a surrogate
      "A10101",   // a key that is no string
      "B14481"
      "41",   // a date of text
      "B04E", // a node without fields
      "B54E01908141A0"
      "8131", // a node with too many
      "B3500091"
      "90", // a path of nonsense
      "B35091B44E0190A08161"
      "90"
      "920100",               // a path with a wrong index
      "B256CC01C6CC03010203", // half a float, unknown below 6.0 but well formed
      "B3690180C0",           // wrong zone
      "B349"
      "01"
      "CA7FFFFFFF"
      "00", // nanoseconds out of range
  };
  // NOLINTEND(bugprone-suspicious-missing-comma)
  for (const char* hex : hostile) {
    CAPTURE(hex);
    const Outcome<Value> value = unpacked(hex, bolt_6_0);
    CHECK_FALSE(value.has_value());
    if (!value)
      CHECK(value.error().kind == FailureKind::protocol_error);
  }
}

TEST_CASE("depth and number of values are bounded") {
  const std::string bomb(1'000'000, '\x91');
  Unpacker reader(bomb, bolt_5_4);
  Value value;
  CHECK_FALSE(reader.value(value));
  CHECK(reader.failure().message.find("too deeply nested") != std::string::npos);
  CHECK(reader.failure().code == diffo::ErrorCode::too_large);

  std::string many("\xD5\xFF\xFF", 3);
  many.append(65535, '\xC0');
  Unpacker limited(many, bolt_5_4, {100, 1000});
  CHECK_FALSE(limited.value(value));
  CHECK(limited.failure().message.find("too many values") != std::string::npos);
}

TEST_CASE("special doubles keep their bits") {
  CHECK(std::isnan(unpacked(packed(std::nan(""))).value().get<double>()));
  CHECK(*unpacked(packed(-0.0)) == Value(-0.0));
  CHECK(std::signbit(unpacked(packed(-0.0)).value().get<double>()));
  CHECK(*unpacked(packed(std::numeric_limits<double>::infinity())) ==
        Value(std::numeric_limits<double>::infinity()));
}

namespace {

std::string random_text() {
  return *rc::gen::string<std::string>();
}

Value random_value(int depth) {
  switch (*rc::gen::inRange(0, depth > 0 ? 13 : 11)) {
  case 0:
    return {};
  case 1:
    return *rc::gen::arbitrary<bool>();
  case 2:
    return *rc::gen::arbitrary<std::int64_t>();
  case 3:
    return static_cast<double>(*rc::gen::arbitrary<std::int32_t>()) / 7;
  case 4: {
    std::string text = random_text();
    for (char& c : text)
      c = static_cast<char>(c & 0x7F);
    return text;
  }
  case 5:
    return *rc::gen::arbitrary<Bytes>();
  case 6:
    return Date{*rc::gen::arbitrary<std::int64_t>()};
  case 7:
    return DateTime{*rc::gen::arbitrary<std::int32_t>(), *rc::gen::inRange(0, 999'999'999),
                    *rc::gen::inRange(-64800, 64800)};
  case 8:
    return Duration{*rc::gen::arbitrary<std::int64_t>(), *rc::gen::arbitrary<std::int64_t>(),
                    *rc::gen::arbitrary<std::int64_t>(), *rc::gen::arbitrary<std::int32_t>()};
  case 9:
    return Node{*rc::gen::arbitrary<std::int64_t>(), {"A", "B"}, {{"k", 1}}, "4:e"};
  case 10:
    return Point3D{4979, 1, 2, 3};
  case 11: {
    List items;
    for (int i = *rc::gen::inRange(0, 20); i > 0; --i)
      items.push_back(random_value(depth - 1));
    return items;
  }
  default: {
    Map map;
    for (int i = *rc::gen::inRange(0, 20); i > 0; --i)
      map.set("k" + std::to_string(i), random_value(depth - 1));
    return map;
  }
  }
}

} // namespace

TEST_CASE("any value survives the way there and back") {
  CHECK(rc::check("round trip", [] {
    const Value value = random_value(3);
    RC_ASSERT(unpacked(packed(value)).value() == value);
  }));
}

TEST_CASE("any cut of a packed value is refused") {
  CHECK(rc::check("prefixes", [] {
    const std::string hex = packed(random_value(2));
    const std::size_t bytes = hex.size() / 2;
    const std::size_t cut = *rc::gen::inRange<std::size_t>(0, bytes);
    RC_ASSERT(!unpacked(hex.substr(0, 2 * cut)).has_value());
  }));
}

TEST_CASE("random bytes never do harm") {
  CHECK(rc::check("noise", [] {
    const auto noise = *rc::gen::arbitrary<std::string>();
    Unpacker reader(noise, bolt_6_0);
    Value value;
    if (reader.value(value))
      RC_ASSERT(!to_text(value).empty());
  }));
}
