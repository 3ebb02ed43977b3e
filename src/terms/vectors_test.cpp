#include "terms/reference.h"
#include "terms/vectors.h"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

using namespace diffo;
using namespace diffo::terms;

namespace {

std::string file_text(const char* path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Runs the one vector; returns what was written.
std::string run(const std::string& vector) {
  std::ostringstream out;
  REQUIRE(run_vectors("[" + vector + "]", out));
  return out.str();
}

} // namespace

TEST_CASE("every vector of the reference holds, operation and predicate") {
  std::ostringstream out;
  const auto counts = run_vectors(file_text(DIFFO_VECTORS), out);
  REQUIRE(counts);
  INFO(out.str());
  CHECK(counts->failed == 0);
  CHECK(counts->passed == 494);
}

TEST_CASE("a vector that does not hold is named with what came instead") {
  CHECK(run(R"({"id": "a/b", "expected": 1, "actual": 2, "outstanding": null})") ==
        "FAILED a/b: expected nil, got 1\n0 passed, 1 failed\n");
  CHECK(run(R"({"id": "a/b", "expected": 1, "actual": 1, "outstanding": 1})") ==
        "FAILED a/b: expected 1, got nil\n0 passed, 1 failed\n");
}

TEST_CASE("an unknown struct, function, field or operation fails its vector with its name") {
  CHECK(run(R"({"id": "s", "expected": {"struct": "Nobody"}, "outstanding": null})") ==
        "FAILED s: unknown struct 'Nobody'\n0 passed, 1 failed\n");
  CHECK(run(R"({"id": "f", "expected": {"fn": "any_thing"}, "outstanding": null})")
            .find("unknown function 'any_thing'") != std::string::npos);
  CHECK(
      run(R"({"id": "n", "expected": {"struct": "ABC", "fields": {"z": 1}}, "outstanding": null})")
          .find("no field z") != std::string::npos);
  CHECK(run(R"({"id": "o", "op": "guess", "expected": 1, "outstanding": null})")
            .find("unknown operation 'guess'") != std::string::npos);
}

TEST_CASE("a raise must be of the class listed") {
  CHECK(
      run(R"({"id": "r", "expected": {"tuple": []}, "actual": 1, "outstanding": {"raises": "BadArityError"}})")
          .starts_with("FAILED r: expected the error BadArityError, got ArgumentError"));
  CHECK(
      run(R"({"id": "r", "expected": 1, "actual": 1, "outstanding": {"raises": "ArgumentError"}})") ==
      "FAILED r: expected the error ArgumentError, got nil\n0 passed, 1 failed\n");
}

TEST_CASE("a residue that lists too much or too little fails its vector") {
  const std::string head =
      R"({"id": "x", "expected": {"struct": "ABC", "fields": {"a": 1, "b": 2}},)"
      R"("actual": {"struct": "ABC", "fields": {"a": 3, "b": 4}}, "outstanding": {"struct": "ABC", "fields": )";
  CHECK(run(head + R"({"a": 1, "b": 2}}})") == "1 passed, 0 failed\n");
  CHECK(run(head + R"({"a": 1}}})").ends_with("0 passed, 1 failed\n"));
  CHECK(run(head + R"({"a": 1, "b": 2, "c": 3}}})").ends_with("0 passed, 1 failed\n"));
}

TEST_CASE("a term written in the notation is read as the same term") {
  const Rules& rules = reference_rules();
  const auto vectors = json::read(file_text(DIFFO_VECTORS));
  REQUIRE(vectors);
  for (const json::Value& vector : vectors->array())
    for (const char* side : {"expected", "actual"}) {
      const json::Value* value = vector.find(side);
      if (value == nullptr)
        continue;
      const auto term = term_from_json(*value, vectors_clock, rules, RecordForm::full);
      REQUIRE(term);
      CAPTURE(describe(*term));
      const auto again =
          term_from_json(*term_to_json(*term), vectors_clock, rules, RecordForm::full);
      REQUIRE(again);
      CHECK(*again == *term);
    }
}

TEST_CASE("what is no list of vectors is refused") {
  std::ostringstream out;
  CHECK(run_vectors("{", out).error().code == ErrorCode::malformed);
  CHECK(run_vectors("{}", out).error().code == ErrorCode::malformed);
  CHECK(run_vectors("[1]", out)->failed == 1);
}
