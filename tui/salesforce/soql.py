"""Which fields a query of this program uses, and how; and the same query without fields that an org does not have."""

import re
from collections.abc import Collection, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

PEOPLE = ("LastModifiedBy", "CreatedBy")
"""Relations that lead to User; every other one of ours is called as its object."""
_TOKEN = re.compile(r"'(?:\\.|[^'\\])*'|[A-Za-z_][\w.]*|[0-9][\w.:+-]*|[(),]|[^\s\w(),]+")
_WORDS = frozenset({"and", "or", "not", "in", "like", "true", "false", "null"})
_CLAUSE = re.compile(r" (FROM|WHERE|GROUP BY|ORDER BY|LIMIT) ")


class Use(StrEnum):
    """What a query does with a field; the value is the flag of a describe that allows it (`read`: that it is there)."""

    READ = "read"
    FILTERED = "filterable"
    GROUPED = "groupable"
    SORTED = "sortable"


class FieldUse(NamedTuple):
    """One field of one object and one use of it."""

    object: str
    field: str
    use: Use = Use.READ

    @property
    def name(self) -> str:
        return f"{self.object}.{self.field}"


def uses(query: str) -> frozenset[FieldUse]:
    """Every field that the query names, on the way to another object too, with each use."""
    return frozenset(_uses(query))


def without(query: str, lacking: Collection[FieldUse]) -> str:
    """The same query without what it reads of fields that are `lacking`, and without grouping by them."""
    clauses = _clauses(query)
    about, grouping = clauses["FROM"].strip(), "GROUP BY" in clauses
    gone = {(each.object, each.field) for each in lacking if each.use is Use.READ or grouping}

    def kept(listed: str) -> str:
        items = _items(listed)
        left = [i for i in items if gone.isdisjoint((u.object, u.field) for u in _path_uses(about, i))]
        return listed if len(left) in (0, len(items)) else ", ".join(left)

    for clause in ("SELECT", "GROUP BY"):
        if clause in clauses:
            clauses[clause] = kept(clauses[clause])
    return " ".join(f"{clause} {text.strip()}" for clause, text in clauses.items())


def _clauses(query: str) -> dict[str, str]:
    """What stands behind each keyword of the outer query; the first WHERE holds all that is nested in it."""
    head, *rest = _CLAUSE.split(_outer(query))
    found = {"SELECT": head.removeprefix("SELECT ")}
    at = len(head)
    for keyword, masked in zip(rest[::2], rest[1::2], strict=True):
        at += len(keyword) + 2
        found[keyword] = query[at : at + len(masked)]
        at += len(masked)
    return found


def _outer(query: str) -> str:
    """The query with texts and what is in brackets made dumb, as long as before."""
    masked, depth = [], 0
    for part in re.split(r"('(?:\\.|[^'\\])*')", query):
        if part.startswith("'"):
            masked.append("_" * len(part))
            continue
        for letter in part:
            depth += (letter == "(") - (letter == ")")
            masked.append("_" if depth and letter == " " else letter)
    return "".join(masked)


def _uses(query: str) -> Iterator[FieldUse]:
    clauses = _clauses(query)
    about = clauses["FROM"].strip()
    for item in _items(clauses["SELECT"]):
        yield from _path_uses(about, item)
    for clause, use in (("GROUP BY", Use.GROUPED), ("ORDER BY", Use.SORTED)):
        for item in _items(clauses.get(clause, "")):
            # What a date function makes of a field may be grouped, the field itself need not.
            yield from _path_uses(about, item, Use.READ if "(" in item else use)
    yield from _filtered(about, clauses.get("WHERE", ""))


def _filtered(about: str, where: str) -> Iterator[FieldUse]:
    if (start := where.find("(SELECT ")) >= 0:
        inner = _balanced(where, start)
        yield from _uses(inner)
        where = where.replace(inner, "")
    for token in _TOKEN.findall(where):
        if (token[0].isalpha() or token[0] == "_") and token.casefold() not in _WORDS:
            yield from _path_uses(about, token, Use.FILTERED)


def _balanced(text: str, start: int) -> str:
    """What stands between the bracket at `start` and its own end."""
    depth = 0
    for at in range(start, len(text)):
        depth += (text[at] == "(") - (text[at] == ")")
        if depth == 0:
            return text[start + 1 : at]
    return text[start + 1 :]


def _items(listed: str) -> Sequence[str]:
    return [item.strip() for item in listed.split(",") if item.strip()]


def _path_uses(about: str, item: str, use: Use = Use.READ) -> Iterator[FieldUse]:
    """The uses of `Profile.Name`, `MAX(LoginTime) latest` or `CreatedDate DESC`."""
    called = re.search(r"\(([\w.]+)\)", item)
    *relations, field = (called[1] if called else item.split()[0]).split(".")
    for relation in relations:
        yield FieldUse(about, f"{relation}Id")
        about = "User" if relation in PEOPLE else relation
    yield FieldUse(about, field, use)
