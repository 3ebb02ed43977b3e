#!/usr/bin/env python3
"""64 writers want the same id at the same moment: one gets it, the others are told so.

    race.py BUILD_DIR

Through both versions of both APIs and for expectations; then 64 writers change one record under one ETag, and 64 delete it. At last
some say what a record says already while others delete it: each answer shows the record as its writer met it.
Closes with 'N passed, M failed'.
"""
import pathlib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from client import Client, Report  # noqa: E402
from server import Server, program_in  # noqa: E402

WRITERS = 64
ROUNDS = 10
SERVICES = ["/tmf-api/serviceInventory/v4/service", "/tmf-api/serviceInventoryManagement/v5/service"]
RESOURCES = ["/tmf-api/resourceInventoryManagement/v4/resource", "/resourceInventory/v5/resource"]
EXPECTATIONS = ["/diffo/v1/expectations"]


def document(collection, identifier, writer):
    made = {"id": identifier, "name": f"writer {writer}"}
    if collection in EXPECTATIONS:
        return {**made, "target": {"id": "nothing"}, "expect": {"state": "active"}}
    if "/v5/" in collection:
        made["@type"] = "Service" if collection in SERVICES else "PhysicalResource"
    if collection in SERVICES:
        made |= {"state": "active", "serviceSpecification": {"@type": "ServiceSpecificationRef", "id": "1"}}
    return made


class Crowd:
    """Connections that are open already, so that all requests leave together."""

    def __init__(self, port):
        self.clients = [Client(port) for _ in range(WRITERS)]

    def all_at_once(self, call):
        """Runs `call(client, number)` on all connections; returns the answers."""
        barrier, answers = threading.Barrier(WRITERS), [None] * WRITERS

        def run(number):
            self.clients[number].call("GET", "/health")
            barrier.wait(60)
            answers[number] = call(self.clients[number], number)

        threads = [threading.Thread(target=run, args=[number]) for number in range(WRITERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers


def statuses(answers):
    return [answer.status if answer else None for answer in answers]


def one_wins(report, what, answers, won, lost):
    found = statuses(answers)
    good = found.count(won) == 1 and found.count(lost) == WRITERS - 1
    report.check(good, f"{what}: {found}")
    return answers[found.index(won)] if won in found else None


def create_race(report, crowd, collections, identifier):
    answers = crowd.all_at_once(lambda client, number: client.call(
        "POST", collections[number % len(collections)], document(collections[number % len(collections)], identifier, number)))
    winner = one_wins(report, f"create {collections[0]}/{identifier}", answers, 201, 409)
    present = crowd.clients[0].call("GET", f"{collections[0]}/{identifier}")
    report.check(winner is not None and present.status == 200 and present.body["name"] == winner.body["name"],
                 f"{identifier} is not the winner's: {present.text[:200]}")
    report.check(all(identifier in answer.text for answer in answers if answer and answer.status == 409),
                 f"a 409 does not name {identifier}")
    return present


def change_race(report, crowd, collections, present):
    target = present.body["id"]
    answers = crowd.all_at_once(lambda client, number: client.call(
        "PATCH", f"{collections[number % len(collections)]}/{target}", {"name": f"changed by {number}"},
        headers={"If-Match": present.headers["ETag"]}))
    one_wins(report, f"PATCH of {target} under one ETag", answers, 200, 412)


def delete_race(report, crowd, collections, present):
    target = present.body["id"]
    answers = crowd.all_at_once(lambda client, number: client.call("DELETE", f"{collections[number % len(collections)]}/{target}"))
    one_wins(report, f"DELETE of {target}", answers, 204, 404)


def unchanged_race(report, crowd, collections, identifier):
    """Half write what is there already, half delete it; whoever comes too late is told so, and nobody gets anything else."""
    collection = collections[0]
    name = document(collection, identifier, 0)["name"]
    crowd.clients[0].call("POST", collection, document(collection, identifier, 0))
    answers = crowd.all_at_once(lambda client, number: client.call("PATCH", f"{collection}/{identifier}", {"name": name})
                                if number % 2 else client.call("DELETE", f"{collection}/{identifier}"))
    report.check(all(answer is not None and answer.status in ((200, 404) if number % 2 else (204, 404))
                     for number, answer in enumerate(answers)), f"unchanged {identifier}: {statuses(answers)}")
    report.check(all(answer.body["name"] == name for answer in answers if answer and answer.status == 200),
                 f"unchanged {identifier}: an answer shows another record")


def count_up(client, target):
    """Adds one to the number under its ETag, however often others come first; the answer to what succeeded."""
    while True:
        present = client.call("GET", target)
        answer = client.call("PATCH", target, {"counter": present.body["counter"] + 1}, headers={"If-Match": present.headers["ETag"]})
        if answer.status != 412:
            return answer


def counter_race(report, crowd, collection, identifier):
    """No update is lost: each writer counts once, and no two of them to the same number."""
    crowd.clients[0].call("POST", collection, {**document(collection, identifier, 0), "counter": 0})
    target = f"{collection}/{identifier}"
    answers = crowd.all_at_once(lambda client, number: count_up(client, target))
    counted = sorted(answer.body["counter"] for answer in answers if answer and answer.status == 200)
    report.check(counted == list(range(1, WRITERS + 1)), f"counted {counted} of {target}: {statuses(answers)}")
    found = crowd.clients[0].call("GET", target).body
    report.check(found["counter"] == WRITERS, f"{target} stands at {found['counter']}")


def main():
    report = Report()
    with Server(program_in(sys.argv[1])) as server:
        crowd = Crowd(server.port)
        for round_number in range(ROUNDS):
            for collections in (SERVICES, RESOURCES, EXPECTATIONS):
                present = create_race(report, crowd, collections, f"same-{round_number}")
                change_race(report, crowd, collections, present)
                if round_number % 2:
                    delete_race(report, crowd, collections, present)
                unchanged_race(report, crowd, collections, f"unchanged-{round_number}")
        for collections in (SERVICES, RESOURCES):
            counter_race(report, crowd, collections[0], "counter")
        answer = crowd.clients[0].call("POST", "/diffo/v1/check")
        report.check(answer.status == 200 and answer.body["clean"], f"check: {answer.text[:600]}")
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
