"""A network that breaks and is set right by tasks alone, over kill -9.

DIFFO_NETWORK_RESOURCES (1000), DIFFO_NETWORK_FAULTS (150; 500 from 5000 resources on) and DIFFO_NETWORK_SEED choose another one.
"""
import copy
import json
import os
import random
import signal
import threading
import time
import urllib.parse

from client import Client
from faults import V5, Faults, Inventory, declare
from network import Network
from tasks import SECRET, SERVICES, Executor, eventually, expect, leaves, loop, service, settings, tasks


class ObedientNetwork:
    """The network beside its inventory: does what tasks say, as they say it, once for each key; `changed` are the resources of which
    the inventory has yet to be told."""

    def __init__(self, network):
        self.network, self.lock = network, threading.Lock()
        self.keys, self.repeated, self.changed, self.wrong = {}, 0, [], []

    def act(self, task):
        key = f"{task['id']}-{task['attempt']}"
        with self.lock:
            if key in self.keys:
                self.repeated += 1
                return 200
            self.keys[key] = task
            identity = task["target"].get("id") or next(
                one for one, found in self.network.sound.items()
                if (found.kind, found.name) == (task["target"]["kind"], task["target"]["name"]))
            if task.get("creates"):  # the network knows what it is made of
                if identity not in self.network.world:
                    self.network.world[identity] = copy.deepcopy(self.network.sound[identity])
            elif identity in self.network.world:
                self.change(self.network.world[identity], task["change"])
            self.changed.append(identity)
        return 200

    def change(self, resource, change):
        for name, value in change.get("set", {}).items():
            if name == "resourceCharacteristic":
                resource.values.update({one["name"]: one["value"] for one in value})
            elif name == "resourceRelationship":
                for one in value:
                    link = (one["relationshipType"], one["resource"]["id"])
                    if link not in resource.links:
                        resource.links.append(link)
            elif name in ("administrativeState", "operationalState", "usageState"):
                resource.fields[name] = value
            else:
                self.wrong.append(f"set {name}")
        for address in change.get("absent", []):
            name, key = address[:-1].split("[", 1)
            if name == "resourceCharacteristic":
                resource.values.pop(key, None)
            elif tuple(key.split(",")) in resource.links:
                resource.links.remove(tuple(key.split(",")))
            else:
                self.wrong.append(f"absent {address}")

    def take_changed(self):
        with self.lock:
            changed, self.changed = self.changed, []
        return list(dict.fromkeys(changed))


def tell(inventory, obedient):
    """Tells the inventory of what has changed, as an observation would."""
    for identity in obedient.take_changed():
        with obedient.lock:
            resource = copy.deepcopy(obedient.network.world[identity])
        answer = inventory.bring(identity, resource) if inventory.call(
            "GET", f"{V5}/{urllib.parse.quote(identity)}", statuses=(200, 404)).status == 200 else None
        if answer is None:
            inventory.take(json.dumps(resource.document(identity)) + "\n", 1)


def network_is_repaired(program):
    """Every fault is found, made a task, run, verified, and nothing is outstanding at the end, also with kill -9 meanwhile."""
    check = program.report.check
    size = int(os.environ.get("DIFFO_NETWORK_RESOURCES", "1000"))
    count = int(os.environ.get("DIFFO_NETWORK_FAULTS", str(150 if size < 5000 else 500)))
    seed = int(os.environ.get("DIFFO_NETWORK_SEED", str(random.randrange(1 << 32))))
    choose = random.Random(seed)
    network = Network(size, seed)
    for one in network.expectations:
        one.more["mode"] = "act"
    obedient = ObedientNetwork(network)
    failures = len(program.report.failures)
    with Executor(obedient.act) as executor:
        net = {"type": "http", "url": executor.url, "secret": SECRET, "timeout": "10s"}
        arguments = settings(program.folder, {"net": net}, choose=[{"executor": "net"}],
                             bounds={"backOff": 1, "verify": 30, "running": 16})
        with Inventory(program, program.report, *arguments) as inventory:
            declare(inventory, network)
            faults = Faults(network, choose)
            kills = sorted(choose.sample(range(count), 2))
            started = time.monotonic()
            for number in range(count):
                with obedient.lock:
                    identity = faults.inject(number)
                    resource = copy.deepcopy(network.world.get(identity))
                if number in kills:
                    threading.Timer(choose.uniform(0, 0.01), inventory.server.process.kill).start()
                inventory.bring(identity, resource)
            check(inventory.kills > 0 or kills == [], "the server was not killed")
            end = time.monotonic() + 240
            killed = False
            while time.monotonic() < end:
                tell(inventory, obedient)
                left = inventory.call("GET", "/diffo/v1/leaves?outstanding=true&limit=1", statuses=(200, 503))
                active = inventory.call("GET", "/diffo/v1/tasks?state=proposed,queued,running,verifying,held&limit=1")
                if not killed and len(obedient.keys) > count // 2:
                    killed = True
                    inventory.restart(signal.SIGKILL)
                elif left.status == 200 and left.body == [] and active.body == [] and not obedient.changed:
                    break
                time.sleep(0.02)
            rows = inventory.rows("/diffo/v1/leaves?outstanding=true", inventory.revision())
            check(rows == [], f"{len(rows)} leaves are outstanding, such as {rows[:2]}")
            broken = [one for one in network.sound if one not in network.world or not same(network.world[one], network.sound[one])]
            check(broken == [], f"{len(broken)} are not repaired, such as {broken[:3]}")
            check(obedient.wrong == [] and executor.forged == 0, f"{obedient.wrong[:3]}, {executor.forged} forged")
            every = inventory.call("GET", "/diffo/v1/tasks?limit=1000").body
            check(all(one["state"] in ("done", "cancelled") for one in every), "tasks that did not end well: " + str(
                [one for one in every if one["state"] not in ("done", "cancelled")][:1]))
            lose_sight(program.report, inventory, network, choose)
            print(f"network: {len(network.world)} resources, {count} faults, {len(obedient.keys)} attempts, {obedient.repeated} told "
                  f"again, {inventory.kills + 1} kills, seed {seed}: repaired in {time.monotonic() - started:.1f} s", flush=True)
    check(failures == len(program.report.failures), f"the seed was {seed}")


def lose_sight(report, inventory, network, choose):
    """A source tells all but some: of them nothing is known, of nothing else, nobody acts on it, and all is well when it sees them."""
    def sweep(left):
        lines = [{"source": "nms", "complete": {"family": "resource"}}, *({"match": {"id": one}} for one in [*network.world, "mark"] if one not in left)]
        lines.append({"end": len(lines) - 1})
        answer = inventory.call("POST", "/diffo/v1/observations", "".join(json.dumps(line) + "\n" for line in lines), "application/x-ndjson")
        return answer.body["complete"]

    left = set(choose.sample(sorted(network.world), 20))
    seen = sweep(left)
    report.check((seen["instances"], seen["unseen"], {one["id"] for one in seen["outcomes"]}) == (len(network.world) + 1, 20, left),
                 f"no longer seen: {seen}")
    rows = inventory.rows("/diffo/v1/leaves?outstanding=true", inventory.revision())
    wanted = {(one.identity, target) for one, target in network.pairs() if target in left}
    found = {(row["expectation"], row["target"]["id"]) for row in rows if row["address"] == ""}
    report.check(found == wanted, f"of {len(wanted)} unknown wrong are {list(found ^ wanted)[:3]}")
    others = [row for row in rows if row["category"] != "unknown" or (row["address"] != "" and row["place"]["id"] not in left)]
    report.check(others == [], f"what is known counts as unknown: {others[:2]}")
    seen = sweep(set())
    report.check(seen["unseen"] == 0 and inventory.rows("/diffo/v1/leaves?outstanding=true", inventory.revision()) == [], f"all are seen: {seen}")


def what_is_gone_is_made_again(program):
    """A source whose word on what it no longer sees is believed: it is missing, and the loop has it made."""
    check = program.report.check
    ports, back = {}, threading.Event()

    def act(task):
        if back.is_set():
            with Client(ports["it"]) as network:
                observe(network, [{"match": {"id": task["target"]["id"]}, "set": {"state": "active"}}])
        return 200

    def observe(client, items, **head):
        return client.call("POST", "/diffo/v1/observations", {"source": "nms", **head, "items": items}).body

    more = {"sources": [{"name": "nms", "unseen": "missing", "staleAfter": "1h"}]}
    with loop(program, act, bounds={"attempts": 100}, **more) as (server, client, executor):
        ports["it"] = server.port
        for identity in ("a", "b", "ours"):
            client.call("POST", SERVICES, service(identity, vlan=7))
            expect(client, f"e{identity}", identity, "act" if identity != "ours" else "observe", {"vlan": 7},
                   **({"executor": "self"} if identity == "ours" else {}))
        observe(client, [{"match": {"id": "b"}}], complete={"kind": "line"})
        rows = eventually(program.report, "they are missing", lambda: len(leaves(client)) == 2 and leaves(client))
        check({(row["target"]["id"], row["category"], row["source"]) for row in rows} == {("a", "missing", "nms"), ("ours", "missing", "nms")},
              f"leaves: {rows}")
        plan = client.call("GET", "/diffo/v1/plan?target=ours").body
        check(plan["tasks"] == [] and "reaches the network" in plan["unreachable"][0]["reason"], f"plan: {plan}")
        refused = client.call("POST", "/diffo/v1/decisions", {"filter": "target=ours", "decision": "adopt"})
        check(refused.status == 409, f"adopting what is gone: {refused.text}")
        patch = client.call("GET", "/diffo/v1/residues?asPatch=true&target=a")
        check(patch.body == [], f"a patch of what is gone: {patch.text}")
        # Whoever is weaker does not bring it back.
        weak = client.call("POST", "/diffo/v1/observations", {"source": "walker", "items": [{"match": {"id": "a"}}]}).body
        check(weak["conflicting"] == 1 and "stronger source nms" in weak["outcomes"][0]["reason"], f"a weaker source: {weak}")
        eventually(program.report, "it is tried", lambda: executor.asked)
        task = executor.asked[0][1]
        check(task["creates"] is True and task["target"]["id"] == "a" and task["change"]["set"]["name"] == "a", f"task: {task}")
        server.stop(signal.SIGKILL)
        server.start()
        ports["it"] = server.port
        back.set()
        with Client(server.port) as client:
            eventually(program.report, "it is there again", lambda: tasks(client, "?state=done"))
            check([row["target"]["id"] for row in leaves(client)] == ["ours"], f"left: {leaves(client)}")
            named = client.call("GET", "/diffo/v1/sources").body[0]
            check((named["name"], named["rank"], named["unseen"], named["staleAfter"]) == ("nms", 1, "missing", "3600s"), f"sources: {named}")


def same(one, other):
    return (one.fields, one.values, sorted(one.links)) == (other.fields, other.values, sorted(other.links))


PARTS = (network_is_repaired, what_is_gone_is_made_again)
