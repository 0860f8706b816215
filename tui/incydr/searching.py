"""One search of a tenant's Salesforce events: its pages followed, each event read by itself."""

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from tui.base.clock import Clock
from tui.base.limits import ACROSS_VENDORS
from tui.base.problem import Problem
from tui.incydr import wire
from tui.incydr.session import Session

PATH = "/v2/file-events"
SOURCE = "File events"
MOST_PAGES = 10
"""Pages of one search: a twelfth of the requests that a tenant allows a minute."""


class Event(Struct, frozen=True):
    """One Salesforce event: when it happened (`@timestamp`), when it was stored, whom it names ("": nobody)."""

    happened: datetime
    inserted: datetime | None
    name: str


class Found(Struct, frozen=True):
    """The events of a search, newest stored first; `at` is the tenant's clock at the first page."""

    events: tuple[Event, ...]
    total: int
    at: datetime
    unread_before: datetime | None = None
    """Pages were cut short: what was stored before this was not read."""

    def newest(self, counts: Callable[[Event], bool]) -> datetime | None:
        """When the newest of the events that count happened."""
        return max((e.happened for e in self.events if counts(e)), default=None)

    @property
    def names(self) -> set[str]:
        """The connections that these events name."""
        return {e.name for e in self.events if e.name}


async def search(
    session: Session,
    clock: Clock,
    since: datetime,
    detector_name: str | None = None,
    *,
    enough: Callable[[Event], bool] | None = None,
) -> Found:
    """The events stored since `since`, page after page, `MOST_PAGES` at most. Raises Problem, PutOff.

    `enough`: only the newest of such events matters. An event is stored after it happened, so the pages end
    where all that follow were stored before that one happened.
    """
    body = wire.search(since, detector_name)
    events: list[Event] = []
    odd: list[str] = []
    seen, total, at, cut = 0, 0, clock.now(), True
    rows: list[object] = []
    token: str | None = None
    for number in range(1, MOST_PAGES + 1):
        # A token where the tenant pages by tokens; else the number, which serves any order.
        answer = await session.post(PATH, {**body, **({"pgToken": token} if token else {"pgNum": number})})
        page = _page(wire.decode(answer.body, wire.FileEventsAnswer, SOURCE))
        before, rows, token = rows, page.fileEvents or [], page.nextPgToken
        if number == 1:
            at, total = answer.date or at, page.totalCount or 0
        elif rows and rows == before:
            break
        seen += len(rows)
        for row in rows:
            _take(row, at, events, odd)
        if not rows or not (token or len(rows) >= wire.PAGE or seen < total):
            cut = seen < total
            break
        if enough is not None and _settled(events, enough):
            cut = False
            break
    if odd and not events:
        raise wire.shape(SOURCE, odd[0])
    if total and not seen:
        raise wire.shape(SOURCE, f"it counts {total:,} and lists none")
    oldest = min((e.inserted for e in events if e.inserted is not None), default=at)
    return Found(tuple(events), max(total, seen), at, oldest if cut else None)


def _page(page: wire.FileEventsAnswer) -> wire.FileEventsAnswer:
    """The page, unless it is an error that came with status 200. Raises Problem."""
    if page.problems:
        told = " ".join(problem.description for problem in page.problems if problem.description)
        raise Problem(
            "The tenant refused the search",
            f"{SOURCE}: {told or 'it names no reason'}",
            "Check detector_name; if it stays, this tenant's API differs from what this program knows.",
        )
    if page.fileEvents is None and page.totalCount != 0:
        raise wire.shape(SOURCE, "expected a list of events, found none")
    return page


def _take(row: object, at: datetime, events: list[Event], odd: list[str]) -> None:
    """Read one event; one that cannot be read, or cannot have happened, proves nothing."""
    try:
        read = wire.convert(row, wire.FileEvent, SOURCE)
        part = read.event or wire.EventPart()
        happened = wire.moment(read.happened, "@timestamp")
        inserted = wire.moment(part.inserted, "event.inserted")
    except Problem as problem:
        odd.append(problem.message.removeprefix(f"{SOURCE}: ").rstrip("."))
        return
    if happened is None:
        odd.append("an event without @timestamp")
    elif happened - at > ACROSS_VENDORS:
        odd.append(f"an event from the future: {happened:%Y-%m-%d %H:%M} UTC")
    elif part.observer in (None, wire.OBSERVER):
        events.append(Event(happened, inserted, part.detectorDisplayName or ""))


def _settled(events: list[Event], enough: Callable[[Event], bool]) -> bool:
    newest = max((e.happened for e in events if enough(e)), default=None)
    stored = [e.inserted for e in events if e.inserted is not None]
    return newest is not None and len(stored) == len(events) and min(stored) <= newest
