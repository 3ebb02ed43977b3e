"""What declared kinds cost: building one, handing out of a pool, reading what is inherited."""
import json
import pathlib
import random
import shutil
import subprocess
import tempfile
import urllib.request

from inventory import figure
from measured import BenchError, DiffoServer, Load, find_program

ROUNDS, SECONDS, CONNECTIONS = 5, 3, 64
SMALL, LARGE, QUICK_LARGE = 10_000, 1_000_000, 100_000
POOL, FEW, MANY, QUICK_MANY = 1_000_000, 1_000, 900_000, 90_000
RESOURCES = "/tmf-api/resourceInventory/v4/resource"
LINE, NODE = "6a2f0c1e-0d5b-4c55-9c1a-6f6f2f1e9d01", "0b9a3f4d-7c62-4c0e-8a51-2d7e5f3c9a02"

FIELDS = "\n".join(f"      field{number}: {{type: integer, min: 0, max: 1000}}" for number in range(3))
MODEL = f"""
domain: Bench
kinds:
  Values:
    base: characteristic
    fields:
{FIELDS}
  Line:
    half: resource
    specification: {{id: {LINE}, name: line}}
    characteristics: {{{", ".join(f"part{number}: Values" for number in range(8))}}}
    features: {{first: {{enabled: true}}, second: {{enabled: false}}}}
  Node:
    half: resource
    specification: {{id: {NODE}, name: node}}
    characteristics: {{info: Values}}
    pools: {{ports: {{thing: port, first: 1, last: {POOL}}}}}
    inherited_characteristics: {{top: {{via: [up, up, up], read: info}}}}
"""


def parts():
    """A document with ten parts, as the kind Line declares them."""
    return {"resourceCharacteristic": [{"name": f"part{number}", "value": {f"field{one}": number for one in range(3)}}
                                       for number in range(8)],
            "activationFeature": [{"name": "first", "isEnabled": True}, {"name": "second", "isEnabled": False}]}


def uuid(number):
    return f"{number:08x}-0000-4000-8000-000000000000"


def node(number, **more):
    return json.dumps({"id": uuid(number), "@type": "Resource", "lifecycleState": "installed",
                       "resourceSpecification": {"@type": "ResourceSpecificationRef", "id": NODE},
                       "resourceCharacteristic": [{"@type": "ObjectCharacteristic", "name": "info",
                                                   "value": {"field0": number % 1000}}], **more})


def assignment(number, assigner, assignee, value, alias=None):
    line = {"@type": "DiffoAssignment", "id": f"{number:08x}-0000-4000-9000-000000000000", "pool": "ports", "thing": "port",
            "value": value, "assigner": {"id": uuid(assigner), "family": "resource"},
            "assignee": {"id": uuid(assignee), "family": "resource"}}
    return json.dumps(line | ({"alias": alias} if alias else {}))


class Kinds:
    """Keeps its folders below the build, which is on a disk, unlike some /tmp."""

    def __init__(self, build, quick, say):
        self.build, self.quick, self.say = build, quick, say
        self.program, self.load = find_program(build, "diffo"), Load(build)
        (build / "bench").mkdir(exist_ok=True)
        self.folder = None

    def run(self):
        with tempfile.TemporaryDirectory(prefix="kinds-", dir=self.build / "bench") as folder:
            self.folder = pathlib.Path(folder)
            (self.folder / "model.yaml").write_text(MODEL)
            return self.builds() + self.assigns() + self.assign_flatness() + self.inherit_flatness()

    def server(self, name, declared=True):
        return DiffoServer(self.program, self.folder / name,
                           *(["--model", str(self.folder / "model.yaml")] if declared else []))

    def requests(self, name, lines):
        path = self.folder / name
        path.write_text("".join(line + "\n" for line in lines))
        return path

    def fill(self, name, lines):
        """A data folder with the model and these lines, which `diffo import` takes."""
        with self.server(name):
            pass
        importing = subprocess.Popen([str(self.program), "import", "--data", str(self.folder / name), "-"],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        count = 0
        for line in lines:
            importing.stdin.write(line + "\n")
            count += 1
        importing.stdin.close()
        said = importing.stdout.read()
        if importing.wait(1200) or f" {count} created" not in said:
            raise BenchError(f"an import did not take {count} lines: {said}")
        return self.folder / name

    def in_turn(self, what, runs):
        """Each run in each round: (server, requests, seconds, expected status); the results by run."""
        results = [[] for _ in runs]
        for number in range(ROUNDS):
            for result, (server, requests, expected) in zip(results, runs):
                result.append(self.load.run(server, SECONDS, CONNECTIONS, "--requests", requests, expected=expected))
            self.say(f"{what} round {number + 1}: " + ", ".join(
                f"{one[-1]['rps']:.0f}/s {one[-1]['server_cpu_us_per_request']:.1f} CPU-µs" for one in results))
        return results

    def builds(self):
        document = parts()
        generic = json.dumps({"name": "x", "resourceSpecification": {"id": "elsewhere"}} | document)
        declared = json.dumps({"resourceSpecification": {"id": LINE}} | document)
        with self.server("generic", declared=False) as plain, self.server("declared") as typed:
            found = self.in_turn("build", ((plain, self.requests("generic.txt", [f"POST {RESOURCES} {generic}"]), 201),
                                           (typed, self.requests("declared.txt", [f"POST {RESOURCES} {declared}"]), 201)))
        base, cost = ([run["server_cpu_us_per_request"] for run in runs] for runs in found)
        return [figure("build_ratio", "CPU-µs/build", 0.5, "more", cost, base, [b / c for b, c in zip(base, cost)],
                       {"parts": 10, "connections": CONNECTIONS})]

    def assign_requests(self, name, assigner, assignees):
        return self.requests(name, [
            f"POST /diffo/v1/instances/{uuid(assigner)}/actions/assign_port "
            + json.dumps({"assignment": {"assigneeId": uuid(one)}}, separators=(",", ":")) for one in assignees])

    def assigns(self):
        data = self.fill("assigns", [node(number) for number in range(101)])
        generic = json.dumps({"name": "x", "resourceSpecification": {"id": "elsewhere"}})
        with self.server("posts", declared=False) as plain, DiffoServer(self.program, data) as typed:
            found = self.in_turn("assign", ((plain, self.requests("posts.txt", [f"POST {RESOURCES} {generic}"]), 201),
                                            (typed, self.assign_requests("assigns.txt", 0, range(1, 101)), 200)))
        base, cost = ([run["server_cpu_us_per_request"] for run in runs] for runs in found)
        rates = [run["rps"] for run in found[1]]
        return [figure("assigns_per_s", "assigns/s", 0.8, "more", rates, [run["rps"] for run in found[0]],
                       [b / c for b, c in zip(base, cost)],
                       {"ratio_of": "CPU time", "pool": POOL, "connections": CONNECTIONS, "post_cpu_microseconds": base,
                        "assign_cpu_microseconds": cost})]

    def taken(self, name, count):
        lines = [node(number) for number in range(101)]
        return self.fill(name, lines + [assignment(number, 0, 1 + number % 100, number + 1) for number in range(count)])

    def assign_flatness(self):
        many = QUICK_MANY if self.quick else MANY
        self.say(f"importing {FEW} and {many} assignments")
        few_data, many_data = self.taken("few", FEW), self.taken("many", many)
        requests = self.assign_requests("flat.txt", 0, range(1, 101))
        with DiffoServer(self.program, few_data) as few, DiffoServer(self.program, many_data) as full:
            found = self.in_turn("assign", ((few, requests, 200), (full, requests, 200)))
        base, cost = ([run["server_cpu_us_per_request"] for run in runs] for runs in found)
        return [figure("assign_flatness", "CPU-µs/assign", 1.2, "less", cost, base, [c / b for b, c in zip(base, cost)],
                       {"taken": many, "baseline_taken": FEW, "quick": self.quick})]

    def tree(self, name, count):
        """Nodes of which each takes a port of the one at a tenth of its number."""
        def lines():
            for number in range(count):
                yield node(number)
            for number in range(1, count):
                yield assignment(number, number // 10, number, 1 + number % 10, "up")
        return self.fill(name, lines())

    def inherit_flatness(self):
        large = QUICK_LARGE if self.quick else LARGE
        self.say(f"importing trees of {SMALL} and {large} nodes")
        runs, servers = [], []
        try:
            for name, count in (("small", SMALL), ("large", large)):
                servers.append(DiffoServer(self.program, self.tree(name, count)).start())
                choose = random.Random(count)
                requests = self.requests(f"{name}.txt", [
                    f"GET /diffo/v1/instances/{uuid(choose.randrange(1000, count))}?load=top" for _ in range(50_000)])
                runs.append((servers[-1], requests, 200))
            shown = json.load(urllib.request.urlopen(f"{servers[0].url}/diffo/v1/instances/{uuid(4321)}?load=top", timeout=30))
            if [one["value"]["field0"] for one in shown["resourceCharacteristic"] if one["name"] == "info"] != [321, 4]:
                raise BenchError(f"what is inherited over three hops is wrong: {shown}")
            found = self.in_turn("inherit", runs)
        finally:
            for server in servers:
                server.stop()
        base, cost = ([run["server_cpu_us_per_request"] for run in one] for one in found)
        for name in ("small", "large"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        return [figure("inherit_flatness", "CPU-µs/GET", 1.2, "less", cost, base, [c / b for b, c in zip(base, cost)],
                       {"stored": large, "baseline_stored": SMALL, "hops": 3, "quick": self.quick})]
