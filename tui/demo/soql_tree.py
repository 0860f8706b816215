"""What a SOQL query consists of, and how Salesforce words a refusal of it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

_AROUND = 30


class SoqlError(Exception):
    """A query that Salesforce would refuse: its errorCode and its message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def refuse(text: str, at: int, code: str, message: str) -> NoReturn:
    """Raise SoqlError with the excerpt, the caret and the position that Salesforce puts before `message`."""
    start = max(0, at - _AROUND)
    excerpt = text[start : at + _AROUND].replace("\n", " ").replace("\r", " ")
    row = text.count("\n", 0, at) + 1
    column = at - text.rfind("\n", 0, at)
    place = f"\n{excerpt}\n{' ' * (at - start)}^\nERROR at Row:{row}:Column:{column}\n"
    raise SoqlError(code, place + message)


@dataclass(frozen=True, slots=True)
class Path:
    """A field, or a field of a related object: `("Profile", "Name")`; `at` is its place in the text."""

    names: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """An aggregate function of a field; `function` is in capitals."""

    function: str
    path: Path
    at: int


@dataclass(frozen=True, slots=True)
class DateCall:
    """A date function of a field, such as DAY_ONLY(LoginTime); `function` is in capitals."""

    function: str
    path: Path
    at: int


Expression = Path | Call | DateCall


class TokenKind(StrEnum):
    """What a piece of a query's text is; the first seven are kinds of literals."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    NULL = "null"
    DATETIME = "datetime"
    DATE = "date"
    DAY = "day"
    """`TODAY`, `LAST_N_DAYS:3`."""
    WORD = "word"
    SIGN = "sign"
    END = "end"


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as written."""

    kind: TokenKind
    text: str
    at: int
    count: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """One selected expression."""

    expression: Expression
    alias: str | None


@dataclass(frozen=True, slots=True)
class Order:
    """One sort of ORDER BY."""

    expression: Expression
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Compare:
    """`left operator right`; the operator is one of = != < <= > >= LIKE."""

    left: Expression
    operator: str
    right: Literal


@dataclass(frozen=True, slots=True)
class Among:
    """`left [NOT] IN (values)`."""

    left: Expression
    negated: bool
    values: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Joined:
    """`left [NOT] IN (SELECT …)`: a semi-join or anti-join."""

    left: Expression
    negated: bool
    query: "Query"


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class AllOf:
    """Conditions joined by AND."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Conditions joined by OR."""

    parts: tuple["Condition", ...]


Condition = Compare | Among | Joined | Not | AllOf | AnyOf


@dataclass(frozen=True, slots=True)
class Query:
    """One SELECT. `counts_rows` is `SELECT COUNT()`, which has no items.

    `children` are the selects in the field list: their `table` is a relationship to rows below.
    """

    text: str
    counts_rows: bool
    items: tuple[Item, ...]
    table: str
    table_at: int
    alias: str | None
    where: Condition | None
    groups: tuple[Path | DateCall, ...]
    having: Condition | None
    orders: tuple[Order, ...]
    limit: int | None
    offset: int
    children: tuple["Query", ...] = ()
