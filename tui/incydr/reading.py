"""Reads the file events of a connection: the strongest proof that Incydr is watching."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from tui.base.clock import Clock
from tui.base.limits import ACROSS_VENDORS, EVENT_LATENESS
from tui.base.problem import Problem
from tui.base.text import clean
from tui.connections.connection import Connection, Tenant
from tui.connections.evidence import FileEvents, Read, Unreadable
from tui.incydr import wire
from tui.incydr.session import LimitReached, Resolve, Session
from tui.net import Net

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
    pages: int = MOST_PAGES,
) -> Found:
    """The events stored since `since`, page after page, `pages` at most. Raises Problem, LimitReached.

    `enough`: only the newest of such events matters. An event is stored after it happened, so the pages end
    where all that follow were stored before that one happened.
    """
    body = wire.search(since, detector_name)
    events: list[Event] = []
    odd: list[str] = []
    seen, total, at, cut = 0, 0, clock.now(), True
    rows: list[object] = []
    token: str | None = None
    for number in range(1, pages + 1):
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


async def grouped(session: Session, term: str, body: Mapping[str, object]) -> dict[str, int]:
    """How many events have each value of `term`: those without one are in no group. Raises Problem, LimitReached."""
    answer = await session.post(f"{PATH}/grouping", {"groupingTerm": term, **body})
    groups = wire.decode(answer.body, wire.GroupingAnswer, SOURCE).groups or []
    return {group.value: group.docCount for group in groups if group.value}


def _page(page: wire.FileEventsAnswer) -> wire.FileEventsAnswer:
    """The page, unless it is an error that came with status 200. Raises Problem."""
    if page.problems:
        reasons = " ".join(problem.description for problem in page.problems if problem.description)
        raise Problem(
            "The tenant refused the search",
            f"{SOURCE}: {reasons or 'it names no reason'}",
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


NAMES_BACK = timedelta(days=7)
"""How far back it is looked which connections the tenant's events name."""
AGAIN = timedelta(minutes=15)
"""How long what was seen of all connections serves each of them, where nothing rests on it."""
MOST_NAMES = 20


class TenantReader:
    """Reads one tenant; `resolve` reads its secrets."""

    def __init__(self, tenant: Tenant, net: Net, clock: Clock, *, resolve: Resolve | None = None) -> None:
        if resolve is None:
            from tui.config import resolve as configured

            resolve = configured
        self._session = Session(tenant, net, clock, resolve)
        self._clock = clock
        self._observing = asyncio.Lock()
        self._observed: Found | None = None
        self._observed_at: datetime | None = None
        self._named: dict[str, datetime] = {}

    @property
    def retry_at(self) -> datetime | None:
        """Before then (this machine's clock) the tenant does not want to be asked."""
        return self._session.retry_at

    async def read(self, connection: Connection, since: datetime) -> Read[FileEvents] | Unreadable | None:
        """The events stored since `since`; the newest by when they happened. Never raises for outside trouble.

        None, at once, where the tenant's limit is reached: ask again in a minute.
        """
        try:
            return await self._read(connection, since)
        except LimitReached:
            return None
        except Problem as problem:
            return Unreadable(f"{problem.title}: {problem.message}", problem.next_step)

    async def _read(self, connection: Connection, since: datetime) -> Read[FileEvents]:
        name = clean(connection.detector_name)

        def own(event: Event) -> bool:
            # A tenant that overlooks a filter must not lend us the events of another connection.
            return event.name == name

        named = await search(self._session, self._clock, since, connection.detector_name, enough=own)
        self._note(named)
        everything: Found | None = None
        if connection.only_connection:
            everything = await self._everything(since)
        elif (last := named.newest(own)) is None or named.at - last > EVENT_LATENESS:
            everything = await self._all_newest(since)
        others = self._others(name)
        counts_unnamed = connection.only_connection and not others
        counting = [(named, own)]
        if counts_unnamed and everything is not None:
            counting.append((everything, unnamed))
        taken = [event for found, counts in counting for event in found.events if counts(event)]
        newest = max((event.happened for event in taken), default=None)
        cuts = [found.unread_before for found, _ in counting if found.unread_before is not None]
        events = FileEvents(
            newest=newest,
            newest_inserted=max((e.inserted for e in taken if e.inserted is not None), default=None),
            count=max(len(taken), named.total if named.newest(own) is not None else 0),
            detector_name=name,
            unnamed=everything.newest(unnamed) if everything is not None else None,
            counts_unnamed=counts_unnamed,
            others=others,
            unread_before=max((cut for cut in cuts if newest is None or cut > newest), default=None),
        )
        return Read(events, named.at)

    async def _all_newest(self, since: datetime) -> Found | None:
        """What all connections sent, for show: read once for all of them; None where it is not known."""
        async with self._observing:
            now = self._clock.now()
            if self._observed_at is None or not timedelta(0) <= now - self._observed_at < AGAIN:
                self._observed_at, self._observed = now, None
                try:
                    self._observed = await self._everything(since, newest_only=True)
                except (Problem, LimitReached):
                    # What counts for the connection is known already.
                    return None
            return self._observed

    async def _everything(self, since: datetime, *, newest_only: bool = False) -> Found:
        """The Salesforce events of all connections, and of none. Raises Problem, LimitReached."""
        back = min(since, self._clock.now() - NAMES_BACK)
        found = await search(self._session, self._clock, back, enough=unnamed if newest_only else None)
        self._note(found)
        return found

    def _note(self, found: Found) -> None:
        self._named |= dict.fromkeys(found.names, self._clock.now())

    def _others(self, own: str) -> tuple[str, ...]:
        """The names that events carried within the last days, but this connection's."""
        oldest = self._clock.now() - NAMES_BACK
        self._named = {name: at for name, at in self._named.items() if at >= oldest}
        return tuple(sorted(name for name in self._named if name != own)[:MOST_NAMES])


def unnamed(event: Event) -> bool:
    """Whether the event names no connection."""
    return not event.name
