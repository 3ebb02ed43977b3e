#!/usr/bin/env python3
"""Takes the descriptors away from the real program while it writes, and gives them back or stops it.

    descriptors.py BUILD_DIR

Writes must get 503 with the reason, reads must go on; with descriptors again writes must go on by themselves, nothing acknowledged
may be missing and the check must be clean; without them the server must still stop in order. Closes with 'N passed, M failed'.
"""
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from client import Client, Report  # noqa: E402
from server import Server, program_in  # noqa: E402

SERVICES = "/tmf-api/serviceInventory/v4/service"
FILLING_BYTES = 100_000
MOST_WRITES = 400
LONGEST_RECOVERY_SECONDS = 60


def post(client, identifier, filling=FILLING_BYTES):
    return client.call("POST", SERVICES, {"id": identifier, "state": "active", "serviceSpecification": {"id": "1"},
                                          "filling": os.urandom(filling).hex()})


def write_until_refused(client):
    """How many were taken, and the answer that refused the next."""
    for number in range(MOST_WRITES):
        answer = post(client, f"s{number}")
        if answer.status != 201:
            return number, answer
    return MOST_WRITES, None


def run(report, way, server, gives_back):
    server.start()
    process = server.process.pid
    before = resource.prlimit(process, resource.RLIMIT_NOFILE)
    with Client(server.port) as client:
        assert post(client, "first", 1).status == 201
        open_now = len(os.listdir(f"/proc/{process}/fd"))
        resource.prlimit(process, resource.RLIMIT_NOFILE, (open_now, before[1]))
        taken, refusal = write_until_refused(client)
        report.check(refusal is not None and refusal.status == 503 and "Too many open files" in refusal.text,
                     f"{way}: the refusal is {refusal and refusal.text[:300]}")
        report.check(client.call("GET", f"{SERVICES}/s0").status == 200, f"{way}: a read is refused")
        if gives_back:
            resource.prlimit(process, resource.RLIMIT_NOFILE, before)
            until, answer = time.monotonic() + LONGEST_RECOVERY_SECONDS, None
            while time.monotonic() < until and (answer is None or answer.status == 503):
                time.sleep(0.2)
                answer = post(client, "again", 1)
            report.check(answer.status == 201, f"{way}: no write afterwards: {answer.text[:300]}")
            report.check(client.call("GET", "/ready").status == 200, f"{way}: not ready afterwards")
            total = client.call("GET", f"{SERVICES}?limit=1&fields=id").headers["X-Total-Count"]
            report.check(total == str(taken + 2), f"{way}: {total} records instead of {taken + 2}")
    report.check(server.stop() == 0, f"{way}: the server does not stop in order: {server.log_text()[-600:]}")
    check = subprocess.run([server.program, "check", "--data", server.data], capture_output=True, text=True, timeout=120)
    report.check(check.returncode == 0, f"{way}: check exits {check.returncode}: {check.stdout[:500]}{check.stderr[:500]}")


def main():
    program, report = program_in(sys.argv[1]), Report()
    for way, gives_back in (("descriptors come back", True), ("they stay away", False)):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="diffo-descriptors-"))
        try:
            run(report, way, Server(program, data=folder / "data"), gives_back)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
