"""The server as hostile peers, browsers and service managers meet it; parts of run.py."""
import gzip
import json
import signal
import socket
import threading
import time

from client import Client
from server import Server

SERVICES = "/tmf-api/serviceInventory/v4/service"
SERVICE = b'{"state": "active", "serviceSpecification": {"id": "1"}}'


def talk(port, data, half_close=False, timeout=20):
    """Everything the server answers until it closes; what it does not take is not an error."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        try:
            connection.sendall(data)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        answer = b""
        try:
            while piece := connection.recv(1 << 16):
                answer += piece
        except OSError:
            pass
        return answer


def ask(port, line, headers=(), body=b"", host="localhost"):
    head = [line + " HTTP/1.1", "Connection: close", *([f"Host: {host}"] if host else []), *headers]
    if body:
        head.append(f"Content-Length: {len(body)}")
    return talk(port, "\r\n".join(head).encode() + b"\r\n\r\n" + body)


def status(answer):
    return int(answer[9:12]) if answer[:5] == b"HTTP/" else 0


def names(program):
    """No web page and no borrowed name gets anything, by no method, and nothing is written."""
    check = program.report.check
    with Server(program.path) as server:
        json_type = "Content-Type: application/json"
        foreign = [("GET " + SERVICES, (), b""), ("OPTIONS " + SERVICES, (), b""), ("GET /health", (), b""),
                   ("POST " + SERVICES, (json_type,), SERVICE), ("POST " + SERVICES, (), SERVICE),
                   ("POST /diffo/v1/import", ("Content-Type: text/plain",), SERVICE),
                   ("POST /diffo/v1/backup", (json_type,), b'{"folder": "/tmp/no-such-place"}'),
                   ("DELETE " + SERVICES + "/x", (), b"")]
        for line, headers, body in foreign:
            for origin in ("https://evil.example", "null", "http://localhost:1", f"http://127.0.0.1.evil.example:{server.port}"):
                answer = ask(server.port, line, (*headers, f"Origin: {origin}"), body)
                check(status(answer) == 403, f"{line} of a page at {origin}: {answer[:200]!r}")
            for host in ("evil.example", f"evil.example:{server.port}", "127.evil.example", "10.1.1.1"):
                answer = ask(server.port, line, headers, body, host=host)
                check(status(answer) == 403, f"{line} for {host}: {answer[:200]!r}")
        for host in ("localhost", "127.0.0.1:1", "[::1]", f"LOCALHOST:{server.port}"):
            check(status(ask(server.port, "GET /health", host=host)) == 200, f"/health for {host}")
        for origin in (f"http://localhost:{server.port}", f"http://127.0.0.1:{server.port}"):
            check(status(ask(server.port, "GET /health", (f"Origin: {origin}",))) == 200, f"/health of our own page at {origin}")
        for line in ("POST " + SERVICES, "PATCH " + SERVICES + "/x", "POST /diffo/v1/import", "POST /diffo/v1/backup",
                     "DELETE " + SERVICES + "/x", "GET " + SERVICES, "PUT /nowhere"):
            check(status(ask(server.port, line, (), SERVICE)) == 415, f"{line} with a body of no type")
        zipped = ask(server.port, "POST " + SERVICES, (json_type, "Content-Encoding: deflate"), gzip.compress(SERVICE))
        check(status(zipped) == 415, f"a body in another coding: {zipped[:200]!r}")
        with Client(server.port) as client:
            check(client.call("GET", SERVICES).body == [], "a refused request has stored something")
    with Server(program.path, "--public-url", "HTTPS://Inv.Example/base/", "--allow-host", "other.example") as server:
        for host in ("inv.example", "other.example:8", "localhost"):
            check(status(ask(server.port, "GET /health", host=host)) == 200, f"/health for the configured {host}")
        check(status(ask(server.port, "GET /health", host="evil.example")) == 403, "a public URL opens no other name")
        made = ask(server.port, "POST " + SERVICES, (json_type,), SERVICE)
        check(b"\nLocation: https://inv.example/base" + SERVICES.encode() in made, f"Location under a public URL: {made[:400]!r}")
        expected = ask(server.port, "POST /diffo/v1/expectations", (json_type,),
                       b'{"name": "n", "target": {"id": "x"}, "expect": {"state": "active"}}')
        check(b"\nLocation: https://inv.example/base/diffo" in expected, f"Location of an expectation: {expected[:400]!r}")
    for url in ("https://x?y=1", "https://x/a b", "ftp://x", "http://", "https://u@x", "https://x#f"):
        program.expect(f"the public URL {url}", 2, "serve", "--data", program.folder / "url", "--public-url", url,
                       error="--public-url")
    program.expect("a bad host", 2, "serve", "--data", program.folder / "url", "--allow-host", "a/b", error="--allow-host")


def framing(program):
    """What has been said badly is refused at once; what has been said well has one meaning."""
    check = program.report.check
    with Server(program.path) as server:
        begun = time.monotonic()
        chunked = b"POST " + SERVICES.encode() + b" HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" \
                  b"Transfer-Encoding: chunked\r\n\r\n"
        head = b"GET /health HTTP/1.1\r\nHost: "
        for data, wanted in [(b"\x16\x03\x01\x00\xee\x01\x00\x00\xea\x03\x03" + bytes(100), 400), (chunked + b"5\nhello", 400),
                             (chunked + b"ffffffffffffffff\r\n", 413), (chunked + b"0\r\nA: b\r\n c: d\r\n\r\n", 400),
                             (head + b"\r\n\r\n", 400), (head + b"x:abc\r\n\r\n", 400), (head + b"[::1\r\n\r\n", 400),
                             (head + b"a:99999x\r\n\r\n", 400), (head + b"a:99999\r\n\r\n", 400)]:
            answer = talk(server.port, data)
            check(status(answer) == wanted, f"{data[-40:]!r}: {answer[:200]!r}")
        check(time.monotonic() - begun < 8, "something was waited for in vain")  # the shortest time limit is 10 s
        created = ask(server.port, "POST " + SERVICES, ("Content-Type: application/json",), b"\xef\xbb\xbf" + SERVICE)
        check(status(created) == 201, f"a body with a byte order mark: {created[:200]!r}")
        own = f"http://127.0.0.1:{server.port}{SERVICES}/".encode()
        old = talk(server.port, b"GET " + SERVICES.encode() + b" HTTP/1.0\r\n\r\n")
        check(own in old, f"href for HTTP/1.0 without a Host: {old[-300:]!r}")
        absolute = talk(server.port, f"GET http://localhost:81{SERVICES} HTTP/1.1\r\nHost: 127.0.0.1:1\r\nConnection: close\r\n\r\n".encode())
        check(b"http://localhost:81/" in absolute and b"127.0.0.1:1" not in absolute, f"an absolute target: {absolute[-300:]!r}")
        options = ask(server.port, "OPTIONS /")
        check(status(options) == 204 and b"\r\nAllow: " in options, f"OPTIONS /: {options!r}")
        check(b"\r\nAllow: " in ask(server.port, "OPTIONS /nowhere"), "OPTIONS of nothing names no methods")
        check(b"\r\nX-Content-Type-Options: nosniff\r\n" in ask(server.port, "GET /nowhere"), "no nosniff")
        for bad in (".", "..", "\u0080", "a\u009fb"):
            body = json.dumps({"id": bad, "state": "active", "serviceSpecification": {"id": "1"}}).encode()
            answer = ask(server.port, "POST " + SERVICES, ("Content-Type: application/json",), body)
            check(status(answer) == 400, f"the id {bad!r}: {answer[:200]!r}")
            answer = ask(server.port, "POST /diffo/v1/import", ("Content-Type: application/x-ndjson",), body + b"\n")
            check(b'"rejected":1' in answer, f"an import of the id {bad!r}: {answer[-300:]!r}")


def uploads(program):
    """Refused uploads see why."""
    with Server(program.path) as server:
        answers = []
        body = b"x" * (16 << 20)
        head = f"POST {SERVICES} HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\nContent-Type: application/json\r\n" \
               f"Content-Length: {len(body) + 1}\r\n\r\n".encode()
        threads = [threading.Thread(target=lambda: answers.append(status(talk(server.port, head + body + b"x", timeout=60))))
                   for _ in range(18)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        program.report.check(sorted(answers) == [413] * 18, f"18 uploads that are too large: {answers}")


def signals(program):
    """SIGHUP opens the logs anew; the others of users are ignored; a stop ends in time whatever is running."""
    check = program.report.check
    log, moved = program.folder / "access.log", program.folder / "access.log.1"
    with Server(program.path, "--access-log-file", str(log)) as server:
        ask(server.port, "GET /health")
        check(within(5, lambda: log.read_text().count("/health") == 1), "the access log is not flushed")
        log.rename(moved)
        for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
            server.process.send_signal(number)
        check(within(5, log.exists), "SIGHUP did not open the log anew")
        check(status(ask(server.port, "GET /health")) == 200, "the server has ended by a signal")
        check(within(5, lambda: log.read_text().count("/health") == 1), "the new log is not written")
    with Server(program.path) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as slow:
            slow.sendall(b"POST /diffo/v1/import HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
                         b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n")
            # Another import does not wait for the bytes of the first.
            line = b'{"id": "i", "state": "active", "serviceSpecification": {"id": "1"}}\n'
            other = ask(server.port, "POST /diffo/v1/import", ("Content-Type: application/x-ndjson",), line)
            check(status(other) == 200 and b'"created":1' in other, f"an import beside one that stands still: {other[-200:]!r}")
            check(server.stop(seconds=14) == 0, "a stop during an import")
            slow.settimeout(5)
            try:
                told = status(slow.recv(4096))
            except OSError:
                told = 0
            check(told in (0, 503), f"an import that was cut was told {told}")


def within(seconds, holds):
    """Polls; a bound for a machine under load, not a measurement."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def descriptors(program):
    """Idle connections never take the descriptors of the store, and make room for who has something to say."""
    check = program.report.check
    with Server(program.path, wrapper=["sh", "-c", 'ulimit -n 256; exec "$@"', "sh"]) as server:
        idle = []
        for _ in range(400):
            idle.append(socket.create_connection(("127.0.0.1", server.port)))
        with Client(server.port) as client:
            for number in range(20):
                body = {"state": "active", "serviceSpecification": {"id": "1"}, "description": "x" * 200_000, "id": f"d{number}"}
                check(client.call("POST", SERVICES, body).status == 201, f"write {number} beside idle connections")
            check(client.call("GET", "/ready").status == 200, "ready beside idle connections")
        for connection in idle:
            connection.close()
        check(server.stop() == 0, "a stop after many idle connections")


def terminal(program):
    """What stands in documents does not steer a terminal."""
    line = json.dumps({"id": "a\u001b[31m\nline 99, id forged: done", "state": "active", "serviceSpecification": {"id": "1"}})
    result = program.run("import", "--data", program.folder / "terminal", "-", text=line + "\n")
    program.report.check("\u001b" not in result.stderr + result.stdout and result.stderr.count("\n") == 1, f"raw on the terminal: {result.stderr!r}")
    bom = program.run("import", "--data", program.folder / "bom", "-",
                      text='\ufeff{"id": "b", "state": "active", "serviceSpecification": {"id": "1"}}\n')
    program.report.check("1 created" in bom.stdout, f"an import file with a byte order mark: {bom.stdout!r} {bom.stderr!r}")
    program.expect("help as a command", 0, "help", out="serve")
    program.expect("help of a command, as a command", 0, "help", "outstanding", "vectors", out="FILE")
    program.expect("help of no command", 2, "help", "fly")


PARTS = (names, framing, uploads, signals, descriptors, terminal)
