#!/usr/bin/env python3
"""The database is killed, and held, under `diffo serve`: what is answered meanwhile and how soon, and that it goes on by itself.

DIFFO_NEO4J_SERVER and _DIR say how it is killed (test/neo4j/run). Closes with 'N passed, M failed'.
"""
import os
import pathlib
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from client import Client  # noqa: E402
from neo4j import run_on_database  # noqa: E402
from server import Server  # noqa: E402

API = "/tmf-api/serviceInventory/v4/service"
SILENCE = 15  # seconds that a server may be silent (ConnectionOptions::timeout)
SOON = 3


def service(name):
    return {"name": name, "state": "active", "serviceSpecification": {"id": "fiber"}}


class Away:
    def __init__(self, report, client):
        self.report, self.client = report, client
        self.folder = pathlib.Path(os.environ["DIFFO_NEO4J_DIR"])

    def tool(self, verb):
        subprocess.run([os.environ["DIFFO_NEO4J_SERVER"], verb, str(self.folder)], check=True)

    def signal(self, number):
        os.kill(int((self.folder / "run/pid").read_text()), number)

    def refused(self, what, seconds, method, target, *document, **more):
        begun = time.monotonic()
        answer = self.client.call(method, target, *document, **more)
        taken = time.monotonic() - begun
        print(f"{what}: {answer.status} after {taken:.1f} s: {answer.text[:160]}", flush=True)
        self.report.check(answer.status == 503 and "Neo4j" in answer.text, f"{what}: {answer.status} {answer.text}")
        self.report.check(taken < seconds, f"{what}: told after {taken:.1f} s, not {seconds}")

    def until_back(self, what, call, seconds=30):
        end = time.monotonic() + seconds
        while (answer := call()).status == 503 and time.monotonic() < end:
            time.sleep(0.2)
        self.report.check(answer.status < 300, f"{what}: {answer.status} {answer.text}")
        return answer

    def create(self, name, key):
        return self.client.call("POST", API, service(name), headers={"Idempotency-Key": key})

    def killed(self, identity):
        self.tool("kill")
        self.refused("GET of one, killed", SOON, "GET", f"{API}/{identity}")
        self.refused("GET of a list, killed", SOON, "GET", API)
        # The first write waits for it to come back, within the patience of the store.
        self.refused("POST, killed", SILENCE, "POST", API, service("killed"), headers={"Idempotency-Key": "killed"})
        self.refused("POST, known to be away", SOON, "POST", API, service("killed"), headers={"Idempotency-Key": "killed"})
        self.refused("/ready, killed", SOON, "GET", "/ready")
        self.tool("start")
        self.until_back("GET of one, back", lambda: self.client.call("GET", f"{API}/{identity}"))
        # Before any write: it may be that nobody sends one to a server that is not ready.
        self.until_back("/ready, back", lambda: self.client.call("GET", "/ready"))
        self.until_back("POST, back", lambda: self.create("killed", "killed"))

    def held(self, identity):
        """It answers nothing, and then does what was asked long ago."""
        self.signal(signal.SIGSTOP)
        try:
            self.refused("GET of one, held", SILENCE + SOON, "GET", f"{API}/{identity}")
            self.refused("POST, held", 2 * SILENCE + SOON, "POST", API, service("held"), headers={"Idempotency-Key": "held"})
        finally:
            self.signal(signal.SIGCONT)
        self.until_back("POST, let go", lambda: self.create("held", "held"))
        self.until_back("GET of one, let go", lambda: self.client.call("GET", f"{API}/{identity}"))


def run_all(report, database, _):
    with Server(database.program, *database.options) as server, Client(server.port, timeout=120) as client:
        away = Away(report, client)
        identity = away.create("first", "first").body["id"]
        away.killed(identity)
        away.held(identity)
        names = sorted(one["name"] for one in client.call("GET", API).body)
        report.check(names == ["first", "held", "killed"], f"there are {names}")


if __name__ == "__main__":
    sys.exit(run_on_database(__doc__, run_all))
