"""Reads SOQL text into an immutable tree, with the refusals of Salesforce's own parser."""

# inferred: stand_in_queries - the excerpt of thirty characters around an error, and some wordings.
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NoReturn, TypeVar

from tui.demo.soql_tree import (
    AllOf,
    Among,
    AnyOf,
    Call,
    Compare,
    Condition,
    DateCall,
    Expression,
    Item,
    Joined,
    Literal,
    Not,
    Order,
    Path,
    Query,
    TokenKind,
    refuse,
)

T = TypeVar("T")

MAX_LENGTH = 100_000
MAX_STRING = 4_000
MAX_DEPTH = 50
FUNCTIONS = ("AVG", "COUNT", "COUNT_DISTINCT", "MAX", "MIN", "SUM")
DATE_FUNCTIONS = (
    "CALENDAR_MONTH", "CALENDAR_YEAR", "DAY_IN_MONTH", "DAY_IN_WEEK", "DAY_ONLY", "HOUR_IN_DAY",
)  # fmt: skip
DATE_WORDS = ("TODAY", "YESTERDAY", "TOMORROW")
DATE_COUNTS = ("LAST_N_DAYS", "N_DAYS_AGO")
# fmt: off
RESERVED = frozenset((
    "AND", "ASC", "DESC", "EXCLUDES", "FIRST", "FROM", "GROUP", "HAVING", "IN", "INCLUDES", "LAST", "LIKE",
    "LIMIT", "NOT", "NULL", "NULLS", "OR", "SELECT", "USING", "WHERE", "WITH",
))
# fmt: on
_NO_ALIAS = RESERVED | {"ALL", "FALSE", "FOR", "OFFSET", "ORDER", "TRUE", "UPDATE"}
_TOKEN = re.compile(
    r"""(?P<string>'(?:[^'\\]|\\.)*')
      | (?P<datetime>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?
          (?:Z|[+-][0-9]{2}:?[0-9]{2}))
      | (?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})
      | (?P<number>[+-]?[0-9]{1,18}(?:\.[0-9]{1,18})?)
      | (?P<word>[A-Za-z][A-Za-z0-9_]*)
      | (?P<sign><=|>=|!=|<>|[=<>(),.:])""",
    re.VERBOSE | re.DOTALL,
)
_SPACE = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: TokenKind
    text: str
    at: int


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while True:
        space = _SPACE.match(text, at)
        at = space.end() if space else at
        if at == len(text):
            return [*found, _Token(TokenKind.END, "<EOF>", at)]
        match = _TOKEN.match(text, at)
        if match is None:
            refuse(text, at, "MALFORMED_QUERY", f"unexpected token: '{text[at]}'")
        found.append(_Token(TokenKind(str(match.lastgroup)), match.group(), at))
        at = match.end()


@lru_cache(maxsize=1024)
def parse(text: str) -> Query:
    """The tree of one query. Raises SoqlError."""
    if len(text) > MAX_LENGTH:
        refuse(text, 0, "MALFORMED_QUERY", f"SOQL statements cannot be longer than {MAX_LENGTH} characters.")
    parser = _Parser(text)
    query = parser.query()
    if parser.here.kind is not TokenKind.END:
        parser.unexpected()
    return query


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.index = 0
        self.depth = 0

    @property
    def here(self) -> _Token:
        return self.tokens[self.index]

    @property
    def following(self) -> _Token:
        return self.tokens[min(self.index + 1, len(self.tokens) - 1)]

    def unexpected(self) -> NoReturn:
        refuse(self.text, self.here.at, "MALFORMED_QUERY", f"unexpected token: '{self.here.text}'")

    def take(self) -> _Token:
        token = self.here
        self.index += 1
        return token

    def is_word(self, *words: str) -> bool:
        return self.here.kind is TokenKind.WORD and self.here.text.upper() in words

    def skip_word(self, *words: str) -> bool:
        found = self.is_word(*words)
        self.index += found
        return found

    def skip_sign(self, sign: str) -> bool:
        found = self.here.kind is TokenKind.SIGN and self.here.text == sign
        self.index += found
        return found

    def expect_word(self, word: str) -> None:
        if not self.skip_word(word):
            self.unexpected()

    def expect_sign(self, sign: str) -> None:
        if not self.skip_sign(sign):
            self.unexpected()

    def name(self) -> _Token:
        if self.here.kind is not TokenKind.WORD or self.here.text.upper() in RESERVED:
            self.unexpected()
        return self.take()

    def alias(self) -> str | None:
        if self.here.kind is not TokenKind.WORD or self.here.text.upper() in _NO_ALIAS:
            return None
        return self.take().text

    def whole_number(self) -> int:
        if self.here.kind is not TokenKind.NUMBER or not self.here.text.isdigit():
            self.unexpected()
        return int(self.take().text)

    def query(self) -> Query:
        self.expect_word("SELECT")
        counts_rows = self.count_all()
        selected = () if counts_rows else self.listed(self.item)
        items = tuple(one for one in selected if isinstance(one, Item))
        children = tuple(one for one in selected if isinstance(one, Query))
        self.expect_word("FROM")
        table = self.name()
        alias = self.alias()
        where = self.condition(aggregates=False) if self.skip_word("WHERE") else None
        groups: tuple[Path | DateCall, ...] = ()
        having: Condition | None = None
        if not counts_rows and self.skip_word("GROUP"):
            self.expect_word("BY")
            groups = self.listed(self.value)
            having = self.condition(aggregates=True) if self.skip_word("HAVING") else None
        orders: tuple[Order, ...] = ()
        if self.skip_word("ORDER"):
            self.expect_word("BY")
            orders = self.listed(self.order)
        limit = self.whole_number() if self.skip_word("LIMIT") else None
        offset = self.whole_number() if self.skip_word("OFFSET") else 0
        if self.skip_word("FOR") and not self.skip_word("VIEW", "REFERENCE"):
            self.unexpected()
        return Query(
            self.text,
            counts_rows,
            items,
            table.text,
            table.at,
            alias,
            where,
            groups,
            having,
            orders,
            limit,
            offset,
            children,
        )

    def listed(self, one: Callable[[], T]) -> tuple[T, ...]:
        found = [one()]
        while self.skip_sign(","):
            found.append(one())
        return tuple(found)

    def count_all(self) -> bool:
        signs = [token.text for token in self.tokens[self.index + 1 : self.index + 3]]
        found = self.is_word("COUNT") and signs == ["(", ")"]
        self.index += 3 * found
        return found

    def item(self) -> "Item | Query":
        if self.here.text != "(" or self.depth:
            return Item(self.expression(), self.alias())
        self.take()
        self.depth += 1
        child = self.query()
        self.depth -= 1
        self.expect_sign(")")
        return child

    def order(self) -> Order:
        expression = self.expression()
        descending = self.skip_word("DESC")
        if not descending:
            self.skip_word("ASC")
        nulls_last = False
        if self.skip_word("NULLS"):
            if not self.is_word("FIRST", "LAST"):
                self.unexpected()
            nulls_last = self.take().text.upper() == "LAST"
        return Order(expression, descending, nulls_last)

    def expression(self) -> Expression:
        if self.following.text != "(" or not self.is_word(*FUNCTIONS):
            return self.value()
        return Call(*self.called())

    def value(self) -> Path | DateCall:
        if self.following.text != "(" or not self.is_word(*DATE_FUNCTIONS):
            return self.path()
        return DateCall(*self.called())

    def called(self) -> tuple[str, Path, int]:
        function = self.take()
        self.expect_sign("(")
        path = self.path()
        self.expect_sign(")")
        return function.text.upper(), path, function.at

    def path(self) -> Path:
        first = self.name()
        names = [first.text]
        while self.skip_sign("."):
            names.append(self.name().text)
        return Path(tuple(names), first.at)

    def condition(self, aggregates: bool) -> Condition:
        if self.skip_word("NOT"):
            return Not(self.simple(aggregates))
        parts = [self.simple(aggregates)]
        joint = self.here.text.upper() if self.is_word("AND", "OR") else ""
        while joint and self.skip_word(joint):
            parts.append(self.simple(aggregates))
        # Salesforce wants parentheses where AND, OR and NOT meet.
        if self.is_word("AND", "OR"):
            self.unexpected()
        if len(parts) == 1:
            return parts[0]
        return AllOf(tuple(parts)) if joint == "AND" else AnyOf(tuple(parts))

    def simple(self, aggregates: bool) -> Condition:
        if self.here.text != "(" or self.depth == MAX_DEPTH:
            return self.comparison(aggregates)
        self.take()
        self.depth += 1
        inside = self.condition(aggregates)
        self.expect_sign(")")
        self.depth -= 1
        return inside

    def comparison(self, aggregates: bool) -> Condition:
        left = self.expression() if aggregates else self.value()
        if self.is_word("IN", "NOT"):
            negated = self.skip_word("NOT")
            self.expect_word("IN")
            return self.among(left, negated)
        if self.skip_word("LIKE"):
            return Compare(left, "LIKE", self.literal())
        if self.here.kind is not TokenKind.SIGN or self.here.text not in (
            "=",
            "!=",
            "<>",
            "<",
            "<=",
            ">",
            ">=",
        ):
            self.unexpected()
        operator = self.take().text
        return Compare(left, "!=" if operator == "<>" else operator, self.literal())

    def among(self, left: Expression, negated: bool) -> Condition:
        self.expect_sign("(")
        if self.is_word("SELECT"):
            if self.depth == MAX_DEPTH:
                self.unexpected()
            self.depth += 1
            found: Condition = Joined(left, negated, self.query())
            self.depth -= 1
        else:
            found = Among(left, negated, self.listed(self.literal))
        self.expect_sign(")")
        return found

    def literal(self) -> Literal:
        token = self.here
        word = token.text.upper()
        if token.kind in (TokenKind.STRING, TokenKind.NUMBER, TokenKind.DATETIME, TokenKind.DATE):
            if token.kind is TokenKind.STRING and len(token.text) - 2 > MAX_STRING:
                message = f"string literal is longer than {MAX_STRING} characters"
                refuse(self.text, token.at, "MALFORMED_QUERY", message)
            self.take()
            return Literal(token.kind, token.text, token.at)
        if self.is_word("TRUE", "FALSE"):
            self.take()
            return Literal(TokenKind.BOOLEAN, word, token.at)
        if self.skip_word("NULL"):
            return Literal(TokenKind.NULL, word, token.at)
        if self.skip_word(*DATE_WORDS):
            return Literal(TokenKind.DAY, word, token.at)
        if not self.skip_word(*DATE_COUNTS):
            self.unexpected()
        self.expect_sign(":")
        return Literal(TokenKind.DAY, word, token.at, self.whole_number())
