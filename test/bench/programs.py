"""Benchmarks that are programs of the build: run, and their own JSON collected."""
import json
import os
import pathlib
import shlex
import subprocess
import tempfile

from measured import ROOT, BareServer, BenchError, Load, find_program
from inventory import figure
from over_neo4j import OverNeo4j

# What is looked for in the build, by the name given to ./dev bench.
PROGRAMS = {"base": ("base_bench",), "json": ("json_bench",), "store": ("store_bench",), "tmf": ("tmf_bench",),
            "outstanding": ("outstanding_bench", "difference_bench"), "bolt": ("bolt_bench",),
            "neo4j": ("neo4j_bench",)}
# Which benchmark of the same run another is held against.
BASELINES = {"read": "simdjson_baseline", "write": "copy_baseline",
             "checksum_crc32c/4096": "copy_baseline/4096", "checksum_sha256/4096": "copy_baseline/4096",
             "characteristics": "structural_equality_baseline", "attributes": "structural_equality_baseline"}
REPETITIONS = 5
SECONDS = 3


def google_figures(name, report):
    """Figures of google-benchmark's JSON: CPU time of each benchmark over its repetitions."""
    times, unit_of = {}, {}
    for run in report.get("benchmarks", []):
        if run.get("run_type") == "iteration" and not run.get("error_occurred"):
            times.setdefault(run["run_name"], []).append(run["cpu_time"])
            unit_of[run["run_name"]] = run["time_unit"]
    figures = []
    for benchmark, values in times.items():
        baseline = times.get(BASELINES.get(benchmark))
        ratios = [value / base for value, base in zip(values, baseline)] if baseline else None
        figures.append(figure(f"{name}/{benchmark}", unit_of[benchmark], None, "less", values, baseline, ratios))
    return figures


def program_of(build, name):
    for program in PROGRAMS[name][:-1]:
        try:
            return find_program(build, program)
        except BenchError:
            pass
    return find_program(build, PROGRAMS[name][-1])


def run_program(build, name, say, environment=None):
    program = program_of(build, name)
    say(f"running {program.name}")
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.json"
        done = subprocess.run([str(program), f"--benchmark_out={report}", "--benchmark_out_format=json",
                               "--benchmark_min_time=0.2", f"--benchmark_repetitions={REPETITIONS}"], stdout=subprocess.PIPE,
                              text=True, env={**os.environ, **(environment or {})})
        if done.returncode:
            raise BenchError(f"{program} ended with status {done.returncode}:\n{done.stdout}")
        if report.is_file() and report.stat().st_size:
            return google_figures(name, json.loads(report.read_text()))
    # Own programs print a list of figures, or one object a line.
    return own_figures(name, done.stdout)


def own_figures(name, text):
    try:
        said = json.loads(text)
    except ValueError:
        said = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    said = said if isinstance(said, list) else [said]
    if not said:
        raise BenchError(f"{PROGRAMS[name][-1]} printed no figures:\n{text}")
    wanted = {"value": None, "unit": "", "baseline": None, "ratio": None, "goal": None, "met": None, "rounds": []}
    return [{**wanted, **one, "name": f"{name}/{one.get('name', number)}"} for number, one in enumerate(said)]


def http(build, say):
    """The bare HTTP stack answering a static body of 2 KiB, over 1 and 64 connections."""
    load, figures = Load(build), []
    for connections in (1, 64):
        with BareServer(build, 2048) as server:
            runs = [load.run(server, SECONDS, connections) for _ in range(REPETITIONS)]
        say(f"http with {connections} connections: {', '.join(format(run['rps'], '.0f') for run in runs)} GET/s")
        figures.append(figure(f"http/static_2KiB/{connections}", "GET/s", None, "more",
                              [run["rps"] for run in runs]))
        figures.append(figure(f"http/static_2KiB_cpu/{connections}", "CPU-µs/GET", None, "less",
                              [run["server_cpu_us_per_request"] for run in runs]))
    return figures


def on_neo4j(build, name, say):
    """The Bolt driver, or the store, against a real Neo4j, started by its own script."""
    script = ROOT / "test" / "neo4j" / "neo4j-server"
    if not script.is_file():
        say(f"{name}: left out, there is no {script.relative_to(ROOT)} to start a Neo4j with")
        return []
    program_of(build, name)
    with tempfile.TemporaryDirectory(prefix="diffo-bench-neo4j-") as folder:
        started = subprocess.run([str(script), "start", folder], stdout=subprocess.PIPE, text=True)
        if started.returncode:
            say(f"{name}: left out, no Neo4j could be started")
            return []
        try:
            lines = subprocess.run([str(script), "env", folder], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
            words = [line.removeprefix("export ").split("=", 1) for line in lines if "=" in line]
            environment = {name: "".join(shlex.split(value)) for name, value in words}
            over_http = OverNeo4j(build, say).run(environment) if name == "neo4j" else []
            return [*run_program(build, name, say, environment), *over_http]
        finally:
            subprocess.run([str(script), "kill", folder], stdout=subprocess.DEVNULL)
