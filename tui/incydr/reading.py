"""Reads the file events of a connection: the strongest proof that Incydr is watching."""

from datetime import datetime

from tui.base.clock import Clock
from tui.base.problem import Problem
from tui.connections.connection import Connection, Tenant
from tui.connections.evidence import FileEvents, Read, Unreadable
from tui.incydr import wire
from tui.incydr.limiter import PutOff
from tui.incydr.session import Resolve, Session
from tui.net import Net


class TenantReader:
    """Reads one tenant; `resolve` reads its secrets."""

    def __init__(self, tenant: Tenant, net: Net, clock: Clock, *, resolve: Resolve | None = None) -> None:
        if resolve is None:
            from tui.config import resolve as configured

            resolve = configured
        self._session = Session(tenant, net, clock, resolve)
        self._clock = clock

    @property
    def retry_at(self) -> datetime | None:
        """Before then (this machine's clock) the tenant does not want to be asked."""
        return self._session.retry_at

    async def read(self, connection: Connection, since: datetime) -> Read[FileEvents] | Unreadable | None:
        """The events stored since `since`; the newest by when they happened. Never raises for outside trouble.

        None, at once, where the tenant's limit is reached: ask again in a minute.
        """
        try:
            answer = await self._session.post("/v2/file-events", wire.search(connection.detector_name, since))
            found = wire.decode(answer.body, wire.FileEventsAnswer, "File events")
            happened = [wire.moment(e.happened, "File events @timestamp") for e in found.fileEvents]
            inserted = [wire.moment(e.event.inserted, "File events event.inserted") for e in found.fileEvents]
        except PutOff:
            return None
        except Problem as problem:
            return Unreadable(f"{problem.title}: {problem.message}", problem.next_step)
        events = FileEvents(
            newest=max((at for at in happened if at), default=None),
            newest_inserted=max((at for at in inserted if at), default=None),
            count=max(found.totalCount, len(found.fileEvents)),
        )
        return Read(events, answer.date or self._clock.now())
