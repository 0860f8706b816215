"""Repairs of one org: written down before they are sent, and read back where nobody saw how they ended."""

import logging
from collections.abc import Sequence
from datetime import datetime

from tui.base.problem import Problem
from tui.connections.connection import Org
from tui.connections.evidence import value_of
from tui.connections.outage import RepairApplied
from tui.connections.repair import Outcome, Repair, Result
from tui.watching.clients import Clients, Repairing
from tui.watching.entry import Entry, EntryKind
from tui.watching.evidence_parts import org_clock
from tui.watching.state_store import StateStore
from tui.watching.watched_connection import WatchedConnection

log = logging.getLogger(__name__)

_PASSING = ("INVALID_SESSION_ID", "REQUEST_LIMIT_EXCEEDED", "SERVER_UNAVAILABLE", "UNABLE_TO_LOCK_ROW")
"""Error codes after which the same repair may well succeed."""


def refused_for_good(outcomes: Sequence[Outcome]) -> bool:
    """True where the org itself said no to a change, and would again; a lost or failed call says nothing."""
    return any(o.result == Result.REFUSED and o.error_code not in ("", *_PASSING) for o in outcomes)


class RepairRunner:
    """Sends repairs to `org` and settles what an earlier process left open."""

    def __init__(
        self, org: Org, connections: Sequence[WatchedConnection], store: StateStore, clients: Clients
    ) -> None:
        self._org = org
        self._watched = {t.name: t for t in connections}
        self._store = store
        self._clients = clients
        self._repairer: Repairing | None = None
        self._sending: set[int] = set()
        """Changes that this process is sending now."""

    async def run(self, watched: WatchedConnection, repair: Repair) -> tuple[Outcome, ...]:
        """Write the intent, send, write the outcome, advance.

        Raises Problem, and sends nothing then: no journal, or a change of the same record is open.
        """
        # What an earlier process left open of the same record stands in the way until it is settled.
        await self.settle()
        state = watched.state
        rights = value_of(state.evidence.rights) if state is not None else None
        operator = rights.username if rights is not None else ""
        number = await self._store.journal.intend(watched.name, repair, operator, self._store.clock.now())
        self._sending.add(number)
        try:
            return await self._send(number, watched, repair, operator)
        finally:
            self._sending.discard(number)

    async def _send(
        self, number: int, watched: WatchedConnection, repair: Repair, operator: str
    ) -> tuple[Outcome, ...]:
        earliest = latest = None
        try:
            org = value_of(watched.state.evidence.org) if watched.state is not None else None
            org_id = watched.connection.org_id or (org.id if org is not None else None)
            applied = await self._repairs().apply(repair, org_id=org_id)
            outcomes, earliest, latest = applied.outcomes, applied.earliest, applied.latest
        except Problem as problem:
            outcomes = (Outcome(Result.UNKNOWN, f"{problem.title}: {problem.message}", problem.next_step),)
        except Exception as error:
            log.error("repairing %s: internal fault", watched.name, exc_info=error)
            reason = f"Internal fault in this program ({type(error).__name__})."
            outcomes = (Outcome(Result.UNKNOWN, reason, "Check in Salesforce what was changed."),)
        await self._complete(number, watched, repair, operator, outcomes)
        whole = [o.result for o in outcomes] == [Result.APPLIED] * len(repair.changes)
        if whole and earliest is not None and latest is not None:
            await self._applied(watched, repair, RepairApplied((repair.cause,), earliest, latest, operator))
        return outcomes

    async def settle(self) -> None:
        """Read back what was left open; what goes wrong with it is only logged: the present is more urgent."""
        try:
            await self.read_back()
        except Exception as error:
            log.error("reading back a change of %s", self._org.id, exc_info=error)

    async def read_back(self) -> None:
        """Settle what was left open: is it in force? What is not known now is asked again next time."""
        now = self._store.clock.now()
        for intent in await self._store.write(self._store.journal.open_intents()) or ():
            watched = self._watched.get(intent.connection)
            if watched is None or intent.id in self._sending or intent.under_way(now):
                continue
            done = await self._repairs().read_back(intent.repair)
            if done is None and not _decided(watched):
                continue
            result = {True: Result.APPLIED, False: Result.NOT_APPLIED, None: Result.UNKNOWN}[done]
            message = "remonitor ended before it saw the answer. It checks at the next start."
            outcomes = tuple(Outcome(result, message) for _ in intent.repair.changes)
            ours = await self._complete(intent.id, watched, intent.repair, intent.operator, outcomes)
            if done and ours:
                earliest = org_clock(watched.state, intent.at)
                latest = org_clock(watched.state, self._store.clock.now())
                act = RepairApplied((intent.repair.cause,), earliest, latest, intent.operator)
                await self._applied(watched, intent.repair, act)

    async def _applied(self, watched: WatchedConnection, repair: Repair, act: RepairApplied) -> None:
        """The cause is gone, unless the change brings it back."""
        if not repair.takes_back:
            await self._store.apply_act(watched, act)

    async def _complete(
        self,
        number: int,
        watched: WatchedConnection,
        repair: Repair,
        operator: str,
        outcomes: tuple[Outcome, ...],
    ) -> bool:
        """Write the outcome down; False where another process has, or the journal cannot be written."""
        now = self._store.clock.now()
        at = org_clock(watched.state, now)
        line = change_entry(number, watched.name, repair, operator, outcomes, at)
        journal = self._store.journal
        return await self._store.write(journal.complete(number, outcomes, now, entries=(line,))) is not None

    def _repairs(self) -> Repairing:
        if self._repairer is None:
            self._repairer = self._clients.repairer(self._org)
        return self._repairer


def change_entry(
    number: int, name: str, repair: Repair, operator: str, outcomes: Sequence[Outcome], at: datetime
) -> Entry:
    """The history line of a sent repair; `result` is the first outcome that is not `applied`, if any."""
    result = next((o.result for o in outcomes if o.result != Result.APPLIED), Result.APPLIED)
    key = f"{name}|change|{number}|{at.isoformat()}"
    return Entry(
        at, name, EntryKind.CHANGE, key, cause=repair.cause, by=operator, text=repair.title, result=result
    )


def _decided(watched: WatchedConnection) -> bool:
    """Whether this process has read the org: it answers, so waiting longer for this answer is idle."""
    return watched.state is not None and watched.state.failures == 0 and watched.last_try is not None
