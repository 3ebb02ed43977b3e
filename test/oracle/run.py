#!/usr/bin/env python3
"""run.py PROGRAM [--queries N] [--seed S] [--services N]: random questions to a server, each answer held against rules.py.

Closes with 'N passed, M failed'; a difference is shown with its query. Exit 1 if there is one.
"""
import argparse
import json
import pathlib
import random
import sys
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(ROOT), str(ROOT.parent / "support")]
import rules  # noqa: E402
from client import Client, Report  # noqa: E402
from server import Server  # noqa: E402

SERVICES = "/tmf-api/serviceInventory/v4/service"
NAMES = ["core-1", "core-2", "Core-1", "edge, west", "10", "10.0", "010", "null", "a*b", "2026", "2026-06-01", "x y", "é"]
WORDS = ["Ada", "Ben", "10", "true", "2026-06-22", "zeta"]
STATES = ["active", "inactive", "designed", "reserved", "terminated"]
STARTS = ["2026-01-01T00:00:00Z", "2026-06-22T01:02:03Z", "2026-06-22T23:00:00Z", "2027-02-28T12:00:00Z"]
WEIGHTS = [0, 1, 10, 10.0, 10.5, 300, -4, "10", "300", "1e1", "heavy", True, False, [1, "2", 30], {"unit": "kg", "n": 10}]
PATHS = [["name"], ["id"], ["state"], ["category"], ["description"], ["startDate"], ["weight"], ["weight", "n"], ["flag"],
         ["note", "author"], ["note", "words"], ["note", "id"], ["relatedParty", "id"], ["relatedParty", "role"],
         ["serviceSpecification", "id"], ["nobody"], ["nobody", "has"], ["serviceCharacteristic", "value"],
         ["serviceCharacteristic", "name"]]
SORTS = [path for path in PATHS if path[0] != "nobody"]


def service(choose, number):
    """A service that somebody may POST."""
    made = {"id": f"s{number}", "state": choose.choice(STATES), "serviceSpecification": {"id": f"spec{choose.randrange(3)}"}}
    some = [("name", lambda: choose.choice(NAMES)), ("category", lambda: choose.choice(["CFS", "RFS", "cfs"])),
            ("description", lambda: choose.choice(NAMES)), ("startDate", lambda: choose.choice(STARTS)),
            ("weight", lambda: choose.choice(WEIGHTS)), ("flag", lambda: choose.choice([True, False, "true"])),
            ("note", lambda: [{"id": str(at), "author": choose.choice(WORDS), "text": choose.choice(NAMES),
                               **({"words": choose.choice(WEIGHTS[:11])} if choose.random() < 0.7 else {})}
                              for at in range(choose.randrange(1, 4))]),
            ("relatedParty", lambda: [{"id": f"p{choose.randrange(4)}", "role": choose.choice(["owner", "user"]),
                                       "@referredType": "Organization"} for _ in range(choose.randrange(1, 3))]),
            ("serviceCharacteristic", lambda: [{"name": name, "value": choose.choice(WEIGHTS)}
                                               for name in choose.sample(["vlan", "mtu", "tag"], choose.randrange(1, 3))])]
    made.update({name: make() for name, make in some if choose.random() < 0.6})
    return made


def literal_for(choose, path):
    """A text that may stand at the path."""
    pools = {"name": NAMES, "description": NAMES, "state": STATES, "category": ["CFS", "cfs", "X"], "author": WORDS, "role": ["owner"],
             "startDate": STARTS + ["2026", "2026-06", "2026-06-22", "2027", "no date"]}
    if path[-1] == "id":
        return choose.choice(["s1", "s2", "p1", "p2", "0", "1", "spec1"])
    return choose.choice(pools.get(path[-1], ["10", "10.0", "1e1", "300", "heavy", "true", "vlan", "2", "-4", "kg"]))


def quoted(text):
    return urllib.parse.quote(text, safe="")


def plain_condition(choose):
    path = choose.choice(PATHS)
    operator = choose.choice(["eq", "eq", "ne", "gt", "gte", "lt", "lte", "regex", "like", "ilike", "exists"])
    if operator == "exists":
        alternatives = [choose.choice(["true", "false"])]
    elif operator == "regex":
        alternatives = [choose.choice(["^c", "1", "o.e", "e$", "[0-9]+"])]
    elif operator in ("like", "ilike"):
        alternatives = [choose.choice(["c*", "*1", "*o*", "10", "C*1", "*.*"])]
    else:
        alternatives = [literal_for(choose, path) for _ in range(choose.choice([1, 1, 1, 2]))]
        alternatives = [one for one in alternatives if "," not in one and "*" not in one] or ["10"]
    text = ",".join(alternatives)
    name = ".".join(path) + ("" if operator == "eq" else "." + operator)
    return f"{name}={quoted(text)}", lambda document: rules.condition_holds(document, path, operator, alternatives)


def path_text(query, bare):
    begin, steps = query
    text = "" if bare else "$" if begin == "root" else "@"
    for step in steps:
        if step[0] == "name":
            text += ("." if text else "") + step[1]
        elif step[0] == "index":
            text += f"[{step[1]}]"
        elif step[0] == "items":
            text += "[*]"
        elif step[0] == "down":
            text += f"..{step[1]}"
        else:
            text += f"[?({condition_text(step[1])})]"
    return text


def condition_text(condition):
    kind = condition[0]
    if kind in ("and", "or"):
        return f"({condition_text(condition[1])}{' && ' if kind == 'and' else ' || '}{condition_text(condition[2])})"
    if kind == "not":
        return f"!({condition_text(condition[1])})"
    if kind == "there":
        return path_text(condition[1], False)
    if kind == "match":
        return f"{path_text(condition[1], False)}=~'{condition[2]}'"
    left, sign, literal = condition[1:]
    text = f"{left[1]}({path_text(left[2], False)})" if left[0] == "call" else path_text(left, False)
    return text + sign + (f"'{literal}'" if isinstance(literal, str) else json.dumps(literal))


def steps_for(choose, path, within):
    """A way along the path: lists by their items, by one of them, or wrongly as an object."""
    steps = []
    for at, name in enumerate(path):
        steps.append(("name", name))
        if at + 1 < len(path) and name in ("note", "relatedParty", "serviceCharacteristic"):
            steps += choose.choice([[("items",)], [("index", choose.choice([0, 1, -1]))], []])
    return ("current", steps)


def path_condition(choose, depth, within=()):
    roll = choose.random()
    if depth > 0 and roll < 0.45:
        kind = choose.choice(["and", "or", "not"])
        inner = [path_condition(choose, depth - 1, within) for _ in range(1 if kind == "not" else 2)]
        return (kind, *inner)
    below = {"note": [["author"], ["words"], ["id"], ["text"]], "relatedParty": [["id"], ["role"]],
             "serviceCharacteristic": [["name"], ["value"]]}
    if not within and depth > 0 and roll < 0.65:
        name = choose.choice(list(below))
        return ("there", ("current", [("name", name), ("filter", path_condition(choose, depth - 1, (name,)), (name,))]))
    path = choose.choice(below[within[0]] if within else PATHS)
    query = steps_for(choose, path, within)
    if roll < 0.72:
        return ("there", query)
    if roll < 0.78:
        return ("match", query, choose.choice(["^c", "1", "o.e", "e$"]))
    if roll < 0.84:
        return ("compare", ("call", choose.choice(["length", "count", "min", "max", "avg", "stddev"]), query),
                choose.choice(["==", "<", ">="]), choose.choice([0, 1, 2, 10]))
    literal = choose.choice([literal_for(choose, list(within) + path)] * 3 + [10, 10.5, 300, True, None])
    return ("compare", query, choose.choice(["==", "!=", "<", "<=", ">", ">="]), literal)


def json_path(choose):
    condition = path_condition(choose, 3)
    form = choose.randrange(4)
    if form < 2:
        text = ("$" if form else "") + f"[?({condition_text(condition)})]"
        return text, lambda document: rules.holds(condition, document, document)
    if form == 2:
        name = choose.choice(["author", "value", "id", "n"])
        return f"..{name}", lambda document: bool(rules.nodes(("root", [("down", name)]), document, document))
    name = choose.choice(["note", "relatedParty", "serviceCharacteristic"])
    query = ("root", [("name", name), ("filter", path_condition(choose, 2, (name,)), (name,))])
    return path_text(query, choose.random() < 0.5), lambda document: bool(rules.nodes(query, document, document))


def question(choose):
    """A query string, and what of all documents is its answer: the page and the number of all."""
    parts, tests = [], []
    for _ in range(choose.choice([0, 1, 1, 2])):
        text, test = plain_condition(choose)
        if text.split("=")[0] not in {part.split("=")[0] for part in parts}:  # the same name again would be an alternative
            parts.append(text)
            tests.append(test)
    if choose.random() < 0.6 or not parts:
        text, test = json_path(choose)
        parts.append("filter=" + quoted(text))
        tests.append(test)
    terms = [(choose.choice(SORTS), choose.random() < 0.5) for _ in range(choose.choice([0, 0, 1, 2]))]
    if terms:
        parts.append("sort=" + quoted(",".join(("-" if down else "") + ".".join(path) for path, down in terms)))
    offset, limit = choose.choice([(0, 1000), (0, 1000), (2, 5), (0, 3), (500, 10)])
    if (offset, limit) != (0, 1000):
        parts += [f"offset={offset}", f"limit={limit}"]
    choose.shuffle(parts)

    def answer(documents):
        kept = rules.ordered([one for one in documents if all(test(one) for test in tests)], terms)
        return [one["id"] for one in kept[offset:offset + limit]], len(kept)
    return "&".join(parts + ["fields=none"]), answer


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--queries", type=int, default=600)
    parser.add_argument("--services", type=int, default=150)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    choose = random.Random(options.seed)
    report = Report()
    with Server(options.program) as server, Client(server.port) as client:
        for number in range(options.services):
            made = client.call("POST", SERVICES, service(choose, number))
            report.check(made.status == 201, f"POST {made.status} {made.text}")
        documents = client.call("GET", SERVICES + "?limit=1000").body
        for _ in range(options.queries):
            text, answer = question(choose)
            got = client.call("GET", f"{SERVICES}?{text}")
            ids, total = answer(documents)
            shown = [one["id"] for one in got.body] if isinstance(got.body, list) else got.text
            good = shown == ids and got.headers.get("X-Total-Count") == str(total)
            report.check(good, f"{urllib.parse.unquote(text)}\n  expected {total}: {ids}\n  answered "
                               f"{got.status} {got.headers.get('X-Total-Count')}: {shown}")
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
