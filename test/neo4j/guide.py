#!/usr/bin/env python3
"""Runs what docs/guide/neo4j.md shows, against the database of `--store URI`, which is emptied. Closes with 'N passed, M failed'."""
import pathlib
import sys
import types

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support"), str(HERE.parent / "program")]
import guides  # noqa: E402
from neo4j import run_on_database  # noqa: E402

SHOWN = "neo4j://localhost:7687"


class Page(guides.Page):
    """Who asks is known from the environment, and the server is another one."""

    def __init__(self, program, page, uri):
        super().__init__(program, page, None)
        self.text = self.text.replace(SHOWN, uri)


def run_all(report, database, folder):
    database.empty()
    program = types.SimpleNamespace(path=database.program, report=report, folder=folder)
    Page(program, "docs/guide/neo4j.md", database.uri).run()


if __name__ == "__main__":
    sys.exit(run_on_database(__doc__, run_all))
