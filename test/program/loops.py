"""The loop of examples/loop: a network drifts, the server finds it, sends tasks, and sees that all is set right."""
import json
import pathlib
import re
import socket
import subprocess
import sys
import time

from client import Client
from server import Server

EXAMPLE = pathlib.Path(__file__).resolve().parent.parent.parent / "examples/loop"
DRIFTS = 12
LINE = re.compile(r"\d\d:\d\d  (\w+) +(.*)")
THING = re.compile(r"(?:leaf|spine|super)-[\d-]+(?: to (?:spine|super)-[\d-]+)?")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def settled(client, seconds=60):
    """What is outstanding when the loop has come to rest; a leaf closes a moment after it was seen."""
    end = time.monotonic() + seconds
    while True:
        answer = client.call("GET", "/diffo/v1/leaves?outstanding=true")
        if answer.status == 200 and not answer.body or time.monotonic() > end:
            return answer.body
        time.sleep(0.2)


def told_of(lines):
    """For each drift what it is about, and what is told of that until the next drift of it: (thing, [(who, text)])."""
    drifts = []
    for who, text in lines:
        thing = THING.search(text)
        if who == "drift":
            drifts.append((thing[0], []))
        elif thing:
            for about, told in drifts:
                if about == thing[0]:
                    told.append((who, text))
    return drifts


def the_loop_closes(program):
    port = free_port()
    executors = program.folder / "executors.yaml"
    executors.write_text((EXAMPLE / "executors.yaml").read_text().replace("127.0.0.1:8099", f"127.0.0.1:{port}"))
    check = program.report.check
    with Server(program.path, "--model", EXAMPLE / "loop.yaml", "--seed", EXAMPLE / "seed.yaml", "--loop", executors) as server, \
            Client(server.port) as client:
        check(settled(client) == [], "something is outstanding before anything has drifted")
        result = subprocess.run([sys.executable, EXAMPLE / "network.py", "--server", server.url, "--listen", f"127.0.0.1:{port}", "--every", "1",
                                 "--drifts", str(DRIFTS), "--seed", "7", "--interval", "0.5"], stdin=subprocess.DEVNULL, capture_output=True,
                                text=True, timeout=240)
        told = f"exit {result.returncode}\n{result.stdout}{result.stderr}"
        lines = [found.groups() for found in map(LINE.fullmatch, result.stdout.splitlines()) if found]
        drifts = told_of(lines)
        check(result.returncode == 0 and lines[-1] == ("network", f"{DRIFTS} drifts, all set right"), f"the network: {told}")
        check(len(drifts) == DRIFTS, f"{len(drifts)} drifts: {told}")
        for thing, what in drifts:
            check(any(who == "leaf" and text.startswith("opened") for who, text in what), f"{thing} was not found: {told}")
            check(any(who == "task" for who, _ in what), f"no task went out for {thing}: {told}")
        check(settled(client) == [], f"something is outstanding in the end: {told}")
        tasks = client.call("GET", "/diffo/v1/tasks?limit=1000").body
        check(len(tasks) >= DRIFTS and {task["state"] for task in tasks} == {"done"}, f"the tasks: {json.dumps(tasks)[:2000]}")


PARTS = (the_loop_closes,)
