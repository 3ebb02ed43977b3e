#include "mapping/shipped.h"

#include "mapping/mapping.h"
#include "model/domain/yaml.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

using namespace diffo;
using namespace diffo::mapping;

namespace {

Mapping shipped(std::string_view name) {
  const auto all = shipped_mappings();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [name](const ShippedMapping& one) { return one.name == name; });
  REQUIRE(found != all.end());
  const auto read = model::yaml::read(found->text);
  REQUIRE(read.problems.empty());
  auto made = Mapping::of(model::yaml::value_of(read.documents.at(0)));
  REQUIRE_MESSAGE(made, made.error().text());
  CHECK(made->name() == name);
  CHECK(!made->description().empty());
  return std::move(*made);
}

json::Array mapped(std::string_view name, std::string_view text, const json::Object& given = {}) {
  const Mapping mapping = shipped(name);
  const std::array<Document, 1> documents{{{"input", json::read(text).value()}}};
  Run run(mapping, documents, mapping.values_of(given).value());
  json::Array items;
  while (auto item = run.next().value())
    items.push_back(std::move(*item));
  for (const Problem& problem : run.problems())
    CHECK_MESSAGE(false, problem.rule << problem.path << problem.message);
  return items;
}

/// The value of a characteristic that an item sets, as JSON; empty where it sets none.
std::string characteristic(const json::Value& item, std::string_view name) {
  const json::Value* set = item.find("set");
  const json::Value* list = set != nullptr ? set->find("resourceCharacteristic") : nullptr;
  if (list != nullptr)
    for (const json::Value& one : list->array())
      if (one.text_of("name") == name)
        return json::to_text(*one.find("value"));
  return {};
}

std::string related(const json::Value& item) {
  const json::Value* list = item.find("set")->find("resourceRelationship");
  std::string text;
  if (list != nullptr)
    for (const json::Value& one : list->array())
      text += std::string(one.text_of("relationshipType")) + " " +
              std::string(one.find("resource")->text_of("id")) + "; ";
  return text;
}

} // namespace

TEST_CASE("all shipped mappings hold together") {
  for (const ShippedMapping& one : shipped_mappings())
    shipped(one.name);
}

TEST_CASE("netbox: a list of devices") {
  const json::Array items =
      mapped("netbox", R"({"count": 2, "next": null, "previous": null, "results": [
    {"id": 41, "url": "http://nb/api/dcim/devices/41/", "display": "qeld-leaf-1", "name": "qeld-leaf-1",
     "device_type": {"id": 3, "manufacturer": {"id": 1, "name": "Aldermoor", "slug": "aldermoor"}, "model": "AX-48T"},
     "role": {"id": 2, "name": "Leaf", "slug": "leaf"}, "tenant": null, "platform": {"id": 1, "name": "AxOS"},
     "serial": "AX0019", "asset_tag": null, "site": {"id": 9, "name": "Queldorf", "slug": "queldorf"}, "location": null,
     "rack": {"id": 4, "name": "R4"}, "position": 31.0, "status": {"value": "active", "label": "Active"},
     "primary_ip": {"id": 7, "family": {"value": 4}, "address": "192.0.2.11/32"}, "description": "row 2"},
    {"id": 42, "display": "AX-48T #42", "name": null, "device_type": {"model": "AX-48T"}, "device_role": {"name": "Spare"},
     "site": {"name": "Queldorf"}, "status": {"value": "inventory"}}]
})",
             {{"deviceKind", "Switch"}});
  REQUIRE(items.size() == 2);
  CHECK(*items[0].find("match") ==
        json::Value(json::Object{{"id", "netbox-device-41"}, {"kind", "Switch"}}));
  const json::Value& set = *items[0].find("set");
  CHECK(set.text_of("name") == "qeld-leaf-1");
  CHECK(set.text_of("@type") == "PhysicalResource");
  CHECK(json::to_text(*set.find("externalIdentifier")) ==
        R"([{"externalIdentifierType":"netbox","id":"dcim/devices/41"}])");
  CHECK(characteristic(items[0], "status") == R"("active")");
  CHECK(characteristic(items[0], "role") == R"("Leaf")");
  CHECK(characteristic(items[0], "platform") == R"("AxOS")");
  CHECK(characteristic(items[0], "serial") == R"("AX0019")");
  CHECK(characteristic(items[0], "site") == R"("Queldorf")");
  CHECK(characteristic(items[0], "position") == "31.0");
  CHECK(characteristic(items[0], "tenant").empty());
  CHECK(json::to_text(*items[0].find("absent")) ==
        R"(["resourceCharacteristic[assetTag]","resourceCharacteristic[tenant]"])");
  CHECK(items[1].find("set")->text_of("name") == "AX-48T #42");
  CHECK(characteristic(items[1], "role") == R"("Spare")");
}

TEST_CASE("netbox: interfaces, cables and addresses of one export") {
  const json::Array items = mapped("netbox", R"({
    "interfaces": [{"id": 501, "device": {"id": 41, "name": "qeld-leaf-1"}, "name": "Ethernet1", "type": {"value": "10gbase-x-sfpp"},
      "enabled": true, "lag": {"id": 599, "name": "Po1"}, "mtu": null, "mac_address": "02:00:5E:10:00:01", "speed": 10000000,
      "duplex": null, "mgmt_only": false, "mode": {"value": "tagged"}, "untagged_vlan": {"id": 1, "vid": 10},
      "tagged_vlans": [{"id": 2, "vid": 20}, {"id": 3, "vid": 30}], "cable": {"id": 77},
      "connected_endpoints": [{"id": 601, "name": "Ethernet1", "device": {"id": 45, "name": "qeld-spine-1"}}],
      "connected_endpoints_type": "dcim.interface"},
     {"id": 502, "device": {"id": 41, "name": null, "display": "AX #41"}, "name": "Ethernet2", "type": {"value": "virtual"}, "enabled": false,
      "mgmt_only": false, "tagged_vlans": [], "connected_endpoints": null
}],
    "cables": [{"id": 77, "display": "#77", "type": "smf", "status": {"value": "connected"}, "label": "", "length": 3, "length_unit": {"value": "m"},
      "a_terminations": [{"object_type": "dcim.interface", "object_id": 501, "object": {"id": 501}}],
      "b_terminations": [{"object_type": "dcim.interface", "object_id": 601}, {"object_type": "dcim.frontport", "object_id": 3}]}],
    "ip_addresses": [{"id": 7, "family": {"value": 4}, "address": "192.0.2.11/32", "vrf": null, "status": {"value": "active"}, "role": null,
      "assigned_object_type": "dcim.interface", "assigned_object_id": 501, "dns_name": "leaf-1.example"},
     {"id": 8, "family": {"value": 6}, "address": "2001:db8::1/64", "status": {"value": "active"},
      "assigned_object_type": "virtualization.vminterface", "assigned_object_id": 501}]
})");
  REQUIRE(items.size() == 5);
  CHECK(items[0].find("set")->text_of("name") == "qeld-leaf-1:Ethernet1");
  CHECK(characteristic(items[0], "macAddress") == R"("02:00:5e:10:00:01")");
  CHECK(characteristic(items[0], "enabled") == "true");
  CHECK(characteristic(items[0], "taggedVlans") == "[20,30]");
  CHECK(characteristic(items[0], "mtu").empty());
  CHECK(
      related(items[0]) ==
      "partOf netbox-device-41; memberOf netbox-interface-599; connectedTo netbox-interface-601; ");
  CHECK(items[1].find("set")->text_of("name") == "AX #41:Ethernet2");
  CHECK(characteristic(items[1], "enabled") == "false");
  CHECK(json::to_text(*items[1].find("absent")) == R"(["resourceCharacteristic[taggedVlans]"])");
  CHECK(related(items[2]) == "connects netbox-interface-501; connects netbox-interface-601; ");
  CHECK(characteristic(items[2], "lengthUnit") == R"("m")");
  CHECK(related(items[3]) == "assignedTo netbox-interface-501; ");
  CHECK(items[3].find("set")->text_of("name") == "192.0.2.11/32");
  CHECK(related(items[4]).empty());
}

TEST_CASE("lldp: both forms of JSON say the same") {
  const json::Object device{{"device", "leaf-1"}};
  const json::Array plain = mapped("lldp", R"({"lldp": {"interface": [
    {"eth1": {"via": "LLDP", "rid": "1", "age": "0 day, 00:10:04", "chassis": {"spine-1": {"id": {"type": "mac", "value": "02:00:5e:20:00:01"},
      "descr": "AxOS 4", "mgmt-ip": ["192.0.2.21", "2001:db8::21"], "capability": [{"type": "Router", "enabled": true}]}},
      "port": {"id": {"type": "ifname", "value": "Ethernet7"}, "descr": "to leaf-1", "ttl": "120"}}},
    {"eth2": {"via": "LLDP", "chassis": {"id": {"type": "mac", "value": "02:00:5e:20:00:02"}},
      "port": {"id": {"type": "mac", "value": "02:00:5e:20:00:0f"}, "descr": "eth0"}}}]}})",
                                   device);
  const json::Array zero = mapped("lldp", R"({"lldp": [{"interface": [
    {"name": "eth1", "via": "LLDP", "rid": "1", "chassis": [{"id": [{"type": "mac", "value": "02:00:5e:20:00:01"}], "name": [{"value": "spine-1"}],
      "descr": [{"value": "AxOS 4"}], "mgmt-ip": [{"value": "192.0.2.21"}, {"value": "2001:db8::21"}]}],
      "port": [{"id": [{"type": "ifname", "value": "Ethernet7"}], "descr": [{"value": "to leaf-1"}], "ttl": [{"value": "120"}]}]},
    {"name": "eth2", "via": "LLDP", "chassis": [{"id": [{"type": "mac", "value": "02:00:5e:20:00:02"}]}],
      "port": [{"id": [{"type": "mac", "value": "02:00:5e:20:00:0f"}], "descr": [{"value": "eth0"}]}]}]}]})",
                                  device);
  CHECK(plain == zero);
  REQUIRE(plain.size() == 2);
  CHECK(json::to_text(*plain[0].find("match")) == R"({"name":"leaf-1:eth1","kind":"interface"})");
  CHECK(plain[0].find("create") == nullptr);
  CHECK(characteristic(plain[0], "remoteSystem") == R"("spine-1")");
  CHECK(characteristic(plain[0], "remotePort") == R"("Ethernet7")");
  CHECK(characteristic(plain[0], "remoteManagementAddress") == R"("192.0.2.21")");
  CHECK(characteristic(plain[1], "remoteSystem").empty());
  CHECK(characteristic(plain[1], "remoteChassisId") == R"("02:00:5e:20:00:02")");
  CHECK(characteristic(plain[1], "remotePort") == R"("eth0")");
  const json::Array one = mapped(
      "lldp",
      R"({"lldp": {"interface": {"eth1": {"via": "LLDP", "chassis": {"spine-1": {"id": {"type": "mac",
      "value": "02:00:5e:20:00:01"}, "descr": "AxOS 4", "mgmt-ip": "192.0.2.21"}}, "port": {"id": {"type": "ifname", "value": "Ethernet7"}}}}}})",
      {{"device", "leaf-1"}, {"kind", "Port"}, {"create", "true"}});
  REQUIRE(one.size() == 1);
  CHECK(*one[0].find("set") == *plain[0].find("set"));
  CHECK(json::to_text(*one[0].find("match")) == R"({"name":"leaf-1:eth1","kind":"Port"})");
  CHECK(one[0].find("create") != nullptr);
}

TEST_CASE("napalm: facts and interfaces") {
  const json::Array items = mapped("napalm", R"({
    "facts": {"hostname": "leaf-1", "fqdn": "leaf-1.example", "vendor": "Aldermoor", "model": "AX-48T", "serial_number": "AX0019",
      "os_version": "4.2", "uptime": 100, "interface_list": ["Ethernet1"]},
    "interfaces": {"Ethernet1": {"is_up": false, "is_enabled": true, "description": "to spine-1", "last_flapped": -1.0, "speed": 10000,
      "mtu": 9100, "mac_address": "02:00:5E:10:00:01"},
     "Management0": {"is_up": true, "is_enabled": true, "description": "", "speed": -1, "mtu": 1500, "mac_address": ""}}})");
  REQUIRE(items.size() == 3);
  CHECK(json::to_text(*items[0].find("match")) == R"({"name":"leaf-1","kind":"device"})");
  CHECK(characteristic(items[0], "softwareVersion") == R"("4.2")");
  CHECK(json::to_text(*items[1].find("match")) ==
        R"({"name":"leaf-1:Ethernet1","kind":"interface"})");
  CHECK(characteristic(items[1], "up") == "false");
  CHECK(characteristic(items[1], "speed") == "10000");
  CHECK(characteristic(items[2], "speed").empty());
  const json::Array alone =
      mapped("napalm", R"({"Ethernet1": {"is_up": true, "is_enabled": true, "mtu": 1500}})",
             {{"device", "x"}});
  REQUIRE(alone.size() == 1);
  CHECK(alone[0].find("match")->text_of("name") == "x:Ethernet1");
}
