#!/usr/bin/env python3
"""Runs *.exchange files against the real program: request and expected answer in plain text.

    # a comment; an empty line or the next '>' after an answer begins a new exchange
    > POST /tmf-api/serviceInventory/v4/service
    > Content-Type: application/json
    >
    > {"state": "active", "serviceSpecification": {"id": "1212"}}
    < 201
    < ETag: <etag>
    < {"id": "<id>", "state": "active", "...": "..."}

`<name>` in an expected header or JSON text takes any value the first time and keeps it; later it must be equal, and `${name}`
puts it into a request. `<*>` takes anything. `<~ regular expression>` must match; its named groups are kept likewise. A JSON object or array is compared whole, but a
member "...": "..." allows further members, and an item "..." at the end allows further items. `< absent: Header` demands that a
header is not there. `< eventually 200` asks again until the whole answer fits. `! restart` and `! kill` stop the server (kindly or with SIGKILL) and start it on the same folder.
`${x*9000}` in a request is x nine thousand times, for what is too large. `! check` stops the server, wants `diffo check` to find its
folder clean, and starts it again. `! serve FOLDER` goes on with a server on another folder; `${data}` is the first one's,
`${backups}` the one below which it writes backups. `model: FILE…` before the first exchange names models of test/models that the
server is started with, `loop: JSON` its settings of the loop, `hub: JSON` those of events, `options: …` more options of `diffo serve`. A
body is sent packed where its request says `Content-Encoding: gzip`, and an answer that comes packed is unpacked.
Each file gets a server of its own. With `--store URI` that server keeps its inventory in a Neo4j database, which is emptied and
initialized for each file; `! check` then runs the checks that there are for it, `! serve FOLDER` goes on with an empty database (with the
same where FOLDER is a backup), and neo4j.differences says which answers are others there. A file that cannot be read so (a request without an answer, an answer without a request, a line that
is none of these) fails as a whole. With `--contract` every answer is also held against the OpenAPI documents that the server
publishes (support/contract.py), and when all files run, each published operation must have been met. Closes with
'N passed, M failed', counting exchanges.
"""
import argparse
import gzip
import http.client
import json
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from contract import Contract  # noqa: E402
from neo4j import Database  # noqa: E402
from server import Server  # noqa: E402

COMMANDS = re.compile(r"restart|kill|check|serve \S.*")
REQUEST = re.compile(r"[A-Z]+ \S")
MODELS = pathlib.Path(__file__).resolve().parent.parent / "models"


DIFFERENCES = pathlib.Path(__file__).resolve().parent / "neo4j.differences"


class Mismatch(Exception):
    pass


class Malformed(Exception):
    """The file is at fault, not the server."""


def complete(start, request, answer):
    """An exchange that has both sides, as they must be."""
    if not answer:
        raise Malformed(f"{start}: a request without an answer")
    if not REQUEST.match(request[0]):
        raise Malformed(f"{start}: {request[0][:80]!r} is no request line")
    if not re.fullmatch(r"(eventually )?[1-5]\d\d", answer[0]):
        raise Malformed(f"{start}: the answer begins with {answer[0][:80]!r}, not with a status")
    return start, request, answer


def said_before(text, what):
    """What a file says of its server before the first exchange, and the file without that line; numbers of lines stay."""
    found = re.search(rf"^{what}: (.+)$", text, re.MULTILINE)
    if not found:
        return "", text
    if re.search(r"^[<>!]", text[:found.start()], re.MULTILINE):
        raise Malformed(f"{text[:found.start()].count(chr(10)) + 1}: {what} stands before the first exchange")
    return found[1], text[:found.start()] + text[found.end():]


def served_with(text, folder):
    """The arguments of the server that a file wants, and the rest of the file."""
    models, text = said_before(text, "model")
    settings, text = said_before(text, "loop")
    events, text = said_before(text, "hub")
    options, text = said_before(text, "options")
    arguments = options.split()
    for name in models.split():
        if not (MODELS / name).is_file():
            raise Malformed(f"there is no model {name}")
        arguments += ["--model", str(MODELS / name)]
    if settings:
        (folder / "loop.json").write_text(settings)
        arguments += ["--loop", str(folder / "loop.json")]
    if events:
        (folder / "hub.json").write_text(events)
        arguments += ["--hub", str(folder / "hub.json")]
    return arguments, text


def parse(text):
    """Yields (line number, request lines, answer lines) and (line number, '!', command). Raises Malformed."""
    request, answer, start = [], [], 0
    for number, line in enumerate(text.splitlines(), 1):
        if line[:1] in (">", "<") and line[1:2] not in ("", " "):
            raise Malformed(f"{number}: a space belongs behind {line[0]!r}")
        if line.startswith(">"):
            if answer:
                yield complete(start, request, answer)
                request, answer = [], []
            if not request:
                start = number
            request.append(line[2:])
        elif line.startswith("<"):
            if not request:
                raise Malformed(f"{number}: an answer without a request")
            answer.append(line[2:])
        else:
            if request:
                yield complete(start, request, answer)
                request, answer = [], []
            if line.startswith("!"):
                if not COMMANDS.fullmatch(line[1:].strip()):
                    raise Malformed(f"{number}: {line!r} is no command")
                yield number, "!", line[1:].strip()
            elif line.strip() and not line.startswith("#"):
                raise Malformed(f"{number}: {line[:80]!r} is neither request, answer, command nor comment")
    if request:
        yield complete(start, request, answer)


def match_text(expected, actual, names, where):
    whole = re.fullmatch(r"<([A-Za-z_]\w*)>", expected)
    if expected == "<*>":
        return
    if whole and whole[1] not in names:
        names[whole[1]] = actual
        return
    if whole:
        expected = names[whole[1]]
    elif expected.startswith("<~ ") and expected.endswith(">"):
        found = re.search(substitute(expected[3:-1], names, re.escape), actual) if isinstance(actual, str) else None
        if not found:
            raise Mismatch(f"{where}: {actual!r} does not match {expected}")
        names.update(found.groupdict())
        return
    elif isinstance(expected, str):
        expected = substitute(expected, names)
    if expected != actual:
        raise Mismatch(f"{where}: expected {expected!r}, got {actual!r}")


def same_scalar(expected, actual):
    return type(expected) is type(actual) and expected == actual


def match(expected, actual, names, where=""):
    if isinstance(expected, str):
        match_text(expected, actual, names, where or "body")
    elif isinstance(expected, dict):
        if not isinstance(actual, dict):
            raise Mismatch(f"{where}: expected an object, got {actual!r}")
        open_end = expected.get("...") == "..."
        for key, value in expected.items():
            if key == "..." and open_end:
                continue
            if key not in actual:
                raise Mismatch(f"{where}/{key}: is missing")
            match(value, actual[key], names, f"{where}/{key}")
        more = set(actual) - set(expected)
        if more and not open_end:
            raise Mismatch(f"{where}: unexpected {sorted(more)}")
    elif isinstance(expected, list):
        open_end = expected[-1:] == ["..."]
        wanted = expected[:-1] if open_end else expected
        if not isinstance(actual, list) or len(actual) < len(wanted) or (len(actual) > len(wanted) and not open_end):
            raise Mismatch(f"{where}: expected {len(wanted)} items, got {actual!r}")
        for index, value in enumerate(wanted):
            match(value, actual[index], names, f"{where}/{index}")
    elif not same_scalar(expected, actual):
        raise Mismatch(f"{where}: expected {expected!r}, got {actual!r}")


def substitute(text, names, quote=str):
    text = re.sub(r"\$\{([^}*]+)\*(\d+)\}", lambda m: m[1] * int(m[2]), text)
    return re.sub(r"\$\{(\w+)\}", lambda m: quote(str(names[m[1]])), text)


def send(port, lines, names):
    lines = [substitute(line, names) for line in lines]
    method, target = lines[0].split(" ", 1)
    headers, body = {}, ""
    for index, line in enumerate(lines[1:], 1):
        if line == "":
            body = "\n".join(lines[index + 1:])
            break
        name, _, value = line.partition(":")
        headers[name.strip()] = value.strip()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        sent = body.encode() if body else None
        if sent and headers.get("Content-Encoding") == "gzip":
            sent = gzip.compress(sent)
        connection.request(method, target, sent, headers)
    except (BrokenPipeError, ConnectionResetError):
        pass  # it refuses before it has read everything; its answer is there
    answer = connection.getresponse()
    got = answer.read()
    if answer.getheader("Content-Encoding") == "gzip":
        got = gzip.decompress(got)
    text = got.decode()
    connection.close()
    return answer, text


def check(answer, text, lines, names):
    status = int(lines[0])
    if answer.status != status:
        raise Mismatch(f"expected status {status}, got {answer.status}: {text[:600]}")
    for index, line in enumerate(lines[1:], 1):
        header = re.fullmatch(r"([A-Za-z][A-Za-z0-9-]*): (.*)", line)
        if not header:
            check_body(text, "\n".join(lines[index:]).strip(), answer, names)
            return
        if header[1] == "absent":
            if answer.getheader(header[2]) is not None:
                raise Mismatch(f"there is a header {header[2]}")
            continue
        value = answer.getheader(header[1])
        if value is None:
            raise Mismatch(f"no header {header[1]}")
        match_text(header[2], value, names, header[1])


def check_body(text, expected, answer, names):
    if expected == "":
        if text:
            raise Mismatch(f"expected no body, got {text[:300]}")
        return
    if "json" in (answer.getheader("Content-Type") or "") and expected[:1] in '[{"':
        match(json.loads(expected), json.loads(text), names)
    else:
        match_text(expected, text.strip(), names, "body")


def differences(path):
    """By file, what answers which requests otherwise in a database: the text of a request and the lines of its answer."""
    found, parts = {}, re.split(r"^file: (.+)$", path.read_text(), flags=re.MULTILINE)
    for name, text in zip(parts[1::2], parts[2::2]):
        found[name] = {tuple(request): answer for _, request, answer in parse(text)}
    return found


def check_folder(server, where):
    result = subprocess.run([server.program, "check", "--data", server.data], capture_output=True, text=True)
    return [] if result.returncode == 0 else [f"{where}: diffo check: {result.stdout}{result.stderr}"]


def fetch(port, target):
    answer, text = send(port, [f"GET {target}"], {})
    if answer.status != 200:
        raise RuntimeError(f"GET {target}: {answer.status}")
    return text


def keeps_contract(contract, request, names, answer, text):
    method, target = substitute(request[0], names).split(" ", 1)
    problems = list(contract.problems(method, target, answer.status, answer.getheader("Content-Type"), text))
    if problems:
        raise Mismatch("; ".join(problems[:5]))


PATIENCE = 20  # seconds


def attempt(port, request, answer, names):
    """Sends it and compares the answer; one that is expected `eventually` is asked for again until it comes."""
    if not answer[0].startswith("eventually "):
        got, text = send(port, request, names)
        check(got, text, answer, names)
        return got, text
    end = time.monotonic() + PATIENCE
    while True:
        try:
            got, text = send(port, request, names)
            check(got, text, [answer[0].removeprefix("eventually "), *answer[1:]], names)
            return got, text
        except Mismatch:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


class Store:
    """Where the servers of exchanges keep their inventories: each in its folder, or in a database."""

    def __init__(self, program, uri):
        self.database = Database(program, uri) if uri else None
        self.different = differences(DIFFERENCES) if uri else {}
        self.met = set()

    def begin(self):
        if self.database:
            self.database.renew()
        # What others write is looked for all the time: of what nobody else wrote nothing may be found.
        return [*self.database.options, "--follow", "0.05"] if self.database else []

    def answer(self, name, request, answer):
        found = self.different.get(name, {}).get(tuple(request))
        if found is None:
            return answer
        self.met.add((name, tuple(request)))
        return found

    def check(self, server, where):
        return [f"{where}: {one}" for one in self.database.check()] if self.database else check_folder(server, where)

    def go_on_in(self, folder, backups):
        if self.database and not folder.is_relative_to(backups):
            self.database.renew()

    def unmet(self, names):
        """Differences of these files that no exchange asked for."""
        return [f"{DIFFERENCES.name}: {name} has no {request[0]!r}" for name, requests in self.different.items() if name in names
                for request in requests if (name, request) not in self.met]


class Run:
    """What became of a file's exchanges."""

    def __init__(self, program, path, contract, store):
        self.program, self.path, self.contract, self.store = program, path, contract, store
        self.passed, self.failures, self.others = 0, [], []
        self.backups = pathlib.Path(tempfile.mkdtemp(prefix="diffo-backups-"))

    def run(self):
        try:
            arguments, text = served_with(self.path.read_text(), self.backups)
            exchanges = list(parse(text))
            with Server(self.program, "--backup-root", self.backups, *self.store.begin(), *arguments) as server:
                self.names = {"data": str(server.data), "backups": str(self.backups)}
                if self.contract is not None and not self.contract.documents:
                    self.contract.load(lambda target: fetch(server.port, target))
                for line, request, answer in exchanges:
                    if request == "!":
                        self.command(server, line, answer)
                    else:
                        self.exchange(server, line, request, answer)
        except Malformed as problem:
            self.failures.append(f"{self.path.name}:{problem}")
        except RuntimeError as problem:  # a server or database that cannot go on: the rest of the file fails with it
            self.failures.append(f"{self.path.name}: {problem}")
        for folder in [*self.others, self.backups]:
            shutil.rmtree(folder, ignore_errors=True)
            (folder.parent / (folder.name + ".log")).unlink(missing_ok=True)
        return self.passed, self.failures

    def command(self, server, line, command):
        server.stop(signal.SIGKILL if command == "kill" else signal.SIGTERM)
        if command == "check":
            self.failures += self.store.check(server, f"{self.path.name}:{line}")
        if command.startswith("serve "):
            self.others.append(server.data)
            server.data = pathlib.Path(substitute(command[6:], self.names))
            self.store.go_on_in(server.data, self.backups)
        server.start()

    def exchange(self, server, line, request, answer):
        try:
            got, text = attempt(server.port, request, self.store.answer(self.path.name, request, answer), self.names)
            if self.contract is not None:
                keeps_contract(self.contract, request, self.names, got, text)
            self.passed += 1
        except (Mismatch, KeyError, ValueError, OSError) as problem:
            self.failures.append(f"{self.path.name}:{line}: {request[0][:200]}: {problem}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("program")
    arguments.add_argument("--contract", action="store_true")
    arguments.add_argument("--store", metavar="URI", help="a Neo4j database that may be emptied")
    arguments.add_argument("files", nargs="*", type=pathlib.Path)
    options = arguments.parse_intermixed_args()
    folder = pathlib.Path(__file__).resolve().parent
    paths = options.files or sorted(folder.glob("*.exchange"))
    passed = failed = 0
    contract = Contract() if options.contract else None  # the documents are the same on every server
    store = Store(options.program, options.store)
    for path in paths:
        done, failures = Run(options.program, path, contract, store).run()
        passed += done
        failed += len(failures)
        for failure in failures:
            print(failure, flush=True)
    unseen = list(contract.unseen()) if contract is not None and not options.files else []
    for problem in unseen + store.unmet([path.name for path in paths]):
        failed += 1
        print(problem)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
