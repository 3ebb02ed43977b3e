#include "model/domain/loader.h"
#include "model/domain/print.h"
#include "testing/test_models.h"

#include <diffo/model.h>

#include <doctest/doctest.h>

using namespace diffo;
using namespace diffo::model;

namespace {

Domain loaded(std::string_view text) {
  const ModelSource source{"m", std::string(text)};
  LoadedModel model = load_model({&source, 1});
  REQUIRE(model.problems.empty());
  return std::move(model.model.domains.front());
}

/// Both say the same; what differs is told kind by kind.
void check_equal(const Domain& built, const Domain& from_file) {
  REQUIRE(built.kinds.size() == from_file.kinds.size());
  for (std::size_t index = 0; index < built.kinds.size(); ++index) {
    CHECK(json::to_text(to_json(built.kinds[index])) ==
          json::to_text(to_json(from_file.kinds[index])));
    CHECK((built.kinds[index] == from_file.kinds[index]));
  }
  CHECK(json::to_text(to_json(built)) == json::to_text(to_json(from_file)));
  CHECK((built == from_file));
}

const ActionOptions build_resource{.accept = {"id", "name", "type", "which"},
                                   .args = {"relationships", "places", "parties"},
                                   .set = {{"type", "resource"}}};
const ActionOptions build_service{.accept = {"id", "name", "type"}, .set = {{"type", "service"}}};

void declare_shelf_and_card(DomainBuilder& servo) {
  for (const char* name : {"CardCharacteristic", "ShelfCharacteristic"})
    servo.characteristic(name)
        .field("family", type::symbol())
        .field("model", type::string())
        .field("technology", type::symbol());
  servo.characteristic("DeploymentClass")
      .field("class", type::string())
      .field("mask", type::string());
  servo.resource("ShelfInstance")
      .specification({.id = "ef016d85-9dbd-429c-84da-1df56cc7dda5"_uuid4,
                      .name = "shelf",
                      .minor_version = 2,
                      .patch_version = 3,
                      .tmf_version = 4,
                      .description = "A Shelf Resource Instance which contain cards",
                      .category = "Network Resource"})
      .feature({.name = "spectralManagement",
                .characteristics = {field("deploymentClass", type::of("DeploymentClass")),
                                    field("deploymentClasses", type::list_of("DeploymentClass"))}})
      .characteristic("shelf", type::of("ShelfCharacteristic"))
      .characteristic("shelves", type::list_of("ShelfCharacteristic"))
      .inherit_characteristic("assigned_cards", via(fwd("slot")), {.read = "card"})
      .pool("slots", "slot")
      .party("facilitator", "Enterprise")
      .party("overseer", "Person")
      .party_ref("provider", "Enterprise")
      .party("manager", "Enterprise", {.calculate = "manager_calc"})
      .parties("installer", "Person", {.min = 1, .max = 3})
      .place("installation_site", "Place")
      .place_ref("billing_address", "Place")
      .source(all)
      .create("build", build_resource)
      .define("define")
      .relate("relate")
      .assign("assign_slot", "slots")
      .update("lifecycle", {.accept = {"lifecycle_state"}})
      .calculation("linked_target_name", field_via_relationship("name", {.alias = "link"}))
      .calculation("assigned_linked_name",
                   field_via_relationship("name", {.type = "assignedTo", .alias = "link"}))
      .calculation("manager_calc", hook("manager_of_shelf"));
  servo.resource("CardInstance")
      .specification({.id = "cd29956f-6c68-44cc-bf54-705eb8d2f754"_uuid4,
                      .name = "card",
                      .description = "A Card Resource Instance",
                      .category = "Network Resource"})
      .characteristic("card", type::of("CardCharacteristic"))
      .pool("ports", "port")
      .target(all)
      .create("build", build_resource)
      .define("define")
      .relate("relate")
      .assign("assign_port", "ports")
      .update("lifecycle", {.accept = {"lifecycle_state"}});
}

void declare_services(DomainBuilder& servo) {
  servo.service("AccessService")
      .specification({.id = "c4e7a2b1-3d5f-4a6b-8c9d-0e1f2a3b4c5d"_uuid4,
                      .name = "accessService",
                      .description = "A test access service instance",
                      .category = "Access"})
      .inherit_place("primary", via(rev("primary")), "location")
      .inherit_party("owner", via(rev("primary")), "provider")
      .inherit_characteristic("card", via(rev("primary")))
      .create("build", build_service)
      .calculation("assigner_name", field_via_assigned_relationship("name", via(rev("primary"))))
      .calculation("assigner_names", field_via_assigned_relationship("name"))
      .calculation("assigned_port", field_from_assignment("value", "primary"))
      .calculation("all_assignment_values", field_from_assignment("value"));
  servo.service("Broadband")
      .specification({.id = "a1b2c3d4-e5f6-4a7b-8c9d-e0f1a2b3c4d5"_uuid4,
                      .name = "broadband",
                      .description = "A broadband access service",
                      .category = "Access"})
      .create("build", build_service);
  servo.service("BroadbandV2")
      .specification({.id = "f6e5d4c3-b2a1-4f0e-9d8c-7b6a5f4e3d2c"_uuid4,
                      .name = "broadband",
                      .major_version = 2,
                      .category = "Access"})
      .create("build", build_service);
  const auto contains = via(fwd_rel("contains"));
  servo.service("TraversalProbe")
      .specification({.id = "f1e2d3c4-b5a6-4708-9c1d-2e3f4a5b6c7d"_uuid4,
                      .name = "traversalProbe",
                      .category = "Test"})
      .inherit_characteristic("contained_cards", contains, {.read = "card"})
      .inherit_characteristic("owned_card", via(fwd_rel({.alias = "circuit"})),
                              {.read = "card", .collapse = Collapse::first})
      .inherit_characteristic("first_slot_card", via(fwd("slot")),
                              {.read = "card", .collapse = Collapse::first})
      .inherit_characteristic("last_slot_card", via(fwd("slot")),
                              {.read = "card", .collapse = Collapse::last})
      .inherit_characteristic("tapped_cards", via(fwd("slot")),
                              {.read = "card", .as = "tappedCard"})
      .inherit_characteristic("mixed_card", via(fwd_rel({.alias = "circuit"}), rev("cvlan")),
                              {.read = "card", .collapse = Collapse::first})
      .inherit_characteristic("intercept_nnis",
                              via(rev_rel({.type = "owns", .alias = "port"}),
                                  fwd_rel({.alias = "circuit"}), rev("cvlan"), rev("svlan"),
                                  fwd_rel("contains")),
                              {.read = "card"})
      .inherit_place("contained_locations", contains, "location")
      .inherit_place("first_location", contains, "location", {.collapse = Collapse::first})
      .inherit_place("last_location", contains, "location", {.collapse = Collapse::last})
      .inherit_party("contained_providers", contains, "provider")
      .inherit_party("first_provider", contains, "provider", {.collapse = Collapse::first});
}

Domain nbn_in_code() {
  DomainBuilder nbn("Nbn");
  nbn.organization("Enterprise")
      .instance_role("facilitator", "Instance")
      .party_role("employer", "Person")
      .place_role("headquarters", "Place");
  nbn.individual("Person")
      .instance_role("overseer", "Instance")
      .party_role("manager", "Person")
      .place_role("residence", "Place");
  nbn.organization("Carrier")
      .attribute("abn", type::string())
      .attribute("trading_name", type::string())
      .instance_role("provider", "Instance")
      .place_role("exchange", "Place");
  nbn.site("TestSite")
      .instance_role("installed_at", "Instance")
      .party_role("managed_by", "Enterprise")
      .place_role("contained_in", "Place");
  nbn.site("ExchangeBuilding")
      .attribute("nli", type::string())
      .attribute("access_type",
                 Type{.scalar = Scalar::symbol, .one_of = {"attended", "unmanned", "restricted"}})
      .instance_role("host", "Instance")
      .party_role("operator", "Carrier");
  nbn.location("CellSite")
      .attribute("cell_id", type::string())
      .attribute(
          "technology",
          Type{.scalar = Scalar::symbol, .one_of = {"FixedWireless", "Mobile4G", "Mobile5G"}},
          {.otherwise = "FixedWireless"})
      .attribute("eirp_dbm", type::number())
      .attribute("frequency_mhz", type::number(), {.otherwise = 3500.0})
      .calculation("distance_m", hook("distance_m"), {.type = type::number()})
      .calculation("path_loss_db", hook("path_loss_db"), {.type = type::number(), .digits = 1})
      .calculation("rssi_dbm", expression("eirp_dbm - path_loss_db"), {.digits = 1});
  return nbn.build();
}

void declare_access_of_everything(DomainBuilder& domain) {
  domain.resource("Access")
      .about("An access")
      .specification({.id = "0c5d4c6e-2f1a-4b3c-9d8e-7f6a5b4c3d2e"_uuid4,
                      .name = "access",
                      .minor_version = 2,
                      .patch_version = 3,
                      .tmf_version = 5,
                      .description = "An access",
                      .category = "Network"})
      .attribute("rsp_id", type::string(), {.about = "who owns it"})
      .attribute("secret", type::string(), {.hidden = true})
      .characteristic("line", type::of("Line"))
      .characteristic("bandwidth", Type{.scalar = Scalar::integer, .min = 1, .max = 1000},
                      {.otherwise = 5})
      .inherit_characteristic(
          "upstream_line",
          via(rev("line"), fwd_place("site"), rev_place("site"), fwd_party("owner")),
          {.read = "line",
           .as = "upstreamLine",
           .collapse = Collapse::first,
           .crosses_tenants = true})
      .inherit_characteristic("self", via(), {.read = "line"})
      .inherit_place("near", via(rev("line")), "site",
                     {.as = "nearby", .collapse = Collapse::last, .crosses_tenants = true})
      .inherit_party("owner_above", via(rev("line")), "owner")
      .feature({.name = "managed",
                .enabled = false,
                .characteristics = {field("speed", type::of("Speed"))}})
      .feature({.name = "empty"})
      .pool({.name = "ports",
             .thing = "port",
             .bounds = Span{1, 48},
             .except = {{5, 9}, {12, 12}},
             .type = "ADSL2+",
             .algorithm = Algorithm::highest,
             .lease_seconds = 30,
             .quarantine_seconds = 86400,
             .quota = 2,
             .warn_percent = 80})
      .pool({.name = "vlans",
             .thing = "vlan",
             .units = Units::blocks,
             .bounds = Span{1, 4000},
             .algorithm = Algorithm::random,
             .block = 8})
      .pool({.name = "subnets",
             .thing = "subnet",
             .units = Units::prefixes,
             .network = "10.0.0.0/8",
             .prefix_length = 24})
      .parties("owner", "Buyer", {.min = 1, .max = 3})
      .party_ref("counted")
      .party("named", "", {.calculate = "total"})
      .place("site", "Hall")
      .source(all)
      .target({"provides", "owns"})
      .create("build", {.accept = {"name"},
                        .args = {"places", "parties"},
                        .set = {{"category", "Network"}},
                        .about = "A new one"})
      .define("define")
      .relate("relate")
      .assign("assign_port", "ports")
      .update("qualify", {.accept = {"operatingStatus"}, .hook = "qualified"})
      .calculation("slot", field_from_assignment("value", "line"),
                   {.type = type::list_of(type::integer())})
      .calculation("names",
                   field_via_assigned_relationship("name", via(rev("line"), fwd_rel("contains"))))
      .calculation("targets", field_via_relationship("name", {.type = "owns", .alias = "port"}))
      .calculation("lines", count("upstream_line.length_amount"))
      .calculation("sum_of_lines", sum("upstream_line.length_amount"))
      .calculation("shortest", least("upstream_line.length_amount"))
      .calculation("longest", greatest("upstream_line.length_amount"))
      .calculation("rate", lookup("rates", "line.length_unit"), {.otherwise = 0})
      .calculation("total", expression("(lines + 2.5) * sum_of_lines / -longest"),
                   {.otherwise = json::Value(), .digits = 2})
      .calculation("special", hook("special"), {.type = type::number()})
      .generate("name", "ACC", 10)
      .policy(owned_by("rsp_id", {.stamp = true, .read = true, .write = true}))
      .expect({"id", "name"})
      .customize("name", json::Object{{"$regex", "^A"}})
      .sources("*", {"probe", "person"})
      .sources("line.length_amount", {"probe"})
      .index("rsp_id")
      .index("line.length_unit");
}

Domain everything_in_code() {
  DomainBuilder domain("Everything");
  domain.characteristic("Speed")
      .about("How fast")
      .field("downstream", Type{.scalar = Scalar::number, .min = 0, .max = 1000.5},
             {.otherwise = 10, .required = true, .about = "In Mbps"})
      .field("upstream", type::integer(), {.as = "upStream"})
      .field("units", Type{.scalar = Scalar::symbol, .one_of = {"kbps", "Mbps"}},
             {.otherwise = "Mbps"});
  domain.characteristic("Line")
      .field("length_amount", type::integer())
      .field("length_unit", Type{.min_length = 1, .max_length = 2, .pattern = "k?m"})
      .field("speeds",
             Type{.scalar = Scalar::kind, .kind = "Speed", .array = true, .max_length = 4})
      .field("since", type::date_time())
      .field("address", type::ip())
      .field("reference", type::uuid())
      .field("active", type::boolean())
      .field("other", type::any())
      .field("texts", type::list_of(type::string()))
      .group("length", {{"amount", "length_amount"}, {"unit", "length_unit"}});
  declare_access_of_everything(domain);
  domain.service("Watched")
      .specification({.id = "1c5d4c6e-2f1a-4b3c-9d8e-7f6a5b4c3d2e"_uuid4, .name = "watched"})
      .policy(managed())
      .update("qualify_result", {.accept = {"operatingStatus"},
                                 .from = {"initial"},
                                 .to = "feasibilityChecked",
                                 .effects = {"add_places"}});
  domain.organization("Buyer")
      .party_role("employer", "Party")
      .place_role("seat", "Hall", {.many = true})
      .instance_ref("owner", "Access")
      .pick({"id", "name"})
      .rename("name", "title");
  domain.site("Hall");
  domain.table("rates", {{"km", 1000}, {"m", 1}})
      .migration({.kind = "Access",
                  .rename = {{"line.len", "line.length_amount"}},
                  .set = {{"line.length_unit", "m"}},
                  .drop = {"line.colour"}});
  return domain.build();
}

} // namespace

TEST_CASE("what is declared in C++ is what a file declares") {
  DomainBuilder servo("Servo");
  declare_shelf_and_card(servo);
  declare_services(servo);
  check_equal(servo.build(), loaded(testing::servo_yaml));
  check_equal(nbn_in_code(), loaded(testing::nbn_yaml));
  check_equal(everything_in_code(), loaded(testing::everything_yaml));
  const auto compiled = compile({servo.build(), nbn_in_code(), everything_in_code()});
  REQUIRE(compiled);
  CHECK(compiled->domains.size() == 3);
}

TEST_CASE("what does not hold together does not compile") {
  DomainBuilder servo("Servo");
  declare_shelf_and_card(servo);
  const auto compiled = compile({servo.build()});
  REQUIRE_FALSE(compiled);
  CHECK(compiled.error().code == ErrorCode::invalid);
  REQUIRE(compiled.error().problems.size() == 5);
  CHECK(compiled.error().problems.front().message ==
        "parties: party_type Enterprise does not exist");
  CHECK(compiled.error().problems.front().path == "kinds.ShelfInstance.parties.facilitator");
}
