#!/usr/bin/env python3
"""Many writers ask one pool at once. At the end nothing was handed out twice and nothing is lost.

    diffo serve --data /tmp/hammer --listen 127.0.0.1:8080 &
    examples/hammer/pool.py http://127.0.0.1:8080 --writers 64 --operations 10000

Each writer is an instance that takes ports of one switch and gives them back, at random. It repeats what was not answered, after a fall
of the server too, under the same Idempotency-Key: so it always knows what it has. Closes with one line and exit status 0 or 1.
Nothing but Python is needed.
"""
import argparse
import http.client
import json
import pathlib
import random
import sys
import threading
import time
import urllib.parse
import uuid

MODEL = pathlib.Path(__file__).resolve().parent / "switch.yaml"
MOST_HELD = 20  # by one writer


class Refused(Exception):
    """The server said no, and why."""


class Line:
    """One connection that is made again when it breaks. `where` gives host and port, anew each time."""

    def __init__(self, where, patience):
        self.where, self.patience, self.connection = where, patience, None

    def once(self, method, target, body, headers):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(*self.where(), timeout=30)
        self.connection.request(method, target, body, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read().decode(), answer.headers

    def ask(self, method, target, document=None, kind="application/json"):
        """Status and document. Writes carry a key, so that to repeat one is not to do it twice."""
        headers, body = {"Idempotency-Key": str(uuid.uuid4())} if method != "GET" else {}, None
        if document is not None:
            body = (document if isinstance(document, str) else json.dumps(document)).encode()
            headers["Content-Type"] = kind
        end = time.monotonic() + self.patience
        while True:
            try:
                status, text, found = self.once(method, target, body, headers)
                if status != 503:
                    return status, json.loads(text) if text else None, found
            except (OSError, http.client.HTTPException) as problem:
                self.connection.close()
                self.connection, text = None, repr(problem)
            if time.monotonic() > end:
                raise Refused(f"{method} {target}: {text}")
            time.sleep(0.05)


class Hammer:
    """Thread rule: run() starts its own; everything else is one thread's."""

    def __init__(self, where, writers, operations, seed, patience=60):
        self.where, self.writers, self.operations, self.seed, self.patience = where, writers, operations, seed, patience
        self.lock, self.owner = threading.Lock(), {}  # value: the writer that has it
        self.done, self.full, self.problems = 0, 0, []
        self.line = Line(where, patience)
        self.switch = str(uuid.uuid4())
        self.users = [str(uuid.uuid4()) for _ in range(writers)]

    def must(self, wanted, method, target, document=None, kind="application/json"):
        status, found, headers = self.line.ask(method, target, document, kind)
        if status not in wanted:
            raise Refused(f"{method} {target}: {status} {found}")
        return found, headers

    def set_up(self):
        self.must((201, 409), "POST", "/diffo/v1/models", MODEL.read_text(), "application/yaml")
        for identity in [self.switch, *self.users]:
            self.must((201,), "POST", "/diffo/v1/kinds/Switch/actions/build", {"id": identity})
        self.must((200,), "POST", f"/diffo/v1/instances/{self.switch}/actions/lifecycle", {"lifecycleState": "installed"})

    def assign(self, line, assignment):
        return line.ask("POST", f"/diffo/v1/instances/{self.switch}/actions/assign_port", {"assignment": assignment})

    def take(self, line, user, held):
        status, found, _ = self.assign(line, {"assigneeId": user})
        if status == 409:
            with self.lock:
                self.full += 1
            return
        if status != 200:
            raise Refused(f"assign: {status} {found}")
        value = found["value"]
        with self.lock:
            other = self.owner.setdefault(value, user)
            if other != user or value in held:
                self.problems.append(f"port {value} was handed out twice: to {other} and {user}")
        held.append(value)

    def give_back(self, line, user, held, which):
        value = held.pop(which)
        with self.lock:  # before it is asked: another may have it before this answer is here
            self.owner.pop(value, None)
        status, found, _ = self.assign(line, {"assigneeId": user, "operation": "unassign", "id": value})
        if status != 204:
            self.problems.append(f"port {value} was not given back by {user}: {status} {found}")

    def write(self, number):
        line, user, held = Line(self.where, self.patience), self.users[number], []
        chance = random.Random(f"{self.seed} {number}")
        try:
            for _ in range(self.operations):
                if held and (len(held) >= MOST_HELD or chance.random() < 0.45):
                    self.give_back(line, user, held, chance.randrange(len(held)))
                else:
                    self.take(line, user, held)
                with self.lock:
                    self.done += 1
        except Refused as problem:
            with self.lock:
                self.problems.append(str(problem))

    def run(self, meanwhile=lambda: None):
        """`meanwhile` is called once, while the writers write."""
        threads = [threading.Thread(target=self.write, args=(number,)) for number in range(self.writers)]
        for thread in threads:
            thread.start()
        meanwhile()
        for thread in threads:
            thread.join()

    def handed_out(self):
        """All assignments, page by page, and how many the pool says are used."""
        target, found = f"/diffo/v1/instances/{self.switch}/pools/ports?limit=500", []
        while target:
            page, headers = self.must((200,), "GET", target)
            found += page["assignments"]
            link = headers.get("Link", "")
            parts = urllib.parse.urlsplit(link[1:link.find(">")]) if link else None
            target = f"{parts.path}?{parts.query}" if parts else None
        return found, page["used"]

    def settle(self):
        """Compares what the writers have with what the server says, and gives everything back."""
        found, used = self.handed_out()
        values = [one["value"] for one in found]
        if len(set(values)) != len(values):
            self.problems.append("two assignments have one port")
        if used != len(found):
            self.problems.append(f"{used} ports are used and {len(found)} are assigned")
        there = {one["value"]: one["assignee"]["id"] for one in found}
        for value in there.keys() | self.owner.keys():
            if there.get(value) != self.owner.get(value):
                self.problems.append(f"port {value} is {there.get(value)}'s here and {self.owner.get(value)}'s by the answers")
        for value, user in there.items():
            status, answer, _ = self.assign(self.line, {"assigneeId": user, "operation": "unassign", "id": value})
            if status != 204:
                self.problems.append(f"port {value} cannot be given back: {status} {answer}")
        left, used = self.handed_out()
        if left or used:
            self.problems.append(f"{len(left)} assignments and {used} used ports are left")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("url")
    options.add_argument("--writers", type=int, default=64)
    options.add_argument("--operations", type=int, default=1000, help="of each writer")
    options.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    given = options.parse_args()
    parts = urllib.parse.urlsplit(given.url)
    hammer = Hammer(lambda: (parts.hostname, parts.port or 80), given.writers, given.operations, given.seed)
    try:
        hammer.set_up()
        started = time.monotonic()
        hammer.run()
        seconds = time.monotonic() - started
        hammer.settle()
    except Refused as problem:
        sys.exit(f"pool.py: {problem}")
    for problem in hammer.problems[:20]:
        print(problem)
    print(f"{given.writers} writers, {hammer.done} operations in {seconds:.1f} s ({hammer.done / seconds:.0f} a second), seed {given.seed}: "
          f"{len(hammer.problems)} problems")
    return 1 if hammer.problems else 0


if __name__ == "__main__":
    sys.exit(main())
