#!/usr/bin/env python3
"""Whether layers.py and citations.py find what they are for, on a small tree made here. Closes with 'N passed, M failed'."""
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import citations  # noqa: E402
import layers  # noqa: E402
import lint  # noqa: E402

GOOD = {
    "CMakeLists.txt": "foreach(layer low high testing)\n",
    "src/low/CMakeLists.txt": "diffo_library(low SOURCES a.cpp)\ndiffo_test(low SOURCES a_test.cpp USES low testing)\n",
    "src/low/a.h": "",
    "src/low/a.cpp": '#include "low/a.h"\n',
    "src/low/a_test.cpp": '#include "testing/help.h"\n#include "low/a.h"\n',
    "src/high/CMakeLists.txt": "diffo_library(high SOURCES b.cpp USES low)\n",
    "src/high/b.h": '#include "low/a.h"\n#include "diffo/result.h"\n',
    "src/high/b.cpp": '#include "high/b.h"\n',
    "src/testing/CMakeLists.txt": "diffo_library(testing USES low)\n",
    "src/testing/help.h": '#include "low/a.h"\n',
}
# What is changed, and a piece of what must be said about it.
BROKEN_LAYERS = {
    "an include of what stands behind": ({"src/low/a.cpp": '#include "high/b.h"\n'}, "low does not say that it uses high"),
    "an include of what is not declared": ({"src/high/CMakeLists.txt": "diffo_library(high SOURCES b.cpp)\n"},
                                           "high does not say that it uses low"),
    "a declared use of what stands behind": ({"src/low/CMakeLists.txt": GOOD["src/low/CMakeLists.txt"].replace(
        "a.cpp)", "a.cpp USES high)")}, "stands behind it"),
    "test support in a library": ({"src/high/b.cpp": '#include "testing/help.h"\n'}, "testing is for tests"),
    "test support declared by a library": ({"src/high/CMakeLists.txt": "diffo_library(high SOURCES b.cpp USES low testing)\n"},
                                           "which is for tests"),
    "a revision outside of stores": ({"src/high/b.cpp": '#include "graph/revision.h"\n'}, "is for stores"),
    "a file that nothing builds": ({"src/low/lost.cpp": ""}, "no target"),
    "a library that does not exist": ({"src/high/CMakeLists.txt": "diffo_library(high SOURCES b.cpp USES low lower)\n"},
                                      "no library of ours"),
}
KNOWN = {"wire.md": {"3", "3.1"}, "docs/spec/wire.md": {"3", "3.1"}}
CITED = {
    "a section that exists": ("// wire.md §3", False),
    "its own number on the next line": ("/// as wire.md\n/// §3.1 says", False),
    "a section that does not exist": ("// wire.md §4", True),
    "a section that does not exist, on the next line": ("/// as wire.md\n/// §4 says", True),
    "a page that does not exist": ("// fire.md §3", True),
    "a number alone after its page": ("// wire.md §3\n// and §3.1", False),
    "a wrong number alone after its page": ("// wire.md §3\n// and §9", True),
    "a number of an RFC": ("// wire.md §3\n// RFC 6902 §9", False),
}


ASSERTED = {
    "a condition": ("  DIFFO_ASSERT(a <= b && c.has_value() && d->size() == 3);", False),
    "an assignment": ("DIFFO_ASSERT((a = b) > 0);", True),
    "a count": ("DIFFO_ASSERT(count++ < 3);", True),
    "an insertion": ("DIFFO_ASSERT(keys.insert(a));", True),
    "an insertion on the next line": ("DIFFO_ASSERT(a &&\n    keys->emplace(a, b).second);", True),
    "what stands behind it": ("DIFFO_ASSERT(a); keys.insert(a);", False),
}


def made(changes):
    folder = tempfile.TemporaryDirectory(prefix="diffo-law-")
    for name, text in {**GOOD, **changes}.items():
        path = pathlib.Path(folder.name) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def checks():
    with made({}) as root:
        yield "a good tree", list(layers.problems(pathlib.Path(root))) == []
    for what, (changes, said) in BROKEN_LAYERS.items():
        with made(changes) as root:
            yield what, any(said in problem for problem in layers.problems(pathlib.Path(root)))
    for what, (text, wrong) in CITED.items():
        yield what, bool(list(citations.check("src/x.cpp", text, KNOWN))) == wrong
    for what, (text, wrong) in ASSERTED.items():
        yield f"an assertion of {what}", any(lint.CHANGES.search(condition) for _, condition in lint.assertions(text)) == wrong


def main():
    passed = failed = 0
    for what, good in checks():
        passed += good
        failed += not good
        if not good:
            print(f"FAILED: {what}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
