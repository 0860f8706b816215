"""What the watcher holds of each connection, and the one way by which a new state comes in."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from tui.base.clock import Clock
from tui.config import Config
from tui.connections.connection import Connection, Experience
from tui.connections.evidence import Evidence
from tui.connections.finding import Diagnosis
from tui.connections.outage import Act
from tui.connections.recovery import advance
from tui.connections.state import State
from tui.connections.status import Status
from tui.connections.walkthrough import Walkthrough
from tui.rules.required_permissions import REQUIREMENTS
from tui.watching import history, walking
from tui.watching.entry import Entry
from tui.watching.evidence_parts import org_clock
from tui.watching.journal import Journal, JournalProblem
from tui.watching.schedule import SLOW, Ahead, saving

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(eq=False)
class Track:
    """One connection as it is watched. Times are this machine's clock."""

    connection: Connection
    state: State | None = None
    walk: Walkthrough | None = None
    walk_left: datetime | None = None
    """When the walkthrough was left, where another process began it."""
    walk_unwritten: bool = False
    reading: bool = False
    paused: bool = False
    attended: bool = False
    next_at: datetime | None = None
    last_try: datetime | None = None
    extras_at: datetime | None = None
    """When the tenant and the console were asked last."""
    put_off: bool = False
    """The tenant had no turn left for this connection: it is asked soon."""
    told: Status | None = None
    """The status that the history told last."""
    stored: State | None = None
    unwritten: list[Entry] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    """Causes whose first repair the org refused for good: another way is offered while they last."""

    @property
    def name(self) -> str:
        return self.connection.name


class Desk:
    """What all loops share: clock, configuration, journal, and who is told of changes."""

    def __init__(
        self, config: Config, clock: Clock, journal: Journal, publish: Callable[[str], None]
    ) -> None:
        self.required = config.required(REQUIREMENTS)
        """The permissions that service accounts need."""
        self.config = config
        self.clock = clock
        self.journal = journal
        self.publish = publish
        self.journal_problem = ""
        self.notice = ""
        """Something about the journal that stays worth showing: its file was set aside."""
        self.experiences: dict[str, Experience] = {}
        """The experience chosen last, by org."""
        self.news: list[Entry] = []
        """What was written since somebody looked, for the bell."""

    def ahead(self, track: Track) -> Ahead:
        return Ahead(
            track.reading,
            track.next_at,
            track.last_try,
            track.paused,
            self.journal_problem or self.notice,
            saving(track.state),
        )

    async def accept(
        self, track: Track, evidence: Evidence, diagnosis: Diagnosis, act: Act | None = None
    ) -> None:
        """Advance the state, write down what is new, move the walkthrough on, tell everybody."""
        previous = track.state
        state = advance(track.connection, previous, evidence, diagnosis, act, window=self.config.app.window)
        await self.keep(track, state)

    async def keep(self, track: Track, state: State) -> None:
        """Take `state` as the newest: journal first, then everybody who looks."""
        fresh = (
            *history.changes(track.state, state, self.required),
            *history.entries(track.told, track.state, state),
        )
        track.state = state
        track.refused &= set(state.diagnosis.causes)
        track.told = next((e.status for e in reversed(fresh) if e.status is not None), track.told)
        track.unwritten.extend(fresh)
        if fresh or self._worth_storing(track, state):
            written = await self.write(self.journal.store(state, entries=tuple(track.unwritten)))
            if written is not None:
                track.stored = state
                self.news.extend(written)
                track.unwritten.clear()
        if track.walk is not None:
            walk, closed = walking.refreshed(track.walk, state, self.clock.now(), self.required)
            if closed or walk != track.walk:
                await self.keep_walk(track, None if closed else walk, acted=False)
        if track.walk_unwritten:
            await self._write_walk(track, ())
        self.publish(track.name)

    async def keep_walk(self, track: Track, walk: Walkthrough | None, *, acted: bool) -> None:
        """Store where the operator is now; the history says what became of which step.

        `acted`: the operator moved the walk, not a reading.
        """
        before, track.walk = track.walk, walk
        lines: tuple[Entry, ...] = ()
        if track.state is not None:
            at = org_clock(track.state, self.clock.now())
            by = walking.operator(track.state) if acted else ""
            lines = walking.lines(before, walk, track.state, at, self.required, by)
        await self._write_walk(track, lines)
        self.publish(track.name)

    async def _write_walk(self, track: Track, lines: tuple[Entry, ...]) -> None:
        now = self.clock.now()
        writing = self.journal.keep_walkthrough(track.name, track.walk, now, entries=lines)
        track.walk_unwritten = await self.write(writing) is None

    async def write(self, writing: Awaitable[T]) -> T | None:
        """Await a write to the journal; a failure shows on every connection and never stops the watch."""
        try:
            result = await writing
        except JournalProblem as problem:
            if self.journal_problem != str(problem):
                log.warning("%s", problem)
            self.journal_problem = str(problem)
            return None
        self.journal_problem = ""
        return result

    @staticmethod
    def _worth_storing(track: Track, state: State) -> bool:
        # Now and then an unchanged state too: a second process never sees one that is older.
        stored = track.stored
        if stored is None or not history.same(stored, state):
            return True
        return state.evidence.read_at - stored.evidence.read_at >= SLOW
