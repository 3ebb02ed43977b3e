#include "openapi/openapi.h"
#include "openapi/page.h"

#include <doctest/doctest.h>
#include <functional>
#include <set>

using namespace diffo;
using namespace diffo::openapi;

namespace {

void visit(const json::Value& value, const std::function<void(const json::Value&)>& visitor) {
  visitor(value);
  if (const json::Array* items = value.if_array())
    for (const json::Value& item : *items)
      visit(item, visitor);
  if (const json::Object* members = value.if_object())
    for (const json::Member& member : *members)
      visit(member.value, visitor);
}

void check_references(const json::Value& document) {
  visit(document, [&document](const json::Value& value) {
    const json::Value* target = value.is_object() ? value.find("$ref") : nullptr;
    if (target == nullptr || !target->is_string())
      return;
    CAPTURE(target->string());
    REQUIRE(target->string().starts_with("#/"));
    CHECK(json::Pointer::parse(target->string().substr(1)).value().find_in(document) != nullptr);
  });
}

/// Every operation has a name of its own and answers, and every `{…}` of a path is a parameter.
void check_operations(const json::Value& document) {
  std::set<std::string> names;
  for (const json::Member& path : document.find("paths")->object()) {
    CAPTURE(path.name);
    if (path.name.find('{') != std::string::npos)
      CHECK(path.value.find("parameters") != nullptr);
    for (const json::Member& method : path.value.object()) {
      if (method.name == "parameters")
        continue;
      CHECK(names.insert(std::string(method.value.text_of("operationId"))).second);
      CHECK(method.value.find("tags")->array().size() == 1);
      const json::Object& responses = method.value.find("responses")->object();
      // What any request may get before an operation sees it.
      for (const char* status : {"400", "403", "408", "413", "414", "417", "431", "500", "503"})
        CHECK_MESSAGE(responses.contains(status), status);
    }
  }
}

void check_document(const json::Value& document) {
  CHECK(document.text_of("openapi") == "3.0.3");
  check_references(document);
  check_operations(document);
  CHECK(json::read(json::to_text(document)).value() == document);
}

} // namespace

TEST_CASE("every OpenAPI document is well formed and its references resolve") {
  for (const model::ApiRow& row : model::apis)
    for (const model::Version version : {model::Version::v4, model::Version::v5})
      check_document(
          openapi_document(row.api, version, "http://host/base", model::inventory_model()));
  check_document(openapi_diffo_document("http://host"));
}

TEST_CASE("the document of an interface has all of its collections") {
  const json::Value document = openapi_document(model::Api::organization, model::Version::v4,
                                                "http://host/base", model::inventory_model());
  CHECK(document.find("info")->text_of("title") == "Party, TMF632 v4");
  for (const char* path :
       {"/individual", "/individual/{id}", "/organization", "/organization/{id}"})
    CHECK(document.find("paths")->find(path) != nullptr);
  for (const char* schema : {"Individual", "IndividualCreate", "Organization", "RelatedParty"})
    CHECK(document.find("components")->find("schemas")->find(schema) != nullptr);
}

TEST_CASE("documents speak the vocabulary of their version") {
  const auto states = [](model::Version version) {
    const json::Value document =
        openapi_document(model::Api::service, version, "http://host", model::inventory_model());
    return json::to_text(
        *json::Pointer::parse("/components/schemas/ServiceState/enum").value().find_in(document));
  };
  CHECK(states(model::Version::v4).find("suspended") == std::string::npos);
  CHECK(states(model::Version::v5).find("suspended") != std::string::npos);
}

TEST_CASE("what a create needs is what its version requires") {
  const auto required = [](model::Api api, model::Version version) {
    const json::Value document =
        openapi_document(api, version, "http://host", model::inventory_model());
    const std::string name = api == model::Api::service ? "ServiceCreate" : "ResourceCreate";
    return json::to_text(*json::Pointer::parse("/components/schemas/" + name + "/required")
                              .value()
                              .find_in(document));
  };
  CHECK(required(model::Api::service, model::Version::v4) == R"(["state","serviceSpecification"])");
  CHECK(required(model::Api::service, model::Version::v5) ==
        R"(["@type","state","serviceSpecification"])");
  CHECK(required(model::Api::resource, model::Version::v4) == R"(["name"])");
  CHECK(required(model::Api::resource, model::Version::v5) == R"(["@type"])");
}

TEST_CASE("no schema is without a name where generators would have to make one up") {
  for (const model::Api api : {model::Api::service, model::Api::resource})
    for (const model::Version version : {model::Version::v4, model::Version::v5}) {
      const json::Value document =
          openapi_document(api, version, "http://host", model::inventory_model());
      for (const auto& [name, schema] : document.find("components")->find("schemas")->object()) {
        CAPTURE(name);
        const json::Value* properties = schema.find("properties");
        // Of a schema that allows them in words, one generator makes a map (openapi_schemas.cpp).
        CHECK(schema.find("additionalProperties") == nullptr);
        if (properties == nullptr)
          continue;
        for (const json::Member& member : properties->object()) {
          CAPTURE(member.name);
          const json::Value* items = member.value.find("items");
          CHECK(member.value.find("properties") == nullptr);
          CHECK((items == nullptr || items->find("properties") == nullptr));
        }
      }
    }
}

TEST_CASE("the conditions that a list names are parameters that the version has") {
  const auto parameters = [](model::Api api, model::Version version) {
    std::set<std::string> names;
    const json::Value document =
        openapi_document(api, version, "http://host", model::inventory_model());
    const char* path = api == model::Api::service ? "/service" : "/resource";
    for (const json::Value& one :
         document.find("paths")->find(path)->find("get")->find("parameters")->array())
      if (const std::string_view name = one.text_of("name"); !name.empty())
        CHECK(names.insert(std::string(name)).second);
    return names;
  };
  const auto older = parameters(model::Api::service, model::Version::v4);
  const auto newer = parameters(model::Api::service, model::Version::v5);
  for (const char* name : {"id", "name", "state", "category", "startDate", "startDate.gte",
                           "relatedParty.role", "serviceSpecification.id"}) {
    CHECK_MESSAGE(older.contains(name), name);
    CHECK_MESSAGE(newer.contains(name), name);
  }
  CHECK_FALSE(older.contains("operatingStatus"));
  CHECK(newer.contains("operatingStatus"));
  CHECK(parameters(model::Api::resource, model::Version::v4).contains("resourceStatus"));
  CHECK_FALSE(parameters(model::Api::resource, model::Version::v5).contains("resourceStatus"));
}

TEST_CASE("the page makes no markup of what it is told, and asks nobody else") {
  std::set<std::string_view> names;
  for (const PageFile& file : page_files()) {
    names.insert(file.name);
    CHECK(file.text.size() > 500);
    for (const char* word : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write",
                             "eval(", "new Function", "://", "onclick=", "style=\""})
      CHECK_MESSAGE(file.text.find(word) == std::string_view::npos, file.name << " has " << word);
  }
  CHECK(names == std::set<std::string_view>{"index.html", "page.css", "page.js"});
}
