#!/usr/bin/env python3
"""Kills the server under examples/hammer/pool.py: no value of a pool is handed out twice, none is lost, and the folder is clean.

    hammer.py PROGRAM [--writers N] [--operations N] [--kills N] [--leases] [--seed N] [--store URI]

The long run is `--writers 64 --operations 10000 --kills 20 --leases`. With `--store URI` the inventory is in a Neo4j database, which is emptied, and
every other time it is Neo4j that is killed: DIFFO_NEO4J_SERVER, _DIR and _USER, _PASSWORD say how (test/neo4j/run). Closes with 'N passed, M failed'.
"""
import argparse
import os
import pathlib
import random
import signal
import subprocess
import sys
import threading
import time

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(TOP / "test" / "support"), str(TOP / "examples" / "hammer")]
from client import Report  # noqa: E402
from neo4j import Database  # noqa: E402
from pool import Hammer, Refused  # noqa: E402
from server import Server, program_in  # noqa: E402


class Falling:
    """A server that is killed and comes back; who asks for its address while it is down waits."""

    def __init__(self, server, database=None):
        self.server, self.database, self.falls, self.up = server, database, 0, threading.Event()
        self.up.set()

    def where(self):
        if not self.up.wait(60):
            raise OSError("the server is down")
        return "127.0.0.1", self.server.port

    def fall(self):
        self.falls += 1
        if self.database is not None and self.falls % 2 == 0:
            self.database_falls()
            return
        self.up.clear()
        self.server.stop(signal.SIGKILL)
        self.server.start()
        self.up.set()

    @staticmethod
    def database_falls():
        for verb in ("kill", "start"):
            subprocess.run([os.environ["DIFFO_NEO4J_SERVER"], verb, os.environ["DIFFO_NEO4J_DIR"]], check=True)


def kill_meanwhile(falling, hammer, kills, chance):
    """At even distances of what has to be done, give or take."""
    whole = hammer.writers * hammer.operations
    for number in range(kills):
        due = whole * (number + chance.uniform(0.5, 1)) / (kills + 1)
        while hammer.done < due and not hammer.problems:
            time.sleep(0.01)
        falling.fall()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("program")
    options.add_argument("--writers", type=int, default=64)
    options.add_argument("--operations", type=int, default=100)
    options.add_argument("--kills", type=int, default=2)
    options.add_argument("--leases", action="store_true")
    options.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options.add_argument("--store", metavar="URI")
    given = options.parse_args()
    report, chance = Report(), random.Random(given.seed)
    print(f"hammer: seed {given.seed}", flush=True)
    program = program_in(given.program)
    database = Database(program, given.store) if given.store else None
    if database is not None:
        database.renew()
    with Server(program, *(database.options if database else ())) as server:
        falling = Falling(server, database)
        hammer = Hammer(falling.where, given.writers, given.operations, given.seed, given.leases)
        started = time.monotonic()
        try:
            hammer.set_up()
            hammer.run(lambda: kill_meanwhile(falling, hammer, given.kills, chance))
            hammer.settle()
        except Refused as problem:
            hammer.problems.append(str(problem))
        for problem in hammer.problems[:20]:
            print(problem)
        wanted = given.writers * given.operations
        report.check(not hammer.problems, f"{len(hammer.problems)} problems")
        report.check(hammer.done == wanted, f"{hammer.done} operations of {wanted}")
        print(f"hammer: {hammer.done} operations, {given.kills} kills, {hammer.ran_out} leases ended, {time.monotonic() - started:.1f} s", flush=True)
        server.stop()
        kept = database.options if database else ["--data", str(server.data)]
        checked = subprocess.run([str(program), "check", *kept], capture_output=True, text=True, check=False)
        report.check(checked.returncode == 0, f"diffo check: {checked.stdout}{checked.stderr}")
        server.start()
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
