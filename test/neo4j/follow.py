#!/usr/bin/env python3
"""What others write into the shared graph reaches a running server: `PROGRAM --store URI`, a database that is emptied. Closes with 'N passed, M failed'."""
import json
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from client import Client  # noqa: E402
from neo4j import run_on_database  # noqa: E402
from server import Server  # noqa: E402

ONE, TWO = "22222222-2222-4222-8222-222222222222", "33333333-3333-4333-8333-333333333333"
NOW = "datetime({datetime: datetime.truncate('microsecond', datetime.realtime()), timezone: 'Etc/UTC'})"
PATIENCE = 30  # seconds; nothing here is timed


class Others:
    """Those that write into the graph as an Elixir Diffo does."""

    def __init__(self, database):
        self.database = database

    def ask(self, cypher):
        status, printed = self.database.run([str(self.database.tool), "run", "CYPHER 5 " + cypher])
        if status != 0:
            raise RuntimeError(f"{cypher}: {printed}")
        return [json.loads(line) for line in printed.splitlines() if line.startswith(("{", "["))]

    def make(self, id, name):
        self.ask(f"CREATE (:Provider:Instance {{uuid: '{id}', name: '{name}', which: 'actual', type: 'service', state: 'active', "
                 f"operatingStatus: 'running', createdAt: {NOW}, updatedAt: {NOW}}})")

    def change(self, id, what):
        self.ask(f"MATCH (n:Instance {{uuid: '{id}'}}) SET {what}, n.updatedAt = {NOW}")


def becomes(client, target, wanted):
    """Whether what is there is as wanted within the time."""
    until, seen = time.monotonic() + PATIENCE, None
    while time.monotonic() < until:
        seen = client.call("GET", target)
        if wanted(seen):
            return True
        time.sleep(0.05)
    print(f"{target}: {seen.status} {seen.text[:400]}")
    return False


def service(id):
    return f"/tmf-api/serviceInventory/v4/service/{id}"


def while_it_runs(server, others, report):
    with Client(server.port) as client:
        others.make(ONE, "theirs")
        report.check(becomes(client, service(ONE), lambda seen: seen.status == 200), "what others made is there")
        made = client.call("POST", "/diffo/v1/expectations", {"id": "up", "target": {"id": ONE}, "expect": {"state": "active"}})
        report.check(made.status == 201, f"an expectation of it: {made.text}")
        others.change(ONE, "n.name = 'renamed'")
        report.check(becomes(client, service(ONE), lambda seen: seen.body.get("name") == "renamed"), "what others changed is there")
        others.change(ONE, "n.state = 'suspended'")
        report.check(becomes(client, "/diffo/v1/leaves?path=state", lambda seen: len(seen.body) == 1), "what others broke stands outstanding")
        answer = client.call("PATCH", service(ONE), {"description": "ours"}, "application/merge-patch+json")
        report.check(answer.status == 200 and answer.body["name"] == "renamed", f"ours goes on: {answer.text}")
        others.change(ONE, "n.state = 'active'")
        report.check(becomes(client, "/diffo/v1/leaves?path=state", lambda seen: seen.body == []), "what others mended is closed")
        now = client.call("GET", service(ONE)).body
        report.check(now.get("description") == "ours", f"what the graph has no place for stays: {now}")
        others.make(TWO, "short")
        report.check(becomes(client, service(TWO), lambda seen: seen.status == 200), "a second one is there")
        others.ask(f"MATCH (n:Instance {{uuid: '{TWO}'}}) DETACH DELETE n")
        report.check(becomes(client, service(TWO), lambda seen: seen.status == 404), "what others deleted is gone")
        entries = client.call("GET", "/diffo/v1/journal?limit=1000").text
        for cause in ("adopted from", "changed in", "deleted from"):
            report.check(f"{cause} the shared graph" in entries, f"the journal says: {cause} the shared graph")


def while_none_runs(others):
    others.change(ONE, "n.name = 'meanwhile'")


def afterwards(server, report):
    with Client(server.port) as client:
        report.check(becomes(client, service(ONE), lambda seen: seen.body.get("name") == "meanwhile"), "what was written while no server ran is there")


def run_all(report, database, folder):
    others = Others(database)
    beside = [*database.options, "--follow", "0.1"]
    with Server(database.program, *beside, data=folder / "data") as server:
        while_it_runs(server, others, report)
    while_none_runs(others)
    with Server(database.program, *beside, data=folder / "data") as server:
        afterwards(server, report)
        report.check("changes of others were taken in" in server.log_text(), "the log says so")


if __name__ == "__main__":
    sys.exit(run_on_database(__doc__, run_all))
