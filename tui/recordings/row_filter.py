"""Which recorded rows a query asks for, and which recorded file events a search: as far as these can answer that.

A condition of SOQL has three answers: yes, no, and None where a row does not say (a semi-join, a field that was not
recorded, an expression that is not known here). A row is left out only by a plain no.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from tui.recordings import format, request_parts

Row = Mapping[str, Any]
Test = Callable[[Row], bool | None]

_WHERE = re.compile(r"\bWHERE\b(.*)", re.IGNORECASE | re.DOTALL)
_END = re.compile(r"^(?:GROUP|ORDER|LIMIT|HAVING|WITH|FOR|OFFSET)$", re.IGNORECASE)
_LIMIT = re.compile(r"\bLIMIT\s+(\d{1,6})\b", re.IGNORECASE)
_TOKEN = re.compile(r"'(?:[^'\\]|\\.)*'|[(),]|[<>!]=|[<>=]|[^\s(),<>=!']+")
_UNESCAPED = re.compile(r"\\(.)")


def select(rows: Sequence[Row], query: str) -> list[Row]:
    """Those of `rows` that `query` does not exclude, in their order, no more than its LIMIT."""
    test = condition(query)
    chosen = [row for row in rows if test(row) is not False]
    limit = _LIMIT.search(query)
    return chosen[: int(limit.group(1))] if limit else chosen


def condition(query: str) -> Test:
    """The query's WHERE as a test of a row; one that cannot be read excludes nothing."""
    found = _WHERE.search(query)
    if found is None:
        return lambda row: True
    try:
        return _Parser(_TOKEN.findall(found.group(1))).whole()
    except (IndexError, ValueError, RecursionError):
        return lambda row: None


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    def whole(self) -> Test:
        test = self._any()
        if self._at < len(self._tokens) and not _END.match(self._tokens[self._at]):
            raise ValueError
        return test

    def _any(self) -> Test:
        tests = [self._all()]
        while self._took("OR"):
            tests.append(self._all())
        return tests[0] if len(tests) == 1 else lambda row: _or([test(row) for test in tests])

    def _all(self) -> Test:
        tests = [self._one()]
        while self._took("AND"):
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda row: _not(_or([_not(test(row)) for test in tests]))

    def _one(self) -> Test:
        if self._took("NOT"):
            test = self._one()
            return lambda row: _not(test(row))
        if self._took("("):
            test = self._any()
            self._need(")")
            return test
        return self._comparison()

    def _comparison(self) -> Test:
        name = self._next()
        if self._took("("):
            # A function of a field: rows do not say.
            self._skip()
            name = ""
        negated = self._took("NOT")
        operator = self._next().upper()
        if operator == "IN":
            self._need("(")
            if self._peek().upper() == "SELECT":
                self._skip()
                return lambda row: None
            values = self._list()
            test = _each(name, lambda found: any(_same(found, value) for value in values))
        elif operator == "LIKE":
            pattern = _like(_text(self._next()))
            test = _each(name, lambda found: bool(pattern.fullmatch(str(found or ""))))
        else:
            test = _each(name, _compared(operator, self._next()))
        return (lambda row: _not(test(row))) if negated else test

    def _list(self) -> list[str]:
        values = []
        while (word := self._next()) != ")":
            if word != ",":
                values.append(word)
        return values

    def _skip(self) -> None:
        """Past the closing bracket of the one that was taken last."""
        open_ones = 1
        while open_ones:
            word = self._next()
            open_ones += (word == "(") - (word == ")")

    def _peek(self) -> str:
        return self._tokens[self._at]

    def _next(self) -> str:
        word = self._tokens[self._at]
        self._at += 1
        return word

    def _took(self, word: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at].upper() == word:
            self._at += 1
            return True
        return False

    def _need(self, word: str) -> None:
        if not self._took(word):
            raise ValueError(word)


def _each(name: str, test: Callable[[Any], bool | None]) -> Test:
    def asked(row: Row) -> bool | None:
        found: Any = row
        for step in name.split("."):
            if not isinstance(found, Mapping) or step not in found:
                return None
            found = found[step]
        return test(found)

    return asked


def _compared(operator: str, literal: str) -> Callable[[Any], bool | None]:
    def test(found: Any) -> bool | None:
        if operator in ("=", "!="):
            return _same(found, literal) is (operator == "=")
        one, other = _moment(found), _moment(literal)
        if one is None or other is None:
            return None
        return {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}.get(operator)

    return test


def _same(found: Any, literal: str) -> bool:
    """Salesforce compares texts without case, and Ids of 15 and 18 characters as one."""
    if literal.upper() in ("NULL", "TRUE", "FALSE"):
        return found is {"NULL": None, "TRUE": True, "FALSE": False}[literal.upper()]
    text, value = str(found).casefold(), _text(literal).casefold()
    return text == value or ({len(text), len(value)} == {15, 18} and text[:15] == value[:15])


def _text(literal: str) -> str:
    return _UNESCAPED.sub(r"\1", literal[1:-1]) if literal.startswith("'") else literal


def _like(pattern: str) -> re.Pattern[str]:
    body = "".join({"%": ".*", "_": "."}.get(c, re.escape(c)) for c in pattern)
    return re.compile(body, re.IGNORECASE | re.DOTALL)


def _moment(value: Any) -> datetime | None:
    try:
        when = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return when if when.tzinfo is not None else None


def _or(answers: Sequence[bool | None]) -> bool | None:
    if True in answers:
        return True
    return None if None in answers else False


def _not(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


Event = dict[str, Any]


def search(answers: Sequence[format.Answer], body: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to the search `body` from all events of `answers`: filtered, sorted, one page of them."""
    events: dict[object, Event] = {}
    for answer in answers:
        for event in _events(answer):
            events[_field(event, "event.id") or str(event)] = event
    chosen = [event for event in events.values() if _wanted(event, body)]
    chosen.sort(
        key=lambda event: _timestamp(_field(event, str(body.get("srtKey")))),
        reverse=body.get("srtDir") == "desc",
    )
    size = _number(body.get("pgSize"), 100)
    token = body.get("pgToken")
    ids = [_field(event, "event.id") for event in chosen]
    start = ids.index(token) + 1 if token in ids else (_number(body.get("pgNum"), 1) - 1) * size
    page = chosen[start : start + size]
    more = start + size < len(chosen)
    following = _field(page[-1], "event.id") if page and more and token is not None else None
    return {"totalCount": len(chosen), "fileEvents": page, "nextPgToken": following, "problems": None}


def _events(answer: format.Answer) -> list[Event]:
    events = answer.body.get("fileEvents") if isinstance(answer.body, dict) else None
    return [event for event in events if isinstance(event, dict)] if isinstance(events, list) else []


def _wanted(event: Event, body: Mapping[str, Any]) -> bool:
    return all(
        _holds(_field(event, term), operator, value) for term, operator, value in request_parts.filters(body)
    )


def _holds(found: object, operator: str, value: str) -> bool:
    match operator:
        case "IS":
            return found == value
        case "IS_NOT":
            return found != value
        case "EXISTS":
            return found is not None
        case "DOES_NOT_EXIST":
            return found is None
        case "ON_OR_AFTER":
            return found is None or _timestamp(found) >= _timestamp(value)
        case "ON_OR_BEFORE":
            return found is None or _timestamp(found) <= _timestamp(value)
    return True


def _field(event: Event, term: str) -> Any:
    found: Any = event
    if term in event:
        return event[term]
    for step in term.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    return found


def _timestamp(value: object) -> float:
    try:
        return datetime.fromisoformat(str(value)).timestamp()
    except (ValueError, OverflowError):
        return 0.0


def _number(value: object, default: int) -> int:
    return value if isinstance(value, int) and 1 <= value <= 100_000 else default
