#!/usr/bin/env python3
"""Checks that what the checklists say is shown is there (docs/reference/checklist_*.md, tmf630.md).

In the column `shown by` of a table, `file` or `file: text` names a file of this tree (without a folder: by a name that is there
once) and a text in it, in quotes where it is a title. A cell names at least one, or begins with `–` and a reason, or with `nothing yet`.
Prints what is not so; exit 1 if anything is.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SPAN = re.compile(r"`([\w./-]+\.\w+)(?:: ([^`]+))?`")
TITLE = re.compile(r'"([^"]*)"')


def files(root):
    """Paths by path, and by name: one that several have is there several times."""
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=root, capture_output=True,
                            text=True, check=True).stdout.split("\n")
    found = {}
    for name in listed:
        if name and (root / name).is_file():
            found.setdefault(name, []).append(name)
            if "/" in name:
                found.setdefault(name.rsplit("/", 1)[-1], []).append(name)
    return found


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def check_span(root, known, name, text):
    """What is wrong with one `name: text`, or nothing."""
    paths = known.get(name, [])
    if len(paths) != 1:
        return f"there is no file {name}" if not paths else f"{name} may be any of {', '.join(paths)}"
    if text is None:
        return None
    title = TITLE.fullmatch(text)
    wanted = title[1] if title else text
    content = (root / paths[0]).read_text(encoding="utf-8")
    return None if wanted in content else f"{paths[0]} does not say: {wanted}"


def check_cell(root, known, cell):
    spans = SPAN.findall(cell)
    if cell.startswith("–"):
        if not cell[1:].strip():
            yield "a reason must follow –"
    elif not spans and not cell.startswith("nothing yet"):
        yield f"names no test: {cell}"
    for name, text in spans:
        problem = check_span(root, known, name, text or None)
        if problem:
            yield problem


def problems(root):
    known = files(root)
    reference = root / "docs/reference"
    for page in sorted([*reference.glob("checklist_*.md"), *reference.glob("tmf630.md")]):
        width = None  # of the table that a line is in
        for number, line in enumerate(page.read_text(encoding="utf-8").split("\n"), 1):
            where = f"{page.relative_to(root)}:{number}"
            if not line.startswith("|"):
                width = None
            elif width is None:
                width = len(cells(line))
                if cells(line)[-1] != "shown by":
                    yield f"{where}: the last column must be 'shown by'"
            elif set(line) - set("|- "):
                row = cells(line)
                if len(row) != width:
                    yield f"{where}: has {len(row)} cells of {width}"
                for problem in check_cell(root, known, row[-1]):
                    yield f"{where}: {problem}"


def main():
    found = list(problems(ROOT))
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
