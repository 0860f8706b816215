"""The app on the real watcher over an org of the test's own: readings come when a test says so."""

import asyncio
import contextlib
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

from msgspec.structs import replace
from textual.content import Content
from textual.pilot import Pilot

from tests.evidence import ACCOUNT, NOW, connection, evidence, froze, history, login, org, signed_in, trail
from tests.unit.watching.fakes import Applied, Middle, no_pause, quiet
from tui.app.app import RemonitorApp
from tui.base.clock import ManualClock
from tui.config import Config, Intervals
from tui.connections.connection import Connection, Org, Tenant
from tui.connections.evidence import ConsoleWord, Evidence, Read, Unreadable
from tui.connections.recovery import advance
from tui.connections.repair import Outcome, Repair, Result
from tui.connections.state import State
from tui.connections.walkthrough import Walkthrough
from tui.diagnosis.diagnose import diagnose
from tui.net import Net
from tui.watching import history as past
from tui.watching.clients import TenantReading
from tui.watching.entry import Entry
from tui.watching.journal import Journal, Transition
from tui.watching.journal_records import Stored
from tui.watching.watcher import Watcher

FROZEN_AT = NOW - timedelta(minutes=18)


def frozen(**parts: Any) -> Evidence:
    """A reading of an account that Jane Doe froze ten minutes after Incydr's last sign-in."""
    seen = {"sign_ins": history(signed_in(at=FROZEN_AT - timedelta(minutes=10), count=12))}
    rows = trail(froze(FROZEN_AT))
    return evidence(freeze=login(frozen=True, modified=FROZEN_AT), audit=rows, **(seen | parts))


class Answers:
    """What org and tenant answer: of each connection the reading that a test hands in; until then they are silent.

    Clients, reader and repairer in one. Salesforce shows `after_repair` once a repair has been sent.
    """

    retry_at: datetime | None = None

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.readings: dict[str, Evidence] = {}
        self.asked: list[tuple[str, ...]] = []
        """The connections of each reading."""
        self.sent: list[Repair] = []
        self.outcomes: tuple[Outcome, ...] = (Outcome(Result.APPLIED),)
        self.after_repair: dict[str, Evidence] = {}
        self._more = asyncio.Event()

    def shows(self, **readings: Evidence) -> None:
        self.readings |= readings
        self._more.set()

    def org(self, org: Org) -> "Answers":
        return self

    def repairer(self, org: Org) -> "Answers":
        return self

    def tenant(self, tenant: Tenant) -> TenantReading:
        raise AssertionError("no tenant is configured")

    async def console(self, argv: Sequence[str]) -> Read[ConsoleWord] | Unreadable:
        return Unreadable("no command here")

    async def read(self, connections: Sequence[Connection]) -> dict[str, Evidence]:
        self.asked.append(tuple(c.name for c in connections))
        while any(c.name not in self.readings for c in connections):
            self._more.clear()
            await self._more.wait()
        return {c.name: own(c, self.readings[c.name]) for c in connections}

    async def deepen(
        self, connections: Sequence[Connection], found: Mapping[str, Evidence], deep: Mapping[str, datetime]
    ) -> dict[str, Evidence]:
        return {c.name: found[c.name] for c in connections}

    async def apply(self, repair: Repair, *, org_id: str | None = None) -> Applied:
        self.sent.append(repair)
        self.shows(**self.after_repair)
        now = self.clock.now()
        return Applied(self.outcomes, now, now)

    async def read_back(self, repair: Repair) -> bool | None:
        return None


def own(connection: Connection, reading: Evidence) -> Evidence:
    """The reading with the user whom the connection names, where it has one: an Id of his own too."""
    account = connection.service_account
    if account == ACCOUNT or not isinstance(reading.user, Read) or reading.user.value is None:
        return reading
    user = replace(reading.user.value, id=f"005{crc32(account.encode()):012}AAA", username=account)
    return replace(reading, user=Read(user, reading.user.at))


def state_of(connection: Connection, reading: Evidence) -> State:
    """What the first reading of a connection makes of it."""
    found = own(connection, reading)
    return advance(connection, None, found, diagnose(connection, found))


def config(*names: str, **org_changes: Any) -> Config:
    """Connections of these names in one org, each with an account of its own."""
    return Config(orgs={"acme": org(**org_changes)}, connections=tuple(map(named, names or ("Acme EMEA",))))


def named(name: str) -> Connection:
    account = ACCOUNT if name == "Acme EMEA" else f"{name.replace(' ', '.').casefold()}@acme.example"
    return connection(name=name, detector_name=name, service_account=account)


def keep_orders(app: RemonitorApp, orders: list[str]) -> None:
    """Keep what the app writes to the terminal besides its screen."""
    driver = app._driver
    assert driver is not None

    def write(data: str) -> None:
        orders.append(data)

    driver.write = write  # type: ignore[method-assign]


@dataclass
class Stage:
    """The running app, its watcher, what the org answers, the journal, the clock and the keyboard."""

    app: RemonitorApp
    watcher: Watcher
    answers: Answers
    journal: Journal
    clock: ManualClock
    pilot: Pilot[int]
    orders: list[str]
    """What was written to the terminal past the screen."""

    async def reads(self, name: str, reading: Evidence) -> State:
        """A reading of this connection comes to the screen."""
        self.answers.shows(**{name: reading})
        await self.watcher._watch(name).read(name)
        await self.settle()
        state = self.watcher.state(name)
        assert state is not None
        return state

    async def remembers(self, *entries: Entry) -> None:
        """These lines, the newest first, stand in the history."""
        for entry in reversed(entries):
            await write(self.journal, entry.connection, Transition(entries=(entry,)))

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    async def settle(self) -> None:
        """Let everything that is under way come to the screen, the resting cursor too."""
        await quiet()
        await self.pilot.pause()
        await self.app.main.draw_detail()
        await self.pilot.pause()

    def text(self) -> str:
        """What the terminal shows, as text."""
        lines = self.app.screen._compositor.render_strips()
        return "\n".join("".join(s.text for s in line) for line in lines)

    def toasts(self) -> list[str]:
        return [notification.message for notification in self.app._notifications]


async def write(journal: Journal, name: str, made: Transition, at: datetime = NOW) -> None:
    await journal.transition(name, lambda _: made, Stored(), at)


def forget_history(journal: Journal) -> None:
    """What stands there is what the test says: the lines of the first reading go."""
    with contextlib.closing(sqlite3.connect(journal.path)) as sql, sql:
        sql.execute("DELETE FROM entries")


EVERY_MINUTE = Intervals(monitoring=60, error=60, step=60, recovering=60)
"""Read a minute after the last reading, whatever there is."""


@contextlib.asynccontextmanager
async def stage(
    *names: str,
    size: tuple[int, int] = (120, 36),
    readings: Mapping[str, Evidence] | None = None,
    states: Sequence[State] = (),
    left: Sequence[tuple[str, Walkthrough, datetime]] = (),
    elsewhere: bool = False,
    setting: Config | None = None,
    intervals: Intervals = EVERY_MINUTE,
    **options: Any,
) -> AsyncIterator[Stage]:
    """The app over these connections; `readings` have been read when it starts, and `states` are remembered.

    `left` are walkthroughs that another process began, and when; `elsewhere`: another process watches the org.
    """
    clock = ManualClock(NOW)
    chosen = setting or config(*names)
    chosen = replace(chosen, app=replace(chosen.app, intervals=intervals))
    answers = Answers(clock)
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "journal.db", pause=no_pause)
        await journal.open()
        for state in states:
            told = past.entries(None, None, state)
            await write(journal, state.connection.name, Transition(state, state.evidence.read_at, told))
        for name, walk, at in left:
            await write(journal, name, Transition(walk=walk), at)
        if elsewhere:
            for org_id in chosen.orgs:
                await journal.leases.take(org_id, NOW, NOW + timedelta(hours=1))
        await journal.close()
        answers.shows(**(readings or {}))
        watcher = Watcher(chosen, clock=clock, net=Net(), journal=journal, random=Middle(), clients=answers)

        @contextlib.asynccontextmanager
        async def opened(_: Config) -> AsyncIterator[Watcher]:
            async with watcher:
                yield watcher

        usual: dict[str, Any] = {"environ": {"TERM": "xterm-256color"}, "open_watcher": opened, "tz": UTC}
        app = RemonitorApp(chosen, clock=clock, **(usual | options))
        async with app.run_test(size=size, notifications=True) as pilot:
            orders: list[str] = []
            keep_orders(app, orders)
            here = Stage(app, watcher, answers, journal, clock, pilot, orders)
            await here.settle()
            forget_history(journal)
            answers.asked.clear()
            await here.settle()
            yield here


__all__ = ["ACCOUNT", "NOW", "Content", "Stage", "frozen", "stage"]
