#include "model/import/devicetype.h"

#include "base/uuid.h"
#include "model/domain/print.h"
#include "model/domain/verify.h"
#include "model/domain/yaml.h"

#include <doctest/doctest.h>

using namespace diffo;
using namespace diffo::model;

namespace {

constexpr const char* head = "manufacturer: Aldermoor\nmodel: AX-2\nslug: aldermoor-ax-2\n";

Result<Domain> domain_of(const std::string& text) {
  const ModelSource source{"type.yaml", text};
  return domain_of_device_types({&source, 1}, "Devices");
}

Domain made(const std::string& text) {
  auto domain = domain_of(text);
  REQUIRE_MESSAGE(domain, domain.error().text());
  return std::move(*domain);
}

std::string refusal(const std::string& text) {
  const auto domain = domain_of(text);
  REQUIRE_FALSE(domain);
  return domain.error().message;
}

} // namespace

TEST_CASE("a device type is a kind of resource whose parts are pools") {
  const Domain domain = made(std::string(head) + R"(u_height: 0.5
interfaces:
  - {name: 1, type: 1000base-t}
  - {name: 2, type: 1000base-t}
  - {name: up, type: 10gbase-x-sfpp}
  - {name: mgmt, type: 1000base-t, mgmt_only: true}
module-bays: [{name: Slot 0}]
)");
  const DeclaredKind* kind = domain.kind("AldermoorAX2");
  REQUIRE(kind != nullptr);
  CHECK(kind->half == Half::resource);
  CHECK(kind->specification->name == "aldermoorAx2");
  const auto pool = [kind](const char* name) {
    const Pool* found = kind->pool(name);
    REQUIRE_MESSAGE(found != nullptr, name);
    return *found;
  };
  CHECK(pool("interfaces_1000base_t").bounds == Span{1, 2});
  CHECK(pool("interfaces_1000base_t").thing == "interface_1000base_t");
  CHECK(pool("interfaces_10gbase_x_sfpp").type == "10gbase-x-sfpp");
  CHECK(pool("management_interfaces").bounds == Span{1, 1});
  CHECK(pool("module_bays").thing == "module_bay");
  CHECK(kind->pools.size() == 4);
  const Field& names = domain.kind("AldermoorAX2Names")->fields.front();
  CHECK(json::to_text(*names.otherwise) == R"(["1","2"])"); // texts, whatever they look like
}

TEST_CASE("what is made holds together and is read as it was written") {
  const Domain domain = made(std::string(head) + R"(part_number: 007
airflow: passive
power-ports: [{name: A, type: x, maximum_draw: 10.5}, {name: B, type: x, maximum_draw: 10}]
power-outlets: [{name: yes, type: y}]
inventory-items: [{name: fan, part_id: 12}]
)");
  CHECK(verify({{domain}}).empty());
  const ModelSource source{"made.yaml", yaml::to_text(to_json(domain))};
  const LoadedModel again = load_model({&source, 1});
  CHECK(again.problems.empty());
  REQUIRE(again.model.domains.size() == 1);
  CHECK(again.model.domains.front() == domain);
  CHECK(json::to_text(*domain.kind("AldermoorAX2Power")->fields.at(1).otherwise) == "20.5");
}

TEST_CASE("the id of a specification is one of version 4, and of manufacturer and slug alone") {
  const std::string id = made(head).kind("AldermoorAX2")->specification->id;
  const auto uuid = Uuid::parse(id);
  REQUIRE(uuid);
  CHECK(uuid->version() == 4);
  CHECK((uuid->bytes[8] >> 6U) == 2);
  CHECK(id == "3711b14f-57e9-4938-a1ab-b3452915c0f1"); // for ever
  CHECK(made(std::string(head) + "u_height: 2\n").kinds.back().specification->id == id);
  CHECK(made("manufacturer: Other\nmodel: AX-2\nslug: aldermoor-ax-2\n")
            .kinds.back()
            .specification->id != id);
}

TEST_CASE("a text that is no device type is refused with the place") {
  CHECK(refusal("a: [").starts_with("type.yaml:"));
  CHECK(refusal("[]") == "type.yaml:1:1: a device type is a map");
  CHECK(refusal("manufacturer: A\nmodel: B\n") == "type.yaml:1:1: slug is required");
  CHECK(refusal(std::string(head) + "u_height: tall\n") ==
        "type.yaml:4:11: u_height must be a number");
  CHECK(refusal(std::string(head) + "interfaces: 5\n") ==
        "type.yaml:4:13: interfaces must be a list");
  CHECK(refusal(std::string(head) + "interfaces: [{name: x}]\n") ==
        "type.yaml:4:14: type is required");
  CHECK(refusal(std::string(head) + "power-ports: [{name: x, maximum_draw: much}]\n") ==
        "type.yaml:4:39: maximum_draw must be a number of watts");
  CHECK(refusal(std::string(head) + "---\n" + head) ==
        "type.yaml:5:1: another device type is the kind AldermoorAX2 already");
}
