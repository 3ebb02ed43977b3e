"""A Neo4j database for tests written in Python: DIFFO_NEO4J_USER and _PASSWORD say who asks."""
import os
import pathlib
import subprocess


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
