#!/usr/bin/env python3
"""A simulated network for the loop of this folder: the fabric of seed.yaml, as it is.

    network.py [--server URL] [--listen HOST:PORT] [--secret TEXT] [--every SECONDS] [--drifts N] [--seed N] [--interval SECONDS]

It tells the server every second what it sees of itself (POST /diffo/v1/observations), does the tasks that the server sends to
http://127.0.0.1:8099/tasks, and from time to time something in it changes that nobody has asked for: at a key press where standard
input is a terminal, and every so many seconds with --every. --drifts N ends it after so many, when all of it is set right: with 0
then, with 1 when that takes too long. What happens is printed in plain words.
"""
import argparse
import hashlib
import hmac
import http.client
import http.server
import json
import os
import queue
import random
import select
import sys
import threading
import time
import urllib.parse

SETTABLE = {"switch": ("mtu", "asn", "admin_state", "static_route"), "link": ("status",)}
LONGEST_BODY = 1 << 20
OLDEST_TASK = 300  # seconds: an older one is somebody's record of it
LONGEST_REPAIR = 120  # seconds, for --drifts


def built():
    """The fabric as seed.yaml has it: (kind, name) to its characteristics."""
    fabric = {}

    def switch(name, role, asn):
        fabric["switch", name] = {"role": role, "asn": asn, "mtu": 9100, "admin_state": "up"}

    for up in (1, 2):
        switch(f"super-{up}", "super_spine", 65000 + up - 1)
    for pod in (1, 2):
        for spine in (1, 2):
            switch(f"spine-{pod}-{spine}", "spine", 65000 + 100 * pod)
        for leaf in (1, 2, 3):
            switch(f"leaf-{pod}-{leaf}", "leaf", 65000 + 100 * pod + leaf)
            for spine in (1, 2):
                fabric["link", f"leaf-{pod}-{leaf} to spine-{pod}-{spine}"] = {"status": "up"}
        for spine in (1, 2):
            for up in (1, 2):
                fabric["link", f"spine-{pod}-{spine} to super-{up}"] = {"status": "up"}
    return fabric


class Voice:
    """Prints lines of several threads, with the time since the start."""

    def __init__(self):
        self.start, self.lock = time.monotonic(), threading.Lock()

    def say(self, who, text):
        seconds = int(time.monotonic() - self.start)
        with self.lock:
            print(f"{seconds // 60:02}:{seconds % 60:02}  {who:<8}  {text}", flush=True)


class Fabric:
    """What there is. Any thread."""

    def __init__(self, seed):
        self.things, self.lock, self.random = built(), threading.Lock(), random.Random(seed)
        self.drifted = {}  # (kind, name, characteristic) to what it was; None: it was not there

    def observation(self):
        """Lines: the head, each thing as it is, the end."""
        lines = [{"source": "fabric"}]
        with self.lock:
            for (kind, name), values in self.things.items():
                item = {"match": {"name": name, "kind": kind},
                        "set": {"resourceCharacteristic": [{"name": key, "value": value} for key, value in values.items()]}}
                if kind == "switch" and "static_route" not in values:
                    item["absent"] = ["resourceCharacteristic[static_route]"]
                lines.append(item)
        lines.append({"end": len(lines) - 1})
        return "".join(json.dumps(line) + "\n" for line in lines)

    def drift(self):
        """Changes something that is as it was built. What was done, in words; None when everything has drifted."""
        with self.lock:
            sound = [thing for thing in self.things if not any(thing == place[:2] for place in self.drifted)]
            if not sound:
                return None
            kind = self.random.choice(sorted({kind for kind, _ in sound}))
            kind, name = thing = self.random.choice([one for one in sound if one[0] == kind])
            values = self.things[thing]
            key, value, words = ("status", "down", f"somebody takes the link {name} down") if kind == "link" else self.random.choice([
                ("mtu", self.random.choice([1500, 9000]), f"somebody sets the mtu of {name}"),
                ("asn", self.random.randint(64512, 64999), f"somebody gives {name} another AS number"),
                ("admin_state", "down", f"somebody shuts {name} down"),
                ("static_route", "10.0.0.0/8 via 192.0.2.1", f"somebody types a static route into {name}")])
            self.drifted[kind, name, key] = values.get(key)
            values[key] = value
            return f"{words}: {key} is {json.dumps(value)}"

    def carry_out(self, task):
        """Does what a task says. What was done, in words; raises KeyError or ValueError for what cannot be done."""
        change, name = task.get("change", {}), task["target"]["name"]
        wanted = {item["name"]: item["value"] for item in change.get("set", {}).get("resourceCharacteristic", [])}
        wanted.update({address.partition("[")[2].partition("]")[0]: None for address in change.get("absent", [])})
        kind = next((kind for kind, known in self.things if known == name), None)
        # All of it or nothing.
        if kind is None or not wanted or any(key not in SETTABLE[kind] for key in wanted):
            raise ValueError(f"{name} has not all of {', '.join(wanted)}")
        with self.lock:
            values = self.things[kind, name]
            for key, value in wanted.items():
                if value is None:
                    values.pop(key, None)
                else:
                    values[key] = value
                self.drifted.pop((kind, name, key), None)
        return ", ".join(f"{key} is gone" if value is None else f"{key} is {json.dumps(value)} again" for key, value in wanted.items())

    def open_drifts(self):
        with self.lock:
            return len(self.drifted)


class Tasks(http.server.BaseHTTPRequestHandler):
    """POST /tasks, as an executor of type http sends them (docs/guide/loop.md)."""
    protocol_version = "HTTP/1.1"
    timeout = 30
    network = None  # set by serve()

    def do_POST(self):
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LONGEST_BODY:
            return self.answer(413, "a task has a length, of at most 1 MiB")
        body = self.rfile.read(int(length))
        if self.path != "/tasks":
            return self.answer(404, "there is nothing but /tasks")
        if not self.is_signed(body):
            return self.answer(401, "the signature is not ours")
        try:
            return self.answer(*self.network.take(json.loads(body), self.headers.get("X-Diffo-Task", "")))
        except (ValueError, KeyError, TypeError, AttributeError, StopIteration) as problem:
            self.network.voice.say("network", f"a task that cannot be done: {problem!r}")
            return self.answer(422, f"that cannot be done: {problem!r}")

    def is_signed(self, body):
        moment = self.headers.get("X-Diffo-Timestamp", "")
        if not moment.isdigit() or abs(time.time() - int(moment)) > OLDEST_TASK:
            return False
        wanted = hmac.new(self.network.secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(f"sha256={wanted}", self.headers.get("X-Diffo-Signature", ""))

    def answer(self, status, text):
        body = json.dumps({"message": text}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Network:
    def __init__(self, options):
        self.fabric, self.voice = Fabric(options.seed), Voice()
        self.server, self.secret, self.interval = urllib.parse.urlsplit(options.server), options.secret, options.interval
        self.done = {}  # task and attempt to what was done; one that comes again is not done again
        self.one_task = threading.Lock()
        self.names = {}  # id to name, of what leaves are about
        self.stopped, self.seen_open = threading.Event(), {}
        self.problems = set()

    def call(self, method, path, body=None, kind="application/json"):
        connection = http.client.HTTPConnection(self.server.hostname, self.server.port or 80, timeout=10)
        try:
            connection.request(method, path, body.encode() if body else None, {"Content-Type": kind} if body else {})
            answer = connection.getresponse()
            text = answer.read().decode()
            return answer.status, json.loads(text) if text else None
        finally:
            connection.close()

    def complain_once(self, text):
        if text not in self.problems:
            self.problems.add(text)
            self.voice.say("network", text)

    def take(self, task, identity):
        """Does a task once. Status and text of the answer."""
        key = identity, task.get("attempt")
        if not identity or task.get("id") != identity:
            return 400, "X-Diffo-Task is not the id of the task"
        with self.one_task:
            if key in self.done:
                return 200, f"it was done before: {self.done[key]}"
            name = task["target"]["name"]
            self.voice.say("task", f"{name}: {self.wanted(task)}")
            self.done[key] = self.fabric.carry_out(task)
            self.voice.say("network", f"{name}: {self.done[key]}")
            return 200, self.done[key]

    @staticmethod
    def wanted(task):
        change = task.get("change", {})
        words = [f"set {item.get('name')} to {json.dumps(item.get('value'))}" for item in change.get("set", {}).get("resourceCharacteristic", [])]
        return ", ".join(words + [f"take {address} away" for address in change.get("absent", [])]) or json.dumps(change)

    def observe(self):
        """Tells what there is, until it ends."""
        while not self.stopped.wait(self.interval):
            try:
                status, answer = self.call("POST", "/diffo/v1/observations", self.fabric.observation(), "application/x-ndjson")
                refused = [one for one in (answer or {}).get("outcomes", []) if one.get("outcome") in ("rejected", "conflicting")]
                if status != 200 or refused:
                    self.complain_once(f"the server does not take what is seen: {status} {json.dumps(refused[:1] or answer)}")
            except (OSError, http.client.HTTPException, ValueError) as problem:
                self.complain_once(f"the server is not there ({problem}); trying again")

    def name_of(self, target):
        identity = target.get("id", "")
        if identity not in self.names:
            _, found = self.call("GET", "/tmf-api/resourceInventoryManagement/v5/resource/" + urllib.parse.quote(identity, safe="") + "?fields=name")
            self.names[identity] = (found or {}).get("name", identity)
        return self.names[identity]

    def watch(self):
        """Tells which leaves open and close, as the server's stream says."""
        last = ""
        while not self.stopped.is_set():
            connection = http.client.HTTPConnection(self.server.hostname, self.server.port or 80, timeout=60)
            try:
                connection.request("GET", "/diffo/v1/stream?events=leaf", headers={"Last-Event-ID": last} if last else {})
                answer = connection.getresponse()
                event = {}
                while (line := answer.readline().decode()) and not self.stopped.is_set():
                    field, _, value = line.rstrip("\n").partition(": ")
                    if field in ("id", "event", "data"):
                        event[field] = value
                    elif not line.strip():
                        last = event.get("id", last)
                        if event.get("event") == "leaf":
                            self.tell(json.loads(event["data"]))
                        event = {}
            except (OSError, http.client.HTTPException, ValueError):
                pass
            finally:
                connection.close()
            self.stopped.wait(1)

    def tell(self, leaf):
        change, target = leaf.get("change"), self.name_of(leaf.get("target", {}))
        place = f"{target}: {leaf.get('address')} ({leaf.get('expectation')})"
        if change in ("opened", "stands") and leaf.get("id") not in self.seen_open:
            self.seen_open[leaf.get("id")] = True
            is_said = "expected" in leaf and not isinstance(leaf["expected"], dict)
            self.voice.say("leaf", f"opened  {place}: " + (f"expected {json.dumps(leaf['expected'])}, is {json.dumps(leaf.get('actual'))}"
                                                           if is_said else f"not expected, is {json.dumps(leaf.get('actual'))}"))
        elif change == "closed":
            self.seen_open.pop(leaf.get("id"), None)
            self.voice.say("leaf", f"closed  {place}")

    def outstanding(self):
        status, leaves = self.call("GET", "/diffo/v1/leaves?outstanding=true")
        return len(leaves) if status == 200 else None

    def serve(self, listen):
        host, _, port = listen.rpartition(":")
        handler = type("OurTasks", (Tasks,), {"network": self})
        server = http.server.ThreadingHTTPServer((host, int(port)), handler)
        server.daemon_threads = True
        for work in (server.serve_forever, self.observe, self.watch):
            threading.Thread(target=work, daemon=True).start()
        switches = sum(kind == "switch" for kind, _ in self.fabric.things)
        self.voice.say("network", f"{switches} switches and {len(self.fabric.things) - switches} links; tasks are taken on "
                       f"http://{host}:{server.server_port}/tasks")

    def wait_for_server(self):
        """Until everything is evaluated and nothing is outstanding, so that what comes then came by drift."""
        while True:
            try:
                if self.outstanding() == 0:
                    return
            except (OSError, http.client.HTTPException, ValueError):
                pass
            time.sleep(0.5)

    def drift(self):
        words = self.fabric.drift()
        self.voice.say("drift", words or "everything has drifted already")
        return words is not None

    def all_repaired(self):
        """Whether in time nothing is drifted and nothing outstanding; the leaves of the last drift may not have opened yet."""
        end = time.monotonic() + LONGEST_REPAIR
        while time.monotonic() < end:
            if self.fabric.open_drifts() == 0 and self.outstanding() == 0:
                return True
            time.sleep(0.3)
        return False


def keys():
    """Puts each key that is pressed into the queue that it gives."""
    pressed = queue.Queue()
    if not sys.stdin.isatty():
        return pressed
    import termios
    import tty
    before = termios.tcgetattr(sys.stdin)
    tty.setcbreak(sys.stdin)

    def read():
        while True:
            if select.select([sys.stdin], [], [], 0.5)[0]:
                pressed.put(os.read(sys.stdin.fileno(), 1))

    threading.Thread(target=read, daemon=True).start()
    pressed.restore = lambda: termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
    return pressed


def run(network, options, pressed):
    network.wait_for_server()
    network.voice.say("network", "everything is as it is expected; " + (
        f"something changes every {options.every:g} s" if options.every else "press a key to change something, q to end"))
    drifts = 0
    while not options.drifts or drifts < options.drifts:
        try:
            key = pressed.get(timeout=options.every or None)
            if key in (b"q", b"\x04"):
                return 0
        except queue.Empty:
            pass
        drifts += network.drift()
    if network.all_repaired():
        network.voice.say("network", f"{drifts} drifts, all set right")
        return 0
    network.voice.say("network", f"after {LONGEST_REPAIR} s not all is set right: {network.fabric.drifted}")
    return 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", default="http://127.0.0.1:8080", help="URL of the server")
    parser.add_argument("--listen", default="127.0.0.1:8099", help="where tasks are taken, as executors.yaml says")
    parser.add_argument("--secret", default="not much of a secret", help="that of executors.yaml")
    parser.add_argument("--every", type=float, default=0, help="seconds between drifts (default: a key press)")
    parser.add_argument("--drifts", type=int, default=0, help="end after so many, when all are set right (default: never)")
    parser.add_argument("--seed", type=int, help="of the random drifts")
    parser.add_argument("--interval", type=float, default=1, help="seconds between observations")
    options = parser.parse_args()
    network, pressed = Network(options), keys()
    if not sys.stdin.isatty() and not options.every:
        options.every = 10
    try:
        network.serve(options.listen)
        return run(network, options, pressed)
    except KeyboardInterrupt:
        return 0
    finally:
        network.stopped.set()
        getattr(pressed, "restore", lambda: None)()


if __name__ == "__main__":
    sys.exit(main())
