"""Every transition of a service of a declared kind, by action and by PATCH, with what it does beside (domain.md §8)."""
import pathlib

from client import Client
from server import Server

MODEL = pathlib.Path(__file__).resolve().parent.parent / "models" / "yard.yaml"
V5 = "/tmf-api/serviceInventory/v5/service"
ALL = ["initial", "feasibilityChecked", "reserved", "inactive", "active", "suspended", "cancelled", "terminated"]
# action: states it leaves, state it leads to, operating status that it sets, date that it sets
TABLE = {
    "feasibilityCheck": (["initial"], "feasibilityChecked", None, None),
    "reserve": (["initial", "feasibilityChecked"], "reserved", "pending", None),
    "activate": (["initial", "feasibilityChecked", "reserved", "inactive", "suspended", "terminated"], "active", "starting", "startDate"),
    "deactivate": (["active", "reserved"], "inactive", "configured", None),
    "suspend": (["active"], "suspended", "limited", None),
    "terminate": (["active", "inactive", "suspended"], "terminated", "stopping", "endDate"),
    "cancel": (["initial", "feasibilityChecked", "reserved"], "cancelled", "unknown", "endDate"),
}
# How a new service gets into a state.
WAYS = {"initial": [], "feasibilityChecked": ["feasibilityCheck"], "reserved": ["reserve"], "inactive": ["activate", "deactivate"],
        "active": ["activate"], "suspended": ["activate", "suspend"], "cancelled": ["cancel"], "terminated": ["activate", "terminate"]}


def allowed_from(state):
    found = [to for leaves, to, _, _ in TABLE.values() if state in leaves]
    return found + (["reserved"] if state == "suspended" else [])  # by the model's own action


class Services:
    def __init__(self, client, report):
        self.client, self.report, self.count = client, report, 0

    def act(self, identity, action, status=200):
        answer = self.client.call("POST", f"/diffo/v1/instances/{identity}/actions/{action}", {})
        self.report.check(answer.status == status, f"{action}: expected {status}, got {answer.status} {answer.text[:300]}")
        return answer

    def shown(self, identity):
        return self.client.call("GET", f"/diffo/v1/instances/{identity}").body

    def new(self, state):
        self.count += 1
        identity = f"00000000-0000-4000-8000-{self.count:012}"
        made = self.client.call("POST", "/diffo/v1/kinds/Line/actions/build", {"id": identity})
        self.report.check(made.status == 201, f"build: {made.status} {made.text[:300]}")
        for action in WAYS[state]:
            self.act(identity, action)
        self.report.check(self.shown(identity)["state"] == state, f"no service in the state {state}")
        return identity

    def told(self, answer, before, after, what):
        """A refusal names what is allowed and changes nothing."""
        problem = answer.body.get("problems", [{}])[0]
        allowed = allowed_from(before["state"])
        named = all(state in problem.get("message", "") for state in allowed)
        self.report.check(problem.get("path") == "/state" and named, f"{what}: the refusal says {answer.text[:300]}")
        self.report.check(before == after, f"{what}: was refused and changed {before} to {after}")

    def did(self, before, after, action, what):
        _, to, operating, date = TABLE[action]
        self.report.check(after["state"] == to, f"{what}: leads to {after['state']}")
        wanted = operating or before.get("operatingStatus")
        self.report.check(after.get("operatingStatus") == wanted, f"{what}: operatingStatus is {after.get('operatingStatus')}")
        for name in ("startDate", "endDate"):
            same = before.get(name) == after.get(name)
            self.report.check(name in after if name == date else same, f"{what}: {name} is {after.get(name)}, was {before.get(name)}")


def by_action(services):
    for state in ALL:
        for action, (leaves, _, _, _) in TABLE.items():
            identity, what = services.new(state), f"{action} from {state}"
            before = services.shown(identity)
            answer = services.act(identity, action, 200 if state in leaves else 409)
            after = services.shown(identity)
            if state in leaves:
                services.report.check(answer.body == after, f"{what}: the answer is not what a read shows")
                services.did(before, after, action, what)
            else:
                services.told(answer, before, after, what)


def by_patch(services, words):
    """`words`: what the version calls the states that it knows."""
    for state in ALL:
        for word, to in words.items():
            if to == state or state == "cancelled" and to == "terminated":
                continue  # cancelled is shown as terminated: nothing changes
            identity, what = services.new(state), f"PATCH of {state} to {to}"
            before = services.shown(identity)
            answer = services.client.call("PATCH", f"{V5}/{identity}", {"state": word}, "application/merge-patch+json")
            after = services.shown(identity)
            legal = to in allowed_from(state)
            services.report.check(answer.status == (200 if legal else 409), f"{what}: {answer.status} {answer.text[:300]}")
            if not legal:
                services.told(answer, before, after, what)
                continue
            actions = [name for name, (leaves, target, _, _) in TABLE.items() if target == to and state in leaves]
            if actions:
                services.did(before, after, actions[0], what)


def given_wins(services):
    """What a PATCH says beside the state stays as it says."""
    identity = services.new("active")
    answer = services.client.call("PATCH", f"{V5}/{identity}", {"state": "terminated", "endDate": "2026-01-01T00:00:00Z",
                                                                   "operatingStatus": "stopped"}, "application/merge-patch+json")
    shown = services.shown(identity)
    services.report.check(answer.status == 200 and shown["endDate"] == "2026-01-01T00:00:00.000Z" and shown["operatingStatus"] == "stopped",
                          f"what a PATCH gave beside the state: {answer.status} {shown}")


def transitions(program):
    with Server(program.path, "--model", MODEL) as server, Client(server.port) as client:
        services = Services(client, program.report)
        by_action(services)
        by_patch(services, {"designed": "initial", **{state: state for state in ALL if state not in ("initial", "cancelled")}})
        given_wins(services)


def kept(program):
    """A folder has its model; another one takes its place where the records allow it."""
    changed, report = program.folder / "changed.yaml", program.report
    text = MODEL.read_text()
    with Server(program.path, "--model", MODEL) as server:
        with Client(server.port) as client:
            made = client.call("POST", "/diffo/v1/kinds/Rack/actions/build", {"characteristicValueUpdates": {"speed": 7}}).body
        server.stop()
        server.arguments = ()
        server.start()
        with Client(server.port) as client:
            shown = client.call("GET", f"/diffo/v1/instances/{made['id']}")
            kinds = client.call("GET", "/diffo/v1/kinds/Rack")
            report.check(shown.body == made and kinds.status == 200, f"a start without a model: {shown.text[:300]}, {kinds.status}")
            again = client.call("POST", "/diffo/v1/kinds/Rack/actions/build", {"characteristicValueUpdates": {"speed": "fast"}})
            report.check(again.status == 400, f"the rules of the model after a start: {again.status}")
        server.stop()
        changed.write_text(text.replace("speed: {type: integer, min: 1, max: 1000, default: 5}", "speed: {type: integer, min: 8, default: 9}"))
        program.expect("a model that records break", 2, "serve", "--data", server.data, "--listen", "127.0.0.1:0", "--model", changed,
                       error="/value: must be greater than or equal to 8")
        changed.write_text(text.replace("description: A rack of pools", "description: A better rack"))
        server.arguments = ("--model", changed)
        server.start()
        with Client(server.port) as client:
            shown = client.call("GET", f"/diffo/v1/instances/{made['id']}").body
            report.check(shown["description"] == "A better rack", f"another model: {shown}")
        server.stop()
        program.expect("a check", 0, "check", "--data", server.data, out="clean")
        server.start()
    changed.write_text("domain: [")
    program.expect("a file that is no model", 2, "serve", "--data", program.folder / "none", "--listen", "127.0.0.1:0", "--model", changed,
                   error="changed.yaml:2:1")


def many(program):
    """A refusal of a model names a hundred records, not all."""
    lines = "".join(f'{{"@type": "Line", "id": "l{number}"}}\n' for number in range(150))
    with Server(program.path, "--model", MODEL) as server, Client(server.port) as client:
        client.call("POST", "/diffo/v1/import", lines, "application/x-ndjson")
        refused = client.call("DELETE", "/diffo/v1/models/Yard")
        program.report.check(refused.status == 409 and len(refused.body["problems"]) == 100,
                             f"a model with 150 instances: {refused.status} {refused.text[:200]}")


def only_some_states_hand_out(program):
    """domain.md §10.3: what is qualified, reserved, inactive, active or suspended hands out, and nothing else."""
    with Server(program.path, "--model", MODEL) as server, Client(server.port) as client:
        services = Services(client, program.report)
        holder = services.new("initial")
        for state in ALL:
            answer = client.call("POST", f"/diffo/v1/instances/{services.new(state)}/actions/assign_channel", {"assignment": {"assigneeId": holder}})
            wanted = 409 if state in ("initial", "cancelled", "terminated") else 200
            program.report.check(answer.status == wanted, f"assign from {state}: expected {wanted}, got {answer.status} {answer.text}")
            if wanted == 409:
                program.report.check(f"service state is {state}" in answer.text, f"assign from {state}: {answer.text}")


PARTS = [transitions, only_some_states_hand_out, kept, many]
