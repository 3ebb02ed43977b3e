"""The product on a Neo4j database, over HTTP: what an operation costs in statements and flights, beside what it cost elsewhere, and how fast
it is beside its own statements in a bare loop of the driver."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import urllib.parse
import uuid

from inventory import figure
from measured import ROOT, BenchError, DiffoServer, Load, find_program
from bolt_wire import Proxy  # behind measured, which says where test/support is
from client import Client

SERVICES = "/tmf-api/serviceInventory/v4/service"
SPECIFICATION = "3c9d1a52-6f0e-4a83-9b1d-7e5f2c8a4d10"
SECONDS, ROUNDS, BARE_POSTS, LISTED = 4, 3, 400, 1000
# Statements of an Elixir Diffo 0.9.0 for the same, each two flights (its own figures).
REFERENCE = {"create a service": 43, "get a service, empty": 24, "get a service, one of everything": 38, "list of 10": 24, "list of 100": 24,
             "list of 1000": 24, "build a card": 159, "build a shelf": 218, "define a card": 65, "assign a slot": 133}
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def service(**more):
    return {"name": "access", "state": "active", "serviceSpecification": {"id": SPECIFICATION, "name": "line"},
            "serviceCharacteristic": [{"name": "bandwidth", "value": 50}, {"name": "serial", "value": "A1"}], **more}


def everything():
    return service(feature=[{"name": "f", "featureCharacteristic": [{"name": "c", "value": 1}]}], note=[{"text": "n"}],
                   place=[{"id": "p1", "name": "p", "role": "site", "@referredType": "GeographicSite"}],
                   relatedParty=[{"id": "o1", "name": "o", "role": "Customer", "@referredType": "Organization"}],
                   serviceRelationship=[{"relationshipType": "reliesOn", "service": {"id": str(uuid.uuid4())}}])


class OverNeo4j:
    def __init__(self, build, say):
        self.build, self.say = build, say
        self.program, self.load = find_program(build, "diffo"), Load(build)
        self.replay, self.tool = find_program(build, "neo4j_replay"), find_program(build, "diffo_neo4j_tool")

    def run(self, environment):
        self.environment = {**os.environ, **environment}
        os.environ.update(environment)
        port = urllib.parse.urlsplit(environment["DIFFO_NEO4J_URI"]).port
        self.uri = f"bolt://127.0.0.1:{port}"
        with tempfile.TemporaryDirectory(prefix="diffo-bench-") as folder:
            self.folder = pathlib.Path(folder)
            self.done(self.tool, "empty")
            self.done(self.program, "neo4j", "init", "--store", self.uri)
            counts = self.counts(Proxy(port))
            return [*counts, *self.ratios()]

    def done(self, *command):
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, env=self.environment, timeout=600)
        if done.returncode:
            raise BenchError(f"{command}: {done.stdout}{done.stderr}")
        return done.stdout

    def server(self, uri, *arguments):
        (self.folder / "beside").mkdir(exist_ok=True)
        return DiffoServer(self.program, self.folder / "beside", "--store", uri, "--follow", "0", *arguments, wrapper=())

    # ---- Statements and flights

    def counts(self, proxy):
        figures, model = [], ROOT / "examples" / "access" / "access.yaml"
        with self.server(f"bolt://127.0.0.1:{proxy.port}", "--model", model) as server, Client(server.port) as client:
            def ask(name, method, target, document=None, repeats=2):
                """The second time, when what is the same for all is known."""
                for _ in range(repeats):
                    proxy.take()
                    answer = client.call(method, target, document)
                    if answer.status not in (200, 201, 206):
                        raise BenchError(f"{name}: {answer.status} {answer.text[:500]}")
                flights = proxy.take()
                count, reference = sum(len(flight["statements"]) for flight in flights), REFERENCE[name]
                self.say(f"{name}: {count} statements in {len(flights)} flights; elsewhere {reference} in {2 * reference}")
                figures.append(figure(f"neo4j/neo4j_vs_reference/{name}", "statements", 1, "less", [count], [reference], [count / reference],
                                      {"flights": len(flights), "baseline_flights": 2 * reference}))
                return answer.body, flights
            made, self.posted = ask("create a service", "POST", SERVICES, service())
            rich = client.call("POST", SERVICES, everything()).body
            self.got, flights = made["id"], ask("get a service, empty", "GET", f"{SERVICES}/{made['id']}")[1]
            self.get_flights = flights
            ask("get a service, one of everything", "GET", f"{SERVICES}/{rich['id']}")
            for _ in range(LISTED):
                client.call("POST", SERVICES, service())
            for limit in (10, 100, 1000):
                ask(f"list of {limit}", "GET", f"{SERVICES}?limit={limit}")
            shelf = ask("build a shelf", "POST", "/diffo/v1/kinds/Shelf/actions/build", {"name": "s"}, 1)[0]
            card = ask("build a card", "POST", "/diffo/v1/kinds/Card/actions/build", {"name": "c"}, 1)[0]
            slots = {"first": 1, "last": 10, "assignable_type": "LineCard"}
            client.call("POST", f"/diffo/v1/instances/{shelf['id']}/actions/define", {"characteristicValueUpdates": {"slots": slots}})
            ask("define a card", "POST", f"/diffo/v1/instances/{card['id']}/actions/define",
                {"characteristicValueUpdates": {"card": {"family": "ISAM", "model": "EBLT48"}, "ports": {"first": 1, "last": 48, "assignable_type": "A"}}}, 1)
            ask("assign a slot", "POST", f"/diffo/v1/instances/{shelf['id']}/actions/assign_slot",
                {"assignment": {"assigneeId": card["id"], "alias": "shelf"}}, 1)
        proxy.close()
        return figures

    # ---- Beside a bare loop

    def ratios(self):
        gets, posts = [], []
        for number in range(ROUNDS):
            with self.server(self.uri) as server:
                product = self.load.run(server, SECONDS, 1, "--target", f"{SERVICES}/{self.got}")
                get = (product["rps"], self.bare(self.operations([self.get_flights]), SECONDS))
                bodies = self.folder / "bodies"
                bodies.write_text(f"POST {SERVICES} {json.dumps(service())}\n")
                made = self.load.run(server, SECONDS, 1, "--requests", bodies, expected=201)
            post = (made["rps"], self.bare(self.operations(self.fresh_posts()), 0))
            gets.append(get)
            posts.append(post)
            self.say(f"round {number + 1}: GET {get[0]:.0f}/s, bare {get[1]:.0f}/s; POST {post[0]:.0f}/s, bare {post[1]:.0f}/s; our CPU "
                     f"{product['server_cpu_us_per_request']:.0f} and {made['server_cpu_us_per_request']:.0f} µs")
        return [figure(f"neo4j/{name}", unit, 0.8, "more", [one[0] for one in pairs], [one[1] for one in pairs],
                       [one[0] / one[1] for one in pairs], {"connections": 1})
                for name, unit, pairs in (("neo4j_get_ratio", "GET/s", gets), ("neo4j_post_ratio", "POST/s", posts))]

    def operations(self, all_flights):
        file = self.folder / "operations"
        file.write_text("\n".join(json.dumps([{"write": any("DiffoHead" in one["query"] for one in flight["statements"]), **flight}
                                              for flight in flights]) for flights in all_flights))
        return file

    def bare(self, file, seconds):
        return json.loads(self.done(self.replay, file, seconds))["rps"]

    def fresh_posts(self):
        """What one create sent, again and again for others: with ids of their own, behind the newest commit."""
        head = json.loads(self.done(self.tool, "run", "MATCH (h:DiffoHead {id:'main'}) RETURN h.seq AS seq, h.epoch AS epoch"))
        before = next(one["parameters"] for flight in self.posted for one in flight["statements"] if "epoch" in one["parameters"])
        for number in range(BARE_POSTS):
            text, ids = json.dumps(self.posted), {SPECIFICATION: SPECIFICATION}
            text = UUID.sub(lambda found: ids.setdefault(found[0], str(uuid.uuid4())), text)
            flights = self.renumbered(json.loads(text), before["last"], head["seq"] + number + 1)
            for flight in flights:
                for one in flight["statements"]:
                    if "epoch" in one["parameters"]:
                        one["parameters"].update(seq=head["seq"] + number, epoch=head["epoch"])
            yield flights

    def renumbered(self, value, old, new):
        if isinstance(value, dict):
            return {name: self.renumbered(one, old, new) for name, one in value.items()}
        if isinstance(value, list):
            return [self.renumbered(one, old, new) for one in value]
        return new if type(value) is int and value == old else value
