"""Repairs of one org: written down before they are sent, and read back where nobody saw how they ended."""

import logging
from collections.abc import Sequence
from datetime import datetime

from tui.base.problem import Problem
from tui.connections.connection import Org
from tui.connections.evidence import value_of
from tui.connections.outage import RepairApplied
from tui.connections.repair import Outcome, Repair
from tui.watching.entry import Entry, EntryKind
from tui.watching.evidence_parts import org_clock
from tui.watching.rooms import Mending, Rooms
from tui.watching.tracking import Desk, Track

log = logging.getLogger(__name__)

_PASSING = ("INVALID_SESSION_ID", "REQUEST_LIMIT_EXCEEDED", "SERVER_UNAVAILABLE", "UNABLE_TO_LOCK_ROW")
"""Error codes after which the same repair may well succeed."""


def refused_for_good(outcomes: Sequence[Outcome]) -> bool:
    """True where the org itself said no to a change, and would again; a lost or failed call says nothing."""
    return any(o.result == "refused" and o.error_code not in ("", *_PASSING) for o in outcomes)


class Mender:
    """Sends repairs to `org` and settles what an earlier process left open."""

    def __init__(self, org: Org, tracks: Sequence[Track], desk: Desk, rooms: Rooms) -> None:
        self._org = org
        self._tracks = {t.name: t for t in tracks}
        self._desk = desk
        self._rooms = rooms
        self._mending: Mending | None = None
        self._sending: set[int] = set()
        """Changes that this process is sending now."""

    async def mend(self, track: Track, repair: Repair) -> tuple[Outcome, ...]:
        """Write the intent, send, write the outcome, advance.

        Raises Problem, and sends nothing then: no journal, or a change of the same record is open.
        """
        # What an earlier process left open of the same record stands in the way until it is settled.
        await self.settle()
        state = track.state
        rights = value_of(state.evidence.rights) if state is not None else None
        operator = rights.username if rights is not None else ""
        number = await self._desk.journal.intend(track.name, repair, operator, self._desk.clock.now())
        self._sending.add(number)
        try:
            return await self._send(number, track, repair, operator)
        finally:
            self._sending.discard(number)

    async def _send(self, number: int, track: Track, repair: Repair, operator: str) -> tuple[Outcome, ...]:
        earliest = latest = None
        try:
            org = value_of(track.state.evidence.org) if track.state is not None else None
            org_id = track.connection.org_id or (org.id if org is not None else None)
            applied = await self._rooms_mending().apply(repair, org_id=org_id)
            outcomes, earliest, latest = applied.outcomes, applied.earliest, applied.latest
        except Problem as problem:
            outcomes = (Outcome("unknown", f"{problem.title}: {problem.message}", problem.next_step),)
        except Exception as error:
            log.error("mending %s: internal fault", track.name, exc_info=error)
            reason = f"Internal fault in this program ({type(error).__name__})."
            outcomes = (Outcome("unknown", reason, "Check in Salesforce what was changed."),)
        await self._complete(number, track, repair, operator, outcomes)
        whole = [o.result for o in outcomes] == ["applied"] * len(repair.changes)
        if whole and earliest is not None and latest is not None:
            await self._applied(track, RepairApplied((repair.cause,), earliest, latest, operator))
        return outcomes

    async def settle(self) -> None:
        """Read back what was left open; what goes wrong with it is only logged: the present is more urgent."""
        try:
            await self.read_back()
        except Exception as error:
            log.error("reading back a change of %s", self._org.id, exc_info=error)

    async def read_back(self) -> None:
        """Settle what was left open: is it in force? What cannot be told now is asked again next time."""
        now = self._desk.clock.now()
        for intent in await self._desk.write(self._desk.journal.open_intents()) or ():
            track = self._tracks.get(intent.connection)
            if track is None or intent.id in self._sending or intent.under_way(now):
                continue
            done = await self._rooms_mending().read_back(intent.repair)
            if done is None and not _decided(track):
                continue
            result = {True: "applied", False: "not_applied", None: "unknown"}[done]
            message = "The program ended before it saw the answer; read back at the next start."
            outcomes = tuple(Outcome(result, message) for _ in intent.repair.changes)
            ours = await self._complete(intent.id, track, intent.repair, intent.operator, outcomes)
            if done and ours:
                earliest = org_clock(track.state, intent.at)
                latest = org_clock(track.state, self._desk.clock.now())
                act = RepairApplied((intent.repair.cause,), earliest, latest, intent.operator)
                await self._applied(track, act)

    async def _applied(self, track: Track, act: RepairApplied) -> None:
        await self._desk.apply_act(track, act)

    async def _complete(
        self, number: int, track: Track, repair: Repair, operator: str, outcomes: tuple[Outcome, ...]
    ) -> bool:
        """Write the outcome down; False where another process has, or the journal cannot be written."""
        now = self._desk.clock.now()
        at = org_clock(track.state, now)
        line = change_entry(number, track.name, repair, operator, outcomes, at)
        journal = self._desk.journal
        return await self._desk.write(journal.complete(number, outcomes, now, entries=(line,))) is not None

    def _rooms_mending(self) -> Mending:
        if self._mending is None:
            self._mending = self._rooms.mender(self._org)
        return self._mending


def change_entry(
    number: int, name: str, repair: Repair, operator: str, outcomes: Sequence[Outcome], at: datetime
) -> Entry:
    """The history line of a sent repair; `result` is the first outcome that is not `applied`, if any."""
    result = next((o.result for o in outcomes if o.result != "applied"), "applied")
    key = f"{name}|change|{number}|{at.isoformat()}"
    return Entry(
        at, name, EntryKind.CHANGE, key, cause=repair.cause, by=operator, text=repair.title, result=result
    )


def _decided(track: Track) -> bool:
    """Whether this process has read the org: it answers, so waiting longer for this answer is idle."""
    return track.state is not None and track.state.failures == 0 and track.last_try is not None
