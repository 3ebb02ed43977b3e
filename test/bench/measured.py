"""Programs under measurement: pinned to cores, with what they cost read from /proc."""
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test" / "support"))
from server import Server  # noqa: E402

CORES = sorted(os.sched_getaffinity(0))
# The first core may serve the machine's interrupts; what is measured gets the last.
SERVER_CORE, LOAD_CORE = CORES[-1], CORES[0]


class BenchError(Exception):
    """Something that keeps a benchmark from running; the text is for the user."""


def pinned(core, *command):
    return ["taskset", "-c", str(core), *map(str, command)]


def find_program(build, name):
    """The program of that name anywhere in the build."""
    direct = build / name
    if direct.is_file() and os.access(direct, os.X_OK):
        return direct
    for found in sorted(build.rglob(name)):
        if found.is_file() and os.access(found, os.X_OK):
            return found
    raise BenchError(f"{build} has no program {name}; was it built with DIFFO_DEVELOPER=ON?")


def resident_bytes(process):
    found = re.search(r"^VmRSS:\s+(\d+) kB", pathlib.Path(f"/proc/{process}/status").read_text(), re.M)
    return int(found[1]) * 1024


def settled_resident_bytes(process, seconds=30):
    """Resident memory once it has not moved by more than 64 KiB for a second."""
    end = time.monotonic() + seconds
    last, since = resident_bytes(process), time.monotonic()
    while time.monotonic() < end:
        time.sleep(0.1)
        now = resident_bytes(process)
        if abs(now - last) > 65536:
            last, since = now, time.monotonic()
        elif time.monotonic() - since > 1:
            return now
    return resident_bytes(process)


class DiffoServer(Server):
    """The product's server, pinned unless another wrapper is given."""

    own_options = []  # as in production

    def __init__(self, program, data, *arguments, wrapper=None):
        super().__init__(program, "--log-level", "warning", *arguments, data=data,
                         wrapper=pinned(SERVER_CORE) if wrapper is None else wrapper)

    @property
    def id(self):
        return self.process.pid

    def metric(self, name):
        with urllib.request.urlopen(self.url + "/metrics", timeout=30) as answer:
            found = re.search(rf"^{name} (\S+)$", answer.read().decode(), re.M)
        if not found:
            raise BenchError(f"the server's metrics lack {name}")
        return float(found[1])


class BareServer:
    """http_bench: the product's listener and parser answering one static body."""

    def __init__(self, build, body_bytes, core=SERVER_CORE):
        self.program, self.body_bytes, self.core = find_program(build, "http_bench"), body_bytes, core

    def __enter__(self):
        self.process = subprocess.Popen(pinned(self.core, self.program, 0, self.core, self.body_bytes),
                                        stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline().strip()
        if not line.isdigit():
            raise BenchError(f"http_bench did not start: {line!r}")
        self.url, self.id = f"http://127.0.0.1:{line}", self.process.pid
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)


class Load:
    """Runs of http_load, closed loop over keep-alive connections."""

    def __init__(self, build):
        self.program = find_program(build, "http_load")

    def run(self, server, seconds, connections, *arguments, expected=200):
        """Requests, requests a second and the server's CPU time for each, with every answer of the expected status."""
        command = [self.program, "--port", server.url.rsplit(":", 1)[1], "--cpu", LOAD_CORE, "--pid", server.id,
                   "--duration", seconds, "--connections", connections, *arguments]
        command = [str(word) for word in command]
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 120)
        if done.returncode:
            raise BenchError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
        said = json.loads(done.stdout)
        if said["broken"] or list(said["statuses"]) != [str(expected)]:
            raise BenchError(f"{' '.join(command)} got other answers than {expected}: {done.stdout}")
        return said
