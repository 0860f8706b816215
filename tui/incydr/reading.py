"""Reads the file events of a connection: the strongest proof that Incydr is watching."""

import asyncio
from datetime import datetime, timedelta

from tui.base.clock import Clock
from tui.base.limits import EVENT_LATENESS
from tui.base.problem import Problem
from tui.base.text import clean
from tui.connections.connection import Connection, Tenant
from tui.connections.evidence import FileEvents, Read, Unreadable
from tui.incydr.limiter import PutOff
from tui.incydr.searching import Event, Found, search
from tui.incydr.session import Resolve, Session
from tui.net import Net

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
        except PutOff:
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
            everything = await self._glance(since)
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

    async def _glance(self, since: datetime) -> Found | None:
        """What all connections sent, for show: read once for all of them; None where it cannot be told."""
        async with self._observing:
            now = self._clock.now()
            if self._observed_at is None or not timedelta(0) <= now - self._observed_at < AGAIN:
                self._observed_at, self._observed = now, None
                try:
                    self._observed = await self._everything(since, newest_only=True)
                except (Problem, PutOff):
                    # What counts for the connection is known already.
                    return None
            return self._observed

    async def _everything(self, since: datetime, *, newest_only: bool = False) -> Found:
        """The Salesforce events of all connections, and of none. Raises Problem, PutOff."""
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
