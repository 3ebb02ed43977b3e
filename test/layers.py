#!/usr/bin/env python3
"""Checks that each folder of src includes only folders that stand before it. Prints what does not; exit 1 if anything."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# The order in which CMake adds the folders is the order of dependence.
ORDER = re.search(r"foreach\(layer ([^)]*)\)", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"))[1].split()
MAY_USE = {folder: set(ORDER[: index + 1]) for index, folder in enumerate(ORDER)}
MAY_USE["bolt"] -= {"store"}  # the two stand side by side
TEST_FILE = re.compile(r"_(test|fuzz|bench|main)\.cpp$")

problems = []
for path in sorted((ROOT / "src").rglob("*")):
    if path.suffix not in (".h", ".cpp"):
        continue
    folder = path.relative_to(ROOT / "src").parts[0]
    name = path.relative_to(ROOT)
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        used = re.match(r'\s*#\s*include\s*"([^/"]+)/', line)
        if used and used[1] == "testing" and TEST_FILE.search(path.name):
            continue
        if used and used[1] not in MAY_USE.get(folder, set()) | {"diffo"}:
            problems.append(f"{name}:{number}: {folder} must not include {used[1]}")
for problem in problems:
    print(problem)
sys.exit(1 if problems else 0)
