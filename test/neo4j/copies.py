#!/usr/bin/env python3
"""`diffo copy` from a folder into the database of `--store URI`, which is emptied, and back, killed on the way. Closes with 'N passed, M failed'."""
import pathlib
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support"), str(HERE.parent / "program")]
import copies  # noqa: E402
from client import Client  # noqa: E402
from neo4j import run_on_database  # noqa: E402
from run import Program  # noqa: E402
from server import Server  # noqa: E402

MANY = 1500


def copied(program, *command):
    """Killed later and later, until one is there before it is killed."""
    killed = 0
    for patience in (0.5, 1, 1.5, 2, 3, 4, 6, 120):
        process = subprocess.Popen([program.path, "copy", *map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            out, error = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            killed += 1
            continue
        break
    went_through = process.returncode == 0 and "are there and the same" in out
    was_done = killed > 0 and process.returncode == 2 and "is not empty" in error  # killed between its last deed and its end
    program.report.check(went_through or was_done, f"copy {command}: {out!r} {error!r}")
    return killed


def there_and_back(program, database):
    hub, source, back = (program.folder / name for name in ("hub", "from", "back"))
    copies.make_source(program, hub, source)
    lines = program.folder / "lines"
    lines.write_text("".join(copies.line_of(number) for number in range(MANY)))
    program.expect("lines to copy", 0, "import", "--data", source, lines, out=f"{MANY} created")
    with Server(program.path, "--hub", hub, data=source) as server, Client(server.port) as client:
        time.sleep(1.1)
        shown, hubs = copies.picture(client), client.call("GET", "/diffo/v1/hubs").body
    killed = copied(program, "--from", source, "--to", database.uri)
    program.report.check(killed > 0, "the copy into the database was too fast to be broken off")
    program.report.check(database.check() == [], f"a check of the database: {database.check()}")
    beside = program.folder / "beside"
    with Server(program.path, "--hub", hub, "--store", database.uri, data=beside) as server, Client(server.port) as client:
        copies.compare(program, "a copy in a database", shown, copies.picture(client))
        there = client.call("GET", "/diffo/v1/hubs").body
        program.report.check([one["lag"] for one in there] == [0 for _ in hubs], f"who subscribed is not told of the copying: {there!r}")
    copied(program, "--from", database.uri, "--to", back)
    program.expect("a check of the copy of the copy", 0, "check", "--data", back, out="clean")
    with Server(program.path, "--hub", hub, data=back) as server, Client(server.port) as client:
        copies.compare(program, "a copy back", shown, copies.picture(client))
    program.report.check(copies.exported(program, back) == copies.exported(program, source), "the export of the copy back differs")


def run_all(report, database, folder):
    there_and_back(Program(pathlib.Path(database.program), report, folder), database)


if __name__ == "__main__":
    sys.exit(run_on_database(__doc__, run_all))
