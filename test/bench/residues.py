"""What it costs to keep what is outstanding true: CPU of a write, time until it shows, restarts, memory."""
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from inventory import figure
from measured import ROOT, BenchError, DiffoServer, Load, find_program, settled_resident_bytes

sys.path.insert(0, str(ROOT / "test" / "support"))
from client import Client  # noqa: E402

ROUNDS, PATCHES, CONNECTIONS = 5, 20_000, 64
SMALL, LARGE, QUICK_LARGE = (1_000, 100), (1_000_000, 100_000), (100_000, 10_000)  # instances, expectations
WATCHED = 2_000  # PATCHes of which is measured when they show
LEAVES = 100_000
RESOURCES, EXPECTATIONS = "/tmf-api/resourceInventory/v5/resource", "/diffo/v1/expectations"
MERGE = "application/merge-patch+json"


def uuid(number):
    return f"{number:08x}-0000-4000-8000-000000000000"


def port(number, state="unlocked"):
    return json.dumps({
        "id": uuid(number), "@type": "Resource", "name": f"port {number}", "administrativeState": state,
        "resourceSpecification": {"@type": "ResourceSpecificationRef", "id": "port"},
        "resourceCharacteristic": [{"@type": "IntegerCharacteristic", "name": "mtu", "value": 9000},
                                   {"@type": "IntegerCharacteristic", "name": "vlan", "value": number % 4094}]})


def expectation(number):
    return json.dumps({"id": f"e{number}", "owner": "design", "target": {"id": uuid(number), "family": "resource"},
                       "expect": {"administrativeState": "unlocked", "resourceCharacteristic": [{"name": "mtu", "value": 9000}]}},
                      separators=(",", ":"))


def patch(number, state):
    return f'PATCH {RESOURCES}/{uuid(number)} {{"administrativeState":"{state}"}}'


def cpu_seconds(process):
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def row_count(client):
    """How many residues stand, and at which revision; nothing while that is found out."""
    answer = client.call("GET", "/diffo/v1/residues?limit=1")
    if answer.status == 503:
        return None
    return int(answer.headers["X-Total-Count"]), int(answer.headers["X-Diffo-Revision"])


class Residues:
    """Keeps its folders below the build, which is on a disk, unlike some /tmp."""

    def __init__(self, build, quick, say):
        self.build, self.quick, self.say = build, quick, say
        self.program, self.load = find_program(build, "diffo"), Load(build)
        self.large = QUICK_LARGE if quick else LARGE
        self.leaves = LEAVES // 10 if quick else LEAVES
        (build / "bench").mkdir(exist_ok=True)
        self.folder = None

    def run(self):
        with tempfile.TemporaryDirectory(prefix="residues-", dir=self.build / "bench") as folder:
            self.folder = pathlib.Path(folder)
            return self.writes() + self.restarts() + self.memory()

    # Making folders.

    def server(self, data):
        return DiffoServer(self.program, data)

    def fill(self, name, instances, expectations, state="unlocked", plain=None):
        """A data folder with so many ports, of the first of which something is expected; another, of which nothing is, if named."""
        data = self.folder / name
        importing = subprocess.Popen([str(self.program), "import", "--data", str(data), "-"], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, text=True)
        for number in range(instances):
            importing.stdin.write(port(number, state) + "\n")
        importing.stdin.close()
        said = importing.stdout.read()
        if importing.wait(1200) or f" {instances} created" not in said:
            raise BenchError(f"an import did not take {instances} lines: {said}")
        if plain:
            shutil.copytree(data, self.folder / plain)
        if expectations:
            with self.server(data) as server:
                requests = self.requests("expectations.txt", (f"POST {EXPECTATIONS} {expectation(number)}"
                                                              for number in range(expectations)))
                # Over one connection: with more some of the first would be sent again, and refused, before the last is answered.
                self.load.run(server, 1, 1, "--requests", requests, "--count", expectations, expected=201)
                self.settle(server, expectations if state == "locked" else 0)
        return data

    def requests(self, name, lines):
        path = self.folder / name
        path.write_text("".join(line + "\n" for line in lines))
        return path

    def settle(self, server, residues=None, seconds=600):
        """Waits until so many residues stand; without a number until what stands is of the newest revision."""
        end = time.monotonic() + seconds
        with Client(server.port) as client:
            mark = client.call("PATCH", f"{RESOURCES}/{uuid(0)}", {"description": str(time.monotonic())}, MERGE)
            wanted = int(mark.headers["ETag"].strip('W/"').split("-")[0])
            while time.monotonic() < end:
                found = row_count(client)
                if found and found[1] >= wanted and residues in (None, found[0]):
                    return
                time.sleep(0.01)
        raise BenchError(f"{found} residues instead of {residues} at revision {wanted}")

    # The figures.

    def cost(self, server, requests):
        """CPU-µs of the server for a PATCH, with what it does until the residues have caught up."""
        before = cpu_seconds(server.id)
        said = self.load.run(server, 1, CONNECTIONS, "--requests", requests, "--count", PATCHES, "--type", MERGE)
        if server.with_expectations:
            self.settle(server)
        return {"rps": said["rps"], "cpu": (cpu_seconds(server.id) - before) * 1e6 / PATCHES}

    def flips(self, expectations, choose):
        """PATCHes that open a leaf at each of some targets, then close it; as often as it takes."""
        targets = choose.sample(range(expectations), min(expectations, PATCHES // 2))
        return self.requests("patches.txt", (patch(number, state) for state in ("locked", "unlocked") for number in targets))

    def writes(self):
        """Servers with few and many, each with and without expectations, in turn."""
        self.say(f"filling folders with {SMALL} and {self.large} instances and expectations")
        runs, servers, choose = {}, {}, random.Random(1)
        try:
            for name, (instances, expectations) in (("few", SMALL), ("many", self.large)):
                self.fill(name, instances, expectations, plain=name + " plain")
                for data in (name, name + " plain"):
                    servers[data] = self.server(self.folder / data).start()
                    servers[data].with_expectations = data == name
                    servers[data].expectations = expectations
                    runs[data] = []
            for number in range(ROUNDS + 1):
                for name, server in servers.items():
                    runs[name].append(self.cost(server, self.flips(server.expectations, choose)))
                self.say(f"PATCH round {number}: " + ", ".join(
                    f"{name} {found[-1]['rps']:.0f}/s {found[-1]['cpu']:.1f} CPU-µs" for name, found in runs.items()))
            latency = self.latency(servers["many"])
        finally:
            for server in servers.values():
                server.stop()
        for name in servers:
            shutil.rmtree(self.folder / name, ignore_errors=True)
        # The first round is for warming up.
        return [*self.write_figures({name: [one["cpu"] for one in found[1:]] for name, found in runs.items()}), *latency]

    def write_figures(self, cpu):
        few, many, plain = cpu["few"], cpu["many"], cpu["many plain"]
        details = {"instances": self.large[0], "expectations": self.large[1], "baseline_instances": SMALL[0],
                   "baseline_expectations": SMALL[1], "connections": CONNECTIONS, "quick": self.quick}
        return [figure("residue_flatness", "CPU-µs/PATCH", 1.2, "less", many, few, [m / f for f, m in zip(few, many)],
                       {**details, "without_expectations": {"few": cpu["few plain"], "many": plain}}),
                figure("residue_cost", "CPU-µs/PATCH", None, "less", many, plain, [m / p for p, m in zip(plain, many)], details)]

    def latency(self, server):
        """From the answer to a PATCH until what stands at its target shows it."""
        took, asked = [], []
        with Client(server.port) as client:
            for number in range(WATCHED):
                target, state = number % self.large[1], "locked" if number // self.large[1] % 2 == 0 else "unlocked"
                client.call("PATCH", f"{RESOURCES}/{uuid(target)}", {"administrativeState": "unlocked"}, MERGE)
                answer = client.call("PATCH", f"{RESOURCES}/{uuid(target)}", {"administrativeState": state}, MERGE)
                wanted = int(answer.headers["ETag"].strip('W/"').split("-")[0])
                started, times = time.monotonic(), 0
                while True:
                    answer = client.call("GET", f"/diffo/v1/leaves?target={uuid(target)}")
                    times += 1
                    if int(answer.headers["X-Diffo-Revision"]) >= wanted:
                        break
                took.append((time.monotonic() - started) * 1000)
                asked.append(times)
                if len(answer.body) != (state == "locked"):
                    raise BenchError(f"of {uuid(target)}, {state}, stands {answer.text}")
        took.sort()
        p50, p99 = took[len(took) // 2], took[len(took) * 99 // 100]
        self.say(f"latency: p50 {p50:.2f} ms, p99 {p99:.2f} ms")
        return [figure("residue_latency", "ms, p99", 20, "less", [p99],
                       details={"p50_milliseconds": p50, "longest_milliseconds": took[-1], "watched": WATCHED,
                                "most_requests_until_it_showed": max(asked), "expectations": self.large[1], "quick": self.quick})]

    def until_it_stands(self, data):
        """Seconds from ready until the residues are right, and what that cost; then the server is killed."""
        server = self.server(data).start()
        try:
            started, before = time.monotonic(), cpu_seconds(server.id)
            with Client(server.port) as client:
                while (found := row_count(client)) is None or found[0] != self.leaves:
                    if time.monotonic() - started > 600:
                        raise BenchError(f"after a restart {found} residues instead of {self.leaves}")
                    time.sleep(0.002)
            took = time.monotonic() - started
            return {"seconds": took, "cpu": cpu_seconds(server.id) - before,
                    "evaluations": server.metric("diffo_residue_evaluations")}
        finally:
            server.stop(signal.SIGKILL)

    def restarts(self):
        self.say(f"filling a folder with {self.leaves} residues")
        data = self.fill("standing", self.leaves, self.leaves, "locked")
        kept, anew = [], []
        for number in range(ROUNDS):
            kept.append(self.until_it_stands(data))
            aside = data / "residues"
            shutil.copy(aside, self.folder / "aside")
            aside.unlink()
            anew.append(self.until_it_stands(data))
            shutil.copy(self.folder / "aside", aside)
            self.say(f"restart round {number + 1}: {kept[-1]['seconds']:.2f} s with {kept[-1]['evaluations']:.0f} evaluations; "
                     f"from nothing {anew[-1]['seconds']:.2f} s with {anew[-1]['evaluations']:.0f}")
        values, baseline = [one["seconds"] for one in kept], [one["seconds"] for one in anew]
        return [figure("residue_restart", "s", None, "less", values, baseline, [v / b for v, b in zip(values, baseline)],
                       {"residues": self.leaves, "file_bytes": (data / "residues").stat().st_size, "kept": kept, "anew": anew,
                        "quick": self.quick})]

    def memory(self):
        """Of the folder of restarts, beside one that differs in that everything is met."""
        met = self.fill("met", self.leaves, self.leaves)
        values = []
        for _ in range(3):
            sizes = []
            for data, residues in ((met, 0), (self.folder / "standing", self.leaves)):
                with self.server(data) as server:
                    self.settle(server, residues)
                    sizes.append(settled_resident_bytes(server.id))
            values.append((sizes[1] - sizes[0]) / self.leaves)
        self.say(f"bytes of a leaf: {', '.join(f'{value:.0f}' for value in values)}")
        return [figure("residue_bytes", "bytes/leaf", 200, "less", values,
                       details={"leaves": self.leaves, "leaves_of_a_residue": 1, "quick": self.quick})]
