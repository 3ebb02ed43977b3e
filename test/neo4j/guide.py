#!/usr/bin/env python3
"""Runs what docs/guide/neo4j.md shows, against the database of `--store URI`, which is emptied. Closes with 'N passed, M failed'."""
import argparse
import os
import pathlib
import shutil
import sys
import tempfile
import types

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support"), str(HERE.parent / "program")]
import guides  # noqa: E402
from client import Report  # noqa: E402
from neo4j import Database  # noqa: E402

SHOWN = "neo4j://localhost:7687"


class Page(guides.Page):
    """Who asks is known from the environment, and the server is another one."""

    def __init__(self, program, page, uri):
        super().__init__(program, page, None)
        self.text = self.text.replace(SHOWN, uri)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("program")
    arguments.add_argument("--store", metavar="URI", required=True)
    options = arguments.parse_args()
    if "DIFFO_NEO4J_PASSWORD" not in os.environ:
        arguments.error("DIFFO_NEO4J_PASSWORD is not set")
    report, folder = Report(), pathlib.Path(tempfile.mkdtemp(prefix="diffo-guide-"))
    try:
        Database(options.program, options.store).empty()
        program = types.SimpleNamespace(path=str(pathlib.Path(options.program).resolve()), report=report, folder=folder)
        Page(program, "docs/guide/neo4j.md", options.store).run()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
