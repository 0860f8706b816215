"""Turns a condition into a function of a row, refusing what Salesforce refuses to compare."""

# inferred: stand_in_queries - wordings about operators, Ids and joins that no public material shows.
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from operator import ge, gt, le, lt
from typing import Any, NoReturn

from tui.demo.soql_schema import Operand
from tui.demo.soql_tree import (
    AllOf,
    Among,
    AnyOf,
    Compare,
    Condition,
    Expression,
    Joined,
    Literal,
    Not,
    Query,
    TokenKind,
    refuse,
)

Test = Callable[[Any], bool]
Resolve = Callable[[Expression], Operand]
Join = Callable[[Query], frozenset[str]]

MAX_JOINS = 2
MAX_DAYS = 100_000
_YEARS = range(1700, 4001)
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "'": "'", '"': '"', "\\": "\\"}
_TYPES = {"datetime": "dateTime", "id": "ID", "reference": "reference"}
_LITERALS = {
    "string": (TokenKind.STRING,),
    "id": (TokenKind.STRING,),
    "reference": (TokenKind.STRING,),
    "boolean": (TokenKind.BOOLEAN,),
    "int": (TokenKind.NUMBER,),
    "double": (TokenKind.NUMBER,),
    "datetime": (TokenKind.DATETIME, TokenKind.DAY),
    "date": (TokenKind.DATE, TokenKind.DAY),
}
_MOMENTS = ("datetime", "date")
_QUOTED = ("string", "id", "reference")
_ORDERED: dict[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
ORDERED_TYPES = ("int", "double", "datetime", "date")
"""Types whose values are their own keys."""

KEYS: dict[str, Callable[[Any], Any]] = {
    "string": lambda value: value.lower() if value else "",
    "id": lambda value: value[:15] if value else "",
    "reference": lambda value: value[:15] if value else "",
    "boolean": bool,
    **dict.fromkeys(ORDERED_TYPES, lambda value: value),
    "object": repr,
}
"""What two values of a type must share to be equal; text without a character counts as null."""


class Compiler:
    """Compiles the conditions of one query. `join` answers the Ids of a semi-join's inner query."""

    def __init__(self, text: str, resolve: Resolve, join: Join, now: datetime) -> None:
        self.text = text
        self.resolve = resolve
        self.join = join
        self.now = now
        self.joins = 0

    def tests(self, condition: Condition | None) -> list[Test]:
        """What a row must pass, one after the other. Raises SoqlError."""
        if condition is None:
            return []
        parts = condition.parts if isinstance(condition, AllOf) else (condition,)
        return [self._test(part, top=True) for part in parts]

    def _test(self, condition: Condition, top: bool) -> Test:
        match condition:
            case AllOf(parts):
                return _all_of([self._test(part, top) for part in parts])
            case AnyOf(parts):
                return _any_of([self._test(part, top=False) for part in parts])
            case Not(part):
                inner = self._test(part, top=False)
                return lambda row: not inner(row)
            case Compare():
                return self._compare(condition)
            case Among():
                return self._among(condition)
            case Joined():
                return self._joined(condition, top)

    def _refuse(self, operand: Operand, code: str, message: str) -> NoReturn:
        refuse(self.text, operand.at, code, message)

    def _filterable(self, expression: Expression) -> Operand:
        operand = self.resolve(expression)
        if not operand.field.filterable or operand.field.type == "object":
            message = f"field '{operand.name}' can not be filtered in a query call"
            self._refuse(operand, "INVALID_FIELD", message)
        return operand

    def _compare(self, condition: Compare) -> Test:
        operand = self._filterable(condition.left)
        operator, kind = condition.operator, operand.field.type
        if (operator == "LIKE" and kind != "string") or (operator in _ORDERED and kind == "boolean"):
            self._refuse(operand, "INVALID_QUERY_FILTER_OPERATOR", "invalid operator")
        self._check(operand, condition.right)
        get = operand.get
        if operator == "LIKE":
            pattern = _pattern(condition.right)
            return lambda row: pattern.fullmatch(str(get(row) or "")) is not None
        if operator in ("=", "!="):
            equal = self._is_one_of(operand, (condition.right,))
            return equal if operator == "=" else lambda row: not equal(row)
        if condition.right.kind is TokenKind.NULL:
            return lambda row: False
        ordered = _ORDERED[operator]
        if kind in _MOMENTS:
            get = _moment_of(operand)
            start, end = self._span(operand, condition.right)
            # A whole second or day lies between its bounds: ">" begins behind it, "<=" includes it.
            bound = end if operator in (">", "<=") else start
            if operator in (">", ">="):
                return lambda row: (value := get(row)) is not None and value >= bound
            return lambda row: (value := get(row)) is not None and value < bound
        key = KEYS[kind]
        limit = key(self._value(operand, condition.right))
        return lambda row: (value := get(row)) is not None and ordered(key(value), limit)

    def _among(self, condition: Among) -> Test:
        operand = self._filterable(condition.left)
        for value in condition.values:
            self._check(operand, value)
        equal = self._is_one_of(operand, condition.values)
        return (lambda row: not equal(row)) if condition.negated else equal

    def _joined(self, condition: Joined, top: bool) -> Test:
        operand = self._filterable(condition.left)
        self.joins += 1
        if not top:
            message = "Semi join sub-selects are only allowed at the top level WHERE expressions."
            self._refuse(operand, "MALFORMED_QUERY", message)
        if self.joins > MAX_JOINS:
            message = f"Maximum {MAX_JOINS} semi join sub-selects are allowed."
            self._refuse(operand, "MALFORMED_QUERY", message)
        if operand.field.type not in ("id", "reference"):
            message = f"The left operand '{operand.name}' in semi-join must have an ID or reference data type"
            self._refuse(operand, "MALFORMED_QUERY", message)
        ids = self.join(condition.query)
        get = operand.get
        if condition.negated:
            return lambda row: str(get(row) or "")[:15] not in ids
        return lambda row: str(get(row) or "")[:15] in ids

    def _is_one_of(self, operand: Operand, values: tuple[Literal, ...]) -> Test:
        get, kind = operand.get, operand.field.type
        if kind not in _MOMENTS:
            key = KEYS[kind]
            wanted = frozenset(
                None if v.kind is TokenKind.NULL else key(self._value(operand, v)) for v in values
            )
            if kind in _QUOTED and None in wanted:
                wanted |= {""}
            if kind in ("boolean", "int"):
                return lambda row: get(row) in wanted
            if kind in ("id", "reference"):
                return lambda row: str(get(row) or "")[:15] in wanted
            return lambda row: key(get(row)) in wanted
        get = _moment_of(operand)
        empty = any(value.kind is TokenKind.NULL for value in values)
        spans = [self._span(operand, value) for value in values if value.kind is not TokenKind.NULL]

        def inside(row: Any) -> bool:
            value: Any = get(row)
            return empty if value is None else any(start <= value < end for start, end in spans)

        return inside

    def _check(self, operand: Operand, literal: Literal) -> None:
        kind = operand.field.type
        if literal.kind is TokenKind.NULL or literal.kind in _LITERALS[kind]:
            if kind in ("id", "reference") and literal.kind is TokenKind.STRING:
                written = plain(literal.text)
                if not _ID.fullmatch(written):
                    self._refuse(operand, "INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {written}")
            return
        quotes = "should be" if kind in _QUOTED else "should not be"
        message = (
            f"value of filter criterion for field '{operand.name}' must be of type "
            f"{_TYPES.get(kind, kind)} and {quotes} enclosed in quotes"
        )
        self._refuse(operand, "INVALID_FIELD", message)

    def _value(self, operand: Operand, literal: Literal) -> object:
        if literal.kind is TokenKind.STRING:
            return plain(literal.text)
        if literal.kind is TokenKind.BOOLEAN:
            return literal.text == "TRUE"
        return float(literal.text) if "." in literal.text else int(literal.text)

    def _span(self, operand: Operand, literal: Literal) -> tuple[datetime, datetime]:
        """The first moment of a second or day, and the first one after it."""
        if literal.kind is TokenKind.DATETIME:
            try:
                second = datetime.fromisoformat(literal.text).astimezone(UTC).replace(microsecond=0)
            except (ValueError, OverflowError):
                second = datetime.min.replace(tzinfo=UTC)
            if second.year not in _YEARS:
                refuse(self.text, literal.at, "MALFORMED_QUERY", f"Invalid datetime: {literal.text}")
            return second, second + timedelta(seconds=1)
        if literal.kind is TokenKind.DATE:
            try:
                first = datetime.combine(date.fromisoformat(literal.text), time(), UTC)
                return first, first + timedelta(days=1)
            except (ValueError, OverflowError):
                refuse(self.text, literal.at, "MALFORMED_QUERY", f"Invalid date: {literal.text}")
        if literal.count > MAX_DAYS:
            refuse(self.text, literal.at, "MALFORMED_QUERY", f"Invalid number of days: {literal.count}")
        day = timedelta(days=1)
        today = self.now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        back = {"TODAY": 0, "YESTERDAY": 1, "TOMORROW": -1}.get(literal.text, literal.count)
        start = today - back * day
        return start, (today if literal.text == "LAST_N_DAYS" else start) + day


def _moment_of(operand: Operand) -> Callable[[Any], Any]:
    """The value of a row as a moment; a date is its midnight in UTC."""
    get = operand.get
    if operand.field.type == "datetime":
        return get

    def midnight(row: Any) -> datetime | None:
        value = get(row)
        return datetime.combine(value, time(), UTC) if isinstance(value, date) else None

    return midnight


def _all_of(tests: list[Test]) -> Test:
    return lambda row: all(test(row) for test in tests)


def _any_of(tests: list[Test]) -> Test:
    return lambda row: any(test(row) for test in tests)


def plain(written: str) -> str:
    """The text of a quoted literal, its escapes resolved."""
    return _ESCAPE.sub(_unescape, written[1:-1])


def _unescape(match: re.Match[str]) -> str:
    code = match.group(1)
    if len(code) > 1:
        return chr(int(code[1:], 16))
    return _ESCAPES.get(code.lower(), code)


def _pattern(literal: Literal) -> re.Pattern[str]:
    """LIKE's pattern: % any characters, _ one, a backslash before them means themselves."""
    if literal.kind is TokenKind.NULL:
        return re.compile("")
    parts = re.findall(r"\\u[0-9A-Fa-f]{4}|\\.|%+|.", literal.text[1:-1], re.DOTALL)
    signs = {"_": "."}
    pattern = "".join(
        ".*" if part[0] == "%" else signs.get(part) or re.escape(_ESCAPE.sub(_unescape, part))
        for part in parts
    )
    return re.compile(pattern, re.DOTALL | re.IGNORECASE)
