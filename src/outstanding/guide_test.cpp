// Runs the examples of docs/guide/expectations.md.
#include "testing/expectations.h"

#include <diffo/expectation.h>

#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <sstream>

using namespace diffo;
using namespace diffo::outstanding;

namespace {

constexpr Timestamp noon{1'794'744'000'000'000}; // 2026-11-15T12:00:00Z

json::Value read(const std::string& text) {
  auto value = json::read(text);
  INFO(text);
  REQUIRE(value);
  return std::move(value).value();
}

/// One block of examples: what was said last of each kind holds until it is said again.
class Example {
public:
  void take(const std::string& keyword, const std::string& text) {
    CAPTURE(text);
    if (keyword == "profile")
      profile_ = profile_of(text).value();
    else if (keyword == "expected")
      expected_ = read(text);
    else if (keyword == "actual")
      actual_ = read(text);
    else if (keyword == "document")
      add_document(text);
    else if (keyword == "refused")
      CHECK(testing::compile_expectation(expected_, profile_).error().text().find(text) !=
            std::string::npos);
    else if (keyword == "outstanding")
      compare(text);
    else
      FAIL("unknown keyword " << keyword);
  }

private:
  void add_document(const std::string& text) {
    const std::size_t id = text.find(' ') + 1;
    const std::size_t document = text.find(' ', id) + 1;
    documents_[text.substr(0, document - 1)] = read(text.substr(document));
  }

  void compare(const std::string& text) {
    const auto expectation = testing::compile_expectation(expected_, profile_);
    REQUIRE(expectation);
    EvaluationContext context{.now = noon};
    context.resolve = [this](std::string_view family, std::string_view id) -> Result<Resolution> {
      const auto found = documents_.find(std::string(family) + " " + std::string(id));
      if (found == documents_.end())
        return Resolution{};
      return Resolution{Resolution::State::found, found->second};
    };
    const auto evaluation = expectation->evaluate(&actual_, context);
    REQUIRE(evaluation);
    const json::Value residue = evaluation->residue ? *evaluation->residue : json::Value();
    CAPTURE(json::to_text(expected_));
    CAPTURE(json::to_text(actual_));
    CHECK(json::to_text(residue) == json::to_text(read(text)));
  }

  Profile profile_ = Profile::v5;
  json::Value expected_;
  json::Value actual_;
  std::map<std::string, json::Value> documents_;
};

} // namespace

TEST_CASE("every example of the guide to expectations holds") {
  std::ifstream guide(DIFFO_GUIDE);
  REQUIRE(guide);
  std::size_t examples = 0;
  std::optional<Example> example;
  for (std::string line; std::getline(guide, line);) {
    if (line.starts_with("```")) {
      example.reset();
      if (line == "```expectation")
        example.emplace();
      continue;
    }
    if (!example)
      continue;
    const std::size_t space = line.find(' ');
    REQUIRE(space != std::string::npos);
    const std::string keyword = line.substr(0, space);
    example->take(keyword, line.substr(line.find_first_not_of(' ', space)));
    examples += keyword == "outstanding" || keyword == "refused" ? 1 : 0;
  }
  CHECK(examples > 50);
}

TEST_CASE("the guide has an example of every matcher but other names of the same") {
  std::ifstream guide(DIFFO_GUIDE);
  std::ostringstream text;
  text << guide.rdbuf();
  const auto schema = json::read(expectation_schema());
  REQUIRE(schema);
  for (const auto& [name, argument] :
       schema->find("$defs")->find("matcher")->find("properties")->object()) {
    if (name.find('_') != std::string::npos || name == "$anyOf" || name.ends_with("oundedBy"))
      continue;
    CHECK_MESSAGE(text.str().find("{\"" + name + "\": ") != std::string::npos, name);
  }
}
