"""The product benchmark: a pinned server, a pinned load generator, and the baselines in the same run."""
import json
import pathlib
import random
import shutil
import statistics
import subprocess
import tempfile
import urllib.request

import services
from measured import SERVER_CORE, BareServer, BenchError, DiffoServer, Load, find_program, pinned, settled_resident_bytes

SMALL, MEDIUM, LARGE, QUICK_LARGE = 10_000, 100_000, 1_000_000, 200_000
ROUNDS, SECONDS = 5, 3
GET_CONNECTIONS, POST_CONNECTIONS = 64, 64
POST_BODIES = 50_000
TARGETS = 200_000
SERVICES = "/tmf-api/serviceInventory/v4/service"


def figure(name, unit, goal, better, values, baselines=None, ratios=None, details=None):
    """One line of the report. The goal is for the ratio where there is a baseline, else for the value."""
    value = statistics.median(values)
    baseline = statistics.median(baselines) if baselines else None
    ratio = statistics.median(ratios) if ratios else None
    judged = value if ratio is None else ratio
    rounds = [{"value": v, **({"baseline": baselines[n], "ratio": ratios[n]} if ratios else {})} for n, v in enumerate(values)]
    return {"name": name, "value": value, "unit": unit, "baseline": baseline, "ratio": ratio, "goal": goal,
            "met": None if goal is None else (judged >= goal if better == "more" else judged <= goal),
            "better": better, "rounds": rounds, "details": details or {}}


class Inventory:
    """Keeps its folders below the build, which is on a disk, unlike some /tmp."""

    def __init__(self, build, quick, say):
        self.build, self.quick, self.say = build, quick, say
        self.program, self.load = find_program(build, "diffo"), Load(build)
        self.large = QUICK_LARGE if quick else LARGE
        (build / "bench").mkdir(exist_ok=True)
        self.folder = None

    def run(self):
        with tempfile.TemporaryDirectory(prefix="inventory-", dir=self.build / "bench") as folder:
            self.folder = pathlib.Path(folder)
            figures = self.reads()
            figures += self.memory()
            figures += self.writes()
        return figures

    def fill(self, name, count, **how):
        """A data folder with so many services, made by `diffo import`; and how long the import took."""
        data = self.folder / name
        command = [str(self.program), "import", "--data", str(data), "-"]
        importing = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=False)
        services.write_services(importing.stdin, 0, count, **how)
        importing.stdin.close()
        said = importing.stdout.read().decode()
        if importing.wait(600) or f" {count} created" not in said:
            raise BenchError(f"{' '.join(command)} did not take {count} services: {said}")
        return data

    def targets(self, count):
        """A file with GETs of random services of the first `count`."""
        path = self.folder / f"targets-{count}"
        choose = random.Random(count)
        chosen = choose.sample(range(count), TARGETS) if count >= TARGETS else [choose.randrange(count) for _ in range(TARGETS)]
        path.write_text("".join(f"GET {SERVICES}/{services.service_id(number)}\n" for number in chosen))
        return path

    def body_bytes(self, server, number=7):
        with urllib.request.urlopen(f"{server.url}{SERVICES}/{services.service_id(number)}", timeout=30) as answer:
            return len(answer.read())

    def reads(self):
        self.say(f"importing {SMALL} and {self.large} services")
        small_data, large_data = self.fill("small", SMALL), self.fill("large", self.large)
        bare, small, large = [], [], []
        with DiffoServer(self.program, small_data) as small_server, DiffoServer(self.program, large_data) as large_server, \
                BareServer(self.build, self.body_bytes(small_server)) as bare_server:
            runs = ((bare_server, self.targets(SMALL), bare), (small_server, self.targets(SMALL), small),
                    (large_server, self.targets(self.large), large))
            for number in range(ROUNDS):
                for server, targets, results in runs:
                    results.append(self.load.run(server, SECONDS, GET_CONNECTIONS, "--requests", targets))
                self.say(f"GET round {number + 1}: " + ", ".join(
                    f"{name} {results[-1]['rps']:.0f}/s {results[-1]['server_cpu_us_per_request']:.2f} CPU-µs"
                    for name, (_, _, results) in zip(("bare", f"{SMALL}", f"{self.large}"), runs)))
        return self.read_figures(bare, small, large)

    def read_figures(self, bare, small, large):
        rates = [[run["rps"] for run in runs] for runs in (bare, small)]
        costs = [[run["server_cpu_us_per_request"] for run in runs] for runs in (bare, small, large)]
        return [
            figure("get_ratio", "GET/s", 0.70, "more", rates[1], rates[0], [s / b for b, s in zip(*rates)],
                   {"stored": SMALL, "connections": GET_CONNECTIONS, "bare_cpu_microseconds": statistics.median(costs[0]),
                    "cpu_microseconds": statistics.median(costs[1])}),
            figure("get_cost", "CPU-µs/GET", None, "less", costs[1], costs[0], [s / b for b, s in zip(*costs[:2])],
                   {"stored": SMALL, "connections": GET_CONNECTIONS}),
            figure("get_flatness", "CPU-µs/GET", 1.2, "less", costs[2], costs[1], [l / s for s, l in zip(costs[1], costs[2])],
                   {"stored": self.large, "baseline_stored": SMALL, "quick": self.quick})]

    def growth(self, data):
        """Resident bytes of a server on this folder beyond those of one on an empty folder, after a restart."""
        sizes = []
        for folder in (self.folder / "empty", data):
            with DiffoServer(self.program, folder) as server:
                server.metric("diffo_records")
                sizes.append(settled_resident_bytes(server.id))
        return sizes[1] - sizes[0]

    def memory(self):
        self.say(f"importing {MEDIUM} services, twice")
        figures = []
        for name, goal, how in (("bytes_per_instance", 2048, {}),
                                ("bytes_per_instance_own_references", None, {"own_references": True})):
            data = self.fill(name, MEDIUM, **how)
            values = [self.growth(data) / MEDIUM for _ in range(3)]
            self.say(f"{name}: {', '.join(f'{value:.0f}' for value in values)}")
            generator = services.Generator(MEDIUM, **how)
            json_bytes = statistics.mean(len(generator.service(number)) for number in range(1000))
            figures.append(figure(name, "bytes", goal, "less", values, details={"stored": MEDIUM, "json_bytes": json_bytes}))
            shutil.rmtree(data)
        return figures

    def writes(self):
        bodies = self.folder / "bodies"
        generator = services.Generator(POST_BODIES)
        bodies.write_text("".join(f"POST {SERVICES} {generator.service(number, with_id=False)}\n" for number in range(POST_BODIES)))
        product, engine, bare = [], [], []
        for number in range(ROUNDS):
            product.append(self.post_round(bodies, number))
            engine.append(self.baseline_round(product[-1], number))
            with BareServer(self.build, len(generator.service(0))) as server:
                bare.append(self.load.run(server, SECONDS, POST_CONNECTIONS, "--requests", bodies)["server_cpu_us_per_request"])
            self.say(f"POST round {number + 1}: {product[-1]['rps']:.0f}/s in batches of {product[-1]['batch']:.1f}, "
                     f"{product[-1]['server_cpu_us_per_request']:.1f} CPU-µs; bare RocksDB {engine[-1]['records_per_second']:.0f}/s, "
                     f"{engine[-1]['cpu_us_per_record']:.1f} CPU-µs; bare HTTP {bare[-1]:.1f} CPU-µs")
            shutil.rmtree(product[-1]["data"])
        rates = [run["rps"] for run in product]
        baseline = [run["records_per_second"] for run in engine]
        costs = [run["server_cpu_us_per_request"] for run in product]
        bases = [stack + run["cpu_us_per_record"] for stack, run in zip(bare, engine)]
        return [figure("post_cost", "CPU-µs/POST", None, "less", costs, bases, [p / b for p, b in zip(costs, bases)],
                       {"connections": POST_CONNECTIONS, "bare_http_cpu_microseconds": statistics.median(bare),
                        "bare_engine_cpu_microseconds": statistics.median(run["cpu_us_per_record"] for run in engine)}),
                figure("post_ratio", "records/s", 0.50, "more", rates, baseline, [p / b for p, b in zip(rates, baseline)],
                       {"connections": POST_CONNECTIONS, "mean_batch": statistics.median(run["batch"] for run in product),
                        "cpu_microseconds": statistics.median(run["server_cpu_us_per_request"] for run in product),
                        "p99_microseconds": statistics.median(run["latency_us"]["p99"] for run in product)})]

    def post_round(self, bodies, number):
        """What the load generator says of a fresh server, with its mean batch and its data folder."""
        data = self.folder / f"post-{number}"
        with DiffoServer(self.program, data) as server:
            said = self.load.run(server, SECONDS, POST_CONNECTIONS, "--requests", bodies, expected=201)
            said["batch"] = server.metric("diffo_store_commits") / server.metric("diffo_store_batches")
        return {**said, "data": data}

    def baseline_round(self, product, number):
        """What RocksDB alone does and costs, writing what the product wrote in batches of the product's mean size."""
        fresh = self.folder / f"rocksdb-{number}"
        command = pinned(SERVER_CORE, find_program(self.build, "rocksdb_baseline"), product["data"] / "engine", fresh,
                         round(product["batch"]), product["requests"])
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        if done.returncode:
            raise BenchError(f"{' '.join(command)} failed:\n{done.stderr}")
        return json.loads(done.stdout)
