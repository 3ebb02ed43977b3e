"""The Access network of examples/access: from a shelf to a designed service, step by step over HTTP; and its seed."""
import json
import pathlib
import re

from client import Client
from server import Server

EXAMPLE = pathlib.Path(__file__).resolve().parent.parent.parent / "examples/access"
MODEL, SEED = EXAMPLE / "access.yaml", EXAMPLE / "seed.yaml"
RESOURCES, SERVICES = "/tmf-api/resourceInventory/v4/resource", "/tmf-api/serviceInventory/v4/service"


def reference(kind, identity, name, role, referred, **more):
    return {"id": identity, **more, "name": name, "role": role, "@referredType": referred, "@type": kind}


CUSTOMER_SITE = reference("PlaceRef", "1657363", "addressId", "CustomerSite", "GeographicAddress", href="place/telco/1657363")
EXCHANGE = reference("PlaceRef", "DONC", "exchangeId", "NetworkSite", "GeographicSite", href="place/telco/DONC")
SERVING_AREA = reference("PlaceRef", "DONC-0001", "esaId", "ServingArea", "GeographicLocation", href="place/telco/DONC-0001")
CUSTOMER = reference("PartyRef", "IND000000897354", "individualId", "Customer", "Individual")
RESELLER = reference("PartyRef", "ORG000000123456", "organizationId", "Reseller", "Organization")
PROVIDER = reference("PartyRef", "Access", "organizationId", "Provider", "Organization")

SHELF = {"name": "QDONC-0001", "family": "ISAM", "model": "ISAM7330", "technology": "DSLAM"}
CARD = {"family": "ISAM", "model": "EBLT48", "technology": "adsl2Plus"}
DESIGN = {"dslam": {"device_name": "QDONC0001", "model": "ISAM7330"}, "aggregate_interface": {"interface_name": "eth0", "svlan_id": 3108},
          "circuit": {"cvlan_id": 82}, "line": {"slot": 10, "port": 5}}
DESIGNED = [{"name": "dslam", "value": {"name": "QDONC0001", "model": "ISAM7330"}},
            {"name": "aggregate_interface", "value": {"name": "eth0", "svlanId": 3108}},
            {"name": "circuit", "value": {"cvlan_id": 82}}, {"name": "line", "value": {"port": 5, "slot": 10}}]
OFFERED = "A DSL Access Network Service connecting a subscriber premises to an NNI"


class Network:
    """One server as those who run the network use it: actions, and documents in the profile diffo."""

    def __init__(self, client, report):
        self.client, self.report = client, report

    def call(self, what, path, arguments, status):
        answer = self.client.call("POST", path, arguments)
        self.report.check(answer.status == status, f"{what}: {answer.status} {answer.text[:400]}")
        return answer

    def build(self, kind, name=None, action="build", **arguments):
        arguments = {"name": name, **arguments} if name else arguments
        return self.call(f"a {kind}", f"/diffo/v1/kinds/{kind}/actions/{action}", arguments, 201).body

    def act(self, what, identity, action, arguments, status=200):
        return self.call(what, f"/diffo/v1/instances/{identity}/actions/{action}", arguments, status)

    def define(self, what, identity, **values):
        return self.act(what, identity, "define", {"characteristicValueUpdates": values}).body

    def assign(self, what, identity, action, status=200, **assignment):
        return self.act(what, identity, action, {"assignment": assignment}, status)

    def shown(self, identity, load=""):
        return self.client.call("GET", f"/diffo/v1/instances/{identity}" + (f"?load={load}" if load else ""))

    def equal(self, what, got, wanted):
        """Equal with the order of members: it is part of the profile."""
        self.report.check(json.dumps(got) == json.dumps(wanted), f"{what}: {json.dumps(got)}\n  instead of {json.dumps(wanted)}")


def characteristics(document):
    return {one["name"]: one.get("value") for one in document["resourceCharacteristic"]}


def assigned_to(identity, *pairs):
    href = f"resourceInventoryManagement/v4/resource/{identity}"
    return {"type": "assignedTo", "resource": {"id": identity, "href": href},
            "resourceRelationshipCharacteristic": [{"name": name, "value": value} for name, value in pairs]}


def build_plant(network):
    """What lies in the ground and stands in the exchange: shelf, card, path, cable."""
    shelf = network.build("Shelf", "QDONC-0001", places=[SERVING_AREA], parties=[PROVIDER])["id"]
    network.define("the shelf is defined", shelf, shelf={"device_name": "QDONC-0001", **{k: SHELF[k] for k in ("family", "model", "technology")}},
                   slots={"first": 1, "last": 10, "assignable_type": "LineCard"})
    card = network.build("Card", "line card 1")["id"]
    network.define("the card is defined", card, card=CARD, ports={"first": 1, "last": 48, "assignable_type": "ADSL2+"})
    slot = network.assign("a slot", shelf, "assign_slot", assigneeId=card, alias="shelf", operation="autoAssign").body
    network.equal("the first slot", slot["value"], 1)
    path = network.build("Path", "82 Rathmullen - DONC", places=[CUSTOMER_SITE, EXCHANGE, SERVING_AREA], parties=[PROVIDER])["id"]
    network.define("the path is defined", path, path={"device_name": "82 Rathmullen - DONC", "technology": "copper", "sections": 5})
    cable = network.build("Cable", "lead in cable")["id"]
    network.define("the cable is defined", cable, cable={"pairs": 60, "technology": "PIUT"}, pairs={"first": 1, "last": 60, "assignable_type": "copper"})
    network.assign("a pair", cable, "assign_pair", assigneeId=path, alias="cable")
    network.assign("a port", card, "assign_port", assigneeId=path, alias="card")
    return shelf, card, path, cable


def the_plant_is_shown(network, shelf, card, path, cable):
    href = f"resourceInventoryManagement/v4/resource/{shelf}"
    specification = "ef016d85-9dbd-429c-84da-1df56cc7dda5"
    network.equal("the shelf", network.shown(shelf).body, {
        "id": shelf, "href": href, "category": "Network Resource", "description": "A Shelf Resource Instance which contain cards",
        "name": "QDONC-0001",
        "resourceSpecification": {"id": specification, "href": f"resourceCatalogManagement/v4/resourceSpecification/{specification}",
                                  "name": "shelf", "version": "v1.0.0"},
        "lifecycleState": "installed", "resourceRelationship": [assigned_to(card, ("slot", 1), ("alias", "shelf"))],
        "supportingResource": [{"id": "shelf", "href": f"resourceInventoryManagement/v4/resource/{card}"}],
        "resourceCharacteristic": [{"name": "shelf", "value": SHELF},
                                   {"name": "slots", "value": {"first": 1, "last": 10, "type": "LineCard", "algorithm": "lowest"}}],
        "place": [SERVING_AREA], "relatedParty": [PROVIDER]})
    loaded = network.shown(path, "card,shelf,port").body
    network.equal("a path inherits of card and shelf", characteristics(loaded), {
        "path": {"name": "82 Rathmullen - DONC", "sections": 5, "technology": "copper"}, "card": CARD, "shelf": SHELF})
    network.equal("a path calculates its port", loaded["calculations"], {"port": [1]})
    network.equal("the places of a path", loaded["place"], [CUSTOMER_SITE, EXCHANGE, SERVING_AREA])
    network.report.check("lifecycleState" not in loaded and "resourceRelationship" not in loaded,
                         f"a path is neither installed nor shows what it was assigned: {loaded}")
    network.equal("what a path is when nothing is loaded", list(characteristics(network.shown(path).body)), ["path"])
    over = network.shown(shelf, "cards,total_ports").body
    network.equal("a shelf has the cards in it", (characteristics(over)["card"], over["calculations"]), (CARD, {"total_ports": 48}))
    network.equal("a card knows its slot", network.shown(card, "slot").body["calculations"], {"slot": [1]})
    network.equal("the cable hands out", network.shown(cable).body["resourceRelationship"],
                  [assigned_to(path, ("pair", 1), ("alias", "cable"))])


def a_service_is_designed(network):
    service = network.build("DslAccess", action="qualify", places=[CUSTOMER_SITE], parties=[CUSTOMER, RESELLER])
    identity = service["id"]
    network.equal("a service that is asked for", (service["state"], service["serviceCharacteristic"]), (
        "initial", [{"name": name, "value": {}} for name in ("dslam", "aggregate_interface", "circuit", "line")]))
    network.act("what has never been active", identity, "suspend", {}, 409)
    qualified = network.act("a qualified service", identity, "qualify_result",
                            {"operatingStatus": "feasible", "places": [SERVING_AREA]}).body
    network.equal("what is feasible", (qualified["state"], qualified["operatingStatus"], qualified["place"]),
                  ("feasibilityChecked", "feasible", [CUSTOMER_SITE, SERVING_AREA]))
    network.act("a result twice", identity, "qualify_result", {"operatingStatus": "feasible"}, 409)
    network.act("a status that is none", identity, "status", {"operatingStatus": "perhaps"}, 400)
    network.act("a designed service", identity, "design_result", {"characteristicValueUpdates": DESIGN})
    text = re.sub(r'"\d{4}-\d\d-\d\dT[\d:.]+Z"', '"now"', network.shown(identity).text)
    specification = "da9b207a-26c3-451d-8abd-0640c6349979"
    wanted = {
        "id": identity, "href": f"serviceInventoryManagement/v4/service/{identity}", "category": "Network Service", "description": OFFERED,
        "serviceSpecification": {"id": specification, "href": f"serviceCatalogManagement/v4/serviceSpecification/{specification}",
                                 "name": "dslAccess", "version": "v1.0.0"},
        "serviceDate": "now", "state": "reserved", "operatingStatus": "feasible",
        "feature": [{"name": "dynamic_line_management", "isEnabled": True}], "serviceCharacteristic": DESIGNED,
        "place": [CUSTOMER_SITE, SERVING_AREA], "relatedParty": [CUSTOMER, RESELLER]}
    network.report.check(text == json.dumps(wanted, separators=(",", ":")), f"a designed service: {text}")


def cables_are_chained(network):
    """Each cable is connected to the one before when it is built; only the one that says so shows it."""
    chain = []
    for name in ("tie", "main", "secondary", "tertiary", "lead-in"):
        relations = [{"id": chain[-1], "type": "connectedTo", "alias": "upstream"}] if chain else []
        chain.append(network.build("Cable", f"{name} cable", relationships=relations)["id"])
    for index, identity in enumerate(chain):
        relations = network.shown(identity).body.get("resourceRelationship", [])
        found = [(one["type"], one["resource"]["id"], one["alias"]) for one in relations]
        network.equal(f"cable {index} of the chain", found, [("connectedTo", chain[index - 1], "upstream")] if index else [])
    reached = network.client.call("GET", f"/diffo/v1/instances/{chain[-1]}/traverse?via=" + ",".join(["->connectedTo"] * 4)).body
    network.equal("the end of the chain", [one["id"] for one in reached["reached"]], chain[:1])


def a_shelf_contains(network):
    shelf = network.build("Shelf", "QDONC-0002")["id"]
    cards = [network.build("Card", f"contained {number}")["id"] for number in range(4)]
    related = network.act("four cards", shelf, "relate", {"relationships": [
        {"id": card, "type": "contains", "alias": f"card{number}", "direction": "forward"} for number, card in enumerate(cards)]}).body
    network.equal("what the shelf contains", [one["resource"]["id"] for one in related["resourceRelationship"]], cards)
    network.report.check("resourceRelationship" not in network.shown(cards[0]).body, "a card shows what contains it")


def pairs_are_handed_out(network):
    cable = network.build("Cable", "drop cable")["id"]
    path = network.build("Path", "one path of two pairs")["id"]
    network.assign("a cable that is not there yet", cable, "assign_pair", 409, assigneeId=path)
    network.define("the cable", cable, pairs={"first": 1, "last": 60, "assignable_type": "copper"})
    for wanted in (1, 2):
        network.equal("a pair of two", network.assign("a pair", cable, "assign_pair", assigneeId=path).body["value"], wanted)
    network.assign("pair 5", cable, "assign_pair", assigneeId=path, operation="assign", id=5)
    told = network.assign("pair 5 again", cable, "assign_pair", 409, assigneeId=path, operation="assign", id=5).text
    network.report.check("pair 5 is not assignable" in told, f"pair 5 again: {told}")
    network.equal("the three pairs", network.shown(cable).body["resourceRelationship"],
                  [assigned_to(path, ("pair", value)) for value in (1, 2, 5)])
    network.assign("pair 5 comes back", cable, "assign_pair", 204, assigneeId=path, operation="unassign", id=5)
    network.assign("pair 5 once more", cable, "assign_pair", assigneeId=path, operation="assign", id=5)


def the_scenario(program):
    with Server(program.path, "--model", MODEL) as server, Client(server.port) as client:
        network = Network(client, program.report)
        the_plant_is_shown(network, *build_plant(network))
        a_service_is_designed(network)
        cables_are_chained(network)
        a_shelf_contains(network)
        pairs_are_handed_out(network)


def counts(client):
    return [int(client.call("GET", f"{path}?limit=1").headers["X-Total-Count"]) for path in (RESOURCES, SERVICES, "/diffo/v1/expectations")]


def the_seed_is_planted_once(program):
    server = Server(program.path, "--model", MODEL, "--seed", SEED)
    with server, Client(server.port) as client:
        program.report.check(counts(client) == [4, 1, 1], f"the seed makes {counts(client)}")
        outstanding = client.call("GET", "/diffo/v1/outstanding").body
        program.report.check([one["outstanding"] for one in outstanding] == [{"state": "active"}], f"the seed leaves {outstanding}")
        service = outstanding[0]["targets"][0]["id"]
        client.call("POST", f"/diffo/v1/instances/{service}/actions/activate", {})
        program.report.check(client.call("GET", "/diffo/v1/outstanding").body == [], "the expectation is not met by an active service")
        server.stop()
        server.start()
        with Client(server.port) as again:
            program.report.check(counts(again) == [4, 1, 1], f"the seed after a restart makes {counts(again)}")
            state = again.call("GET", f"{SERVICES}/{service}").body["state"]
            program.report.check(state == "active", f"the seed after a restart makes the service {state}")


def a_broken_seed_names_its_step(program):
    data = program.folder / "seeded"
    seeds = {"refused": (SEED.read_text().replace("last: 48", "last: none"), "seed access, step 4: "),
             "unknown": (SEED.read_text().replace("on: card", "on: kard"), "seed access, step 4: no earlier step is called kard"),
             "nameless": (SEED.read_text().replace("seed: access", "seed: my access"), "nameless.yaml: must have seed, its name of letters"),
             "misspelt": (SEED.read_text().replace("build: Path", "make: Path"), "misspelt.yaml: step 6: there is no make")}
    for name, (text, told) in seeds.items():
        seed = program.folder / f"{name}.yaml"
        seed.write_text(text)
        program.expect(f"a seed that is {name}", 2, "serve", "--data", data, "--listen", "127.0.0.1:0", "--model", MODEL, "--seed", seed, error=told)
    # What was planted before the step that was refused is not planted again by the seed that is mended.
    with Server(program.path, "--model", MODEL, "--seed", SEED, data=data) as server, Client(server.port) as client:
        program.report.check(counts(client) == [4, 1, 1], f"the mended seed makes {counts(client)}")


PARTS = (the_scenario, the_seed_is_planted_once, a_broken_seed_names_its_step)
