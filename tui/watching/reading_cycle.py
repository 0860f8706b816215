"""One reading of one org: fast first, the tenant and the console beside it, deeper where the diagnosis asks."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from tui.base.limits import WINDOW_MOST
from tui.connections.audit_policy import audit_since, deep_needed, may_have_missed_change, never_readable
from tui.connections.evidence import ConsoleWord, Evidence, FileEvents, Read, Unreadable
from tui.connections.finding import Diagnosis
from tui.diagnosis.diagnose import diagnose
from tui.watching import schedule
from tui.watching.clients import Clients, OrgReading, TenantReading
from tui.watching.evidence_parts import completed, doubts, steadied
from tui.watching.state_store import StateStore
from tui.watching.watched_connection import WatchedConnection, read_ids

EVENTS_BACK = WINDOW_MOST
"""How far back file events are looked for: the longest time for which a sign of life counts."""

BEFORE_OUTAGE = timedelta(hours=1)

NOT_ASKED = Unreadable("not asked yet: the tenant's limit a minute is reached", "It is asked within minutes.")

Extras = tuple[Read[FileEvents] | Unreadable | None, Read[ConsoleWord] | Unreadable | None]

log = logging.getLogger(__name__)


class ReadingCycle:
    """Gathers evidence and diagnosis for connections of one org."""

    def __init__(self, store: StateStore, clients: Clients, tenants: Mapping[str, TenantReading]) -> None:
        self._store = store
        self._clients = clients
        self._tenants = tenants

    async def evidence(
        self, reader: OrgReading, connections: list[WatchedConnection]
    ) -> dict[str, tuple[Evidence, Diagnosis]]:
        """Evidence and diagnosis by connection name, after one reading or two."""
        now = self._store.clock.now()
        intervals = self._store.config.app.intervals
        # A tenant may have turns for some of them only: those with an outage first, then who waits longest.
        by_urgency = sorted(connections, key=_urgency)
        read, extras = await asyncio.gather(
            reader.read([t.connection for t in connections]),
            asyncio.gather(*(self._asked(t, now) for t in by_urgency)),
        )
        asked = {t.name: found for t, found in zip(by_urgency, extras, strict=True)}
        for watched in connections:
            watched.subject = read_ids(watched.connection, read[watched.name]) or watched.subject
        self._store.share(connections)
        found: dict[str, tuple[Evidence, Diagnosis]] = {}
        deep: dict[str, datetime] = {}
        for watched in connections:
            events, console = asked[watched.name]
            evidence = replace(self._steadied(watched, read[watched.name]), events=events, console=console)
            whole, diagnosis = found[watched.name] = self._diagnosed(watched, evidence)
            gap = watched.last_try is None or schedule.gap(watched.state, now, intervals)
            if (
                never_readable(whole)
                and not diagnosis.findings
                and not may_have_missed_change(watched.state, whole, diagnosis, gap)
            ):
                # Nothing can have come and gone: the trail that is out of reach was not needed.
                whole = replace(whole, audit=None)
                found[watched.name] = whole, diagnosis
            if deep_needed(watched.state, whole, diagnosis, gap):
                deep[watched.name] = audit_since(watched.state, diagnosis, whole.org_now)
        if deep:
            again = [t for t in connections if t.name in deep]
            before = {name: evidence for name, (evidence, _) in found.items()}
            deepened = await reader.deepen([t.connection for t in again], before, deep)
            found |= {t.name: self._diagnosed(t, deepened[t.name]) for t in again}
        return found

    def _steadied(self, watched: WatchedConnection, evidence: Evidence) -> Evidence:
        now = self._store.clock.now()
        if not doubts(evidence, watched.state):
            watched.clock_doubted_since = None
        elif watched.clock_doubted_since is None:
            watched.clock_doubted_since = now
            log.warning("the clock of the org of %s jumped to %s", watched.name, evidence.org_now)
        return steadied(evidence, watched.state, now - (watched.clock_doubted_since or now))

    def _diagnosed(self, watched: WatchedConnection, evidence: Evidence) -> tuple[Evidence, Diagnosis]:
        whole = completed(evidence, watched.state, watched.connection)
        org = self._store.config.orgs[watched.connection.org]
        return whole, diagnose(watched.connection, whole, self._store.required, org)

    async def _asked(self, watched: WatchedConnection, now: datetime) -> Extras:
        try:
            return await self._extras(watched, now)
        except Exception as error:
            # A fault at the tenant's side must not hide what the org says of the others.
            log.error("asking about %s: internal fault", watched.name, exc_info=error)
            fault = Unreadable(f"internal fault in this program ({type(error).__name__})")
            return (fault if watched.connection.tenant else None), None

    async def _extras(self, watched: WatchedConnection, now: datetime) -> Extras:
        connection = watched.connection
        tenant = self._tenants.get(connection.tenant or "")
        if not schedule.extras_due(watched.state, watched.extras_at, now):
            return None, None
        asked_before, watched.extras_at, watched.tenant_postponed = watched.extras_at, now, False
        outage = watched.state.recovering if watched.state is not None else None
        since = outage.began - BEFORE_OUTAGE if outage is not None else now - EVENTS_BACK
        events = await tenant.read(connection, since) if tenant is not None else None
        if tenant is not None and events is None:
            watched.extras_at, watched.tenant_postponed = asked_before, True
            if watched.state is None or watched.state.evidence.events is None:
                events = NOT_ASKED
        argv = connection.status_command
        return events, await self._clients.console(argv) if argv else None


def _urgency(watched: WatchedConnection) -> tuple[bool, bool, float]:
    quiet = watched.state is not None and watched.state.recovering is None
    return quiet, watched.extras_at is not None, watched.extras_at.timestamp() if watched.extras_at else 0.0
