"""`diffo model`: files that declare kinds, and the documents of the repository that are made of the same table."""
import json
import pathlib

from client import Client
from server import Server

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
GOOD = """domain: D
kinds:
  Card:
    half: resource
    specification: {id: cd29956f-6c68-44cc-bf54-705eb8d2f754, name: card}
    pools: {ports: {thing: port, first: 1, last: 4}}
"""
BAD = GOOD.replace("last: 4", "last: 0").replace("pools:", "pool:", 1)


def write(program, name, text):
    path = program.folder / name
    path.write_text(text)
    return path


def models_are_verified(program):
    good, bad = write(program, "good.yaml", GOOD), write(program, "bad.yaml", BAD)
    program.expect("a good model", 0, "model", "verify", good, out="1 kind in 1 domain: no problems")
    program.expect("a model on standard input", 0, "model", "verify", "-", text=GOOD, out="no problems")
    program.expect("an unknown key", 1, "model", "verify", bad,
                   out=f"{bad}:6:5: kinds.Card: there is no key pool here (did you mean pools?)\n1 problem\n")
    program.expect("problems that are only warned of", 0, "model", "verify", "--warn", bad, out="1 problem")
    told = program.expect("problems as JSON", 1, "model", "verify", "--format", "json", bad)
    first = json.loads(told)[0]
    program.report.check((first["line"], first["column"], first["path"]) == (6, 5, "kinds.Card"), f"the first problem is {first}")
    twice = program.expect("two files with one domain", 1, "model", "verify", good, good)
    program.report.check("domain: D is declared more than once" in twice and "specification: id is that of Card too" in twice,
                         f"two equal files: {twice!r}")
    program.expect("what is no YAML", 1, "model", "verify", "-", text="a: [1", out="-:", error="")
    program.expect("a file that is not there", 2, "model", "verify", program.folder / "absent")
    program.expect("no file", 2, "model", "verify")
    program.expect("escapes in a name", 1, "model", "verify", "-", text='domain: D\n"\\e[31m": 1\n', out="\\x1b[31m")


def models_are_shown(program):
    good = write(program, "good.yaml", GOOD)
    shown = program.expect("a model written out", 0, "model", "show", good, out="type: resourceSpecification")
    again = write(program, "again.yaml", shown)
    program.report.check(program.run("model", "show", again).stdout == shown, "what is shown is shown otherwise")
    as_json = program.expect("a model as JSON", 0, "model", "show", "--format", "json", good)
    program.report.check(json.loads(as_json)["kinds"]["Card"]["pools"]["ports"]["last"] == 4, f"as JSON: {as_json[:300]}")
    program.expect("the model of JSON", 0, "model", "verify", "-", text=as_json)
    program.expect("a bad model", 2, "model", "show", "-", text=BAD, error="there is no key pool")
    fresh = program.expect("a new model", 0, "model", "new", "Telco", out="domain: Telco\n")
    program.expect("the new model", 0, "model", "verify", "-", text=fresh, out="no problems")
    program.expect("a new model with a bad name", 2, "model", "new", "a: b")


def models_are_compared(program):
    old, new = write(program, "old.yaml", GOOD), write(program, "new.yaml", GOOD.replace("last: 4", "last: 8"))
    worse = write(program, "worse.yaml", GOOD.replace("thing: port", "thing: plug"))
    program.expect("equal models", 0, "model", "diff", old, old, out="0 changes: compatible")
    program.expect("a compatible model", 0, "model", "diff", old, new, out="changed kinds.Card.pools.ports.last: 4 -> 8\n1 change: compatible")
    program.expect("an incompatible model", 1, "model", "diff", old, worse, out="  incompatible: units may be handed out")
    told = json.loads(program.expect("changes as JSON", 1, "model", "diff", "--format", "json", old, worse))
    program.report.check([(one["path"], one["impact"]) for one in told] == [("kinds.Card.pools.ports.thing", "incompatible")],
                         f"changes as JSON: {told}")
    program.expect("a model that is none", 2, "model", "diff", old, write(program, "bad.yaml", BAD), error="no key pool")


def schemas_are_printed(program):
    good = write(program, "good.yaml", GOOD.replace("pools:", "characteristics: {speed: integer}\n    pools:"))
    schema = json.loads(program.expect("the schema of a kind", 0, "model", "schema", "Card", good))
    program.report.check(schema["title"] == "Card" and "resourceCharacteristic" in schema["properties"], f"of Card: {schema}")
    program.expect("the schema of no kind", 2, "model", "schema", "Kard", good, error="there is no kind Kard")
    program.expect("the schema of a kind of no file", 2, "model", "schema", "Card", error="needs the files")
    for command, page in (("schema", "docs/formats/model.schema.json"), ("reference", "docs/reference/model.md")):
        program.report.check(program.run("model", command).stdout == (ROOT / page).read_text(encoding="utf-8"),
                             f"{page} is not what `diffo model {command}` prints")


def device_types_are_imported(program):
    """Those of test/models/devicetypes, as kinds that are served."""
    files = sorted((ROOT / "test/models/devicetypes").glob("*.yaml"))
    model = program.folder / "devices.yaml"
    program.expect("device types", 0, "model", "import", "devicetype", *files, "-o", model)
    program.expect("the model of device types", 0, "model", "verify", model, out="in 1 domain: no problems")
    program.report.check(program.run("model", "import", "devicetype", *files).stdout == model.read_text(), "the model is written otherwise")
    program.expect("a domain of another name", 0, "model", "import", "devicetype", "--domain", "Plant", files[0], out="domain: Plant\n")
    program.expect("no device type", 2, "model", "import", "devicetype", "-", text="model: x", error="-:1:1: manufacturer is required")
    program.expect("a device type twice", 2, "model", "import", "devicetype", files[0], files[0], error="already")
    with Server(program.path, "--model", model) as server, Client(server.port) as client:
        for kind in client.call("GET", "/diffo/v1/kinds").body:
            if kind["base"] == "instance":
                built = client.call("POST", f"/diffo/v1/kinds/{kind['name']}/actions/build", {"name": kind["name"]})
                program.report.check(built.status == 201, f"a {kind['name']}: {built.status} {built.text[:400]}")
        devices = client.call("GET", "/tmf-api/resourceInventory/v4/resource").body
        program.report.check(len(devices) == len(files), f"{len(devices)} devices of {len(files)} types")
        switch, blade = (next(one for one in devices if one["name"] == name) for name in ("AldermoorAX48T", "BrightwaterBladeB1"))
        told = {one["name"]: one.get("value") for one in switch["resourceCharacteristic"]}
        program.report.check(told["hardware"]["part_number"] == "AX48T-AC" and told["power"]["maximum_draw"] == 700
                             and told["names"]["interfaces_10gbase_x_sfpp"] == ["xe-0/0", "xe-0/1"], f"a switch: {told}")
        client.call("POST", f"/diffo/v1/instances/{switch['id']}/actions/lifecycle", {"lifecycleState": "installed"})
        taken = client.call("POST", f"/diffo/v1/instances/{switch['id']}/actions/assign_interface_10gbase_x_sfpp",
                            {"assignment": {"assigneeId": blade["id"], "alias": "uplink", "operation": "assign", "id": 2}})
        program.report.check(taken.status == 200 and taken.body["type"] == "10gbase-x-sfpp", f"an interface: {taken.status} {taken.text}")
        serial = {"characteristicValueUpdates": {"hardware": {"serial": "A1"}}}
        client.call("POST", f"/diffo/v1/instances/{switch['id']}/actions/define", serial)
        found = client.call("GET", "/tmf-api/resourceInventory/v4/resource?resourceCharacteristic.value.serial=A1&fields=name").body
        program.report.check([one["name"] for one in found] == ["AldermoorAX48T"], f"by its serial number: {found}")


PARTS = (models_are_verified, models_are_shown, models_are_compared, schemas_are_printed, device_types_are_imported)
