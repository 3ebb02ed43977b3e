"""Holds real answers against the OpenAPI documents that the server itself publishes.

An answer fails when its status or media type is not declared, when its body does not fit the schema, or when it has members
that the document does not know where the document is closed: in `diffo-v1` and in error bodies, unless the schema says
`additionalProperties`. `unseen()` tells what is published and was never met: operations, and members of `diffo-v1`.
"""
import json
import re
import urllib.parse

# What no operation can declare: it has another method.
ALWAYS = {405}
UNDERSTOOD = {
    "$ref", "type", "properties", "required", "items", "additionalProperties", "enum", "const", "oneOf", "anyOf", "allOf", "not",
    "nullable", "format", "pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "description",
    "example", "examples", "title", "default", "readOnly", "writeOnly", "discriminator", "deprecated", "minProperties",
    "maxProperties", "externalDocs", "uniqueItems"}
# Members of answers that no exchange can bring about: claims and leases (nothing served takes them), actors and tenants (there is no
# login), what the clock alone changes, what the retention has dropped (test/program/events.py), and bodies that break off
# (test/program/transfers.py).
RARE = {("Claim", None), ("JournalEntry", "actor"), ("JournalEntry", "tenant"), ("JournalEntry", "idempotencyKey"),
        ("JournalEntry", "taken"), ("JournalEntry", "released"), ("HistoryEntry", "actor"), ("Decision", "by"), ("LeafDecision", "by"),
        ("Hold", "by"), ("Task", "accepted"), ("Task", "notBefore"), ("Task", "until"), ("Leaf", "unknown"), ("TruthLeaf", "unknown"), ("TruthExpectation", "error"), ("Explanation", "nextFlip"),
        ("Explanation", "unknown"), ("Outstanding", "nextFlip"), ("ExpectationTarget", "family"), ("Outstanding", "inForce"),
        ("HubDelivery", "by"), ("HubDelivery", "gaps"), ("EventGap", None), ("ImportReport", "brokeInLine")}
# What an exchange cannot do: wait for an answer without an end (test/program/streams.py), and run tasks for others
# (test/program/tasks.py).
ELSEWHERE = {("get", "/diffo/v1/stream"), ("patch", "/diffo/v1/tasks/{id}")}
# Each interface of TM Forum by the first segment of its paths, of which "Management" may be left out.
PUBLISHED = {"party": 632, "serviceCatalog": 633, "resourceCatalog": 634, "serviceInventory": 638, "resourceInventory": 639,
             "geographicAddress": 673, "geographicSite": 674, "geographicLocation": 675, "event": 688}
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool}


def has_type(value, name):
    if name == "null":
        return value is None
    if name in ("integer", "number"):
        return not isinstance(value, bool) and isinstance(value, int if name == "integer" else (int, float))
    return isinstance(value, TYPES[name])


class Document:
    def __init__(self, name, text):
        self.name, self.json = name, json.loads(text)
        self.closed = name == "diffo-v1"
        self.seen = set()  # (pointer of an object's schema, member)
        self.made = set()  # (method, path) that succeeded
        self.patterns = []
        for path, item in self.json["paths"].items():
            pattern = re.compile("".join("[^/]+" if part.startswith("{") else re.escape(part)
                                         for part in re.split(r"(\{[^}]*\})", path)))
            self.patterns.append((path.count("{"), path, pattern, item))
        self.patterns.sort(key=lambda entry: entry[0])  # a literal path wins over a template

    def at(self, reference):
        node = self.json
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
        return node

    def resolve(self, node):
        while "$ref" in node:
            node = self.at(node["$ref"])
        return node

    def path_of(self, target):
        for _, path, pattern, item in self.patterns:
            if pattern.fullmatch(target):
                return path, item
        return None

    # Schemas. `where` is the place in the answer, `spot` the place in the document.

    def problems(self, value, schema, where, spot):
        if "$ref" in schema:
            spot = schema["$ref"]
            schema = self.resolve(schema)
        strange = {key for key in schema if key not in UNDERSTOOD and not key.startswith("x-")}
        if strange:
            yield f"{spot}: the check does not understand {sorted(strange)}"
        if value is None and schema.get("nullable"):
            return
        yield from self.of_type(value, schema, where)
        yield from self.of_branches(value, schema, where, spot)
        if isinstance(value, dict):
            yield from self.of_object(value, schema, where, spot)
        if isinstance(value, list) and "items" in schema:
            for index, item in enumerate(value):
                yield from self.problems(item, schema["items"], f"{where}/{index}", f"{spot}/items")

    @staticmethod
    def of_type(value, schema, where):
        wanted = schema.get("type")
        if wanted and not any(has_type(value, name) for name in ([wanted] if isinstance(wanted, str) else wanted)):
            yield f"{where}: {json.dumps(value)[:80]} is not of type {wanted}"
            return
        if "enum" in schema and value not in schema["enum"]:
            yield f"{where}: {json.dumps(value)[:80]} is not one of {schema['enum']}"
        if "const" in schema and value != schema["const"]:
            yield f"{where}: is not {schema['const']}"
        if isinstance(value, str):
            if schema.get("format") == "date-time" and not DATE_TIME.match(value):
                yield f"{where}: {value!r} is no date-time"
            if "pattern" in schema and not re.search(schema["pattern"], value):
                yield f"{where}: {value!r} does not match {schema['pattern']}"
            if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
                yield f"{where}: {value[:80]!r} has a length that the document forbids"
        elif has_type(value, "number") and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
            yield f"{where}: {value} is outside the document's bounds"
        elif isinstance(value, list) and not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            yield f"{where}: {len(value)} items are outside the document's bounds"

    def of_branches(self, value, schema, where, spot):
        for index, branch in enumerate(schema.get("allOf", [])):
            yield from self.problems(value, branch, where, f"{spot}/allOf/{index}")
        for word in ("oneOf", "anyOf"):
            if word not in schema:
                continue
            found = [list(self.problems(value, branch, where, f"{spot}/{word}/{index}"))
                     for index, branch in enumerate(schema[word])]
            fits = sum(not problems for problems in found)
            if fits == 0:
                yield f"{where}: fits no branch of {word} ({min(found, key=len)[0]})"
            elif fits > 1 and word == "oneOf":
                yield f"{where}: fits {fits} branches of oneOf"
        if "not" in schema and not list(self.problems(value, schema["not"], where, f"{spot}/not")):
            yield f"{where}: is what the document excludes"

    def of_object(self, value, schema, where, spot):
        properties = schema.get("properties", {})
        for name in schema.get("required", []):
            if name not in value:
                yield f"{where}: lacks {name}"
        more = schema.get("additionalProperties")
        # Beside branches nobody can tell which of them a member belongs to.
        closed = more is False or (more is None and properties and not any(k in schema for k in ("allOf", "oneOf", "anyOf"))
                                   and (self.closed or spot.endswith("/Error")))
        for name, member in value.items():
            if name in properties:
                self.seen.add((spot, name))
                yield from self.problems(member, properties[name], f"{where}/{name}", f"{spot}/properties/{name}")
            elif isinstance(more, dict):
                yield from self.problems(member, more, f"{where}/{name}", f"{spot}/additionalProperties")
            elif closed:
                yield f"{where}: has {name}, which the document does not know"

    def published_members(self):
        """(pointer, member) of every object that an answer may hold."""
        found, visited = set(), set()

        def visit(schema, spot):
            if "$ref" in schema:
                spot = schema["$ref"]
                schema = self.resolve(schema)
            if spot in visited:
                return
            visited.add(spot)
            for name, member in schema.get("properties", {}).items():
                found.add((spot, name))
                visit(member, f"{spot}/properties/{name}")
            for word in ("items", "additionalProperties"):
                if isinstance(schema.get(word), dict):
                    visit(schema[word], f"{spot}/{word}")
            for word in ("allOf", "oneOf", "anyOf"):
                for index, branch in enumerate(schema.get(word, [])):
                    visit(branch, f"{spot}/{word}/{index}")

        for path, method, operation in self.operations():
            for status, response in operation["responses"].items():
                for media, content in self.resolve(response).get("content", {}).items():
                    if status.startswith("2"):
                        visit(content.get("schema", {}), f"{method} {path} {status} {media}")
        return found

    def operations(self):
        for path, item in self.json["paths"].items():
            for method, operation in item.items():
                if method in ("get", "post", "put", "patch", "delete"):
                    yield path, method, operation


class Contract:
    """The documents that a server publishes. Thread rule: one thread."""

    def __init__(self):
        self.documents = {}

    def load(self, fetch):
        """`fetch` gives the text behind a path."""
        for path in json.loads(fetch("/openapi")):
            name = path.rsplit("/", 1)[-1].removesuffix(".json")
            self.documents[name] = Document(name, fetch(path))

    def place(self, target):
        """The document and the path inside it."""
        path = urllib.parse.urlsplit(target).path
        found = re.fullmatch(r"(?:/tmf-api)?/([A-Za-z]+?)(?:Management)?/(v[45])(/.*)?", path)
        name = f"tmf{PUBLISHED.get(found[1])}-{found[2]}" if found else ""
        if name in self.documents:
            return self.documents[name], found[3] or "/"
        return self.documents["diffo-v1"], path

    def problems(self, method, target, status, media_type, body):
        document, path = self.place(target)
        found = document.path_of(path.rstrip("/") or "/")
        if found is None:
            if status < 300 and method != "OPTIONS":
                yield f"{document.name}: no such path, and the answer is {status}"
            return
        name, item = found
        operation = item.get("get" if method == "HEAD" else method.lower())
        if operation is None:
            if status < 300 and method != "OPTIONS":
                yield f"{document.name}: {method} {name} is not published, and the answer is {status}"
            return
        responses = operation["responses"]
        where = f"{document.name}: {method} {name} {status}"
        declared = responses.get(str(status)) or responses.get("default")
        if declared is None:
            if status not in ALWAYS:
                yield f"{where}: the status is not declared"
            return
        if status < 300:
            document.made.add((method.lower(), name))
        if method == "HEAD":
            return
        yield from self.body_problems(document, document.resolve(declared), media_type, body, where)

    @staticmethod
    def body_problems(document, declared, media_type, body, where):
        content = declared.get("content", {})
        media = (media_type or "").split(";")[0].strip()
        if not content or not body:
            if bool(content) != bool(body):
                yield f"{where}: {'no body is declared' if body else 'a body is declared and there is none'}"
            return
        if media not in content:
            yield f"{where}: {media} is not declared"
            return
        schema = content[media].get("schema")
        if schema is None:
            return
        value = json.loads(body) if media.endswith("json") and not media.endswith("ndjson") else body
        for problem in document.problems(value, schema, "", f"{where} {media}"):
            yield f"{where}: {problem}"

    def unseen(self):
        """What is published and was never met."""
        for document in self.documents.values():
            for path, method, _ in document.operations():
                if (method, path) not in document.made | ELSEWHERE:
                    yield f"{document.name}: {method.upper()} {path} never succeeded"
            if document.closed:
                for spot, member in sorted(document.published_members() - document.seen):
                    name = spot.rsplit("/", 1)[-1]
                    if (name, member) in RARE or (name, None) in RARE:
                        continue
                    yield f"{document.name}: {spot}: no answer has {member}"
