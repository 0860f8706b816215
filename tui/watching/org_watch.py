"""The loop of one org: when a reading is due, all its connections are read together and advanced."""

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from msgspec.structs import replace

from tui.base.clock import Clock
from tui.base.problem import Problem
from tui.causes.registry import CAUSES
from tui.connections.connection import Org
from tui.connections.remembered import Remembered
from tui.connections.state import State, Why
from tui.connections.status import Status
from tui.watching import restoring, schedule, walking
from tui.watching.budget import Spending
from tui.watching.evidence_parts import blank, completed, org_clock, undecided
from tui.watching.leases import Holder, Lease, LeaseLost
from tui.watching.mending import Mender
from tui.watching.org_round import Round
from tui.watching.rooms import OrgReading, Remembers, Rooms, TenantReading
from tui.watching.tracking import Desk, Track
from tui.watching.transition import of_subject

log = logging.getLogger(__name__)


TURN = timedelta(seconds=90)
"""How long other processes wait for one reading of an org: longer than its time-outs."""

TURN_LOOK = timedelta(milliseconds=100)

ASKED_AGAIN = timedelta(seconds=2)
"""What a key asks for is read once in this time."""

LEASE_LEAST = timedelta(minutes=1)


class OrgWatch:
    """Watches the connections of one org. `run` goes on until it is cancelled.

    It reads by itself while it is `active`: by the org's lease, or without one for a command or a walkthrough.
    """

    def __init__(
        self,
        org: Org,
        tracks: Sequence[Track],
        desk: Desk,
        rooms: Rooms,
        tenants: Mapping[str, TenantReading],
        random: Random,
    ) -> None:
        self.org = org
        self.tracks = tuple(tracks)
        self.mender = Mender(org, self.tracks, desk, rooms)
        self.lease: Lease | None = None
        self.holder: Holder | None = None
        """Another process that watches the org, as it was seen last."""
        self.lost = asyncio.Event()
        """Another process has taken the lease."""
        self.read_once = asyncio.Event()
        """This process has read the org."""
        self._desk = desk
        self._rooms = rooms
        self._round = Round(desk, rooms, tenants)
        self._random = random
        self._reader: OrgReading | None = None
        self._facts: Remembered | None = None
        self._alone = False
        self._wanted: set[str] = set()
        self._asked_at: datetime | None = desk.began
        """Since when somebody waits for the reading that comes next."""
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
            self._wanted.update(t.name for t in self.tracks)
        self._poke.set()

    def stop(self) -> None:
        """Go on only where this process has the lease."""
        self._alone = False
        self._poke.set()

    async def run(self) -> None:
        """Read whenever a reading is due or asked for."""
        while True:
            await self._due()
            try:
                async with self._reading:
                    await self._read_wanted()
            except Exception as error:
                for track in self.tracks:
                    track.next_at = self._desk.clock.now() + schedule.SLOW
                    await self._failed(track, error, self._desk.clock.now())

    def ask(self, name: str) -> None:
        """Read `name`, paused or not, as soon as the loop is free."""
        self._wanted.add(name)
        self._poke.set()

    def ask_by_key(self, names: Collection[str]) -> None:
        """Like `ask`, but a key that is held or pressed again and again reads once in two seconds."""
        now = self._desk.clock.now()
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
        for track in self.tracks:
            if track.last_try is not None:
                track.next_at = self._next(track, track.last_try)
                self._desk.publish(track.name)
        self._poke.set()

    async def read(self, name: str) -> None:
        """Read `name`, and all that are not paused, now. Returns when the new states are known."""
        self._wanted.add(name)
        async with self._reading:
            await self._read_wanted()

    async def read_first(self, name: str) -> None:
        """Return when this process has tried to read `name`."""
        async with self._reading:
            if any(t.name == name and t.last_try is None for t in self.tracks):
                self._wanted.add(name)
                await self._read_wanted()

    async def _read_wanted(self) -> None:
        tracks = [t for t in self.tracks if not t.paused or t.name in self._wanted]
        automatic = not self._wanted
        self._wanted.clear()
        asked_at, self._asked_at = self._asked_at or self._desk.clock.now(), None
        if not await self._still_mine():
            return
        for track in tracks:
            track.reading = True
            self._desk.publish(track.name)
        try:
            await restoring.refresh(self._desk, self.tracks)
            if self._desk.standing:
                await self._read(tracks)
            else:
                await self._read_together(tracks, asked_at)
        finally:
            if automatic:
                self._spend(tracks)
            for track in tracks:
                track.reading = False
                track.last_try = self._desk.clock.now()
                track.next_at = self._next(track, track.last_try)
                self._desk.publish(track.name)
            self.read_once.set()
            self._poke.set()
        await self._renew()

    def _spend(self, tracks: Sequence[Track]) -> None:
        """Count what a reading cost that nobody asked for: each connection tells of the whole reading."""
        calls = max((t.state.evidence.api_calls for t in tracks if t.state is not None), default=0)
        self._spent.add(self._desk.clock.now(), calls)

    async def _read_together(self, tracks: list[Track], asked_at: datetime) -> None:
        """One reading for all processes that wait: theirs where it began late enough, else this one's."""
        journal, clock = self._desk.journal, self._desk.clock
        while not all(_read_since(t, asked_at, clock.now()) for t in tracks):
            now = clock.now()
            beginning = journal.turns.begin(self.org.id, now, now + TURN)
            turn, failed = await self._desk.tried(beginning)
            if turn is None and not failed:
                await clock.sleep_until(now + TURN_LOOK)
                await restoring.refresh(self._desk, tracks)
                continue
            try:
                await restoring.refresh(self._desk, tracks)
                if failed or not all(_read_since(t, asked_at, now) for t in tracks):
                    await self._read(tracks)
            finally:
                if turn is not None:
                    await self._desk.write(journal.turns.end(turn))
            return

    async def _still_mine(self) -> bool:
        """Whether a reading may go on; a holder whose generation is gone becomes one that looks."""
        if self.lease is None:
            return True
        holder, failed = await self._desk.tried(self._desk.journal.leases.holder(self.org.id))
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
        now = self._desk.clock.now()
        moments = [t.next_at for t in self.tracks if not t.paused and t.next_at is not None]
        wait = min(moments, default=now + schedule.SLOW) - now
        until = now + wait + max(2 * wait, LEASE_LEAST)
        held, failed = await self._desk.tried(self._desk.journal.leases.renew(self.lease, until))
        if not held and not failed:
            self._lose()

    async def _due(self) -> None:
        while not self._wanted:
            self._poke.clear()
            moments = [t.next_at for t in self.tracks if not t.paused and t.next_at is not None]
            moments = moments if self.active else []
            moment = min([*moments, *([self._later] if self._later is not None else [])], default=None)
            if moment is None:
                await self._poke.wait()
            elif moment > self._desk.clock.now():
                await sleep_until(self._desk.clock, moment, self._poke)
            elif moment == self._later:
                self._asked_last, self._later = moment, None
                self._wanted |= self._later_names
                self._later_names.clear()
            else:
                return

    def _next(self, track: Track, now: datetime) -> datetime:
        intervals, attended = self._desk.config.app.intervals, self._attention(track, now)
        least = schedule.least_wait(track.state, intervals, self._spent.in_a_day(now), attended=attended)
        track.braked = least > schedule.interval(track.state, intervals, attended=attended)
        return schedule.next_reading(
            now,
            track.state,
            intervals,
            self._random,
            attended=attended,
            least=least,
            retry_at=self._reader.retry_at if self._reader is not None else None,
            put_off=track.put_off,
        )

    def _attention(self, track: Track, now: datetime) -> schedule.Attention:
        if track.attended_at is None or not walking.awaits_answer(track.walk, self._desk.required):
            return schedule.Attention.NONE
        return schedule.attention(track.attended_at, now)

    async def _read(self, tracks: list[Track]) -> None:
        began = self._desk.clock.now()
        try:
            await self._know_reader()
            await self.mender.settle()
            found = await self._round.evidence(self._known_reader, tracks)
        except Exception as error:
            for track in tracks:
                await self._failed(track, error, began)
            return
        for track in tracks:
            try:
                evidence, diagnosis = found[track.name]
                await self._desk.apply_reading(track, evidence, diagnosis, began, lease=self.lease)
            except LeaseLost:
                self._lose()
                await self._desk.refresh(track)
            except Exception as error:
                await self._failed(track, error, began)
        await self._remember()

    @property
    def _known_reader(self) -> OrgReading:
        assert self._reader is not None  # noqa: S101 - _know_reader has made it
        return self._reader

    async def _know_reader(self) -> None:
        """Make the reader once, with what earlier processes have learnt of the org."""
        if self._reader is not None:
            return
        self._reader = self._rooms.org(self.org)
        if isinstance(self._reader, Remembers):
            self._facts = await self._desk.write(
                self._desk.journal.facts.remembered(self.org.id, self.org.org_id)
            )
            if self._facts is not None:
                self._reader.recall(self._facts)

    async def _remember(self) -> None:
        """Keep what the reader has learnt since."""
        if not isinstance(self._reader, Remembers):
            return
        learned = self._reader.learned()
        if learned is not None and learned != self._facts:
            await self._desk.write(self._desk.journal.facts.remember(self.org.id, learned))
            self._facts = learned

    async def _failed(self, track: Track, error: Exception, began: datetime) -> None:
        """What should not happen still becomes a state: Unknown, with the reason."""
        now = self._desk.clock.now()
        if isinstance(error, Problem):
            reason, step = f"{error.title}: {error.message}", error.next_step
        else:
            log.error("reading %s: internal fault", track.name, exc_info=error)
            reason = f"internal fault in this program ({type(error).__name__})"
            step = "Its log names the place; the watch goes on."
        evidence = completed(
            blank(now, org_clock(track.state, now), reason, step), track.state, track.connection
        )
        diagnosis = undecided(tuple(c.id for c in CAUSES), reason, step)
        try:
            await self._desk.apply_reading(track, evidence, diagnosis, began, lease=self.lease)
        except LeaseLost:
            self._lose()
        except Exception as second:
            log.error("advancing %s: internal fault", track.name, exc_info=second)
            why = Why("unreadable", reason, step, "user")
            if track.state is not None:
                track.state = replace(track.state, status=Status.UNKNOWN, why=why)
            else:
                track.state = State(
                    track.connection, evidence, diagnosis, Status.UNKNOWN, now, why=why, failures=1
                )
            self._desk.publish(track.name)


def _read_since(track: Track, moment: datetime, now: datetime) -> bool:
    """Whether the journal holds a reading of this connection that began after `moment`."""
    began = track.kept.began
    return began is not None and moment < began <= now and of_subject(track, track.kept) is not None


async def sleep_until(clock: Clock, moment: datetime, poke: asyncio.Event) -> None:
    """Return at `moment`, or earlier when somebody pokes."""
    tasks = [asyncio.ensure_future(clock.sleep_until(moment)), asyncio.ensure_future(poke.wait())]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        # A cancellation that arrives here is meant for the loop: it must not be swallowed.
        await asyncio.gather(*tasks, return_exceptions=True)
