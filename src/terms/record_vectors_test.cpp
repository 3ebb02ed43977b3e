#include "terms/vectors.h"

#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <string_view>

// What the reference's tests of records say and its recorded vectors do not.

using namespace diffo;
using namespace diffo::terms;

namespace {

std::string record(std::string_view name, std::string_view fields) {
  return R"({"struct": "Diffo.)" + std::string(name) + R"(", "fields": {)" + std::string(fields) +
         "}}";
}

/// Holds what is outstanding of an expected value against the rules, operation and predicate.
void holds(const std::string& expected, const std::string& actual, const std::string& outstanding) {
  CAPTURE(expected);
  CAPTURE(actual);
  std::ostringstream out;
  REQUIRE(run_vectors(R"([{"id": "record", "expected": )" + expected + R"(, "actual": )" + actual +
                          R"(, "outstanding": )" + outstanding + "}]",
                      out));
  CHECK(out.str() == "1 passed, 0 failed\n");
}

std::string both(std::string_view one, std::string_view other) {
  return std::string(one) + ", " + std::string(other);
}

std::string patch(int from, int to) {
  return record("Patch",
                R"("aEnd": )" + std::to_string(from) + R"(, "zEnd": )" + std::to_string(to));
}

std::string dynamic(std::string_view schema, const std::string& value) {
  return record("Dynamic",
                R"("type": {"atom": ")" + std::string(schema) + R"("}, "value": )" + value);
}

std::string primitive(std::string_view type, std::string_view value) {
  return record("Primitive", R"("type": ")" + std::string(type) + R"(", ")" + std::string(type) +
                                 R"(": )" + std::string(value));
}

std::string in_union(std::string_view type, const std::string& value) {
  return R"({"struct": "Ash.Union", "fields": {"type": {"atom": ")" + std::string(type) +
         R"("}, "value": )" + value + "}}";
}

} // namespace

TEST_CASE("of a feature and a note, all is outstanding where nothing is there") {
  constexpr std::string_view feature = R"("name": {"atom": "lineManagement"}, "isEnabled": false)";
  constexpr std::string_view note =
      R"("text": "test service", "note_id": "TST000000123456", "author_id": "T4_ACCESS")";
  holds(record("Feature", feature), "null", record("Feature", feature));
  holds(record("Note", note), "null", record("Note", note));
}

TEST_CASE("of an external identifier the id is outstanding, and a predicate on it is met") {
  constexpr std::string_view rest = R"("type": "orderId", "owner_id": "T4_ACCESS")";
  constexpr std::string_view number = R"("external_id": "ORD000000123456")";
  holds(record("ExternalIdentifier", both(rest, number)), record("ExternalIdentifier", rest),
        record("ExternalIdentifier", number));
  // An owner that is not said is not expected.
  holds(
      record("ExternalIdentifier", R"("type": "orderId", "external_id": {"fn": "any_bitstring"})"),
      record("ExternalIdentifier", both(rest, number)), "null");
}

TEST_CASE("of a process status the code or the severity alone is outstanding") {
  constexpr std::string_view rest =
      R"("message": "cancelled", "timestamp": {"datetime": "2025-02-25T11:59:00.000000Z"})";
  constexpr std::string_view code = R"("code": "NBNACC-1003")";
  constexpr std::string_view severity = R"("severity": "WARN")";
  const std::string expected = record("ProcessStatus", both(both(code, severity), rest));
  holds(expected, record("ProcessStatus", both(severity, rest)), record("ProcessStatus", code));
  holds(expected, record("ProcessStatus", both(both(code, R"("severity": "INFO")"), rest)),
        record("ProcessStatus", severity));
}

TEST_CASE("of a reference to an entity nothing is outstanding of the same, else what differs") {
  constexpr std::string_view number = R"("id": "COR000000123456")";
  constexpr std::string_view referred = R"("referred_type": {"atom": "cost"})";
  constexpr std::string_view href = R"("href": "costManagement/v2/cost/COR000000123456")";
  constexpr std::string_view name = R"("name": "2025-01")";
  constexpr std::string_view type = R"("type": {"atom": "EntityRef"})";
  const auto reference = [](const std::string& entity) {
    return record("EntityRef",
                  R"("role": {"atom": "expected"}, "entity": )" + record("Entity", entity));
  };
  const auto outstanding = [](std::string_view entity) {
    return record("EntityRef", R"("entity": )" + record("Entity", entity));
  };
  const std::string rest = both(number, referred);
  const std::string expected = reference(both(both(rest, href), both(name, type)));
  holds(expected, expected, "null");
  holds(expected, reference(both(rest, both(name, type))), outstanding(href));
  holds(expected, reference(both(both(rest, href), type)), outstanding(name));
  holds(expected, reference(both(both(rest, href), both(name, R"("type": {"atom": "cost"})"))),
        outstanding(type));
}

TEST_CASE("of an event nothing is outstanding of the same, else its time or its instance") {
  constexpr std::string_view rest =
      R"("type": {"atom": "serviceCreateEvent"}, "firing_type": {"atom": "service"})";
  constexpr std::string_view time = R"("created_at": {"datetime": "2025-02-25T11:59:00.000000Z"})";
  constexpr std::string_view instance = R"("instance_id": "8bcfbf9a-34a5-427a-8eae-5c3812466432")";
  const std::string expected = record("Event", both(rest, both(time, instance)));
  holds(expected, expected, "null");
  holds(expected, record("Event", both(rest, instance)), record("Event", time));
  holds(expected, record("Event", both(rest, time)), record("Event", instance));
}

TEST_CASE("of a reference nothing is outstanding of the same, else the id alone") {
  constexpr std::string_view href =
      R"("href": "serviceInventoryManagement/v4/service/8bcfbf9a-34a5-427a-8eae-5c3812466432")";
  constexpr std::string_view id = R"("id": "8bcfbf9a-34a5-427a-8eae-5c3812466432")";
  constexpr std::string_view other_id = R"("id": "00000000-34a5-427a-8eae-5c3812466432")";
  const std::string expected = record("Reference", both(id, href));
  holds(expected, expected, "null");
  holds(expected, record("Reference", href), record("Reference", id));
  holds(expected, record("Reference", both(other_id, href)), record("Reference", id));
}

TEST_CASE("a dynamic is met by the same; of another schema and value all is outstanding") {
  const std::string expected = dynamic("Diffo.Patch", patch(1, 42));
  holds(expected, expected, "null");
  holds(expected, dynamic("Diffo.Other", patch(5, 6)), expected);
}

TEST_CASE("of a primitive type and value are outstanding, and a predicate is met") {
  const std::string all = R"({"map": [[{"atom": "type"}, "string"], [{"atom": "value"}, "on"]]})";
  holds(primitive("string", R"("on")"), "null", all);
  holds(primitive("string", R"("on")"), primitive("integer", "4"), all);
  holds(primitive("string", R"({"fn": "any_bitstring"})"), primitive("string", R"("on")"), "null");
}

TEST_CASE("a value is met by the same, of either sort") {
  const std::string text = in_union("string", primitive("string", R"("on")"));
  holds(text, text, "null");
  const std::string structured = in_union("dynamic", dynamic("Diffo.Patch", patch(1, 42)));
  holds(structured, structured, "null");
}
