"""Rows as Salesforce prints them, alone or in groups, and the description of their columns."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, NoReturn

from tui.demo.soql_schema import Field, Get, Hop, Operand, Row, Scope, World
from tui.demo.soql_tree import Call, DateCall, Expression, Path, Query, refuse
from tui.demo.soql_where import KEYS, ORDERED_TYPES

# inferred: stand_in_queries - the shape of the columns.


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


Group = list[Row]


class Grouped:
    """The groups of one query. Raises SoqlError where Salesforce refuses the grouping."""

    def __init__(self, query: Query, scope: Scope) -> None:
        self.query = query
        self.scope = scope
        self.keys = [self._key(path) for path in query.groups]
        if not query.groups and query.limit is not None:
            message = "Non-grouped query that uses overall aggregate functions cannot also use LIMIT"
            self._refuse(0, message)
        self.columns: list[Record] = []
        self._outputs: dict[str, Get] = {}
        unnamed = 0
        for item in query.items:
            operand = self.resolve(item.expression)
            display = operand.name
            name = item.alias or display
            if isinstance(item.expression, Call | DateCall):
                display = item.expression.function
                if item.alias is None:
                    name = f"expr{unnamed}"
                    unnamed += 1
            if name in self._outputs:
                self._refuse(operand.at, f"duplicate alias: {name}")
            self._outputs[name] = operand.get
            aggregate = isinstance(item.expression, Call)
            self.columns.append(column(name, display, operand.field.type, aggregate))

    def resolve(self, expression: Expression) -> Operand:
        """What an expression is worth in a group."""
        if isinstance(expression, Call):
            return self._call(expression)
        operand = self.scope.value(expression)
        if operand.names not in [key.names for key in self.keys]:
            self._refuse(operand.at, f"Field must be grouped or aggregated: {'.'.join(operand.names)}")
        get = operand.get
        return Operand(operand.names, operand.field, lambda group: get(group[0]), operand.at)

    def groups(self, rows: Iterable[Row]) -> list[Group]:
        """The rows by equal keys, in the order of their first rows; without GROUP BY one group of all."""
        if not self.keys:
            return [list(rows)]
        exact: defaultdict[tuple[object, ...], Group] = defaultdict(list)
        if any(key.hops or key.computed for key in self.keys):
            getters = [key.get for key in self.keys]
            for row in rows:
                exact[tuple([get(row) for get in getters])].append(row)
        else:
            # Fields of the row itself, the usual case: thousands of rows of LoginHistory.
            names = [key.name for key in self.keys]
            for row in rows:
                exact[tuple(map(row.get, names))].append(row)
        # Only now those that differ in case alone: thousands of rows have few different values.
        same = [KEYS[key.field.type] for key in self.keys]
        found: dict[tuple[object, ...], Group] = {}
        for values, group in exact.items():
            keys = tuple(key(value) for key, value in zip(same, values, strict=True))
            found.setdefault(keys, []).extend(group)
        return list(found.values())

    def record(self, group: Group) -> Record:
        """One group, JSON-ready."""
        record: Record = {"attributes": {"type": "AggregateResult"}}
        for name, get in self._outputs.items():
            record[name] = printed(get(group))
        return record

    def _refuse(self, at: int, message: str) -> NoReturn:
        refuse(self.query.text, at, "MALFORMED_QUERY", message)

    def _key(self, path: Path | DateCall) -> Operand:
        operand = self.scope.value(path)
        if not operand.field.groupable or operand.field.type == "object":
            self._refuse(path.at, f"field '{operand.name}' can not be grouped in a query call")
        return operand

    def _call(self, call: Call) -> Operand:
        operand = self.scope.operand(call.path)
        kind = operand.field.type
        adds = call.function in ("AVG", "SUM")
        if kind in ("boolean", "object") or not self.scope.table.countable or (adds and kind != "int"):
            message = f"field {operand.name} does not support aggregate operator {call.function}"
            self._refuse(call.at, message)
        counts = call.function.startswith("COUNT")
        field = Field("int" if counts else "double" if adds else kind)
        return Operand((operand.name,), field, _aggregate(call.function, operand), call.at)


def _aggregate(function: str, operand: Operand) -> Get:
    get, key = operand.get, KEYS[operand.field.type]

    def values(group: Group) -> list[Any]:
        return [value for value in map(get, group) if value is not None and value != ""]

    if function == "COUNT":
        return lambda group: len(values(group))
    if function == "COUNT_DISTINCT":
        return lambda group: len({key(value) for value in values(group)})
    if function in ("AVG", "SUM"):
        return lambda group: _sum(values(group), average=function == "AVG")
    by = None if operand.field.type in ORDERED_TYPES else key
    if function == "MIN":
        return lambda group: min(values(group), key=by, default=None)
    return lambda group: max(values(group), key=by, default=None)


def _sum(values: list[Any], *, average: bool) -> float | None:
    if not values:
        return None
    return float(sum(values)) / (len(values) if average else 1)
