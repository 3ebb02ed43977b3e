#!/usr/bin/env python3
"""Posts TM Forum's published samples to a running server and compares what comes back.

    samples.py DIR --server http://127.0.0.1:8080 [--node-path node_modules]

DIR holds `samples/v4`, `samples/v5` and `openapi` as TM Forum publishes them; it is never part of this
project. Each sample of TMF638 and TMF639 is posted in its version, must come back field for field
(server-set attributes aside; else exit 1), and is read in the other version, where problems with the
published schema are printed, for the samples themselves break it here and there. Without node the
schemas are not checked.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request

BASES = {
    ("638", "v4"): "/tmf-api/serviceInventory/v4/service",
    ("638", "v5"): "/tmf-api/serviceInventory/v5/service",
    ("639", "v4"): "/tmf-api/resourceInventoryManagement/v4/resource",
    ("639", "v5"): "/tmf-api/resourceInventoryManagement/v5/resource",
}
SERVER_SET = {"href", "serviceDate", "id"}


def samples(folder):
    """All whole services and resources among the samples: (api, version, name, document)."""
    for path in sorted((folder / "samples").rglob("*.json")):
        api = next((number for number in ("638", "639") if "TMF" + number in str(path)), None)
        version = "v5" if "v5" in path.relative_to(folder).parts else "v4"
        if api is None:
            continue
        try:
            content = json.loads(path.read_text())
        except ValueError:
            print(f"skipped, not JSON: {path}")
            continue
        for item in content if isinstance(content, list) else [content]:
            whole = "serviceSpecification" in item if api == "638" else "name" in item
            if isinstance(item, dict) and whole and "eventType" not in item:
                yield api, version, path.name, item


def call(url, document=None):
    data = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"{}")


def differences(sent, came):
    for name in sorted(set(sent) | set(came)):
        if name in SERVER_SET and name not in sent:
            continue
        if name != "href" and sent.get(name) not in (None, []) and sent.get(name) != came.get(name):
            yield f"{name}: sent {json.dumps(sent.get(name))}, got {json.dumps(came.get(name))}"
        elif name not in sent:
            yield f"{name}: not sent, got {json.dumps(came.get(name))}"


def problems(folder, api, version, document, node_path):
    """What the published schema says about a document, as a set of lines without the file's name."""
    if not shutil.which("node"):
        return set()
    pattern = {"638": "TMF638-*", "639": "TMF639-*"}[api] + f"-{version}.*"
    schema = next((folder / "openapi").glob(pattern))
    with tempfile.NamedTemporaryFile("w", suffix=".json") as payload:
        json.dump(document, payload)
        payload.flush()
        name = "Service" if api == "638" else "Resource"
        script = pathlib.Path(__file__).with_name("validate.js")
        result = subprocess.run(["node", script, schema, name, payload.name], capture_output=True,
                                text=True, env={**os.environ, "NODE_PATH": node_path})
        if result.returncode == 2 or result.stderr:
            sys.exit(result.stderr)
        return {line.replace(payload.name + ": ", "") for line in result.stdout.splitlines()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--server", default="http://127.0.0.1:8080")
    parser.add_argument("--node-path", default=os.environ.get("NODE_PATH", "node_modules"))
    options = parser.parse_args()
    failed = posted = 0
    for number, (api, version, name, document) in enumerate(samples(options.folder)):
        # One id for several samples would be refused as taken; "unlock" is a slip of the samples.
        document = {**document, "id": f"sample-{number}"}
        if document.get("administrativeState") == "unlock":
            document["administrativeState"] = "unlocked"
        where = f"{api} {version} {name}"
        status, came = call(options.server + BASES[api, version], document)
        posted += 1
        if status != 201:
            failed += 1
            print(f"{where}: {status} {json.dumps(came)}")
            continue
        for line in differences(document, came):
            failed += 1
            print(f"{where}: {line}")
        other = "v5" if version == "v4" else "v4"
        status, shown = call(f"{options.server}{BASES[api, other]}/{urllib.parse.quote(came['id'])}")
        if status != 200:
            failed += 1
            print(f"{where}: read in {other}: {status}")
            continue
        own = problems(options.folder, api, version, came, options.node_path)
        for line in sorted(problems(options.folder, api, other, shown, options.node_path)):
            kind = "as in its own version" if line in own else "only there"
            print(f"{where} in {other}: {line} ({kind})")
    print(f"{posted} posted, {failed} failed")
    return 1 if failed or not posted else 0


if __name__ == "__main__":
    sys.exit(main())
