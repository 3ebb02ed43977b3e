#include "model/stored_declarations.h"

#include "model/declared.h"
#include "model/schema.h"

#include <doctest/doctest.h>

using namespace diffo;
using namespace diffo::model;

namespace {

/// A domain with one kind that has so many attributes.
DomainModel with_attributes(std::size_t count, const std::string& prefix = "own") {
  DeclaredKind kind;
  kind.name = "Line";
  kind.half = Half::resource;
  kind.specification = Specification{.id = "6c3f0d7e-1a34-4c1f-8d52-0a6b7c8d9e02", .name = "line"};
  kind.specification->type = "resourceSpecification";
  for (std::size_t number = 0; number < count; ++number)
    kind.attributes.push_back({.name = prefix + std::to_string(number)});
  DomainModel model;
  model.domains.push_back({.name = "Lines", .kinds = {kind}});
  return model;
}

} // namespace

TEST_CASE(
    "a model is made again from what a store keeps of it, with the words that the store knows") {
  const DomainModel domains = with_attributes(3);
  const auto first = model_of_domains(domains, words_of(inventory_schema().dictionary()));
  const std::vector<std::string> words = words_of(first->dictionary());
  CHECK(words.size() == inventory_schema().dictionary().size() + 3);
  const auto again = model_described(description_of(domains), words);
  REQUIRE_MESSAGE(again.has_value(), again.error().text());
  CHECK((*again)->declared().model() == domains);
  CHECK(words_of((*again)->dictionary()) == words);
  // Another model keeps the words of the one before under their numbers.
  const auto next = model_of_domains(with_attributes(2, "other"), words);
  CHECK(next->dictionary().continues(first->dictionary()));
  CHECK(next->dictionary().find("other1").has_value());
}

TEST_CASE("what a store keeps is refused when it cannot be read") {
  for (const char* text :
       {"", "{", "{}", "[1]", R"([{"domain": "A", "kinds": {"K": {"colour": 1}}}])"})
    CHECK_MESSAGE(!model_described(text, {}), text);
}

TEST_CASE("a dictionary does not overflow, however many models name attributes of their own") {
  const graph::Dictionary& dictionary = inventory_schema().dictionary();
  CHECK(check_words(with_attributes(50'000), dictionary));
  const auto refused = check_words(with_attributes(70'000), dictionary);
  REQUIRE(!refused);
  CHECK(refused.error().code == ErrorCode::too_large);
}
