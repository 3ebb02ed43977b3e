"""Executors of every sort, and those that misbehave: what they are told, and what becomes of what they say."""
import http.server
import json
import threading
import time

from client import Client
from server import Server
from tasks import SECRET, SERVICES, Executor, change, eventually, expect, service, set_value, settings, tasks


def executors_misbehave(program):
    """Those that refuse, fail, hang, lie, flood and answer nonsense: said, bounded, and nothing else stops."""
    check = program.report.check
    ports, once = {}, set()

    def act(task):
        name = task["target"]["id"]
        if name == "refuses":
            return 422, b'\xfc no such port' + b"\xc3\xbc" * 400  # what is no text must not come out as one
        if name == "fails once" and name not in once:
            once.add(name)
            return 503
        if name == "hangs":
            time.sleep(30)
        if name == "floods":
            return 200, b"x" * 3_000_000
        if name == "lies":
            return 200
        if name == "accepts" or name == "forgets":
            return 202
        return change(ports["it"], task) and 200

    names = ("refuses", "fails once", "hangs", "floods", "lies", "accepts", "forgets", "obeys")
    with Executor(act) as executor:
        net = {"type": "http", "url": executor.url, "secret": SECRET, "timeout": "1s", "accepted": "2s"}
        arguments = settings(program.folder, {"net": net}, choose=[{"executor": "net"}],
                             bounds={"backOff": 1, "verify": 1, "attempts": 2})
        with Server(program.path, *arguments) as server, Client(server.port) as client:
            ports["it"] = server.port
            for name in names:
                client.call("POST", SERVICES, service(name, vlan=7))
                expect(client, f"e {name}", name, "act", {"vlan": 8})
            by_target = lambda: {task["target"]["id"]: task for task in tasks(client)}
            accepted = eventually(program.report, "accepted", lambda: by_target().get("accepts", {}).get("accepted")
                                  and by_target()["accepts"])
            path = "/diffo/v1/tasks/" + accepted["id"]
            check(change(server.port, accepted) == 200, "what was accepted is done")
            told = client.call("PATCH", path, {"state": "done"})
            check(told.status == 200 and told.body["state"] in ("verifying", "done"), f"told: {told.text}")
            check(client.call("PATCH", path, {"state": "running"}).status == 400, "a state that cannot be told")
            ended = lambda: all(task["state"] in ("done", "failed", "held") for task in by_target().values()) and by_target()
            found = eventually(program.report, "all ended", ended)
            states = {name: found[name]["state"] for name in names} if found else {}
            check(states == {"refuses": "failed", "fails once": "done", "hangs": "held", "floods": "held", "lies": "held",
                             "accepts": "done", "forgets": "held", "obeys": "done"}, f"states: {states}")
            check("no such port" in found["refuses"]["reason"], f"refuses: {found['refuses']['reason']}")
            check("does not show" in found["lies"]["reason"], f"lies: {found['lies']['reason']}")
            check(found["fails once"]["attempts"] == 2 and found["hangs"]["attempts"] == 2, "attempts")
            client.call("POST", f"/diffo/v1/tasks/{found['lies']['id']}/release")
            keys = lambda: [key for key, task in executor.asked if task["target"]["id"] == "lies"]
            eventually(program.report, "released", lambda: len(keys()) == 4)
            check(keys() == [f"{found['lies']['id']}-{number}" for number in (1, 2, 3, 4)], f"numbers: {keys()}")
            eventually(program.report, "held again", lambda: by_target()["lies"]["state"] == "held")
            asked = len(executor.asked)
            time.sleep(1.5)
            check(len(executor.asked) == asked, "what failed is tried for ever")


def nobody_is_chosen(program):
    with Server(program.path) as server, Client(server.port) as client:
        client.call("POST", SERVICES, service("a", vlan=7))
        client.call("POST", SERVICES, service("b", vlan=7))
        expect(client, "ea", "a", "act", {"vlan": 8})
        expect(client, "eb", "b", "act", {"vlan": 8}, executor="self")
        held = eventually(program.report, "held", lambda: tasks(client, "?state=held"))
        program.report.check("nobody is chosen" in held[0]["reason"], f"held: {held}")
        eventually(program.report, "our own record", lambda: tasks(client, "?state=done"))
        program.report.check(client.call("GET", f"{SERVICES}/b").body["serviceCharacteristic"][0]["value"] == 8, "self")


def commands(program):
    """A program gets the task on its standard input; its status says what came of it."""
    check = program.report.check
    script = program.folder / "apply"
    script.write_text("#!/bin/sh\ntask=$(cat)\ncase $task in *never*) echo 'not today'; exit 1;; *later*) exit 75;;\n"
                      "*sleeps*) sleep 60;; esac\necho \"$task\" >> " + str(program.folder / "ran") + "\n")
    quiet = program.folder / "quiet"  # says nothing from the beginning, and hears all of a large task
    quiet.write_text("#!/bin/sh\nexec > /dev/null 2>&1\nsleep 0.2\ncat >> " + str(program.folder / "ran") + "\n")
    for file in (script, quiet):
        file.chmod(0o755)
    arguments = settings(program.folder, {"net": {"type": "command", "command": [str(script)], "timeout": "1s"},
                                          "quiet": {"type": "command", "command": [str(quiet)], "timeout": "5s"}},
                         choose=[{"expectation": "equiet", "executor": "quiet"}, {"executor": "net"}], bounds={"backOff": 1, "verify": 1, "attempts": 2})
    with Server(program.path, *arguments) as server, Client(server.port) as client:
        for name in ("never", "later", "sleeps", "now", "quiet"):
            client.call("POST", SERVICES, service(name, vlan=7))
            expect(client, f"e{name}", name, "act", {"vlan": 8} if name != "quiet" else {"vlan": "8" * 200_000})
        by_target = lambda: {task["target"]["id"]: task for task in tasks(client)}
        found = eventually(program.report, "all ended", lambda: all(
            task["state"] in ("failed", "held") for task in by_target().values()) and by_target())
        check(found["never"]["state"] == "failed" and "not today" in found["never"]["reason"], f"{found['never']}")
        check(found["later"]["state"] == "held" and "took too long" in found["sleeps"]["reason"], f"{found['sleeps']}")
        ran = [json.loads(line) for line in (program.folder / "ran").read_text().splitlines()]
        check(sorted(task["target"]["id"] for task in ran) == ["now", "now", "quiet", "quiet"], f"ran: {str(ran)[:500]}")


class Orchestrator(http.server.BaseHTTPRequestHandler):
    """TMF640 and TMF641 as another system speaks them: what is asked for takes two looks to complete."""
    protocol_version = "HTTP/1.1"

    def answer(self, status, body, headers=()):
        body = json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def take(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append((self.command, self.path, body))
        return body

    def do_PATCH(self):
        self.take()
        self.answer(202, {}, [("Location", "http://elsewhere/x/monitor/m1")])

    def do_POST(self):
        self.take()
        self.answer(201, {"id": "o1", "state": "acknowledged"})

    def do_GET(self):
        self.server.looks[self.path] = self.server.looks.get(self.path, 0) + 1
        if "externalId" in self.path:
            return self.answer(200, [])
        self.answer(200, {"id": "x", "state": "completed" if self.server.looks[self.path] > 1 else "inProgress"})

    def log_message(self, *_):
        pass


def other_systems(program):
    check = program.report.check
    other = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Orchestrator)
    other.daemon_threads, other.seen, other.looks = True, [], {}
    threading.Thread(target=other.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{other.server_port}"
    executors = {"activate": {"type": "tmf640", "url": base + "/sac/v4"}, "order": {"type": "tmf641", "url": base + "/so/v4/"}}
    arguments = settings(program.folder, executors, choose=[{"expectation": "ea", "executor": "activate"},
                                                            {"family": "service", "executor": "order"}])
    with Server(program.path, *arguments) as server, Client(server.port) as client:
        for name in ("a", "b"):
            client.call("POST", SERVICES, service(name, vlan=7, mtu=1500))
            expect(client, f"e{name}", name, "act", {"vlan": 8})
        verifying = eventually(program.report, "both are done there", lambda: len(tasks(client, "?state=verifying")) == 2)
        seen = {method: (path, body) for method, path, body in other.seen}
        path, body = seen.get("PATCH", ("", {}))
        check(path == "/sac/v4/service/a" and [one["value"] for one in body["serviceCharacteristic"]] == [8, 1500], f"640: {body}")
        path, body = seen.get("POST", ("", {}))
        item = body["serviceOrderItem"][0]
        check(path == "/so/v4/serviceOrder" and item["action"] == "modify" and item["service"]["id"] == "b", f"641: {body}")
        check(verifying and other.looks.get("/sac/v4/monitor/m1") == 2 and other.looks.get("/so/v4/serviceOrder/o1") == 2,
              f"looks: {other.looks}")
        for name in ("a", "b"):
            set_value(client, name, "vlan", 8)
        eventually(program.report, "the network shows it", lambda: len(tasks(client, "?state=done")) == 2)
    other.shutdown()
    other.server_close()


PARTS = (executors_misbehave, nobody_is_chosen, commands, other_systems)
