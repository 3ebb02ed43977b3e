"""Pages of lists where they come to their bounds; parts of run.py."""
import json
import re

from client import Client
from server import Server
from tasks import eventually

RESOURCES = "/tmf-api/resourceInventoryManagement/v4/resource"


def put_in(client, documents):
    text = "".join(json.dumps(document) + "\n" for document in documents)
    answer = client.call("POST", "/diffo/v1/import", text, "application/x-ndjson")
    assert answer.status == 200 and answer.body["rejected"] == 0, answer


def link(answer, relation):
    found = re.search(rf'<http://[^/]+([^>]*)>; rel="{relation}"', answer.headers.get("Link") or "")
    return found and found[1]


def walked(client, target, relation):
    """The ids of all pages that one link after the other leads to."""
    ids = []
    while target:
        answer = client.call("GET", target)
        ids.append([item["id"] for item in answer.body])
        target = link(answer, relation)
    return ids


def cut_by_their_size(program):
    """A page ends where its documents are large; cursors leave nothing out in either direction."""
    expected = [f"r{number}" for number in range(60)]
    with Server(program.path) as server, Client(server.port) as client:
        for begin in range(0, 60, 20):
            put_in(client, [{"id": identity, "name": identity, "blob": "y" * 500_000} for identity in expected[begin:begin + 20]])
        forward = walked(client, RESOURCES + "?after=", "next")
        program.report.check(len(forward) > 2 and sum(forward, []) == expected, f"forward: {forward}")
        backward = walked(client, RESOURCES + "?before=", "prev")
        program.report.check(sum(reversed(backward), []) == expected, f"backward: {backward}")
        # By offsets, the way back leads through what the way there led through, also from where nobody came by.
        there = RESOURCES + "?limit=25"
        while link(client.call("GET", there), "next"):
            there = link(client.call("GET", there), "next")
        for begin in (there, RESOURCES + "?offset=50&limit=25", RESOURCES + "?offset=31&limit=25"):
            backward = sum(reversed(walked(client, begin, "prev")), [])
            program.report.check(len(backward) > 30 and backward == expected[:len(backward)], f"backward from {begin}: {backward}")
        last = client.call("GET", RESOURCES + "?before=")
        program.report.check(last.headers["Content-Range"] == f"items {60 - len(last.body)}-59/60", f"which: {last.headers['Content-Range']}")


def patched_beyond_bounds(program):
    """A small patch that would make much of many records changes none of them."""
    with Server(program.path) as server, Client(server.port) as client:
        put_in(client, [{"id": f"r{number}", "name": "n", "batch": "b"} for number in range(100)])
        answer = client.call("PATCH", RESOURCES + "?batch=b&fields=none", {"blob": "x" * 1_000_000})
        program.report.check(answer.status == 422, f"100 MB of a patch: {answer.status} {answer.text[:200]}")
        program.report.check(client.call("GET", RESOURCES + "?blob.exists=true").body == [], "nothing is changed")


def cursors_expire(program):
    """A cursor is good until the history that is kept does not reach back to it."""
    with Server(program.path, "--keep-entries", "50") as server, Client(server.port) as client:
        put_in(client, [{"id": f"r{number}", "name": f"n{number}"} for number in range(4)])
        target = link(client.call("GET", RESOURCES + "?sort=name&after=&limit=2&fields=none"), "next")
        page = client.call("GET", target)
        program.report.check([item["id"] for item in page.body] == ["r2", "r3"], f"while it is good: {page}")
        put_in(client, [{"id": f"s{number}", "name": "z"} for number in range(3000)])
        answer = eventually(program.report, "it expires",
                            lambda: (got := client.call("GET", target)).status == 400 and got)
        program.report.check("after: has expired" in answer.body["message"], f"why: {answer.text}")


PARTS = (cut_by_their_size, patched_beyond_bounds, cursors_expire)
