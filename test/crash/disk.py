#!/usr/bin/env python3
"""Fills the disk under the real program and looks whether it stays honest.

    disk.py BUILD_DIR

Two ways to run out of room: a small tmpfs (as root, or in a user namespace), and a limit on the size of files that any user can
set. Either way writes must get 503 with the reason and Retry-After, reads must go on, /ready must say 503, and after making room
and starting again nothing acknowledged may be missing. Where room is made while it runs, writes must go on by themselves. Closes with 'N passed, M failed'.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from client import Client, Report, Unanswered  # noqa: E402
from server import Server, program_in  # noqa: E402

SERVICES = "/tmf-api/serviceInventory/v4/service"
DISK_MIB = 48
FREE_KIB = 1024
FILE_LIMIT_BLOCKS = 8192  # of 512 bytes
MOST_WRITES = 4000
LONGEST_RECOVERY_SECONDS = 60
INSIDE = "DIFFO_DISK_TEST_INSIDE_NAMESPACE"


def document(number):
    return {"id": f"s{number}", "name": f"service {number}", "state": "active", "serviceSpecification": {"id": "1"},
            "filling": os.urandom(4096).hex()}


def write_until_refused(client, acknowledged):
    """Creates services until one is not; returns the answer that refused."""
    for number in range(len(acknowledged), MOST_WRITES):
        answer = client.call("POST", SERVICES, document(number))
        if answer.status != 201:
            return answer
        acknowledged[f"s{number}"] = answer.body
    return None


def check_refusal(report, where, answer):
    report.check(answer.status == 503, f"{where}: {answer.status} instead of 503: {answer.text[:300]}")
    report.check(answer.headers["Retry-After"] is not None, f"{where}: no Retry-After")
    message = (answer.body or {}).get("message", "")
    report.check(len(message) > 10, f"{where}: the message gives no reason: {answer.text[:300]}")
    print(f"{where}: {message}")


def check_full(report, way, port, acknowledged, refusal):
    """What a server that ran out of room owes everybody."""
    with Client(port) as client:
        report.check(refusal is not None, f"{way}: the disk never became full")
        if refusal is None:
            return
        check_refusal(report, f"{way}: the first refused write", refusal)
        first = next(iter(acknowledged))
        check_refusal(report, f"{way}: a PATCH", client.call("PATCH", f"{SERVICES}/{first}", {"name": "other"}))
        check_refusal(report, f"{way}: a DELETE", client.call("DELETE", f"{SERVICES}/{first}"))
        check_refusal(report, f"{way}: an import",
                      client.call("POST", "/diffo/v1/import", '{"id": "x", "name": "x"}\n', "application/x-ndjson"))
        check_refusal(report, f"{way}: /ready", client.call("GET", "/ready"))
        report.check(client.call("GET", "/health").status == 200, f"{way}: /health is not 200")
        answer = client.call("GET", f"{SERVICES}/{first}")
        report.check(answer.status == 200 and answer.body["name"] == acknowledged[first]["name"],
                     f"{way}: a read is answered {answer.status}")
        answer = client.call("GET", f"{SERVICES}?limit=1")
        report.check(answer.headers["X-Total-Count"] == str(len(acknowledged)),
                     f"{way}: the list counts {answer.headers['X-Total-Count']} of {len(acknowledged)}")


def check_comes_back(report, way, port, acknowledged):
    """Room has been made while the server runs."""
    until = time.monotonic() + LONGEST_RECOVERY_SECONDS
    with Client(port) as client:
        answer = None
        while time.monotonic() < until and (answer is None or answer.status == 503):
            time.sleep(0.2)
            answer = client.call("POST", SERVICES, {**document(0), "id": "meanwhile"})
        report.check(answer.status == 201, f"{way}: no write after making room: {answer.status} {answer.text[:300]}")
        if answer.status == 201:
            acknowledged["meanwhile"] = answer.body
        report.check(client.call("GET", "/ready").status == 200, f"{way}: not ready after making room")
        answer = client.call("POST", "/diffo/v1/check")
        report.check(answer.body["findings"] == [], f"{way}: the check finds {answer.text[:500]}")


def check_after(report, way, server, acknowledged):
    """Room has been made, the server is stopped."""
    result = subprocess.run([server.program, "check", "--data", server.data], capture_output=True, text=True, timeout=120)
    report.check(result.returncode == 0, f"{way}: check exits {result.returncode}: {result.stdout[:500]}{result.stderr[:500]}")
    server.start()
    with Client(server.port) as client:
        lost = 0
        for identifier, body in acknowledged.items():
            answer = client.call("GET", f"{SERVICES}/{identifier}")
            lost += answer.status != 200 or {**answer.body, "href": ""} != {**body, "href": ""}
        report.check(lost == 0, f"{way}: {lost} of {len(acknowledged)} acknowledged records are lost or changed")
        report.check(client.call("GET", "/ready").status == 200, f"{way}: not ready after making room")
        answer = client.call("POST", SERVICES, {**document(0), "id": "afterwards"})
        report.check(answer.status == 201, f"{way}: no write after making room: {answer.status} {answer.text[:300]}")


def run(report, way, server, ending, fill, make_room, comes_back=False):
    """`fill` leaves little room once the server runs, `make_room` gives it back: when it has stopped, or before."""
    acknowledged = {}
    server.start()
    fill()
    try:
        with Client(server.port) as client:
            refusal = write_until_refused(client, acknowledged)
        check_full(report, way, server.port, acknowledged, refusal)
        if comes_back:
            make_room()
            check_comes_back(report, way, server.port, acknowledged)
    except Unanswered as problem:
        report.check(False, f"{way}: {problem}: {server.log_text()[-600:]}")
    status = server.stop(ending)
    report.check(status == (0 if ending == signal.SIGTERM else -ending), f"{way}: exit status {status}")
    if not comes_back:
        make_room()
    check_after(report, way, server, acknowledged)
    report.check(server.stop() == 0, f"{way}: the server does not stop after making room")


def with_small_disk(report, program, ending, comes_back=False):
    """False when this user may not mount."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="diffo-disk-"))
    data = folder / "data"
    data.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", data], capture_output=True, text=True)
    if mounted.returncode != 0:
        shutil.rmtree(folder)
        return False
    ballast = data / "ballast"

    def fill():
        free = os.statvfs(data)
        with open(ballast, "wb") as file:
            file.write(bytes(max(0, free.f_bavail * free.f_frsize - FREE_KIB * 1024)))

    server = Server(program, data=data)
    try:
        way = f"full disk, {'room made, ' if comes_back else ''}{ending.name}"
        run(report, way, server, ending, fill, ballast.unlink, comes_back)
    finally:
        server.stop(signal.SIGKILL)
        subprocess.run(["umount", data], check=True)
        shutil.rmtree(folder)
    return True


def with_file_limit(report, program, ending):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="diffo-limit-"))
    # The signal has to be ignored, or it would end the process before the write could fail.
    limit = ["/bin/sh", "-c", f'trap "" XFSZ; ulimit -f {FILE_LIMIT_BLOCKS}; exec "$@"', "limited"]
    server = Server(program, data=folder / "data", wrapper=limit)
    try:
        run(report, f"file size limit, {ending.name}", server, ending, lambda: None, server.wrapper.clear)
    finally:
        server.stop(signal.SIGKILL)
        shutil.rmtree(folder)


def small_disks(report, program):
    return all(with_small_disk(report, program, ending, comes_back)
               for ending in (signal.SIGTERM, signal.SIGKILL) for comes_back in (False, True))


def small_disks_in_namespace(report, program):
    """For users who may not mount but may have a namespace of their own."""
    inside = subprocess.run(["unshare", "--user", "--map-root-user", "--mount", sys.executable, __file__, program],
                            env={**os.environ, INSIDE: "1"}, capture_output=True, text=True)
    if " passed, " not in inside.stdout:
        print("SKIPPED: full disk: neither this user nor a user namespace may mount a tmpfs; only a file size limit was tried")
        return
    print("".join(line + "\n" for line in inside.stdout.splitlines()[:-1]), end="")
    report.check(inside.returncode == 0, "full disk, in a user namespace")


def main():
    program = program_in(sys.argv[1])
    report = Report()
    if INSIDE in os.environ:
        small_disks(report, program)
        return report.close()
    if not small_disks(report, program):
        small_disks_in_namespace(report, program)
    for ending in (signal.SIGTERM, signal.SIGKILL):
        with_file_limit(report, program, ending)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
