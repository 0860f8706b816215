"""Watches all connections: the one thing that the app and the commands talk to."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from datetime import datetime, timedelta
from random import Random
from types import TracebackType
from typing import TYPE_CHECKING, Any

from tui.base.clock import Clock
from tui.config import Config
from tui.connections.connection import Connection, Org
from tui.connections.state import State
from tui.net import Net
from tui.watching.clients import Clients
from tui.watching.entry import Entry
from tui.watching.hours import Hour
from tui.watching.journal import Journal, Sent
from tui.watching.leases import Lease
from tui.watching.mutes import Mute, line_of
from tui.watching.operator_acts import OperatorActs
from tui.watching.org_watch import OrgWatch
from tui.watching.schedule import IDLE, ReadingProgress, gap
from tui.watching.state_broadcast import StateBroadcast
from tui.watching.state_store import StateStore
from tui.watching.watched_connection import WatchedConnection

if TYPE_CHECKING:
    from tui.watching.hook import Hook, HookRunner

log = logging.getLogger(__name__)

POLL_EVERY = timedelta(seconds=5)
"""How often a process looks whether the journal has news, or a watcher has gone."""


class Watcher(OperatorActs):
    """`async with Watcher(…) as w: async for state in w.states()`.

    Remembered states come first; `progress(name).last_try` is None until this process has tried to read.
    `standing`: of all standing watches of a journal the one that has an org's lease reads it, the others show what
    that one reads (`following`), and read by themselves what somebody walks through here. Not standing, for one
    command: it reads by itself and needs no lease; what began before the command, or before `not_before`, is no
    answer to it.
    """

    def __init__(
        self,
        config: Config,
        *,
        clock: Clock,
        net: Net,
        journal: Journal,
        random: Random,
        clients: Clients | None = None,
        standing: bool = True,
        hook: "Hook | None" = None,
        not_before: datetime | None = None,
    ) -> None:
        self._broadcast = StateBroadcast(self.state)
        self._store = StateStore(
            config, clock, journal, self._broadcast.publish, standing=standing, not_before=not_before
        )
        self._net = net
        self._random = random
        self._clients = clients
        self._watched = {c.name: WatchedConnection(c) for c in config.connections}
        self._store.connections = tuple(self._watched.values())
        self._store.share(self._store.connections)
        self._orgs: dict[str, OrgWatch] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.hook = self._calling(hook) if hook is not None else None

    async def __aenter__(self) -> "Watcher":
        await self._store.restore()
        self._make_orgs()
        for watch in self._orgs.values():
            if self._store.standing:
                await watch.try_to_hold()
                # Of thousands each waits its turn: keys come first.
                await asyncio.sleep(0)
            else:
                watch.start(None)
        for watch in self._orgs.values():
            self._keep(watch.run())
        if self._store.standing:
            self._keep(self._follow())
            self._keep(self._upkeep())
            if self.hook is not None:
                self._keep(self.hook.run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._broadcast.close()
        seen = {t.name: t.spans for t in self._watched.values() if t.spans}
        if seen:
            await self._store.write(self._store.journal.count(seen, self._store.clock.now()))
        for watch in self._orgs.values():
            if watch.lease is not None:
                await self._store.write(self._store.journal.leases.release(watch.lease))
        await self._store.journal.close()

    # What is known

    @property
    def connections(self) -> tuple[Connection, ...]:
        return tuple(t.connection for t in self._watched.values())

    def states(self) -> AsyncIterator[State]:
        """The state of each connection, then each new one, also when only what comes next has changed."""
        return self._broadcast.states(self._watched)

    def state(self, name: str) -> State | None:
        return self._watched[name].state

    def following(self, name: str) -> str | None:
        """Who watches the org of `name`, where it is another process, in words."""
        watch = self._watch(name)
        return None if watch.active or watch.holder is None else watch.holder.words

    def holder(self, name: str) -> str | None:
        """Which other process has the watch of the org of `name`, in words; also while one reads here oneself."""
        watch = self._watch(name)
        return watch.holder.words if watch.lease is None and watch.holder is not None else None

    def outdated(self, name: str) -> bool:
        """Whether what is known is so old that something may have come and gone since."""
        return gap(self._watched[name].state, self._store.clock.now(), self._store.config.app.intervals)

    def progress(self, name: str) -> ReadingProgress:
        return self._store.progress(self._watched[name])

    def org(self, name: str) -> Org:
        return self._store.config.orgs[self._watched[name].connection.org]

    def take_news(self) -> tuple[Entry, ...]:
        """History lines written since the last call, in order: for bell and notification (`entry.rings`).

        None of a connection that is muted.
        """
        news = tuple(entry for entry in self._store.news if self.mute(entry.connection) is None)
        self._store.news.clear()
        return news

    async def history(self, name: str, limit: int = 500) -> tuple[Entry, ...]:
        """What happened, newest first; empty where the journal cannot be read."""
        return await self._store.write(self._store.journal.history(name, limit)) or ()

    async def hours(self, since: datetime, *names: str) -> dict[str, tuple[Hour, ...]]:
        """How long what was seen of these, by default of all, by the hour; empty where the journal cannot be read."""
        return await self._store.write(self._store.journal.hours(names or (*self._watched,), since)) or {}

    async def changes(self, name: str) -> tuple[Sent, ...]:
        """What this program changed, newest first; empty where the journal cannot be read."""
        return await self._store.write(self._store.journal.sent(name)) or ()

    @property
    def began(self) -> datetime:
        """When this watch, or this command, began."""
        return self._store.began

    def hung(self, after: timedelta) -> bool:
        """Whether a reading of an org that this process watches is late by more than `after`."""
        limit = self._store.clock.now() - after
        return any(
            watched.next_at is not None and watched.next_at < limit and not watched.paused
            for watch in self._orgs.values()
            if watch.active
            for watched in watch.connections
        )

    def mute(self, name: str) -> Mute | None:
        """Until when hook and bell are kept still for `name`; None: they are not."""
        mute = self._store.mutes.get(name)
        return mute if mute is not None and mute.holds(self._store.clock.now()) else None

    @property
    def muted(self) -> frozenset[str]:
        """The connections of which nobody is called now."""
        now = self._store.clock.now()
        return frozenset(name for name, mute in self._store.mutes.items() if mute.holds(now))

    @property
    def paused(self) -> frozenset[str]:
        """The connections that are not read for now."""
        return frozenset(watched.name for watched in self._watched.values() if watched.paused)

    def read_by(self, name: str) -> str:
        """The process behind the state of `name`, such as "jump1:4711"; empty where nobody has read it."""
        return self._watched[name].read_by

    def read_at(self, name: str) -> datetime | None:
        """When that process read it last (this machine's clock)."""
        watched = self._watched[name]
        if watched.state is None:
            return None
        read_at = watched.state.evidence.read_at
        return max(read_at, watched.confirmed_at or read_at)

    async def keep_still(self, name: str, until: datetime | None, reason: str, by: str) -> bool:
        """Keep hook and bell still until then (this machine's clock), or no longer; False without a journal."""
        now = self._store.clock.now()
        mute = Mute(now, until or now, reason, by)
        _, failed = await self._store.tried(self._store.journal.mute(name, mute, line_of(name, mute)))
        if not failed:
            self._store.mutes = {**self._store.mutes, name: mute}
            self._broadcast.publish(name)
        return not failed

    # When to read

    def check_now(self, name: str | None = None) -> None:
        """Read `name`, or all, as soon as possible; also where another process watches. At most once in two seconds."""
        for watch in self._orgs.values():
            if names := [watched.name for watched in watch.connections if name in (None, watched.name)]:
                watch.ask_by_key(names)

    def pause(self, name: str, on: bool) -> None:
        """Stop or go on reading `name`; `check_now` still reads it."""
        self._watched[name].paused = on
        self._reschedule(name)

    def attend(self, name: str | None) -> None:
        """The wizard of `name` is open (None: of none): look often while a step waits for Salesforce's answer."""
        now = self._store.clock.now()
        for watched in self._watched.values():
            attended = watched.name == name
            if (watched.attended_at is not None) != attended:
                watched.attended_at = now if attended else None
                if not attended and self._store.standing:
                    self._watch(watched.name).stop()
                self._reschedule(watched.name)

    def touch(self) -> None:
        """A key was pressed: a walkthrough that is left open without one is read less and less often."""
        now = self._store.clock.now()
        for watched in self._watched.values():
            if watched.attended_at is not None:
                idle, watched.attended_at = now - watched.attended_at >= IDLE, now
                if idle:
                    self._reschedule(watched.name)

    # Inside

    def _lease_of(self, name: str) -> Lease | None:
        return self._watch(name).lease

    async def _follow(self) -> None:
        """Look at what others read, and take over each org whose process has ended, stopped or hangs."""
        clock = self._store.clock
        while True:
            await clock.sleep_until(clock.now() + POLL_EVERY)
            behind = [watch for watch in self._orgs.values() if watch.lease is None]
            if not behind:
                continue
            for watch in behind:
                await watch.try_to_hold()
            if await self._store.write(self._store.journal.changed()):
                for watch in behind:
                    await self._store.poll_journal(watch.connections)

    async def _upkeep(self) -> None:
        """After the first round, and once a day: see to the journal's file."""
        for watch in self._orgs.values():
            if watch.lease is not None:
                await watch.read_once.wait()
        await self._store.keep_up()

    def _make_orgs(self) -> None:
        if self._clients is None:
            from tui.watching.http_clients import HttpClients

            self._clients = HttpClients(self._net, self._store.clock, self._store.required)
        tenants = {t.id: self._clients.tenant(t) for t in self._store.config.tenants.values()}
        by_org: dict[str, list[WatchedConnection]] = {}
        for watched in self._watched.values():
            by_org.setdefault(watched.connection.org, []).append(watched)
        for id, connections in by_org.items():
            org = self._store.config.orgs[id]
            self._orgs[id] = OrgWatch(org, connections, self._store, self._clients, tenants, self._random)

    def _calling(self, hook: "Hook") -> "HookRunner":
        from tui.watching.hook import HookRunner

        return HookRunner(hook, self._store, self._lease_of)

    def _keep(self, loop: Coroutine[Any, Any, None]) -> None:
        self._tasks.add(asyncio.create_task(loop))
