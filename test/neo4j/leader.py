#!/usr/bin/env python3
"""Another member of the cluster leads while Diffo writes, and connections are lost at every moment: nothing is lost, nothing done twice.

Members of one server are played (bolt_members.py). Closes with 'N passed, M failed'.
"""
import pathlib
import sys
import threading
import time
import urllib.parse
import uuid

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from bolt_members import Members  # noqa: E402
from client import Client  # noqa: E402
from neo4j import run_on_database  # noqa: E402
from server import Server  # noqa: E402

API = "/tmf-api/serviceInventory/v4/service"


def service(name):
    return {"name": name, "state": "active", "serviceSpecification": {"id": "fiber"}}


class Writing:
    """Creates services one after the other, each under a key of its own, and repeats what was not done."""

    def __init__(self, report, members, client):
        self.report, self.members, self.client, self.made, self.reasons = report, members, client, {}, []

    def create(self, name, seconds=20):
        headers, end = {"Idempotency-Key": str(uuid.uuid4())}, time.monotonic() + seconds
        while True:
            answer = self.client.call("POST", API, service(name), headers=headers)
            if answer.status == 201:
                self.made[name] = answer.body["id"]
                return
            self.reasons.append(f"{answer.status} {answer.text}")
            if answer.status != 503 or time.monotonic() > end:
                self.report.check(False, f"{name}: {answer.status} {answer.text}")
                return
            time.sleep(0.05)

    def meets(self, what, *events):
        """Creates while that happens."""
        self.reasons.clear()
        self.members.delivered.clear()
        self.members.events.extend(events)
        begun = time.monotonic()
        for number in range(3):
            self.create(f"{what}, {number}")
        self.report.check(not self.members.events, f"{what}: {self.members.events} did not happen")
        self.members.events.clear()
        print(f"{what}: {time.monotonic() - begun:.1f} s {self.reasons}", flush=True)

    def meets_nobody(self):
        """What became of a write cannot be found out for a while: that is told, and the key finds out later."""
        headers, document = {"Idempotency-Key": str(uuid.uuid4())}, service("with nobody there")
        self.members.events.append(("commit", "gone"))
        answer = self.client.call("POST", API, document, headers=headers)
        self.report.check(answer.status == 503 and "may have been written or not" in answer.text, f"unknown: {answer.status} {answer.text}")
        answer = self.client.call("POST", API, document, headers=headers)
        self.report.check(answer.status == 503, f"still unknown: {answer.status} {answer.text}")
        self.members.come_back()
        answers = [self.client.call("POST", API, document, headers=headers) for _ in range(2)]
        self.report.check([one.status for one in answers] == [201, 201] and answers[0].body["id"] == answers[1].body["id"],
                          f"found out: {[one.text for one in answers]}")
        self.made["with nobody there"] = answers[0].body["id"]

    def settle(self):
        """What is there is what was acknowledged, each once."""
        there = [(one["name"], one["id"]) for one in self.client.call("GET", f"{API}?limit=1000").body]
        made = list(self.made.items())
        self.report.check(sorted(there) == sorted(made), f"there are also {sorted(set(there) - set(made))}, missing are "
                          f"{sorted(set(made) - set(there))}, {len(there)} of {len(made)}")


def run(report, members, client):
    writing = Writing(report, members, client)
    writing.create("before all")
    members.elect()
    writing.meets("another leads between two writes")
    report.check(not writing.reasons, f"who leads is found out before anybody is told: {writing.reasons}")
    writing.meets("another leads at the commit", ("commit", "leader"))
    report.check(not writing.reasons, f"who leads is found out before anybody is told: {writing.reasons}")
    writing.meets("the connection is lost before the commit", ("commit", "before"))
    writing.meets("the connection is lost behind the commit", ("commit", "after"))
    writing.meets("lost thrice", ("commit", "after"), ("commit", "before"), ("commit", "after"))
    writing.meets("lost, and another leads", ("commit", "after"), ("commit", "leader"))
    writing.meets("the commit arrives late", ("commit", "late"))
    if members.delivered.is_set() or members.delivered.wait(5):
        writing.meets("after that")
    writing.meets("the whole transaction arrives late", ("begin", "late"))
    members.delivered.wait(5)
    time.sleep(1)
    writing.meets("after that, too")
    writing.meets_nobody()
    writing.settle()


def run_many(report, members, server):
    """Many write while leaders come and go and connections are lost."""
    stop = threading.Event()

    def trouble():
        number = 0
        while not stop.is_set():
            number += 1
            members.events.append(("commit", ("leader", "before", "after")[number % 3]))
            stop.wait(0.15)

    def write(mark, all_of):
        with Client(server.port) as client:
            writing = Writing(report, members, client)
            for number in range(15):
                writing.create(f"{mark} {number}")
            all_of.update(writing.made)

    made, troubling = {}, threading.Thread(target=trouble)
    writers = [threading.Thread(target=write, args=(f"writer {number}", made)) for number in range(16)]
    for thread in [troubling, *writers]:
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    troubling.join()
    members.events.clear()
    with Client(server.port) as client:
        listed = client.call("GET", f"{API}?limit=1000").body
        there = {one["name"]: one["id"] for one in listed if one["name"].startswith("writer")}
        report.check(there == made, f"{len(there)} are there, {len(made)} were made")
        report.check(len(made) == 16 * 15, f"{len(made)} were made")


def run_all(report, database, _):
    parts = urllib.parse.urlsplit(database.uri)
    members = Members((parts.hostname, parts.port))
    with Server(database.program, "--store", members.uri) as server:
        with Client(server.port) as client:
            run(report, members, client)
        run_many(report, members, server)


if __name__ == "__main__":
    sys.exit(run_on_database(__doc__, run_all))
