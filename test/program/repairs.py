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

from faults import V5, Faults, Inventory, declare
from network import Network
from tasks import SECRET, Executor, settings


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
            print(f"network: {len(network.world)} resources, {count} faults, {len(obedient.keys)} attempts, {obedient.repeated} told "
                  f"again, {inventory.kills + 1} kills, seed {seed}: repaired in {time.monotonic() - started:.1f} s", flush=True)
    check(failures == len(program.report.failures), f"the seed was {seed}")


def same(one, other):
    return (one.fields, one.values, sorted(one.links)) == (other.fields, other.values, sorted(other.links))


PARTS = (network_is_repaired,)
