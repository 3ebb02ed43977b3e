#!/usr/bin/env python3
"""Recorded scenarios of the reference implementation, played again over HTTP.

    reference.py FILE [PROGRAM]

FILE has a JSON object a line: `name` and `steps`, as README.md describes; it is no part of this project. What a step does to an
instance of a kind of reference.yaml is done here by the action of the same name, and the instance is shown in the profile diffo;
dates aside, the text must be the same, and what was refused there must be refused here. Differences that are meant stand in DEVIATIONS.
Prints a line per difference and closes with 'N passed, M failed'.
"""
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "support"))
from client import Client  # noqa: E402
from server import Server  # noqa: E402

MODEL = HERE / "reference.yaml"
KINDS = {"ShelfInstance": "resource", "CardInstance": "resource", "AccessService": "service", "Broadband": "service", "BroadbandV2": "service"}
NAMES = {"assignee_id": "assigneeId", "assignable_type": "assignableType", "specified_by": "specifiedBy", "lifecycle_state": "lifecycleState",
         "administrative_state": "administrativeState", "operational_state": "operationalState", "usage_state": "usageState",
         "resource_status": "resourceStatus", "operating_status": "operatingStatus", "resource_version": "resourceVersion",
         "characteristic_value_updates": "characteristicValueUpdates"}
ACTIONS = {"specify": "respecify"}
# What each kind inherits: a record may have been loaded with any of it.
INHERITED = ("", "?load=assigned_cards", "?load=primary", "?load=owner", "?load=card", "?load=primary,owner,card")
# What free-standing parts are attached to: there are none here, parts belong to their document.
LEFT_OUT = {"s21_attach_by_kind"}
ATTACHED = {"PlaceRef", "PartyRef"}  # from there on a scenario is left out
# (scenario, step): why it is otherwise here; README.md says it at length.
UNKNOWN_NAME = "a name that is no characteristic is refused, not passed over"
BOUNDS = "a pool whose first is above its last is refused"
HANDED_OUT = "who has handed something out stays"
MINOR = "a minor version is a number in the model, not raised while it runs"
NULL = "without an operation the pool picks"
STUB = "a reference may lead to what is not there yet"
DEVIATIONS = {("s14_shelf_define", 7): UNKNOWN_NAME, ("s14_shelf_define", 10): BOUNDS, ("s14_shelf_define", 16): BOUNDS,
              ("s15_slots_and_ports", 51): HANDED_OUT, ("s17_versioning", 9): MINOR, ("s17_versioning", 14): MINOR,
              ("s17_versioning", 15): MINOR, ("s24_claims", 136): NULL, ("s24_claims", 144): NULL, ("s24_claims", 148): NULL,
              ("s24_claims", 157): STUB}


def plain(value):
    """The JSON of a recorded term: symbols are texts, structs and lists of pairs are objects."""
    if isinstance(value, str):
        return value[1:] if value.startswith(":") else value
    if isinstance(value, list):
        pairs = value and all(isinstance(one, dict) and list(one) == ["tuple"] for one in value)
        return {plain(one["tuple"][0]): plain(one["tuple"][1]) for one in value} if pairs else [plain(one) for one in value]
    if isinstance(value, dict):
        inner = value["fields"] if "struct" in value else value
        return {NAMES.get(name, name): plain(member) for name, member in inner.items() if member is not None}
    return value


def dateless(text):
    return re.sub(r'"\d{4}-\d\d-\d\dT[\d:.]+Z"', '"now"', text)


class Replay:
    def __init__(self, scenario, client):
        self.name, self.steps, self.client = scenario["name"], scenario["steps"], client
        self.parties, self.ids, self.differences, self.deviations, self.passed = {}, {}, [], set(), 0

    def run(self):
        for index, step in enumerate(self.steps):
            if step.get("op") == ":create" and step["resource"].split(".")[-1] in ATTACHED and self.ids:
                return
            if "op" in step:
                self.operate(index, step)
            elif "encode" in step:
                self.compare_encoded(index, step)

    def operate(self, index, step):
        kind, action = step["resource"].split(".")[-1], step["action"].removeprefix(":")
        given = plain(step["input"].get("params", {}))
        if ".Party." in step["resource"] and action == "build" and "ok" in step:
            self.parties[step["ok"]["id"]] = {"name": given.get("name"), "@type": json.loads(step["ok"]["json"])["type"]}
        if kind not in KINDS or step["op"] == ":read":
            return
        answer = self.ask(kind, action, given, step["input"].get("on", {}).get("id"))
        ok = step.get("ok")
        if bool(ok) != (answer.status < 300):
            self.differ(index, f"{answer.status} {answer.text[:300]}", json.dumps(ok or step.get("error"))[:300])
        elif isinstance(ok, dict):
            if action == "build":
                self.ids[ok["id"]] = answer.body["id"]
            self.compare(index, self.shown(ok["id"]), ok["json"])
        else:
            self.passed += 1

    def ask(self, kind, action, given, identity):
        """Does here what was done there; an id that was made there is the one that was made here instead."""
        given, identity = json.loads(self.here(json.dumps(given))), self.ids.get(identity, identity)
        if action == "build":
            for party in given.get("parties", []):
                party.update({name: value for name, value in self.parties.get(party["id"], {}).items() if value is not None})
            return self.client.call("POST", f"/diffo/v1/kinds/{kind}/actions/build", given)
        if action == "destroy":
            return self.client.call("DELETE", f"/tmf-api/{KINDS[kind]}Inventory/v4/{KINDS[kind]}/{identity}")
        return self.client.call("POST", f"/diffo/v1/instances/{identity}/actions/{ACTIONS.get(action, action)}", given)

    def here(self, text):
        for there, here in self.ids.items():
            text = text.replace(there, here)
        return text

    def shown(self, identity, load=""):
        return self.client.call("GET", f"/diffo/v1/instances/{self.here(identity)}{load}").text

    def compare_encoded(self, index, step):
        document = json.loads(step["json"]) if step["json"].startswith("{") else {}
        if document.get("id") in self.ids and set(document) != {"id", "href"}:  # else it is a reference to it
            shown = [self.shown(document["id"], load) for load in INHERITED]
            self.compare(index, next((text for text in shown if self.same(text, step["json"])), shown[0]), step["json"])

    def same(self, got, wanted):
        return dateless(got) == dateless(self.here(wanted))

    def compare(self, index, got, wanted):
        # What could not be written there, for a mistake of its own, says nothing of the form.
        if wanted.startswith("RAISES") or self.same(got, wanted):
            self.passed += 1
        else:
            self.differ(index, dateless(got), dateless(self.here(wanted)))

    def differ(self, index, got, wanted):
        if (self.name, index) in DEVIATIONS:
            self.deviations.add(index)
        else:
            step = self.steps[index]
            what = step.get("encode") or f"{step['resource'].split('.')[-1]}.{step['action'].removeprefix(':')}"
            self.differences.append(f"FAILED: {self.name}, step {index}, {what}\n  here  {got}\n  there {wanted}")

    def close(self):
        """A deviation that is none any more is to be taken out of the list."""
        for name, index in DEVIATIONS:
            if name == self.name and index not in self.deviations:
                self.differences.append(f"FAILED: {name}, step {index}: it is not otherwise: {DEVIATIONS[name, index]}")


def main():
    program = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "build" / "release" / "diffo"
    passed = failed = 0
    with open(sys.argv[1], encoding="utf-8") as lines:
        for scenario in map(json.loads, lines):
            if scenario["name"] in LEFT_OUT:
                continue
            with Server(program, "--model", MODEL) as server, Client(server.port) as client:
                replay = Replay(scenario, client)
                replay.run()
                replay.close()
            passed += replay.passed
            failed += len(replay.differences)
            if replay.passed or replay.differences:
                print(f"{scenario['name']}: {replay.passed} as they were, {len(replay.deviations)} meant to be otherwise")
            print(*replay.differences, sep="\n", end="\n" if replay.differences else "", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
