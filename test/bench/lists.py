"""Lists that an index serves: what JSONPath costs beside plain conditions, and what a large store costs beside a small one."""
import json
import pathlib
import tempfile
import urllib.parse
import urllib.request

from inventory import ROUNDS, SECONDS, SERVICES, SMALL, Inventory, figure
from measured import DiffoServer

HITS = 20
CONNECTIONS = 8
# The same services, asked for in two languages: by plain attributes, and by what meets in one item of a list.
PLAIN = "fields=name&category=bench&name.regex=" + urllib.parse.quote("^hit 1")
PATH = "fields=name&filter=" + urllib.parse.quote("$[?(@.category=='bench' && @.name=~'^hit 1')]", safe="")
PLAIN_ITEMS = "fields=name&category=bench&relatedParty.id=bench-party&relatedParty.role=user"
PATH_ITEMS = "fields=name&category=bench&filter=" + urllib.parse.quote("relatedParty[?(@.id=='bench-party' && @.role=='user')]", safe="")
ALL_HITS = "fields=name&category=bench"


class Lists(Inventory):
    def run(self):
        with tempfile.TemporaryDirectory(prefix="lists-", dir=self.build / "bench") as folder:
            self.folder = pathlib.Path(folder)
            return self.lists()

    def add_hits(self, server):
        for number in range(HITS):
            service = {"name": f"hit {number}", "state": "active", "category": "bench", "serviceSpecification": {"id": "bench"},
                       "relatedParty": [{"id": "bench-party", "role": "user", "@referredType": "Organization"}]}
            request = urllib.request.Request(server.url + SERVICES, json.dumps(service).encode(), {"Content-Type": "application/json"})
            urllib.request.urlopen(request, timeout=30).close()

    def cost(self, server, query):
        requests = self.folder / "requests"
        requests.write_text(f"GET {SERVICES}?{query}\n")
        return self.load.run(server, SECONDS, CONNECTIONS, "--requests", requests)["server_cpu_us_per_request"]

    def lists(self):
        self.say(f"importing {SMALL} and {self.large} services")
        small_data, large_data = self.fill("small", SMALL), self.fill("large", self.large)
        queries = (PLAIN, PATH, PLAIN_ITEMS, PATH_ITEMS, ALL_HITS)
        costs = {query: [] for query in queries}
        large_costs = []
        with DiffoServer(self.program, small_data) as small, DiffoServer(self.program, large_data) as large:
            for server in (small, large):
                self.add_hits(server)
            for number in range(ROUNDS):
                for query in queries:
                    costs[query].append(self.cost(small, query))
                large_costs.append(self.cost(large, ALL_HITS))
                self.say(f"round {number + 1}: " + ", ".join(f"{costs[query][-1]:.0f}" for query in queries)
                         + f" and {large_costs[-1]:.0f} CPU-µs")

        def ratio(name, goal, plain, path):
            return figure(name, "CPU-µs/GET", goal, "more", costs[path], costs[plain],
                          [one / other for one, other in zip(costs[plain], costs[path])], {"stored": SMALL})
        return [ratio("jsonpath_ratio", 0.80, PLAIN, PATH), ratio("jsonpath_items_ratio", None, PLAIN_ITEMS, PATH_ITEMS),
                figure("list_flatness", "CPU-µs/GET", 1.3, "less", large_costs, costs[ALL_HITS],
                       [one / other for one, other in zip(large_costs, costs[ALL_HITS])],
                       {"stored": self.large, "baseline_stored": SMALL, "hits": HITS, "quick": self.quick})]
