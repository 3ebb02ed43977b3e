#!/usr/bin/env python3
"""Checks that every section that is cited exists: `wire.md §3` is a heading numbered 3 in docs/spec/wire.md.

A name without a folder is a page of docs/spec, or of another folder of docs. `docs/formats/record.md §1` is that file. A number
without a page (`§4.9`) belongs to the page or RFC that the file named last. Prints what leads nowhere; exit 1 if
anything does.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SUFFIXES = (".h", ".cpp", ".md", ".py", ".js", ".mjs", ".txt", ".cmake", ".exchange", ".in")
# What stands between the words of a citation: a line may end there, and the next one begins with its comment mark.
GAP = r"(?:[`'\")]*[ ,]*(?:\n\s*(?:///?|#|\*|-)?)?\s*)"
CITATION = re.compile(
    rf"(?P<page>[\w./-]+\.md)\b(?:{GAP}§+\s*(?P<section>\d+(?:\.\d+)*))?"
    rf"|(?P<other>RFC\s*\d+|TMF\d+(?: Part \d+)?|JSONPath|Cypher|PackStream)\b"
    rf"|§+\s*(?P<bare>\d+(?:\.\d+)*)")


def pages(root, listed):
    """Pages by file name and by path, each with the numbers of its headings."""
    found = {}
    for path in sorted(root / name for name in listed if name.endswith(".md") and (root / name).is_file()):
        text = path.read_text(encoding="utf-8")
        numbers = set(re.findall(r"^#+ (\d+(?:\.\d+)*)\.?\s", text, re.MULTILINE))
        found.setdefault(str(path.relative_to(root)), numbers)
        if path.parent.name == "spec" or path.name not in found:
            found[path.name] = numbers
    return found


def check(name, text, known):
    """Problems of one file. Documents cite each other by links, which nothing here follows."""
    last = own = name.rsplit("/", 1)[-1] if name.startswith("docs/spec/") else None
    for match in CITATION.finditer(text):
        number = text.count("\n", 0, match.start()) + 1
        if match["other"]:
            last = own
        elif match["page"]:
            page = match["page"].removeprefix("./").removeprefix("../")
            page = page if page in known else page.rsplit("/", 1)[-1]
            last = page
            if page not in known:
                yield f"{name}:{number}: there is no page {match['page']}"
            elif match["section"] and match["section"] not in known[page]:
                yield f"{name}:{number}: {match['page']} §{match['section']} does not exist"
        elif last and match["bare"] not in known.get(last, ()) and match["bare"] not in known.get(own, ()):
            yield f"{name}:{number}: §{match['bare']} does not exist in {last}"


def problems(root):
    listed = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True, check=True).stdout.split("\n")
    known = pages(root, listed)
    for name in listed:
        path = root / name
        if not (name.endswith(SUFFIXES) or name == "dev") or name in ("test/citations.py", "test/law_test.py") or not path.is_file():
            continue
        yield from check(name, path.read_text(encoding="utf-8"), known)


def main():
    found = list(problems(ROOT))
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
