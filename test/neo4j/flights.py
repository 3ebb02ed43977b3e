#!/usr/bin/env python3
"""Counts the flights to the database that requests of HTTP cost, in front of the database. Closes with 'N passed, M failed'."""
import pathlib
import sys
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from bolt_members import Members  # noqa: E402
from client import Client  # noqa: E402
from neo4j import run_on_database  # noqa: E402
from server import Server  # noqa: E402

API, V5 = "/tmf-api/serviceInventory/v4/service", "/tmf-api/serviceInventory/v5/service"
NEIGHBOURS = {
    "/tmf-api/party/v4/individual": {"id": "jane", "familyName": "Doe", "givenName": "Jane"},
    "/tmf-api/party/v4/organization": {"id": "acme", "tradingName": "Acme"},
    "/tmf-api/geographicAddressManagement/v4/geographicAddress": {"id": "a1", "city": "Zwolle"},
    "/tmf-api/geographicSiteManagement/v4/geographicSite": {"id": "hq", "name": "Head office"},
    "/tmf-api/serviceCatalogManagement/v4/serviceSpecification": {"id": "fiber", "name": "Fiber"},
}
MODEL = HERE.parent.parent / "examples" / "hammer" / "switch.yaml"


def identity(number):
    return f"00000000-0000-4000-8000-{number:012}"


def service(number):
    return {"id": identity(number), "name": f"number {number % 10}", "state": "active", "serviceSpecification": {"id": "fiber"},
            "serviceCharacteristic": [{"name": "bandwidth", "value": number}],
            "feature": [{"id": "f", "name": "f", "featureCharacteristic": [{"name": "c", "value": 1}]}],
            "relatedParty": [{"id": "jane", "role": "user"}, {"id": "acme", "role": "payer"}, {"id": f"nobody {number}", "role": "stranger"}],
            "place": [{"id": "a1", "role": "from"}, {"id": "hq", "role": "to"}],
            "serviceRelationship": [{"relationshipType": "reliesOn", "service": {"id": identity(number + 1)}}]}


class Flights:
    def __init__(self, report, members, client):
        self.report, self.members, self.client = report, members, client

    def call(self, wanted, method, target, document=None, **more):
        answer = self.client.call(method, target, document, **more)
        self.report.check(answer.status == wanted, f"{method} {target}: {answer.status} {answer.text[:300]}")
        return answer

    def most(self, most, what, *request, **more):
        before = self.members.flights
        answer = self.call(*request, **more)
        taken = self.members.flights - before
        print(f"{what}: {taken}", flush=True)
        self.report.check(taken <= most, f"{what}: {taken} flights, not {most}")
        return answer


def run(flights):
    for path, document in NEIGHBOURS.items():
        flights.call(201, "POST", path, document)
    for number in range(1, 121):
        flights.call(201, "POST", API, service(number))
    shown = flights.most(1, "one with all its parts", 200, "GET", f"{API}/{identity(1)}").body
    hrefs = [one.get("href") for one in [*shown["relatedParty"], *shown["place"], shown["serviceSpecification"]]]
    flights.report.check([bool(href) for href in hrefs] == [True, True, False, True, True, True], f"hrefs of what is there: {hrefs}")
    flights.most(1, "one in v5", 200, "GET", f"{V5}/{identity(2)}")
    flights.most(1, "one that is not there", 404, "GET", f"{API}/{identity(999)}")
    flights.most(1, "one that has not changed", 304, "GET", f"{API}/{identity(3)}",
                 headers={"If-None-Match": flights.call(200, "GET", f"{API}/{identity(3)}").headers["ETag"]})
    flights.most(1, "a neighbour", 200, "GET", "/tmf-api/party/v4/organization/acme")
    page = flights.most(1, "a page of a hundred", 206, "GET", f"{API}?limit=100").body
    flights.report.check(len(page) == 100 and all(one["place"][0].get("href") for one in page), "a page with hrefs")
    flights.most(1, "a page by a stored property", 206, "GET", f"{API}?name=number%203&limit=5")
    # Not yet chosen by the database.
    flights.most(2, "a page by a characteristic", 206, "GET",
                 f"{API}?{urllib.parse.quote('serviceCharacteristic.value')}.lt=50&limit=20")
    flights.most(1, "a page of some fields", 206, "GET", f"{API}?fields=name&limit=20")
    flights.most(2, "a new one", 201, "POST", API, service(200))
    alone = {"id": identity(300), "state": "active", "serviceSpecification": {"name": "none"}}
    flights.most(2, "a new one without neighbours", 201, "POST", API, alone)
    flights.most(3, "a new one under a key", 201, "POST", API, service(201), headers={"Idempotency-Key": "one"})
    flights.most(3, "a change", 200, "PATCH", f"{API}/{identity(5)}", {"name": "changed"})
    flights.most(3, "a deletion", 204, "DELETE", f"{API}/{identity(120)}")


def run_pool(flights):
    flights.call(201, "POST", "/diffo/v1/models", MODEL.read_text(), content_type="application/yaml")
    switch, user = identity(500), identity(501)
    for one in (switch, user):
        flights.call(201, "POST", "/diffo/v1/kinds/Switch/actions/build", {"id": one})
    flights.call(200, "POST", f"/diffo/v1/instances/{switch}/actions/lifecycle", {"lifecycleState": "installed"})
    assign = f"/diffo/v1/instances/{switch}/actions/assign_port"
    flights.call(200, "POST", assign, {"assignment": {"assigneeId": user}})
    flights.most(3, "an automatic assignment", 200, "POST", assign, {"assignment": {"assigneeId": user}})
    flights.most(2, "one with what is assigned from it", 200, "GET", f"/tmf-api/resourceInventoryManagement/v4/resource/{switch}")


def run_all(report, database, _):
    parts = urllib.parse.urlsplit(database.uri)
    members = Members((parts.hostname, parts.port), count=1)
    # Looking for what others write takes flights of its own.
    with Server(database.program, "--store", members.uri.replace("neo4j", "bolt"), "--follow", "0") as server, Client(server.port) as client:
        flights = Flights(report, members, client)
        run(flights)
        run_pool(flights)


if __name__ == "__main__":
    sys.exit(run_on_database(__doc__, run_all))
