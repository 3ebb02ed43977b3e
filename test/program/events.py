"""Events as their subscribers meet them: none missing and in order over kill -9 of either side, signed, parked, sent again."""
import collections
import contextlib
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time

SERVICES = "/tmf-api/serviceInventory/v5/service"
HUB = "/tmf-api/serviceInventory/v5/hub"
SECRET = "between us"
PATIENCE = 60  # seconds


class Listener(http.server.ThreadingHTTPServer):
    """Takes events, answering what `act(handler, event)` says; what came is in `events`."""
    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, act=lambda *_: 201, port=0, file=None):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self):
                self.text = self.rfile.read(int(self.headers["Content-Length"]))
                event = json.loads(self.text)
                status = self.server.act(self, event)
                with self.server.lock:
                    if status < 300:
                        self.server.events.append(event)
                        if file:
                            os.write(file, self.text + b"\n")  # before it is answered: it was taken
                self.send_response(status)
                self.send_header("Content-Length", "0")
                if status == 302:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", port), Handler)
        self.act, self.events, self.lock = act, [], threading.Lock()

    def handle_error(self, *_):
        pass

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/events"

    def of(self, what=lambda event: True):
        with self.lock:
            return [event for event in self.events if what(event)]

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


def listen_alone(port, file):
    """What the process of a subscriber does until it is killed."""
    with Listener(port=port, file=os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)):
        print("listening", flush=True)
        signal.pause()


if __name__ == "__main__":  # a subscriber that can be killed
    listen_alone(int(sys.argv[1]), sys.argv[2])

from client import Client, Unanswered  # noqa: E402
from server import Server  # noqa: E402
from tasks import eventually  # noqa: E402


def settings(folder, **bounds):
    file = folder / "hub.yaml"
    file.write_text(json.dumps({"callbacks": {"allow": ["127.0.0.0/8"]},
                                "bounds": {"backOff": "1s", "longestBackOff": "1s", "timeout": "2s", **bounds}}))
    return "--hub", str(file)


def subscribe(client, callback, **more):
    answer = client.call("POST", HUB, {"@type": "Hub", "callback": callback, **more})
    assert answer.status == 201, answer
    return answer.body["id"]


def create(client, identity):
    return client.call("POST", SERVICES, {"@type": "Service", "id": identity, "state": "active", "description": "0",
                                          "serviceSpecification": {"@type": "ServiceSpecificationRef", "id": "1"}}).status


def describe(client, identity, text):
    return client.call("PATCH", f"{SERVICES}/{identity}", {"@type": "Service", "description": text}).status


def delivery(client, identity):
    return client.call("GET", f"/diffo/v1/hubs/{identity}").body


def entity(event):
    return event["event"]["service"]["id"]


def committed(client, behind):
    """(sequence, id) of all changes of services behind a commit, as the journal has them."""
    changes, start = [], behind + 1
    while True:
        page = client.call("GET", f"/diffo/v1/journal?from={start}&limit=500").body
        changes += [(entry["sequence"], change["id"]) for entry in page for change in entry["changes"]
                    if change["family"] == "service"]
        if not page:
            return changes
        start = page[-1]["sequence"] + 1


class Writers:
    """Threads that change services without end, each its own, whatever becomes of the server."""

    def __init__(self, server, count):
        self.server, self.stopping = server, threading.Event()
        self.threads = [threading.Thread(target=self.write, args=(f"s{number}",), daemon=True) for number in range(count)]

    def write(self, identity):
        number = 0
        while not self.stopping.is_set():
            try:
                with Client(self.server.port, 10) as client:
                    while not self.stopping.is_set():
                        number += 1
                        describe(client, identity, str(number))
            except (Unanswered, OSError):
                time.sleep(0.05)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join(30)


class KilledListener:
    """A subscriber in a process of its own."""

    def __init__(self, file):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.file, self.process = file, None

    def start(self):
        self.process = subprocess.Popen([sys.executable, pathlib.Path(__file__).resolve(), str(self.port), str(self.file)],
                                        stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def events(self):
        """What was taken; a line that the kill has cut was not."""
        lines = self.file.read_bytes().split(b"\n")[:-1]
        return [json.loads(line) for line in lines]


def none_missing(program):
    """Subscriber and server are killed in turn while everybody writes: no event of any commit is missing, and of each
    entity they come in order."""
    report = program.report
    listener = KilledListener(program.folder / "taken")
    listener.start()
    with Server(program.path, *settings(program.folder)) as server:
        with Client(server.port) as client:
            for number in range(6):
                create(client, f"s{number}")
            hub = subscribe(client, f"http://127.0.0.1:{listener.port}/events")
            behind = delivery(client, hub)["cursor"]
        with Writers(server, 6):
            for kill in "lslsbs":
                time.sleep(0.7)
                if kill in "lb":
                    listener.kill()
                if kill in "sb":
                    server.stop(signal.SIGKILL)
                    server.start()
                time.sleep(0.3)
                if kill in "lb":
                    listener.start()
        with Client(server.port) as client:
            eventually(report, "all is told", lambda: delivery(client, hub)["lag"] == 0)
            told = listener.events()
            expected = committed(client, behind)
    listener.kill()
    first = collections.OrderedDict()
    for event in told:
        first.setdefault((event["@sequence"], entity(event)), event["eventId"])
    report.check(len(expected) > 100, f"only {len(expected)} commits")
    missing = set(expected) - set(first)
    report.check(not missing, f"{len(missing)} events of {len(expected)} are missing: {sorted(missing)[:5]}")
    report.check(set(first) <= set(expected), f"told of what was not committed: {sorted(set(first) - set(expected))[:5]}")
    report.check(all(first[(event["@sequence"], entity(event))] == event["eventId"] for event in told),
                 "an event that is told again has another id")
    order = collections.defaultdict(list)
    for sequence, identity in first:
        order[identity].append(sequence)
    report.check(all(sequences == sorted(sequences) for sequences in order.values()), "events of one entity in another order")
    repeated = len(told) - len(first)
    report.check(repeated < len(told) / 2, f"{repeated} of {len(told)} events were told twice")


def hanging_subscriber(program):
    """One that takes connections and never answers keeps neither the API nor another subscriber waiting."""
    report, never = program.report, threading.Event()
    with Listener(lambda *_: never.wait(PATIENCE) and 201) as hanging, Listener() as fast, \
            Server(program.path, *settings(program.folder, timeout="5s")) as server, Client(server.port) as client:
        hangs = subscribe(client, hanging.url)
        subscribe(client, fast.url)
        slowest = 0
        for number in range(300):
            begin = time.monotonic()
            create(client, f"h{number}")
            slowest = max(slowest, time.monotonic() - begin)
        eventually(report, "the other one is told", lambda: len(fast.of()) == 300, 4)
        report.check(slowest < 3, f"a request took {slowest:.1f} s")
        state = eventually(report, "it is tried again", lambda: (s := delivery(client, hangs))["state"] == "retrying" and s, 20)
        report.check(state["cursor"] < 4 and state["lag"] > 290, f"how far it is: {state}")
        never.set()
        eventually(report, "what hung goes on", lambda: len({entity(event) for event in hanging.of()}) == 300)


def parked_and_resumed(program):
    """Who takes nothing for too long is parked, says why, goes on when somebody says so, and is sent again what he asks for."""
    report = program.report
    refuses = threading.Event()
    refuses.set()
    with Listener(lambda *_: 503 if refuses.is_set() else 204) as listener, \
            Server(program.path, *settings(program.folder, parkAfter="2s")) as server, Client(server.port) as client:
        hub = subscribe(client, listener.url)
        for number in range(20):
            create(client, f"p{number}")
        state = eventually(report, "parked", lambda: (s := delivery(client, hub))["state"] == "parked" and s)
        report.check("503" in state["reason"] and "parkedAt" in state, f"why: {state}")
        server.stop(signal.SIGKILL)
        server.start()
        refuses.clear()
        with Client(server.port) as again:
            report.check(delivery(again, hub)["state"] == "parked", "parked over a crash")
            report.check(not listener.of(), "nothing is sent meanwhile")
            url = server.url
            program.expect("list", 0, "hub", "--url", url, "--format", "text", out="parked")
            program.expect("resume", 0, "hub", "resume", hub, "--url", url, "--format", "text", out=hub)
            eventually(report, "told after all", lambda: len(listener.of()) == 20)
            report.check([entity(event) for event in listener.of()] != [] and
                         {entity(event) for event in listener.of()} == {f"p{number}" for number in range(20)}, "who")
            eventually(report, "it is up to date", lambda: delivery(again, hub)["state"] == "current")
            program.expect("resend", 0, "hub", "resend", hub, "--from", "1", "--url", url)
            eventually(report, "told again", lambda: len(listener.of()) == 40)
            program.expect("park", 0, "hub", "park", hub, "--reason", "moved", "--url", url, "--format", "text", out="moved")
            create(again, "late")
            program.expect("show", 0, "hub", "show", hub, "--url", url, out='"lag":')
            program.expect("what does not fit", 2, "hub", "list", hub, "--url", url)
            program.expect("without a place to begin", 2, "hub", "resend", hub, "--url", url)
            program.expect("of nobody", 2, "hub", "show", "nobody", "--url", url)
            report.check(len(listener.of()) == 40, "parked by hand, nothing is sent")


def told_of_gaps(program):
    """What the retention dropped before a parked subscriber saw it is said, never hidden."""
    report = program.report
    with Listener() as listener, Server(program.path, "--keep-entries", "50", *settings(program.folder)) as server:
        with Client(server.port) as client:
            hub = subscribe(client, listener.url)
            client.call("POST", f"/diffo/v1/hubs/{hub}/park", {"reason": "test"})
            create(client, "g")
            for number in range(3000):
                describe(client, "g", str(number + 1))
            state = eventually(report, "a gap shows while it is parked",
                               lambda: (s := delivery(client, hub)).get("gaps") and s)
            report.check(state["gaps"][0]["from"] == state["cursor"] + 1, f"the gap: {state}")
        server.stop()  # until then the newest commits are in memory, too
        server.start()
        with Client(server.port) as client:
            refused = client.call("POST", f"/diffo/v1/hubs/{hub}/resend", {"from": 1})
            report.check(refused.status == 410 and "not kept" in refused.body["message"], f"from what is gone: {refused}")
            client.call("POST", f"/diffo/v1/hubs/{hub}/resume")
            last = eventually(report, "told of the rest", lambda: listener.of(
                lambda event: event["event"]["service"]["description"] == "3000"))
            state = eventually(report, "up to date", lambda: (s := delivery(client, hub))["state"] == "current" and s)
            first = min(event["@sequence"] for event in listener.of())
            report.check(state.get("gaps", [{}])[-1].get("to") == first - 1, f"told from {first} on, gaps {state.get('gaps')}")
            report.check(len(listener.of()) == last[0]["@sequence"] - first + 1, "none is missing behind the gap")


def behind_together(program):
    """Subscribers who are told again what is no more in memory, from different places on, each get all of it."""
    report = program.report
    with contextlib.ExitStack() as held:
        listeners = [held.enter_context(Listener()) for _ in range(3)]
        server = held.enter_context(Server(program.path, *settings(program.folder)))
        with Client(server.port) as client:
            hubs = [subscribe(client, listener.url) for listener in listeners]
            for number in range(4):
                create(client, f"b{number}")
            for number in range(200):
                describe(client, f"b{number % 4}", str(number + 1))
            eventually(report, "told once", lambda: all(len(listener.of()) >= 204 for listener in listeners))
        server.stop()
        server.start()
        with Client(server.port) as client:
            eventually(report, "up to date", lambda: all(delivery(client, hub)["state"] == "current" for hub in hubs))
            for listener in listeners:
                listener.events.clear()
            starts = (1, 90, 20)
            for hub, start in zip(hubs, starts):
                client.call("POST", f"/diffo/v1/hubs/{hub}/resend", {"from": start})
            for listener, start in zip(listeners, starts):
                wanted = collections.Counter(committed(client, start - 1))
                told = eventually(report, f"told again from {start} on", lambda listener=listener, wanted=wanted: (
                    events := listener.of()) and len(events) >= wanted.total() and events)
                report.check(collections.Counter((event["@sequence"], entity(event)) for event in told) == wanted, f"all from {start} on, once")
                for name in {entity(event) for event in told}:
                    order = [event["@sequence"] for event in told if entity(event) == name]
                    report.check(order == sorted(order), f"{name} in order from {start} on")


def told_of_new_kinds(program):
    """What a model declares while the server runs is in the events of what it makes from then on."""
    report = program.report
    with Listener() as listener, Server(program.path, *settings(program.folder)) as server, Client(server.port) as client:
        subscribe(client, listener.url)
        create(client, "before")
        eventually(report, "told of what was there", lambda: len(listener.of()) == 1)
        put = client.call("PUT", "/diffo/v1/models/Late", {"domain": "Late", "kinds": {"Late": {
            "half": "service", "specification": {"id": "22222222-2222-4222-8222-222222222222", "name": "late"},
            "attributes": {"wavelengthOfTheLaser": "integer"}}}})
        report.check(put.status in (200, 201), f"a model: {put}")
        made = client.call("POST", SERVICES, {
            "@type": "Service", "id": "33333333-3333-4333-8333-333333333333", "state": "active", "wavelengthOfTheLaser": 1550,
            "serviceSpecification": {"@type": "ServiceSpecificationRef", "id": "22222222-2222-4222-8222-222222222222"}})
        report.check(made.status == 201, f"one of it: {made}")
        told = eventually(report, "told of it", lambda: listener.of(lambda event: entity(event).startswith("3333")))
        report.check(told and told[0]["event"]["service"].get("wavelengthOfTheLaser") == 1550, f"with all it has: {told}")


def what_is_sent(program):
    """Envelope, signature, listener's path; redirects are not followed, and where a name leads counts."""
    report, seen = program.report, []

    def act(handler, _):
        signed = handler.headers.get("X-Diffo-Timestamp", "").encode() + b"." + handler.text
        right = "sha256=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        seen.append((handler.path, handler.headers.get("X-Diffo-Signature") == right))
        return 302 if handler.path.startswith("/moved") else 201

    with Listener(act) as listener, Server(program.path, *settings(program.folder)) as server, Client(server.port) as client:
        root = f"http://127.0.0.1:{listener.server_port}"
        hub = subscribe(client, root + "/signed?token=1", **{"@secret": SECRET, "@listener": True})
        subscribe(client, root + "/states", query="eventType=ServiceStateChangeEvent&event.service.state=terminated"
                                                  "&fields=event.service.state")
        moved = subscribe(client, root + "/moved", query="eventType=ServiceDeleteEvent")
        expected = subscribe(client, root + "/expected", query="event.service.id=e")
        create(client, "a")
        client.call("POST", SERVICES, {"@type": "Service", "id": "e", "which": "expected", "state": "active",
                                       "serviceSpecification": {"@type": "ServiceSpecificationRef", "id": "1"}})
        client.call("PATCH", f"{SERVICES}/a", {"@type": "Service", "state": "terminated", "description": "over"})
        client.call("DELETE", f"{SERVICES}/a")
        state = eventually(report, "a redirect is no success",
                           lambda: "302" in (s := delivery(client, moved)).get("lastError", "") and s)
        report.check(state["state"] == "retrying", f"{state}")
        for one in (hub, expected):
            eventually(report, "all is told", lambda: delivery(client, one)["lag"] == 0)
        paths = [path for path, _ in seen]
        report.check("/elsewhere" not in paths and "/expected" not in paths, f"asked were {paths}")
        report.check([seen_one for seen_one in seen if seen_one[0].startswith("/signed")] ==
                     [(f"/signed/listener/service{name}Event?token=1", True)
                      for name in ("Create", "StateChange", "AttributeValueChange", "Delete")], f"signed: {seen}")
        [narrow] = listener.of(lambda event: "title" not in event)
        report.check(narrow["event"]["service"].keys() == {"id", "href", "@type", "state"}, f"narrow: {narrow}")
        [state] = listener.of(lambda event: event["eventType"] == "ServiceStateChangeEvent" and "title" in event)
        report.check(state["event"]["@before"] == {"state": "active"} and state["correlationId"] == f"PATCH {SERVICES}/a",
                     f"state: {state}")
        client.call("DELETE", f"{HUB}/{hub}")
        create(client, "b")
        eventually(report, "others go on", lambda: delivery(client, expected)["lag"] == 0)
        report.check(len([path for path, _ in seen if path.startswith("/signed")]) == 4, "who left is told nothing more")
    with Server(program.path) as server, Client(server.port) as client:
        name = socket.gethostname()  # leads into no public network, which nobody sees before a connection is made
        hub = client.call("POST", HUB, {"@type": "Hub", "callback": f"http://{name}.:{listener.server_port}/x"})
        create(client, "c")
        if hub.status == 201:
            eventually(report, "where the name leads is not allowed",
                       lambda: delivery(client, hub.body["id"]).get("lastError"))


def topics_and_neighbours(program):
    """A topic tells later what its subscribers were sent; a neighbour's hub tells of its own entities alone."""
    report, paths = program.report, []

    def act(handler, _):
        paths.append(handler.path)
        return 201

    def names(path):
        return [event["eventType"] for event in listener.of() if event["@path"] == path]

    def keep_path(handler, event):
        event["@path"] = handler.path.split("/")[1]
        return act(handler, event)

    with Listener(keep_path) as listener, Server(program.path, *settings(program.folder)) as server, Client(server.port) as client:
        root, topic, party = f"http://127.0.0.1:{listener.server_port}", "/tmf-api/event/v4/topic", "/tmf-api/party/v4"
        for made in (client.call("POST", topic, {"id": "t", "headerQuery": "domain=party,serviceInventory"}),
                     client.call("POST", f"{topic}/t/hub", {"callback": root + "/topic", "query": "eventType.ne=ServiceDeleteEvent"}),
                     client.call("POST", f"{party}/hub", {"callback": root + "/party", "@listener": True})):
            report.check(made.status == 201, f"made: {made}")
        create(client, "a")
        describe(client, "a", "1")
        client.call("POST", f"{party}/organization", {"id": "o", "tradingName": "O"})
        client.call("PATCH", f"{party}/organization/o", {"status": "validated", "isLegalEntity": True})
        client.call("POST", "/tmf-api/geographicSiteManagement/v4/geographicSite", {"id": "s"})
        client.call("DELETE", f"{SERVICES}/a")
        client.call("DELETE", f"{party}/organization/o")
        for hub in client.call("GET", "/diffo/v1/hubs").body:
            eventually(report, "all is told", lambda one=hub["id"]: delivery(client, one)["lag"] == 0)
        of_party = [f"Organization{what}Event" for what in ("Create", "StateChange", "AttributeValueChange", "Delete")]
        report.check(names("party") == of_party, f"the hub of parties: {names('party')}")
        report.check([path for path in paths if path.startswith("/party")] ==
                     [f"/party/listener/o{name[1:]}" for name in of_party], f"listeners: {paths}")
        report.check(sorted(names("topic")) == sorted(["ServiceCreateEvent", "ServiceAttributeValueChangeEvent", *of_party]),
                     f"the topic: {names('topic')}")
        told = {event["eventId"]: {name: value for name, value in event.items() if name != "@path"}
                for event in listener.of(lambda event: event["@path"] == "topic")}
        history = client.call("GET", f"{topic}/t/event?eventType.ne=ServiceDeleteEvent").body
        report.check({event["eventId"]: event for event in history} == told, f"what is told later: {history}")
        newest_first = client.call("GET", f"{topic}/t/event?eventType.ne=ServiceDeleteEvent&sort=-eventTime").body
        report.check(newest_first == history[::-1], f"the newest first: {newest_first}")


PARTS = (none_missing, hanging_subscriber, parked_and_resumed, told_of_gaps, behind_together, told_of_new_kinds, what_is_sent,
         topics_and_neighbours)
