#!/usr/bin/env python3
"""The program as a person, a service manager or a hostile peer meets it: commands, exit codes, folders, ports, raw bytes.

    run.py BUILD_DIR [PART…]

What needs no raw bytes and no command line is in test/exchanges. Closes with 'N passed, M failed'.
"""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from client import Client, Report  # noqa: E402
from server import Server, program_in  # noqa: E402
import access  # noqa: E402
import copies  # noqa: E402
import databases  # noqa: E402
import events  # noqa: E402
import executors  # noqa: E402
import faults  # noqa: E402
import guides  # noqa: E402
import leases  # noqa: E402
import loops  # noqa: E402
import models  # noqa: E402
import neighbours  # noqa: E402
import observing  # noqa: E402
import own  # noqa: E402
import pages  # noqa: E402
import repairs  # noqa: E402
import replacing  # noqa: E402
import shells  # noqa: E402
import standing  # noqa: E402
import streams  # noqa: E402
import tasks  # noqa: E402
import transfers  # noqa: E402
import transitions  # noqa: E402
import transport  # noqa: E402

SERVICES = "/tmf-api/serviceInventory/v4/service"
LINES = [{"id": "s1", "state": "active", "name": "one", "serviceSpecification": {"id": "1"}, "figure": 7},
         {"id": "r1", "name": "card", "operationalState": "enable"}]


class Program:
    def __init__(self, path, report, folder):
        self.path, self.report, self.folder = str(path), report, folder

    def run(self, *arguments, text="", environment=None):
        return subprocess.run([self.path, *map(str, arguments)], input=text, capture_output=True, text=True, timeout=60,
                              env=environment)

    def expect(self, what, status, *arguments, out=None, error=None, **more):
        """Runs a command; its exit status must be as given and its outputs contain the texts."""
        result = self.run(*arguments, **more)
        told = f"{what}: exit {result.returncode}, out {result.stdout[:300]!r}, error {result.stderr[:300]!r}"
        self.report.check(result.returncode == status and (out is None or out in result.stdout)
                          and (error is None or error in result.stderr), told)
        return result.stdout


def usage(program):
    program.expect("help", 0, "--help", out="serve")
    program.expect("help of a command", 0, "import", "--help", out="--mode")
    program.expect("version", 0, "version", out="diffo ")
    program.expect("no command", 2)
    program.expect("an unknown command", 2, "fly")
    program.expect("an unknown option", 2, "serve", "--fly")
    program.expect("a server that is not there", 2, "check", "--server", "http://127.0.0.1:1")
    program.expect("both places", 2, "check", "--server", "http://127.0.0.1:1", "--data", "/nowhere")
    program.expect("listening to everybody", 2, "serve", "--data", program.folder / "public", "--listen", "0.0.0.0:0",
                   error="loopback")
    program.expect("a folder that is none", 2, "check", "--data", program.folder / "absent")
    program.expect("an input that is none", 2, "import", "--data", program.folder / "input", program.folder / "absent")


def folders(program):
    """Import, export, check and journal without a server."""
    data, lines = program.folder / "data", program.folder / "lines"
    lines.write_text("".join(json.dumps(line) + "\n" for line in LINES))
    program.expect("an import", 0, "import", "--data", data, lines, out="2 lines: 2 created, 0 unchanged, 0 rejected")
    program.expect("the same import", 0, "import", "--data", data, lines, out="2 lines: 0 created, 2 unchanged, 0 rejected")
    program.expect("an import with a bad line", 1, "import", "--data", data, "-", text='{"id": "s1", "name": "other"}\n{"id":\n',
                   error="line 2", out="1 rejected")
    program.expect("an atomic import with a bad line", 1, "import", "--mode", "atomic", "--data", data, "-",
                   text='{"id": "new", "name": "n"}\n{"id":\n', out="nothing was stored")
    exported = program.expect("an export", 0, "export", "--data", data)
    program.report.check('"new"' not in exported and exported.count("\n") == 3, f"the export is {exported!r}")
    again, file = program.folder / "again", program.folder / "exported"
    program.expect("an export to a file", 0, "export", "--data", data, file)
    program.report.check(file.read_text() == exported, "the exported file differs from standard output")
    program.expect("an import of the export", 0, "import", "--data", again, file, out="3 created")
    program.report.check(program.run("export", "--data", again).stdout == exported, "the export of the import differs")
    program.expect("a check", 0, "check", "--data", data, out="clean")
    journal = program.expect("the journal", 0, "journal", "--data", data, "--limit", 1)
    program.report.check(json.loads(journal)["sequence"] == 1, f"the journal begins with {journal[:200]}")


def differences(program):
    """`diffo outstanding` between two documents."""
    expected, actual = program.folder / "expected", program.folder / "actual"
    expected.write_text('{"state": "active", "name": {"$regex": "^x"}}')
    actual.write_text('{"state": "inactive", "name": "xyz"}')
    told = program.expect("something outstanding", 1, "outstanding", expected, actual)
    program.report.check(json.loads(told) == {"state": "active"}, f"outstanding is {told!r}")
    program.expect("nothing outstanding", 0, "outstanding", expected, "-", text='{"state": "active", "name": "x"}')
    program.expect("what is no JSON", 2, "outstanding", expected, "-", text="{", error="diffo:")


def one_holder(program):
    """A folder has one process, a port too; and the answer says which."""
    with Server(program.path) as server:
        holder = str(server.process.pid)
        program.expect("a second server on a folder", 2, "serve", "--data", server.data, "--listen", "127.0.0.1:0", error=holder)
        program.expect("a check of a held folder", 2, "check", "--data", server.data, error=holder)
        program.expect("an import into a held folder", 2, "import", "--data", server.data, "-", error=holder)
        program.expect("a taken port", 2, "serve", "--data", program.folder / "other", "--listen", f"127.0.0.1:{server.port}",
                       error=str(server.port))
        text = "".join(json.dumps(line) + "\n" for line in LINES)
        program.expect("an import through a server", 0, "import", "--server", server.url, "-", text=text, out="2 created")
        program.expect("an export through a server", 0, "export", "--server", server.url, out='"id":"s1"')
        program.expect("a check through a server", 0, "check", "--server", server.url, out="clean")
        program.expect("the journal through a server", 0, "journal", "--server", server.url, out='"sequence":1')


def default_folder(program):
    home = program.folder / "home"
    home.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    for variables, place in (({"HOME": str(home)}, home / ".local/share/diffo"),
                             ({"HOME": str(home), "XDG_DATA_HOME": str(home / "xdg")}, home / "xdg/diffo")):
        process = subprocess.Popen([program.path, "serve", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True,
                                   stderr=subprocess.DEVNULL, env={**environment, **variables})
        process.stdout.readline()
        program.report.check((place / "format").exists(), f"{variables}: no folder at {place}")
        process.send_signal(signal.SIGINT)
        program.report.check(process.wait(30) == 0, "SIGINT does not end the server well")
        process.stdout.close()


def raw(port, text):
    """Sends bytes as they are; returns everything that comes until the server closes, or the first answer of a kept connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(text)
        connection.shutdown(socket.SHUT_WR)
        pieces = []
        while piece := connection.recv(65536):
            pieces.append(piece)
    return b"".join(pieces)


def hostile_bytes(program):
    head = b"POST " + SERVICES.encode() + b" HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    body = json.dumps({"state": "active", "serviceSpecification": {"id": "1"}}).encode()
    length = b"Content-Length: %d\r\n" % len(body)
    refused = {
        "two lengths": head + length + b"Content-Length: 3\r\n\r\n" + body,
        "a length and chunks": head + length + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "a folded header": head + length + b"X-Folded: a\r\n b\r\n\r\n" + body,
        "no Host": head.replace(b"Host: localhost\r\n", b"") + length + b"\r\n" + body,
        "a bad length": head + b"Content-Length: -1\r\n\r\n" + body,
        "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        "a space before the colon": head + length + b"X-Space : 1\r\n\r\n" + body,
    }
    with Server(program.path) as server:
        for what, text in refused.items():
            # A second request in the same bytes must not be seen: that is how requests are smuggled.
            answer = raw(server.port, text + b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            program.report.check(answer.startswith(b"HTTP/1.1 400 ") and answer.count(b"HTTP/1.1 ") == 1, f"{what}: {answer[:400]!r}")
        bad_text = head + b"Content-Length: 12\r\n\r\n" + b'{"name":"\xff"}'
        answer = raw(server.port, bad_text)
        program.report.check(b" 400 " in answer[:16] and b"byte 9" in answer, f"invalid UTF-8: {answer[-300:]!r}")
        answer = raw(server.port, head + length + b"\r\n" + body[:-2])
        program.report.check(b" 201 " not in answer, f"a truncated body: {answer[:300]!r}")
        chunked = head + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
        answer = raw(server.port, chunked)
        program.report.check(answer.startswith(b"HTTP/1.1 201 "), f"a body byte by byte in chunks: {answer[:300]!r}")
        answer = raw(server.port, b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20)
        program.report.check(answer.count(b"HTTP/1.1 200 ") == 20, f"20 pipelined requests: {answer.count(b'HTTP/1.1 200 ')} answers")
        with Client(server.port) as client:
            total = client.call("GET", f"{SERVICES}?limit=1").headers["X-Total-Count"]
        program.report.check(total == "1", f"{total} services after hostile bytes, 1 was accepted")


def main():
    report = Report()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="diffo-program-"))
    program = Program(program_in(sys.argv[1]).resolve(), report, folder)
    try:
        parts = (usage, folders, differences, one_holder, default_folder, hostile_bytes, *models.PARTS, *neighbours.PARTS, *access.PARTS, *copies.PARTS, *databases.PARTS, *events.PARTS, *executors.PARTS, *guides.PARTS, *leases.PARTS, *loops.PARTS, *pages.PARTS, *replacing.PARTS,
                 *faults.PARTS, *observing.PARTS, *own.PARTS, *repairs.PARTS, *shells.PARTS, *standing.PARTS, *streams.PARTS, *tasks.PARTS, *transfers.PARTS,
                 *transitions.PARTS, *transport.PARTS)
        wanted = sys.argv[2:] or [part.__name__ for part in parts]
        for part in parts:
            if part.__name__ in wanted:
                part(program)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
