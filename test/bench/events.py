"""What it costs to tell who subscribed: events delivered beside the writes that raise them, and writes beside subscribers."""
import json
import os
import pathlib
import tempfile
import time

from inventory import figure
from measured import LOAD_CORE, SERVER_CORE, BareServer, DiffoServer, Load, find_program
from residues import CONNECTIONS, MERGE, Client

ROUNDS, PATCHES, QUICK_PATCHES, SERVICES_COUNT, SUBSCRIBERS = 5, 20_000, 5_000, 1_000, 10
SERVICES, HUB = "/tmf-api/serviceInventory/v5/service", "/tmf-api/serviceInventory/v5/hub"
DELIVERY = "events"  # the thread that delivers


def threads(process):
    """What the kernel knows of each thread that has not ended."""
    for task in pathlib.Path(f"/proc/{process}/task").iterdir():
        try:
            yield int(task.name), (task / "comm").read_text().strip(), int((task / "schedstat").read_text().split()[0]) / 1000
        except FileNotFoundError:
            continue


def cpu_microseconds(process):
    """CPU time of the thread that delivers, and of all others."""
    all_threads = list(threads(process))
    return tuple(sum(took for _, name, took in all_threads if (name == DELIVERY) == delivery) for delivery in (True, False))


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

    def patch(self, server, number, core):
        """What a closed loop of PATCHes comes to while the delivery runs on that core: events delivered before it ended and after, and CPU
        of the server until all were."""
        for thread, name, _ in threads(server.id):
            if name == DELIVERY:
                os.sched_setaffinity(thread, {core})
        file = self.folder / "patches.txt"
        file.write_text("".join(f'PATCH {SERVICES}/s{one % SERVICES_COUNT} {{"@type":"Service","description":"{core}-{number}-{one}"}}\n'
                                for one in range(self.patches)))
        told, before, started = self.delivered(server)[0], cpu_microseconds(server.id), time.monotonic()
        said = self.load.run(server, 1, CONNECTIONS, "--requests", file, "--count", self.patches, "--type", MERGE)
        beside, seconds = self.delivered(server)[0] - told, time.monotonic() - started
        while self.delivered(server)[1]:
            time.sleep(0.05)
        events, after = self.delivered(server)[0] - told, cpu_microseconds(server.id)
        return {"rps": said["rps"], "events": beside / seconds, "all": events / (time.monotonic() - started),
                "patch_cpu": (after[1] - before[1]) / self.patches, "event_cpu": (after[0] - before[0]) / max(events, 1)}

    def measure(self, servers):
        apart = {count: [] for count in servers}
        shared = {count: [] for count in servers}
        for number in range(ROUNDS):
            for core, runs in ((LOAD_CORE, apart), (SERVER_CORE, shared)):
                for count, server in servers.items():
                    runs[count].append(self.patch(server, number, core))
            none, one, many = (apart[count][-1] for count in (0, 1, SUBSCRIBERS))
            self.say(f"events round {number + 1}: CPU-µs of a PATCH {none['patch_cpu']:.1f}, with one subscriber {one['patch_cpu']:.1f}, with "
                     f"{SUBSCRIBERS} {many['patch_cpu']:.1f}; of an event {one['event_cpu']:.1f} and {many['event_cpu']:.1f}")
            none, one, many = (shared[count][-1] for count in (0, 1, SUBSCRIBERS))
            self.say(f"  on one core {none['rps']:,.0f} PATCH/s, {one['rps']:,.0f} beside {one['events']:,.0f} events/s, {many['rps']:,.0f} with "
                     f"{SUBSCRIBERS} subscribers, who get {many['all']:,.0f}/s")
        return self.figures(apart, shared, self.again(servers[1]))

    def again(self, server):
        """CPU of an event when all that was told is told again, which the journal and what was there then are read for."""
        took = []
        for _ in range(ROUNDS):
            told, before = self.delivered(server)[0], cpu_microseconds(server.id)
            with Client(server.port) as client:
                for row in client.call("GET", "/diffo/v1/hubs").body:
                    client.call("POST", f"/diffo/v1/hubs/{row['id']}/resend", {"from": 1})
            while self.delivered(server)[1]:
                time.sleep(0.05)
            took.append((cpu_microseconds(server.id)[0] - before[0]) / (self.delivered(server)[0] - told))
        return took

    def figures(self, apart, shared, again):
        def of(runs, count, what):
            return [run[what] for run in runs[count]]

        def a_second(count, what):
            return [1e6 / took for took in of(apart, count, what)]

        def ratio(name, unit, goal, values, baseline):
            return figure(name, unit, goal, "more", values, baseline, [a / b for a, b in zip(values, baseline)], details)

        details = {"patches": self.patches, "quick": self.quick, "apart": apart, "on_one_core": shared}
        return [ratio("events_per_s", "events/CPU-s", 0.7, a_second(1, "event_cpu"), a_second(1, "patch_cpu")),
                ratio("patch_with_hub", "PATCH/CPU-s", 0.8, a_second(SUBSCRIBERS, "patch_cpu"), a_second(0, "patch_cpu")),
                ratio("events_on_one_core", "events/s", None, of(shared, 1, "events"), of(shared, 1, "rps")),
                ratio("patch_on_one_core", "PATCH/s", None, of(shared, SUBSCRIBERS, "rps"), of(shared, 0, "rps")),
                figure("event_cost", "CPU-µs", None, "less", of(apart, 1, "event_cpu"), details=details),
                figure("event_cost_of_ten", "CPU-µs", None, "less", of(apart, SUBSCRIBERS, "event_cpu"), details=details),
                figure("event_cost_again", "CPU-µs", None, "less", again, of(apart, 1, "event_cpu"),
                       [a / b for a, b in zip(again, of(apart, 1, "event_cpu"))], details)]
