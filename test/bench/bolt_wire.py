"""Stands between the product and a Neo4j server and tells what goes over: flights, and the statements in each."""
import base64
import socket
import struct
import threading

from bolt_members import Messages

RUN, BEGIN, COMMIT = 0x10, 0x11, 0x12
MANIFEST = b"\x00\x00\x01\xff"


class PackStream:
    """Values of a message as JSON; what JSON lacks as an object of one member that names it."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        self.at += count
        return self.data[self.at - count:self.at]

    def number(self, form):
        return struct.unpack(">" + form, self.take(struct.calcsize(form)))[0]

    def items(self, count):
        return [self.value() for _ in range(count)]

    def members(self, count):
        return {self.value(): self.value() for _ in range(count)}

    def structure(self, count):
        return {"$struct": [self.number("B"), *self.items(count)]}

    def value(self):
        marker = self.number("B")
        if marker < 0x80 or marker >= 0xf0:
            return marker if marker < 0x80 else marker - 0x100
        if marker < 0xc0:
            count = marker & 0x0f
            return {0x80: lambda: self.take(count).decode(), 0x90: lambda: self.items(count), 0xa0: lambda: self.members(count),
                    0xb0: lambda: self.structure(count)}[marker & 0xf0]()
        if marker in (0xc0, 0xc2, 0xc3):
            return {0xc0: None, 0xc2: False, 0xc3: True}[marker]
        forms = {0xc1: "d", 0xc8: "b", 0xc9: "h", 0xca: "i", 0xcb: "q"}
        if marker in forms:
            return self.number(forms[marker])
        count = self.number("BHI"[marker & 3]) if marker >= 0xd0 else self.number("BHI"[marker - 0xcc])
        if marker < 0xd0:
            return {"$bytes": base64.b64encode(self.take(count)).decode()}
        return {0xd0: lambda: self.take(count).decode(), 0xd4: lambda: self.items(count), 0xd8: lambda: self.members(count)}[marker & 0xfc]()


class Connection:
    """One connection of the product's."""

    def __init__(self, proxy, client, server):
        self.proxy, self.client, self.server = proxy, client, server
        self.messages = Messages()
        self.greeting = 20  # bytes of the handshake that are still to come
        self.heard = False  # from the server, since the client said something
        for work in (self.up, self.down):
            threading.Thread(target=work, daemon=True).start()

    def down(self):
        greeted = False
        while data := self.read(self.server):
            if not greeted and data[:4] == MANIFEST:
                self.greeting += 5  # the version chosen, and no capabilities
            greeted = True
            self.heard = True
            self.client.sendall(data)

    def up(self):
        while data := self.read(self.client):
            passed = min(self.greeting, len(data))
            self.greeting -= passed
            messages = [body for _, _, body in self.messages.feed(data[passed:])]
            if messages:
                self.proxy.note(id(self), self.heard, messages)
            self.heard = False
            self.server.sendall(data)

    @staticmethod
    def read(side):
        try:
            return side.recv(1 << 16)
        except OSError:
            return b""


class Proxy:
    """Listens on `port` of loopback for a server on another one. Thread rule: any thread."""

    def __init__(self, target):
        self.target, self.lock, self.flights = target, threading.Lock(), []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.target))
            for side in (client, server):
                side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            Connection(self, client, server)

    def note(self, connection, is_new, messages):
        said = []
        for message in messages:
            if message[1] == RUN:
                values = PackStream(message[2:])
                said.append(("run", values.value(), values.value()))
            elif message[1] in (BEGIN, COMMIT):
                said.append(("begin" if message[1] == BEGIN else "commit",))
        if not said:
            return
        with self.lock:
            last = next((flight for flight in reversed(self.flights) if flight["connection"] == connection), None)
            if is_new or last is None:
                self.flights.append({"connection": connection, "said": said})
            else:
                last["said"] += said

    def take(self):
        """The flights since it was asked last: of each whether it is a transaction, and its statements."""
        with self.lock:
            flights, self.flights = self.flights, []
        return [{"transaction": any(one[0] != "run" for one in flight["said"]),
                 "statements": [{"query": one[1], "parameters": one[2]} for one in flight["said"] if one[0] == "run"]} for flight in flights]

    def close(self):
        self.listener.close()
