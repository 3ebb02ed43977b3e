"""What a client made by openapi-generator (python) does with one document: PROGRAM FOLDER URL ENTITY CHARACTERISTIC BODY."""
import importlib
import json
import sys

folder, url, entity, characteristic, body = sys.argv[1:6]
sys.path.insert(0, folder)
client = importlib.import_module("openapi_client")
name = entity.lower()
api = getattr(client, entity + "Api")(client.ApiClient(client.Configuration(host=url)))
create, change = getattr(client, entity + "Create"), getattr(client, entity + "Change")


def made(called):
    document = {**json.loads(body), "name": called, characteristic: [{"@type": "IntegerCharacteristic", "name": "bandwidth", "value": 100}],
                "vendorData": "kept"}
    return getattr(api, f"create_{name}")(create.from_dict(document))


first, second = made("python 1"), made("python 2")
assert first.additional_properties["vendorData"] == "kept"
page = getattr(api, f"list_{name}_with_http_info")(name="python 1,python 2", limit=1, sort="name")
assert len(page.data) == 1 and page.headers["X-Total-Count"] == "2", page
assert [one.id for one in getattr(api, f"list_{name}")(name="python 2")] == [second.id]
changed = getattr(api, f"patch_{name}")(first.id, change(description="changed"))
assert (changed.description, changed.name) == ("changed", "python 1"), changed
for one in (first, second):
    getattr(api, f"delete_{name}")(one.id)
try:
    getattr(api, f"retrieve_{name}")(first.id)
    raise AssertionError("it is gone")
except client.exceptions.NotFoundException as gone:
    assert gone.status == 404
print("ok")
