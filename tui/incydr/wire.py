"""Incydr's answers in Incydr's spelling, and the body of a search (private to this room and onboarding)."""

from datetime import UTC, datetime
from typing import TypeVar

import msgspec
from msgspec import Struct, field

from tui.base.problem import Problem
from tui.base.text import clean, decode_json
from tui.net import BAD_DATA

T = TypeVar("T")
YEARS = range(1970, 2200)
"""Years in which a file event can have happened (our choice): a moment in them can be reckoned with."""
PAGE = 100
"""Events a page of a search."""
OBSERVER = "Salesforce"


class TokenAnswer(Struct, frozen=True):
    access_token: str
    expires_in: float = 900.0


class EventPart(Struct, frozen=True):
    inserted: str | None = None
    observer: str | None = None
    detectorDisplayName: str | None = None


class FileEvent(Struct, frozen=True):
    happened: str | None = field(name="@timestamp", default=None)
    event: EventPart | None = None


class BadFilter(Struct, frozen=True):
    description: str | None = None


class FileEventsAnswer(Struct, frozen=True):
    """A page; its events are converted one by one, so that an odd one spoils only itself."""

    fileEvents: list[object] | None = None
    totalCount: int | None = None
    nextPgToken: str | None = None
    problems: list[BadFilter] | None = None


class Group(Struct, frozen=True):
    value: str | None = None
    docCount: int = 0


class GroupingAnswer(Struct, frozen=True):
    groups: list[Group] | None = None


class Refusal(Struct, frozen=True):
    """The error body of a search: which filter was bad."""

    problems: list[BadFilter] | None = None


class ConsoleAnswer(Struct, frozen=True):
    """What a `status_command` prints."""

    status: str
    error: str | None = None


DETECTOR = "event.detectorDisplayName"
OBSERVED = "event.observer"
Filter = tuple[str, str, str]
"""A term, an operator and a value."""


def filters(*more: Filter) -> dict[str, object]:
    """The filters of a query for Salesforce events."""
    # inferred: event_query_terms - the terms are documented, their composition in one query is not.
    return any_events((OBSERVED, "IS", OBSERVER), *more)


def stored_since(since: datetime) -> Filter:
    return ("event.inserted", "ON_OR_AFTER", since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


def any_events(*terms: Filter) -> dict[str, object]:
    """The filters of a query for events of any observer."""
    listed = [{"term": term, "operator": operator, "value": value} for term, operator, value in terms]
    return {"groups": [{"filterClause": "AND", "filters": listed}], "groupClause": "AND"}


def search(since: datetime, detector_name: str | None = None) -> dict[str, object]:
    """Salesforce events stored since `since`, newest stored first; of all connections where no name is given.

    Which page is left to the caller: `pgNum` from 1, or `pgToken`.
    """
    named = () if detector_name is None else ((DETECTOR, "IS", detector_name),)
    return {
        **filters(*named, stored_since(since)),
        "pgSize": PAGE,
        "srtDir": "desc",
        "srtKey": "event.inserted",
    }


def decode(body: bytes, kind: type[T], source: str) -> T:
    """`body` as a cleaned `kind`. Raises Problem naming the source, the field and what was expected."""
    try:
        return decode_json(body, kind)
    except BAD_DATA as error:
        raise shape(source, str(error)) from None


def convert(tree: object, kind: type[T], source: str) -> T:
    """A part of a cleaned answer as `kind`. Raises Problem."""
    try:
        return msgspec.convert(tree, kind)
    except BAD_DATA as error:
        raise shape(source, str(error)) from None


def moment(text: str | None, source: str) -> datetime | None:
    """An ISO time with its zone, in UTC; digits after microseconds are cut. Raises Problem."""
    if text is None:
        return None
    try:
        when = datetime.fromisoformat(text)
        if when.tzinfo is not None and when.year in YEARS:
            return when.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise shape(source, f"expected a time with its zone, found {text[:40]!r}")


def shape(source: str, what: str) -> Problem:
    """An answer that is not shaped as documented: neither yes nor no."""
    problem = Problem(
        "Unexpected answer",
        f"{source}: {clean(what, 300)}.",
        "The next reading tries again; if it stays, this tenant's API differs from what this program knows.",
    )
    problem.no_answer = True
    return problem
