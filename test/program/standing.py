"""What is outstanding on the command line: `diffo drift` and `diffo decide`, against a server and against strangers."""
import contextlib
import http.server
import json
import os
import pty
import subprocess
import threading
import urllib.request

from client import Client
from server import Server

V5 = "/tmf-api/serviceInventory/v5/service"
LINE = {"@type": "ServiceSpecificationRef", "id": "S", "name": "line"}
EXPECT = {"state": "active", "serviceCharacteristic": [{"name": "vlan", "value": 8}, {"name": "mtu", "value": 9000}]}


def fill(port):
    """One service that should be otherwise in three places, of which one is missing."""
    with Client(port) as client:
        client.call("POST", V5, {"@type": "Service", "id": "a", "state": "inactive", "name": "access", "serviceSpecification": LINE,
                                 "serviceCharacteristic": [{"@type": "IntegerCharacteristic", "name": "vlan", "value": 7}]})
        client.call("POST", "/diffo/v1/expectations", {"id": "gold", "owner": "orders", "target": {"id": "a"}, "expect": EXPECT})


class Stranger(http.server.BaseHTTPRequestHandler):
    """Answers as it is told to by `answers`, a function from a target to (status, headers, body); or hands on to a real server."""
    protocol_version = "HTTP/1.1"

    def handle_one(self):
        self.server.seen.append(self.command)
        status, headers, body = self.server.answers(self.path)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = handle_one

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def stranger(answers):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stranger)
    server.answers, server.seen, server.daemon_threads = answers, [], True
    server.handle_error = lambda *_: None  # of those who have heard enough
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", server.seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def on_terminal(program, *arguments):
    """(exit status, output) of a command that writes to a terminal."""
    main, terminal = pty.openpty()
    process = subprocess.Popen([program.path, *arguments], stdout=terminal, stderr=subprocess.PIPE)
    os.close(terminal)
    pieces = []
    with contextlib.suppress(OSError):  # the end of a terminal
        while piece := os.read(main, 65536):
            pieces.append(piece)
    os.close(main)
    process.stderr.close()
    return process.wait(30), b"".join(pieces).decode()


def rows_of(text):
    return [json.loads(line) for line in text.splitlines()]


def drift_shows(program):
    """What is outstanding, in both forms, with filters, exceptions and exit codes."""
    check = program.report.check
    with Server(program.path) as server:
        url = ["--url", server.url]
        program.expect("nothing outstanding", 0, "drift", "--format", "text", "--exit-code", *url, out="nothing outstanding")
        check(program.expect("nothing outstanding as JSON", 0, "drift", *url) == "", "lines of nothing")
        fill(server.port)
        rows = rows_of(program.expect("drift", 0, "drift", *url))
        check({row["address"] for row in rows} == {"state", "serviceCharacteristic[vlan].value", "serviceCharacteristic[mtu]"}
              and all(row["expectation"] == "gold" for row in rows), f"drift: {rows}")
        program.expect("drift for a script", 1, "drift", "--exit-code", *url)
        table = program.expect("a table", 0, "drift", "--format", "text", *url, out="3 outstanding")
        lines = table.splitlines()
        check(lines[0].split() == ["TARGET", "ADDRESS", "EXPECTED", "ACTUAL", "CATEGORY", "AGE", "EXPECTATION"], f"head: {lines[0]!r}")
        state = next((line.split() for line in lines if " state " in line), [])
        check(state[:5] == ["a", "state", '"active"', '"inactive"', "misaligned"] and state[6:] == ["gold"], f"a row: {state}")
        check("\x1b" not in table, "colours where there is no terminal")
        program.expect("a filter", 0, "drift", "--format", "text", "--filter", "owner=orders&category=missing", *url, out="1 outstanding")
        program.expect("a filter that finds nothing", 0, "drift", "--exit-code", "--filter", "owner=no body", *url)
        program.expect("a filter that is none", 2, "drift", "--filter", "colour=red", *url, error="colour")
        program.expect("a format that is none", 2, "drift", "--format", "patch", *url)
        status, shown = on_terminal(program, "drift", *url)
        check(status == 0 and "\x1b[1mTARGET" in shown and "3 outstanding" in shown, f"on a terminal: {shown!r}")
        exceptions = program.folder / "exceptions"
        exceptions.write_text("# known\n\na serviceCharacteristic[*\n")
        left = rows_of(program.expect("exceptions", 1, "drift", "--except", exceptions, "--exit-code", *url))
        check([row["address"] for row in left] == ["state"], f"with exceptions: {left}")
        program.expect("all excepted", 0, "drift", "--except", "-", "--exit-code", "--format", "text", *url, text="* *",
                       out="nothing outstanding, 3 excepted")
        program.expect("an exception without an address", 2, "drift", "--except", "-", *url, text="# x\na\n", error="-:2")
        program.expect("no such exceptions", 2, "drift", "--except", program.folder / "absent", *url)


def drift_of_many(program):
    """What cannot be evaluated is not met; and of many leaves every page is read."""
    failed = json.dumps([{"expectation": "e", "target": {"filter": "x=1"}, "error": "no such field"}, {"expectation": "f"}]).encode()
    with stranger(lambda target: (200, {}, b"[]" if "leaves" in target else failed)) as (url, _):
        program.expect("an error", 1, "drift", "--exit-code", "--format", "text", "--url", url, out="no such field\n1 outstanding")
    with Server(program.path) as server:
        with Client(server.port) as client:
            lines = [{"id": f"s{number}", "state": "inactive", "serviceSpecification": {"id": "1"}} for number in range(1100)]
            client.call("POST", "/diffo/v1/import", "".join(json.dumps(line) + "\n" for line in lines), "application/x-ndjson")
            client.call("POST", "/diffo/v1/expectations", {"id": "all", "target": {"filter": "state=inactive"}, "expect": {"state": "active"}})
        rows = rows_of(program.expect("two pages", 1, "drift", "--exit-code", "--url", server.url))
        program.report.check(len({row["id"] for row in rows}) == 1100 == len(rows), f"{len(rows)} rows of 1100")
        table = program.expect("a long table", 0, "drift", "--format", "text", "--url", server.url, out="1100 outstanding")
        program.report.check(table.count("\n") == 1102 and table.count("TARGET") == 1, f"{table.count(chr(10))} lines")


def drift_only_reads(program):
    """A server that counts the methods it is asked by sees nothing but GET, whatever is asked for."""
    with Server(program.path) as server:
        fill(server.port)

        def hand_on(target):
            with urllib.request.urlopen(server.url + target) as answer:
                return answer.status, {"Link": answer.headers["Link"] or ""}, answer.read()

        with stranger(hand_on) as (url, seen):
            program.expect("drift through another", 1, "drift", "--exit-code", "--url", url)
            program.expect("all of it", 0, "drift", "--all", "--filter", "category=missing", "--format", "text", "--url", url)
            program.report.check(set(seen) == {"GET"} and len(seen) == 4, f"asked by {seen}")
        with Client(server.port) as client:
            journal = client.call("GET", "/diffo/v1/journal").body
        program.report.check(len(journal) == 2, f"{len(journal)} commits, 2 were made before")


def drift_of_strangers(program):
    """A server that is away, that answers nonsense, that never ends, that wants to steer a terminal."""
    program.expect("a server that is not there", 2, "drift", "--exit-code", "--url", "http://127.0.0.1:1", error="127.0.0.1")
    program.expect("a URL that is none", 2, "drift", "--url", "ftp://x", error="http://")
    program.expect("a decision for nobody", 2, "decide", "approve", "--filter", "x", "--url", "http://127.0.0.1:1")
    leaf = {"id": "1", "target": {"id": "a"}, "address": "x", "outstanding": True}
    page = json.dumps([leaf]).encode()
    again = {"Link": '</diffo/v1/leaves?after=1>; rel="next"'}
    garbage = [(200, {}, b"<html>"), (200, {}, b'{"a": 1}'), (200, {}, b"[1]"), (200, {}, b'[{"target": {}}]'), (200, {}, b""),
               (200, {}, b"[" * 10000), (200, {}, b"\xff"), (204, {}, b""), (302, {"Location": "/"}, b""), (500, {}, b'{"message": "no"}'),
               (200, again, page), (200, again, b"[]"), (200, {"Link": '<http://evil.example/>; rel="next"'}, page),
               (200, {"Link": '</diffo/v1/leaves?a b>; rel="next"'}, page)]
    for status, headers, body in garbage:
        with stranger(lambda _, answer=(status, headers, body): answer) as (url, _):
            program.expect(f"{status} {headers} {body[:20]}", 2, "drift", "--url", url, error="diffo: ")
            if not headers:
                program.expect(f"a decision: {status} {body[:20]}", 2, "decide", "approve", "--leaf", "1", "--url", url,
                               error="diffo: ")
    evil = "\x1b]0;x\x07\u009b31m\u202e\n"
    document = json.dumps([{**leaf, "target": {"id": evil}, "address": evil, "expected": evil, "actual": {evil: evil},
                            "category": evil, "expectation": evil, "since": evil, "overruledBy": evil}], ensure_ascii=False).encode()
    with stranger(lambda target: (200, {}, document if "leaves" in target else b"[]")) as (url, _):
        for form in ("text", "json"):
            _, shown = on_terminal(program, "drift", "--all", "--format", form, "--url", url)
            left = shown
            for colour in ("0m", "1m", "31m", "32m", "33m", "36m"):
                left = left.replace("\x1b[" + colour, "")
            program.report.check(not set(left) & set("\x1b\x07\u009b\u202e") and left.count("\n") == (3 if form == "text" else 1),
                                 f"a terminal is steered: {shown!r}")
        row = rows_of(program.expect("the same as JSON", 0, "drift", "--url", url))[0]
        program.report.check(row["address"] == evil, f"JSON says {row['address']!r}")
    with stranger(lambda _: (500, {}, json.dumps({"message": evil}).encode())) as (url, _):
        error = program.run("drift", "--url", url).stderr
        program.report.check("\x1b" not in error and error.count("\n") == 1, f"an error steers a terminal: {error!r}")


def decide(program):
    """Leaves are approved and adopted; what has changed meanwhile is not."""
    check = program.report.check
    with Server(program.path) as server:
        fill(server.port)
        url = ["--url", server.url]

        def leaves(*more):
            return {row["address"]: row for row in rows_of(program.run("drift", *more, *url).stdout)}

        state = leaves()["state"]
        name = f"{state['id']}:{state['fingerprint']}"
        program.expect("a dry run", 0, "decide", "approve", "--leaf", name, "--dry-run", "--format", "text", *url, out="would approve 1 leaf\n")
        check("state" in leaves(), "a dry run has decided")
        program.expect("an approval", 0, "decide", "approve", "--leaf", name, "--reason", "being moved", "--format", "text", *url,
                       out="approved 1 leaf, decision ")
        check("state" not in leaves() and leaves("--all")["state"]["decision"]["reason"] == "being moved", "it is not approved")
        program.expect("what is approved", 0, "drift", "--all", "--format", "text", *url, out="approve: being moved")
        program.expect("the sum", 0, "drift", "--all", "--format", "text", *url, out="2 outstanding, 1 approved or overruled")
        program.expect("an approved one is nothing outstanding", 0, "drift", "--exit-code", "--all", "--filter", "path=state", *url)
        program.expect("another fingerprint", 2, "decide", "approve", "--leaf", state["id"] + ":0000000000000000", *url, error="has changed")
        adopted = program.expect("an adoption", 0, "decide", "adopt", "--expectation", "gold", "--target", "a", "--dry-run", *url)
        check(json.loads(adopted)["changed"][0]["expect"]["state"] == "inactive", f"would be adopted: {adopted}")
        program.expect("a filter", 0, "decide", "adopt", "--filter", "path=serviceCharacteristic&category=misaligned", "--format", "text",
                       *url, out='changed expectation gold: {')
        check(set(leaves()) == {"serviceCharacteristic[mtu]"}, f"left: {list(leaves())}")
        program.expect("nothing to decide on", 2, "decide", "approve", "--filter", "owner=nobody", *url, error="no leaf")
        program.expect("an end that is past", 2, "decide", "approve", "--expectation", "gold", "--until", "2020-01-01", *url, error="until")
        for bad in (["approve"], ["fly", "--filter", "x"], ["approve", "--leaf", "x", "--filter", "y"], ["approve", "--leaf", "x", "--target", "a"],
                    ["--filter", "x"], ["adopt", "--filter", "x", "--scope", "some"]):
            program.expect(f"decide {bad}", 2, "decide", *bad, *url)


PARTS = (drift_shows, drift_of_many, drift_only_reads, drift_of_strangers, decide)
