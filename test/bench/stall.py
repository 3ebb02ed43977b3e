"""Whether one client stalls all: small POSTs alone, and beside what takes long."""
import json
import pathlib
import shutil
import socket
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

from inventory import SERVICES, Inventory, figure
from measured import CORES, DiffoServer, pinned
import services

STORED = 200_000
ROUNDS, SECONDS = 5, 4
CONNECTIONS = 4
LARGE_BYTES = 12 << 20
BODIES = 20_000


def large_text(seed):
    """No two alike, and as repetitive as documents are."""
    generator = services.Generator(BODIES)
    pieces, size = [], 0
    for number in range(BODIES * seed, BODIES * (seed + 1)):
        pieces.append(generator.service(number, with_id=True).replace('"', "'"))
        size += len(pieces[-1])
        if size >= LARGE_BYTES:
            break
    return "".join(pieces)[:LARGE_BYTES]


class Disturbance:
    """A PATCH of a 12 MB document, an export of everything, and a reader of a large page that reads nothing; each again and again
    until the block ends. Counts what was done, since one that is refused disturbs nobody."""

    def __init__(self, port, large):
        self.port, self.large, self.stopping = port, large, threading.Event()
        self.done = {"patches": 0, "exports": 0, "readers": 0}
        self.threads = [threading.Thread(target=run) for run in (self.patch, self.export, self.read_nothing)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def patch(self):
        texts = [json.dumps({"description": large_text(seed)}).encode() for seed in (1, 2)]
        while not self.stopping.is_set():
            request = urllib.request.Request(f"http://127.0.0.1:{self.port}{SERVICES}/{self.large}?fields=none", method="PATCH",
                                             data=texts[self.done["patches"] % 2], headers={"Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=120) as answer:
                answer.read()
            self.done["patches"] += 1

    def export(self):
        while not self.stopping.is_set():
            command = pinned(CORES[0], "curl", "-s", "-f", "-o", "/dev/null", f"http://127.0.0.1:{self.port}/diffo/v1/export")
            with subprocess.Popen(command) as reading:
                while reading.poll() is None and not self.stopping.wait(0.05):
                    pass
                reading.terminate()
            self.done["exports"] += 1

    def read_nothing(self):
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(f"GET {SERVICES}?limit=1000 HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n\r\n".encode())
            self.done["readers"] += 1
            self.stopping.wait()


class Stall(Inventory):
    def run(self):
        with tempfile.TemporaryDirectory(prefix="stall-", dir=self.build / "bench") as folder:
            self.folder = pathlib.Path(folder)
            stored = STORED // 10 if self.quick else STORED
            self.say(f"importing {stored} services")
            return [self.stall_ratio(self.fill("stored", stored), stored)]

    def stall_ratio(self, data, stored):
        bodies = self.folder / "bodies"
        generator = services.Generator(BODIES)
        bodies.write_text("".join(f"POST {SERVICES} {generator.service(number, with_id=False)}\n" for number in range(BODIES)))
        alone, beside, done = [], [], []
        # Not pinned: the question is whether the server lets one client's work stand in another's way, not how one core is shared.
        with DiffoServer(self.program, data, wrapper=()) as server:
            self.make_large(server)
            for number in range(ROUNDS):
                alone.append(self.posts(server, bodies))
                with Disturbance(server.port, "large") as disturbance:
                    time.sleep(0.5)  # until all three are under way
                    beside.append(self.posts(server, bodies))
                done.append(disturbance.done)
                self.say(f"stall round {number + 1}: p99 {alone[-1] / 1000:.2f} ms alone, {beside[-1] / 1000:.2f} ms beside {done[-1]}")
        shutil.rmtree(data)
        return figure("stall_ratio", "µs p99", 3.0, "less", beside, alone, [b / a for a, b in zip(alone, beside)],
                      {"stored": stored, "connections": CONNECTIONS, "large_bytes": LARGE_BYTES,
                       "done_beside": {name: statistics.median(one[name] for one in done) for name in done[0]}})

    def posts(self, server, bodies):
        said = self.load.run(server, SECONDS, CONNECTIONS, "--requests", bodies, expected=201)
        return said["latency_us"]["p99"]

    @staticmethod
    def make_large(server):
        """What the PATCH is of; it may be there from a run before."""
        document = {"id": "large", "state": "active", "serviceSpecification": {"id": "1"}, "description": large_text(0)}
        request = urllib.request.Request(f"{server.url}{SERVICES}?fields=none", method="POST", data=json.dumps(document).encode(),
                                         headers={"Content-Type": "application/json"})
        try:
            urllib.request.urlopen(request, timeout=120).close()
        except urllib.error.HTTPError as refusal:
            if refusal.code != 409:
                raise
