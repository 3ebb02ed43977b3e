"""`diffo observe`: what it makes of files, and what it tells a server, which here is one that writes everything down."""
import http.server
import json
import threading

NEIGHBOURS = {"lldp": {"interface": [
    {"eth1": {"via": "LLDP", "chassis": {"spine-1": {"id": {"type": "mac", "value": "02:00:5e:20:00:01"}}},
              "port": {"id": {"type": "ifname", "value": "Ethernet7"}}}},
    {"eth2": {"via": "LLDP", "chassis": {"spine-2": {"id": {"type": "mac", "value": "02:00:5e:20:00:02"}}},
              "port": {"id": {"type": "ifname", "value": "Ethernet7"}}}}]}}
PORTS = """
name: ports
rules:
  - name: ports
    from: "$.ports[*]"
    match: {name: "{{ @.name }}", kind: port}
    set: {resourceCharacteristic: [{name: mtu, value: "{{ @.mtu | number }}"}]}
"""


class Answering(http.server.BaseHTTPRequestHandler):
    """Takes a chunked body and gives the answer that the server has been given."""
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        self.server.taken.append((self.path, self.headers["Content-Type"], body.decode()))
        status, document = self.server.answer
        text = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


class Fake:
    def __init__(self, status=200, **counts):
        outcomes = ("unchanged", "updated", "created", "conflicting", "rejected", "stale")
        items = [{"item": number, "outcome": outcome, "id": f"i-{number}", **({"reason": "because\x1b[31m", "path": "/set/name"} if outcome in (
            "conflicting", "rejected") else {})} for number, outcome in enumerate((outcome for outcome in outcomes for _ in range(counts.get(outcome, 0))), 1)]
        self.answer = status, {"stored": status == 200, "ended": True, "source": "s", "items": len(items),
                               **{outcome: counts.get(outcome, 0) for outcome in outcomes}, "outcomes": items}

    def __enter__(self):
        self.server = http.server.HTTPServer(("127.0.0.1", 0), Answering)
        self.server.answer, self.server.taken = self.answer, []
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def lines(self):
        return [json.loads(line) for line in self.server.taken[-1][2].splitlines()]


def what_is_sent(program):
    check = program.report.check
    text = json.dumps(NEIGHBOURS)
    with Fake(updated=1, created=1) as fake:
        program.expect("neighbours", 0, "observe", "-", "--mapping", "lldp", "--param", "device=leaf-1", "--source", "lldpd", "--url", fake.url,
                       "--observed-at", "2026-03-01T10:00:00Z", "--complete", "port?status=active", "--atomic", "--format", "text", text=text,
                       out="1 created, 1 updated, 0 unchanged, 0 stale, 0 conflicting, 0 rejected\n")
        path, kind, _ = fake.server.taken[-1]
        check((path, kind) == ("/diffo/v1/observations", "application/x-ndjson"), f"sent to {path} as {kind}")
        head, *items, end = fake.lines()
        check(head == {"source": "lldpd", "observedAt": "2026-03-01T10:00:00Z", "mode": "atomic",
                       "complete": {"kind": "port", "filter": "status=active"}}, f"the head is {head}")
        check([one["match"]["name"] for one in items] == ["leaf-1:eth1", "leaf-1:eth2"] and end == {"end": 2}, f"the items are {items} {end}")
    with Fake(unchanged=1) as fake:
        fake.server.answer[1]["complete"] = {"instances": 4, "seen": 1, "unseen": 2, "already": 1, "conflicting": 0, "stale": 0, "rejected": 0, "outcomes": [
            {"id": "b", "family": "service", "outcome": "unseen"}, {"id": "c", "family": "service", "outcome": "unseen"}]}
        arguments = ("observe", "-", "--source", "s", "--complete", "line", "--at-most", "3", "--format", "text", "--url", fake.url)
        told = program.expect("what is no longer seen", 0, *arguments, text='{"match": {"id": "a"}}', out="; of 4 2 no longer seen, 1 since before\n")
        check("unseen       b\nunseen       c\n" in told and fake.lines()[0]["complete"] == {"kind": "line", "atMost": 3}, f"told {told!r}")
        fake.server.answer[1]["complete"]["note"] = "none was marked"
        program.expect("and why not", 1, *arguments, text='{"match": {"id": "a"}}', out="; none was marked\n")
        program.expect("of nothing", 2, "observe", "-", "--source", "s", "--at-most", "3", "--dry-run", text='{"match": {"id": "a"}}', error="--complete")
    with Fake(unchanged=2, conflicting=1, rejected=1) as fake:
        whole = json.dumps({"source": "hand", "items": [{"match": {"id": "a"}}] * 4}, indent=1)
        told = program.expect("what is refused", 1, "observe", "-", "--url", fake.url, "--format", "text", text=whole,
                              out="0 created, 0 updated, 2 unchanged, 0 stale, 1 conflicting, 1 rejected\n")
        check("conflicting item 3  i-3  /set/name  because\\x1b[31m\n" in told and "item 1 " not in told, f"the table is {told!r}")
        told = program.expect("the same as lines", 1, "observe", "-", "--url", fake.url, text=whole)
        rows = [json.loads(line) for line in told.splitlines()]
        check(len(rows) == 5 and rows[3]["outcome"] == "rejected" and rows[4]["items"] == 4, f"the lines are {rows}")
        check(fake.lines()[0] == {"source": "hand"} and fake.lines()[-1] == {"end": 4}, f"sent was {fake.lines()}")


def what_is_not_sent(program):
    with Fake(409, rejected=1) as fake:
        program.expect("all or none", 1, "observe", "-", "--url", fake.url, "--source", "x", "--atomic", "--format", "text",
                       text='{"match": {"id": "a"}}', out="1 rejected; nothing was stored\n")
    with Fake(400) as fake:
        fake.server.answer = 400, {"message": "there is no such source"}
        program.expect("a refusal", 2, "observe", "-", "--url", fake.url, "--source", "x", text='{"match": {"id": "a"}}', error="no such source")
    head = '{"source": "s"}\n{"match": {"id": "a"}}\n'
    for what, text, told in (("no observation", "[", "malformed"), ("another document", '{"a": 1}', "neither items nor match"),
                             ("what was cut off", head, "cut off after 1"), ("a wrong end", head + '{"end": 2}', "tells of 2"),
                             ("more behind the end", head + '{"end": 1}\n{}', "behind the end"), ("a bad line", head + "{", "line 3"),
                             ("no source", '{"match": {"id": "a"}}', "--source"), ("nothing", "", "empty")):
        result = program.run("observe", "-", "--dry-run", text=text)
        program.report.check(result.returncode == 2 and (told in result.stderr or told == "malformed"), f"{what}: {result}")
        program.report.check('{"end"' not in result.stdout, f"{what} comes to an end: {result.stdout}")


def mappings(program):
    program.expect("the mappings", 0, "observe", "--list-mappings", out="netbox: ")
    shown = program.expect("a mapping", 0, "observe", "--show-mapping", "lldp", out="rules:")
    own, again = program.folder / "ports.yaml", program.folder / "lldp-again.yaml"
    own.write_text(PORTS)
    again.write_text(shown)
    ports = program.folder / "ports.json"
    ports.write_text('{"ports": [{"name": "a", "mtu": "1500"}, {"name": "b", "mtu": "high"}, {"mtu": 1}]}')
    result = program.run("observe", ports, ports, "--mapping", own, "--source", "s", "--dry-run")
    program.report.check(result.returncode == 1 and result.stdout.count('"value":1500') == 2 and "4 could not be mapped" in result.stderr
                         and "ports: $['ports'][1]: /rules/0/set/resourceCharacteristic/0/value: \"high\" is no number" in result.stderr,
                         f"what can be mapped in part: {result}")
    result = program.run("observe", ports, "--mapping", own, "--source", "s", "--complete", "port", "--dry-run")
    program.report.check(result.returncode == 2 and '"end"' not in result.stdout and "not complete" in result.stderr,
                         f"what is said to be complete and is not: {result}")
    text = json.dumps(NEIGHBOURS)
    arguments = ("--source", "s", "--param", "device=d", "--dry-run")
    named = program.expect("a shipped mapping", 0, "observe", "-", "--mapping", "lldp", *arguments, text=text)
    filed = program.expect("the same as a file", 0, "observe", "-", "--mapping", again, *arguments, text=text)
    program.report.check(named == filed and named.count("\n") == 4, f"a mapping by name gives {named}, as a file {filed}")
    program.expect("a mapping that is none", 2, "observe", "-", "--mapping", "none", *arguments, text=text, error="lldp, napalm, netbox")
    own.write_text(PORTS.replace("{{ @.name }}", "{{ @.name"))
    program.expect("a mapping that is wrong", 2, "observe", "-", "--mapping", own, *arguments, text=text, error="/rules/0/match/name")
    own.write_text("rules: [")
    program.expect("a mapping that is no YAML", 2, "observe", "-", "--mapping", own, *arguments, text=text, error="ports.yaml:2:1:")


PARTS = (what_is_sent, what_is_not_sent, mappings)
