#!/usr/bin/env python3
"""Layout, clang-tidy and house rules over the files git knows. Prints what is wrong; exit 1 if anything is.

`--house` leaves out clang-tidy, which takes most of the time.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "release"
CACHE = ROOT / "build" / "tidy-cache"
# The analyzer walks paths through calls for up to 225 000 states a function unless told; a quarter of
# them has found what all of them do, in two thirds of the time.
TIDY = ["clang-tidy-19", "--quiet", "--extra-arg=-Wno-unknown-warning-option"] + [
    f"--extra-arg={word}" for word in ("-Xclang", "-analyzer-config", "-Xclang", "max-nodes=60000")]


def files(*patterns):
    listed = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if line]


def layout(sources):
    run = subprocess.run(["clang-format-19", "--dry-run", "--Werror", *sources], cwd=ROOT, capture_output=True, text=True)
    return run.stderr.splitlines()[:40] if run.returncode else []


# What may stand in no condition: an assertion must be able to go without anything changing.
CHANGES = re.compile(r"\+\+|--|(?<![=!<>])=(?!=)|\bTRY\(|std::(move|exchange|swap)\(|"
                     r"[.>](insert|erase|emplace\w*|push\w*|pop\w*|append|assign|clear|reset|release|exchange|swap|set\w*|take\w*|"
                     r"write\w*|read\w*|commit\w*|store|fetch_\w+|send|remove\w*|add\w*)\(")


def assertions(text):
    """(line, condition) of each DIFFO_ASSERT, to its closing parenthesis."""
    for match in re.finditer(r"\bDIFFO_ASSERT\(", text):
        depth, end = 1, match.end()
        while end < len(text) and depth:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        if "#define" not in text[text.rfind("\n", 0, match.start()) + 1:match.start()]:
            yield text.count("\n", 0, match.start()) + 1, text[match.end():end - 1]


def rules(sources):
    """What clang-tidy cannot say (docs/style.md)."""
    found = []
    for name in sources:
        text = (ROOT / name).read_text(encoding="utf-8")
        if name.endswith(".h") and "#pragma once" not in text:
            found.append(f"{name}: no #pragma once")
        for number, condition in assertions(text):
            if CHANGES.search(condition):
                found.append(f"{name}:{number}: an assertion that changes something: {condition[:60]}")
        for number, line in enumerate(text.splitlines(), 1):
            if re.search(r"\b(TODO|FIXME|XXX)\b(?!\(#\d+\))", line):
                found.append(f"{name}:{number}: a TODO without an issue number")
            if re.search(r"unordered_\w+<std::string(_view)?\b(?!.*TextHash)", line):
                found.append(f"{name}:{number}: texts of clients are hashed with TextHash (base/text_hash.h)")
            if name.startswith("include/") and re.match(r'#include [<"](?!diffo/)[a-z_]+/', line):
                found.append(f"{name}:{number}: a public header includes only the standard library and diffo/")
    return found


def tidy_one(name, commands, config):
    """clang-tidy on one file, remembered by the hash of what it saw after preprocessing."""
    entry = commands.get(str(ROOT / name))
    if entry is None:
        return []
    clean = re.sub(r"^\S*ccache ", "", entry["command"])
    preprocess = re.sub(r" -o \S+ -c ", " -E ", clean) + " -P"
    seen = subprocess.run(preprocess, shell=True, cwd=entry["directory"], capture_output=True)
    key = hashlib.sha256(config + " ".join(TIDY).encode() + seen.stdout).hexdigest()
    if seen.returncode == 0 and (CACHE / key).exists():
        return []
    run = subprocess.run([*TIDY, "-p", str(BUILD), str(ROOT / name)], capture_output=True, text=True)
    if run.returncode == 0:
        (CACHE / key).touch()
        return []
    return [line for line in run.stdout.splitlines() if re.search(r"(warning|error):", line)] or [run.stderr[-400:]]


def main():
    sources = files("*.h", "*.cpp")
    problems = layout(sources) + rules(sources)
    if "--house" in sys.argv[1:]:
        return finish(sources, problems)
    CACHE.mkdir(parents=True, exist_ok=True)
    commands = {e["file"]: e for e in json.loads((BUILD / "compile_commands.json").read_text())}
    config = (ROOT / ".clang-tidy").read_bytes()
    checked = [name for name in files("src/*.cpp", "examples/*.cpp") if "_test.cpp" not in name and "_bench.cpp" not in name]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(lambda name: tidy_one(name, commands, config), checked):
            for problem in found:
                print(problem, file=sys.stderr, flush=True)  # it takes minutes; what is known helps already
            problems += found
    return finish(sources, problems)


def finish(sources, problems):
    for script in ("layers.py", "citations.py"):
        run = subprocess.run([sys.executable, str(ROOT / "test" / script)], capture_output=True, text=True)
        problems += run.stdout.splitlines() + ([f"test/{script}: {run.stderr[-400:]}"] if run.returncode and not run.stdout else [])
    for problem in problems:
        print(problem)
    print(f"lint: {len(sources)} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
