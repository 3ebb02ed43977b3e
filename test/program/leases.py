"""Reservations that ran out: the server takes them away by itself, those before a fall too, and nothing else."""
import datetime
import pathlib
import signal
import time

from client import Client
from server import Server

MODEL = pathlib.Path(__file__).resolve().parent.parent.parent / "examples/hammer/switch.yaml"
GRACE = 5  # seconds after its end, for requests that began before


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def swept(client, after):
    """The commits that took reservations away, behind a commit."""
    return [entry for entry in client.call("GET", f"/diffo/v1/journal?from={after + 1}&limit=500").body if entry["cause"] == "leases ran out"]


def reservations_are_swept(program):
    report = program.report
    with Server(program.path) as server:
        client = Client(server.port)

        def must(status, target, document, kind="application/json"):
            answer = client.call("POST", target, document, kind)
            report.check(answer.status == status, f"{target}: {answer.status} {answer.text[:300]}")
            return answer.body

        must(201, "/diffo/v1/models", MODEL.read_text(), "application/yaml")
        switch, user = (must(201, "/diffo/v1/kinds/Switch/actions/build", {})["id"] for _ in range(2))
        must(200, f"/diffo/v1/instances/{switch}/actions/lifecycle", {"lifecycleState": "installed"})

        def assign(**assignment):
            return must(200, f"/diffo/v1/instances/{switch}/actions/assign_port", {"assignment": {"assigneeId": user, **assignment}})

        kept, brief = assign(lease=1), assign(lease=1, alias="brief")
        assign(operation="confirm", id=kept["value"])
        lasting, good = assign(lease=600), assign()
        server.stop(signal.SIGKILL)
        server.start()
        client = Client(server.port)
        late = assign(lease=1)  # of which it hears while it runs
        end, found = time.monotonic() + 60, []
        while time.monotonic() < end and sum(len(entry["changes"]) for entry in found) < 2:
            time.sleep(0.2)
            found = swept(client, 0)
        gone = {change["id"]: entry["time"] for entry in found for change in entry["changes"]}
        report.check(gone.keys() == {brief["id"], late["id"]}, f"taken away: {found}")
        for one in (brief, late):
            early = one["id"] in gone and moment(gone[one["id"]]) < moment(one["leaseUntil"]) + datetime.timedelta(seconds=GRACE)
            report.check(not early, f"{one} was taken away at {gone.get(one['id'])}")
        pool = client.call("GET", f"/diffo/v1/instances/{switch}/pools/ports").body
        report.check({one["id"] for one in pool["assignments"]} == {kept["id"], lasting["id"], good["id"]} and pool["used"] == 3,
                     f"left: {pool}")
        assign(alias="brief")
        server.stop()
        program.expect("a check behind it", 0, "check", "--data", server.data, out="clean")


PARTS = (reservations_are_swept,)
