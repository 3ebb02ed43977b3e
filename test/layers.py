#!/usr/bin/env python3
"""Checks that each folder of src includes only folders that stand before it. Prints what does not; exit 1 if anything."""
import pathlib
import re
import sys

SOURCE = pathlib.Path(__file__).resolve().parent.parent / "src"
ALL = "base json outstanding graph store bolt tmf http server cli".split()
# store and bolt stand side by side: neither may use the other.
MAY_USE = {folder: set(ALL[: index + 1]) for index, folder in enumerate(ALL)}
MAY_USE["bolt"] -= {"store"}

problems = 0
for path in sorted(SOURCE.rglob("*")):
    if path.suffix not in (".h", ".cpp"):
        continue
    folder = path.relative_to(SOURCE).parts[0]
    if folder not in MAY_USE:
        print(f"{path}: {folder} has no place among the layers")
        problems += 1
        continue
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        used = re.match(r'\s*#\s*include\s*"([^/"]+)/', line)
        if used and used[1] not in MAY_USE[folder]:
            print(f"{path}:{number}: {folder} must not include {used[1]}")
            problems += 1
sys.exit(1 if problems else 0)
