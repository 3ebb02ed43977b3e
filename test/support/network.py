"""A made-up network of chassis, cards, ports and links, what is expected of it, and what is outstanding of that: an oracle that
shares nothing with the product but the rules of wire.md §7."""
import collections
import copy
import json
import random

PORTS, CARDS, LINKS = 10, 4, 20  # of a card, of a chassis, inside a chassis
OF_CHASSIS = 1 + CARDS + CARDS * PORTS + LINKS
CHARACTERISTICS, RELATIONSHIPS = "resourceCharacteristic", "resourceRelationship"
NOBODY = "nothing outstanding"  # in no expectation

# One leaf as the oracle sees it; what it is about in JSON, so that leaves can be told apart in sets.
Leaf = collections.namedtuple("Leaf", "expectation target address category expected actual overruled_by")


def as_text(value):
    return None if value is None else json.dumps(value, sort_keys=True)


class Resource:
    """What the tests change of a resource; `links` are pairs of type and the far end's id."""

    def __init__(self, kind, name, fields, values, links=()):
        self.kind, self.name, self.fields, self.values, self.links = kind, name, fields, values, list(links)

    def characteristics(self):
        return [{"@type": "IntegerCharacteristic" if isinstance(value, int) else "StringCharacteristic", "name": name,
                 "value": value} for name, value in self.values.items()]

    def relationships(self):
        return [{"@type": "ResourceRelationship", "relationshipType": kind, "resource": {"id": end, "@type": "ResourceRef"}}
                for kind, end in self.links]

    def document(self, identity):
        return {"id": identity, "@type": "Resource", "name": self.name, **self.fields,
                "resourceSpecification": {"@type": "ResourceSpecificationRef", "id": f"specification of {self.kind}",
                                          "name": self.kind},
                CHARACTERISTICS: self.characteristics(), RELATIONSHIPS: self.relationships()}

    def changes(self):
        """The merge patch that makes any earlier version this one."""
        states = {name: self.fields.get(name) for name in ("administrativeState", "operationalState", "usageState")}
        return {**states, CHARACTERISTICS: self.characteristics(), RELATIONSHIPS: self.relationships()}


def meets(actual, wanted):
    if isinstance(wanted, dict):
        return isinstance(actual, int) and actual >= wanted["$gte"]
    return actual == wanted


class Wish:
    """What is expected of one resource. `links` maps (type, id) to the wish for the far end, or to None."""

    def __init__(self, fields=None, values=None, links=None, only_values=False, only_links=False):
        self.fields, self.values, self.links = fields or {}, values or {}, links or {}
        self.only_values, self.only_links = only_values, only_links

    def document(self):
        wanted = dict(self.fields)
        for member, items, only in ((CHARACTERISTICS, [self.value_item(name) for name in self.values], self.only_values),
                                    (RELATIONSHIPS, [self.link_item(link) for link in self.links], self.only_links)):
            if items or only:
                wanted[member] = {"$only": items} if only else items
        return wanted

    def value_item(self, name):
        return {"name": name, "value": self.values[name]}

    def link_item(self, link):
        end = {"id": link[1]}
        if self.links[link]:
            end["expect"] = self.links[link].document()
        return {"relationshipType": link[0], "resource": end}

    def leaves(self, world, identity):
        """(address, category, expected, actual) of each place that is not as it is expected."""
        resource = world.get(identity)
        if resource is None:
            yield "", "missing", self.document(), None
            return
        for name, wanted in self.fields.items():
            actual = resource.fields.get(name)
            if actual is None:
                yield name, "missing", wanted, None
            elif actual != wanted:
                yield name, "misaligned", wanted, actual
        yield from self.value_leaves(resource)
        yield from self.link_leaves(world, resource)

    def value_leaves(self, resource):
        for name, wanted in self.values.items():
            place = f"{CHARACTERISTICS}[{name}]"
            if name not in resource.values:
                yield place, "missing", self.value_item(name), None
            elif not meets(resource.values[name], wanted):
                yield place + ".value", "misaligned", wanted, resource.values[name]
        if self.only_values:
            for item in resource.characteristics():
                if item["name"] not in self.values:
                    yield f"{CHARACTERISTICS}[{item['name']}]", "undesired", {"name": item["name"], "$absent": True}, item

    def link_leaves(self, world, resource):
        for link, wish in self.links.items():
            place = f"{RELATIONSHIPS}[{link[0]},{link[1]}]"
            if link not in resource.links:
                yield place, "missing", self.link_item(link), None
            elif wish:
                for address, *rest in wish.leaves(world, link[1]):
                    yield (f"{place}.resource.expect" + (f".{address}" if address else ""), *rest)
        if self.only_links:
            for link, item in zip(resource.links, resource.relationships()):
                if link not in self.links:
                    yield (f"{RELATIONSHIPS}[{link[0]},{link[1]}]", "undesired",
                           {"relationshipType": link[0], "resource": {"id": link[1]}, "$absent": True}, item)


class Expectation:
    """A wish for the targets that `find` gives of a world, as pairs of id and how an answer shows the target."""

    def __init__(self, identity, target, find, wish, **more):
        self.identity, self.target, self.find, self.wish, self.more = identity, target, find, wish, more

    def document(self):
        return {"id": self.identity, "target": self.target, "expect": self.wish.document(), **self.more}


class Network:
    """Whole chassis, so that there are `size` resources or a few more; the same for the same seed."""

    def __init__(self, size, seed):
        self.choose = random.Random(seed)
        self.world, self.expectations, self.overruled, self.connecting = {}, [], {}, {}
        for number in range(-(-size // OF_CHASSIS)):
            self.add_chassis(number)
        self.expect_over_all()
        self.sound = copy.deepcopy(self.world)

    def lines(self):
        return "".join(json.dumps(resource.document(identity)) + "\n" for identity, resource in self.world.items())

    def expect(self, identity, target, find, wish, **more):
        self.expectations.append(Expectation(identity, target, find, wish, **more))

    def expect_of(self, name, identity, wish, **more):
        self.expect(f"{name} {identity}", {"id": identity, "family": "resource"}, lambda world: [identity], wish, **more)

    # Making it.

    def add_chassis(self, number):
        chassis = f"chassis-{number}"
        cards = [f"{chassis}-card-{card}" for card in range(CARDS)]
        self.world[chassis] = Resource("chassis", f"chassis {number}", {"operationalState": "enabled"},
                                       {"firmware": "7.1", "slots": CARDS}, [("contains", card) for card in cards])
        for slot, card in enumerate(cards):
            self.add_card(card, slot, [f"{card}-port-{port}" for port in range(PORTS)])
        ports = [f"{card}-port-{port}" for card in cards for port in range(PORTS)]
        self.choose.shuffle(ports)
        for link in range(LINKS):
            self.add_link(f"{chassis}-link-{link}", ports[2 * link:2 * link + 2])
        firmware = Wish(values={"firmware": "3.2"})
        self.expect_of("firmware", chassis, Wish(links={("contains", card): firmware for card in cards}), owner="software")
        self.expect(f"named {chassis}", {"kind": "chassis", "key": {"name": f"chassis {number}"}},
                    lambda world: [chassis], Wish({"operationalState": "enabled"}, {"firmware": "7.1"}), owner="field", priority=2)
        self.expect(f"below {chassis}", {"of": chassis, "via": ["->contains", "->contains"]},
                    lambda world: self.walk(world, chassis, 2), Wish({"operationalState": "enabled"}), owner="operations")

    def add_card(self, card, slot, ports):
        self.world[card] = Resource("card", card, {"operationalState": "enabled"}, {"firmware": "3.2", "slot": slot},
                                    [("contains", port) for port in ports])
        self.expect_of("built", card, Wish({}, {"slot": slot}, {("contains", port): None for port in ports},
                                           only_links=slot % 2 == 0), owner="design", side="provider", priority=5)
        for number, port in enumerate(ports):
            self.add_port(port, number)

    def add_port(self, port, number):
        values = {"mtu": 9000, "speed": self.choose.choice((10, 25, 100)), "vlan": self.choose.randint(1, 4094)}
        fields = {"administrativeState": "unlocked", "operationalState": "enabled", "usageState": "active"}
        self.world[port] = Resource("port", port, fields, dict(values))
        self.expect_of("designed", port, Wish({"administrativeState": "unlocked"}, values, only_values=number % 2 == 0),
                       owner="design", side="provider", priority=5)
        if number == 0:  # what the design refuses stays outstanding, and does not count
            self.expect_of("legacy", port, Wish({}, {"mtu": 1500}), owner="customers", priority=1)
            self.overruled[f"legacy {port}"] = (f"designed {port}", f"{CHARACTERISTICS}[mtu]")

    def add_link(self, link, ends):
        self.world[link] = Resource("link", link, {"operationalState": "enabled"}, {"capacity": 100},
                                    [("connects", end) for end in ends])
        up = Wish({"administrativeState": "unlocked"}, {"mtu": {"$gte": 1500}})
        self.expect_of("up", link, Wish({"operationalState": "enabled"}, {}, {("connects", end): up for end in ends}),
                       owner="operations", priority=3)
        if self.choose.random() < 0.1:
            end = ends[0]
            self.expect(f"carries {end}", {"of": end, "via": ["<-connects"]},
                        lambda world: self.connecting.get(end, []) if end in world else [],
                        Wish({}, {"capacity": {"$gte": 40}}), owner="customers")

    def expect_over_all(self):
        def of_kind(kind, **fields):
            return lambda world: [one for one, found in world.items() if found.kind == kind
                                  and all(found.fields.get(name) == value for name, value in fields.items())]
        self.expect("every link", {"filter": "resourceSpecification.name=link", "family": "resource"}, of_kind("link"),
                    Wish({}, {"capacity": 100}), owner="planning")
        self.expect("every open port", {"filter": "resourceSpecification.name=port&administrativeState=unlocked",
                                        "family": "resource"}, of_kind("port", administrativeState="unlocked"),
                    Wish({"usageState": "active"}), owner="planning", mode="propose")

    @staticmethod
    def walk(world, start, hops):
        reached = [start] if start in world else []
        for _ in range(hops):
            ends = [end for one in reached if one in world for kind, end in world[one].links if kind == "contains"]
            reached = list(dict.fromkeys(ends))
        return reached

    # What is outstanding of it.

    def pairs(self):
        """Each expectation with each of its targets, as the world is now."""
        self.connecting = collections.defaultdict(list)
        for identity, resource in self.world.items():
            for kind, end in resource.links:
                if kind == "connects":
                    self.connecting[end].append(identity)
        return [(one, target) for one in self.expectations for target in one.find(self.world)]

    def leaves(self):
        found = set()
        for one, target in self.pairs():
            there = target in self.world or "kind" not in one.target
            shown = target if there else as_text(one.target)
            high, place = self.overruled.get(one.identity, (None, NOBODY))
            for address, category, expected, actual in one.wish.leaves(self.world, target):
                found.add(Leaf(one.identity, shown, address, category, as_text(expected), as_text(actual),
                               high if address.startswith(place) else None))
        return found
