"""What it costs to take observations: CPU of a leaf that is seen, where it changes and where it does not."""
import json
import pathlib
import tempfile
import time

from inventory import figure
from measured import BenchError, DiffoServer, find_program
from residues import Client, cpu_seconds

ROUNDS, INSTANCES, QUICK_INSTANCES, LEAVES = 5, 20_000, 5_000, 10  # LEAVES of each instance
SERVICES = "/tmf-api/serviceInventory/v4/service"


def values(number):
    """Half of the leaves are what they were before."""
    return [{"name": f"c{leaf}", "value": number if leaf % 2 else 0} for leaf in range(LEAVES)]


class Observations:
    """Keeps its folder below the build, which is on a disk, unlike some /tmp."""

    def __init__(self, build, quick, say):
        self.build, self.quick, self.say = build, quick, say
        self.program, self.instances = find_program(build, "diffo"), QUICK_INSTANCES if quick else INSTANCES
        (build / "bench").mkdir(exist_ok=True)

    def run(self):
        with tempfile.TemporaryDirectory(prefix="observations-", dir=self.build / "bench") as folder:
            with DiffoServer(self.program, pathlib.Path(folder) / "data") as server, Client(server.port, timeout=600) as client:
                self.fill(client)
                return self.measure(server, client)

    def fill(self, client):
        lines = "".join(json.dumps({"id": f"s{number}", "state": "active", "serviceSpecification": {"id": "S", "name": "line"},
                                    "serviceCharacteristic": values(0)}) + "\n" for number in range(self.instances))
        answer = client.call("POST", "/diffo/v1/import", lines, "application/x-ndjson")
        if answer.status != 200 or answer.body["created"] != self.instances:
            raise BenchError(f"the import says {answer.text[:300]}")
        client.call("POST", "/diffo/v1/expectations", {"id": "e", "target": {"filter": "serviceSpecification.name=line"},
                                                       "expect": {"serviceCharacteristic": values(0)}})

    def settle(self, client):
        """Until what stands is of the newest revision."""
        before = None
        while (now := client.call("GET", "/diffo/v1/residues?limit=1")).status != 200 or now.text != before:
            before = now.text
            time.sleep(0.2)

    def observe(self, server, client, number, outcome):
        """CPU seconds of a stream in which each instance is seen, with what becomes outstanding of it."""
        lines = [{"source": "nms"}, *({"match": {"id": f"s{one}"}, "set": {"serviceCharacteristic": values(number)}}
                                      for one in range(self.instances)), {"end": self.instances}]
        body = "".join(json.dumps(line) + "\n" for line in lines)
        before = cpu_seconds(server.id)
        answer = client.call("POST", "/diffo/v1/observations", body, "application/x-ndjson")
        if answer.status != 200 or answer.body[outcome] != self.instances:
            raise BenchError(f"the observation says {answer.text[:300]}")
        self.settle(client)
        return cpu_seconds(server.id) - before

    def patch(self, server, client, number):
        """The same over TMF638, of a part of the instances."""
        count = self.instances // 10
        before = cpu_seconds(server.id)
        for one in range(count):
            client.call("PATCH", f"{SERVICES}/s{one}", {"serviceCharacteristic": values(number)}, "application/merge-patch+json")
        self.settle(client)
        return (cpu_seconds(server.id) - before) / count

    def measure(self, server, client):
        self.settle(client)
        changing, same, patched = [], [], []
        leaves = self.instances * LEAVES
        for number in range(ROUNDS):
            value = number + 1
            changing.append(leaves / self.observe(server, client, value, "updated"))
            same.append(leaves / max(self.observe(server, client, value, "unchanged"), 0.01))
            patched.append(LEAVES / self.patch(server, client, -value))
            self.say(f"observations round {number + 1}: {changing[-1]:,.0f} leaves a CPU second with half of them changing, "
                     f"{same[-1]:,.0f} with none, {patched[-1]:,.0f} by PATCH")
        details = {"instances": self.instances, "leaves_of_an_instance": LEAVES, "quick": self.quick, "by_patch": patched}
        return [figure("observations_per_s", "leaves/CPU s", 100_000, "more", changing, details=details),
                figure("observations_unchanged_per_s", "leaves/CPU s", 100_000, "more", same, details=details),
                figure("observations_ratio", "leaves/CPU s", None, "more", changing, patched,
                       [one / other for one, other in zip(changing, patched)])]
