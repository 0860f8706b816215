"""Watches all connections: the one thing that the app and the commands talk to."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine, Sequence
from datetime import datetime
from random import Random
from types import TracebackType
from typing import Any

from msgspec.structs import replace

from tui.base.clock import Clock
from tui.base.problem import Problem
from tui.base.text import sentence
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
from tui.watching.journal import Intent, Journal, Sent
from tui.watching.lock import WatcherLock, lock_path
from tui.watching.mending import refused_for_good
from tui.watching.org_watch import OrgWatch
from tui.watching.post import Post
from tui.watching.restoring import EXPERIENCE, look, prune, restore
from tui.watching.rooms import Rooms, TenantReading
from tui.watching.schedule import Ahead, gap
from tui.watching.tracking import Desk, Track

log = logging.getLogger(__name__)


class Watcher:
    """`async with Watcher(…) as w: async for state in w.states()`.

    Remembered states come first; `ahead(name).last_try` is None until this process has tried to read.
    One process a state folder watches an org; a second one follows its journal (`following`) and may change
    nothing there.
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
    ) -> None:
        self._post = Post(self.state)
        self._desk = Desk(config, clock, journal, self._post.publish)
        self._net = net
        self._random = random
        self._rooms = rooms
        self._tenants: dict[str, TenantReading] = {}
        self._tracks = {c.name: Track(c) for c in config.connections}
        self._orgs: dict[str, OrgWatch] = {}
        wanted = {c.org for c in config.connections}
        self._locks = {
            id: WatcherLock(lock_path(journal.path.parent, id)) for id in config.orgs if id in wanted
        }
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Watcher":
        mine = [org for org in self._locks if self._take_lock(org)]
        intents = await restore(self._desk, tuple(self._tracks.values()))
        if mine:
            await prune(self._desk)
        self._watch(mine, intents)
        if self._behind:
            self._keep(self._follow())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._post.close()
        await self._desk.journal.close()
        for lock in self._locks.values():
            lock.release()

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
        org = self._tracks[name].connection.org
        return None if org in self._orgs else self._locks[org].holder()

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
        """Read `name`, or all, as soon as possible."""
        for track in self._tracks.values():
            if name in (None, track.name) and (watch := self._orgs.get(track.connection.org)) is not None:
                watch.ask(track.name)

    def pause(self, name: str, on: bool) -> None:
        """Stop or go on reading `name`; `check_now` still reads it."""
        self._tracks[name].paused = on
        self._reschedule(name)

    def attend(self, name: str | None) -> None:
        """The wizard of `name` is open (None: of none): look often while a step waits for Salesforce's answer."""
        for track in self._tracks.values():
            attended = track.name == name
            if track.attended != attended:
                track.attended = attended
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
        track = self._changeable(name)
        await self._orgs[track.connection.org].read_first(name)
        track.walk_left = None
        if track.walk is None:
            walk = walking.begin(
                track.state, self._experience(track), self._desk.clock.now(), self._desk.required
            )
            if walk is not None:
                await self._desk.keep_walk(track, walk, acted=True)
        self._reschedule(name)
        return track.walk

    async def step_done(self, name: str) -> None:
        """The operator says that the current step is done; Salesforce is asked at once."""
        track = self._changeable(name)
        if track.walk is None:
            return
        walk, state = track.walk, track.state
        await self._desk.keep_walk(track, walkthrough.done(walk, self._desk.clock.now()), acted=True)
        if state is not None and walking.mends_by_word(state, walk.item.cause, walk):
            at = org_clock(state, self._desk.clock.now())
            act = SaysMended(walk.item.cause, walking.operator(state), at)
            await self._desk.accept(track, state.evidence, state.diagnosis, act)
        self.check_now(name)

    async def step_skip(self, name: str) -> None:
        track = self._changeable(name)
        if track.walk is not None:
            await self._desk.keep_walk(
                track, walkthrough.skip(track.walk, self._desk.clock.now()), acted=True
            )
            self._reschedule(name)

    async def step_back(self, name: str) -> None:
        track = self._changeable(name)
        if track.walk is not None:
            await self._desk.keep_walk(track, walkthrough.back(track.walk), acted=True)
            self._reschedule(name)

    def experience(self, name: str) -> Experience:
        """The one that was chosen last for the org, by default the configuration's."""
        return self._experience(self._tracks[name])

    async def switch_experience(self, name: str) -> Experience:
        """The other of Lightning and Classic, for this org from now on, on this machine."""
        track = self._changeable(name)
        new = Experience.CLASSIC if self._experience(track) is Experience.LIGHTNING else Experience.LIGHTNING
        org = track.connection.org
        self._desk.experiences[org] = new
        await self._desk.write(self._desk.journal.keep_setting(EXPERIENCE + org, new.value))
        for each in self._tracks.values():
            if each.connection.org == org and each.walk is not None:
                await self._desk.keep_walk(each, replace(each.walk, experience=new), acted=True)
        return new

    # What the operator does

    async def say_monitoring(self, name: str, by: str) -> bool:
        """The operator's word that the console shows Monitoring; False where it does not count (no repair yet)."""
        track = self._changeable(name)
        state = track.state
        if state is None:
            return False
        act = SaysMonitoring(by, org_clock(state, self._desk.clock.now()))
        await self._desk.accept(track, state.evidence, state.diagnosis, act)
        self.check_now(name)
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

        Raises Problem where nothing was sent: another process watches, or the journal cannot be written.
        """
        track = self._changeable(name)
        watch = self._orgs[track.connection.org]
        outcomes = await watch.mender.mend(track, repair)
        if refused_for_good(outcomes):
            track.refused.add(repair.cause)
        await watch.read(name)
        return outcomes

    # Inside

    def _experience(self, track: Track) -> Experience:
        org = self._desk.config.orgs[track.connection.org]
        return self._desk.experiences.get(org.id, org.experience)

    def _changeable(self, name: str) -> Track:
        following = self.following(name)
        if following is not None:
            raise Problem(
                "Another remonitor is watching",
                f"{sentence(following)} watches the org of {name}; here you can only look.",
                "Go on there, or end it: this one takes over by itself.",
            )
        return self._tracks[name]

    def _reschedule(self, name: str) -> None:
        if (watch := self._orgs.get(self._tracks[name].connection.org)) is not None:
            watch.reschedule()

    @property
    def _behind(self) -> list[str]:
        """The orgs that another process watches."""
        return [org for org in self._locks if org not in self._orgs]

    def _take_lock(self, org: str) -> bool:
        try:
            return self._locks[org].take()
        except OSError as error:
            # A folder that cannot be locked cannot be written either: watch, and remember nothing.
            self._desk.notice = f"The state folder cannot be locked: {error.strerror}."
            return True

    async def _follow(self) -> None:
        """Look at what others read, and take over each org whose process has ended."""
        while self._behind:
            free = [org for org in self._behind if self._take_lock(org)]
            if free:
                self._watch(free, await restore(self._desk, self._of(free)))
            await look(self._desk, self._of(self._behind))

    def _of(self, orgs: Sequence[str]) -> tuple[Track, ...]:
        return tuple(t for t in self._tracks.values() if t.connection.org in orgs)

    def _watch(self, orgs: Sequence[str], intents: Sequence[Intent]) -> None:
        if self._rooms is None:
            from tui.watching.real_rooms import RealRooms

            self._rooms = RealRooms(self._net, self._desk.clock, self._desk.required)
        if not self._tenants:
            self._tenants = {t.id: self._rooms.tenant(t) for t in self._desk.config.tenants.values()}
        for id in orgs:
            org = self._desk.config.orgs[id]
            watch = OrgWatch(org, self._of([id]), self._desk, self._rooms, self._tenants, self._random)
            self._orgs[id] = watch
            watch.mender.left_open(intents)
            self._keep(watch.run())

    def _keep(self, loop: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(loop)
        self._tasks.add(task)
