"""SOQL as the stand-in org answers it: what Salesforce would return, and what it would refuse."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from tui.base.limits import GROUPS
from tui.demo.soql_parse import parse
from tui.demo.soql_results import Grouped, Record, Shape, columns
from tui.demo.soql_schema import Field, Operand, Row, Scope, Table, World
from tui.demo.soql_tree import Call, DateCall, Expression, Order, Query, SoqlError, refuse
from tui.demo.soql_where import KEYS, Compiler, Resolve

__all__ = ["Answer", "Field", "SoqlError", "Table", "run"]

T = TypeVar("T")

MAX_OFFSET = 2_000

MAX_GROUPS = GROUPS
"""A grouped answer has no second page (recorded)."""

_TOO_MANY_GROUPS = (
    "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch"
)


@dataclass(frozen=True)
class Answer:
    """What a query answers: JSON-ready records, their number, and the descriptions of the columns.

    `is_count` says that the query was `SELECT COUNT()`, whose answer is `total` alone.
    """

    records: list[Record]
    total: int
    columns: list[Record]
    is_count: bool


def run(query: str, tables: Mapping[str, Table], *, now: datetime, version: str) -> Answer:
    """Answer one query. `version` is the API version in the records' addresses, `66.0` or `v66.0`.

    Raises SoqlError.
    """
    return _Run(World(tables), now, version.removeprefix("v")).answer(parse(query))


class _Run:
    def __init__(self, world: World, now: datetime, version: str) -> None:
        self.world = world
        self.now = now
        self.version = version

    def answer(self, query: Query) -> Answer:
        if query.offset > MAX_OFFSET:
            message = f"Maximum SOQL offset allowed is {MAX_OFFSET}"
            raise SoqlError("NUMBER_OUTSIDE_VALID_RANGE", message)
        scope = Scope(query, self.world)
        if query.groups or any(isinstance(item.expression, Call | DateCall) for item in query.items):
            return self._grouped(query, scope)
        selected = [] if query.counts_rows else self._selected(query, scope)
        resolve = _fields_of(scope)
        rows = _page(query, _sorted(query, self._rows(query, scope), resolve))
        if query.counts_rows:
            return Answer([], len(rows), [], is_count=True)
        if len(rows) > 1 and any(operand.field.type == "object" for operand in selected):
            message = (
                "When retrieving results with Metadata or FullName fields, the query qualifications "
                f"must specify no more than one row for retrieval. Result size: {len(rows)}"
            )
            raise SoqlError("MALFORMED_QUERY", message)
        shape = Shape(scope.table.name, self.world, self.version)
        for operand in selected:
            shape.add(operand)
        for child in query.children:
            shape.add_children(*self._below(child, scope))
        records = [shape.record(row) for row in rows]
        return Answer(records, len(records), columns(selected), is_count=False)

    def _below(self, query: Query, outer: Scope) -> tuple[str, Callable[[Row], Record | None]]:
        """What the outer object calls the rows of a select in its field list, and those rows of one row."""
        found = self.world.children(outer.table, query.table)
        if found is None:
            message = (
                f"Didn't understand relationship '{query.table}' in FROM part of query call. If you are "
                "attempting to use a custom relationship, be sure to append the '__r' after the custom "
                "relationship name. Please reference your WSDL or the describe call for the appropriate names."
            )
            refuse(query.text, query.table_at, "INVALID_TYPE", message)
        relation, table, key = found
        scope = Scope(query, self.world, table)
        shape = Shape(table.name, self.world, self.version)
        for operand in self._selected(query, scope):
            shape.add(operand)
        by_parent: defaultdict[str, list[Row]] = defaultdict(list)
        for row in _sorted(query, self._rows(query, scope), _fields_of(scope)):
            by_parent[str(row.get(key))[:15]].append(row)

        def below(row: Row) -> Record | None:
            rows = _page(query, by_parent.get(str(row.get("Id"))[:15], []))
            records = [shape.record(each) for each in rows]
            return {"totalSize": len(records), "done": True, "records": records} if records else None

        return relation, below

    def _grouped(self, query: Query, scope: Scope) -> Answer:
        if query.children:
            message = "Grouped query cannot use child relationships in the SELECT list"
            refuse(query.text, query.children[0].table_at, "MALFORMED_QUERY", message)
        grouped = Grouped(query, scope)
        having = Compiler(query.text, grouped.resolve, _no_join, self.now).tests(query.having)
        groups: Iterable[Any] = grouped.groups(self._rows(query, scope))
        for test in having:
            groups = filter(test, groups)
        page = _page(query, _sorted(query, groups, grouped.resolve))
        if len(page) > MAX_GROUPS:
            raise SoqlError("EXCEEDED_ID_LIMIT", _TOO_MANY_GROUPS)
        records = [grouped.record(group) for group in page]
        return Answer(records, len(records), grouped.columns, is_count=False)

    def _selected(self, query: Query, scope: Scope) -> list[Operand]:
        resolve = _fields_of(scope)
        found: list[Operand] = []
        for item in query.items:
            operand = resolve(item.expression)
            if item.alias is not None:
                message = "only aggregate expressions use field aliasing"
                refuse(query.text, operand.at, "MALFORMED_QUERY", message)
            if any(operand.names == known.names for known in found):
                message = f"duplicate field selected: {'.'.join(operand.names)}"
                refuse(query.text, operand.at, "MALFORMED_QUERY", message)
            found.append(operand)
        return found

    def _rows(self, query: Query, scope: Scope, outer: Scope | None = None) -> Iterable[Row]:
        def join(inner: Query) -> frozenset[str]:
            if outer is not None:
                message = "Nesting of semi join sub-selects is not supported"
                refuse(inner.text, inner.table_at, "MALFORMED_QUERY", message)
            return self._inner_ids(inner, scope)

        rows: Iterable[Row] = scope.table.rows()
        for test in Compiler(query.text, _fields_of(scope), join, self.now).tests(query.where):
            rows = filter(test, rows)
        return rows

    def _inner_ids(self, query: Query, outer: Scope) -> frozenset[str]:
        scope = Scope(query, self.world)
        problem = None
        selected = self._selected(query, scope)
        if scope.table.name == outer.table.name:
            problem = "The inner and outer selects should not be on the same object type"
        elif query.groups or query.orders or query.limit is not None or query.offset:
            problem = "Semi join sub-selects take only a WHERE clause"
        elif len(selected) != 1 or selected[0].field.type not in ("id", "reference"):
            problem = "The inner select of a semi-join must have one field of type ID or reference"
        elif selected[0].hops:
            problem = "The inner select field cannot have more than one level of relationships"
        if problem:
            refuse(query.text, query.table_at, "MALFORMED_QUERY", problem)
        get = selected[0].get
        return frozenset(str(value)[:15] for row in self._rows(query, scope, outer) if (value := get(row)))


def _fields_of(scope: Scope) -> Resolve:
    """Resolve fields alone: an aggregate function has no place where single rows are read."""

    def resolve(expression: Expression) -> Operand:
        if isinstance(expression, Call):
            message = f"unexpected aggregate function: {expression.function}"
            refuse(scope.text, expression.at, "MALFORMED_QUERY", message)
        return scope.value(expression)

    return resolve


def _no_join(query: Query) -> frozenset[str]:
    message = "Semi join sub-selects are only allowed at the top level WHERE expressions."
    refuse(query.text, query.table_at, "MALFORMED_QUERY", message)


def _sorted(query: Query, items: Iterable[T], resolve: Resolve) -> Iterable[T]:
    for order in reversed(query.orders):
        items = _sorted_by(query, list(items), order, resolve(order.expression))
    return items


def _sorted_by(query: Query, items: list[T], order: Order, operand: Operand) -> list[T]:
    """Sort by one expression; equal ones keep their order, nulls go first unless asked otherwise."""
    if not operand.field.sortable or operand.field.type == "object":
        message = f"field '{operand.name}' can not be sorted in a query call"
        refuse(query.text, operand.at, "MALFORMED_QUERY", message)
    get, key = operand.get, KEYS[operand.field.type]
    empty = [item for item in items if get(item) is None]
    full = [item for item in items if get(item) is not None]
    full.sort(key=lambda item: key(get(item)), reverse=order.descending)
    return full + empty if order.nulls_last else empty + full


def _page(query: Query, items: Iterable[T]) -> list[T]:
    end = None if query.limit is None else query.offset + query.limit
    return list(islice(items, query.offset, end))
