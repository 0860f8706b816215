"""Rows as Salesforce prints them: nested records with attributes, and the description of the columns.

The columns have the shape that Salesforce's own command line reads.
"""

# inferred: stand_in_queries - the shape of the columns.
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from tui.demo.soql_schema import Hop, Operand, Row, World

Record = dict[str, object]
_APEX_TYPES = {"id": "Id", "reference": "Id", "datetime": "Datetime", "int": "Integer", "boolean": "Boolean",
               "double": "Double", "date": "Date"}  # fmt: skip


def printed(value: object) -> object:
    """A value as JSON carries it: datetimes in UTC like `2026-11-22T13:41:07.000+0000`."""
    if isinstance(value, datetime):
        moment = value if value.tzinfo is UTC else value.astimezone(UTC)
        return f"{moment.isoformat()[:19]}.000+0000"
    return value.isoformat() if isinstance(value, date) else value


class Shape:
    """Prints the rows of one object with the selected fields, following relations."""

    def __init__(self, table: str, world: World, version: str) -> None:
        self.table = table
        self.world = world
        self.version = version
        self._parts: dict[str, tuple[Hop, Shape] | None] = {}
        self._children: dict[str, Callable[[Row], Record | None]] = {}

    def add(self, operand: Operand, level: int = 0) -> None:
        """Select a field; `level` hops of its path are behind us."""
        if level == len(operand.hops):
            self._parts[operand.name] = None
            return
        hop = operand.hops[level]
        part = self._parts.get(hop.relation)
        if part is None:
            part = hop, Shape(hop.target.name, self.world, self.version)
            self._parts[hop.relation] = part
        part[1].add(operand, level + 1)

    def add_children(self, relation: str, below: Callable[[Row], Record | None]) -> None:
        """Print under `relation` what `below` answers for each row."""
        self._children[relation] = below

    def record(self, row: Row) -> Record:
        """One row, JSON-ready."""
        attributes: Record = {"type": self.table}
        if identity := row.get("Id"):
            attributes["url"] = f"/services/data/v{self.version}/sobjects/{self.table}/{identity}"
        record: Record = {"attributes": attributes}
        for name, part in self._parts.items():
            if part is None:
                record[name] = printed(row.get(name))
                continue
            hop, shape = part
            related = self.world.related(hop.target, row.get(hop.key))
            record[name] = None if related is None else shape.record(related)
        for relation, below in self._children.items():
            record[relation] = below(row)
        return record


def column(name: str, display: str, kind: str, aggregate: bool = False) -> dict[str, Any]:
    """The description of one column; `kind` is a field's type."""
    return {
        "aggregate": aggregate,
        "apexType": _APEX_TYPES.get(kind, "String"),
        "booleanType": kind == "boolean",
        "columnName": name,
        "custom": False,
        "displayName": display,
        "foreignKeyName": None,
        "insertable": False,
        "joinColumns": [],
        "numberType": kind in ("int", "double"),
        "textType": kind in ("string", "id", "reference"),
        "updatable": False,
    }


def columns(operands: Sequence[Operand]) -> list[Record]:
    """Descriptions of plain fields; those behind one relation are joined under its name."""
    found: list[dict[str, Any]] = []
    for operand in operands:
        level = found
        for hop in operand.hops:
            known = next((one for one in level if one["columnName"] == hop.relation), None)
            if known is None:
                known = column(hop.relation, hop.relation, "object")
                level.append(known)
            level = known["joinColumns"]
        level.append(column(operand.name, operand.name, operand.field.type))
    return found
