"""Tasks as their executors meet them: made, ordered, signed, repeated, refused, held, and seen through over kill -9."""
import contextlib
import hashlib
import hmac
import http.server
import json
import signal
import threading
import time
import urllib.parse

from client import Client
from server import Server

SERVICES = "/tmf-api/serviceInventory/v5/service"
LINE = {"@type": "ServiceSpecificationRef", "id": "S", "name": "line"}
SECRET = "between us"
PATIENCE = 60  # seconds


def eventually(report, what, look, patience=PATIENCE):
    """What `look` gives as soon as it gives something."""
    end = time.monotonic() + patience
    while True:
        found = look()
        if found or time.monotonic() > end:
            report.check(bool(found), f"{what}: it does not come")
            return found
        time.sleep(0.02)


class Executor(http.server.ThreadingHTTPServer):
    """Takes tasks as `act(task)` says: a status, or (status, body). What it was asked is in `asked`."""
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, act):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                task = json.loads(body)
                signed = self.headers["X-Diffo-Timestamp"].encode() + b"." + body
                right = "sha256=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
                with self.server.lock:
                    self.server.asked.append((self.headers["Idempotency-Key"], task))
                    if self.headers["X-Diffo-Signature"] != right or self.headers["X-Diffo-Task"] != task["id"]:
                        self.server.forged += 1
                status = self.server.act(task)
                status, answer = status if isinstance(status, tuple) else (status, b"{}")
                with contextlib.suppress(OSError):
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.act, self.asked, self.forged, self.lock = act, [], 0, threading.Lock()

    def handle_error(self, *_):
        pass

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/tasks"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


def settings(folder, executors, **more):
    file = folder / "loop.yaml"
    file.write_text(json.dumps({"executors": executors, **more}))
    return ("--loop", str(file))


def service(identity, **values):
    return {"@type": "Service", "id": identity, "state": "active", "name": identity, "serviceSpecification": LINE,
            "serviceCharacteristic": [{"@type": "IntegerCharacteristic", "name": name, "value": value}
                                      for name, value in values.items()]}


def expect(client, identity, target, mode, values, **more):
    return client.call("POST", "/diffo/v1/expectations", {
        "id": identity, "target": {"id": target}, "mode": mode, **more,
        "expect": {"serviceCharacteristic": [{"name": name, "value": value} for name, value in values.items()]}})


def tasks(client, query=""):
    return client.call("GET", "/diffo/v1/tasks" + query).body


def leaves(client, query="?outstanding=true"):
    return client.call("GET", "/diffo/v1/leaves" + query).body


def change(port, task):
    """What a network does that obeys, and is seen to."""
    with Client(port) as client:
        return client.call("PATCH", urllib.parse.urlsplit(task["target"]["href"]).path, task["patch"]["ops"],
                           "application/json-patch+json").status


def set_value(client, identity, name, value):
    present = client.call("GET", f"{SERVICES}/{identity}").body["serviceCharacteristic"]
    for one in present:
        if one["name"] == name:
            one["value"] = value
    client.call("PATCH", f"{SERVICES}/{identity}", {"serviceCharacteristic": present}, "application/merge-patch+json")


@contextlib.contextmanager
def loop(program, act, **more):
    """(server, client, executor) where everything is run by one http executor."""
    with Executor(act) as executor:
        bounds = {"backOff": 1, "verify": 2, **more.pop("bounds", {})}
        arguments = settings(program.folder, {"net": {"type": "http", "url": executor.url, "secret": SECRET, "timeout": "5s"}},
                             choose=[{"executor": "net"}], bounds=bounds, **more)
        with Server(program.path, *arguments) as server, Client(server.port) as client:
            executor.server = server
            yield server, client, executor


def act_closes(program):
    """Under act a leaf that opens is closed by one task; the same again; then it is a fight, which is held and names the other."""
    check = program.report.check
    ports = {}
    with loop(program, lambda task: change(ports["it"], task) and 200) as (server, client, executor):
        ports["it"] = server.port
        client.call("POST", SERVICES, service("a", vlan=7, mtu=9000))
        expect(client, "gold", "a", "act", {"vlan": 8})
        done = eventually(program.report, "a task that is done", lambda: tasks(client, "?state=done"))
        check(len(done) == 1 and leaves(client) == [], f"done: {done}")
        task = done[0]
        check(task["change"] == {"set": {"serviceCharacteristic": [{"name": "vlan", "value": 8}]}}, f"change: {task['change']}")
        check(task["patch"]["ops"][0]["op"] == "test" and task["executor"] == "net" and task["attempts"] == 1, f"task: {task}")
        check(task["target"]["id"] == "a" and task["because"][0]["address"] == "serviceCharacteristic[vlan].value", f"{task}")
        check(executor.forged == 0 and [key for key, _ in executor.asked] == [task["id"] + "-1"], "signature and key")
        set_value(client, "a", "vlan", 9)
        eventually(program.report, "a second task", lambda: len(tasks(client, "?state=done")) == 2)
        set_value(client, "a", "vlan", 9)
        held = eventually(program.report, "a fight", lambda: tasks(client, "?state=held"))
        check("changed back twice" in held[0]["reason"], f"held: {held[0]}")
        row = leaves(client)[0]
        check(row["task"] == {"id": held[0]["id"], "state": "held", "reason": held[0]["reason"]}, f"row: {row}")
        answer = client.call("POST", f"/diffo/v1/tasks/{held[0]['id']}/release")
        check(answer.status == 200 and answer.body["state"] == "queued", f"release: {answer.text}")
        eventually(program.report, "released", lambda: len(tasks(client, "?state=done")) == 3)
        journal = client.call("GET", f"/diffo/v1/journal?limit=1000").text
        check("task" in journal, "the journal")


def propose_waits(program):
    check = program.report.check
    ports = {}
    with loop(program, lambda task: change(ports["it"], task) and 204) as (server, client, executor):
        ports["it"] = server.port
        for identity in "abc":
            client.call("POST", SERVICES, service(identity, vlan=7))
            expect(client, f"e{identity}", identity, "propose", {"vlan": 8})
        proposed = eventually(program.report, "proposed", lambda: len(tasks(client, "?state=proposed")) == 3 and tasks(client))
        by_target = {task["target"]["id"]: task for task in proposed}
        check(executor.asked == [], "nobody is asked")
        path = "/diffo/v1/tasks/" + by_target["a"]["id"]
        check(client.call("POST", path + "/approve").status == 200, "approve")
        eventually(program.report, "approved and done", lambda: client.call("GET", path).body["state"] == "done")
        check(client.call("POST", path + "/approve").status == 409, "approved twice")
        rejected = "/diffo/v1/tasks/" + by_target["b"]["id"]
        check(client.call("POST", rejected + "/reject").body["state"] == "cancelled", "reject")
        time.sleep(0.5)
        check(len(tasks(client, "?target=b")) == 1, "what was rejected is proposed again")
        # A push takes the place of what was proposed, which ends then.
        time.sleep(0.01)
        pushed = client.call("POST", "/diffo/v1/decisions", {"filter": "target=c", "decision": "push"})
        replaced = client.call("GET", "/diffo/v1/tasks/" + by_target["c"]["id"]).body
        check(pushed.status == 201 and replaced["state"] == "cancelled" and replaced["changedAt"] > replaced["at"], f"replaced: {replaced}")
        eventually(program.report, "pushed", lambda: tasks(client, "?target=c&state=done"))
        set_value(client, "c", "vlan", 5)
        eventually(program.report, "and proposed again", lambda: tasks(client, "?target=c&state=proposed"))
        set_value(client, "b", "vlan", 6)
        eventually(program.report, "something else is proposed anew", lambda: tasks(client, "?target=b&state=proposed"))
        # Approving the deviation instead lets the task go.
        leaf = leaves(client, "?target=c")[0]
        client.call("POST", "/diffo/v1/decisions", {"leaves": [leaf["id"]], "decision": "approve"})
        eventually(program.report, "an approved leaf needs no task", lambda: tasks(client, "?target=c&state=cancelled"))
        # So does an expectation that proposes no more.
        client.call("PATCH", "/diffo/v1/expectations/eb", {"mode": "observe"}, "application/merge-patch+json")
        eventually(program.report, "nobody asks for it", lambda: not tasks(client, "?state=proposed"))


def push_decides(program):
    """A push queues whatever the mode; dry run, conflicts and undo."""
    check = program.report.check
    ports = {}
    gate = threading.Event()
    with loop(program, lambda task: gate.wait(20) and change(ports["it"], task) and 200, bounds={"running": 1}) \
            as (server, client, executor):
        ports["it"] = server.port
        for identity in ("a", "b"):
            client.call("POST", SERVICES, service(identity, vlan=7, mtu=1500))
            expect(client, f"e{identity}", identity, "observe", {"vlan": 8, "mtu": {"$gte": 9000}})
        push = {"filter": "path=serviceCharacteristic[vlan]", "decision": "push", "reason": "today"}
        plan = client.call("GET", "/diffo/v1/plan").body
        check(len(plan["tasks"]) == 2 and len(plan["unreachable"]) == 2, f"plan: {plan}")
        check(all("no single value" in one["reason"] for one in plan["unreachable"]), f"unreachable: {plan['unreachable']}")
        dry = client.call("POST", "/diffo/v1/decisions", {**push, "dryRun": True})
        check(dry.status == 200 and len(dry.body["tasks"]) == 2 and tasks(client) == [], f"dry run: {dry.text}")
        refused = client.call("POST", "/diffo/v1/decisions", {"filter": "target=a", "decision": "push"})
        check(refused.status == 409 and "no single value" in refused.text and tasks(client) == [], f"all or nothing: {refused.text}")
        made = client.call("POST", "/diffo/v1/decisions", push)
        check(made.status == 201 and len(made.body["tasks"]) == 2, f"push: {made.text}")
        again = client.call("POST", "/diffo/v1/decisions", push)
        check(again.status == 409 and "already" in again.text, f"pushed twice: {again.text}")
        eventually(program.report, "one has begun", lambda: executor.asked)
        client.call("POST", SERVICES, service("c", vlan=7))
        expect(client, "ec", "c", "observe", {"vlan": 8})
        eventually(program.report, "one more", lambda: leaves(client, "?target=c"))
        queued = client.call("POST", "/diffo/v1/tasks", {"filter": "path=serviceCharacteristic[vlan]"})
        check(queued.status == 201 and [task["target"]["id"] for task in queued.body["tasks"]] == ["c"]
              and len(queued.body["unreachable"]) == 2 and "already" in queued.body["unreachable"][0]["reason"],
              f"as far as it goes: {queued.text}")
        client.call("DELETE", "/diffo/v1/expectations/ec")
        eventually(program.report, "nobody expects it", lambda: tasks(client, "?target=c&state=cancelled"))
        undone = client.call("DELETE", "/diffo/v1/decisions/" + made.body["id"])
        check(undone.status == 204, f"undo: {undone.text}")
        states = sorted(task["state"] for name in "ab" for task in tasks(client, f"?target={name}"))
        check(states == ["cancelled", "running"], f"after undo: {states}")
        gate.set()
        eventually(program.report, "the other goes on", lambda: tasks(client, "?state=done"))
        check(len(executor.asked) == 1, "what was undone was run")
        check(client.call("POST", "/diffo/v1/tasks", {"filter": "target=a&path=serviceCharacteristic[mtu]"}).status == 409,
              "a plan of nothing")


def few_may_wait(program):
    """No more tasks than `bounds.waiting` are queued, all of a request or none."""
    check = program.report.check
    with loop(program, lambda task: 500, bounds={"waiting": 2, "attempts": 9}) as (server, client, executor):
        for identity in ("a", "b", "c"):
            client.call("POST", SERVICES, service(identity, vlan=7))
            expect(client, f"e{identity}", identity, "observe", {"vlan": 8})
        push = {"filter": "path=serviceCharacteristic[vlan]", "decision": "push"}
        for what, path, body in (("a push", "/diffo/v1/decisions", push),
                                 ("a dry run", "/diffo/v1/decisions", {**push, "dryRun": True}),
                                 ("tasks", "/diffo/v1/tasks", {"filter": push["filter"]})):
            refused = client.call("POST", path, body)
            check(refused.status == 409 and "3 tasks cannot be queued: 0 are not finished, and there may be 2" in refused.text,
                  f"{what}: {refused.text}")
        check(tasks(client) == [] and client.call("GET", "/diffo/v1/decisions").body == [], "something of it was written")
        for identity in ("a", "b"):
            made = client.call("POST", "/diffo/v1/tasks", {"filter": f"target={identity}"})
            check(made.status == 201, f"there is room for {identity}: {made.text}")
        eventually(program.report, "there is none for another",
                   lambda: client.call("POST", "/diffo/v1/decisions", {"filter": "target=c", "decision": "push", "dryRun": True}).status == 409)
        one = tasks(client, "?target=a")[0]
        # While an attempt is under way the task cannot be rejected: between attempts it can.
        eventually(program.report, "it is rejected",
                   lambda: client.call("POST", f"/diffo/v1/tasks/{one['id']}/reject").status == 200)
        eventually(program.report, "there is again", lambda: client.call("POST", "/diffo/v1/tasks", {"filter": "target=c"}).status == 201)


def nothing_expects_it(program):
    """A task that waits to be seen is not done by the end of what expected it."""
    with loop(program, lambda task: 200, bounds={"verify": 60}) as (server, client, executor):
        client.call("POST", SERVICES, service("a", vlan=7))
        expect(client, "ea", "a", "observe", {"vlan": 8})
        client.call("POST", "/diffo/v1/tasks", {"filter": "target=a"})
        eventually(program.report, "it waits", lambda: tasks(client, "?state=verifying"))
        client.call("DELETE", "/diffo/v1/expectations/ea")
        gone = eventually(program.report, "it is cancelled", lambda: tasks(client, "?state=cancelled"))
        program.report.check(bool(gone) and gone[0]["reason"] == "what expected it was deleted", f"why: {gone}")


def hold_switch(program):
    check = program.report.check
    ports = {}
    with loop(program, lambda task: change(ports["it"], task) and 200) as (server, client, executor):
        ports["it"] = server.port
        held = client.call("POST", "/diffo/v1/tasks/hold", {"reason": "frozen"})
        check(held.status == 200 and held.body["held"] is True and held.body["reason"] == "frozen", f"hold: {held.text}")
        client.call("POST", SERVICES, service("a", vlan=7))
        expect(client, "e", "a", "act", {"vlan": 8})
        eventually(program.report, "queued", lambda: tasks(client, "?state=queued"))
        # What comes before it in its list makes its plan old, not wrong.
        client.call("PATCH", f"{SERVICES}/a", [{"op": "add", "path": "/serviceCharacteristic/0", "value": {
            "@type": "IntegerCharacteristic", "name": "mtu", "value": 1500}}], "application/json-patch+json")
        time.sleep(0.7)
        check(executor.asked == [], "held back")
        server.stop(signal.SIGKILL)
        server.start()
        ports["it"] = server.port
        with Client(server.port) as client:
            check(client.call("GET", "/diffo/v1/tasks/hold").body["held"] is True, "held after a restart")
            time.sleep(0.7)
            check(executor.asked == [], "held back after a restart")
            check(client.call("DELETE", "/diffo/v1/tasks/hold").body == {"held": False}, "let go")
            done = eventually(program.report, "done", lambda: tasks(client, "?state=done"))
            check(done[0]["attempts"] == 1, f"done: {done}")


def order_of_the_graph(program):
    """What others rely on comes first; removals the other way round; a cycle is one step."""
    check = program.report.check
    with Server(program.path) as server, Client(server.port) as client:
        def relate(identity, *ends):
            client.call("POST", SERVICES, {**service(identity, vlan=7), "serviceRelationship": [
                {"@type": "ServiceRelationship", "relationshipType": "reliesOn", "service": {"id": end, "@type": "ServiceRef"}}
                for end in ends]})
        relate("low")
        relate("middle", "low")
        relate("high", "middle")
        relate("one", "two")
        relate("two", "one")
        for name in ("high", "middle", "low", "one", "two"):
            expect(client, f"e{name}", name, "observe", {"vlan": 8})
        plan = client.call("GET", "/diffo/v1/plan").body["tasks"]
        steps = {task["step"]: task["target"]["id"] for task in plan}
        after = {task["target"]["id"]: [steps[step] for step in task["after"]] for task in plan}
        check(after == {"low": [], "middle": ["low"], "high": ["middle"], "one": [], "two": []}, f"order: {after}")
        for name in ("high", "middle", "low"):
            client.call("DELETE", f"/diffo/v1/expectations/e{name}")
            client.call("POST", "/diffo/v1/expectations", {"id": f"n{name}", "target": {"id": name}, "expect": {
                "serviceCharacteristic": {"$only": []}}})
        plan = client.call("GET", "/diffo/v1/plan?category=undesired").body["tasks"]
        steps = {task["step"]: task["target"]["id"] for task in plan}
        after = {task["target"]["id"]: [steps[step] for step in task["after"]] for task in plan}
        check(after == {"low": ["middle"], "middle": ["high"], "high": []}, f"order of removals: {after}")
        check(plan[0]["change"] == {"absent": ["serviceCharacteristic[vlan]"]}, f"a removal: {plan[0]['change']}")


def on_the_command_line(program):
    """diffo plan, decide push and tasks, in both forms."""
    check = program.report.check
    with Server(program.path) as server, Client(server.port) as client:
        url = ["--url", server.url]
        client.call("POST", SERVICES, service("a", vlan=7, mtu=1500))
        expect(client, "e", "a", "observe", {"vlan": 8, "mtu": {"$gte": 9000}}, executor="self")
        text = program.expect("a plan", 0, "plan", "--format", "text", *url, out="0. a  serviceCharacteristic[vlan].value  by self")
        check("1 task, 1 leaf that no task closes" in text and "no single value" in text, f"plan: {text}")
        plan = json.loads(program.expect("a plan as JSON", 0, "plan", *url))
        check(len(plan["tasks"]) == 1 == len(plan["unreachable"]), f"plan: {plan}")
        program.expect("a plan of a filter that is none", 2, "plan", "--filter", "colour=red", *url, error="colour")
        program.expect("no tasks", 0, "tasks", *url, out="")
        program.expect("hold", 0, "tasks", "hold", "--reason", "freeze", "--format", "text", *url, out="reason freeze")
        program.expect("a dry run", 0, "decide", "push", "--filter", "path=serviceCharacteristic[vlan]", "--dry-run", "--format", "text",
                       *url, out="would push 1 leaf")
        program.expect("a push", 0, "decide", "push", "--filter", "path=serviceCharacteristic[vlan]", "--reason", "now", "--format",
                       "text", *url, out="pushed 1 leaf, decision ")
        program.expect("a push of what cannot be", 2, "decide", "push", "--filter", "path=serviceCharacteristic[mtu]", *url,
                       error="no single value")
        rows = [json.loads(line) for line in program.expect("tasks", 0, "tasks", "--state", "queued", *url).splitlines()]
        check(len(rows) == 1 and rows[0]["reason"] == "now", f"tasks: {rows}")
        identity = rows[0]["id"]
        program.expect("details", 0, "tasks", "show", identity, "--format", "text", *url, out="precondition")
        program.expect("not to be approved", 2, "tasks", "approve", identity, *url, error="queued")
        program.expect("no id", 2, "tasks", "reject", *url, error="ids")
        program.expect("hold of one", 2, "tasks", "hold", "x", *url, error="takes no id")
        program.expect("a reason to resume", 2, "tasks", "resume", "--reason", "x", *url, error="of hold")
        program.expect("a state of one", 2, "tasks", "show", "x", "--state", "queued", *url, error="of list")
        program.expect("an odd id", 2, "tasks", "show", "a?b/c", *url, error="a?b/c")
        program.expect("a page of drift", 2, "drift", "--filter", "limit=1", *url, error="limit")
        program.expect("no such task", 2, "tasks", "show", "nobody", *url)
        program.expect("rejected", 0, "tasks", "reject", identity, "--format", "text", *url, out="cancelled")
        program.expect("resume", 0, "tasks", "resume", "--format", "text", *url, out="not held back")


PARTS = (act_closes, propose_waits, push_decides, few_may_wait, nothing_expects_it, hold_switch, order_of_the_graph, on_the_command_line)
