#!/usr/bin/env python3
"""path_vectors.py PROGRAM FILE…: files of cases for JSONPath and json-patch-query of TMF630, asked of diffo_query_vectors.

A file is an object with `cases`. A case has a `document` (or `#name` of one in `fixtures`) with a `patch` and what is `expected`, or with
`operations` (`sort`, `filter` and `fields`, in this order), or a `jsonpath` of which it says whether it is one. Cases with `expect_error` must be refused. A filter
with `limit` or `offset` is cut here. Closes with 'N passed, M failed'.
"""
import json
import pathlib
import subprocess
import sys


def questions(case, fixtures):
    """What is asked, one after the other, `#` standing for the answer before."""
    document = case.get("document")
    if isinstance(document, str) and document.startswith("#"):
        document = fixtures[document[1:]]
    if "jsonpath" in case:
        return [{"path": case["jsonpath"]}]
    if "patch" in case:
        return [{"document": document, "patch": case["patch"]}]
    steps = sorted(case["operations"], key=lambda one: ("sort", "filter", "fields").index(one["op"]))
    return [{"document": without_nulls(document) if at == 0 else "#",
             one["op"]: ("-" if one.get("order") == "desc" else "") + one["path"]} for at, one in enumerate(steps)]


def is_as_expected(answered, expected):
    """Equal, but that an object in part shows its `@type` as well (docs/spec/tmf.md §2.3)."""
    if isinstance(answered, dict) and isinstance(expected, dict):
        return answered.keys() - {"@type"} == expected.keys() - {"@type"} and \
            all(is_as_expected(answered[name], value) for name, value in expected.items() if name in answered)
    if isinstance(answered, list) and isinstance(expected, list):
        return len(answered) == len(expected) and all(map(is_as_expected, answered, expected))
    return answered == expected


def without_nulls(document):
    """What a record keeps of it: null is nothing at the first level (docs/spec/wire.md §3)."""
    return {name: value for name, value in document.items() if value is not None} if isinstance(document, dict) else document


def run(program, path):
    passed, failed, left_out = 0, 0, 0
    data = json.loads(pathlib.Path(path).read_text())
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        for case in data["cases"]:
            asked = None if case.get("skipped") else questions(case, data.get("fixtures", {}))
            if asked is None:
                left_out += 1
                continue
            answer = {}
            for question in asked:
                if question.get("document") == "#":
                    question["document"] = answer.get("result")
                process.stdin.write(json.dumps(question) + "\n")
                process.stdin.flush()
                answer = json.loads(process.stdout.readline())
            if "expect_error" in case:
                good = "error" in answer
            elif case.get("expect_no_error"):
                good = "result" in answer
            else:
                result = answer.get("result")
                for one in case.get("operations", []):
                    offset, limit = one.get("offset", 0), one.get("limit")
                    if "offset" in one or "limit" in one:
                        result = result[offset:None if limit is None else offset + limit]
                good = is_as_expected(result, case["expected"])
            passed, failed = passed + good, failed + (not good)
            if not good:
                print(f"FAILED: {case['name']}: {json.dumps(asked)[-300:]}\n  expected {case.get('expected', case.get('expect_error'))}\n"
                      f"  answered {answer}")
        process.stdin.close()
    print(f"{pathlib.Path(path).name}: {passed} passed, {failed} failed, {left_out} left out", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(1 if sum(run(sys.argv[1], path) for path in sys.argv[2:]) else 0)
