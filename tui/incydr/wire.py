"""Incydr's answers in Incydr's spelling, and the body of the one search that is sent (private to this room)."""

from datetime import UTC, datetime
from typing import TypeVar

import msgspec
from msgspec import Struct, field

from tui.base.problem import Problem
from tui.base.text import clean, clean_json

T = TypeVar("T")
PAGE = 100


class TokenAnswer(Struct, frozen=True):
    access_token: str
    expires_in: float = 900.0


class EventPart(Struct, frozen=True):
    inserted: str | None = None


class FileEvent(Struct, frozen=True):
    happened: str | None = field(name="@timestamp", default=None)
    event: EventPart = EventPart()


class BadFilter(Struct, frozen=True):
    description: str | None = None


class FileEventsAnswer(Struct, frozen=True):
    fileEvents: list[FileEvent]
    totalCount: int = 0


class Refusal(Struct, frozen=True):
    """The error body of a search: which filter was bad."""

    problems: list[BadFilter] | None = None


class ConsoleAnswer(Struct, frozen=True):
    """What a `status_command` prints."""

    status: str
    error: str | None = None


def search(detector_name: str, since: datetime) -> dict[str, object]:
    """A page of the file events of one Salesforce connection stored since `since`, newest first (inferred)."""

    def term(name: str, operator: str, value: str) -> dict[str, str]:
        return {"term": name, "operator": operator, "value": value}

    return {
        "groups": [
            {
                "filterClause": "AND",
                "filters": [
                    term("event.observer", "IS", "Salesforce"),
                    term("event.detectorDisplayName", "IS", detector_name),
                    term(
                        "event.inserted",
                        "ON_OR_AFTER",
                        since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                    ),
                ],
            }
        ],
        "groupClause": "AND",
        "pgNum": 1,
        "pgSize": PAGE,
        "srtDir": "desc",
        "srtKey": "event.inserted",
    }


def decode(body: bytes, kind: type[T], source: str) -> T:
    """`body` as a cleaned `kind`. Raises Problem naming the source, the field and what was expected."""
    try:
        return msgspec.convert(clean_json(body), kind)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise shape(source, str(error)) from None


def moment(text: str | None, source: str) -> datetime | None:
    """An ISO time with its zone, in UTC. Raises Problem."""
    if text is None:
        return None
    try:
        when = datetime.fromisoformat(text)
        if when.tzinfo is not None:
            return when.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise shape(source, f"expected a time with its zone, found {text[:40]!r}")


def shape(source: str, what: str) -> Problem:
    return Problem(
        "Unexpected answer",
        f"{source}: {clean(what, 300)}.",
        "The next reading tries again; if it stays, this tenant's API differs from what this program knows.",
    )
