"""What it costs to tell who subscribed: events delivered beside the writes that raise them, and writes beside subscribers."""
import json
import pathlib
import tempfile
import time

from inventory import figure
from measured import LOAD_CORE, BareServer, DiffoServer, Load, find_program
from residues import CONNECTIONS, MERGE, Client, cpu_seconds

ROUNDS, PATCHES, QUICK_PATCHES, SERVICES_COUNT, SUBSCRIBERS = 5, 20_000, 5_000, 1_000, 10
SERVICES, HUB = "/tmf-api/serviceInventory/v5/service", "/tmf-api/serviceInventory/v5/hub"


class Events:
    """Keeps its folders below the build, which is on a disk, unlike some /tmp. Subscribers are the bare stack, which answers with
    one body whatever it is sent, on the core of the load."""

    def __init__(self, build, quick, say):
        self.build, self.quick, self.say = build, quick, say
        self.program, self.load = find_program(build, "diffo"), Load(build)
        self.patches = QUICK_PATCHES if quick else PATCHES
        (build / "bench").mkdir(exist_ok=True)
        self.folder = None

    def run(self):
        with tempfile.TemporaryDirectory(prefix="events-", dir=self.build / "bench") as folder:
            self.folder = pathlib.Path(folder)
            settings = self.folder / "hub.json"
            settings.write_text(json.dumps({"callbacks": {"allow": ["127.0.0.0/8"]}}))
            with BareServer(self.build, 2, LOAD_CORE) as listener:
                servers = {count: DiffoServer(self.program, self.folder / f"with-{count}", "--hub", settings)
                           for count in (0, 1, SUBSCRIBERS)}
                for count, server in servers.items():
                    server.start()
                    self.fill(server, listener, count)
                try:
                    return self.measure(servers)
                finally:
                    for server in servers.values():
                        server.stop()

    def fill(self, server, listener, count):
        lines = "".join(json.dumps({"id": f"s{number}", "state": "active", "description": "before",
                                    "serviceSpecification": {"id": "S", "name": "line"},
                                    "serviceCharacteristic": [{"name": "mtu", "value": 1500}, {"name": "vlan", "value": number}]}) + "\n"
                        for number in range(SERVICES_COUNT))
        with Client(server.port) as client:
            client.call("POST", "/diffo/v1/import", lines, "application/x-ndjson")
            for number in range(count):
                client.call("POST", HUB, {"@type": "Hub", "callback": f"{listener.url}/{number}"})

    def delivered(self, server):
        with Client(server.port) as client:
            rows = client.call("GET", "/diffo/v1/hubs").body
        return sum(row["delivered"] for row in rows), max((row["lag"] for row in rows), default=0)

    def patch(self, server, number):
        """What a closed loop of PATCHes comes to, and how many events were delivered before it ended and after."""
        file = self.folder / "patches.txt"
        file.write_text("".join(f'PATCH {SERVICES}/s{one % SERVICES_COUNT} {{"@type":"Service","description":"{number}-{one}"}}\n'
                                for one in range(self.patches)))
        told, cpu, started = self.delivered(server)[0], cpu_seconds(server.id), time.monotonic()
        said = self.load.run(server, 1, CONNECTIONS, "--requests", file, "--count", self.patches, "--type", MERGE)
        beside, seconds = self.delivered(server)[0] - told, time.monotonic() - started
        while self.delivered(server)[1]:
            time.sleep(0.05)
        return {"rps": said["rps"], "events": beside / seconds, "all": (self.delivered(server)[0] - told) / (time.monotonic() - started),
                "cpu": (cpu_seconds(server.id) - cpu) * 1e6 / self.patches}

    def measure(self, servers):
        runs = {count: [] for count in servers}
        for number in range(ROUNDS):
            for count, server in servers.items():
                runs[count].append(self.patch(server, number))
            none, one, many = (runs[count][-1] for count in (0, 1, SUBSCRIBERS))
            self.say(f"events round {number + 1}: {one['rps']:,.0f} PATCH/s beside {one['events']:,.0f} events/s to one subscriber; "
                     f"{none['rps']:,.0f} PATCH/s without, {many['rps']:,.0f} with {SUBSCRIBERS} subscribers, who get {many['all']:,.0f}/s; "
                     f"{none['cpu']:.0f}, {one['cpu']:.0f}, {many['cpu']:.0f} CPU-µs a PATCH")

        def of(count, what):
            return [run[what] for run in runs[count]]

        details = {"patches": self.patches, "quick": self.quick, "cpu": {count: of(count, "cpu") for count in runs},
                   "events_to_many": of(SUBSCRIBERS, "all")}
        return [figure("events_per_s", "events/s", 0.7, "more", of(1, "events"), of(1, "rps"),
                       [a / b for a, b in zip(of(1, "events"), of(1, "rps"))], details=details),
                figure("patch_with_hub", "PATCH/s", 0.8, "more", of(SUBSCRIBERS, "rps"), of(0, "rps"),
                       [a / b for a, b in zip(of(SUBSCRIBERS, "rps"), of(0, "rps"))], details=details),
                figure("event_cost", "CPU-µs", None, "less", [a - b for a, b in zip(of(1, "cpu"), of(0, "cpu"))], details=details)]
