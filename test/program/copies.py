"""`diffo copy` from folder to folder: everything is there, a broken copy goes on, what is not empty is left alone."""
import json
import pathlib
import re
import signal
import subprocess
import time

from client import Client
from server import Server

ACCESS = pathlib.Path(__file__).resolve().parent.parent.parent / "examples/access"
HUB = {"callbacks": {"allow": ["192.0.2.0/24"]}}
SERVICES = "/tmf-api/serviceInventory/v5/service"
LINE = {"@type": "ServiceSpecificationRef", "id": "S", "name": "line"}
FURNITURE = (
    ("POST", "/tmf-api/serviceInventory/v5/service",
     {"@type": "Service", "id": "line-1", "name": "line 1", "state": "inactive", "serviceSpecification": LINE, "mood": {"kept": [1.50, "as it came"]},
      "serviceCharacteristic": [{"@type": "IntegerCharacteristic", "name": "vlan", "value": 7}, {"@type": "IntegerCharacteristic", "name": "mtu", "value": 1500}],
      "note": [{"@type": "Note", "text": "first"}, {"@type": "Note", "text": "second"}]}),
    ("POST", "/tmf-api/resourceInventoryManagement/v4/resource",
     {"id": "box-1", "name": "box", "resourceSpecification": {"id": "R"}, "resourceCharacteristic": [{"name": "serial", "value": "A1"}]}),
    ("POST", "/tmf-api/party/v4/organization", {"id": "org-1", "name": "Access", "tradingName": "access"}),
    ("POST", "/tmf-api/geographicAddressManagement/v4/geographicAddress", {"id": "place-1", "city": "Bern"}),
    ("POST", "/tmf-api/serviceCatalogManagement/v4/serviceSpecification", {"id": "spec-1", "name": "line", "version": "1.0.0"}),
    ("POST", "/diffo/v1/expectations",
     {"id": "gold", "name": "gold", "owner": "orders", "executor": "self", "target": {"id": "line-1"},
      "expect": {"state": "active", "serviceCharacteristic": {"$only": [{"name": "vlan", "value": 8}]}}}),
    ("POST", "/diffo/v1/observations", {"source": "poller", "observedAt": "2026-05-01T12:00:00Z",
                                        "items": [{"match": {"id": "line-1"}, "set": {"serviceCharacteristic": [{"name": "mtu", "value": 9000}]}}]}),
    ("POST", "/diffo/v1/tasks/hold", {"reason": "frozen", "until": "2999-01-01T00:00:00Z"}),
    ("POST", "/diffo/v1/decisions", {"filter": "expectation=gold&path=state", "decision": "push", "reason": "today"}),
    ("POST", "/diffo/v1/decisions", {"filter": "expectation=gold&category=undesired", "decision": "approve", "reason": "laboratory"}),
    ("POST", "/tmf-api/serviceInventory/v4/hub", {"callback": "https://192.0.2.1/events", "query": "eventType=ServiceCreateEvent"}),
    ("PATCH", "/tmf-api/serviceInventory/v5/service/line-1", {"description": "changed since"}),
)
LISTS = ("/tmf-api/serviceInventory/v4/service", "/tmf-api/serviceInventory/v5/service?which=expected", SERVICES, SERVICES + "?sort=-name",
         "/tmf-api/resourceInventoryManagement/v4/resource", "/tmf-api/resourceInventoryManagement/v5/resource",
         "/tmf-api/party/v4/organization", "/tmf-api/geographicAddressManagement/v4/geographicAddress",
         "/tmf-api/serviceCatalogManagement/v4/serviceSpecification", "/tmf-api/serviceInventory/v4/hub", "/diffo/v1/hubs", "/diffo/v1/expectations", "/diffo/v1/decisions",
         "/diffo/v1/tasks", "/diffo/v1/leaves", "/diffo/v1/residues", "/diffo/v1/pools", "/diffo/v1/kinds", "/diffo/v1/models", "/diffo/v1/sources")
# What names a commit of its own store, or what only its journal knows: how long something has stood, and which request wrote it.
OF_THE_STORE = ("revision", "sequence", "cursor", "since", "source", "lag", "state")


def scrubbed(value):
    if isinstance(value, dict):
        return {name: scrubbed(one) for name, one in value.items() if name not in OF_THE_STORE or name == "state" and "cursor" not in value}
    if isinstance(value, list):
        return [scrubbed(one) for one in value]
    return re.sub(r"http://127\.0\.0\.1:\d+", "", value) if isinstance(value, str) else value


def furnish(program, client):
    """Something of everything that can be in a store."""
    for method, path, document in FURNITURE:
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        answer = client.call(method, path, document, kind)
        program.report.check(answer.status in (200, 201), f"{method} {path}: {answer.status} {answer.text}")


def picture(client):
    """What a client sees of an inventory."""
    seen = {}
    for path in LISTS:
        answer = client.call("GET", path + ("&" if "?" in path else "?") + "limit=1000")
        seen[path] = (answer.status, scrubbed(answer.body))
    for path in (SERVICES, "/tmf-api/resourceInventoryManagement/v5/resource"):
        for one in seen[path][1]:
            for place in (f"{path}/{one['id']}", f"/diffo/v1/instances/{one['id']}?profile=diffo", f"/diffo/v1/instances/{one['id']}/why"):
                answer = client.call("GET", place)
                seen[place] = (answer.status, answer.headers.get("Last-Modified"), scrubbed(answer.body))
    return seen


def differences(one, other, place=""):
    """Where two JSON values differ, and how."""
    if type(one) is type(other) and isinstance(one, dict):
        return [found for name in {**one, **other} for found in differences(one.get(name), other.get(name), f"{place}/{name}")]
    if type(one) is type(other) and isinstance(one, (list, tuple)) and len(one) == len(other):
        return [found for number, pair in enumerate(zip(one, other)) for found in differences(*pair, f"{place}/{number}")]
    return [] if one == other else [f"{place} was {one!r}, is {other!r}"]


def compare(program, what, wanted, there):
    for path, shown in wanted.items():
        found = differences(shown, there.get(path))
        program.report.check(not found, f"{what}: {path}: {'; '.join(found)}")


def exported(program, data):
    return program.run("export", "--data", data).stdout.splitlines()


def line_of(number):
    """A service of many, one in three of them expected."""
    return json.dumps({"id": f"s{number}", "state": "active", "serviceSpecification": {"id": "1"}, "which": "expected" if number % 3 == 0 else "actual",
                       "note": [{"text": "x" * 2000}]}) + "\n"


def make_source(program, hub, source):
    """A folder with kinds and something of everything; `hub` is made a file of settings."""
    hub.write_text(json.dumps(HUB))
    source.mkdir()
    with Server(program.path, "--hub", hub, "--model", ACCESS / "access.yaml", "--seed", ACCESS / "seed.yaml", data=source) as server, \
            Client(server.port) as client:
        furnish(program, client)


def copies_have_everything(program):
    """Kinds, records, expectations, assignments and claims; a value of a pool that is taken stays taken."""
    source, target, hub = program.folder / "copied-from", program.folder / "copied-to", program.folder / "hub-of-copies"
    make_source(program, hub, source)
    with Server(program.path, "--hub", hub, data=source) as server, Client(server.port) as client:
        time.sleep(1.1)  # while its second lasts, Last-Modified tells one less
        stands = client.call("GET", "/diffo/v1/residues").body
        shown = picture(client)
        tag = client.call("GET", SERVICES + "/line-1").headers["ETag"]
    program.expect("a copy", 0, "copy", "--from", source, "--to", target, out="are there and the same")
    program.expect("a check of the copy", 0, "check", "--data", target, out="clean")
    program.report.check(exported(program, source) == exported(program, target), "the export of the copy differs")
    with Server(program.path, "--hub", hub, data=target) as server, Client(server.port) as client:
        compare(program, "a copy", shown, picture(client))
        changed = client.call("PATCH", SERVICES + "/line-1", {"description": "lost"}, "application/merge-patch+json", {"If-Match": tag})
        program.report.check(changed.status == 412, f"an entity tag of the source names a version of the copy: {tag}, {changed.status}")
        hubs = client.call("GET", "/diffo/v1/hubs").body
        program.report.check([one["lag"] for one in hubs] == [0], f"who subscribed is not told of the copying: {hubs!r}")
        there = client.call("GET", "/diffo/v1/residues").body
        program.report.check(len(there) == len(stands), f"outstanding was {stands!r}, is {there!r}")
    program.expect("a copy onto it", 2, "copy", "--from", source, "--to", target, error="is not empty")
    program.expect("a copy onto itself", 2, "copy", "--from", source, "--to", source, error="into itself")
    program.expect("a copy of nothing", 2, "copy", "--from", program.folder / "no-such", "--to", program.folder / "new", error="no-such")


def broken_copies_go_on(program):
    source, target, lines = program.folder / "broken-from", program.folder / "broken-to", program.folder / "broken-lines"
    lines.write_text("".join(line_of(number) for number in range(6000)))
    program.expect("lines to copy", 0, "import", "--data", source, lines, out="6000 created")
    command = [program.path, "copy", "--from", source, "--to", target]
    # Later and later, for nobody knows how fast the machine is, until one is there before it is killed.
    killed = 0
    for patience in (0.03, 0.06, 0.09, 0.12, 0.15, 0.2, 0.3):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(patience)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if process.returncode != -signal.SIGKILL:
            break
        killed += 1
    program.report.check(killed > 0, "the copy was too fast to be broken off")
    if process.returncode == -signal.SIGKILL:
        result = program.run("copy", "--from", source, "--to", target)
        went_on = result.returncode == 0 and "6000 records" in result.stdout
        was_done = result.returncode == 2 and "it has 6000 records" in result.stderr  # killed between its last deed and its end
        program.report.check(went_on or was_done, f"the copy, gone on with: {result.returncode} {result.stdout!r} {result.stderr!r}")
    program.expect("a check of it", 0, "check", "--data", target, out="clean")
    program.report.check(exported(program, source) == exported(program, target), "the export of the broken copy differs")


PARTS = (copies_have_everything, broken_copies_go_on)
