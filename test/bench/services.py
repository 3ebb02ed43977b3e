#!/usr/bin/env python3
"""Typical services for benchmarks: 2 KiB of TMF638 v4 each, no two alike, the same ones on every machine.

services.py COUNT [--first N] [--no-ids] [--own-references] writes them as JSON lines. The id of service n depends on n
alone. Each has 5 characteristics, 2 parties, 1 place, 1 relationship and 1 specification. A service's own are its id,
texts and values, its customer and its site; specifications (1000) and providers (200) are shared, as they are in an
inventory, and the relationship points at another of the COUNT services. With --own-references nothing is shared: every
service has a specification, a provider and a related service that no other has.
"""
import argparse
import hashlib
import sys

SPECIFICATIONS = 1000
PROVIDERS = 200
STATES = ("active", "active", "active", "active", "active", "inactive", "designed", "reserved")
CATEGORIES = ("CFS", "RFS", "Network Service", "Access")
ROLES = ("Supplier", "Maintainer", "Operator")
KINDS = ("dependency", "reliesOn", "supportedBy")
# Five of these, chosen by the specification; the fields in braces are the service's own.
CHARACTERISTICS = (
    ('downstreamBandwidth', 'integer', '{a}'), ('upstreamBandwidth', 'integer', '{b}'),
    ('vlan', 'integer', '{c}'), ('serviceLevel', 'string', '"level {c} of {b}"'),
    ('circuitId', 'string', '"CIR-{h0}-{h1}"'), ('macAddress', 'string', '"{h2}{h1}"'),
    ('ipv6Prefix', 'string', '"2001:db8:{h3}::/56"'), ('installedLength', 'number', '{a}.{c}'),
    ('managed', 'boolean', 'true'), ('activationCode', 'string', '"{h1}-{h2}-{h3}"'),
    ('opticalPower', 'number', '-{c}.{b}'), ('ontSerial', 'string', '"ONT{h0}{h3}"'),
)


def uuid_of(what, number):
    """A version 4 UUID that depends on its arguments alone."""
    digits = hashlib.md5(b"%s %d" % (what, number)).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def service_id(number):
    return uuid_of(b"service", number)


def characteristics_of_specification(specification):
    """The text of the five characteristics, as a template."""
    parts = []
    for place in range(5):
        name, kind, value = CHARACTERISTICS[(specification + place * (1 + specification % 2)) % len(CHARACTERISTICS)]
        parts.append(f'{{{{"name":"{name}","valueType":"{kind}","value":{value}}}}}')
    return "[" + ",".join(parts) + "]"


def template_of(specification):
    """Everything that services of one specification have in common."""
    return (
        '"category":"' + CATEGORIES[specification % len(CATEGORIES)] + '","@type":"Service",'
        '"description":"Service {h0} for customer order {a}-{b}, delivered on request {h3}. The installer finds the termination '
        'point in room {c}, cabinet {h1}; access is agreed with the customer beforehand. Escalation goes to the operations '
        'centre in charge, quoting reference {h2}-{h3}. Planned by batch {b} of campaign {a}, verified against survey {h1}.",'
        '"name":"service {h0} {c}","hasStarted":true,"isBundle":false,"isServiceEnabled":true,"isStateful":true,"startMode":"1",'
        '"serviceDate":"2024-0{m}-1{d}T0{d}:{s}:{t}.{c}Z","startDate":"2025-0{m}-2{d}T1{d}:{t}:{s}.{c}Z","state":"{state}",'
        '"serviceSpecification":{{"id":"{specification}","href":"https://catalog.example.net/serviceSpecification/{specification}",'
        '"name":"specification ' + str(specification) + '","version":"1.' + str(specification % 10) + '.0",'
        '"@type":"ServiceSpecificationRef"}},'
        '"serviceCharacteristic":' + characteristics_of_specification(specification) + ','
        '"relatedParty":[{{"id":"{customer}","href":"https://party.example.net/individual/{customer}","name":"Customer {h1}","role":"Customer","@referredType":"Individual"}},'
        '{{"id":"{provider}","href":"https://party.example.net/organization/{provider}","name":"Provider {provider_number}","role":"' + ROLES[specification % len(ROLES)] +
        '","@referredType":"Organization"}}],'
        '"place":[{{"id":"{site}","name":"Site {h2}, building {c}","role":"installationAddress","@referredType":"GeographicSite",'
        '"@type":"PlaceRef"}}],'
        '"serviceRelationship":[{{"relationshipType":"' + KINDS[specification % len(KINDS)] +
        '","service":{{"id":"{neighbour}","@type":"ServiceRef"}}}}]')


class Generator:
    """Makes services of a population of `count`. Thread rule: one thread."""

    def __init__(self, count, own_references=False):
        self.count, self.own_references = count, own_references
        self.templates = [template_of(n).format_map for n in range(SPECIFICATIONS)]
        self.specifications = [uuid_of(b"specification", n) for n in range(SPECIFICATIONS)]
        self.providers = [uuid_of(b"provider", n) for n in range(PROVIDERS)]

    def references(self, number, a, b):
        if self.own_references:
            return {"specification": uuid_of(b"specification", SPECIFICATIONS + number),
                    "provider": uuid_of(b"provider", PROVIDERS + number), "neighbour": uuid_of(b"neighbour", number)}
        return {"specification": self.specifications[b % SPECIFICATIONS], "provider": self.providers[a % PROVIDERS],
                "neighbour": service_id(a % self.count)}

    def service(self, number, with_id=True):
        digits = hashlib.sha256(b"%d" % number).hexdigest()
        a, b, c = int(digits[:5], 16), int(digits[5:9], 16), 100 + int(digits[9:12], 16) % 900
        month = 1 + a % 9
        body = self.templates[b % SPECIFICATIONS]({
            "h0": digits[12:20], "h1": digits[20:28], "h2": digits[28:36], "h3": digits[36:44], "a": a, "b": b, "c": c,
            "m": month, "d": b % 9, "s": 10 + a % 50, "t": 10 + b % 50, "state": STATES[c % len(STATES)],
            "customer": uuid_of(b"customer", number), "site": uuid_of(b"site", number), "provider_number": a % PROVIDERS,
            **self.references(number, a, b)})
        if with_id:
            return '{"id":"' + service_id(number) + '",' + body + "}"
        return "{" + body + "}"


def write_services(out, first, count, with_ids=True, population=None, own_references=False):
    """Writes JSON lines to a binary file or pipe."""
    generator = Generator(population or count, own_references)
    lines = []
    for number in range(first, first + count):
        lines.append(generator.service(number, with_ids))
        if len(lines) == 512:
            out.write(("\n".join(lines) + "\n").encode())
            lines.clear()
    if lines:
        out.write(("\n".join(lines) + "\n").encode())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--no-ids", action="store_true")
    parser.add_argument("--own-references", action="store_true")
    chosen = parser.parse_args()
    write_services(sys.stdout.buffer, chosen.first, chosen.count, not chosen.no_ids, own_references=chosen.own_references)


if __name__ == "__main__":
    main()
