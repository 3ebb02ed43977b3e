"""Imports, exports and backups as somebody careless or hostile meets them."""
import gzip
import http.client
import json
import os
import pathlib
import socket
import struct

from client import Client
from server import Server

RESOURCES = "/tmf-api/resourceInventoryManagement/v4/resource"


def backups_need_a_root(program):
    """Without --backup-root nobody writes anywhere over HTTP."""
    with Server(program.path) as server, Client(server.port) as client:
        for folder in (str(program.folder / "stolen"), "relative", "/etc/x"):
            answer = client.call("POST", "/diffo/v1/backup", {"folder": folder})
            program.report.check(answer.status == 403 and "--backup-root" in answer.text, f"backup: {answer.status} {answer.text}")
        program.report.check(not (program.folder / "stolen").exists(), "a backup was written")


def a_folder_is_backed_up(program):
    """`diffo backup` copies what no server has open; the copy holds the same, and nothing is overwritten."""
    data, copy = program.folder / "backed", program.folder / "copies" / "monday"
    program.expect("an import to be backed up", 0, "import", "--data", data, "-", text='{"id": "b", "name": "kept"}\n')
    program.expect("a backup", 0, "backup", data, copy, out=str(copy))
    program.expect("a check of the copy", 0, "check", "--data", copy, out="clean")
    program.expect("an export of the copy", 0, "export", "--data", copy, out="kept")
    program.expect("a check of what was copied", 0, "check", "--data", data, out="clean")
    program.expect("a backup over another", 2, "backup", data, copy, error="not empty")
    program.expect("a backup into its own folder", 2, "backup", data, data / "inside", error="inside")
    program.expect("a backup of nothing", 2, "backup", program.folder / "absent", program.folder / "none")
    with Server(program.path, data=data):
        program.expect("a backup of a served folder", 2, "backup", data, program.folder / "served", error="/diffo/v1/backup")
    program.report.check(not (program.folder / "served").exists(), "a refused backup left a folder")


def a_first_start_is_no_trouble(program):
    """Making a folder is nothing to be logged as an error or a warning."""
    with Server(program.path) as server:
        log = server.log_text()
        program.report.check(" error " not in log and " warning " not in log, f"a first start says: {log!r}")


def new_folders_are_synced(program):
    """What has just been made survives a loss of power only when the folders above know of it."""
    library = pathlib.Path(program.path).parent / "sync_log.so"
    if not library.exists():
        print("SKIPPED: whether new folders are synced: a program with sanitizers takes no library before its own")
        return
    log, data, copy = program.folder / "syncs", program.folder / "p/q/data", program.folder / "v/w/copy"
    environment = {**os.environ, "LD_PRELOAD": str(library), "SYNC_LOG": str(log)}
    program.expect("an import into a new folder", 0, "import", "--data", data, "-", text='{"id": "b", "name": "kept"}\n',
                   environment=environment)
    program.expect("a backup into a new folder", 0, "backup", data, copy, environment=environment)
    synced = set(log.read_text().splitlines())
    for folder in (data, copy):
        for made in (folder, folder.parent, folder.parent.parent, program.folder):
            program.report.check(str(made) in synced, f"{made} was made or got a new folder, and was not synced")


def reports_stay_in_their_lines(program):
    """What stands in an input cannot fake a line of the report, nor reach the terminal raw."""
    line = json.dumps({"id": "a\nline 7, id x: \x1b[31mtaken", "name": "n"})
    result = program.run("import", "--data", program.folder / "forged", "-", text=line)
    program.report.check(result.returncode == 1 and result.stderr.count("\n") == 1 and "\x1b" not in result.stderr,
                         f"a forged report: {result.stderr!r}")


def marks_and_repetitions(program):
    data = program.folder / "marks"
    same = '{"id": "m", "name": "m"}\n'
    program.expect("a file with a byte order mark", 0, "import", "--data", data, "-", text="\ufeff" + same, out="1 created")
    program.expect("an atomic import with a line twice", 0, "import", "--mode", "atomic", "--data", data, "-",
                   text='{"id": "n", "name": "n"}\n' * 2 + same, out="3 lines: 1 created, 2 unchanged, 0 rejected")
    program.expect("an atomic import with one id twice", 1, "import", "--mode", "atomic", "--data", data, "-",
                   text='{"id": "o", "name": "o"}\n{"id": "o", "name": "p"}\n{"id": "m", "name": "q"}\n',
                   error="line 2", out="2 rejected; nothing was stored")


def begin(port, mode, piece):
    """An import of which only a piece has been sent."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.putrequest("POST", f"/diffo/v1/import?mode={mode}")
    connection.putheader("Content-Type", "application/x-ndjson")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    connection.send(b"%x\r\n%s\r\n" % (len(piece), piece))
    return connection


def finish(connection):
    connection.send(b"0\r\n\r\n")
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def imports_share_what_they_may_hold(program):
    """Nobody waits for somebody else's bytes, and what is held for an atomic import is bounded."""
    with Server(program.path, "--import-bytes", "1m") as server, Client(server.port) as client:
        slow = [begin(server.port, "best", b'{"id": "slow-%d", ' % number) for number in range(4)]
        lines = "".join(json.dumps({"id": f"quick-{number}", "name": "q"}) + "\n" for number in range(10))
        answer = client.call("POST", "/diffo/v1/import?mode=atomic", lines, content_type="application/x-ndjson")
        program.report.check(answer.status == 200 and answer.body["created"] == 10, f"beside slow ones: {answer.status} {answer.text}")
        for connection in slow:
            piece = b'"name": "s"}'
            connection.send(b"%x\r\n%s\r\n" % (len(piece), piece))
            status, text = finish(connection)
            program.report.check(status == 200 and json.loads(text)["created"] == 1, f"a slow import: {status} {text}")
        large = "".join(json.dumps({"id": f"large-{number}", "name": "n" * 10000}) + "\n" for number in range(200))
        answer = client.call("POST", "/diffo/v1/import?mode=atomic", large, content_type="application/x-ndjson")
        program.report.check(answer.status == 413 and "mode=best" in answer.text, f"a large atomic import: {answer.status} {answer.text}")
        program.report.check(client.call("GET", f"{RESOURCES}/large-0").status == 404, "a part of it was stored")
        answer = client.call("POST", "/diffo/v1/import", large, content_type="application/x-ndjson")
        program.report.check(answer.status == 200 and answer.body["created"] == 200, f"line by line: {answer.status} {answer.text[:300]}")
        answer = client.call("POST", "/diffo/v1/import", lines, content_type="application/x-ndjson", headers={"Idempotency-Key": "k"})
        program.report.check(answer.status == 400, f"an import with a key: {answer.status}")


def what_broke_off_is_told(program):
    """Of a body that breaks in its middle the answer tells what was taken before, and where it broke."""
    with Server(program.path) as server, Client(server.port) as client:
        def send(what, path, packed, status):
            headers = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
            connection.request("POST", path, packed, headers)
            answer = connection.getresponse()
            body = json.loads(answer.read())
            connection.close()
            program.report.check(answer.status == status, f"{what}: {answer.status} {body}")
            return body

        def check(what, got, wanted):
            wrong = {name: got.get(name) for name, value in wanted.items() if got.get(name) != value}
            program.report.check(not wrong, f"{what}: {wrong} of {got}")

        lines = [json.dumps({"id": f"cut-{number}", "name": os.urandom(64).hex()}) + "\n" for number in range(2000)]
        packed = gzip.compress("".join(lines).encode())
        cut = packed[:len(packed) // 2]
        body = send("a cut import", "/diffo/v1/import", cut, 400)
        taken = body.get("created", 0)
        check("a cut import", body, {"code": "22", "stored": True, "lines": taken, "rejected": 0, "brokeInLine": taken + 1})
        program.report.check(500 < taken < 1500, f"of half of 2000 lines {taken} were taken")
        for number, status in ((taken - 1, 200), (taken, 404)):
            program.report.check(client.call("GET", f"{RESOURCES}/cut-{number}").status == status, f"line {number + 1} of {taken} is not {status}")
        check("again, whole", send("it, whole", "/diffo/v1/import", packed, 200), {"created": 2000 - taken, "unchanged": taken})
        whole = [line.replace("cut-", "all-") for line in lines]
        damaged = bytearray(gzip.compress("".join(whole).encode()))
        damaged[len(damaged) // 2:len(damaged) // 2 + 64] = bytes(64)
        check("a damaged atomic import", send("a damaged atomic import", "/diffo/v1/import?mode=atomic", bytes(damaged), 400),
              {"stored": False, "created": 0})
        program.report.check(client.call("GET", f"{RESOURCES}/all-0").status == 404, "some of a damaged atomic import was stored")
        check("nothing of it came", send("no gzip", "/diffo/v1/import", b"{}", 400), {"lines": None})

        head = json.dumps({"source": "s"}) + "\n"
        items = [json.dumps({"match": {"id": f"cut-{number}"}, "set": {"description": os.urandom(64).hex()}}) + "\n" for number in range(2000)]
        packed = gzip.compress((head + "".join(items)).encode())
        body = send("a cut observation", "/diffo/v1/observations", packed[:len(packed) // 2], 400)
        seen = body.get("updated", 0)
        program.report.check(500 < seen < 1500, f"of half of 2000 items {seen} were taken: {body}")
        check("a cut observation", body, {"stored": True, "ended": False, "items": seen})
        program.report.check(f"item {seen}" in body.get("note", ""), f"where it broke: {body.get('note')}")
        for number, there in ((seen - 1, True), (seen, False)):
            answer = client.call("GET", f"{RESOURCES}/cut-{number}")
            program.report.check(("description" in answer.body) == there, f"item {number + 1} of {seen}")
    long_line = program.folder / "long.ndjson"
    long_line.write_text('{"id": "short", "name": "s"}\n' + json.dumps({"id": "long", "name": "n" * (65 << 20)}) + "\n")
    for what, place in (("a folder", ("--data", program.folder / "broken")), ("a server", None)):
        with Server(program.path) as server:
            where = place or ("--server", f"http://127.0.0.1:{server.port}")
            program.expect(f"a line that is too long, for {what}", 2, "import", *where, long_line,
                           error="broke off in line 2", out="1 lines: 1 created")


def pages_of(client, target, report):
    """What all pages hold, each answer within its bound."""
    items = []
    while target:
        answer = client.call("GET", target)
        report.check(len(answer.text) < 13 << 20, f"a page of {len(answer.text)} bytes of {target}")
        items += answer.body
        links = dict(reversed(link.strip().split("; ")) for link in answer.headers.get("Link", "").split(",") if "; " in link)
        following = links.get('rel="next"')
        target = following and following.strip("<>").split(str(client.connection.port), 1)[1]
    return items


def pages_are_bounded_by_bytes(program):
    """A page of large records ends early, and its links lead through all of them once; so of the journal."""
    with Server(program.path) as server, Client(server.port) as client:
        for number in range(6):
            document = {"id": f"big-{number}", "name": "x" * (3 << 20)}
            program.report.check(client.call("POST", f"{RESOURCES}?fields=none", document).status == 201, "a large record")
        seen = [item["id"] for item in pages_of(client, f"{RESOURCES}?limit=4", program.report)]
        program.report.check(seen == [f"big-{number}" for number in range(6)], f"the pages showed {seen}")
        told = [entry["sequence"] for entry in pages_of(client, "/diffo/v1/journal?limit=1000", program.report)]
        program.report.check(told == list(range(told[0], told[0] + 6)), f"the journal told of {told}")


def exports_are_whole_or_fail(program):
    with Server(program.path) as server, Client(server.port) as client:
        lines = "".join(json.dumps({"id": f"e-{number}", "name": "n" * 1000}) + "\n" for number in range(3000))
        client.call("POST", "/diffo/v1/import", lines, content_type="application/x-ndjson")
        text = program.expect("an export of many pieces", 0, "export", "--server", server.url)
        ids = [json.loads(line)["id"] for line in text.splitlines()]
        program.report.check(ids == [f"e-{number}" for number in range(3000)], f"the export has {len(ids)} lines")


def begin_export(port):
    """A connection on which an export comes, asked for until there is a place for it."""
    for _ in range(5000):
        connection = socket.create_connection(("127.0.0.1", port), timeout=60)
        connection.sendall(b"GET /diffo/v1/export HTTP/1.1\r\nHost: localhost\r\n\r\n")
        if connection.recv(1000).startswith(b"HTTP/1.1 200"):
            return connection
        connection.close()
    raise RuntimeError("no place for an export became free")


def exports_that_are_cut_off_leave_nothing(program):
    """More clients than there are places begin an export and go away; the server goes on and has places for others."""
    with Server(program.path) as server, Client(server.port) as client:
        lines = "".join(json.dumps({"id": f"c-{number}", "name": "n" * 20000}) + "\n" for number in range(2000))
        client.call("POST", "/diffo/v1/import", lines, content_type="application/x-ndjson")
        for _ in range(40):
            connection = begin_export(server.port)
            # Reset, so that the server learns of it at once and not when it has sent all.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
        written = client.call("POST", f"{RESOURCES}?fields=none", {"id": "after", "name": "after"})
        program.report.check(written.status == 201, f"a write after exports that were cut off: {written.status}")
        begin_export(server.port).close()
        text = program.expect("an export after those that were cut off", 0, "export", "--server", server.url)
        program.report.check(text.count("\n") == 2001, f"the export has {text.count(chr(10))} lines")


def assignments_survive_an_export(program):
    """What has been handed out is exported with the instances, and an import holds its values again, on a folder of the same model."""
    model = str(pathlib.Path(__file__).resolve().parent.parent / "models" / "yard.yaml")
    first, second, lines = program.folder / "out", program.folder / "in", program.folder / "assigned.ndjson"
    rack, line = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
    handed_out = (("slot", {"alias": "first"}), ("slot", {"count": 2}), ("block", {}), ("subnet", {"operation": "assign", "id": "10.1.2.0/24"}))

    def asked(client, thing, arguments):
        return client.call("POST", f"/diffo/v1/instances/{rack}/actions/assign_{thing}", {"assignment": {"assigneeId": line, **arguments}})

    with Server(program.path, "--model", model, data=first) as server, Client(server.port) as client:
        client.call("POST", "/diffo/v1/kinds/Rack/actions/build", {"id": rack, "name": "rack", "characteristicValueUpdates": {}})
        client.call("POST", f"/diffo/v1/instances/{rack}/actions/lifecycle", {"lifecycleState": "installed"})
        client.call("POST", "/diffo/v1/kinds/Line/actions/build", {"id": line, "name": "line"})
        for thing, arguments in handed_out:
            answer = asked(client, thing, arguments)
            program.report.check(answer.status == 200, f"assign {thing}: {answer.status} {answer.text}")
        pools = client.call("GET", "/diffo/v1/pools").body
    program.expect("an export of assignments", 0, "export", "--data", first, lines)
    with Server(program.path, "--model", model, data=second) as server, Client(server.port) as client:
        for mode in ("atomic", "best"):
            program.expect("an import of assignments", 0, "import", "--server", server.url, "--mode", mode, lines, out=" 0 rejected")
        again = client.call("GET", "/diffo/v1/pools").body
        program.report.check(again == pools, f"pools after an import: {again} instead of {pools}")
        taken = asked(client, "subnet", {"operation": "assign", "id": "10.1.2.0/24"})
        program.report.check(taken.status == 409, f"a value that was imported is handed out again: {taken.status} {taken.text}")
        alias = asked(client, "slot", {"alias": "first"})
        program.report.check(alias.status == 409 and "alias" in alias.text, f"an alias that was imported: {alias.status} {alias.text}")
    program.expect("a check after an import of assignments", 0, "check", "--data", second, out="clean")
    program.expect("an export of what was imported", 0, "export", "--data", second, program.folder / "again.ndjson")
    program.report.check(lines.read_bytes() == (program.folder / "again.ndjson").read_bytes(), "an export is not the one that was imported")


PARTS = (assignments_survive_an_export, backups_need_a_root, a_folder_is_backed_up, a_first_start_is_no_trouble, new_folders_are_synced,
         reports_stay_in_their_lines,
         marks_and_repetitions, imports_share_what_they_may_hold, what_broke_off_is_told, pages_are_bounded_by_bytes, exports_are_whole_or_fail,
         exports_that_are_cut_off_leave_nothing)
