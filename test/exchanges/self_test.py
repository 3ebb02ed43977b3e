#!/usr/bin/env python3
"""Whether the runner of exchanges and the check of published documents notice what they must. Closes with 'N passed, M failed'."""
import json
import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parent.parent / "support")]
import run  # noqa: E402
from contract import Contract  # noqa: E402

MALFORMED = {
    "a request without an answer": "> GET /health\n",
    "a request without an answer, then a good exchange": "> GET /health\n\n> GET /health\n< 200\n",
    "an answer without a request": "< 200\n",
    "an answer without a status": "> GET /health\n< {}\n",
    "a request line that is none": "> health\n< 200\n",
    "a request without an answer, then a command": "> GET /health\n! restart\n",
    "a command that nobody knows": "! explode\n",
    "a line that is nothing": "> GET /health\n< 200\nGET /health\n",
    "a mark without a space": ">GET /health\n< 200\n",
    "a model that is not there": "model: nowhere.yaml\n> GET /health\n< 200\n",
    "a model behind an exchange": "> GET /health\n< 200\n\nmodel: yard.yaml\n",
    "settings behind an exchange": "> GET /health\n< 200\n\nloop: {}\n",
}

THING = {"type": "object", "required": ["id"], "properties": {
    "id": {"type": "string"}, "count": {"type": "integer"}, "kind": {"enum": ["a", "b"]}, "at": {"type": "string", "format": "date-time"},
    "either": {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "integer"}}]}}}
OPERATION = {"responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                           "204": {"description": "nothing"}}}
DOCUMENT = {"paths": {"/diffo/v1/things/{id}": {"get": OPERATION}, "/diffo/v1/things/all": {"get": OPERATION}},
            "components": {"schemas": {"Thing": THING}}}
GOOD = {"id": "x", "count": 1, "kind": "a", "at": "2026-01-01T00:00:00Z", "either": [1]}
FALSE = {
    "a status that is not declared": (422, "application/json", GOOD),
    "a media type that is not declared": (200, "text/plain", GOOD),
    "a member that does not exist so": (200, "application/json", {**GOOD, "more": 1}),
    "a mandatory member that is missing": (200, "application/json", {"count": 1}),
    "a member of another type": (200, "application/json", {**GOOD, "count": "1"}),
    "a boolean for a number": (200, "application/json", {**GOOD, "count": True}),
    "a word off its enumeration": (200, "application/json", {**GOOD, "kind": "c"}),
    "a text that is no date": (200, "application/json", {**GOOD, "at": "yesterday"}),
    "no branch that fits": (200, "application/json", {**GOOD, "either": ["a"]}),
    "no body where one is declared": (200, "application/json", None),
    "a body where none is declared": (204, "application/json", GOOD),
}


def contract():
    made = Contract()
    made.load(lambda path: json.dumps(["/openapi/diffo-v1.json"] if path == "/openapi" else DOCUMENT))
    return made


def is_malformed(text):
    try:
        list(run.parse(run.served_with(text, pathlib.Path())[1]))
    except run.Malformed:
        return True
    return False


def checks():
    for what, text in MALFORMED.items():
        yield what, is_malformed(text)
    yield "a good exchange is taken", len(list(run.parse("# why\n> POST /x\n> A: b\n>\n> {}\n< 200\n< {}\n! check\n"))) == 2
    store = run.Store("diffo", "")
    store.different = {"a.exchange": {("GET /x",): ["501"], ("GET /y",): ["404"]}}
    yield "a database's answer takes the place", store.answer("a.exchange", ["GET /x"], ["200"]) == ["501"]
    yield "another file's answer stays", store.answer("b.exchange", ["GET /y"], ["200"]) == ["200"]
    yield "a difference that nothing asks for is named", len(store.unmet(["a.exchange", "b.exchange"])) == 1
    yield "the differences can be read", bool(run.differences(run.DIFFERENCES)["operations.exchange"])
    path = "/diffo/v1/things/x"
    for what, (status, media, body) in FALSE.items():
        text = "" if body is None else json.dumps(body)
        yield what, bool(list(contract().problems("GET", path, status, media, text)))
    yield "a good answer is taken", not list(contract().problems("GET", path, 200, "application/json", json.dumps(GOOD)))
    yield "an answer of a path that is not published", bool(list(contract().problems("GET", "/diffo/v1/others", 200, None, "")))
    yield "an answer to a method that is not published", bool(list(contract().problems("PUT", path, 200, None, "")))
    met = contract()
    list(met.problems("GET", "/diffo/v1/things/all", 200, "application/json", json.dumps({"id": "x"})))
    unseen = list(met.unseen())
    yield "an operation that nobody tried is named", any("things/{id} never" in problem for problem in unseen)
    yield "an operation that was tried is not", not any("things/all never" in problem for problem in unseen)
    yield "a member that no answer has is named", any("no answer has count" in problem for problem in unseen)


def main():
    failed = passed = 0
    for what, good in checks():
        passed += good
        failed += not good
        if not good:
            print(f"FAILED: {what}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
