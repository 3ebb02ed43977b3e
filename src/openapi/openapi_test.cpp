#include "openapi/openapi.h"

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
      CHECK(method.value.find("responses")->object().size() > 0);
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
  for (const model::Api api : {model::Api::service, model::Api::resource})
    for (const model::Version version : {model::Version::v4, model::Version::v5})
      check_document(openapi_document(api, version, "http://host/base", model::inventory_model()));
  check_document(openapi_diffo_document("http://host"));
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
