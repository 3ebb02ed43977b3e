#!/usr/bin/env python3
"""Benchmarks with their baselines: run.py BUILD_DIR [NAME…] [--json FILE] [--quick]. See docs/benchmarks.md."""
import argparse
import datetime
import json
import pathlib
import sys

import programs
from events import Events
from inventory import LARGE, QUICK_LARGE, Inventory
from kinds import Kinds
from lists import Lists
from measured import CORES, LOAD_CORE, SERVER_CORE, BenchError
from observations import Observations
from residues import Residues
from stall import Stall

NAMES = ("inventory", "lists", "stall", "kinds", "residues", "observations", "events", "http", *programs.PROGRAMS)


def say(text):
    print(text, file=sys.stderr, flush=True)


def shown(number):
    if number is None:
        return ""
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"


def spread(found):
    """min / median / max of what the figure is judged by."""
    key = "ratio" if found["ratio"] is not None else "value"
    values = sorted(one[key] for one in found["rounds"] if key in one)
    return f"{shown(values[0])} … {shown(values[-1])}" if values else ""


def table(figures):
    rows = [("figure", "value", "unit", "baseline", "ratio", "min … max", "goal", "")]
    for one in figures:
        rows.append((one["name"], shown(one["value"]), one["unit"], shown(one["baseline"]), shown(one["ratio"]), spread(one),
                     shown(one["goal"]), {None: "", True: "met", False: "MISSED"}[one["met"]]))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) if column in (0, 2) else cell.rjust(width)
                        for column, (cell, width) in enumerate(zip(row, widths))).rstrip())


def run_one(build, name, quick):
    if name == "inventory":
        if quick:
            say(f"inventory: --quick stores {QUICK_LARGE} services instead of {LARGE} for get_flatness")
        return Inventory(build, quick, say).run()
    if name == "lists":
        return Lists(build, quick, say).run()
    if name == "stall":
        return Stall(build, quick, say).run()
    if name == "kinds":
        return Kinds(build, quick, say).run()
    if name == "residues":
        return Residues(build, quick, say).run()
    if name == "observations":
        return Observations(build, quick, say).run()
    if name == "events":
        return Events(build, quick, say).run()
    if name == "http":
        return programs.http(build, say)
    if name in ("bolt", "neo4j"):
        return programs.on_neo4j(build, name, say)
    return programs.run_program(build, name, say)


def main():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES) + "; without: inventory and stall")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_LARGE} instead of {LARGE} services; a tenth for stall")
    chosen = parser.parse_intermixed_args()
    unknown = [name for name in chosen.names if name not in NAMES]
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(NAMES)}")
    build = chosen.build.resolve()
    if len(CORES) < 2:
        say("only one core: server and load generator share it, and the ratios say little")
    else:
        say(f"server on core {SERVER_CORE}, load on core {LOAD_CORE}")
    started, figures = datetime.datetime.now(), []
    for name in chosen.names or ["inventory", "stall"]:
        try:
            figures += run_one(build, name, chosen.quick)
        except BenchError as problem:
            sys.exit(f"bench: {name}: {problem}")
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=1) + "\n")
    table(figures)
    say(f"took {(datetime.datetime.now() - started).seconds} s")


if __name__ == "__main__":
    main()
