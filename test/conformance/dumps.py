#!/usr/bin/env python3
"""Graphs that the reference implementation left in a Neo4j database, adopted and shown as it showed them.

    dumps.py FOLDER [PROGRAM] --store URI [--only NAME]

FOLDER has scenarios.jsonl and tests.jsonl, as its README.md describes; they are no part of this project. Each entry's final graph is put
into the database, which is emptied first (DIFFO_NEO4J_USER, DIFFO_NEO4J_PASSWORD), `diffo neo4j adopt` takes it in, and each record is
asked for in the profile diffo: it must be the very text that the reference encoded last, dates and all, and what it encoded of a part
must stand in the text of its owner. What was encoded before the last step that changed it is counted apart, and proves nothing. Where it is
meant to be otherwise stands in dumps.differences: what differs and is not listed fails, and what is listed and does not differ fails.
Then each instance is renamed, and one in four deleted: in the graph nothing else may change. What was exported before is imported into an
emptied database, where the graph of each instance must be the recorded one, property by property (ids of parts and times aside).
Kinds that are declared there are declared in reference*.yaml; then it is done once more for their graphs without these declarations.
Prints each difference and closes with 'N passed, M failed'.
"""
import argparse
import collections
import json
import pathlib
import re
import sys
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "support"))
from client import Client  # noqa: E402
from neo4j import Database  # noqa: E402
from server import Server  # noqa: E402
from shared_graphs import SharedGraph  # noqa: E402

MODELS = [HERE / "reference.yaml", HERE / "reference_compute.yaml"]
WITH_MODELS, WITHOUT_MODELS = "with models", "without models"
NEVER_SHOWN = {"Note", "Event", "DefinedSimpleRelationship"}  # in an instance: neither here nor there
# What only others write: what they handed out, a kind of relationship that is theirs, values of types of theirs, kinds that have no
# specification and so cannot be declared here.
NEVER_WRITTEN = re.compile(r'^AssignmentRelationship |^DefinedSimpleRelationship |\\"type\\":\\"dynamic\\"|^Instance Provider ResourceInstance Servo ')
FILES = ("scenarios.jsonl", "tests.jsonl")
# What kinds of the models inherit: the steps do not say what of it had been loaded when a record was encoded.
INHERITED = {"AccessService": ["primary", "owner", "card"],
             "ShelfInstance": ["assigned_cards"],
             "TraversalProbe": ["contained_cards", "owned_card", "first_slot_card", "last_slot_card", "tapped_cards", "mixed_card",
                                "intercept_nnis", "contained_locations", "first_location,last_location", "contained_providers",
                                "first_provider"]}
KEYS = {"Instance": "uuid", "Specification": "uuid", "Party": "key", "Place": "key", "Entity": "string"}


def literal(value):
    """A property as Cypher."""
    if isinstance(value, dict):
        if "datetime" in value:
            return f"datetime({{datetime: datetime({json.dumps(value['datetime'])}), timezone: 'Etc/UTC'}})"
        if "float" in value:
            return repr(float(value["float"]))
        if "point" in value:
            return f"point({members(value['point'])})"
        raise ValueError(f"no property: {value}")
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    return json.dumps(value)


def members(properties):
    return "{" + ", ".join(f"`{name}`: {literal(value)}" for name, value in properties.items() if value is not None) + "}"


class Graph:
    """A final graph: nodes by their numbers, edges from number to number."""

    def __init__(self, lines):
        self.nodes = {line["n"]: line for line in lines if "n" in line}
        self.edges = [(line["from"], line["type"], line["to"]) for line in lines
                      if "from" in line and line["from"] in self.nodes and line["to"] in self.nodes]
        self.out, self.into = collections.defaultdict(list), collections.defaultdict(list)
        for source, kind, target in self.edges:
            self.out[source].append((kind, target))
            self.into[target].append((kind, source))

    def name(self, number):
        """Family and key of a root; none for a part."""
        node = self.nodes[number]
        for label, key in KEYS.items():
            if label in node["labels"] and key in node["props"]:
                return label, node["props"][key]
        return None

    def roots(self):
        return {self.name(number): number for number in self.nodes if self.name(number)}

    def identity(self, number):
        node = self.nodes[number]
        name = self.name(number)
        return name[1] if name else node["props"].get("uuid")

    def reach(self, root):
        """Numbers of the nodes that show in a root: its parts, and what these and it lead to."""
        seen, next_ones = {root}, [root]
        while next_ones:
            number = next_ones.pop()
            if number != root and self.name(number):
                continue  # another root: itself, not what it has
            found = [target for _, target in self.out[number]]
            found += [source for kind, source in self.into[number] if kind in ("STATUSES", "ANNOTATES", "AUTHORS", "OWNS")]
            for other in found:
                if other not in seen:
                    seen.add(other)
                    next_ones.append(other)
        return seen

    def shape(self, root):
        """What must be the same where two graphs have the same root."""
        texts = []
        for number in self.reach(root):
            node = self.nodes[number]
            ends = sorted(f"{kind} {self.identity(target)}" for kind, target in self.out[number])
            texts.append(json.dumps([sorted(node["labels"]), node["props"], ends], sort_keys=True))
        return "\n".join(sorted(texts))

    def claims(self):
        """What nothing else may be in the same database, unless it is the same."""
        claims = {}
        for name, number in self.roots().items():
            shape = self.shape(number)
            claims[name] = shape
            node = self.nodes[number]["props"]
            if name[0] == "Specification":
                claims["specification", node.get("name"), node.get("majorVersion")] = shape
        for number, node in self.nodes.items():
            if not self.name(number) and "uuid" in node["props"]:
                claims["part", node["props"]["uuid"]] = json.dumps(node["props"], sort_keys=True)
        return claims


def creation(graphs):
    """A statement that makes graphs; what several have is made once."""
    numbers, rows, edges = {}, [], set()
    for graph in graphs:
        for number, node in graph.nodes.items():
            identity = graph.name(number) or ("part", node["props"].get("uuid", (id(graph), number)))
            if identity not in numbers:
                numbers[identity] = len(rows)
                rows.append(f"[{json.dumps(node['labels'])}, {members(node['props'])}]")
            numbers[id(graph), number] = numbers[identity]
        edges |= {(numbers[id(graph), source], kind, numbers[id(graph), target]) for source, kind, target in graph.edges}
    return (f"CYPHER 5 UNWIND [{', '.join(rows)}] AS row CREATE (n:$(row[0])) SET n = row[1] WITH collect(n) AS made "
            f"UNWIND {json.dumps([list(edge) for edge in sorted(edges)])} AS edge WITH made[edge[0]] AS x, made[edge[2]] AS y, edge[1] AS type "
            "CREATE (x)-[:$(type)]->(y)")


Evidence = collections.namedtuple("Evidence", "step text kind fresh current")


class Entry:
    """A scenario or a test with what its steps tell of the records of its final graph."""

    def __init__(self, line):
        self.name, self.steps, self.graph = line["name"], line["steps"], Graph(line["graph"] or [])
        self.changes = [self.changed_by(index) for index in range(len(self.steps))]

    def changed_by(self, index):
        """Identities of the nodes that a step changed; what it merely leads to does not change."""
        step = self.steps[index]
        if step.get("op") not in (":create", ":update", ":destroy") or not step.get("ok"):
            return set()
        given, on = step["input"].get("params", {}), step["input"].get("on", {}).get("id")
        changed = {on} | {given.get(name) for name in ("instance_id", "source_id", "feature_id", "relationship_id")}
        for name in ("characteristics", "features"):
            changed |= set(map(str, given.get(name) or []))
        if isinstance(step["ok"], dict):
            changed.add(step["ok"]["id"])
        if step["action"] == ":build":  # makes the specification again as it is declared
            changed |= set(re.findall(r'Specification/([0-9a-f-]{36})', step["ok"].get("json") or ""))
        if step["op"] == ":destroy":  # all that it was part of, and all that led to it
            for earlier in range(index):
                if self.steps[earlier].get("op") == ":create" and json.dumps(on) in json.dumps([self.steps[earlier].get("ok"),
                                                                                             self.steps[earlier]["input"]]):
                    changed |= self.changed_by(earlier)
        return changed - {None}

    def told(self):
        """Each (identity, evidence) that the steps have, in their order."""
        for index, step in enumerate(self.steps):
            if "encode" in step:
                found = re.fullmatch(r"Jason.encode! of (\S+) (\S+)", step["encode"])
                if found and step["json"].startswith("{"):
                    yield found[2], Evidence(index, step["json"], found[1].split(".")[-1], True, False)
                continue
            ok = step.get("ok")
            for record in ok if isinstance(ok, list) else [ok]:
                if isinstance(record, dict) and (record.get("json") or "").startswith("{"):
                    yield record["id"], Evidence(index, record["json"], record["kind"].split(".")[-1], step["op"] == ":read", False)

    def evidence(self):
        """The last that was told of each node, with the root in whose JSON it must stand: (root, evidence)."""
        told = collections.defaultdict(list)
        for identity, one in self.told():
            told[identity].append(one)
        owners = {part: name for name, number in self.graph.roots().items() if name[0] == "Instance"
                  for part in self.graph.reach(number) if not self.graph.name(part)}
        for number in self.graph.nodes:
            name = self.graph.name(number) or owners.get(number)
            of_kind = [one for one in told[self.graph.identity(number)] if self.is_of(number, one.kind)]
            if name is None or not of_kind or of_kind[-1].kind in NEVER_SHOWN:
                continue
            reached = {self.graph.identity(other) for other in self.graph.reach(number)}
            last_change = max((index for index, changed in enumerate(self.changes) if changed & reached), default=-1)
            yield name, of_kind[-1]._replace(current=of_kind[-1].step >= last_change)

    def is_of(self, number, kind):
        """Whether a kind there is the node's own, not one that it is merely read as."""
        labels = set(self.graph.nodes[number]["labels"]) - {"Provider", "Servo", "Nbn", "Compute"}
        return labels == {kind} if kind in ("Instance", "Party", "Place") else kind in labels

    def is_declared(self):
        return any({"Servo", "Compute"} & set(node["labels"]) for node in self.graph.nodes.values())


def entries(folder, only):
    for name in FILES:
        with open(folder / name, encoding="utf-8") as lines:
            for line in map(json.loads, lines):
                if line["steps"] and (not only or only in line["name"]):
                    yield Entry(line)


def batches(all_entries):
    """Entries whose graphs can be in one database at a time."""
    found = []
    for entry in all_entries:
        claims = entry.graph.claims()
        for taken, batch in found:
            if all(taken.get(name, shape) == shape for name, shape in claims.items()):
                taken.update(claims)
                batch.append(entry)
                break
        else:
            found.append((dict(claims), [entry]))
    return [batch for _, batch in found]


class Comparison:
    """Counts; what is meant to be otherwise must be listed, and what is listed must be otherwise."""

    def __init__(self):
        self.counts, self.failures, self.met = collections.Counter(), [], set()
        self.listed = set()
        for line in (HERE / "dumps.differences").read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                self.listed.add(line)

    def compare(self, entry, name, one, got, way):
        is_part = not one.text.startswith(f'{{"id":{json.dumps(name[1])},') or one.kind.endswith("Ref")
        same = one.text in got if is_part else got == one.text
        if not one.current:
            self.counts["same" if same else "other", "before its last change"] += 1
        elif same:
            self.counts["same", f"as {'it was read' if one.fresh else 'a write returned it'}, {way}"] += 1
        else:
            what = "not in its owner" if is_part else self.what(one.text, got)
            self.differ(f"{entry.name}: {one.kind}: {what}", one, got)

    def differ(self, line, one=None, got=""):
        found = next((listed for listed in (line, "*" + line[line.find(": "):]) if listed in self.listed), None)
        if found:
            self.met.add(found)
            self.counts["meant", "to be otherwise"] += 1
        else:
            self.failures.append(line)
            there = f"\n  there, step {one.step}: {one.text}\n  here: {got}" if one else ""
            print(f"FAILED: {line}{there}", flush=True)

    def check(self, good, what, count, counted):
        if good:
            self.counts["same", counted] += count
        else:
            self.differ(what)

    @staticmethod
    def what(wanted, got):
        wanted, got = json.loads(wanted), json.loads(got)
        keys = sorted(key for key in set(wanted) | set(got) if wanted.get(key) != got.get(key))
        return ", ".join(keys) if keys else "order of members"

    def close(self, whole):
        for line in sorted(self.listed - self.met) if whole else ():
            self.failures.append(line)
            print(f"FAILED: {line}: it is not otherwise any more: take it out of dumps.differences")
        for (how, what), count in sorted(self.counts.items()):
            print(f"{count:5} {how} {what}")
        passed = sum(count for (how, what), count in self.counts.items() if what != "before its last change")
        print(f"{passed} passed, {len(self.failures)} failed", flush=True)
        return 1 if self.failures or not passed else 0


def shown(client, identity, one):
    """What is shown here, with what of the inherited makes it the same."""
    path = "/diffo/v1/instances/" + urllib.parse.quote(identity, safe="") + "?profile=diffo"
    text = client.call("GET", path).text
    for load in INHERITED.get(one.kind, []) if text != one.text else []:
        if (loaded := client.call("GET", f"{path}&load={load}").text) == one.text:
            return loaded
    return text


def path_of(labels_and_props, key):
    kind = labels_and_props[1]["type"]
    return f"/tmf-api/{kind}Inventory/v4/{kind}/{key}"


def changed_nodes(before, after):
    """What changed: (root or part, property or `node`)."""
    found = collections.Counter()
    for node in before.nodes.keys() | after.nodes.keys():
        was, now = before.nodes.get(node), after.nodes.get(node)
        where = "root" if (before if was else after).root(node) else "part"
        if not was or not now or was[0] != now[0]:
            found[where, "node"] += 1
            continue
        for name in was[1].keys() | now[1].keys():
            if was[1].get(name) != now[1].get(name):
                found[where, name] += 1
    if before.edges != after.edges:
        found["relationships", ""] += sum(((before.edges - after.edges) + (after.edges - before.edges)).values())
    return found


def write_over(client, database, batch, comparison):
    """Updates and deletions of what others made change what they are about, and nothing else."""
    name = f"{batch[0].name} and others"
    before = SharedGraph(database)
    instances = sorted((key, node) for (label, key), node in before.roots().items() if label == "Instance")
    renamed = [key for key, node in instances
               if client.call("PATCH", path_of(before.nodes[node], key), {"name": "renamed " + key[:8]}).status == 200]
    after = SharedGraph(database)
    changed = changed_nodes(before, after)
    comparison.check(changed.keys() <= {("root", "name"), ("root", "updatedAt")} and changed["root", "name"] == len(renamed),
                     f"{name}: renamed {len(renamed)} of {len(instances)}: {dict(changed)}", len(renamed), "renamed in the graph")
    for key, node in instances[::4]:
        if client.call("DELETE", path_of(after.nodes[node], key)).status != 204:
            continue  # it has handed something out
        left = SharedGraph(database)
        owned, leading = after.owned(node), after.leading_to(node)
        gone = after.nodes.keys() - left.nodes.keys()
        rest = {one: what for one, what in after.nodes.items() if one not in gone}
        is_held = node in left.nodes and left.leading_to(node)  # by what others left behind: then it stays theirs
        comparison.check((node in gone or is_held) and gone <= owned | leading | {node} and left.nodes == rest,
                         f"{name}: deleting {key} takes {[after.nodes[one] for one in gone - owned - leading]}, too", 1, "deleted in the graph")
        after = left


def write_anew(program, database, models, recorded, exported, batch, comparison):
    """What Diffo writes of the same documents is the same graph."""
    database.renew()
    with Server(program, *models, *database.options) as server, Client(server.port) as client:
        client.call("POST", "/diffo/v1/import", exported, content_type="application/x-ndjson")
    written = SharedGraph(database)
    there, known = recorded.parts(set(written.roots())), set(written.roots())
    here = written.parts(known)
    for (label, key), texts in there.items():
        if label != "Instance" or any(NEVER_WRITTEN.search(text) for text in texts):
            continue
        if here.get((label, key)) == texts:
            comparison.check(True, "", 1, "written anew, property by property")
        else:
            other = here.get((label, key), [])
            lacking, further = [text for text in texts if text not in other], [text for text in other if text not in texts]
            entry = next(entry.name for entry in batch if (label, key) in entry.graph.roots())
            comparison.differ(f"{entry}: written anew: {(lacking or further)[0].split(' {')[0]}",
                              Evidence("-", json.dumps(lacking), "", True, True), json.dumps(further))


def run_batch(program, database, batch, comparison, way):
    database.renew()
    database.do(str(database.tool), "run", creation([entry.graph for entry in batch]))
    status, printed = database.run([str(program), "neo4j", "adopt", *database.options])
    if status != 0:
        comparison.differ(f"{batch[0].name} and others: adopt: {printed.strip()}")
    models = [argument for model in MODELS for argument in ("--model", str(model))] if way == WITH_MODELS else []
    server = Server(program, *models, *database.options)
    try:
        server.start()
    except RuntimeError as refused:
        if len(batch) > 1:
            for entry in batch:
                run_batch(program, database, [entry], comparison, way)
        elif "would break the model" in str(refused):
            comparison.differ(f"{batch[0].name}: refused by the models")
            run_batch(program, database, batch, comparison, WITHOUT_MODELS)
        else:
            comparison.differ(f"{batch[0].name}: {refused}")
        return
    try:
        with Client(server.port) as client:
            for entry in batch:
                for name, one in entry.evidence():
                    if way == WITHOUT_MODELS and one.kind in INHERITED:
                        continue
                    comparison.compare(entry, name, one, shown(client, name[1], one), way)
            if way == WITH_MODELS:
                recorded, exported = SharedGraph(database), client.call("GET", "/diffo/v1/export").text
                write_over(client, database, batch, comparison)
    finally:
        server.stop()
    if way == WITH_MODELS:
        write_anew(program, database, models, recorded, exported, batch, comparison)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("program", nargs="?", type=pathlib.Path, default=ROOT / "build" / "release" / "diffo")
    parser.add_argument("--store", metavar="URI", required=True)
    parser.add_argument("--only", metavar="NAME", help="entries with that in their names")
    wanted = parser.parse_intermixed_args()
    database = Database(wanted.program, wanted.store)
    comparison = Comparison()
    found = list(entries(wanted.folder, wanted.only))
    for way, some in ((WITH_MODELS, found), (WITHOUT_MODELS, [entry for entry in found if entry.is_declared()])):
        for batch in batches(some):
            run_batch(wanted.program, database, batch, comparison, way)
    return comparison.close(whole=not wanted.only)


if __name__ == "__main__":
    sys.exit(main())
