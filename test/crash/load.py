"""Clients that write without pause, and a model of what was acknowledged to them.

Each writer has ids of its own, so its model is exact: of every id it knows the last acknowledged answer, and at most one
write whose answer never came. References go across writers, so that stubs come and go under everybody's hands.
"""
import json
import random
import threading

from client import Client, Unanswered

SERVICE_V4 = "/tmf-api/serviceInventory/v4/service"
SERVICE_V5 = "/tmf-api/serviceInventoryManagement/v5/service"
RESOURCE_V4 = "/tmf-api/resourceInventoryManagement/v4/resource"
RESOURCE_V5 = "/tmf-api/resourceInventoryManagement/v5/resource"
EXPECTATION = "/diffo/v1/expectations"
COLLECTIONS = [SERVICE_V4, SERVICE_V5, RESOURCE_V4, RESOURCE_V5, EXPECTATION]
IDS_OF_WRITER = 60
BATCH = 12


def family(collection):
    return collection.rsplit("/", 1)[1]


def without_href(document):
    """The port changes with each start, and with it what the server says about itself."""
    return {name: value for name, value in document.items() if name != "href"}


class Present:
    """What an id holds: an acknowledged answer, or for a write whose answer never came only what was sent."""

    def __init__(self, document, etag=None, exact=True):
        self.document, self.etag, self.exact = document, etag, exact

    def agrees(self, found, etag=None):
        if not self.exact:
            return all(found.get(name) == value for name, value in self.document.items())
        same_etag = etag is None or self.etag is None or etag == self.etag
        return same_etag and without_href(found) == without_href(self.document)


class Unsettled:
    """A write that was sent and never answered: afterwards all of its ids are as before, or all are as it wanted."""

    def __init__(self, wanted):
        self.wanted = wanted  # (collection, id) -> Present or None


class Writer(threading.Thread):
    """One client. `count_down` is told of every acknowledgement and says when to stop."""

    def __init__(self, number, port, known, seed, acknowledged):
        super().__init__(daemon=True)
        self.number, self.port, self.known = number, port, known
        self.random = random.Random(seed)
        self.acknowledged = acknowledged
        self.unsettled = None
        self.problems = []
        self.batch = 0

    def run(self):
        with Client(self.port) as client:
            try:
                while self.acknowledged.more():
                    self.write_something(client)
            except Unanswered:
                pass
            except Exception as problem:  # the thread must not die silently
                self.problems.append(f"writer {self.number}: {problem!r}")

    def write_something(self, client):
        if self.random.random() < 0.04:
            self.import_batch(client)
            return
        number = self.random.randrange(IDS_OF_WRITER)
        collection = COLLECTIONS[number % len(COLLECTIONS)]
        key = (collection, f"w{self.number}-{number}")
        if self.known.get(key) is None:
            self.create(client, key)
        elif self.random.random() < 0.15:
            self.delete(client, key)
        else:
            self.patch(client, key)

    def content(self, collection):
        """Attributes that always change together: half of them is a write torn in two."""
        value = self.random.randrange(10**9)
        filling = "x" * self.random.choice([0, 10, 100, 1000, 10000])
        if collection == EXPECTATION:
            return {"name": f"expectation {value}", "owner": f"owner {value}", "priority": value % 100,
                    "expect": {"state": "active", "description": filling or "none"}}
        text = {"name": f"name {value}", "description": f"description {value}{filling}", "serial": value}
        other = f"w{self.random.randrange(8)}-{self.random.randrange(IDS_OF_WRITER)}"
        kind = family(collection)
        relation = {"relationshipType": "needs", kind: {"id": other, "href": f"http://elsewhere/{other}"}}
        characteristic = {"name": "serial", "value": value}
        if collection.endswith("v5/" + kind):
            relation["@type"] = f"{kind.capitalize()}Relationship"
            relation[kind]["@type"] = f"{kind.capitalize()}Ref"
            characteristic["@type"] = "IntegerCharacteristic"
        text[kind + "Relationship"] = [relation]
        text[kind + "Characteristic"] = [characteristic]
        return text

    def document(self, key):
        collection, identifier = key
        document = {"id": identifier, **self.content(collection)}
        if collection == EXPECTATION:
            return {**document, "target": {"id": f"w{self.number}-0"}}
        version_5 = "/v5/" in collection
        if version_5:
            document["@type"] = "Service" if family(collection) == "service" else "PhysicalResource"
        if family(collection) == "service":
            specification = {"id": "1212", **({"@type": "ServiceSpecificationRef"} if version_5 else {})}
            document |= {"state": "active", "serviceSpecification": specification}
        return document

    def send(self, client, wanted, *call, **more):
        self.unsettled = Unsettled(wanted)
        answer = client.call(*call, **more)
        self.unsettled = None
        return answer

    def settle(self, answer, status, key, present):
        if answer.status != status:
            self.problems.append(f"{key[1]}: {answer.status} instead of {status}: {answer.text[:300]}")
            return
        self.known[key] = present
        self.acknowledged.one()

    def create(self, client, key):
        document = self.document(key)
        answer = self.send(client, {key: Present(document, exact=False)}, "POST", key[0], document)
        self.settle(answer, 201, key, Present(answer.body, answer.headers["ETag"]))

    def patch(self, client, key):
        change = self.content(key[0])
        wanted = {**without_href(self.known[key].document), **change}
        answer = self.send(client, {key: Present(wanted, exact=False)}, "PATCH", f"{key[0]}/{key[1]}", change)
        self.settle(answer, 200, key, Present(answer.body, answer.headers["ETag"]))

    def delete(self, client, key):
        answer = self.send(client, {key: None}, "DELETE", f"{key[0]}/{key[1]}")
        self.settle(answer, 204, key, None)

    def import_batch(self, client):
        """All lines or none, at once; the ids are never used again."""
        self.batch += 1
        keys = [(SERVICE_V4, f"b{self.number}-{self.random.randrange(10**12)}-{line}") for line in range(BATCH)]
        documents = [self.document(key) for key in keys]
        wanted = {key: Present(document, exact=False) for key, document in zip(keys, documents)}
        lines = "".join(json.dumps(document) + "\n" for document in documents)
        answer = self.send(client, wanted, "POST", "/diffo/v1/import?mode=atomic", lines, content_type="application/x-ndjson")
        if answer.status == 503 and answer.headers["Retry-After"]:
            return  # imports take turns, and too many are waiting
        if answer.status != 200 or answer.body["created"] != BATCH:
            self.problems.append(f"import: {answer.status}: {answer.text[:300]}")
            return
        self.known |= wanted
        self.acknowledged.one()


class Acknowledged:
    """Counts acknowledgements of all writers; whoever brings the last one strikes. Thread rule: any thread."""

    def __init__(self, until, strike):
        self.left, self.strike = until, strike
        self.lock = threading.Lock()
        self.over = threading.Event()

    def one(self):
        with self.lock:
            self.left -= 1
            last = self.left == 0
        if last:
            self.strike()
            self.over.set()

    def more(self):
        """Writers go on after the strike until their connection ends: a stop must not need them to be quiet."""
        return True


def list_all(client, collection):
    """The documents of a collection by id, over as many pages as it takes; and what X-Total-Count says."""
    found, total = {}, None
    while total is None or len(found) < total:
        answer = client.call("GET", f"{collection}?offset={len(found)}&limit=1000")
        if answer.status not in (200, 206):
            raise AssertionError(f"GET {collection}: {answer.status} {answer.text[:300]}")
        total = int(answer.headers["X-Total-Count"])
        if not answer.body:
            break
        found |= {document["id"]: document for document in answer.body}
    return found, total


def settle_unanswered(client, writer):
    """Finds out which way an unanswered write went. Returns what is wrong about it, or nothing."""
    unsettled, writer.unsettled = writer.unsettled, None
    if unsettled is None:
        return None
    done, undone, answers = [], [], {}
    for key, wanted in unsettled.wanted.items():
        answer = client.call("GET", f"{key[0]}/{key[1]}")
        answers[key] = answer
        done.append(answer.status == 404 if wanted is None else answer.status == 200 and wanted.agrees(answer.body))
        before = writer.known.get(key)
        undone.append(answer.status == 404 if before is None
                      else answer.status == 200 and before.agrees(answer.body, answer.headers["ETag"]))
    if not all(done) and not all(undone):
        return f"half of an unanswered write is there: {[(key[1], a.status, a.text[:200]) for key, a in answers.items()]}"
    for key, answer in answers.items():
        writer.known[key] = Present(answer.body, answer.headers["ETag"]) if answer.status == 200 else None
    return None


def differences(client, known, sample):
    """Compares everything known with the lists, and a sample one by one with its ETag. Returns sentences."""
    wrong = []
    lists = {collection: list_all(client, collection) for collection in COLLECTIONS}
    expected = {}
    for (collection, identifier), present in known.items():
        found = lists[collection][0].get(identifier)
        if present is not None:
            expected[(family(collection), identifier)] = True
        if present is None and found is not None:
            wrong.append(f"{identifier} was deleted and is in the list")
        elif present is not None and (found is None or not present.agrees(found)):
            wrong.append(f"{identifier}: acknowledged {json.dumps(present.document)[:400]}, listed {json.dumps(found)[:400]}")
    for collection, (found, total) in lists.items():
        count = sum(1 for kind, _ in expected if kind == family(collection))
        if total != count or len(found) != count:
            wrong.append(f"{collection} counts {total} and lists {len(found)}, {count} were acknowledged")
    for key in sample:
        present, answer = known[key], client.call("GET", f"{key[0]}/{key[1]}")
        if present is None and answer.status != 404:
            wrong.append(f"{key[1]} was deleted and is answered {answer.status}")
        elif present is not None and (answer.status != 200 or not present.agrees(answer.body, answer.headers["ETag"])):
            wrong.append(f"{key[1]}: acknowledged {present.etag} {json.dumps(present.document)[:400]}, "
                         f"got {answer.status} {answer.headers['ETag']} {answer.text[:400]}")
    return wrong
