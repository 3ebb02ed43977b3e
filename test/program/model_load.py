"""A domain whose models differ from one to the next, instances of it, and writers that change them as fast as they can."""
import json
import random
import threading
import time

from client import Client, Unanswered

SPECIFICATION = "cd29956f-6c68-44cc-bf54-705eb8d2f754"
HOLDER = "3e0c2a57-5d1c-4f6e-8a55-7b1d2f0c9e22"
TAGGED = "0f6f1c53-6ab5-4d7e-9a56-3a0c0f3b7a11"
SERVICES = "/tmf-api/serviceInventory/v4/service"
WRITERS = 4
SLOTS = 40
PUT = "/diffo/v1/models/Load"


def identity(number):
    return f"00000000-0000-4000-8000-{number:012d}"


def model(number, most=1_000_000):
    """Each differs from the one before, and instances of Tagged move their value from one name to the other; those of Plain stay."""
    old, new = ("tag", "label") if number % 2 else ("label", "tag")
    return f"""domain: Load
kinds:
  Plain:
    half: service
    specification: {{id: {SPECIFICATION}, name: plain, description: the {number}th}}
    characteristics: {{size: {{type: integer, max: {most}}}}}
  Holder:
    half: service
    specification: {{id: {HOLDER}, name: holder}}
    pools: {{slots: {{thing: slot, first: 1, last: {SLOTS}}}}}
  Tagged:
    half: service
    specification: {{id: {TAGGED}, name: tagged}}
    characteristics: {{{new}: string}}
migrations:
  - {{kind: Tagged, rename: {{{old}: {new}}}}}
"""


def plain(number, size):
    return {"id": identity(number), "name": f"plain {number}", "state": "active", "serviceSpecification": {"id": SPECIFICATION},
            "serviceCharacteristic": [{"name": "size", "value": size}]}


def holder(number):
    return {"id": identity(number), "state": "active", "serviceSpecification": {"id": HOLDER}}


def tagged(number, name):
    return {"id": identity(number), "state": "active", "serviceSpecification": {"id": TAGGED},
            "serviceCharacteristic": [{"name": name, "value": f"t{number}"}]}


def fill(client, documents):
    """By import, some thousand at once."""
    lines = [json.dumps(one) for one in documents]
    for begin in range(0, len(lines), 5000):
        answer = client.call("POST", "/diffo/v1/import", "\n".join(lines[begin:begin + 5000]), "application/x-ndjson")
        if answer.status != 200:
            raise RuntimeError(f"import: {answer.status} {answer.text[:300]}")


class Load(threading.Thread):
    """Writes as fast as it can, and remembers what was not answered with success."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.stopping = port, threading.Event()
        self.others, self.longest, self.done = [], 0.0, 0

    def run(self):
        with Client(self.port) as client:
            while not self.stopping.is_set():
                try:
                    self.step(client)
                except Unanswered:
                    return

    def ask(self, client, method, target, document=None):
        """The answer; nothing when it tells of no success."""
        begun = time.monotonic()
        answer = client.call(method, target, document)
        self.longest = max(self.longest, time.monotonic() - begun)
        self.done += 1
        if answer.status < 300:
            return answer
        self.others.append((method, target, answer.status, answer.text[:200]))
        return None


class Writer(Load):
    """Changes instances of its own."""

    def __init__(self, number, port, count):
        super().__init__(port)
        self.mine = list(range(number, count, WRITERS))
        self.random = random.Random(number)
        self.known, self.unsettled = {}, {}

    def step(self, client):
        number, size = self.random.choice(self.mine), self.random.randrange(1000)
        self.unsettled[number] = size
        if self.ask(client, "PATCH", f"{SERVICES}/{identity(number)}", {"serviceCharacteristic": [{"name": "size", "value": size}]}):
            self.known[number] = self.unsettled.pop(number)


class Builder(Load):
    """Builds instances, hands out to them what a holder of its own has, looks them up, and deletes them."""

    def __init__(self, holder, port):
        super().__init__(port)
        self.holder = identity(holder)
        self.known = {}  # the value that an instance has got, by its id

    def step(self, client):
        if len(self.known) < SLOTS // 2:
            made = self.ask(client, "POST", "/diffo/v1/kinds/Plain/actions/build", {"characteristicValueUpdates": {"size": 1}})
            if made is None:
                return
            given = self.ask(client, "POST", f"/diffo/v1/instances/{self.holder}/actions/assign_slot",
                             {"assignment": {"assigneeId": made.body["id"]}})
            if given is not None:
                self.known[made.body["id"]] = given.body["value"]
            self.ask(client, "GET", f"{SERVICES}/{made.body['id']}")
        else:
            for one in list(self.known)[::2]:
                if self.ask(client, "DELETE", f"{SERVICES}/{one}"):
                    del self.known[one]


class Loads:
    def __init__(self, *loads):
        self.all = loads

    def __enter__(self):
        for load in self.all:
            load.start()
        return self

    def __exit__(self, *_):
        for load in self.all:
            load.stopping.set()
        for load in self.all:
            load.join(60)

    @property
    def longest(self):
        return max(load.longest for load in self.all)

    @property
    def others(self):
        return [one for load in self.all for one in load.others]


def writers(port, count):
    return [Writer(number, port, count) for number in range(WRITERS)]


def put(client, text, target=PUT):
    return client.call("PUT", target, text, "application/yaml")


def value_of(document, name):
    return next((one.get("value") for one in document["serviceCharacteristic"] if one["name"] == name), None)
