"""What was typed into the filter, as a question to each connection. Pure."""

from msgspec import Struct

from tui.connections.connection import Connection
from tui.connections.state import State

FIELDS = ("status", "name", "org", "user", "cause")
"""What `field:word` may ask for."""


class Term(Struct, frozen=True):
    """One word: it must be there, or with `without` must not; `field` empty: wherever one looks first."""

    word: str
    field: str = ""
    without: bool = False


def terms(typed: str) -> tuple[Term, ...]:
    """The words of the filter. What is still being typed (`!`, `status:`) asks for nothing yet."""
    found = []
    for part in typed.casefold().split():
        without = part.startswith("!")
        word = part.removeprefix("!")
        field, colon, rest = word.partition(":")
        if not colon or field not in FIELDS:
            field, rest = "", word
        if rest:
            found.append(Term(rest, field, without))
    return tuple(found)


def matches(connection: Connection, state: State | None, wanted: tuple[Term, ...]) -> bool:
    """Every term holds."""
    if not wanted:
        return True
    texts = _texts(connection, state)
    return all(_within(term, texts) is not term.without for term in wanted)


def _texts(connection: Connection, state: State | None) -> dict[str, str]:
    status, cause = "unread", ""
    if state is not None:
        status = f"overdue {state.status.value}" if state.overdue else state.status.value
        cause = " ".join(f"{finding.cause} {finding.title}" for finding in state.diagnosis.findings)
    texts = {
        "status": status,
        "name": connection.name,
        "org": connection.org,
        "user": connection.service_account,
        "cause": cause,
    }
    return {field: text.casefold() for field, text in texts.items()}


def _within(term: Term, texts: dict[str, str]) -> bool:
    if term.field:
        return term.word in texts[term.field]
    return any(term.word in text for field, text in texts.items() if field != "cause")
