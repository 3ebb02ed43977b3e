"""`diffo copy` from folder to folder: everything is there, a broken copy goes on, what is not empty is left alone."""
import json
import pathlib
import signal
import subprocess
import time

from client import Client
from server import Server

ACCESS = pathlib.Path(__file__).resolve().parent.parent.parent / "examples/access"
# Shown of the time of creation where the document has none; the copy has its own.
DATED = ("serviceDate",)


def exported(program, data):
    lines = [json.loads(line) for line in program.run("export", "--data", data).stdout.splitlines()]
    return sorted(json.dumps({k: v for k, v in line.items() if k not in DATED}, sort_keys=True) for line in lines)


def copies_have_everything(program):
    """Kinds, records, expectations, assignments and claims; a value of a pool that is taken stays taken."""
    source, target = program.folder / "copied-from", program.folder / "copied-to"
    source.mkdir()
    with Server(program.path, "--model", ACCESS / "access.yaml", "--seed", ACCESS / "seed.yaml", data=source) as server, \
            Client(server.port) as client:
        stands = client.call("GET", "/diffo/v1/residues").body
    program.expect("a copy", 0, "copy", "--from", source, "--to", target, out="are there and the same")
    program.expect("a check of the copy", 0, "check", "--data", target, out="clean")
    program.report.check(exported(program, source) == exported(program, target), "the export of the copy differs")
    with Server(program.path, data=target) as server, Client(server.port) as client:
        there = client.call("GET", "/diffo/v1/residues").body
        program.report.check(len(there) == len(stands), f"outstanding was {stands!r}, is {there!r}")
    program.expect("a copy onto it", 2, "copy", "--from", source, "--to", target, error="is not empty")
    program.expect("a copy onto itself", 2, "copy", "--from", source, "--to", source, error="into itself")
    program.expect("a copy of nothing", 2, "copy", "--from", program.folder / "no-such", "--to", program.folder / "new", error="no-such")


def broken_copies_go_on(program):
    source, target, lines = program.folder / "broken-from", program.folder / "broken-to", program.folder / "broken-lines"
    lines.write_text("".join(json.dumps({"id": f"s{i}", "state": "active", "serviceSpecification": {"id": "1"}, "which":
                                         "expected" if i % 3 == 0 else "actual", "note": [{"text": "x" * 2000}]}) + "\n" for i in range(6000)))
    program.expect("lines to copy", 0, "import", "--data", source, lines, out="6000 created")
    command = [program.path, "copy", "--from", source, "--to", target]
    # Later and later, for nobody knows how fast the machine is, until one is there before it is killed.
    killed = 0
    for patience in (0.03, 0.06, 0.09, 0.12, 0.15, 0.2, 0.3):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(patience)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if process.returncode != -signal.SIGKILL:
            break
        killed += 1
    program.report.check(killed > 0, "the copy was too fast to be broken off")
    if process.returncode == -signal.SIGKILL:
        program.expect("the copy, gone on with", 0, "copy", "--from", source, "--to", target, out="6000 records")
    program.expect("a check of it", 0, "check", "--data", target, out="clean")
    program.report.check(exported(program, source) == exported(program, target), "the export of the broken copy differs")


PARTS = (copies_have_everything, broken_copies_go_on)
