"""A JSON client over one keep-alive connection, for tests that must know exactly what was acknowledged."""
import collections
import http.client
import json

Answer = collections.namedtuple("Answer", "status headers body text")


class Unanswered(Exception):
    """The connection ended before the whole answer came: whether it was done is not known."""


class Client:
    """Thread rule: one thread."""

    def __init__(self, port, timeout=60):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def call(self, method, target, document=None, content_type="application/json", headers=None):
        """`document` may be text, sent as it is, or anything that has a JSON form."""
        sent = dict(headers or {})
        body = None
        if document is not None:
            body = (document if isinstance(document, str) else json.dumps(document)).encode()
            sent["Content-Type"] = content_type
        try:
            self.connection.request(method, target, body, sent)
            answer = self.connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException) as problem:
            self.connection.close()
            raise Unanswered(f"{method} {target}: {problem!r}") from problem
        found = json.loads(text) if text and "json" in (answer.getheader("Content-Type") or "") \
            and "ndjson" not in answer.getheader("Content-Type") else None
        return Answer(answer.status, answer.headers, found, text)

    def close(self):
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Report:
    """Counts checks and closes with 'N passed, M failed'."""

    def __init__(self):
        self.passed, self.failures = 0, []

    def check(self, good, what):
        if good:
            self.passed += 1
        else:
            self.failures.append(what)
            print(f"FAILED: {what}", flush=True)
        return bool(good)

    def close(self):
        """Prints the sum; returns the exit status."""
        print(f"{self.passed} passed, {len(self.failures)} failed", flush=True)
        return 1 if self.failures else 0
