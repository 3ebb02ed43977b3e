#!/usr/bin/env python3
"""Kills the real program with SIGKILL under load, again and again, and looks whether anything acknowledged was lost.

    run.py BUILD_DIR [--rounds N] [--seed S]

Each round: writers create, patch, delete and import; at a random number of acknowledgements the server dies; `diffo check`
must find the folder clean; a new server on the same folder must hold the last acknowledged content of every id, byte for byte
as answered, and an unanswered write wholly or not at all. Every fifth round also dies while starting, every fourth makes a backup
under load, which must be clean. The last round stops kindly under load: everything that had begun is answered. Closes with 'N passed, M failed'.
"""
import argparse
import json
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from client import Client, Report, Unanswered  # noqa: E402
from load import RESOURCE_V4, SERVICE_V4, Acknowledged, Writer, differences, settle_unanswered  # noqa: E402
from server import Server, program_in  # noqa: E402

WRITERS = 6
IN_FLIGHT = 24
SAMPLE = 40


def check_folder(program, data, report, where):
    result = subprocess.run([program, "check", "--data", data], capture_output=True, text=True, timeout=120)
    report.check(result.returncode == 0, f"{where}: check exits {result.returncode}: {result.stdout[:600]}{result.stderr[:600]}")


class Rounds:
    def __init__(self, program, data, seed, report):
        self.server = Server(program, "--backup-root", pathlib.Path(data).parent, data=data)
        self.random = random.Random(seed)
        self.report = report
        self.known = [{} for _ in range(WRITERS)]

    def load(self, until, strike):
        """Writers on the running server until it ends; `strike` is called after so many acknowledgements."""
        acknowledged = Acknowledged(until, strike)
        writers = [Writer(number, self.server.port, self.known[number], self.random.random(), acknowledged)
                   for number in range(WRITERS)]
        for writer in writers:
            writer.start()
        return acknowledged, writers

    def wait_for(self, writers, where):
        for writer in writers:
            writer.join(60)
            self.report.check(not writer.is_alive(), f"{where}: writer {writer.number} still waits for its answer")
            for problem in writer.problems:
                self.report.check(False, f"{where}: {problem}")

    def verify(self, writers, where):
        with Client(self.server.port) as client:
            for writer in writers:
                problem = settle_unanswered(client, writer)
                self.report.check(problem is None, f"{where}: {problem}")
            everything = {key: present for known in self.known for key, present in known.items()}
            sample = self.random.sample(sorted(everything), min(SAMPLE, len(everything)))
            wrong = differences(client, everything, sample)
            self.report.check(not wrong, f"{where}: " + "; ".join(wrong[:5]))
            return sum(present is not None for present in everything.values())

    def kill(self, number):
        where = f"round {number}"
        # Many die early, when everything is new to the process; some late, when files have been rotated.
        until = int(10 ** self.random.uniform(0.5, 3.7))
        _, writers = self.load(until, lambda: self.server.process.send_signal(signal.SIGKILL))
        if number % 4 == 0:
            self.back_up(where)
        self.wait_for(writers, where)
        self.report.check(self.server.stop(signal.SIGKILL) == -signal.SIGKILL, f"{where}: the server ended by itself")
        check_folder(self.server.program, self.server.data, self.report, where)
        if number % 5 == 0:
            self.die_while_starting(where)
        self.server.start()
        records = self.verify(writers, where)
        print(f"{where}: killed after {until} acknowledgements, {records} records", flush=True)

    def back_up(self, where):
        copy = self.server.data.parent / "backup"
        shutil.rmtree(copy, ignore_errors=True)
        with Client(self.server.port) as client:
            try:
                answer = client.call("POST", "/diffo/v1/backup", {"folder": str(copy)})
            except Unanswered:
                return  # the kill was faster
        self.report.check(answer.status == 200, f"{where}: backup: {answer.status} {answer.text[:300]}")
        check_folder(self.server.program, copy, self.report, f"{where}, backup")

    def die_while_starting(self, where):
        self.server.launch()
        # Spins instead of sleeping: the start takes some milliseconds, and the moment has to fall into it.
        until = time.monotonic() + self.random.uniform(0, 0.03)
        while time.monotonic() < until:
            pass
        self.server.stop(signal.SIGKILL)
        check_folder(self.server.program, self.server.data, self.report, f"{where}, killed while starting")

    def begin_import(self):
        """An import of which half is sent."""
        connection = socket.create_connection(("127.0.0.1", self.server.port), timeout=30)
        connection.sendall(b"POST /diffo/v1/import HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
                           b"Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n")
        interim = connection.recv(4096)
        self.report.check(interim.startswith(b"HTTP/1.1 100"), f"no 100 Continue but {interim[:200]!r}")
        self.send_lines(connection, range(IN_FLIGHT))
        return connection

    @staticmethod
    def send_lines(connection, numbers):
        for number in numbers:
            line = json.dumps({"id": f"imported-{number}", "name": "half of an import"}).encode() + b"\n"
            connection.sendall(b"%x\r\n%s\r\n" % (len(line), line))

    def finish_import(self, connection):
        """Returns whether everything was taken."""
        try:
            self.send_lines(connection, range(IN_FLIGHT, 2 * IN_FLIGHT))
            connection.sendall(b"0\r\n\r\n")
            return f'"created":{2 * IN_FLIGHT}'.encode() in connection.recv(65536)
        except OSError:
            return False
        finally:
            connection.close()

    def begin_requests(self):
        """Requests of which the server has the head and waits for the body: they are in flight for certain."""
        begun = []
        for number in range(IN_FLIGHT):
            body = json.dumps({"id": f"in-flight-{number}", "state": "active", "serviceSpecification": {"id": "1"}}).encode()
            connection = socket.create_connection(("127.0.0.1", self.server.port), timeout=30)
            connection.sendall(f"POST {SERVICE_V4} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                               f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n".encode())
            interim = connection.recv(4096)
            self.report.check(interim.startswith(b"HTTP/1.1 100"), f"no 100 Continue but {interim[:200]!r}")
            begun.append((connection, body))
        return begun

    def stop_kindly(self):
        where = "SIGTERM under load"
        begun, half_import = self.begin_requests(), self.begin_import()
        acknowledged, writers = self.load(200, lambda: self.server.process.send_signal(signal.SIGTERM))
        self.report.check(acknowledged.over.wait(60), f"{where}: the load came to nothing")
        answered = 0
        for connection, body in begun:
            try:
                connection.sendall(body)
                answered += connection.recv(65536).startswith(b"HTTP/1.1 201")
            except OSError as problem:
                print(f"{where}: {problem!r}")
            connection.close()
        self.report.check(answered == IN_FLIGHT, f"{where}: {answered} of {IN_FLIGHT} requests in flight were answered 201")
        self.report.check(self.finish_import(half_import), f"{where}: an import in flight was cut off")
        self.wait_for(writers, where)
        status = self.server.process.wait(30)
        self.report.check(status == 0, f"{where}: exit status {status}: {self.server.log_text()[-600:]}")
        self.server.stop()
        check_folder(self.server.program, self.server.data, self.report, where)
        self.server.start()
        with Client(self.server.port) as client:
            for number in range(answered):
                answer = client.call("DELETE", f"{SERVICE_V4}/in-flight-{number}")
                self.report.check(answer.status == 204, f"{where}: in-flight-{number} was acknowledged and is {answer.status}")
            for number in range(2 * IN_FLIGHT):
                answer = client.call("DELETE", f"{RESOURCE_V4}/imported-{number}")
                self.report.check(answer.status == 204, f"{where}: imported-{number} was acknowledged and is {answer.status}")
        self.verify(writers, where)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("build")
    arguments.add_argument("--rounds", type=int, default=20)
    arguments.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    options = arguments.parse_args()
    print(f"seed {options.seed}", flush=True)
    report = Report()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="diffo-crash-"))
    rounds = Rounds(program_in(options.build), folder / "data", options.seed, report)
    try:
        rounds.server.start()
        for number in range(1, options.rounds + 1):
            rounds.kill(number)
        rounds.stop_kindly()
    finally:
        rounds.server.stop(signal.SIGKILL)
        if report.failures:
            print(f"the folder is kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
