"""Plays the members of a Neo4j cluster before one real server: who leads is what the test says, and connections are lost when it says so."""
import collections
import socket
import struct
import threading
import time

MAGIC, NOTHING = b"\x60\x60\xb0\x17", b"\0\0\0\0"
HIGHEST = b"\x00\x08\x08\x05", b"\x00\x00\x04\x04"  # no manifest, so that one answer tells the version
ROUTE, RESET, BEGIN, RUN, COMMIT, ROLLBACK, GOODBYE = 0x66, 0x0F, 0x11, 0x10, 0x12, 0x13, 0x02
SUCCESS, RECORD, IGNORED, FAILURE = 0x70, 0x71, 0x7E, 0x7F
READS = b"\x84mode\x81r"


def packed(value):
    """PackStream of what the answers below hold."""
    if isinstance(value, bool) or value is None:
        return {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[value]
    if isinstance(value, int):
        return struct.pack(">b", value) if -16 <= value < 128 else b"\xca" + struct.pack(">i", value)
    if isinstance(value, str):
        text = value.encode()
        return b"\xd1" + struct.pack(">H", len(text)) + text
    if isinstance(value, list):
        return b"\xd5" + struct.pack(">H", len(value)) + b"".join(map(packed, value))
    return b"\xd9" + struct.pack(">H", len(value)) + b"".join(packed(key) + packed(one) for key, one in value.items())


def framed(signature, *fields):
    body = bytes([0xB0 + len(fields), signature]) + b"".join(map(packed, fields))
    return struct.pack(">H", len(body)) + body + b"\0\0"


def failure(code, message):
    return framed(FAILURE, {"neo4j_code": code, "message": message, "gql_status": "50N42", "description": message, "diagnostic_record": {}})


NOT_A_LEADER = failure("Neo.ClientError.Cluster.NotALeader", "this member leads no more")


class Messages:
    """Takes bytes and gives whole messages: their bytes as they came, their signature and what is in them."""

    def __init__(self):
        self.bytes = bytearray()

    def feed(self, more):
        self.bytes += more
        at, body = 0, bytearray()
        begin = 0
        while at + 2 <= len(self.bytes):
            size = struct.unpack_from(">H", self.bytes, at)[0]
            if at + 2 + size > len(self.bytes):
                break
            body += self.bytes[at + 2:at + 2 + size]
            at += 2 + size
            if size == 0:
                if body:
                    yield bytes(self.bytes[begin:at]), body[1], bytes(body)
                begin, body = at, bytearray()
        del self.bytes[:begin]


def received(connection, count):
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise OSError("closed")
        data += more
    return data


class Conversation:
    """One connection of a driver to a member, and its own to the server."""

    def __init__(self, member, client):
        self.member, self.client, self.lock = member, client, threading.Lock()
        self.members = member.members
        self.server = socket.create_connection(self.members.server)
        for one in (client, self.server):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.awaited = collections.deque()  # of each request: None, or what is said in place of the server's answer, or bytes of ours alone
        self.failed, self.writes, self.held, self.is_cut = False, False, None, False

    def run(self):
        try:
            if received(self.client, 20)[:4] != MAGIC:
                return
            self.server.sendall(MAGIC + b"".join(HIGHEST) + NOTHING * 2)
            self.client.sendall(received(self.server, 4))
            threading.Thread(target=self.relay_answers, daemon=True).start()
            messages = Messages()
            while data := self.client.recv(1 << 16):
                with self.lock:
                    for message in messages.feed(data):
                        self.take(*message)
        except OSError:
            pass
        finally:
            if self.held is None:
                self.close()

    def close(self):
        for one in (self.client, self.server):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()

    def take(self, raw, signature, body):
        if self.held is not None:
            self.held.append(raw)
            return
        if not self.awaited and signature != GOODBYE:
            self.members.flights += 1
        if self.failed and signature != RESET:
            return self.say(framed(IGNORED))
        if signature == ROUTE:
            return self.say(self.members.table())
        if signature == BEGIN:
            self.writes = READS not in body
            if self.writes:
                self.members.writes += 1
                if not self.member.leads():
                    return self.refuse()
                if self.members.next_event("begin") == "late":
                    return self.hold(raw)
        if signature == COMMIT and self.writes:
            return self.commit(raw)
        if signature == RESET:
            self.failed = False
        if signature != GOODBYE:
            self.awaited.append((None, None))
        self.server.sendall(raw)

    def commit(self, raw):
        """What happens now is what the test has asked for."""
        event = self.members.next_event("commit")
        if event == "leader":
            self.members.elect()
        if not self.member.leads():
            self.failed = True
            self.awaited.append((NOT_A_LEADER, None))  # as a cluster does: nothing of it stands
            self.server.sendall(framed(ROLLBACK))
        elif event == "before":
            self.close()
        elif event == "late":
            self.hold(raw)
        else:
            self.awaited.append((None, {"after": "cut", "gone": "gone"}.get(event)))
            self.server.sendall(raw)

    def hold(self, raw):
        """The driver loses the connection now; what it has sent reaches the server later."""
        self.held = [raw]
        self.client.shutdown(socket.SHUT_RDWR)
        threading.Timer(self.members.lateness, self.deliver).start()

    def deliver(self):
        with self.lock:
            try:
                self.server.sendall(b"".join(self.held))
                time.sleep(1)  # it is not to be undone by the end of its connection
            except OSError:
                pass
            self.members.delivered.set()
            self.close()

    def refuse(self):
        self.failed = True
        self.say(NOT_A_LEADER)

    def say(self, answer):
        """Of our own, in its turn."""
        if self.awaited:
            self.awaited.append((answer, "own"))
        else:
            self.client.sendall(answer)

    def relay_answers(self):
        messages = Messages()
        try:
            while data := self.server.recv(1 << 16):
                with self.lock:
                    for raw, signature, _ in messages.feed(data):
                        self.answer(raw, signature)
        except OSError:
            pass
        finally:
            self.close()

    def answer(self, raw, signature):
        if self.held is not None:
            return
        if signature == RECORD:
            self.client.sendall(raw)
            return
        instead, how = self.awaited.popleft()
        if how == "gone":
            self.members.go()
        if how in ("cut", "gone"):
            self.close()
            return
        self.client.sendall(instead or raw)
        while self.awaited and self.awaited[0][1] == "own":
            self.client.sendall(self.awaited.popleft()[0])


class Member:
    def __init__(self, members):
        self.members, self.listener = members, socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.listen, daemon=True).start()

    def leads(self):
        return self.members.leader is self

    def listen(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            try:
                if self.members.are_gone:
                    raise OSError("gone")
                conversation = Conversation(self, client)
            except OSError:
                client.close()  # the server is down
                continue
            self.members.conversations.append(conversation)
            threading.Thread(target=conversation.run, daemon=True).start()


class Members:
    """`neo4j://` at `uri` is the whole cluster, `bolt://` one of it.

    Events of coming transactions that write, each used once: `("commit", what)` when it is to be committed, "leader": another member
    leads from then on; "before", "after": the connection is lost before or after the server has done it; "gone": it is lost afterwards, and
    nobody can be reached until come_back(); "late": it is lost, and the
    server does it after `lateness` seconds; `("begin", "late")`: the same of the whole transaction.
    """

    def __init__(self, server, count=3, lateness=0.5):
        self.server, self.lateness = server, lateness
        self.flights, self.writes = 0, 0
        self.events, self.delivered = collections.deque(), threading.Event()
        self.conversations, self.are_gone = [], False
        self.members = [Member(self) for _ in range(count)]
        self.leader = self.members[0]
        self.uri = f"neo4j://127.0.0.1:{self.members[-1].port}"

    def table(self):
        addresses = [f"127.0.0.1:{member.port}" for member in self.members]
        leader = f"127.0.0.1:{self.leader.port}"
        return framed(SUCCESS, {"rt": {"ttl": 300, "db": "neo4j", "servers": [
            {"addresses": [leader], "role": "WRITE"}, {"addresses": [one for one in addresses if one != leader] or [leader], "role": "READ"},
            {"addresses": addresses, "role": "ROUTE"}]}})

    def elect(self):
        """The next member leads. Nobody is told."""
        self.leader = self.members[(self.members.index(self.leader) + 1) % len(self.members)]

    def go(self):
        self.are_gone = True
        for one in self.conversations:
            one.close()
        self.conversations.clear()

    def come_back(self):
        self.are_gone = False

    def next_event(self, moment):
        if self.events and self.events[0][0] == moment:
            return self.events.popleft()[1]
        return None

    def close(self):
        for member in self.members:
            member.listener.close()
