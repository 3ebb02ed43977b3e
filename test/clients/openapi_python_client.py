"""What a client made by openapi-python-client does with one document: PROGRAM FOLDER URL ENTITY CHARACTERISTIC BODY."""
import importlib
import json
import pathlib
import sys

folder, url, entity, characteristic, body = sys.argv[1:6]
package = next(path.parent.name for path in pathlib.Path(folder).glob("*/client.py"))
sys.path.insert(0, folder)
name = entity.lower()
client = importlib.import_module(package).Client(base_url=url)
models = importlib.import_module(package + ".models")
create, change = getattr(models, entity + "Create"), getattr(models, entity + "Change")


def operation(word):
    return importlib.import_module(f"{package}.api.{name}.{word}_{name}")


def made(called):
    document = {**json.loads(body), "name": called, characteristic: [{"@type": "IntegerCharacteristic", "name": "bandwidth", "value": 100}],
                "vendorData": "kept"}
    return operation("create").sync_detailed(client=client, body=create.from_dict(document))


first, second = made("openapi python client 1"), made("openapi python client 2")
assert first.status_code == 201 and first.parsed["vendorData"] == "kept", first
page = operation("list").sync_detailed(client=client, name="openapi python client 1,openapi python client 2", limit=1, sort="name")
assert len(page.parsed) == 1 and page.headers["X-Total-Count"] == "2", page
assert [one.id for one in operation("list").sync(client=client, name="openapi python client 2")] == [second.parsed.id]
changed = operation("patch").sync(first.parsed.id, client=client, body=change.from_dict({"description": "changed"}))
assert (changed.description, changed.name) == ("changed", "openapi python client 1"), changed
for one in (first, second):
    assert operation("delete").sync_detailed(one.parsed.id, client=client).status_code == 204
gone = operation("retrieve").sync_detailed(first.parsed.id, client=client)
assert gone.status_code == 404 and gone.parsed.code == "60", gone
print("ok")
