#!/usr/bin/env python3
"""Checks what each file of src includes against what its folder's CMakeLists.txt says it uses (USES, and what these use).

A library may use only libraries of folders that stand before its own in the order of CMakeLists.txt. What stands in
src/testing is for files named *_test, *_fuzz, *_bench and *_main. A whole revision is for stores; others read through plans. Every
.cpp belongs to a target. Prints what is wrong; exit 1 if anything is.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOR_TESTS = re.compile(r"_(test|fuzz|bench|main)\.(cpp|h)$")
OF_STORES = re.compile(r'\s*#\s*include\s*"graph/revision\.h"')
STORES = {"graph", "store", "neo4j", "testing"}
KEYWORDS = {"SOURCES", "USES", "PRIVATE", "PUBLIC", "TIMEOUT"}


class Target:
    def __init__(self, folder, kind, name, words):
        self.folder, self.kind, self.name = folder, kind, name
        self.lists = {}
        keyword = None
        for word in words:
            if word in KEYWORDS:
                keyword = word
            else:
                self.lists.setdefault(keyword, []).append(word)

    def words(self, keyword):
        return self.lists.get(keyword, [])


def folders(root):
    """In the order in which CMake adds them: the order of dependence."""
    return re.search(r"foreach\(layer ([^)]*)\)", (root / "CMakeLists.txt").read_text(encoding="utf-8"))[1].split()


def targets(root, order):
    for folder in order:
        path = root / "src" / folder / "CMakeLists.txt"
        if not path.exists():
            continue
        text = re.sub(r"#.*", "", path.read_text(encoding="utf-8"))
        for kind, words in re.findall(r"\bdiffo_(library|test|program|fuzz)\(([^)]*)\)", text):
            name, *rest = words.split()
            yield Target(folder, kind, name, rest)


def reach(libraries, names):
    """The folders behind the named libraries and all that these use."""
    seen, ahead = set(), list(names)
    while ahead:
        name = ahead.pop()
        if name in seen or name not in libraries:
            continue
        seen.add(name)
        ahead += libraries[name].words("USES")
    return {libraries[name].folder for name in seen}


def declared(order, libraries, every):
    """Problems in what the CMakeLists.txt say."""
    place = {folder: number for number, folder in enumerate(order)}
    for target in every:
        where = f"src/{target.folder}/CMakeLists.txt: {target.name}"
        for name in target.words("USES"):
            if name not in libraries:
                yield f"{where} uses {name}, which is no library of ours"
                continue
            used = libraries[name].folder
            if target.kind == "library" and used != target.folder and place[used] > place[target.folder]:
                yield f"{where} uses {name}, which stands behind it"
            if used == "testing" and target.folder != "testing" and not all(map(FOR_TESTS.search, target.words("SOURCES"))):
                yield f"{where} uses {name}, which is for tests"


def allowed(libraries, every):
    """What each listed source may include, and what the headers of a folder may."""
    by_source, by_folder = {}, {}
    for target in every:
        may = reach(libraries, target.words("USES")) | {target.folder}
        for source in target.words("SOURCES"):
            by_source.setdefault((target.folder, source), set()).update(may)
        if target.kind == "library":
            by_folder.setdefault(target.folder, set()).update(may)
    return by_source, by_folder


def included(root, by_source, by_folder):
    """Problems in what the files include."""
    for path in sorted((root / "src").rglob("*")):
        if path.suffix not in (".h", ".cpp"):
            continue
        folder, *inner = path.relative_to(root / "src").parts
        name = path.relative_to(root)
        key = (folder, "/".join(inner))
        if path.suffix == ".cpp" and key not in by_source:
            yield f"{name}: no target of src/{folder}/CMakeLists.txt builds it"
            continue
        twin = (folder, key[1].removesuffix(".h") + ".cpp")
        may = by_source.get(key) or by_source.get(twin) or by_folder.get(folder, {folder})
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if OF_STORES.match(line) and folder not in STORES:
                yield f"{name}:{number}: a whole revision is for stores"
            used = re.match(r'\s*#\s*include\s*"([^/"]+)/', line)
            if not used or used[1] == "diffo":
                continue
            if used[1] == "testing" and folder != "testing" and not FOR_TESTS.search(path.name):
                yield f"{name}:{number}: testing is for tests"
            elif used[1] not in may:
                yield f"{name}:{number}: {folder} does not say that it uses {used[1]}"


def problems(root):
    order = folders(root)
    every = list(targets(root, order))
    libraries = {target.name: target for target in every if target.kind == "library"}
    yield from declared(order, libraries, every)
    yield from included(root, *allowed(libraries, every))


def main():
    found = list(problems(ROOT))
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
