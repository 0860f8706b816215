"""One reading of one org: fast first, the tenant and the console beside it, deeper where the diagnosis asks."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from tui.base.limits import WINDOW_MOST
from tui.connections.deepening import audit_since, deep_needed, never_readable, unseen
from tui.connections.evidence import ConsoleWord, Evidence, FileEvents, Read, Unreadable
from tui.connections.finding import Diagnosis
from tui.diagnosis.diagnose import diagnose
from tui.watching import schedule
from tui.watching.evidence_parts import completed, doubts, steadied
from tui.watching.rooms import OrgReading, Rooms, TenantReading
from tui.watching.sharing import read_ids
from tui.watching.tracking import Desk, Track

EVENTS_BACK = WINDOW_MOST
"""How far back file events are looked for: the longest time for which a sign of life counts."""

BEFORE_OUTAGE = timedelta(hours=1)

NOT_ASKED = Unreadable("not asked yet: the tenant's limit a minute is reached", "It is asked within minutes.")

Extras = tuple[Read[FileEvents] | Unreadable | None, Read[ConsoleWord] | Unreadable | None]

log = logging.getLogger(__name__)


class Round:
    """Gathers evidence and diagnosis for connections of one org."""

    def __init__(self, desk: Desk, rooms: Rooms, tenants: Mapping[str, TenantReading]) -> None:
        self._desk = desk
        self._rooms = rooms
        self._tenants = tenants

    async def evidence(
        self, reader: OrgReading, tracks: list[Track]
    ) -> dict[str, tuple[Evidence, Diagnosis]]:
        """Evidence and diagnosis by connection name, after one reading or two."""
        now = self._desk.clock.now()
        intervals = self._desk.config.app.intervals
        read = await reader.read([t.connection for t in tracks])
        for track in tracks:
            track.subject = read_ids(track.connection, read[track.name]) or track.subject
        self._desk.share()
        async with asyncio.TaskGroup() as group:
            # A tenant may have turns for some of them only: those with an outage first, then who waits longest.
            asked = {t.name: group.create_task(self._asked(t, now)) for t in sorted(tracks, key=_urgency)}
        found: dict[str, tuple[Evidence, Diagnosis]] = {}
        deep: dict[str, datetime] = {}
        for track in tracks:
            events, console = asked[track.name].result()
            evidence = replace(self._steadied(track, read[track.name]), events=events, console=console)
            whole, diagnosis = found[track.name] = self._diagnosed(track, evidence)
            gap = track.last_try is None or schedule.gap(track.state, now, intervals)
            if (
                never_readable(whole)
                and not diagnosis.findings
                and not unseen(track.state, whole, diagnosis, gap)
            ):
                # Nothing can have come and gone: the trail that is out of reach was not needed.
                whole = replace(whole, audit=None)
                found[track.name] = whole, diagnosis
            if deep_needed(track.state, whole, diagnosis, gap):
                deep[track.name] = audit_since(track.state, diagnosis, whole.org_now)
        if deep:
            again = [t for t in tracks if t.name in deep]
            before = {name: evidence for name, (evidence, _) in found.items()}
            deepened = await reader.deepen([t.connection for t in again], before, deep)
            found |= {t.name: self._diagnosed(t, deepened[t.name]) for t in again}
        return found

    def _steadied(self, track: Track, evidence: Evidence) -> Evidence:
        now = self._desk.clock.now()
        if not doubts(evidence, track.state):
            track.doubted_since = None
        elif track.doubted_since is None:
            track.doubted_since = now
            log.warning("the clock of the org of %s jumped to %s", track.name, evidence.org_now)
        return steadied(evidence, track.state, now - (track.doubted_since or now))

    def _diagnosed(self, track: Track, evidence: Evidence) -> tuple[Evidence, Diagnosis]:
        whole = completed(evidence, track.state, track.connection)
        org = self._desk.config.orgs[track.connection.org]
        return whole, diagnose(track.connection, whole, self._desk.required, org)

    async def _asked(self, track: Track, now: datetime) -> Extras:
        try:
            return await self._extras(track, now)
        except Exception as error:
            # A fault at the tenant's side must not hide what the org says of the others.
            log.error("asking about %s: internal fault", track.name, exc_info=error)
            fault = Unreadable(f"internal fault in this program ({type(error).__name__})")
            return (fault if track.connection.tenant else None), None

    async def _extras(self, track: Track, now: datetime) -> Extras:
        connection = track.connection
        tenant = self._tenants.get(connection.tenant or "")
        if not schedule.extras_due(track.state, track.extras_at, now):
            return None, None
        asked_before, track.extras_at, track.put_off = track.extras_at, now, False
        outage = track.state.recovering if track.state is not None else None
        since = outage.began - BEFORE_OUTAGE if outage is not None else now - EVENTS_BACK
        events = await tenant.read(connection, since) if tenant is not None else None
        if tenant is not None and events is None:
            track.extras_at, track.put_off = asked_before, True
            if track.state is None or track.state.evidence.events is None:
                events = NOT_ASKED
        argv = connection.status_command
        return events, await self._rooms.console(argv) if argv else None


def _urgency(track: Track) -> tuple[bool, bool, float]:
    quiet = track.state is not None and track.state.recovering is None
    return quiet, track.extras_at is not None, track.extras_at.timestamp() if track.extras_at else 0.0
