"""The graph that others read, as it lies in a Neo4j database, for comparisons."""
import collections
import json

ROOTS = {"Instance": "uuid", "Specification": "uuid", "Party": "key", "Place": "key", "Entity": "string"}
BETWEEN = {"Relationship", "DefinedSimpleRelationship", "AssignmentRelationship", "PartyRef", "PlaceRef", "EntityRef"}
TIMES = {"createdAt", "updatedAt"}
# What leads to what is not there is hidden from others (docs/formats/neo4j.md): it counts as what it will be.
NODES = ("MATCH (n) WHERE n:Provider OR n.diffoLabels IS NOT NULL RETURN elementId(n) AS id, coalesce(n.diffoLabels, labels(n)) AS "
         "labels, properties(n) AS props")
EDGES = ("MATCH (a)-[r]->(b) WHERE (a:Provider OR a.diffoLabels IS NOT NULL) AND (b:Provider OR b.diffoLabels IS NOT NULL) RETURN "
         "elementId(a) AS source, CASE type(r) WHEN 'DIFFO_HOLDS' THEN b.diffoTie ELSE type(r) END AS type, elementId(b) AS target")


def rows(database, query):
    status, printed = database.run([str(database.tool), "run", query])
    if status != 0:
        raise RuntimeError(printed)
    return [json.loads(line) for line in printed.splitlines()]


class SharedGraph:
    """Nodes and relationships, without what is ours alone."""

    def __init__(self, database):
        self.nodes = {row["id"]: (frozenset(set(row["labels"]) - {"DiffoPart"}),
                                  {name: value for name, value in row["props"].items() if not name.startswith("diffo")})
                      for row in rows(database, NODES)}
        self.edges = collections.Counter((row["source"], row["type"], row["target"]) for row in rows(database, EDGES)
                                         if not row["type"].startswith("DIFFO"))

    def root(self, node):
        labels, props = self.nodes[node]
        return next(((label, props[key]) for label, key in ROOTS.items() if label in labels and key in props), None)

    def roots(self):
        return {self.root(node): node for node in self.nodes if self.root(node)}

    def parts(self, known):
        """Of each root its own text, then those of its parts: ids of parts and times aside, and ties to roots that are not known."""
        self.known = known
        self.find_ends()
        return {name: self.text_of_root(node) for name, node in self.roots().items()}

    def owned(self, node):
        """The nodes that are part of a root."""
        self.find_ends()
        found, ahead = set(), [node]
        while ahead:
            one = ahead.pop()
            for kind, other in self.ends[one]:
                if not self.root(other) and other not in found and self.is_held(kind):
                    found.add(other)
                    ahead.append(other)
        return found

    def find_ends(self):
        self.ends = collections.defaultdict(list)
        for source, kind, target in self.edges:
            self.ends[source].append((">" + kind, target))
            self.ends[target].append(("<" + kind, source))

    def text_of_root(self, node):
        owned = [self.text_of_part(other, {node}) for kind, other in self.ends[node]
                 if not self.root(other) and self.is_held(kind) and self.leads_somewhere(other, node)]
        direct = [f"{kind} {self.root(other)}" for kind, other in self.ends[node] if kind.startswith(">") and self.root(other) in self.known]
        return [self.text(node, ()), *sorted(owned + direct)]

    def leads_somewhere(self, part, owner):
        """What stands between two roots leads to one that is known: others are not to see what leads to nothing."""
        return not self.nodes[part][0] & BETWEEN or any(self.root(other) in self.known for _, other in self.ends[part] if other != owner)

    def leading_to(self, node):
        """What stands between another root and this one."""
        self.find_ends()
        return {other for kind, other in self.ends[node] if kind.startswith("<") and self.nodes[other][0] & BETWEEN}

    @staticmethod
    def is_held(kind):
        """Whether a part belongs to the node, and does not merely lead to it."""
        if kind.startswith("<"):
            return kind in ("<STATUSES", "<ANNOTATES")
        return kind not in (">OWNS", ">AUTHORS", ">FIRED")  # events are no part of the inventory

    def text(self, node, without):
        labels, props = self.nodes[node]
        kept = {name: value for name, value in sorted(props.items()) if name not in TIMES and name not in without}
        return " ".join(sorted(labels)) + " " + json.dumps(kept, ensure_ascii=False)

    def text_of_part(self, node, seen):
        ties = []
        for kind, other in self.ends[node]:
            if self.root(other) and other not in seen and self.root(other) not in self.known:
                continue
            if self.root(other):
                ties.append(f"{kind} {'owner' if other in seen else self.root(other)}")
            elif other not in seen:
                ties.append(f"{kind} ({self.text_of_part(other, seen | {node})})")
        return self.text(node, ("uuid",)) + " " + "; ".join(sorted(ties))
