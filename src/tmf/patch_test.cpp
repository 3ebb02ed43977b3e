#include "tmf/import_line.h"
#include "tmf/patch.h"

#include "model/model.h"
#include "testing/test_documents.h"
#include "tmf/import_line.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <vector>

using namespace diffo;
using namespace diffo::tmf;
using namespace diffo::testing;

namespace {

Result<std::optional<graph::RecordDraft>> patched(const graph::Record& record,
                                                  std::string_view text, model::Version version,
                                                  PatchKind kind = PatchKind::merge) {
  const model::Api api =
      record.family() == model::family_service ? model::Api::service : model::Api::resource;
  return patch(record, parsed(text), kind, api, version, links());
}

graph::RecordRef changed(const graph::Record& record, std::string_view text, model::Version version,
                         PatchKind kind = PatchKind::merge) {
  auto draft = patched(record, text, version, kind);
  REQUIRE_MESSAGE(draft.has_value(), draft.error().text());
  REQUIRE(draft->has_value());
  return packed(**draft);
}

std::string refused_path(const graph::Record& record, std::string_view text,
                         model::Version version) {
  const auto draft = patched(record, text, version);
  REQUIRE_FALSE(draft.has_value());
  return draft.error().path;
}

std::vector<std::uint32_t> parts(const graph::Record& record, graph::ElementKind kind) {
  std::vector<std::uint32_t> numbers;
  graph::ElementView child;
  for (auto children = record.root(model::inventory_schema().dictionary()).children();
       children.next(child);)
    if (child.kind() == kind)
      numbers.push_back(child.part());
  return numbers;
}

} // namespace

TEST_CASE("a client that writes back what it read changes nothing, in either version") {
  for (const Sample& sample : samples()) {
    CAPTURE(sample.name);
    const auto record = record_of(sample.text, sample.api, sample.version);
    for (const model::Version version : {model::Version::v4, model::Version::v5}) {
      const auto result =
          patch(*record, shown(*record, version), PatchKind::merge, sample.api, version, links());
      REQUIRE_MESSAGE(result.has_value(), result.error().text());
      CHECK_FALSE(result->has_value());
    }
  }
}

TEST_CASE("a patch in one version leaves alone what that version cannot show") {
  const auto record = record_of(samples()[1].text, model::Api::service, model::Version::v5);
  const auto after = changed(*record, R"({"name":"renamed"})", model::Version::v4);
  json::Value expected = shown(*record, model::Version::v5);
  expected.object().set("name", "renamed");
  CHECK(same_text(shown(*after, model::Version::v5), expected));
}

TEST_CASE("a patch of the state speaks the words of its version") {
  const auto record = record_of(samples()[1].text, model::Api::service, model::Version::v5);
  CHECK(shown(*changed(*record, R"({"state":"designed"})", model::Version::v4), model::Version::v4)
            .text_of("state") == "designed");
  CHECK_FALSE(patched(*record, R"({"state":"inactive"})", model::Version::v4)->has_value());
  CHECK_FALSE(patched(*record, R"({"internalState":"active"})", model::Version::v4)->has_value());
  CHECK_FALSE(patched(*record, R"({"state":"suspended"})", model::Version::v4)->has_value());
  CHECK(refused_path(*record, R"({"state":"off"})", model::Version::v4) == "/state");
  CHECK(refused_path(*record, R"({"state":null})", model::Version::v5) == "/state");
}

TEST_CASE("what cannot be changed may be repeated but not changed") {
  const auto record = record_of(samples()[1].text, model::Api::service, model::Version::v5);
  CHECK_FALSE(
      patched(*record, R"({"id":"S-5","@type":"Service"})", model::Version::v5)->has_value());
  CHECK_FALSE(patched(*record, R"({"href":"https://proxy/x/v5/service/S-5"})", model::Version::v5)
                  ->has_value());
  CHECK(refused_path(*record, R"({"id":"S-6"})", model::Version::v5) == "/id");
  CHECK(refused_path(*record, R"({"@type":"Other"})", model::Version::v5) == "/@type");
  CHECK(refused_path(*record, R"({"href":null})", model::Version::v5) == "/href");
  CHECK(refused_path(*record, R"({"serviceDate":"2020-01-01T00:00:00Z"})", model::Version::v4) ==
        "/serviceDate");
}

TEST_CASE("items keep their part numbers when they are found again") {
  const auto record = record_of(
      R"({"state":"active","serviceSpecification":{"id":"1"},"serviceCharacteristic":
         [{"name":"a","value":1},{"name":"b","value":2},{"name":"c","value":3}]})",
      model::Api::service, model::Version::v4);
  const auto before = parts(*record, model::kinds::characteristic);
  const auto after = changed(
      *record,
      R"({"serviceCharacteristic":[{"name":"c","value":33},{"name":"new","value":0},{"name":"a","value":1}]})",
      model::Version::v4);
  const auto numbers = parts(*after, model::kinds::characteristic);
  REQUIRE(numbers.size() == 3);
  CHECK(numbers[0] == before[2]);
  CHECK(numbers[1] > before[2]);
  CHECK(numbers[2] == before[0]);
}

TEST_CASE("a v5 patch of a v4 item changes only what differs") {
  const auto record = record_of(samples()[0].text, model::Api::service, model::Version::v4);
  json::Value document = shown(*record, model::Version::v5);
  json::Value& party = document.object().find("relatedParty")->array()[0];
  party.object().find("partyOrPartyRole")->object().set("name", "Harbour and Sons");
  const auto result =
      patch(*record, document, PatchKind::merge, model::Api::service, model::Version::v5, links());
  REQUIRE((result.has_value() && result->has_value()));
  json::Value expected = shown(*record, model::Version::v4);
  expected.object().find("relatedParty")->array()[0].object().set("name", "Harbour and Sons");
  CHECK(same_text(shown(*packed(**result), model::Version::v4), expected));
}

TEST_CASE("a v4 patch of a flattened item finds the attribute where it is") {
  const auto record = record_of(samples()[1].text, model::Api::service, model::Version::v5);
  json::Value document = shown(*record, model::Version::v4);
  document.object().find("relatedParty")->array()[0].object().set("since", "2021");
  const auto result =
      patch(*record, document, PatchKind::merge, model::Api::service, model::Version::v4, links());
  REQUIRE((result.has_value() && result->has_value()));
  json::Value expected = shown(*record, model::Version::v5);
  expected.object().find("relatedParty")->array()[0].object().set("since", "2021");
  CHECK(same_text(shown(*packed(**result), model::Version::v5), expected));
}

TEST_CASE("one name in a reference and in the object around it stays apart") {
  const auto record = record_of(
      R"({"@type":"Resource","relatedParty":[{"@type":"RelatedPartyRefOrPartyRoleRef","role":"r","x":1,
          "partyOrPartyRole":{"@type":"PartyRef","id":"1","x":2}}]})",
      model::Api::resource, model::Version::v5);
  const auto after =
      changed(*record, R"([{"op":"remove","path":"/relatedParty/0/partyOrPartyRole/x"}])",
              model::Version::v5, PatchKind::json_patch);
  const json::Value party = shown(*after, model::Version::v5).find("relatedParty")->array()[0];
  CHECK(party.find("x") != nullptr);
  CHECK(party.find("partyOrPartyRole")->find("x") == nullptr);
}

TEST_CASE("a patch of very many attributes takes its time once") {
  json::Object document{{"@type", "Resource"}};
  json::Object change;
  for (int number = 0; number < 50'000; ++number) {
    document.append("a" + std::to_string(number), number);
    change.append("a" + std::to_string(number),
                  number % 2 == 0 ? json::Value(nullptr) : json::Value("x"));
  }
  const auto record = record_of_document(document, model::Api::resource, model::Version::v5);
  const auto result =
      patch(*record, change, PatchKind::merge, model::Api::resource, model::Version::v5, links());
  REQUIRE((result.has_value() && result->has_value()));
  CHECK((*result)->root.extra.size() == 25'000);
}

TEST_CASE("a JSON patch changes items in place") {
  const auto record = record_of(samples()[1].text, model::Api::service, model::Version::v5);
  const auto after = changed(
      *record,
      R"([{"op":"replace","path":"/note/1/text","value":"2nd"},{"op":"remove","path":"/intent"},
          {"op":"add","path":"/relatedParty/-","value":{"@type":"RelatedPartyRefOrPartyRoleRef","role":"new",
            "partyOrPartyRole":{"@type":"PartyRef","id":"N"}}}])",
      model::Version::v5, PatchKind::json_patch);
  const json::Value document = shown(*after, model::Version::v5);
  CHECK(document.find("note")->array()[1].text_of("text") == "2nd");
  CHECK(document.find("intent") == nullptr);
  CHECK(document.find("relatedParty")->array().size() == 3);
  CHECK(parts(*after, model::kinds::note) == parts(*record, model::kinds::note));
}

TEST_CASE("the place of a resource can be patched in v4, whichever of its two names is used") {
  const auto record = record_of(samples()[3].text, model::Api::resource, model::Version::v5);
  const json::Value named = shown(*record, model::Version::v4);
  CHECK(refused_path(*record, R"({"place":5,"name":"x"})", model::Version::v4) == "/place");
  const auto moved = changed(*record, R"({"place":{"id":"P9","role":"a"}})", model::Version::v4);
  const json::Value places = *shown(*moved, model::Version::v5).find("place");
  REQUIRE(places.array().size() == 2);
  CHECK(places.array()[0].find("place")->text_of("id") == "P9");
  CHECK(places.array()[1].find("place")->text_of("id") == "P2");
  const auto fewer =
      changed(*record, R"({"places":[{"id":"P2","role":"z","name":"far end","@type":"PlaceRef"}]})",
              model::Version::v4);
  CHECK(shown(*fewer, model::Version::v5).find("place")->array().size() == 1);
  const auto none = changed(*record, R"({"place":null,"places":null})", model::Version::v4);
  CHECK(shown(*none, model::Version::v5).find("place") == nullptr);
}

TEST_CASE("what a record broke already does not stand in the way of a patch") {
  const auto nameless =
      record_of(R"({"@type":"Resource"})", model::Api::resource, model::Version::v5);
  CHECK(shown(*changed(*nameless, R"({"description":"d"})", model::Version::v4), model::Version::v5)
            .text_of("description") == "d");
  const auto odd = record_of(R"({"name":"x","externalIdentifier":"abc"})", model::Api::resource,
                             model::Version::v4);
  CHECK(shown(*changed(*odd, R"({"name":"y"})", model::Version::v5), model::Version::v4)
            .text_of("externalIdentifier") == "abc");
  const auto mended =
      changed(*odd, R"({"externalIdentifier":[{"@type":"ExternalIdentifier","id":"1"}]})",
              model::Version::v5);
  CHECK(shown(*mended, model::Version::v5).find("externalIdentifier")->is_array());
}

TEST_CASE("a patch that is no patch is refused") {
  const auto record = record_of(samples()[1].text, model::Api::service, model::Version::v5);
  CHECK_FALSE(patched(*record, "[]", model::Version::v5).has_value());
  CHECK_FALSE(patched(*record, "{}", model::Version::v5, PatchKind::json_patch).has_value());
  CHECK_FALSE(patched(*record, R"([{"op":"replace","path":"","value":[]}])", model::Version::v5,
                      PatchKind::json_patch)
                  .has_value());
}

namespace {

std::string patched(std::string_view document, model::Version made_in, std::string_view change,
                    PatchKind kind, model::Version changed_in, model::Version shown_in) {
  const auto record = record_of(document, model::Api::service, made_in);
  const auto result =
      patch(*record, parsed(change), kind, model::Api::service, changed_in, links());
  REQUIRE(result.has_value());
  REQUIRE(result->has_value());
  return json::to_text(*document_of(*packed(**result), shown_in, links()).find("place"));
}

} // namespace

TEST_CASE("an id that the other version replaces is there once") {
  constexpr std::string_view made =
      R"({"state":"active","serviceSpecification":{"id":"1"},"place":[{"role":"r","@type":"GeographicSite","id":"a"}]})";
  constexpr std::string_view change =
      R"({"place":[{"@type":"RelatedPlaceRefOrValue","role":"r","place":{"@type":"GeographicSite","id":"b"}}]})";
  CHECK(patched(made, model::Version::v4, change, PatchKind::merge, model::Version::v5,
                model::Version::v4) == R"([{"role":"r","id":"b","@type":"GeographicSite"}])");
  constexpr std::string_view steps =
      R"([{"op":"replace","path":"/place/0/place/id","value":"b"},{"op":"add","path":"/place/0/place/role","value":"inner"}])";
  CHECK(patched(made, model::Version::v4, steps, PatchKind::json_patch, model::Version::v5,
                model::Version::v5)
            .find(R"("role":"inner")") != std::string::npos);
}

TEST_CASE("a document with more values than a request may bring is patched all the same") {
  json::Array parties;
  for (int index = 0; index < 250'000; ++index)
    parties.push_back(json::Object{{"id", "p"}});
  json::Value document = parsed(R"({"state":"active","serviceSpecification":{"id":"1"}})");
  document.object().set("relatedParty", std::move(parties));
  const auto record = record_of_document(document, model::Api::service, model::Version::v4);
  CHECK(document_of(*record, model::Version::v5, links()).find("relatedParty")->array().size() ==
        250'000);
  CHECK(patch(*record, json::Object{{"name", "n"}}, PatchKind::merge, model::Api::service,
              model::Version::v5, links())
            .has_value());
  std::string line;
  export_line(*record, inventory(), line);
  const auto read = json::read(line, line_limits);
  REQUIRE(read.has_value());
  CHECK(decode_import_line(*read, {}, inventory(), context()).has_value());
}

TEST_CASE("items are matched by the keys that expectations use") {
  struct Case {
    model::Api api;
    const char* attribute;
    const char* before; ///< two items
    const char* after;  ///< the second one first, and what else they say changed
  };
  constexpr Case cases[] = {
      {model::Api::service, "processStatus",
       R"([{"code":"a","message":"1"},{"code":"b","message":"2"}])",
       R"([{"code":"b","message":"3"},{"code":"a","message":"4"}])"},
      {model::Api::service, "serviceOrderItem",
       R"([{"itemId":"1","role":"x"},{"itemId":"2","role":"y"}])",
       R"([{"itemId":"2","role":"v"},{"itemId":"1","role":"w"}])"},
      {model::Api::resource, "attachment",
       R"([{"name":"a","description":"1"},{"name":"b","description":"2"}])",
       R"([{"name":"b","description":"3"},{"name":"a","description":"4"}])"},
      {model::Api::service, "externalIdentifier",
       R"([{"externalIdentifierType":"a","owner":"1"},{"externalIdentifierType":"b","owner":"2"}])",
       R"([{"externalIdentifierType":"b","owner":"3"},{"externalIdentifierType":"a","owner":"4"}])"},
      {model::Api::service, "serviceRelationship",
       R"([{"relationshipType":"t","service":{"id":"1","name":"m"}},
           {"relationshipType":"t","service":{"id":"2","name":"n"}}])",
       R"([{"relationshipType":"t","service":{"id":"2","name":"v"}},
           {"relationshipType":"t","service":{"id":"1","name":"w"}}])"},
      {model::Api::service, "relatedParty",
       R"([{"id":"1","role":"r","name":"m"},{"id":"2","role":"r","name":"n"}])",
       R"([{"id":"2","role":"r","name":"v"},{"id":"1","role":"r","name":"w"}])"},
      {model::Api::service, "supportingService", R"([{"id":"1","name":"m"},{"id":"2","name":"n"}])",
       R"([{"id":"2","name":"v"},{"id":"1","name":"w"}])"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.attribute);
    json::Value document =
        parsed(R"({"id":"x","name":"n","state":"active","serviceSpecification":{"id":"s"}})");
    if (one.api == model::Api::resource)
      document.object().erase("serviceSpecification");
    document.object().set(one.attribute, parsed(one.before));
    const auto record = record_of_document(document, one.api, model::Version::v4);
    const auto after = changed(
        *record, std::string("{\"") + one.attribute + "\":" + one.after + "}", model::Version::v4);
    const graph::ElementKind kind =
        model::inventory_model().first_level(one.api, one.attribute)->holds;
    const auto was = parts(*record, kind);
    CHECK(parts(*after, kind) == std::vector<std::uint32_t>{was.at(1), was.at(0)});
    CHECK(same_text(*shown(*after, model::Version::v4).find(one.attribute), parsed(one.after)));
  }
}

TEST_CASE("a party or a place in another role is the same item where it is the only one") {
  struct Case {
    const char* before;
    const char* after;
    std::vector<std::optional<std::size_t>> found; ///< by place; nothing: a new item
  };
  const std::optional<std::size_t> is_new;
  const Case cases[] = {
      {R"([{"id":"1","role":"a"}])", R"([{"id":"1","role":"b"}])", {0}},
      {R"([{"id":"1"}])", R"([{"id":"1","role":"b"}])", {0}},
      {R"([{"id":"1","role":"a","name":"m"},{"id":"2","role":"b"}])",
       R"([{"id":"2","role":"c"},{"id":"1","role":"d","name":"n"}])",
       {1, 0}},
      // Whoever else is there in that role counts first.
      {R"([{"id":"1","role":"a"},{"id":"2","role":"b"}])",
       R"([{"id":"1","role":"b"},{"id":"2","role":"a"}])",
       {1, 0}},
      {R"([{"id":"1","role":"a"},{"id":"1","role":"b"}])",
       R"([{"id":"1","role":"a"},{"id":"1","role":"c"}])",
       {0, 1}},
      // Of several it is not known which.
      {R"([{"id":"1","role":"a"},{"id":"1","role":"b"}])", R"([{"id":"1","role":"c"}])", {is_new}},
      {R"([{"id":"1","role":"a"}])",
       R"([{"id":"1","role":"b"},{"id":"1","role":"c"}])",
       {is_new, is_new}},
      {R"([{"id":"1","role":"a"}])", R"([{"id":"2","role":"b"}])", {is_new}},
      {R"([{"id":"1","role":"a","@referredType":"Individual"}])",
       R"([{"id":"1","role":"b","@referredType":"Organization"}])",
       {is_new}},
  };
  for (const char* attribute : {"relatedParty", "place"})
    for (const Case& one : cases) {
      CAPTURE(attribute);
      CAPTURE(one.before);
      CAPTURE(one.after);
      json::Value document =
          parsed(R"({"id":"x","name":"n","state":"active","serviceSpecification":{"id":"s"}})");
      document.object().set(attribute, parsed(one.before));
      const auto record = record_of_document(document, model::Api::service, model::Version::v4);
      const auto after = changed(*record, std::string("{\"") + attribute + "\":" + one.after + "}",
                                 model::Version::v4);
      const graph::ElementKind kind =
          model::inventory_model().first_level(model::Api::service, attribute)->holds;
      const auto was = parts(*record, kind);
      const auto now = parts(*after, kind);
      REQUIRE(now.size() == one.found.size());
      for (std::size_t index = 0; index < now.size(); ++index)
        if (one.found[index])
          CHECK(now[index] == was.at(*one.found[index]));
        else
          CHECK(now[index] > *std::max_element(was.begin(), was.end()));
      CHECK(same_text(*shown(*after, model::Version::v4).find(attribute), parsed(one.after)));
    }
}

TEST_CASE("a JSON patch of v5 changes a role in place") {
  const auto record = record_of(samples()[1].text, model::Api::service, model::Version::v5);
  const auto after =
      changed(*record, R"([{"op":"replace","path":"/relatedParty/0/role","value":"another"}])",
              model::Version::v5, PatchKind::json_patch);
  CHECK(shown(*after, model::Version::v5).find("relatedParty")->array()[0].text_of("role") ==
        "another");
  CHECK(parts(*after, model::kinds::party_reference) ==
        parts(*record, model::kinds::party_reference));
}

TEST_CASE("a constraint of a feature is matched by its id, else by its name") {
  const auto record = record_of(
      R"({"id":"x","state":"active","serviceSpecification":{"id":"s"},"feature":[{"name":"f",
          "constraint":[{"name":"a","version":"1"},{"name":"b","version":"2"}]}]})",
      model::Api::service, model::Version::v4);
  const auto numbers = [](const graph::Record& of) {
    std::vector<std::uint32_t> found;
    graph::ElementView feature, child;
    for (auto features = of.root(inventory().dictionary()).children(); features.next(feature);)
      for (auto children = feature.children(); children.next(child);)
        if (child.kind() == model::kinds::constraint)
          found.push_back(child.part());
    return found;
  };
  const auto after = changed(*record,
                             R"({"feature":[{"name":"f",
          "constraint":[{"name":"b","version":"3"},{"name":"a","version":"4"}]}]})",
                             model::Version::v4);
  const auto was = numbers(*record);
  CHECK(numbers(*after) == std::vector<std::uint32_t>{was.at(1), was.at(0)});
}

TEST_CASE("what came under the name of places does not take a place away when v4 patches") {
  for (const char* kept : {R"("")", "7", R"({"id":"x"})", R"([1])", R"([{"id":"x"}])"})
    for (const char* places :
         {R"({"@type":"RelatedPlaceRefOrValue","role":"r","place":{"@type":"PlaceRef","id":"a"}})",
          R"({"@type":"RelatedPlaceRefOrValue","role":"r","place":{"@type":"PlaceRef","id":"a"}},
             {"@type":"RelatedPlaceRefOrValue","role":"s","place":{"@type":"PlaceRef","id":"b"}})"}) {
      CAPTURE(kept);
      CAPTURE(places);
      const auto record = record_of(R"({"@type":"Resource","name":"n","places":)" +
                                        std::string(kept) + R"(,"place":[)" + places + "]}",
                                    model::Api::resource, model::Version::v5);
      const auto idle = patch(*record, shown(*record, model::Version::v4), PatchKind::merge,
                              model::Api::resource, model::Version::v4, links());
      REQUIRE(idle.has_value());
      CHECK_FALSE(idle->has_value());
      const json::Value before = shown(*record, model::Version::v5);
      const json::Value after =
          shown(*changed(*record, R"({"name":"m"})", model::Version::v4), model::Version::v5);
      CHECK(*after.find("place") == *before.find("place"));
      CHECK(*after.find("places") == *before.find("places"));
      CHECK(after.text_of("name") == "m");
    }
}

TEST_CASE("what v4 would take for places is not shown there when it came as something else") {
  const auto record = record_of(R"({"@type":"Resource","name":"n","places":[{"id":"x"}],
      "place":[{"@type":"RelatedPlaceRefOrValue","role":"r","place":{"@type":"PlaceRef","id":"a"}},
               {"@type":"RelatedPlaceRefOrValue","role":"s","place":{"@type":"PlaceRef","id":"b"}}]})",
                                model::Api::resource, model::Version::v5);
  const json::Value newer = shown(*record, model::Version::v5);
  CHECK(newer.find("places")->array()[0].text_of("id") == "x");
  const json::Value older = shown(*record, model::Version::v4);
  REQUIRE(older.find("places")->array().size() == 2);
  CHECK(older.find("places")->array()[1].text_of("id") == "b");
  const auto idle =
      patch(*record, older, PatchKind::merge, model::Api::resource, model::Version::v4, links());
  REQUIRE(idle.has_value());
  CHECK_FALSE(idle->has_value());
}
