"""What a list of services is, told from the documents it shows: the rules of docs/guide/queries.md, read plainly.

Values are those of json.loads; a document is a dict. Nothing here knows how the server does it.
"""
import datetime
import re
import statistics

MISSING = object()
TEXTS = {"id", "name", "category", "description", "state"}  # read as texts, whatever they spell
DATES = {"startDate"}
NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?\Z")
DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d):(\d\d)Z)?)?)?\Z")


def reading(path):
    """How texts at a path of names are read: 'text', 'instant' or 'value'."""
    if tuple(path) in {("relatedParty", "id"), ("relatedParty", "role"), ("serviceSpecification", "id"), ("note", "author"),
                       ("note", "text"), ("note", "id"), ("serviceCharacteristic", "name")}:
        return "text"
    if len(path) == 1:
        return "text" if path[0] in TEXTS else "instant" if path[0] in DATES else "value"
    return "value"


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def number_in(text):
    return float(text) if NUMBER.match(text) else None


def moments(text):
    """First moment, the moment behind the last, and how many parts are written; None for what is no date."""
    found = DATE.match(text)
    if not found:
        return None
    year, month, day, hour, minute, second = (int(part) if part else None for part in found.groups())
    try:
        first = datetime.datetime(year, month or 1, day or 1, hour or 0, minute or 0, second or 0)
    except ValueError:
        return None
    if month is None:
        return first, first.replace(year=year + 1), 1
    if day is None:
        return first, (first + datetime.timedelta(days=32)).replace(day=1), 2
    return first, first + (datetime.timedelta(days=1) if hour is None else datetime.timedelta(seconds=1)), 3 if hour is None else 6


def order_of_texts(found, asked, how):
    """-1, 0 or 1, or None where the one has no place beside the other."""
    if how != "text" and moments(asked):
        one, other = moments(found), moments(asked)
        if one and (how == "instant" or (one[2] >= 3 and other[2] >= 3) or max(one[2], other[2]) == 6):
            return -1 if one[0] < other[0] else 0 if one[0] < other[1] else 1
        return 0 if found == asked else None
    if found == asked:
        return 0
    if how == "instant":
        return None
    return -1 if found.encode() < asked.encode() else 1


def fits(order, operator):
    return order is not None and {"eq": order == 0, "gt": order > 0, "gte": order >= 0, "lt": order < 0, "lte": order <= 0}[operator]


def compares(found, operator, asked, how):
    """Whether a scalar compares so with a text as it is written in a query."""
    if operator == "regex":
        text = found if isinstance(found, str) else json_text(found)
        return re.search(asked, text) is not None
    number = number_in(asked) if how != "text" else None
    if isinstance(found, str):
        if operator != "eq" and how == "value" and number is not None and not (moments(asked) and moments(found)):
            return operator in ("gte", "lte") and order_of_texts(found, asked, how) == 0
        return fits(order_of_texts(found, asked, how), operator)
    if isinstance(found, bool):
        return operator in ("eq", "gte", "lte") and how != "text" and asked == ("true" if found else "false")
    return number is not None and fits((found > number) - (found < number), operator)


def json_text(value):
    return "true" if value is True else "false" if value is False else repr(value)


def values_at(value, path):
    """All scalars at a dotted path; lists stand for their items."""
    if isinstance(value, list):
        return [one for item in value for one in values_at(item, path)]
    if path:
        return values_at(value[path[0]], path[1:]) if isinstance(value, dict) and path[0] in value else []
    return [] if value is None or isinstance(value, dict) else [value]


def is_there(value, path):
    if not path:
        return value is not None and value != []
    if isinstance(value, list):
        return any(is_there(item, path) for item in value)
    return isinstance(value, dict) and path[0] in value and is_there(value[path[0]], path[1:])


def condition_holds(document, path, operator, alternatives):
    """`path.operator=a,b`."""
    if operator == "exists":
        return is_there(document, path) == (alternatives[0] == "true")
    if operator in ("like", "ilike"):
        patterns = [".*".join(re.escape(part) for part in one.split("*")) for one in alternatives]
        return any(re.fullmatch(one, found if isinstance(found, str) else json_text(found),
                                re.DOTALL | (re.IGNORECASE if operator == "ilike" else 0))
                   for found in values_at(document, path) for one in patterns)
    if operator == "eq" and alternatives == ["null"] and not is_there(document, path):
        return True
    if len(alternatives) > 1 and operator in ("eq", "ne"):
        alternatives = alternatives + [",".join(alternatives)]
    found = values_at(document, path)
    asked = "eq" if operator == "ne" else operator
    some = any(compares(one, asked, alternative, reading(path)) for one in found for alternative in alternatives)
    return bool(found) and not some if operator == "ne" else some


# JSONPath. A query is ("root" or "current", [step…]); a step is ("name", n), ("index", i), ("items",), ("down", n) or
# ("filter", condition). A condition is ("and", a, b), ("or", a, b), ("not", a), ("there", query), ("match", query, pattern) or
# ("compare", query or ("call", name, query), sign, literal).

def nodes(query, root, current):
    """Every value found, each with the names that lead to it."""
    begin, steps = query
    found = [root if begin == "root" else current]
    for step in steps:
        found = [child for value in found for child in children(step, value, root)]
    return found


def children(step, value, root):
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    if step[0] == "name":
        return [value[step[1]]] if isinstance(value, dict) and step[1] in value else []
    if step[0] == "index":
        return [value[step[1]]] if isinstance(value, list) and -len(value) <= step[1] < len(value) else []
    if step[0] == "items":
        return inner
    if step[0] == "down":
        here = [value[step[1]]] if isinstance(value, dict) and step[1] in value else []
        return here + [one for child in inner for one in children(step, child, root)]
    return [child for child in inner if holds(step[1], child, root, step[2])]


def numbers(values):
    flat = [item for value in values for item in (value if isinstance(value, list) else [value])]
    texts = [number_in(one) if isinstance(one, str) else one for one in flat]
    return [one for one in texts if one is not None and is_number(one)]


def call(name, values, query):
    if name == "length" and any(step[0] in ("items", "down", "filter") for step in query[1]):
        return len(values)  # it may find several
    if name == "length":
        return len(values[0]) if len(values) == 1 and isinstance(values[0], (str, list, dict)) else MISSING
    if name == "count":
        return len(values)
    found = numbers(values)
    if not found:
        return MISSING
    return {"min": min, "max": max, "avg": statistics.fmean, "stddev": statistics.pstdev}[name](found)


def names_of(query, within):
    begin, steps = query
    names = list(within) if begin == "current" else []
    return None if any(step[0] in ("down", "filter") for step in steps) else \
        names + [step[1] for step in steps if step[0] == "name"]


def loosely(found, sign, literal, how):
    if sign == "!=":
        return not loosely(found, "==", literal, how)
    if found is MISSING or found is None or literal is None:
        return sign in ("==", "<=", ">=") and (found is MISSING or found is None) and literal is None
    if isinstance(found, (dict, list)):
        return False
    operator = {"==": "eq", "<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}[sign]
    if isinstance(literal, str):
        return compares(found, operator, literal, how)
    if isinstance(literal, bool):
        return sign in ("==", "<=", ">=") and found is literal
    number = number_in(found) if isinstance(found, str) else found if is_number(found) else None
    return number is not None and fits((number > literal) - (number < literal), operator)


def holds(condition, current, root, within=()):
    kind = condition[0]
    if kind == "and":
        return holds(condition[1], current, root, within) and holds(condition[2], current, root, within)
    if kind == "or":
        return holds(condition[1], current, root, within) or holds(condition[2], current, root, within)
    if kind == "not":
        return not holds(condition[1], current, root, within)
    if kind == "there":
        return bool(nodes(condition[1], root, current))
    if kind == "match":
        return any(compares(one, "regex", condition[2], "text") for one in nodes(condition[1], root, current)
                   if isinstance(one, (str, int, float)))
    left, sign, literal = condition[1:]
    if left[0] == "call":
        values, how = [call(left[1], nodes(left[2], root, current), left[2])], "value"
    else:
        names = names_of(left, within)
        values, how = nodes(left, root, current) or [MISSING], reading(names) if names else "value"
    return any(loosely(one, sign, literal, how) for one in values)


# Orders.

def sort_key(value, how):
    if isinstance(value, bool):
        return (0, int(value), "")
    if is_number(value):
        return (0, value, "")
    parts = moments(value) if how != "text" else None
    if parts and (how == "instant" or parts[2] >= 3):
        return (1, parts[0].timestamp(), "")
    return (2, 0, value.encode())


def ordered(documents, terms):
    """Documents in the order of their creation, sorted by (path, descending), most significant first."""
    result = list(documents)
    for path, descending in reversed(terms):
        keyed = []
        for document in result:
            keys = [sort_key(value, reading(path)) for value in values_at(document, path)]
            keyed.append((document, (max if descending else min)(keys) if keys else None))
        there = sorted((one for one in keyed if one[1] is not None), key=Turned if descending else lambda one: one[1])
        result = [one[0] for one in there] + [one[0] for one in keyed if one[1] is None]
    return result


class Turned:
    """The other way round, equals in their order."""

    def __init__(self, one):
        self.key = one[1]

    def __lt__(self, other):
        return other.key < self.key
