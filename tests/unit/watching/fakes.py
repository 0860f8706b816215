"""A stand-in org, tenant and repairer for the watcher: what Salesforce would show is a plain dictionary."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32

from msgspec.structs import replace

from tests.evidence import NOW, connection, evidence, history, login, org, signed_in, trail, unreadable, user
from tui.base.clock import ManualClock
from tui.config import Config
from tui.connections.connection import Connection, Org, Tenant
from tui.connections.evidence import ConsoleWord, Evidence, FileEvents, OrgIdentity, Read, Unreadable
from tui.connections.repair import Outcome, Repair, Result, Update
from tui.connections.state import State
from tui.net import Net
from tui.watching.entry import Entry
from tui.watching.journal import Journal, Stored, Transition
from tui.watching.watcher import Watcher

EMEA = connection()
UNFREEZE = Repair(
    "user_frozen",
    "Unfreeze",
    (Update("UserLogin", "0Yw1", "freeze", {"IsFrozen": True}, {"IsFrozen": False}),),
)


def _own(of: Connection) -> dict[str, Any]:
    """Every org and every account has an Id of its own."""
    parts: dict[str, Any] = {}
    if of.org != EMEA.org:
        parts["org"] = OrgIdentity(f"00D{of.org:0>12}AAA"[-18:], of.org)
    if of.service_account != EMEA.service_account:
        parts["user"] = user(
            id=f"005{crc32(of.service_account.encode()):012}AAA", username=of.service_account
        )
    return parts


class Middle(Random):
    """Chance without surprise: always the middle of the range."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


@dataclass
class Applied:
    outcomes: tuple[Outcome, ...]
    earliest: datetime
    latest: datetime


@dataclass
class World:
    """Org, repairer and tenant in one; `parts` say what is not healthy, by connection name ("" for all)."""

    clock: ManualClock
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    rows: tuple[Any, ...] = ()
    events: FileEvents = field(default_factory=FileEvents)
    reads: list[tuple[str, ...]] = field(default_factory=list)
    deepened: list[dict[str, datetime]] = field(default_factory=list)
    asked_tenant: list[str] = field(default_factory=list)
    sent: list[Repair] = field(default_factory=list)
    asked_back: list[Repair] = field(default_factory=list)
    in_force: bool | None = True
    outcome: Outcome = field(default_factory=lambda: Outcome(Result.APPLIED))
    fault: Exception | None = None
    """Raised by the next readings of the org."""
    tenant_fault: Exception | None = None
    blocks: asyncio.Event | None = None
    """The next readings of the org do not end before."""
    turns: int = 1_000
    """How many more questions the tenant allows."""
    mending_fault: Exception | None = None
    retry_at: datetime | None = None

    def __post_init__(self) -> None:
        self.show(sign_ins=history(signed_in()))

    def show(self, name: str = "", **parts: Any) -> None:
        """From now on Salesforce shows this."""
        self.parts.setdefault(name, {}).update(parts)

    def freeze(self, name: str = "") -> None:
        self.show(name, freeze=login(frozen=True, modified=self.clock.now()))

    def unfreeze(self, name: str = "") -> None:
        self.show(name, freeze=login(modified=self.clock.now()))

    def incydr_signs_in(self) -> None:
        self.show(
            sign_ins=history(signed_in(at=self.clock.now()), since=self.clock.now() - timedelta(days=7))
        )

    def hide(self) -> None:
        """The org answers nothing."""
        none = unreadable("no answer", "Try later.")
        self.show(user=none, freeze=none, grants=none, sign_ins=none, rights=none)

    def answer(self) -> None:
        """The org answers again, and all is well."""
        self.parts.clear()
        self.show(sign_ins=history(signed_in()))

    async def read(self, connections: Sequence[Connection]) -> dict[str, Evidence]:
        self.reads.append(tuple(c.name for c in connections))
        if self.fault is not None:
            raise self.fault
        if self.blocks is not None:
            await self.blocks.wait()
        await asyncio.sleep(0)
        now = self.clock.now()
        return {
            c.name: evidence(now=now, **(_own(c) | self.parts.get("", {}) | self.parts.get(c.name, {})))
            for c in connections
        }

    async def deepen(
        self, connections: Sequence[Connection], found: Mapping[str, Evidence], deep: Mapping[str, datetime]
    ) -> dict[str, Evidence]:
        self.deepened.append(dict(deep))
        now = self.clock.now()
        return {
            c.name: replace(found[c.name], audit=Read(trail(*self.rows, since=deep[c.name]), now))
            for c in connections
        }

    async def apply(self, repair: Repair, *, org_id: str | None = None) -> Applied:
        self.sent.append(repair)
        if self.mending_fault is not None:
            raise self.mending_fault
        earliest = self.clock.now()
        if self.outcome.result == Result.APPLIED:
            (self.freeze if repair.takes_back else self.unfreeze)()
        return Applied((self.outcome,), earliest, self.clock.now())

    async def read_back(self, repair: Repair) -> bool | None:
        self.asked_back.append(repair)
        return self.in_force


@dataclass
class FakeClients:
    world: World

    def org(self, org: Org) -> World:
        return self.world

    def repairer(self, org: Org) -> World:
        return self.world

    def tenant(self, tenant: Tenant) -> "FakeTenant":
        return FakeTenant(self.world)

    async def console(self, argv: Sequence[str]) -> Read[ConsoleWord] | Unreadable:
        return Unreadable("no command here")


@dataclass
class FakeTenant:
    world: World

    async def read(self, connection: Connection, since: datetime) -> Read[FileEvents] | Unreadable | None:
        if self.world.turns == 0:
            return None
        self.world.turns -= 1
        self.world.asked_tenant.append(connection.name)
        if self.world.tenant_fault is not None:
            raise self.world.tenant_fault
        return Read(self.world.events, self.world.clock.now())


@dataclass
class Scene:
    """A watcher over a world, in a folder that outlives it."""

    folder: Path
    connections: tuple[Connection, ...] = (EMEA,)
    tenants: dict[str, Tenant] = field(default_factory=dict)
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOW))

    def __post_init__(self) -> None:
        self.world = World(self.clock)

    @property
    def journal(self) -> Journal:
        return Journal(self.folder / "journal.sqlite3", pause=no_pause)

    def config(self, *names: str) -> Config:
        """The configuration, or as much of it as these connections need."""
        wanted = tuple(c for c in self.connections if not names or c.name in names)
        orgs = {id: org(id=id) for id in dict.fromkeys(("acme", *(c.org for c in self.connections)))}
        return Config(orgs=orgs, tenants=self.tenants, connections=wanted)

    @asynccontextmanager
    async def watcher(self, *names: str, standing: bool = True, not_before: datetime | None = None) -> Any:
        watcher = Watcher(
            self.config(*names),
            clock=self.clock,
            net=Net(),
            journal=self.journal,
            random=Middle(),
            clients=FakeClients(self.world),
            standing=standing,
            not_before=not_before,
        )
        async with watcher:
            await quiet()
            yield watcher

    async def after(self, **span: float) -> None:
        """Let time pass and everything settle."""
        self.clock.advance(timedelta(**span))
        await quiet()


@asynccontextmanager
async def another_holder(scene: Scene, org: str = "acme") -> AsyncIterator[None]:
    """Another process has the lease of the org, and does not read."""
    journal = scene.journal
    await journal.open()
    now = scene.clock.now()
    lease = await journal.leases.take(org, now, now + timedelta(hours=1))
    assert lease is not None
    try:
        yield
    finally:
        await journal.leases.release(lease)
        await journal.close()


async def store(journal: Journal, state: State, entries: Sequence[Entry] = ()) -> tuple[Entry, ...]:
    """Keep a state and lines of the history, whatever is held; returns the lines that nobody had written yet."""
    made = Transition(state, state.evidence.read_at, tuple(entries))
    _, written = await journal.transition(state.connection.name, lambda _: made, Stored(), NOW)
    return written


async def held(journal: Journal, name: str = EMEA.name) -> Stored:
    """What the journal holds of a connection."""
    return await journal.stored(name, Stored())


async def no_pause(seconds: float) -> None:
    """Wait for a busy journal without waiting."""


async def quiet() -> None:
    """Give the loops every turn they can use; they stand at the clock afterwards.

    asyncio has no public word for whether anything is ready.
    """
    loop: Any = asyncio.get_running_loop()
    for _ in range(60):
        if not loop._ready:
            return
        await asyncio.sleep(0)


@dataclass
class Person:
    """Answers with the lines that a test types; None ends them."""

    terminal: bool = True
    said: list[str] = field(default_factory=list)
    lines: asyncio.Queue[str | None] = field(default_factory=asyncio.Queue)

    async def next(self) -> str | None:
        return await self.lines.get()

    def hear(self, text: str) -> None:
        self.said.append(text)

    def type(self, *lines: str | None) -> None:
        for line in lines:
            self.lines.put_nowait(line)

    def heard(self) -> str:
        """Everything said since the last call."""
        text = "\n".join(self.said)
        self.said.clear()
        return text
