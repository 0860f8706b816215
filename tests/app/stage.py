"""A quiet watcher with the real rules behind it, and the app on it: readings come when a test says so."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from textual.content import Content
from textual.pilot import Pilot

from tests.evidence import ACCOUNT, NOW, OPERATOR, connection, evidence, froze, login, org, repair_for, trail
from tui.app.app import RemonitorApp
from tui.base.clock import ManualClock
from tui.config import Config
from tui.connections import walkthrough as walks
from tui.connections.connection import Connection, Experience, Org
from tui.connections.evidence import Evidence
from tui.connections.outage import Act, RepairApplied, SaysMonitoring
from tui.connections.recovery import advance
from tui.connections.repair import NoRepair, Outcome, Repair, Result
from tui.connections.state import State
from tui.connections.step import Subject
from tui.connections.walkthrough import Walkthrough
from tui.diagnosis.diagnose import diagnose
from tui.rules.required_permissions import REQUIREMENTS
from tui.watching import history, walking
from tui.watching.entry import Entry
from tui.watching.schedule import ReadingProgress

FROZEN_AT = NOW - timedelta(minutes=18)


def frozen(**parts: Any) -> Evidence:
    """A reading of an account that Jane Doe froze."""
    return evidence(freeze=login(frozen=True, modified=FROZEN_AT), audit=trail(froze(FROZEN_AT)), **parts)


class QuietWatcher:
    """The Watcher's public side over readings that tests hand in with `reads`."""

    def __init__(self, config: Config, clock: ManualClock) -> None:
        self.config = config
        self.clock = clock
        self.known: dict[str, State] = {}
        self.walks: dict[str, Walkthrough] = {}
        self.entries: dict[str, tuple[Any, ...]] = {}
        self.paused: set[str] = set()
        self.journal_problem = ""
        self.asked: list[str | None] = []
        self.attended: str | None = None
        self.touched = 0
        self.sent: list[Repair] = []
        self.outcomes: tuple[Outcome, ...] = (Outcome(Result.APPLIED),)
        self.after_repair: Evidence | None = None
        self.left: tuple[tuple[str, Walkthrough, datetime], ...] = ()
        self.watched_by: str | None = None
        self.news: list[Entry] = []
        self.queue: asyncio.Queue[State] = asyncio.Queue()

    def reads(self, name: str, reading: Evidence, act: Act | None = None) -> State:
        """A reading of this connection has come: decide its state by the real rules and tell the app."""
        subject = self._connection(name)
        before = self.known.get(name)
        state = advance(subject, before, reading, diagnose(subject, reading), act)
        self.news += history.entries(before.status if before else None, before, state)
        self.known[name] = state
        if name in self.walks:
            walk, over = walking.refreshed(self.walks[name], state, self.clock.now(), REQUIREMENTS)
            self.walks[name] = walk
            if over:
                del self.walks[name]
        self.queue.put_nowait(state)
        return state

    def tell(self, name: str) -> None:
        self.queue.put_nowait(self.known[name])

    def _connection(self, name: str) -> Connection:
        found = self.config.connection(name)
        assert found is not None
        return found

    @property
    def connections(self) -> tuple[Connection, ...]:
        return self.config.connections

    async def states(self) -> AsyncIterator[State]:
        while True:
            yield await self.queue.get()

    def state(self, name: str) -> State | None:
        return self.known.get(name)

    def progress(self, name: str) -> ReadingProgress:
        state = self.known.get(name)
        read = state.evidence.read_at if state else None
        return ReadingProgress(
            next_at=read + timedelta(minutes=1) if read else None,
            last_try=read,
            paused=name in self.paused,
            journal_problem=self.journal_problem,
        )

    def org(self, name: str) -> Org:
        return self.config.orgs[self._connection(name).org]

    def following(self, name: str) -> str | None:
        return self.watched_by

    def check_now(self, name: str | None = None) -> None:
        self.asked.append(name)

    def pause(self, name: str, on: bool) -> None:
        self.paused = self.paused | {name} if on else self.paused - {name}

    def attend(self, name: str | None) -> None:
        self.attended = name

    def touch(self) -> None:
        self.touched += 1

    def walkthrough(self, name: str) -> Walkthrough | None:
        return self.walks.get(name)

    async def walk(self, name: str) -> None:
        if name not in self.walks:
            walk = walking.begin(self.known.get(name), Experience.LIGHTNING, self.clock.now(), REQUIREMENTS)
            if walk is not None:
                self.walks[name] = walk

    async def step_done(self, name: str) -> None:
        self.walks[name] = walks.done(self.walks[name], self.clock.now())

    async def step_back(self, name: str) -> None:
        self.walks[name] = walks.back(self.walks[name])

    async def step_skip(self, name: str) -> None:
        self.walks[name] = walks.skip(self.walks[name], self.clock.now())

    async def switch_experience(self, name: str) -> None:
        from msgspec.structs import replace

        walk = self.walks[name]
        lightning = walk.experience is Experience.LIGHTNING
        self.walks[name] = replace(walk, experience=Experience.CLASSIC if lightning else Experience.LIGHTNING)

    async def say_monitoring(self, name: str, by: str) -> bool:
        state = self.reads(name, self.known[name].evidence, SaysMonitoring(by, self.clock.now()))
        return state.recovery is not None and state.recovery.word is not None

    async def repair(self, name: str, repair: Repair) -> tuple[Outcome, ...]:
        self.sent.append(repair)
        if self.after_repair is not None:
            now = self.clock.now()
            self.reads(name, self.after_repair, RepairApplied((repair.cause,), now, now, OPERATOR))
        return self.outcomes

    def repair_offers(self, name: str) -> tuple[Repair | NoRepair, ...]:
        state = self.known.get(name)
        if state is None:
            return ()
        subject = Subject(state.connection, self.org(name), state.evidence)
        return tuple(repair_for(finding, subject) for finding in state.diagnosis.findings)

    async def history(self, name: str) -> Sequence[Any]:
        return self.entries.get(name, ())

    async def changes(self, name: str) -> Sequence[Any]:
        return ()

    def take_news(self) -> Sequence[Entry]:
        news, self.news = self.news, []
        return news

    def left_walkthroughs(self) -> Sequence[tuple[str, Walkthrough, datetime]]:
        return self.left


def config(*names: str, **org_changes: Any) -> Config:
    """Connections of these names in one org."""
    return Config(
        orgs={"acme": org(**org_changes)},
        connections=tuple(connection(name=name, detector_name=name) for name in names or ("Acme EMEA",)),
    )


def keep_orders(app: RemonitorApp, orders: list[str]) -> None:
    """Keep what the app writes to the terminal besides its screen."""
    driver = app._driver
    assert driver is not None
    driver.write = orders.append  # type: ignore[method-assign]


@dataclass
class Stage:
    """The running app, its watcher, its clock and its keyboard."""

    app: RemonitorApp
    watcher: QuietWatcher
    clock: ManualClock
    pilot: Pilot[int]
    orders: list[str]
    """What was written to the terminal past the screen."""

    async def reads(self, name: str, reading: Evidence, act: Act | None = None) -> State:
        state = self.watcher.reads(name, reading, act)
        await self.settle()
        return state

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    async def settle(self) -> None:
        """Let everything that is under way come to the screen, the resting cursor too."""
        await self.pilot.pause()
        await self.app.main.draw_detail()
        await self.pilot.pause()

    def text(self) -> str:
        """What the terminal shows, as text."""
        lines = self.app.screen._compositor.render_strips()
        return "\n".join("".join(s.text for s in line) for line in lines)

    def toasts(self) -> list[str]:
        return [notification.message for notification in self.app._notifications]


@contextlib.asynccontextmanager
async def stage(
    *names: str,
    size: tuple[int, int] = (120, 36),
    readings: dict[str, Evidence] | None = None,
    left: tuple[tuple[str, Walkthrough, datetime], ...] = (),
    setting: Config | None = None,
    **options: Any,
) -> AsyncIterator[Stage]:
    """The app over these connections; `readings` have been read when it starts."""
    clock = ManualClock(NOW)
    chosen = setting or config(*names)
    watcher = QuietWatcher(chosen, clock)
    watcher.left = left
    for name, reading in (readings or {}).items():
        watcher.reads(name, reading)
    watcher.news.clear()

    @contextlib.asynccontextmanager
    async def opened(_: Config) -> AsyncIterator[QuietWatcher]:
        yield watcher

    options = {"environ": {"TERM": "xterm-256color"}, "open_watcher": opened, "tz": UTC} | options
    app = RemonitorApp(chosen, clock=clock, **options)
    async with app.run_test(size=size, notifications=True) as pilot:
        orders: list[str] = []
        keep_orders(app, orders)
        here = Stage(app, watcher, clock, pilot, orders)
        await here.settle()
        yield here


__all__ = ["ACCOUNT", "NOW", "Content", "Stage", "frozen", "stage"]
