"""What the watcher holds of each connection, and the one way by which a new state comes in."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from tui.base.clock import Clock
from tui.config import Config
from tui.connections.connection import Connection, Experience
from tui.connections.evidence import Evidence
from tui.connections.finding import Diagnosis
from tui.connections.memory import configured
from tui.connections.outage import Act
from tui.connections.state import State, Status
from tui.connections.walkthrough import Walkthrough
from tui.rules.required_permissions import REQUIREMENTS
from tui.watching import leases
from tui.watching.entry import Entry
from tui.watching.hours import Span
from tui.watching.journal import Journal, JournalProblem, Kept
from tui.watching.leases import Lease
from tui.watching.mutes import Mute
from tui.watching.schedule import ReadingProgress, saving
from tui.watching.sharing import share
from tui.watching.transition import Step, Walk, of_subject

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(eq=False)
class WatchedConnection:
    """One connection as it is watched. Times are this machine's clock."""

    connection: Connection
    state: State | None = None
    walk: Walkthrough | None = None
    walk_left: datetime | None = None
    """When the walkthrough was left, where another process began it."""
    walking: bool = False
    """The walkthrough was begun or resumed here."""
    walk_unwritten: bool = False
    reading: bool = False
    paused: bool = False
    attended_at: datetime | None = None
    """When somebody pressed a key in its open walkthrough last; None: it is not open."""
    next_at: datetime | None = None
    last_try: datetime | None = None
    extras_at: datetime | None = None
    """When the tenant and the console were asked last."""
    doubted_since: datetime | None = None
    """Since when the org's clock contradicts what it was before."""
    braked: bool = False
    """The next reading is later than it would be, because of the share of the org's daily calls."""
    put_off: bool = False
    """The tenant had no turn left for this connection: it is asked soon."""
    last_logged_status: Status | None = None
    """The status that the history told last."""
    kept: Kept = field(default_factory=Kept)
    """What the journal held when it was looked at last."""
    unwritten: list[Entry] = field(default_factory=list)
    spans: tuple[Span, ...] = ()
    """What was seen and is not in the roll-up yet."""
    subject: tuple[str, str] | None = None
    """The Ids of org and user as this process read them last."""
    read_by: str = ""
    """The process that made the reading behind the state."""
    refused: set[str] = field(default_factory=set)
    """Causes whose first repair the org refused for good: another way is offered while they last."""

    @property
    def name(self) -> str:
        return self.connection.name


class StateStore:
    """What all loops share: clock, configuration, journal, and who is told of changes."""

    def __init__(
        self,
        config: Config,
        clock: Clock,
        journal: Journal,
        publish: Callable[[str], None],
        *,
        standing: bool = True,
    ) -> None:
        self.began = clock.now()
        """When this watch, or this command, began: nothing older is its answer."""
        self.required = config.required(REQUIREMENTS)
        """The permissions that service accounts need."""
        self.config = config
        self.clock = clock
        self.journal = journal
        self.standing = standing
        """A standing watch; else one command, which reads by itself and whose every reading is kept."""
        self.publish = publish
        self.connections: Sequence[WatchedConnection] = ()
        """All that is watched: an account may be shared across the orgs of the configuration."""
        self.journal_problem = ""
        self.notice = ""
        """Something about the journal that stays worth showing: its file was set aside."""
        self.experiences: dict[str, Experience] = {}
        """The experience chosen last, by org."""
        self.news: list[Entry] = []
        """What was written since somebody looked, for the bell."""
        self.mutes: dict[str, Mute] = {}
        """Of connections that are, or were, kept still."""

    def progress(self, watched: WatchedConnection) -> ReadingProgress:
        return ReadingProgress(
            watched.reading,
            watched.next_at,
            watched.last_try,
            watched.paused,
            self.journal_problem or self.notice,
            saving(watched.state),
            watched.braked,
        )

    async def apply_reading(
        self,
        watched: WatchedConnection,
        evidence: Evidence,
        diagnosis: Diagnosis,
        began: datetime,
        *,
        lease: Lease | None = None,
    ) -> None:
        """Advance the state by a reading that began at `began`, write down what is new, tell everybody.

        A reading that began before the one that the journal holds changes nothing. Raises LeaseLost.
        """
        await self._commit(watched, Step(self, watched, evidence, diagnosis, began=began), lease)

    async def apply_act(self, watched: WatchedConnection, act: Act) -> None:
        """Advance the newest state by what the operator or the program did."""
        state = watched.state
        if state is not None:
            await self._commit(watched, Step(self, watched, state.evidence, state.diagnosis, act=act), None)

    def share(self) -> None:
        """Mark the connections that use one account, as far as is known now."""
        share(self.connections)

    async def refresh(self, watched: WatchedConnection) -> bool:
        """Take what other processes have written about a connection; whether there was anything."""
        kept = await self.write(self.journal.kept(watched.name, watched.kept))
        if kept is None or kept is watched.kept:
            return False
        self.adopt(watched, kept)
        self.publish(watched.name)
        return True

    def adopt(self, watched: WatchedConnection, kept: Kept) -> None:
        """Show what the journal holds; a state of another subject by the same name is nobody's past."""
        state = of_subject(watched, kept)
        if kept.revision != watched.kept.revision or watched.state is None:
            watched.state = configured(state, watched.connection) if state is not None else watched.state
            watched.read_by = kept.read_by if state is not None else watched.read_by
            watched.last_logged_status = (
                kept.last_logged_status if state is not None else watched.last_logged_status
            )
        if state is not None or kept.state is None:
            self._adopt_walk(watched, kept)
        watched.kept = kept

    @staticmethod
    def resume(watched: WatchedConnection) -> None:
        """The walkthrough goes on here."""
        watched.walking = watched.walk is not None
        watched.walk_left = None

    async def _commit(self, watched: WatchedConnection, step: Step, lease: Lease | None) -> None:
        now, known = self.clock.now(), watched.kept
        result = await self.write(self.journal.transition(watched.name, step.decide, known, now, lease=lease))
        if result is None:
            # Without a journal the watch goes on in memory; what it has to say is written later.
            step.decide(known)
            watched.unwritten.extend(step.fresh)
            watched.walk_unwritten = watched.walk_unwritten or step.walk_moved
        else:
            held, written = result
            self.news.extend(written)
            if step.stored:
                watched.unwritten.clear()
                watched.spans = ()
                watched.walk_unwritten = False
            if step.outdated:
                self.adopt(watched, held)
            elif not step.walk_moved:
                self._adopt_walk(watched, held)
            watched.kept = held
        if not step.outdated:
            self._take(watched, step, written_down=result is not None)
        self.publish(watched.name)

    def _take(self, watched: WatchedConnection, step: Step, *, written_down: bool) -> None:
        state = step.state
        assert state is not None  # noqa: S101 - a step that is not outdated has decided
        watched.state = state
        watched.read_by = leases.this_process() if step.is_reading else watched.read_by
        watched.refused &= set(state.diagnosis.causes)
        watched.last_logged_status = step.last_logged_status
        if not (written_down and step.stored):
            watched.spans = step.spans
        if step.walk_moved:
            watched.walk = step.walk
            watched.walking = watched.walking and step.walk is not None
            watched.walk_left = None if step.walk is None else watched.walk_left

    def _adopt_walk(self, watched: WatchedConnection, kept: Kept) -> None:
        if kept.walk_stamp == watched.kept.walk_stamp or watched.walk_unwritten:
            return
        watched.walk = kept.walk
        watched.walking = watched.walking and kept.walk is not None
        watched.walk_left = None if watched.walking else kept.walk_at

    async def move_walk(
        self,
        watched: WatchedConnection,
        move: Callable[[Walkthrough | None], Walkthrough | None],
        *,
        acted: bool = True,
    ) -> None:
        """Store where the operator is now: `move` goes from the newest walkthrough, whoever moved it.

        The history says what became of which step. `acted`: the operator moved it, not a reading.
        """
        now = self.clock.now()
        walk = Walk(self, watched, move, acted, now)
        result = await self.write(self.journal.transition(watched.name, walk.decide, watched.kept, now))
        if result is None:
            walk.decide(watched.kept)
            watched.walk_unwritten = True
            watched.unwritten.extend(walk.lines)
        else:
            watched.walk_unwritten = False
            watched.kept, written = result
            self.news.extend(written)
        watched.walk = walk.walk
        watched.walking = walk.walk is not None
        watched.walk_left = None
        self.publish(watched.name)

    async def write(self, writing: Awaitable[T]) -> T | None:
        """Await a write to the journal; a failure shows on every connection and never stops the watch."""
        result, _ = await self.tried(writing)
        return result

    async def tried(self, writing: Awaitable[T]) -> tuple[T | None, bool]:
        """Like `write`; also whether the journal failed."""
        try:
            result = await writing
        except JournalProblem as problem:
            if self.journal_problem != str(problem):
                log.warning("%s", problem)
            self.journal_problem = str(problem)
            return None, True
        self.journal_problem = ""
        return result, False
