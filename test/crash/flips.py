#!/usr/bin/env python3
"""Flips single bytes in every file of a data folder and looks whether the damage is noticed.

    flips.py BUILD_DIR [--seconds S] [--seed S]

One folder comes from a kind stop, one from SIGKILL. With one byte changed, `diffo check` must report it (exit status 1 or 2) or
`diffo serve` must refuse to start. Excused are files that hold nothing of the store (the lock, the engine's own diary, what was
outstanding, which is found out anew where it cannot be read) and, after SIGKILL, the engine's notes about itself, which only a kind
stop seals: there it is enough that the server answers, and its journal tells, the same as before. Closes with 'N passed, M failed',
counting flips.
"""
import argparse
import json
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from client import Client, Report  # noqa: E402
from server import Server, program_in  # noqa: E402

RECORDS = 300
WORKERS = 2
SERVICES = "/tmf-api/serviceInventory/v4/service"
# How the names of files begin in which damage may go unnoticed as long as it has no effect.
WITHOUT_CONTENT = {
    "stopped": ("lock", "LOCK", "LOG", "residues"),
    # A damaged length of the last entry of a manifest looks like a torn end, and is none if nothing is missing.
    "killed": ("lock", "LOCK", "LOG", "residues", "OPTIONS-", "IDENTITY", "MANIFEST-"),
}


def fill(port, first):
    """Some of everything: records of both kinds, references, expectations, changes, deletes."""
    with Client(port) as client:
        lines = []
        for number in range(first, first + RECORDS):
            identifier = f"r{number}"
            document = {"id": identifier, "name": f"name {number}", "note": [{"text": "x" * (number % 300)}]}
            if number % 3:
                document |= {"state": "active", "serviceSpecification": {"id": "1"},
                             "serviceRelationship": [{"relationshipType": "needs", "service": {"id": f"r{number // 2}"}}]}
            lines.append(json.dumps(document))
        answer = client.call("POST", "/diffo/v1/import", "\n".join(lines), "application/x-ndjson")
        assert answer.status == 200 and answer.body["created"] == RECORDS, answer.text[:1000]
        for number in range(first, first + 30):
            expectation = {"id": f"e{number}", "name": f"expectation {number}", "target": {"id": f"r{number}"},
                           "expect": {"state": "active"}}
            assert client.call("POST", "/diffo/v1/expectations", expectation).status == 201
        for number in range(first + 1, first + RECORDS, 30):
            assert client.call("PATCH", f"{SERVICES}/r{number}", {"name": "changed"}).status == 200
            assert client.call("DELETE", f"{SERVICES}/r{number + 3}").status == 204


def make_folders(program, folder):
    """A folder that was closed, and one whose last writes are only in the log."""
    server = Server(program, data=folder / "stopped")
    with server:
        fill(server.port, 0)
    server = Server(program, data=folder / "killed")
    with server:
        fill(server.port, 0)
        server.stop()
        server.start()
        fill(server.port, RECORDS)
        server.stop(signal.SIGKILL)


def offsets(size, randomizer):
    """Where to flip, the telling places first: ends, then ever denser."""
    seen = set()
    for offset in [0, size - 1, size // 2, 4, 8, 12, size - 8, size - 32, size - 48]:
        if 0 <= offset < size and offset not in seen:
            seen.add(offset)
            yield offset
    rest = [offset for offset in range(size) if offset not in seen] if size <= 1 << 16 else None
    if rest is not None:
        randomizer.shuffle(rest)
        yield from rest
    while rest is None:
        yield randomizer.randrange(size)


def trials(original, randomizer):
    """Flips of all files in turn, so that whenever time is up, every file has had its share."""
    files = sorted(path for path in original.rglob("*") if path.is_file() and path.stat().st_size > 0)
    queues = [(path.relative_to(original), offsets(path.stat().st_size, randomizer)) for path in files]
    while queues:
        for queue in list(queues):
            offset = next(queue[1], None)
            if offset is None:
                queues.remove(queue)
                continue
            yield queue[0], offset, 1 << randomizer.randrange(8)


class Flipper:
    """Works on a copy of its own. Thread rule: one thread."""

    def __init__(self, program, original, copy):
        self.program, self.original, self.copy = program, original, copy
        self.renew()

    def renew(self):
        shutil.rmtree(self.copy, ignore_errors=True)
        shutil.copytree(self.original, self.copy)

    def notices(self, name, offset, bit):
        """Which command noticed the flip; nothing when none did."""
        path = self.copy / name
        with open(path, "r+b") as file:
            file.seek(offset)
            byte = file.read(1)[0]
            file.seek(offset)
            file.write(bytes([byte ^ bit]))
        check = subprocess.run([self.program, "check", "--data", self.copy], capture_output=True, timeout=120)
        if check.returncode in (1, 2):
            with open(path, "r+b") as file:
                file.seek(offset)
                file.write(bytes([byte]))
            return "check"
        server = Server(self.program, data=self.copy)
        try:
            server.start()
        except RuntimeError:
            return "serve"
        else:
            self.exported = self.export(server.port)
            server.stop(signal.SIGKILL)
            return None
        finally:
            self.renew()

    @staticmethod
    def export(port):
        with Client(port) as client:
            answers = [client.call("GET", "/diffo/v1/export"), client.call("GET", "/diffo/v1/expectations")]
            while len(answers) == 2 or answers[-1].body:
                following = answers[-1].body[-1]["sequence"] + 1 if len(answers) > 2 else 1
                answers.append(client.call("GET", f"/diffo/v1/journal?from={following}&limit=1000"))
            return "".join(answer.text for answer in answers)


def flip_all(program, original, folder, seconds, seed, report):
    variant = original.name
    reference = Flipper(program, original, folder / f"{variant}-reference")
    whole = reference.notices(next(p.relative_to(original) for p in original.rglob("*") if p.is_file() and p.stat().st_size), 0, 0)
    report.check(whole is None, f"{variant}: the undamaged folder is refused by {whole}")
    work = trials(original, random.Random(seed))
    lock, until = threading.Lock(), time.monotonic() + seconds
    counts, undetected, excused = {}, [], {}

    def run(number):
        flipper = Flipper(program, original, folder / f"{variant}-copy-{number}")
        while time.monotonic() < until:
            with lock:
                trial = next(work, None)
            if trial is None:
                return
            name, offset, bit = trial
            noticed = flipper.notices(name, offset, bit)
            harmless = noticed is None and flipper.exported == reference.exported
            with lock:
                counts[name] = counts.get(name, 0) + 1
                if harmless and name.name.startswith(WITHOUT_CONTENT[variant]):
                    excused[name] = excused.get(name, 0) + 1
                    report.passed += 1
                elif noticed is None:
                    undetected.append((str(name), offset, bit, "the content is the same" if harmless else "THE CONTENT DIFFERS"))
                else:
                    report.passed += 1

    threads = [threading.Thread(target=run, args=[number]) for number in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, count in sorted(counts.items()):
        print(f"{variant}/{name}: {count} of {(original / name).stat().st_size} bytes flipped"
              + (f", {excused[name]} without notice or effect" if name in excused else ""))
    for name, offset, bit, what in sorted(undetected):
        report.check(False, f"{variant}/{name}:{offset}: bit {bit:#04x} flipped and nobody noticed; {what}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("build")
    arguments.add_argument("--seconds", type=float, default=40)
    arguments.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    options = arguments.parse_args()
    print(f"seed {options.seed}", flush=True)
    program, report = program_in(options.build), Report()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="diffo-flips-"))
    try:
        make_folders(program, folder)
        for variant in ("stopped", "killed"):
            flip_all(program, folder / variant, folder, options.seconds / 2, options.seed, report)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
