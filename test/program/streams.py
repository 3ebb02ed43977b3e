"""GET /diffo/v1/stream as those meet it who read it: in order, from where they were, filtered, slowly, and too many of them."""
import contextlib
import json
import socket
import subprocess
import time

from client import Client
from server import Server
from standing import stranger

V5 = "/tmf-api/serviceInventory/v5/service"
PATCH = "application/merge-patch+json"
LINE = {"@type": "ServiceSpecificationRef", "id": "S", "name": "line"}


class Reader:
    """A stream that is read event by event. Thread rule: one thread."""

    def __init__(self, port, query="", last=None, timeout=20, buffer=None):
        self.socket = socket.socket()
        if buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.settimeout(timeout)
        self.socket.connect(("127.0.0.1", port))
        resume = f"Last-Event-ID: {last}\r\n" if last else ""
        self.socket.sendall(f"GET /diffo/v1/stream{query} HTTP/1.1\r\nHost: localhost\r\n{resume}\r\n".encode())
        self.file = self.socket.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        self.headers = {}
        while line := self.file.readline().strip():
            name, value = line.decode().split(": ", 1)
            self.headers[name] = value
        self.text, self.last, self.comments, self.ended = b"", last, 0, False

    def block(self):
        """The lines up to an empty one; nothing at the end."""
        if self.status != 200:
            raise RuntimeError(f"the stream was refused: {self.status}")
        while b"\n\n" not in self.text:
            size = int(self.file.readline() or b"0", 16)
            self.text += self.file.read(size)
            self.file.readline()
            if not size:
                self.ended = True
                return None
        block, self.text = self.text.split(b"\n\n", 1)
        return block.decode().split("\n")

    def next(self):
        """(name, data) of the next event; nothing at the end."""
        while (block := self.block()) is not None:
            fields = {}
            for line in block:
                name, _, value = line.partition(":")
                if not name:
                    self.comments += 1
                fields[name] = value.removeprefix(" ")
            if "id" in fields:
                self.last = fields["id"]
            if "data" in fields:
                return fields["event"], json.loads(fields["data"])
        return None

    def until(self, name):
        """All events up to one of that name."""
        found = []
        while (event := self.next()) is not None:
            found.append(event)
            if event[0] == name:
                break
        return found

    def close(self):
        self.file.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def put(client, identity, **more):
    client.call("POST", V5, {"@type": "Service", "id": identity, "state": "inactive", "name": identity, "serviceSpecification": LINE, **more})


def patch(client, identity, **more):
    """Waits until it is told of, for commits in quick succession are told as one step."""
    client.call("PATCH", f"{V5}/{identity}", more, PATCH)
    client.call("GET", "/diffo/v1/leaves?limit=1")


def expect(client, identity, target, wanted, **more):
    return client.call("POST", "/diffo/v1/expectations", {"id": identity, "target": target, "expect": wanted, **more})


def brief(events):
    return [(name, data.get("change"), data.get("address")) if name == "leaf" else (name,) for name, data in events]


def stream_tells(program):
    """What becomes of a leaf, in order, beside the commits and decisions that did it."""
    check = program.report.check
    with Server(program.path) as server, Client(server.port) as client:
        put(client, "a")
        expect(client, "gold", {"id": "a"}, {"state": "active", "category": "x"}, owner="orders")
        with Reader(server.port) as reader:
            check(reader.status == 200 and reader.headers["Content-Type"] == "text/event-stream", f"{reader.status} {reader.headers}")
            state = reader.until("current")
            check(sorted(brief(state)) == [("current",), ("gap",), ("leaf", "stands", "category"), ("leaf", "stands", "state")],
                  f"what stands: {state}")
            leaf = next(data for name, data in state if data.get("address") == "state")
            shown = client.call("GET", "/diffo/v1/leaves?path=state").body[0]
            check({**shown, "target": {**shown["target"], "href": ""}, "change": "stands"} == {**leaf, "target": {**leaf["target"], "href": ""}}
                  and leaf["target"]["href"].startswith("http://localhost/tmf-api/"), f"{leaf} is not {shown}")
            begun = time.monotonic()
            patch(client, "a", state="reserved")
            told = [reader.next(), reader.next()]
            check(time.monotonic() - begun < 2, f"an event came after {time.monotonic() - begun} s")
            check(brief(told) == [("change",), ("leaf", "changed", "state")] and told[1][1]["actual"] == "reserved", f"a change: {told}")
            check(told[0][1]["keys"] == [{"family": "service", "id": "a", "change": "changed"}] and told[0][1]["sequence"] == 3
                  and told[0][1]["cause"].startswith("PATCH "), f"the commit: {told[0]}")
            client.call("POST", "/diffo/v1/decisions", {"leaves": [leaf["id"]], "decision": "approve"})
            told = [reader.next() for _ in range(3)]
            check(brief(told) == [("change",), ("decision",), ("leaf", "decided", "state")] and told[1][1]["holds"] is True
                  and told[2][1]["outstanding"] is False, f"a decision: {told}")
            patch(client, "a", category="x")
            told = [reader.next() for _ in range(3)]
            check(brief(told) == [("change",), ("leaf", "closed", "category"), ("residue",)] and told[2][1]["outstanding"] is False,
                  f"nothing left: {told}")
            patch(client, "a", category="y")
            told = [reader.next() for _ in range(3)]
            check(brief(told) == [("change",), ("leaf", "opened", "category"), ("residue",)] and told[2][1]["outstanding"] is True,
                  f"it opens: {told}")
            client.call("POST", "/diffo/v1/tasks", {"filter": "path=category", "state": "proposed"})
            told = [reader.next(), reader.next()]
            check(brief(told) == [("change",), ("task",)] and told[1][1]["state"] == "proposed", f"a task: {told}")
            client.call("POST", f"/diffo/v1/tasks/{told[1][1]['id']}/reject")
            told = [reader.next(), reader.next()]
            check(brief(told) == [("change",), ("task",)] and told[1][1]["state"] == "cancelled", f"a task that is cancelled: {told}")
            client.call("DELETE", "/diffo/v1/expectations/gold")
            told = reader.until("residue")
            check(sorted(brief(told))[1:] == [("leaf", "closed", "category"), ("leaf", "closed", "state"), ("residue",)], f"gone: {told}")
            check(server.stop() == 0, "the server does not end well with an open stream")
            while reader.next() is not None:
                pass
            check(reader.ended, "the stream has no end")


def stream_resumes(program):
    """From the last event that was read, each once; from a revision; and not from what nobody knows."""
    check = program.report.check
    with Server(program.path) as server, Client(server.port) as client:
        put(client, "a")
        expect(client, "gold", {"id": "a"}, {"name": "x"})
        with Reader(server.port, "?events=leaf") as reader:
            reader.until("current")
            last = reader.last
        names = [f"n{number}" for number in range(20)]
        for name in names:
            patch(client, "a", name=name)
        found = []
        for count in (1, 0, 5, 3, 11):
            with Reader(server.port, "?events=leaf", last) as reader:
                found += [reader.next()[1]["actual"] for _ in range(count)]
                last = reader.last
        check(found == names, f"resumed five times: {found}")
        with Reader(server.port, "?events=leaf", last) as reader:
            patch(client, "a", name="end")
            check(reader.next()[1]["actual"] == "end", "the end is not told")
        with Reader(server.port, "?from=20&events=leaf,change") as reader:
            told = [reader.next() for _ in range(6)]
            check([data["sequence"] for name, data in told if name == "change"] == [21, 22, 23]
                  and [data["actual"] for name, data in told if name == "leaf"] == ["n18", "n19", "end"], f"from a revision: {told}")
        for unknown in ("0-1", "99999-1", "99999", "nonsense", "23-99999", "-1"):
            with Reader(server.port, "?events=leaf", unknown) as reader:
                check(brief(reader.until("current")) == [("gap",), ("leaf", "stands", "name"), ("current",)], f"from {unknown}")
        server.stop()
        server.start()
        with Client(server.port) as again:
            again.call("GET", "/diffo/v1/leaves?limit=1")  # waits until it is known what stands
        with Reader(server.port, "?events=leaf", last) as reader:
            told = reader.until("current")
            check(brief(told)[0] == ("gap",) and told[1][1]["actual"] == "end", f"after a restart: {told}")
            last = reader.last
        with Client(server.port) as again, Reader(server.port, "?events=leaf", last) as reader:
            patch(again, "a", name="x")
            check(brief([reader.next()]) == [("leaf", "closed", "name")], "after a restart it does not go on")


def stream_filters(program):
    check = program.report.check
    with Server(program.path) as server, Client(server.port) as client:
        put(client, "a")
        put(client, "b")
        expect(client, "one", {"id": "a"}, {"state": "active", "category": "x"}, owner="orders")
        expect(client, "two", {"id": "b"}, {"state": "active"}, owner="billing")
        with contextlib.ExitStack() as stack:
            readers = {query: stack.enter_context(Reader(server.port, query)) for query in (
                "?owner=orders&events=leaf", "?target=b&events=leaf", "?category=missing&events=leaf", "?kind=line&events=residue",
                "?kind=other&events=residue", "?events=change&owner=nobody")}
            begun = {query: brief(reader.until("current"))[1:-1] for query, reader in readers.items()}
            check([len(found) for found in begun.values()] == [2, 1, 1, 0, 0, 0], f"what stands: {begun}")
            patch(client, "a", category="y")  # from missing to misaligned: whoever asked for one of both is told
            patch(client, "b", state="active")
            patch(client, "a", category="x")
            patch(client, "a", state="active")
            client.call("DELETE", f"{V5}/nothing")
            client.call("DELETE", "/diffo/v1/expectations/one")
            put(client, "end")
            got = [brief([readers["?events=change&owner=nobody"].next() for _ in range(6)]),
                   brief([readers["?owner=orders&events=leaf"].next() for _ in range(3)]),
                   brief([readers["?target=b&events=leaf"].next()]), brief([readers["?category=missing&events=leaf"].next()]),
                   [readers["?kind=line&events=residue"].next()[1]["expectation"] for _ in range(2)]]
            check(got == [[("change",)] * 6, [("leaf", "changed", "category"), ("leaf", "closed", "category"), ("leaf", "closed", "state")],
                          [("leaf", "closed", "state")], [("leaf", "changed", "category")], ["two", "one"]], f"filtered: {got}")
            other = readers["?kind=other&events=residue"]
            other.socket.settimeout(0.3)
            with contextlib.suppress(TimeoutError):
                check(other.next() is None, "somebody else's event")
        for query in ("?events=leaf,fly", "?colour=red", "?category=none", "?from=x", "?from=1-", "?limit=3"):
            with Reader(server.port, query) as reader:
                check(reader.status == 400, f"{query}: {reader.status}")


def stream_of_many(program):
    """An expectation of many is told when it has been established; whoever does not read gets a gap and then what stands."""
    check = program.report.check
    with Server(program.path) as server, Client(server.port) as client:
        lines = [{"id": f"s{number}", "state": "inactive", "name": "n", "serviceSpecification": {"id": "1"}} for number in range(1500)]
        client.call("POST", "/diffo/v1/import", "".join(json.dumps(line) + "\n" for line in lines), "application/x-ndjson")
        with Reader(server.port, "?events=leaf", buffer=4096) as slow, Reader(server.port, "?events=leaf") as quick:
            quick.until("current")
            slow.until("current")
            expect(client, "all", {"filter": "state=inactive"}, {"name": "0"})
            opened = {quick.next()[1]["id"] for _ in range(1500)}
            check(len(opened) == 1500, f"{len(opened)} of 1500 leaves opened")
            for number in range(1, 16):
                answer = client.call("PATCH", "/diffo/v1/expectations/all", {"expect": {"name": str(number)}}, PATCH)
                check(answer.status == 200, f"a patch: {answer.text[:200]}")
                client.call("GET", "/diffo/v1/leaves?limit=1")  # waits until it is published
            stands, names = {}, []
            while len(stands) < 1500 or set(stands.values()) != {"15"}:
                name, data = slow.next()
                names.append(name)
                if name == "leaf":
                    stands[data["id"]] = data.get("expected")
            check(names.count("gap") >= 1 and names.count("leaf") < 1500 * 14, f"{names.count('leaf')} leaves, {names.count('gap')} gaps")
            check(len(stands) == 1500, f"{len(stands)} stand")


def stream_of_wide(program):
    """More leaves at once than are told one by one are a gap, and then what stands."""
    check = program.report.check
    with Server(program.path) as server, Client(server.port) as client:
        put(client, "a")
        with Reader(server.port, "?events=leaf") as reader:
            reader.until("current")
            wanted = {"serviceCharacteristic": [{"name": f"c{number}", "value": number} for number in range(5000)]}
            expect(client, "wide", {"id": "a"}, wanted)
            name, _ = reader.next()
            check(name == "gap", f"{name} instead of a gap")
            stands = {reader.next()[1]["address"] for _ in range(5000)}
            check(len(stands) == 5000, f"{len(stands)} of 5000 leaves stand")
            name, _ = reader.next()
            check(name == "current", f"{name} behind what stands")


def stream_limits(program):
    """So many and no more; a place is free as soon as its reader has gone; and silence is broken by heartbeats."""
    check = program.report.check
    with Server(program.path) as server, Client(server.port) as client:
        put(client, "a")
        until = time.monotonic() + 20  # before that it is 503: what stands is still being found out
        while client.call("GET", "/diffo/v1/leaves").status == 503 and time.monotonic() < until:
            time.sleep(0.02)
        readers = [Reader(server.port) for _ in range(64)]
        check(all(reader.status == 200 for reader in readers), f"{[reader.status for reader in readers]}")
        with Reader(server.port) as reader:
            check(reader.status == 503, f"the 65th: {reader.status}")
        for reader in readers[1:]:
            reader.close()
        status, until = 503, time.monotonic() + 5
        while status == 503 and time.monotonic() < until:
            with Reader(server.port) as reader:
                status = reader.status
        check(status == 200, "no place is free after readers have gone")
        with readers[0] as reader:
            reader.until("current")
            before, begun = reader.last, time.monotonic()
            block = reader.block()
            check(block[0].startswith(":") and 10 < time.monotonic() - begun < 20, f"a heartbeat: {block} after {time.monotonic() - begun} s")
            check(block[1] == f"id: {before}", f"a heartbeat names {block[1:]}, not {before}")
        begun = time.monotonic()
        check(server.stop() == 0 and time.monotonic() - begun < 3, "a stop waits for streams")


def watch(program):
    """`diffo watch` tells what a stream tells, goes on after a restart, and trusts nobody."""
    check = program.report.check
    with Server(program.path) as server:
        with Client(server.port) as client:
            put(client, "a")
            expect(client, "gold", {"id": "a"}, {"name": "x"}, owner="orders")
        url = ["--url", server.url]
        process = subprocess.Popen([program.path, "watch", "--events", "leaf", "--filter", "owner=orders", *url], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        text = subprocess.Popen([program.path, "watch", "--format", "text", *url], stdout=subprocess.PIPE, text=True)
        try:
            lines = [json.loads(process.stdout.readline()) for _ in range(3)]
            check([line["event"] for line in lines] == ["gap", "leaf", "current"] and lines[1]["actual"] == "a", f"watched: {lines}")
            words = [text.stdout.readline() for _ in range(3)]
            check(words[1] == 'stands      a  name  expected "x", actual "a"\n' and words[2] == "current     that was all: 1 at revision 2\n", f"told: {words}")
            with Client(server.port) as client:
                patch(client, "a", name="y")
                check(json.loads(process.stdout.readline())["actual"] == "y", "a change is not told")
            server.stop()
            server.listen = f"127.0.0.1:{server.port}"
            server.start()
            lines = [json.loads(process.stdout.readline())["event"] for _ in range(3)]
            check(lines == ["gap", "leaf", "current"], f"after a restart: {lines}")
            with Client(server.port) as client:
                patch(client, "a", name="x")
            check(json.loads(process.stdout.readline())["change"] == "closed", "after a restart nothing is told")
        finally:
            for one in (process, text):
                one.kill()
                one.communicate()
        program.expect("a filter that is none", 2, "watch", "--filter", "colour=red", *url, error="colour")
        program.expect("events that are none", 2, "watch", "--events", "fly", *url, error="events")
    program.expect("no server to watch", 2, "watch", "--url", "http://127.0.0.1:1", error="127.0.0.1")
    for status, body in ((200, b"<html>"), (200, b""), (500, b"x"), (200, b"event: leaf\ndata: <html>\n\n"), (200, b"data: [1]\n\n"),
                         (200, b"data: " + b"x" * (17 << 20)), (302, b"")):
        with stranger(lambda _, answer=(status, {}, body): answer) as (url, seen):
            program.expect(f"{status} {body[:20]}", 2, "watch", "--url", url, error="diffo: ")
            check(set(seen) == {"GET"}, f"asked by {seen}")
    evil = "\x1b]0;x\x07\u009b31m\u202e\n"
    for name in ("leaf", "residue", "decision", "change", "gap", "current", evil.strip()):
        data = json.dumps({"change": evil, "target": {"id": evil}, "address": evil, "expected": evil, "actual": evil, "id": evil, "cause": evil,
                           "decision": evil, "reason": evil, "sequence": evil, "leaves": evil}, ensure_ascii=False)
        stream = f"event: {name}\ndata: {data}\n\ndata: 1\n\n".encode()  # what follows is no event of ours, which ends it
        with stranger(lambda _, answer=(200, {}, stream): answer) as (url, _):
            for form in ("text", "json"):
                shown = program.run("watch", "--format", form, "--url", url).stdout
                check(not set(shown) & set("\x1b\x07\u009b\u202e") and shown.count("\n") == 1, f"a terminal is steered: {shown!r}")


PARTS = (watch, stream_tells, stream_resumes, stream_filters, stream_of_many, stream_of_wide, stream_limits)
