"""A Neo4j database for tests written in Python: DIFFO_NEO4J_USER and _PASSWORD say who asks."""
import argparse
import os
import pathlib
import shutil
import subprocess
import tempfile

from client import Report


def run_on_database(about, work):
    """The main function of `SCRIPT PROGRAM --store URI`: `work(report, database, folder)` on a database that is emptied before and afterwards and is
    to hold together in the end; the folder goes with it. The exit status."""
    arguments = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("program")
    arguments.add_argument("--store", metavar="URI", required=True)
    options = arguments.parse_args()
    if "DIFFO_NEO4J_PASSWORD" not in os.environ:
        arguments.error("DIFFO_NEO4J_PASSWORD is not set")
    report, folder = Report(), pathlib.Path(tempfile.mkdtemp(prefix="diffo-neo4j-"))
    database = Database(pathlib.Path(options.program).resolve(), options.store)
    try:
        database.renew()
        work(report, database, folder)
        for problem in database.check():
            report.check(False, problem)
        database.empty()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return report.close()


class Database:
    """The database of `--store URI`, which the tests may empty."""

    def __init__(self, program, uri):
        self.program, self.uri = str(program), uri
        self.tool = pathlib.Path(program).resolve().parent / "src/neo4j/diffo_neo4j_tool"
        if not self.tool.is_file():
            raise RuntimeError(f"{self.tool} is not built")
        self.options = ["--store", uri]

    def run(self, command):
        """Exit status and what was printed."""
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=os.environ | {"DIFFO_NEO4J_URI": self.uri})
        return done.returncode, done.stdout + done.stderr

    def do(self, *command):
        status, printed = self.run(command)
        if status != 0:
            raise RuntimeError(f"{' '.join(command)}: {printed}")

    def empty(self):
        """Constraints and indexes stay."""
        self.do(str(self.tool), "empty")

    def renew(self):
        """Nothing is in it, and it is initialized."""
        self.empty()
        self.do(self.program, "neo4j", "init", *self.options)

    def check(self):
        """What a check of inventory and shared graph finds; empty: nothing."""
        status, printed = self.run([self.program, "check", *self.options])
        return [] if status == 0 else [f"diffo check: {printed}"]
