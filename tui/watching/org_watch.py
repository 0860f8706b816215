"""The loop of one org: when a reading is due, all its connections are read together and advanced."""

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from msgspec.structs import replace

from tui.base.clock import sleep_until_event
from tui.base.problem import Problem
from tui.causes.registry import CAUSES
from tui.connections.connection import Org
from tui.connections.evidence import Remembered
from tui.connections.state import State, Status, Why, WhyCode
from tui.watching import schedule, walking
from tui.watching.clients import Clients, OrgReading, Remembers, TenantReading
from tui.watching.evidence_parts import blank, completed, org_clock, undecided
from tui.watching.leases import Holder, Lease, LeaseLost, process_short
from tui.watching.reading_cycle import ReadingCycle
from tui.watching.repair_runner import RepairRunner
from tui.watching.schedule import Spending
from tui.watching.state_store import StateStore
from tui.watching.watched_connection import WatchedConnection, of_subject

log = logging.getLogger(__name__)


TURN = timedelta(seconds=90)
"""How long other processes wait for one reading of an org: longer than its time-outs."""

TURN_LOOK = timedelta(milliseconds=100)

TURN_JOIN = timedelta(seconds=1)
"""How long at most a process that is one of many lets those that still load join its reading."""

ASKED_AGAIN = timedelta(seconds=2)
"""What a key asks for is read once in this time."""

LEASE_LEAST = timedelta(minutes=1)

FIRST_LEASE = timedelta(minutes=2)
"""Until the first round has ended, which renews it."""


class OrgWatch:
    """Watches the connections of one org. `run` goes on until it is cancelled.

    It reads by itself while it is `active`: by the org's lease, or without one for a command or a walkthrough.
    """

    def __init__(
        self,
        org: Org,
        connections: Sequence[WatchedConnection],
        store: StateStore,
        clients: Clients,
        tenants: Mapping[str, TenantReading],
        random: Random,
    ) -> None:
        self.org = org
        self.connections = tuple(connections)
        self.repair_runner = RepairRunner(org, self.connections, store, clients)
        self.lease: Lease | None = None
        self.holder: Holder | None = None
        """Another process that watches the org, as it was seen last."""
        self.lost = asyncio.Event()
        """Another process has taken the lease."""
        self.read_once = asyncio.Event()
        """This process has read the org."""
        self._store = store
        self._clients = clients
        self._cycle = ReadingCycle(store, clients, tenants)
        self._random = random
        self._reader: OrgReading | None = None
        self._facts: Remembered | None = None
        self._alone = False
        self._wanted: set[str] = set()
        self._asked_at: datetime | None = store.not_before
        """Since when somebody waits for the reading that comes next."""
        self._whole_at: datetime | None = None
        """When the newest reading of all connections began, where the journal has all that it changed."""
        self._spent = Spending()
        self._asked_last: datetime | None = None
        self._later: datetime | None = None
        """When those of `_later_names` are read that were asked for too soon."""
        self._later_names: set[str] = set()
        self._poke = asyncio.Event()
        self._reading = asyncio.Lock()

    @property
    def active(self) -> bool:
        return self.lease is not None or self._alone

    def start(self, lease: Lease | None) -> None:
        """Read from now on; without a lease for as long as `stop` is not called."""
        fresh = not self.active
        self.lease = lease or self.lease
        self._alone = self._alone or lease is None
        if fresh:
            self._wanted.update(t.name for t in self.connections)
        self._poke.set()

    async def try_to_hold(self) -> None:
        """Take the org's lease where it is free; without a journal the watch goes on and remembers nothing."""
        now, leases = self._store.clock.now(), self._store.journal.leases
        holder, failed = await self._store.tried(leases.holder(self.org.id))
        if failed:
            self.start(None)
            return
        self.holder = holder
        if holder is None or not holder.valid(now):
            lease = await self._store.write(leases.take(self.org.id, now, now + FIRST_LEASE))
            if lease is not None:
                self.start(lease)

    def stop(self) -> None:
        """Go on only where this process has the lease."""
        self._alone = False
        self._poke.set()

    async def run(self) -> None:
        """Read whenever a reading is due or asked for."""
        while True:
            await self._due()
            try:
                async with self._store.turns, self._reading:
                    await self._read_wanted()
            except Exception as error:
                for watched in self.connections:
                    watched.next_at = self._store.clock.now() + schedule.SLOW
                    await self._failed(watched, error, self._store.clock.now())

    def ask(self, name: str) -> None:
        """Read `name`, paused or not, as soon as the loop is free."""
        self._wanted.add(name)
        self._poke.set()

    def ask_by_key(self, names: Collection[str]) -> None:
        """Like `ask`, but a key that is held or pressed again and again reads once in two seconds."""
        now = self._store.clock.now()
        since = now - self._asked_last if self._asked_last is not None else ASKED_AGAIN
        if timedelta(0) <= since < ASKED_AGAIN:
            self._later = now + ASKED_AGAIN - since
            self._later_names.update(names)
        else:
            self._asked_last = now
            self._wanted.update(names)
        self._poke.set()

    def reschedule(self) -> None:
        """Work out anew when to read: somebody looks, looks away, or pauses."""
        for watched in self.connections:
            if watched.last_try is not None:
                watched.next_at = self._next(watched, watched.last_try)
                self._store.publish(watched.name)
        self._poke.set()

    async def read(self, name: str) -> None:
        """Read `name`, and all that are not paused, now. Returns when the new states are known."""
        self._wanted.add(name)
        async with self._reading:
            await self._read_wanted()

    async def read_first(self, name: str) -> None:
        """Return when this process has tried to read `name`."""
        async with self._reading:
            if any(t.name == name and t.last_try is None for t in self.connections):
                self._wanted.add(name)
                await self._read_wanted()

    async def _read_wanted(self) -> None:
        connections = [t for t in self.connections if not t.paused or t.name in self._wanted]
        automatic = not self._wanted
        self._wanted.clear()
        asked_at, self._asked_at = self._asked_at or self._store.clock.now(), None
        if not await self._still_mine():
            return
        for watched in connections:
            watched.reading = True
            self._store.publish(watched.name)
        try:
            await self._store.poll_journal(self.connections)
            if self._store.standing:
                await self._read(connections)
            else:
                await self._read_together(connections, asked_at)
        finally:
            if automatic:
                self._spend(connections)
            for watched in connections:
                watched.reading = False
                watched.last_try = self._store.clock.now()
                watched.next_at = self._next(watched, watched.last_try)
                self._store.publish(watched.name)
            self.read_once.set()
            self._poke.set()
        await self._renew()

    def _spend(self, connections: Sequence[WatchedConnection]) -> None:
        """Count what a reading cost that nobody asked for: each connection tells of the whole reading."""
        calls = max((t.state.evidence.api_calls for t in connections if t.state is not None), default=0)
        self._spent.add(self._store.clock.now(), calls)

    async def _read_together(self, connections: list[WatchedConnection], asked_at: datetime) -> None:
        """One reading for all processes that wait: theirs where it began late enough, else this one's."""
        journal, clock = self._store.journal, self._store.clock
        loading, waited = min(clock.now() - asked_at, TURN_JOIN), False
        while not await self._are_read_since(connections, asked_at):
            now = clock.now()
            beginning = journal.turns.begin(self.org.id, now, now + TURN)
            turn, failed = await self._store.tried(beginning)
            if turn is None and not failed:
                waited = True
                await clock.sleep_until(now + TURN_LOOK)
                await self._store.poll_journal(connections)
                continue
            try:
                await self._store.poll_journal(connections)
                if failed or not await self._are_read_since(connections, asked_at):
                    last = [t.stored.began for t in connections]
                    if waited or any(_is_between(asked_at - loading, began, asked_at) for began in last):
                        # As long as it took itself to load: many at once make a machine slow.
                        await clock.sleep_until(clock.now() + loading)
                    await self._read(connections)
            finally:
                if turn is not None:
                    await self._store.write(journal.turns.end(turn))
            return

    async def _are_read_since(self, connections: Sequence[WatchedConnection], moment: datetime) -> bool:
        """Whether the journal holds a reading of each that began after `moment`."""
        now = self._store.clock.now()
        if all(_is_between(moment, t.stored.began, now) and _is_held(t) for t in connections):
            return True
        holder = await self._store.write(self._store.journal.leases.holder(self.org.id))
        if holder is None or not _is_between(moment, holder.read_at, now):
            return False
        # The watch does not write what it finds unchanged.
        for watched in connections:
            if not _is_between(moment, watched.stored.began, now):
                watched.confirmed_at = holder.read_at
                watched.read_by = process_short(holder.host, holder.pid)
        return all(_is_held(t) for t in connections)

    async def _still_mine(self) -> bool:
        """Whether a reading may go on; a holder whose generation is gone becomes one that looks."""
        if self.lease is None:
            return True
        holder, failed = await self._store.tried(self._store.journal.leases.holder(self.org.id))
        if failed or (holder is not None and holder.generation == self.lease.generation):
            return True
        self._lose()
        return self.active

    def _lose(self) -> None:
        log.warning("another process has taken over the watch of %s", self.org.id)
        self.lease = None
        self.lost.set()

    async def _renew(self) -> None:
        """Hold on to the lease for two more intervals: who stops or hangs loses it."""
        if self.lease is None:
            return
        now = self._store.clock.now()
        moments = [t.next_at for t in self.connections if not t.paused and t.next_at is not None]
        wait = min(moments, default=now + schedule.SLOW) - now
        until = now + wait + max(2 * wait, LEASE_LEAST)
        written = not self._store.journal_problem and not any(t.unwritten for t in self.connections)
        whole_at = self._whole_at if written else None
        renewed, failed = await self._store.tried(
            self._store.journal.leases.renew(self.lease, until, whole_at)
        )
        if not renewed and not failed:
            self._lose()

    async def _due(self) -> None:
        while not self._wanted:
            self._poke.clear()
            moments = [t.next_at for t in self.connections if not t.paused and t.next_at is not None]
            moments = moments if self.active else []
            moment = min([*moments, *([self._later] if self._later is not None else [])], default=None)
            if moment is None:
                await self._poke.wait()
            elif moment > self._store.clock.now():
                await sleep_until_event(self._store.clock, moment, self._poke)
            elif moment == self._later:
                self._asked_last, self._later = moment, None
                self._wanted |= self._later_names
                self._later_names.clear()
            else:
                return

    def _next(self, watched: WatchedConnection, now: datetime) -> datetime:
        intervals, attended = self._store.config.app.intervals, self._attention(watched, now)
        least = schedule.least_wait(watched.state, intervals, self._spent.in_a_day(now), attended=attended)
        watched.throttled = least > schedule.interval(watched.state, intervals, attended=attended)
        return schedule.next_reading(
            now,
            watched.state,
            intervals,
            self._random,
            attended=attended,
            least=least,
            retry_at=self._reader.retry_at if self._reader is not None else None,
            tenant_postponed=watched.tenant_postponed,
        )

    def _attention(self, watched: WatchedConnection, now: datetime) -> schedule.Attention:
        if watched.attended_at is None or not walking.awaits_answer(watched.walk, self._store.required):
            return schedule.Attention.NONE
        return schedule.attention(watched.attended_at, now)

    async def _read(self, connections: list[WatchedConnection]) -> None:
        began = self._store.clock.now()
        self._whole_at = began if len(connections) == len(self.connections) else None
        try:
            await self._know_reader()
            await self.repair_runner.settle()
            found = await self._cycle.evidence(self._known_reader, connections)
        except Exception as error:
            for watched in connections:
                await self._failed(watched, error, began)
            return
        for watched in connections:
            try:
                evidence, diagnosis = found[watched.name]
                await self._store.apply_reading(watched, evidence, diagnosis, began, lease=self.lease)
            except LeaseLost:
                self._lose()
                await self._store.refresh(watched)
            except Exception as error:
                await self._failed(watched, error, began)
        await self._remember()

    @property
    def _known_reader(self) -> OrgReading:
        assert self._reader is not None  # noqa: S101 - _know_reader has made it
        return self._reader

    async def _know_reader(self) -> None:
        """Make the reader once, with what earlier processes have learnt of the org."""
        if self._reader is not None:
            return
        self._reader = self._clients.org(self.org)
        if isinstance(self._reader, Remembers):
            facts = self._store.journal.facts
            self._facts = await self._store.write(facts.remembered(self.org.id, self.org.org_id))
            if self._facts is not None:
                self._reader.recall(self._facts)

    async def _remember(self) -> None:
        """Keep what the reader has learnt since, and give it what others have."""
        if not isinstance(self._reader, Remembers):
            return
        learned, facts = self._reader.learned(), self._store.journal.facts
        if learned is not None and learned != self._facts:
            self._facts = learned
            if (known := await self._store.write(facts.remember(self.org.id, learned))) is not None:
                self._reader.catch_up(known)

    async def _failed(self, watched: WatchedConnection, error: Exception, began: datetime) -> None:
        """What should not happen still becomes a state: Unknown, with the reason."""
        now = self._store.clock.now()
        if isinstance(error, Problem):
            reason, step = f"{error.title}: {error.message}", error.next_step
        else:
            log.error("reading %s: internal fault", watched.name, exc_info=error)
            reason = f"internal fault in this program ({type(error).__name__})"
            step = "The log has the details. remonitor keeps watching."
        evidence = completed(
            blank(now, org_clock(watched.state, now), reason, step), watched.state, watched.connection
        )
        diagnosis = undecided(tuple(c.id for c in CAUSES), reason, step)
        try:
            await self._store.apply_reading(watched, evidence, diagnosis, began, lease=self.lease)
        except LeaseLost:
            self._lose()
        except Exception as second:
            log.error("advancing %s: internal fault", watched.name, exc_info=second)
            why = Why(WhyCode.UNREADABLE, reason, step, "user")
            if watched.state is not None:
                watched.state = replace(watched.state, status=Status.UNKNOWN, why=why)
            else:
                watched.state = State(
                    watched.connection, evidence, diagnosis, Status.UNKNOWN, now, why=why, failures=1
                )
            self._store.publish(watched.name)


def _is_between(moment: datetime, began: datetime | None, now: datetime) -> bool:
    # A beginning in the future is a clock that was set back since.
    return began is not None and moment < began <= now


def _is_held(watched: WatchedConnection) -> bool:
    """Whether the journal has a state of the account that the name stands for now."""
    return of_subject(watched, watched.stored) is not None
