#include "model/typed_value.h"

#include "model/domain/loader.h"
#include "model/stored_declarations.h"

#include "model/model.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

using namespace diffo;
using namespace diffo::model;

namespace {

constexpr std::string_view things = R"(domain: Things
kinds:
  Speed:
    base: characteristic
    fields:
      downstream: {type: number, min: 0, max: 1000.5, default: 10}
      up_stream: {type: integer, as: UP}
      units: {type: symbol, one_of: [kbps, Mbps], default: Mbps}
  Line:
    base: characteristic
    fields:
      code: {type: string, required: true, pattern: "[a-z]+", min_length: 2, max_length: 4}
      length_amount: integer
      length_unit: string
      speeds: {type: [Speed], min_length: 1, max_length: 2}
      since: date_time
      address: ip
      reference: uuid
      active: boolean
      other: any
      texts: {type: [string], max_length: 2}
    value: {length: {amount: length_amount, unit: length_unit}}
  Access:
    half: service
    specification: {id: 6c3f0d7e-1a34-4c1f-8d52-0a6b7c8d9e02, name: access}
    characteristics: {line: Line, name_of: symbol}
)";

/// What a value of the kind Line is read as, and what is wrong with it.
struct Lines {
  std::shared_ptr<const Model> model;
  std::vector<Error> problems;
  Lines() {
    const std::vector<ModelSource> sources{{"things.yaml", std::string(things)}};
    LoadedModel loaded = load_model(sources);
    REQUIRE(loaded.problems.empty());
    model = model_of_domains(std::move(loaded.model), {});
  }
  [[nodiscard]] const Field& field() const {
    return *model->declared().named("Access")->characteristic("line");
  }
  std::string read(std::string_view text) {
    problems.clear();
    TypedReader reader(model->declared(), problems);
    return json::to_text(reader.read(field().type, json::read(text).value(), "/v"));
  }
  /// `path message`, one after the other.
  std::string wrong(std::string_view text) {
    (void)read(text);
    std::string all;
    for (const Error& problem : problems)
      all += (all.empty() ? "" : "; ") + problem.path + ' ' + problem.message;
    return all;
  }
  [[nodiscard]] std::string over(std::string_view base, std::string_view more) const {
    return json::to_text(laid_over(model->declared(), field().type, json::read(base).value(),
                                   json::read(more).value()));
  }
};

} // namespace

TEST_CASE("a value comes back in the order of its declaration, under its names on the wire") {
  Lines lines;
  CHECK(lines.read(R"({"speeds": [{"units": "kbps", "up_stream": 2}], "code": "ab",
                      "length": {"unit": "m", "amount": 7}, "active": null})") ==
        R"({"code":"ab","length":{"amount":7,"unit":"m"},)"
        R"("speeds":[{"downstream":10,"UP":2,"units":"kbps"}]})");
  CHECK(lines.problems.empty());
  CHECK(lines.read(R"({"code": "ab", "length_amount": 7, "lengthUnit": "km"})") ==
        R"({"code":"ab","length":{"amount":7,"unit":"km"}})");
  CHECK(lines.problems.empty());
}

TEST_CASE("what is kept is read again as it is") {
  Lines lines;
  const std::string kept = lines.read(
      R"({"code": "abc", "length_amount": 7, "speeds": [{}], "since": "2026-01-01T00:00:00Z",
          "address": "10.0.0.0/8", "reference": "6c3f0d7e-1a34-4c1f-8d52-0a6b7c8d9e02",
          "active": false, "other": {"b": [1, null]}, "texts": ["x", ""]})");
  CHECK(lines.problems.empty());
  CHECK(lines.read(kept) == kept);
  CHECK(lines.problems.empty());
}

TEST_CASE("all that is wrong is said, each with its place") {
  Lines lines;
  CHECK(lines.wrong(R"({"length": {"amount": 1.5, "inch": 1}, "speeds": [], "since": "yesterday",
                       "address": "10.0.0.256", "reference": "x", "active": "yes",
                       "texts": ["a", 1, "c"], "colour": 1})") != "");
  std::vector<std::string> paths;
  paths.reserve(lines.problems.size());
  for (const Error& problem : lines.problems)
    paths.push_back(problem.path);
  for (const char* path :
       {"/v/length/amount", "/v/length/inch", "/v/speeds", "/v/since", "/v/address", "/v/reference",
        "/v/active", "/v/texts/1", "/v/texts", "/v/colour", "/v/code"})
    CHECK_MESSAGE(std::find(paths.begin(), paths.end(), path) != paths.end(), path);
  CHECK(paths.size() == 11);
}

TEST_CASE("bounds include their ends") {
  Lines lines;
  const auto code = [&](const std::string& text) {
    return lines.wrong(R"({"code": ")" + text + R"("})");
  };
  CHECK(code("ab").empty());
  CHECK(code("abcd").empty());
  CHECK(code("a") == "/v/code must have at least 2 characters");
  CHECK(code("abcde") == "/v/code must have at most 4 characters");
  CHECK(code("AB") == "/v/code must match the pattern [a-z]+");
  CHECK(code("ab\\n") != "");
  const auto down = [&](const std::string& number) {
    return lines.wrong(R"({"code": "ab", "speeds": [{"downstream": )" + number + "}]}");
  };
  CHECK(down("0").empty());
  CHECK(down("1000.5").empty());
  CHECK(down("-0.1") == "/v/speeds/0/downstream must be greater than or equal to 0");
  CHECK(down("1000.6") == "/v/speeds/0/downstream must be less than or equal to 1000.5");
  CHECK(lines.wrong(R"({"code": "ab", "speeds": [{"units": "Gbps"}]})") ==
        "/v/speeds/0/units must be one of kbps, Mbps");
}

TEST_CASE("values are laid over others member by member, and null takes one away") {
  const Lines lines;
  CHECK(lines.over(R"({"code": "ab", "length": {"amount": 7, "unit": "m"}})",
                   R"({"length_unit": "km", "active": true})") ==
        R"({"code":"ab","length":{"amount":7,"unit":"km"},"active":true})");
  CHECK(lines.over(R"({"code": "ab", "active": true})", R"({"active": null})") ==
        R"({"code":"ab"})");
  CHECK(lines.over(R"({"texts": ["a"]})", R"({"texts": ["b"]})") == R"({"texts":["b"]})");
  CHECK(lines.over("null", R"({"code": "ab"})") == R"({"code":"ab"})");
}
