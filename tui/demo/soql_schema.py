"""The objects that a query may name, and the way from a written field path to a value in a row."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from operator import methodcaller
from typing import Any

from tui.demo.soql_tree import DateCall, Path, Query, refuse


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


DATE_VALUES: Mapping[str, tuple[str, Callable[[datetime], object]]] = {
    "CALENDAR_MONTH": ("int", lambda moment: _utc(moment).month),
    "CALENDAR_YEAR": ("int", lambda moment: _utc(moment).year),
    "DAY_IN_MONTH": ("int", lambda moment: _utc(moment).day),
    # 1 is Sunday.
    "DAY_IN_WEEK": ("int", lambda moment: _utc(moment).isoweekday() % 7 + 1),
    "DAY_ONLY": ("date", lambda moment: _utc(moment).date()),
    "HOUR_IN_DAY": ("int", lambda moment: _utc(moment).hour),
}
"""What each function makes of a moment, and the type of that."""


MAX_LEVELS = 5
"""Relationships that one path may follow."""

Row = Mapping[str, object]
Get = Callable[[Any], object]


@dataclass(frozen=True)
class Field:
    """One field of an object.

    `type` is id, string, boolean, datetime, date, int, double, reference or object (neither filterable nor
    sortable). A reference that can be followed has its `relation` (Profile) and its `target` object (Profile);
    `children` is what the target calls the rows that refer to it (Users).
    """

    type: str
    filterable: bool = True
    groupable: bool = False
    sortable: bool = True
    relation: str | None = None
    target: str | None = None
    children: str | None = None


@dataclass(frozen=True)
class Table:
    """One object and its rows by field name; datetimes are aware. Not `countable`: COUNT(Id) is refused."""

    name: str
    fields: Mapping[str, Field]
    rows: Callable[[], Iterable[Row]]
    countable: bool = True

    @cached_property
    def spellings(self) -> dict[str, str]:
        """Field names by their lower-case spelling."""
        return {name.lower(): name for name in self.fields}

    @cached_property
    def relations(self) -> dict[str, tuple[str, Field]]:
        """Reference fields and their names by the lower-case name of the relation."""
        return {
            field.relation.lower(): (name, field) for name, field in self.fields.items() if field.relation
        }


@dataclass(frozen=True)
class Hop:
    """One step to a related object: by which field, under which name."""

    relation: str
    key: str
    target: Table


@dataclass(frozen=True)
class Operand:
    """Something that can be compared, sorted or printed: its name, its field, and how to get its value.

    `computed` says that the value is not in the row as it stands.
    """

    names: tuple[str, ...]
    field: Field
    get: Get
    at: int
    hops: tuple[Hop, ...] = ()
    computed: bool = False

    @property
    def name(self) -> str:
        return self.names[-1]


class World:
    """The tables of one run; an index by Id is built when a relation is first followed."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self._tables = {name.lower(): table for name, table in tables.items()}
        self._indexes: dict[str, dict[str, Row]] = {}

    def table(self, name: str) -> Table | None:
        return self._tables.get(name.lower())

    def children(self, parent: Table, relation: str) -> tuple[str, Table, str] | None:
        """What `parent` calls `relation`: its spelling, the object of the rows, their field that refers up."""
        for table in self._tables.values():
            for name, field in table.fields.items():
                called = field.children or ""
                if field.target == parent.name and called and called.lower() == relation.lower():
                    return called, table, name
        return None

    def related(self, target: Table, reference: object) -> Row | None:
        """The row of `target` with that Id, or None."""
        if not reference:
            return None
        index = self._indexes.get(target.name)
        if index is None:
            index = {str(row["Id"])[:15]: row for row in target.rows() if row.get("Id")}
            self._indexes[target.name] = index
        return index.get(str(reference)[:15])


class Scope:
    """One FROM: resolves paths against its object. Raises SoqlError with Salesforce's words."""

    def __init__(self, query: Query, world: World, table: Table | None = None) -> None:
        self.text = query.text
        self.world = world
        table = table or world.table(query.table)
        if table is None:
            refuse(
                self.text,
                query.table_at,
                "INVALID_TYPE",
                f"sObject type '{query.table}' is not supported. If you are attempting to use a custom "
                "object, be sure to append the '__c' after the entity name. "
                "Please reference your WSDL or the describe call for the appropriate names.",
            )
        self.table = table
        self._prefixes = {table.name.lower(), query.table.lower(), (query.alias or table.name).lower()}

    def value(self, expression: Path | DateCall) -> Operand:
        """A field, or what a date function makes of one."""
        if isinstance(expression, Path):
            return self.operand(expression)
        inner = self.operand(expression.path)
        if inner.field.type != "datetime":
            message = f"Function {expression.function} can only be used on a date or dateTime field"
            refuse(self.text, expression.at, "MALFORMED_QUERY", message)
        kind, make = DATE_VALUES[expression.function]
        get = inner.get

        def computed(row: Any) -> object:
            moment: Any = get(row)
            return None if moment is None else make(moment)

        name = f"{expression.function}({'.'.join(inner.names)})"
        return Operand((name,), Field(kind, groupable=True), computed, expression.at, computed=True)

    def operand(self, path: Path) -> Operand:
        """The field that `path` names, with the schema's spelling."""
        names = path.names
        if len(names) > 1 and names[0].lower() in self._prefixes - self.table.relations.keys():
            names = names[1:]
        if len(names) > MAX_LEVELS + 1:
            refuse(
                self.text,
                path.at,
                "INVALID_FIELD",
                f"Relationship path '{'.'.join(names)}' has more than {MAX_LEVELS} levels.",
            )
        table = self.table
        hops: list[Hop] = []
        for name in names[:-1]:
            hop = self._hop(table, name, path)
            hops.append(hop)
            table = hop.target
        spelled = table.spellings.get(names[-1].lower())
        if spelled is None:
            refuse(
                self.text,
                path.at,
                "INVALID_FIELD",
                f"No such column '{names[-1]}' on entity '{table.name}'. If you are attempting to use a "
                "custom field, be sure to append the '__c' after the custom field name. "
                "Please reference your WSDL or the describe call for the appropriate names.",
            )
        written = (*(hop.relation for hop in hops), spelled)
        return Operand(written, table.fields[spelled], self._getter(hops, spelled), path.at, tuple(hops))

    def _hop(self, table: Table, name: str, path: Path) -> Hop:
        key, field = table.relations.get(name.lower(), ("", None))
        target = self.world.table(field.target) if field and field.target else None
        if field is None or field.relation is None or target is None:
            refuse(
                self.text,
                path.at,
                "INVALID_FIELD",
                f"Didn't understand relationship '{name}' in field path. If you are attempting to use a "
                "custom relationship, be sure to append the '__r' after the custom relationship name. "
                "Please reference your WSDL or the describe call for the appropriate names.",
            )
        return Hop(field.relation, key, target)

    def _getter(self, hops: list[Hop], name: str) -> Get:
        if not hops:
            return methodcaller("get", name)
        related = self.world.related

        def follow(row: Row) -> object:
            for hop in hops:
                found = related(hop.target, row.get(hop.key))
                if found is None:
                    return None
                row = found
            return row.get(name)

        return follow
