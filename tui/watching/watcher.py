"""Watches all connections: the one thing that the app and the commands talk to."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import datetime, timedelta
from random import Random
from types import TracebackType
from typing import Any

from msgspec.structs import replace

from tui.base.clock import Clock
from tui.config import Config
from tui.connections import walkthrough
from tui.connections.connection import Connection, Experience, Org
from tui.connections.outage import SaysMended, SaysMonitoring
from tui.connections.repair import NoRepair, Outcome, Repair
from tui.connections.state import State
from tui.connections.walkthrough import Walkthrough
from tui.net import Net
from tui.watching import walking
from tui.watching.entry import Entry
from tui.watching.evidence_parts import org_clock
from tui.watching.journal import Journal, Sent
from tui.watching.mending import refused_for_good
from tui.watching.org_watch import OrgWatch
from tui.watching.post import Post
from tui.watching.restoring import EXPERIENCE, LOOK, keep_up, refresh, restore
from tui.watching.rooms import Rooms
from tui.watching.schedule import IDLE, Ahead, gap
from tui.watching.tracking import Desk, Track

log = logging.getLogger(__name__)

FIRST_LEASE = timedelta(minutes=2)
"""Until the first round has ended, which renews it."""


class Watcher:
    """`async with Watcher(…) as w: async for state in w.states()`.

    Remembered states come first; `ahead(name).last_try` is None until this process has tried to read.
    `standing`: of all standing watches of a journal the one that has an org's lease reads it, the others show what
    that one reads (`following`), and read by themselves what somebody walks through here. Not standing, for one
    command: it reads by itself and needs no lease; what began before the command is no answer to it.
    """

    def __init__(
        self,
        config: Config,
        *,
        clock: Clock,
        net: Net,
        journal: Journal,
        random: Random,
        rooms: Rooms | None = None,
        standing: bool = True,
    ) -> None:
        self._post = Post(self.state)
        self._desk = Desk(config, clock, journal, self._post.publish, standing=standing)
        self._net = net
        self._random = random
        self._rooms = rooms
        self._tracks = {c.name: Track(c) for c in config.connections}
        self._desk.tracks = tuple(self._tracks.values())
        self._desk.share()
        self._orgs: dict[str, OrgWatch] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Watcher":
        await restore(self._desk, tuple(self._tracks.values()))
        self._make_orgs()
        for watch in self._orgs.values():
            if self._desk.standing:
                await self._try_to_hold(watch)
            else:
                watch.start(None)
            self._keep(watch.run())
        if self._desk.standing:
            self._keep(self._follow())
            self._keep(self._upkeep())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._post.close()
        seen = {t.name: t.spans for t in self._tracks.values() if t.spans}
        if seen:
            await self._desk.write(self._desk.journal.count(seen, self._desk.clock.now()))
        for watch in self._orgs.values():
            if watch.lease is not None:
                await self._desk.write(self._desk.journal.leases.release(watch.lease))
        await self._desk.journal.close()

    # What is known

    @property
    def connections(self) -> tuple[Connection, ...]:
        return tuple(t.connection for t in self._tracks.values())

    def states(self) -> AsyncIterator[State]:
        """The state of each connection, then each new one, also when only what comes next has changed."""
        return self._post.states(self._tracks)

    def state(self, name: str) -> State | None:
        return self._tracks[name].state

    def following(self, name: str) -> str | None:
        """Who watches the org of `name`, where it is another process, in words."""
        watch = self._watch(name)
        return None if watch.active or watch.holder is None else watch.holder.words

    def outdated(self, name: str) -> bool:
        """Whether what is known is so old that something may have come and gone since."""
        return gap(self._tracks[name].state, self._desk.clock.now(), self._desk.config.app.intervals)

    def ahead(self, name: str) -> Ahead:
        return self._desk.ahead(self._tracks[name])

    def org(self, name: str) -> Org:
        return self._desk.config.orgs[self._tracks[name].connection.org]

    def take_news(self) -> tuple[Entry, ...]:
        """History lines written since the last call, in order: for bell and notification (`entry.rings`)."""
        news = tuple(self._desk.news)
        self._desk.news.clear()
        return news

    async def history(self, name: str, limit: int = 500) -> tuple[Entry, ...]:
        """What happened, newest first; empty where the journal cannot be read."""
        return await self._desk.write(self._desk.journal.history(name, limit)) or ()

    async def changes(self, name: str) -> tuple[Sent, ...]:
        """What this program changed, newest first; empty where the journal cannot be read."""
        return await self._desk.write(self._desk.journal.sent(name)) or ()

    # When to read

    def check_now(self, name: str | None = None) -> None:
        """Read `name`, or all, as soon as possible; also where another process watches. At most once in two seconds."""
        for watch in self._orgs.values():
            if names := [track.name for track in watch.tracks if name in (None, track.name)]:
                watch.ask_by_key(names)

    def pause(self, name: str, on: bool) -> None:
        """Stop or go on reading `name`; `check_now` still reads it."""
        self._tracks[name].paused = on
        self._reschedule(name)

    def attend(self, name: str | None) -> None:
        """The wizard of `name` is open (None: of none): look often while a step waits for Salesforce's answer."""
        now = self._desk.clock.now()
        for track in self._tracks.values():
            attended = track.name == name
            if (track.attended_at is not None) != attended:
                track.attended_at = now if attended else None
                if not attended and self._desk.standing:
                    self._watch(track.name).stop()
                self._reschedule(track.name)

    def touch(self) -> None:
        """A key was pressed: a walkthrough that is left open without one is read less and less often."""
        now = self._desk.clock.now()
        for track in self._tracks.values():
            if track.attended_at is not None:
                idle, track.attended_at = now - track.attended_at >= IDLE, now
                if idle:
                    self._reschedule(track.name)

    # The walk

    def walkthrough(self, name: str) -> Walkthrough | None:
        return self._tracks[name].walk

    def left_walkthroughs(self) -> tuple[tuple[str, Walkthrough, datetime], ...]:
        """Walkthroughs that another process began and nobody has resumed yet, and when they were left; newest first."""
        left = [
            (t.name, t.walk, t.walk_left)
            for t in self._tracks.values()
            if t.walk is not None and t.walk_left is not None
        ]
        return tuple(sorted(left, key=lambda walk: walk[2], reverse=True))

    async def walk(self, name: str) -> Walkthrough | None:
        """Begin the walkthrough of `name`, or resume it, on what Salesforce shows now.

        None where there is nothing to mend or to wait for.
        """
        track, watch = self._tracks[name], self._watch(name)
        watch.start(None)
        await watch.read_first(name)
        self._desk.resume(track)
        if track.walk is None:
            await self._desk.move_walk(track, lambda walk: walk or self._begun(track))
        self._reschedule(name)
        return track.walk

    async def step_done(self, name: str) -> None:
        """The operator says that the current step is done; Salesforce is asked at once."""
        track = self._tracks[name]
        if track.walk is None:
            return
        walk, state, now = track.walk, track.state, self._desk.clock.now()
        await self._move(track, lambda walk: walkthrough.done(walk, now))
        if state is not None and walking.mends_by_word(state, walk.item.cause, walk):
            act = SaysMended(walk.item.cause, walking.operator(state), org_clock(state, now))
            await self._desk.apply_act(track, act)
        self._watch(name).ask(name)

    async def step_skip(self, name: str) -> None:
        track, now = self._tracks[name], self._desk.clock.now()
        if track.walk is not None:
            await self._move(track, lambda walk: walkthrough.skip(walk, now))
            self._reschedule(name)

    async def step_back(self, name: str) -> None:
        track = self._tracks[name]
        if track.walk is not None:
            await self._move(track, walkthrough.back)
            self._reschedule(name)

    def experience(self, name: str) -> Experience:
        """The one that was chosen last for the org, by default the configuration's."""
        return self._experience(self._tracks[name])

    async def switch_experience(self, name: str) -> Experience:
        """The other of Lightning and Classic, for this org from now on, on this machine."""
        track = self._tracks[name]
        new = Experience.CLASSIC if self._experience(track) is Experience.LIGHTNING else Experience.LIGHTNING
        org = track.connection.org
        self._desk.experiences[org] = new
        await self._desk.write(self._desk.journal.keep_setting(EXPERIENCE + org, new.value))
        for each in self._tracks.values():
            if each.connection.org == org and each.walk is not None:
                await self._move(each, lambda walk: replace(walk, experience=new))
        return new

    # What the operator does

    async def say_monitoring(self, name: str, by: str) -> bool:
        """The operator's word that the console shows Monitoring; False where it does not count (no repair yet)."""
        track = self._tracks[name]
        state = track.state
        if state is None:
            return False
        act = SaysMonitoring(by, org_clock(state, self._desk.clock.now()))
        await self._desk.apply_act(track, act)
        self._watch(name).ask(name)
        recovery = track.state.recovery if track.state is not None else None
        return recovery is not None and recovery.word is not None and recovery.word.at == act.at

    def repair_offers(self, name: str) -> tuple[Repair | NoRepair, ...]:
        """For each cause that is present, in order: the repair that the program may apply, or why not.

        Where the org has refused the first way, and there is another one, that one.
        """
        track = self._tracks[name]
        offers = track.state.diagnosis.offers if track.state is not None else ()
        return tuple(
            offer.alternative
            if offer.alternative is not None and offer.cause in track.refused
            else offer.repair
            for offer in offers
        )

    async def repair(self, name: str, repair: Repair) -> tuple[Outcome, ...]:
        """Apply `repair`, journalled before and after, and read everything again.

        Raises Problem where nothing was sent: the journal cannot be written, or a change of the same record is open.
        """
        track, watch = self._tracks[name], self._watch(name)
        outcomes = await watch.mender.mend(track, repair)
        if refused_for_good(outcomes):
            track.refused.add(repair.cause)
        await watch.read(name)
        return outcomes

    # Inside

    def _experience(self, track: Track) -> Experience:
        org = self._desk.config.orgs[track.connection.org]
        return self._desk.experiences.get(org.id, org.experience)

    def _begun(self, track: Track) -> Walkthrough | None:
        now = self._desk.clock.now()
        return walking.begin(track.state, self._experience(track), now, self._desk.required)

    async def _move(self, track: Track, move: Callable[[Walkthrough], Walkthrough]) -> None:
        """Move the newest walkthrough; one that somebody has closed stays closed."""
        await self._desk.move_walk(track, lambda walk: move(walk) if walk is not None else None)

    def _watch(self, name: str) -> OrgWatch:
        return self._orgs[self._tracks[name].connection.org]

    def _reschedule(self, name: str) -> None:
        self._watch(name).reschedule()

    async def _try_to_hold(self, watch: OrgWatch) -> bool:
        """Take the lease of an org where it is free; without a journal the watch goes on and remembers nothing."""
        now, leases = self._desk.clock.now(), self._desk.journal.leases
        holder, failed = await self._desk.tried(leases.holder(watch.org.id))
        if failed:
            watch.start(None)
            return True
        watch.holder = holder
        if holder is not None and holder.valid(now):
            return False
        lease = await self._desk.write(leases.take(watch.org.id, now, now + FIRST_LEASE))
        if lease is not None:
            watch.start(lease)
        return lease is not None

    async def _follow(self) -> None:
        """Look at what others read, and take over each org whose process has ended, stopped or hangs."""
        clock = self._desk.clock
        while True:
            await clock.sleep_until(clock.now() + LOOK)
            behind = [watch for watch in self._orgs.values() if watch.lease is None]
            if not behind:
                continue
            for watch in behind:
                await self._try_to_hold(watch)
            if await self._desk.write(self._desk.journal.changed()):
                for watch in behind:
                    await refresh(self._desk, watch.tracks)

    async def _upkeep(self) -> None:
        """After the first round, and once a day: see to the journal's file."""
        for watch in self._orgs.values():
            if watch.lease is not None:
                await watch.read_once.wait()
        await keep_up(self._desk)

    def _make_orgs(self) -> None:
        if self._rooms is None:
            from tui.watching.real_rooms import RealRooms

            self._rooms = RealRooms(self._net, self._desk.clock, self._desk.required)
        tenants = {t.id: self._rooms.tenant(t) for t in self._desk.config.tenants.values()}
        for id in dict.fromkeys(track.connection.org for track in self._tracks.values()):
            tracks = tuple(t for t in self._tracks.values() if t.connection.org == id)
            org = self._desk.config.orgs[id]
            self._orgs[id] = OrgWatch(org, tracks, self._desk, self._rooms, tenants, self._random)

    def _keep(self, loop: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(loop)
        self._tasks.add(task)
