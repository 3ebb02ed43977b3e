"""Faults in a network: what stands outstanding is what was broken, each with its place, and nothing else.

DIFFO_NETWORK_RESOURCES, DIFFO_NETWORK_FAULTS and DIFFO_NETWORK_SEED choose another size (2000), number (250) and seed than those of
every day; 23525 and 500 are a network of the size of a provider's.
"""
import json
import os
import random
import signal
import threading
import time
import urllib.parse

from client import Client, Unanswered
from network import Leaf, Network, Resource, as_text
from server import Server

V5 = "/tmf-api/resourceInventory/v5/resource"
MARK = "mark"  # a resource beside the network
PAGE = 1000
KILLS = 3
PATIENCE = 300  # seconds


class Faults:
    """Breaks resources of a network, each once. What is broken is counted by kind."""

    def __init__(self, network, choose):
        self.network, self.choose = network, choose
        self.whole = {kind: [one for one, found in network.world.items() if found.kind == kind]
                      for kind in ("chassis", "card", "port", "link")}
        for ids in self.whole.values():
            choose.shuffle(ids)
        self.broken = {}

    def kinds(self):
        return (self.changed_value, self.lost_value, self.extra_value, self.state, self.lost_link, self.extra_link, self.gone)

    def take(self, kind, closed=False):
        """One that is whole yet; if asked for, of those of which nothing else than what is expected may be there."""
        fit = [one for one in self.whole[kind] if not closed or int(one[-1]) % 2 == 0]
        if not fit:
            raise ValueError(f"too many faults: no {kind} is whole")
        self.whole[kind].remove(fit[-1])
        return fit[-1], self.network.world[fit[-1]]

    def changed_value(self):
        kind, name, values = self.choose.choice((("port", "mtu", (1500, 1400)), ("port", "vlan", (4095,)), ("port", "speed", (1,)),
                                                 ("link", "capacity", (10, 40)), ("card", "firmware", ("3.1",)),
                                                 ("chassis", "firmware", ("7.0",))))
        identity, resource = self.take(kind)
        resource.values[name] = self.choose.choice(values)
        return identity

    def lost_value(self):
        identity, resource = self.take("port")
        del resource.values[self.choose.choice(sorted(resource.values))]
        return identity

    def extra_value(self):
        identity, resource = self.take("port", closed=True)
        resource.values[self.choose.choice(("note", "queue", "acl"))] = self.choose.randint(1, 9)
        return identity

    def state(self):
        kind, name, value = self.choose.choice((("port", "administrativeState", "locked"), ("port", "operationalState", "disabled"),
                                                ("port", "usageState", "idle"), ("link", "operationalState", "disabled")))
        identity, resource = self.take(kind)
        resource.fields[name] = value
        return identity

    def lost_link(self):
        identity, resource = self.take(self.choose.choice(("card", "link")))
        resource.links.pop(self.choose.randrange(len(resource.links)))
        return identity

    def extra_link(self):
        identity, resource = self.take("card", closed=True)
        port = self.choose.choice([one for one, found in self.network.world.items()
                                   if found.kind == "port" and not one.startswith(identity)])
        resource.links.insert(self.choose.randrange(len(resource.links) + 1), ("contains", port))
        return identity

    def gone(self):
        identity, _ = self.take(self.choose.choice(("port", "port", "link", "link", "card", "chassis")))
        del self.network.world[identity]
        return identity

    def inject(self, number):
        """Breaks one more, with each kind of fault in turn; its id."""
        kind = self.kinds()[number % len(self.kinds())]
        identity = kind()
        self.broken[identity] = kind.__name__
        return identity


class Inventory:
    """The server that holds the network, which is killed now and then. What it acknowledged is never lost."""

    def __init__(self, program, report, *arguments):
        self.server, self.report, self.kills = Server(program.path, *arguments), report, 0
        self.client, self.times, self.marks = None, {}, 0

    def __enter__(self):
        self.server.__enter__()
        self.client = Client(self.server.port)
        return self

    def __exit__(self, *how):
        self.client.close()
        self.server.__exit__(*how)

    def restart(self, number):
        self.client.close()
        self.server.stop(number)
        self.server.start()
        self.client = Client(self.server.port)

    def call(self, method, path, document=None, media="application/json", statuses=(200,)):
        """Until it is answered: a write that got no answer is sent again, and must be one that can be."""
        while True:
            try:
                answer = self.client.call(method, path, document, media)
                break
            except Unanswered:
                self.kills += 1
                self.restart(signal.SIGKILL)
        self.report.check(answer.status in statuses, f"{method} {path}: {answer.status} {answer.text[:300]}")
        return answer

    def bring(self, identity, resource):
        """Makes a resource what it is in the world: also nothing, or there again."""
        path = f"{V5}/{urllib.parse.quote(identity)}"
        if resource is None:
            return self.call("DELETE", path, statuses=(204, 404))
        return self.call("PATCH", path, resource.changes(), "application/merge-patch+json")

    def take(self, lines, count):
        answer = self.call("POST", "/diffo/v1/import", lines, "application/x-ndjson")
        self.report.check(answer.body["created"] + answer.body["unchanged"] == count, f"the import says {answer.text[:300]}")

    def timed(self, what, act):
        started = time.monotonic()
        found = act()
        self.times[what] = time.monotonic() - started
        return found

    # Reading what stands.

    def revision(self):
        """The newest: that of a write of which nothing is expected."""
        self.marks += 1
        answer = self.call("PATCH", f"{V5}/{MARK}", {"description": f"mark {self.marks}"}, "application/merge-patch+json")
        return int(answer.headers["ETag"].strip('W/"').split("-")[0])

    def rows(self, path, wanted):
        """All pages of a list of rows at the wanted revision, for which it waits."""
        end = time.monotonic() + PATIENCE
        joint = "&" if "?" in path else "?"
        rows, target, total = [], f"{path}{joint}limit={PAGE}", None
        while target:
            answer = self.call("GET", target, statuses=(200, 503))
            if answer.status == 503 or int(answer.headers["X-Diffo-Revision"]) < wanted:
                if not self.report.check(time.monotonic() < end, f"{path} does not come to revision {wanted}"):
                    return rows
                time.sleep(0.01)
                continue
            rows += answer.body
            total = int(answer.headers["X-Total-Count"])
            link = answer.headers["Link"]
            target = link[1:link.index(">")].split("/", 3)[3] if link else None
            target = target and "/" + target
        self.report.check(len(rows) == total, f"{path}: {len(rows)} rows, X-Total-Count is {total}")
        return rows

    def leaves(self, wanted, query=""):
        return {leaf_of(row): row for row in self.rows("/diffo/v1/leaves" + query, wanted)}

    def outstanding_targets(self):
        """The ids that TM Forum's list gives for outstanding=true."""
        ids, total = set(), 1
        while len(ids) < total:
            answer = self.call("GET", f"{V5}?outstanding=true&fields=id&limit={PAGE}&offset={len(ids)}", statuses=(200, 206))
            total = int(answer.headers["X-Total-Count"])
            if not answer.body:
                break
            ids.update(one["id"] for one in answer.body)
        return ids


def leaf_of(row):
    target = row["target"]
    return Leaf(row["expectation"], target["id"] if "id" in target else as_text(target), row["address"], row["category"],
                as_text(row.get("expected")), as_text(row.get("actual")), row.get("overruledBy"))


class Proof:
    """Compares what the inventory says with the oracle, of which approvals that hold are kept."""

    def __init__(self, network, inventory, report):
        self.network, self.inventory, self.report, self.approved = network, inventory, report, set()

    def equal(self, what, got, wanted):
        for said, one in (("invents", got - wanted), ("misses", wanted - got)):
            for leaf in sorted(one, key=str)[:5]:
                self.report.check(False, f"{what}: the inventory {said} {leaf} (one of {len(one)})")
        self.report.check(got == wanted, f"{what}: {len(got)} instead of {len(wanted)}")

    def stands(self, what, declared_now=False):
        """All leaves, those that are outstanding, and their targets; the rows by leaf. What has just been declared does not count
        before all its targets have been looked at, nor does what was declared after the last save before a kill."""
        wanted = self.network.leaves()
        self.approved &= wanted  # what has changed is approved no more
        revision = self.inventory.revision()
        rows = self.inventory.leaves(revision)
        end = time.monotonic() + PATIENCE
        while declared_now and set(rows) != wanted and time.monotonic() < end:
            time.sleep(0.05)
            rows = self.inventory.leaves(revision)
        self.equal(what, set(rows), wanted)
        self.equal(f"{what}, approved", {leaf for leaf, row in rows.items() if "decision" in row}, self.approved)
        dirty = {leaf for leaf in wanted - self.approved if not leaf.overruled_by}
        self.equal(f"{what}, outstanding", {leaf for leaf, row in rows.items() if row["outstanding"]}, dirty)
        self.equal(f"{what}, asked for outstanding=true", set(self.inventory.leaves(revision, "?outstanding=true")), dirty)
        self.equal(f"{what}, targets", self.inventory.outstanding_targets(),
                   {leaf.target for leaf in dirty if leaf.target in self.network.world})
        return rows

    def approve(self, rows, leaves):
        answer = self.inventory.call("POST", "/diffo/v1/decisions", {
            "leaves": [{"id": rows[leaf]["id"], "fingerprint": rows[leaf]["fingerprint"]} for leaf in leaves],
            "decision": "approve", "reason": "known"}, statuses=(201,))
        self.report.check(len(answer.body["leaves"]) == len(leaves), f"approved {answer.text[:300]}")
        self.approved |= set(leaves)


def declare(inventory, network):
    mark = json.dumps(Resource("mark", "mark", {}, {}).document(MARK)) + "\n"
    inventory.timed("import", lambda: inventory.take(network.lines() + mark, len(network.world) + 1))

    def expectations():
        for one in network.expectations:
            inventory.call("POST", "/diffo/v1/expectations", one.document(), statuses=(201,))
    inventory.timed("declare", expectations)


def inject(inventory, faults, count, kills):
    """Breaks so many, while the server is killed at some of them: between two writes, or during one."""
    for number in range(count):
        identity = faults.inject(number)
        if number in kills:
            process = inventory.server.process
            threading.Timer(faults.choose.uniform(0, 0.004), process.kill).start()
        inventory.bring(identity, faults.network.world.get(identity))


def change_again(inventory, proof, ids):
    """What was approved becomes something else, and then what it was: an approval falls, and does not come back."""
    world = proof.network.world
    before = {identity: dict(world[identity].values) for identity in ids}
    for identity in ids:
        world[identity].values = {name: 1234 for name in before[identity]}
        inventory.bring(identity, world[identity])
    proof.stands("after approved ones changed")
    for identity in ids:
        world[identity].values = before[identity]
        inventory.bring(identity, world[identity])
    proof.stands("after they changed back")


def repair(inventory, network, broken):
    for identity in broken:
        if identity in network.world:
            inventory.bring(identity, network.sound[identity])
    gone = [identity for identity in broken if identity not in network.world]
    inventory.take("".join(json.dumps(network.sound[identity].document(identity)) + "\n" for identity in gone), len(gone))
    network.world = network.sound


def faults_in_a_network(program):
    size = int(os.environ.get("DIFFO_NETWORK_RESOURCES", "2000"))
    count = int(os.environ.get("DIFFO_NETWORK_FAULTS", str(250 if size < 5000 else 500)))
    seed = int(os.environ.get("DIFFO_NETWORK_SEED", str(random.randrange(1 << 32))))
    choose = random.Random(seed)
    network = Network(size, seed)
    faults = Faults(network, choose)
    failures = len(program.report.failures)
    with Inventory(program, program.report) as inventory:
        proof = Proof(network, inventory, program.report)
        declare(inventory, network)
        inventory.timed("first sight", lambda: proof.stands("a sound network", declared_now=True))
        kills = set(choose.sample(range(count), min(KILLS, count)))
        inventory.timed("faults", lambda: inject(inventory, faults, count, kills))
        program.report.check(inventory.kills > 0, "the server was not killed")
        rows = inventory.timed("sight", lambda: proof.stands("a broken network", declared_now=True))
        every_fault_is_seen(program.report, network, faults, rows)
        approvals(proof, faults, rows, inventory, choose)
        inventory.timed("repair", lambda: repair(inventory, network, faults.broken))
        inventory.timed("last sight", lambda: proof.stands("a repaired network"))
    told = ", ".join(f"{what} {seconds:.1f} s" for what, seconds in inventory.times.items())
    print(f"network: {len(network.world)} resources, {len(network.expectations)} expectations, {count} faults, "
          f"{inventory.kills} kills, seed {seed}: {told}", flush=True)
    program.report.check(failures == len(program.report.failures), f"the seed was {seed}")


def every_fault_is_seen(report, network, faults, rows):
    """Else the network would prove less than it seems to. Some states are expected only where a way leads to, which may be broken
    too."""
    told = "".join(f"{leaf.target} {leaf.address} {leaf.expected};" for leaf in rows if not leaf.overruled_by)
    unseen = [(kind, identity) for identity, kind in faults.broken.items() if identity not in told]
    report.check(all(kind == "state" for kind, _ in unseen) and len(unseen) * 20 <= len(faults.broken), f"nobody misses {unseen}")


def approvals(proof, faults, rows, inventory, choose):
    """Some of what is broken is accepted; some of that changes again."""
    network = proof.network
    leaves = sorted((leaf for leaf in rows if not leaf.overruled_by), key=str)
    chosen = choose.sample(leaves, len(leaves) // 5)
    ports = [one for one in faults.broken if one in network.world and network.world[one].kind == "port"][:20]
    chosen += [leaf for leaf in leaves if leaf.target in ports and leaf not in chosen]
    inventory.timed("approve", lambda: proof.approve(rows, chosen))
    proof.stands("after approvals")
    inventory.restart(signal.SIGTERM)
    proof.stands("after approvals and a restart")
    change_again(inventory, proof, ports[:10])


PARTS = (faults_in_a_network,)
