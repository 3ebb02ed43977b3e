"""Parties, places, specifications and catalogs: what references lead to, and what becomes of it outside of one server."""
import json
import pathlib

from client import Client
from server import Server

YARD = pathlib.Path(__file__).resolve().parent.parent / "models" / "yard.yaml"
# By the path of its collection in v4: what has an id there.
ENTITIES = {
    "/tmf-api/party/v4/individual": {"id": "jane", "familyName": "Doe", "givenName": "Jane", "relatedParty": [{"id": "acme", "role": "employer"}]},
    "/tmf-api/party/v4/organization": {"id": "acme", "tradingName": "Acme"},
    "/tmf-api/geographicAddressManagement/v4/geographicAddress": {"id": "a1", "city": "Zwolle"},
    "/tmf-api/geographicSiteManagement/v4/geographicSite":
        {"id": "hq", "name": "Head office", "place": [{"id": "a1", "role": "visits"}], "relatedParty": [{"id": "jane", "role": "keys"}]},
    "/tmf-api/geographicLocation/v4/geographicLocation": {"id": "l1", "@type": "GeoJsonPoint", "geoJson": {"type": "Point", "coordinates": [6.10, 52]}},
    "/tmf-api/serviceCatalogManagement/v4/serviceSpecification": {"id": "fiber", "name": "Fiber", "relatedParty": [{"id": "acme", "role": "supplier"}]},
    "/tmf-api/serviceCatalogManagement/v4/serviceCatalog": {"id": "k1", "name": "Offers"},
    "/tmf-api/serviceCatalogManagement/v4/serviceCategory": {"id": "k2", "name": "Access", "isRoot": True},
    "/tmf-api/serviceCatalogManagement/v4/serviceCandidate": {"id": "k3", "name": "Fiber", "serviceSpecification": {"id": "fiber"}},
    "/tmf-api/resourceCatalog/v4/resourceSpecification": {"id": "ont", "name": "ONT"},
    "/tmf-api/resourceCatalog/v4/resourceCatalog": {"id": "k4", "name": "Boxes", "relatedParty": [{"id": "acme", "role": "owner"}]},
    "/tmf-api/resourceCatalog/v4/resourceCategory": {"id": "k5", "name": "CPE"},
    "/tmf-api/resourceCatalog/v4/resourceCandidate": {"id": "k6", "name": "ONT", "resourceSpecification": {"id": "ont"}},
}
SERVICE = {"id": "s1", "state": "active", "serviceSpecification": {"id": "fiber"},
           "relatedParty": [{"id": "jane", "role": "user"}, {"id": "acme", "role": "payer"}, {"id": "nobody", "role": "stranger"}],
           "place": [{"id": "a1", "role": "from"}, {"id": "hq", "role": "to"}, {"id": "l1", "role": "mast"}],
           "note": [{"text": "no reference"}]}
RESOURCE = {"id": "r1", "name": "box", "resourceSpecification": {"id": "ont"}, "place": {"id": "hq", "role": "rack"}, "relatedParty": [{"id": "acme", "role": "owner"}]}
RACK = {"@type": "Rack", "id": "10000000-0000-4000-8000-000000000001", "name": "rack one", "ownerCode": "ABC"}
INVENTORY = {"/tmf-api/serviceInventory/v4/service": [SERVICE], "/tmf-api/resourceInventoryManagement/v4/resource": [RESOURCE, RACK]}
V5_PATHS = {"/tmf-api/party/v4": "/tmf-api/partyManagement/v5", "/tmf-api/resourceCatalog/v4": "/tmf-api/resourceCatalog/v5",
            "/tmf-api/serviceInventory/v4": "/tmf-api/serviceInventory/v5", "/tmf-api/resourceInventoryManagement/v4": "/tmf-api/resourceInventoryManagement/v5"}


def filled(program, client):
    for path, document in [*ENTITIES.items(), *((path, one) for path, all_of in INVENTORY.items() for one in all_of)]:
        answer = client.call("POST", path, document)
        program.report.check(answer.status == 201, f"POST {path}: {answer.status} {answer.text}")


def hrefs_in(value):
    if isinstance(value, dict):
        for name, member in value.items():
            if name == "href":
                yield member
            yield from hrefs_in(member)
    elif isinstance(value, list):
        for item in value:
            yield from hrefs_in(item)


def by_id(documents):
    return sorted(documents, key=lambda one: one["id"])


def paths():
    for path in [*ENTITIES, *INVENTORY]:
        yield path
        base, _, collection = path.rpartition("/")
        if base in V5_PATHS:
            yield f"{V5_PATHS[base]}/{collection}"


def every_href_resolves(program):
    """Whatever document is asked for, in whichever version: each href in it answers 200, as what it says it is."""
    seen = set()
    with Server(program.path, "--model", YARD) as server, Client(server.port) as client:
        filled(program, client)
        origin = f"http://127.0.0.1:{server.port}"
        for path in paths():
            listed = client.call("GET", path)
            program.report.check(listed.status == 200 and listed.body, f"GET {path}: {listed.status} {listed.text}")
            for document in listed.body or []:
                alone = client.call("GET", document["href"].removeprefix(origin))
                program.report.check(alone.body == document, f"{document['href']} is listed otherwise: {document} {alone.text}")
                for href in hrefs_in(document):
                    seen.add(href.removeprefix(origin))
                    answer = client.call("GET", href.removeprefix(origin))
                    program.report.check(answer.status == 200 and answer.body["href"] == href, f"{href} of {path}: {answer.status} {answer.text}")
        # In v5 a reference leads to v5, where there is one.
        in_v5 = set(hrefs_in(client.call("GET", "/tmf-api/serviceInventory/v5/service/s1").body))
        wanted = {f"{origin}{path}" for path in ("/tmf-api/serviceInventory/v5/service/s1", "/tmf-api/partyManagement/v5/individual/jane",
                  "/tmf-api/partyManagement/v5/organization/acme", "/tmf-api/serviceCatalogManagement/v4/serviceSpecification/fiber",
                  "/tmf-api/geographicAddressManagement/v4/geographicAddress/a1", "/tmf-api/geographicSiteManagement/v4/geographicSite/hq",
                  "/tmf-api/geographicLocation/v4/geographicLocation/l1")}
        program.report.check(in_v5 == wanted, f"the links of a service: {in_v5 ^ wanted}")
        rack = "/tmf-api/resourceCatalog/v4/resourceSpecification/5b2f0d7e-1a34-4c1f-8d52-0a6b7c8d9e01"
        program.report.check(rack in seen, f"a rack does not say where its specification is: {sorted(seen)}")


def neighbours_are_carried(program):
    """An export has all of them and an import takes all back, on any server; a backup and a restart lose none."""
    declared = '"version":"v1.0.0"'  # as each kind's specification says of itself, and what refers to it
    first, second, copy = (program.folder / name for name in ("near-first", "near-second", "near-copy"))
    with Server(program.path, "--model", YARD, data=first) as server, Client(server.port) as client:
        filled(program, client)
        client.call("PATCH", "/tmf-api/party/v4/individual/jane", {"title": "Dr"})
        lines = client.call("GET", "/diffo/v1/export").text.splitlines()
        ids = {json.loads(line)["id"] for line in lines}
        wanted = {one["id"] for one in [*ENTITIES.values(), SERVICE, RESOURCE, RACK]}
        program.report.check(ids == wanted and len(lines) == len(wanted), f"exported: {ids ^ wanted}")
        shown = {path: client.call("GET", path).text.replace(str(server.port), "PORT") for path in paths()}
    program.expect("a backup with neighbours", 0, "backup", first, copy)
    program.expect("a check of it", 0, "check", "--data", copy, out="clean")
    # Last things first: what refers comes before what it refers to.
    text = "\n".join(reversed(lines)) + "\n"
    program.expect("an import of neighbours", 0, "import", "--data", second, "--mode", "atomic", "-", text=text, out=f"{len(lines)} created")
    program.expect("the same again", 0, "import", "--data", second, "-", text=text, out=f"{len(lines)} unchanged")
    for folder in (first, copy, second):
        with Server(program.path, data=folder) as server, Client(server.port) as client:
            exported = client.call("GET", "/diffo/v1/export").text.splitlines()
            program.report.check(by_id(map(json.loads, exported)) == by_id(map(json.loads, lines)), f"{folder.name} exports otherwise")
            for path, before in shown.items():
                after = client.call("GET", path).text.replace(str(server.port), "PORT")
                # What comes with the model is not in a folder that has none.
                same = by_id(json.loads(before)) == by_id(json.loads(after))
                program.report.check(same or folder == second and declared in before, f"{folder.name} {path}: {before} {after}")


def lines_that_do_not_tell(program):
    """A line without href or a class is what `--as` says."""
    data = program.folder / "near-lines"
    person = '{"id": "p", "familyName": "Doe", "givenName": "Jo"}\n'
    program.expect("a person by --as", 0, "import", "--data", data, "--as", "individual", "-", text=person, out="1 created")
    program.expect("a company by its class", 0, "import", "--data", data, "-", text='{"@type": "Organization", "id": "o", "name": "O", "tradingName": "T"}\n', out="1 created")
    program.expect("a person who lacks a name", 1, "import", "--data", data, "--as", "individual", "-", text='{"id": "q", "familyName": "D"}\n', error="givenName is mandatory")
    program.expect("an unknown collection", 2, "import", "--data", data, "--as", "person", "-", text=person)
    program.expect("an export of them", 0, "export", "--data", data, out='"href":"/individual/p"')


PARTS = (every_href_resolves, neighbours_are_carried, lines_that_do_not_tell)
