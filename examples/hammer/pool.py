#!/usr/bin/env python3
"""Many writers ask one pool at once. At the end nothing was handed out twice and nothing is lost.

    diffo serve --data /tmp/hammer --listen 127.0.0.1:8080 &
    examples/hammer/pool.py http://127.0.0.1:8080 --writers 64 --operations 10000

Each writer is an instance that takes ports of one switch and gives them back, at random. It repeats what was not answered, after a fall
of the server too, under the same Idempotency-Key: so it always knows what it has. With `--leases` what it takes is reserved for a second or
two, or for a minute; some of it is confirmed, and some it lets run out. Closes with one line and exit status 0 or 1.
Nothing but Python is needed.
"""
import argparse
import dataclasses
import datetime
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
LEASES = (1, 1, 2, 60)  # seconds
SLOW = 4  # seconds; less than what the server keeps of a lease that has run out, for requests that began before its end


class Refused(Exception):
    """The server said no, and why."""


@dataclasses.dataclass
class Port:
    """Somebody's. Times are seconds: `since` and `until` by the server's clock, `asked` and `answered` by ours."""

    user: str
    until: float = 0  # 0: for good
    since: float = 0
    lease: int = 0
    asked: float = 0
    answered: float = 0

    def surely_holds(self):
        """Whatever the server's clock says: it was reserved when it was asked for, or later."""
        return not self.until or time.monotonic() < self.asked + self.lease

    def overlaps(self, other):
        """Whether both had it at one time. Who came later had it from when the server began with the request, or from its end at the latest."""
        later = max(self, other, key=lambda port: port.since)
        slow = later.answered - later.asked
        ends = [one.until for one in (self, other) if one.until]
        return not ends or later.since + (slow if slow > SLOW else 0.001) < min(ends)

    def over(self):
        """When it surely holds no longer: it was reserved when it was answered, or before."""
        return self.answered + self.lease


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

    def __init__(self, where, writers, operations, seed, leases=False, patience=60):
        self.where, self.writers, self.operations, self.seed, self.patience = where, writers, operations, seed, patience
        self.leases = LEASES if leases else (0,)
        self.lock, self.owner = threading.Lock(), {}  # value: Port
        self.done, self.full, self.ran_out, self.problems = 0, 0, 0, []
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

    def take(self, line, user, held, chance):
        lease = chance.choice(self.leases)
        port = Port(user, lease=lease, asked=time.monotonic())
        status, found, _ = self.assign(line, {"assigneeId": user, **({"lease": lease} if lease else {})})
        if status == 409:
            with self.lock:
                self.full += 1
            return
        if status != 200:
            raise Refused(f"assign: {status} {found}")
        value, port.answered = found["value"], time.monotonic()
        if lease:
            port.until = datetime.datetime.fromisoformat(found["leaseUntil"].replace("Z", "+00:00")).timestamp()
            port.since = port.until - lease
        with self.lock:
            other = self.owner.get(value)
            if other and port.overlaps(other):
                self.problems.append(f"port {value} was handed out twice: to {other} and {port}")
            if not other or port.since >= other.since:  # else its answer came late
                self.owner[value] = port
        held[value] = port

    def confirm(self, line, user, held, value):
        port = held[value]
        status, found, _ = self.assign(line, {"assigneeId": user, "operation": "confirm", "id": value})
        with self.lock:
            if status == 200:
                if self.owner.get(value) is not port:
                    self.problems.append(f"port {value} was confirmed to {user} and is {self.owner.get(value)}'s")
                port.until = 0
            elif status == 409 and not port.surely_holds():
                self.forget(value, held)
                self.ran_out += 1
            else:
                self.problems.append(f"port {value} was not confirmed to {user}: {status} {found}")

    def give_back(self, line, user, held, value):
        port = held[value]
        with self.lock:  # before it is asked: another may have it before this answer is here
            self.forget(value, held)
        status, found, _ = self.assign(line, {"assigneeId": user, "operation": "unassign", "id": value})
        if status != 204 and not (status == 409 and not port.surely_holds()):
            self.problems.append(f"port {value} was not given back by {user}: {status} {found}")

    def forget(self, value, held):
        """With the lock."""
        port = held.pop(value)
        if self.owner.get(value) is port:
            del self.owner[value]

    def let_run_out(self, held):
        with self.lock:
            for value, port in list(held.items()):
                if port.until and not port.surely_holds():
                    self.forget(value, held)
                    self.ran_out += 1

    def settle_leases(self):
        """Confirms the long ones, and waits for the end of the others."""
        reserved = {value: port for value, port in self.owner.items() if port.until}
        for value, port in reserved.items():
            if port.lease == max(LEASES):
                self.confirm(self.line, port.user, dict(reserved), value)
        left = {value: port for value, port in self.owner.items() if port.until}
        if left:
            time.sleep(max(0.0, max(port.over() for port in left.values()) - time.monotonic() + 0.01))
        for value in left:
            del self.owner[value]

    def write(self, number):
        line, user, held = Line(self.where, self.patience), self.users[number], {}
        chance = random.Random(f"{self.seed} {number}")
        try:
            for _ in range(self.operations):
                self.let_run_out(held)
                reserved = [value for value, port in held.items() if port.until]
                if reserved and chance.random() < 0.3:
                    self.confirm(line, user, held, chance.choice(reserved))
                elif held and (len(held) >= MOST_HELD or chance.random() < 0.45):
                    self.give_back(line, user, held, chance.choice(list(held)))
                else:
                    self.take(line, user, held, chance)
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
        self.settle_leases()
        found, used = self.handed_out()
        values = [one["value"] for one in found]
        if len(set(values)) != len(values):
            self.problems.append("two assignments have one port")
        if used != len(found):
            self.problems.append(f"{used} ports are used and {len(found)} are assigned")
        there = {one["value"]: one["assignee"]["id"] for one in found}
        for value in there.keys() | self.owner.keys():
            owner = self.owner[value].user if value in self.owner else None
            if there.get(value) != owner:
                self.problems.append(f"port {value} is {there.get(value)}'s here and {owner}'s by the answers")
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
    options.add_argument("--leases", action="store_true", help="reserve first, and confirm some of it")
    given = options.parse_args()
    parts = urllib.parse.urlsplit(given.url)
    hammer = Hammer(lambda: (parts.hostname, parts.port or 80), given.writers, given.operations, given.seed, given.leases)
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
    print(f"{given.writers} writers, {hammer.done} operations in {seconds:.1f} s ({hammer.done / seconds:.0f} a second), {hammer.ran_out} leases "
          f"ended, seed {given.seed}: {len(hammer.problems)} problems")
    return 1 if hammer.problems else 0


if __name__ == "__main__":
    sys.exit(main())
