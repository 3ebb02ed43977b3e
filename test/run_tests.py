#!/usr/bin/env python3
"""Runs CTest in a build folder and closes with 'N passed, M failed', counting test cases rather than programs.

A doctest program counts its cases; a script that prints its own 'N passed, M failed' counts those; anything else counts as
one. What was skipped is repeated at the end, so that nobody overlooks it.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as xml

HERE = pathlib.Path(__file__).resolve().parent
DOCTEST = re.compile(r"\[doctest\] test cases:\s*(\d+)\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed")
PLAIN = re.compile(r"^(\d+) passed, (\d+) failed$", re.MULTILINE)


def counts(output, good):
    """Passed and failed cases of one CTest entry."""
    doctest = DOCTEST.findall(output)
    plain = PLAIN.findall(output)
    if doctest:
        passed, failed = sum(int(m[1]) for m in doctest), sum(int(m[2]) for m in doctest)
    elif plain:
        passed, failed = int(plain[-1][0]), int(plain[-1][1])
    else:
        passed, failed = (1, 0) if good else (0, 1)
    if not good and failed == 0:
        failed = 1  # it crashed or timed out
    return passed, failed


def run_script(command):
    """Runs a script that prints counts itself, showing its output as it comes."""
    lines = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace") as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    output = "".join(lines)
    every = DOCTEST.findall(output) + [(0, *found) for found in PLAIN.findall(output)]  # of several programs
    passed, failed = sum(int(m[1]) for m in every), sum(int(m[2]) for m in every)
    if process.returncode != 0 and failed == 0:
        failed = 1  # it crashed or timed out
    return (passed, failed, re.findall(r"^SKIPPED: (.*)$", output, re.MULTILINE))


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("build")
    arguments.add_argument("--only", help="a regular expression on the names of CTest entries")
    options = arguments.parse_args()
    report = options.build + "/tests.xml"
    command = ["ctest", "--test-dir", options.build, "--output-on-failure", "-j2", "--no-tests=error",
               "--output-junit", "tests.xml", "--test-output-size-passed", "200000",
               "--test-output-size-failed", "400000"]
    if options.only:
        command += ["-R", options.only]
    environment = {"LSAN_OPTIONS": f"suppressions={HERE}/leaks.supp:print_suppressions=0"} | os.environ
    status = subprocess.run(command, env=environment).returncode
    passed = failed = 0
    skipped = []
    for case in xml.parse(report).getroot().iter("testcase"):
        output = case.findtext("system-out") or ""
        if case.get("status") == "notrun":
            skipped.append(case.get("name"))
            continue
        good = case.find("failure") is None and case.get("status") != "fail"
        case_passed, case_failed = counts(output, good)
        passed += case_passed
        failed += case_failed
        skipped += re.findall(r"^SKIPPED: (.*)$", output, re.MULTILINE)
    if os.environ.get("DIFFO_NEO4J_TESTS", "yes") == "no":
        skipped.append("everything that needs a real Neo4j, because of --no-neo4j")
    elif not options.only:
        neo4j_passed, neo4j_failed, neo4j_skipped = run_script([str(HERE / "neo4j" / "run"), options.build])
        passed += neo4j_passed
        failed += neo4j_failed
        skipped += neo4j_skipped
    for reason in skipped:
        print(f"SKIPPED: {reason}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or status else 0


if __name__ == "__main__":
    sys.exit(main())
