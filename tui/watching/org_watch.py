"""The loop of one org: when a reading is due, all its connections are read together and advanced."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from random import Random

from msgspec.structs import replace

from tui.base.clock import Clock
from tui.base.problem import Problem
from tui.causes.registry import CAUSES
from tui.connections.connection import Org
from tui.connections.state import State, Why
from tui.connections.status import Status
from tui.watching import schedule, walking
from tui.watching.evidence_parts import blank, completed, org_clock, undecided
from tui.watching.mending import Mender
from tui.watching.org_round import Round
from tui.watching.rooms import OrgReading, Rooms, TenantReading
from tui.watching.tracking import Desk, Track

log = logging.getLogger(__name__)


class OrgWatch:
    """Watches the connections of one org. `run` goes on until it is cancelled."""

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
        self._desk = desk
        self._rooms = rooms
        self._round = Round(desk, rooms, tenants)
        self._random = random
        self._reader: OrgReading | None = None
        self._wanted: set[str] = {t.name for t in self.tracks}
        self._poke = asyncio.Event()
        self._reading = asyncio.Lock()

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
                    await self._failed(track, error)

    def ask(self, name: str) -> None:
        """Read `name`, paused or not, as soon as the loop is free."""
        self._wanted.add(name)
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
        self._wanted.clear()
        for track in tracks:
            track.reading = True
            self._desk.publish(track.name)
        try:
            await self._read(tracks)
        finally:
            for track in tracks:
                track.reading = False
                track.last_try = self._desk.clock.now()
                track.next_at = self._next(track, track.last_try)
                self._desk.publish(track.name)
            self._poke.set()

    async def _due(self) -> None:
        while not self._wanted:
            self._poke.clear()
            moments = [t.next_at for t in self.tracks if not t.paused and t.next_at is not None]
            if not moments:
                await self._poke.wait()
                continue
            moment = min(moments)
            if moment <= self._desk.clock.now():
                return
            await sleep_until(self._desk.clock, moment, self._poke)

    def _next(self, track: Track, now: datetime) -> datetime:
        return schedule.next_reading(
            now,
            track.state,
            self._desk.config.app.intervals,
            self._random,
            attended=track.attended and walking.awaits_answer(track.walk, self._desk.required),
            retry_at=self._reader.retry_at if self._reader is not None else None,
            put_off=track.put_off,
        )

    async def _read(self, tracks: list[Track]) -> None:
        try:
            if self._reader is None:
                self._reader = self._rooms.org(self.org)
            await self._settle()
            found = await self._round.evidence(self._reader, tracks)
        except Exception as error:
            for track in tracks:
                await self._failed(track, error)
            return
        for track in tracks:
            try:
                evidence, diagnosis = found[track.name]
                await self._desk.accept(track, evidence, diagnosis)
            except Exception as error:
                await self._failed(track, error)

    async def _settle(self) -> None:
        try:
            await self.mender.read_back()
        except Exception as error:
            # What was sent long ago stays open; what is the matter now is more urgent.
            log.error("reading back a change of %s", self.org.id, exc_info=error)

    async def _failed(self, track: Track, error: Exception) -> None:
        """What should not happen still becomes a state: Unknown, with the reason."""
        now = self._desk.clock.now()
        if isinstance(error, Problem):
            reason, step = f"{error.title}: {error.message}", error.next_step
        else:
            log.error("reading %s: internal fault", track.name, exc_info=error)
            reason = f"internal fault in this program ({type(error).__name__})"
            step = "Its log names the place; the watch goes on."
        evidence = completed(blank(now, org_clock(track.state, now), reason, step), track.state)
        diagnosis = undecided(tuple(c.id for c in CAUSES), reason, step)
        try:
            await self._desk.accept(track, evidence, diagnosis)
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
