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
from tui.connections.state import State
from tui.connections.status import Status
from tui.connections.walkthrough import Walkthrough
from tui.rules.required_permissions import REQUIREMENTS
from tui.watching.entry import Entry
from tui.watching.hours import Span
from tui.watching.journal import Journal, JournalProblem, Kept
from tui.watching.leases import Lease
from tui.watching.schedule import Ahead, saving
from tui.watching.sharing import share
from tui.watching.transition import Step, Walk, of_subject

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
    told: Status | None = None
    """The status that the history told last."""
    kept: Kept = field(default_factory=Kept)
    """What the journal held when it was looked at last."""
    unwritten: list[Entry] = field(default_factory=list)
    spans: tuple[Span, ...] = ()
    """What was seen and is not in the roll-up yet."""
    subject: tuple[str, str] | None = None
    """The Ids of org and user as this process read them last."""
    refused: set[str] = field(default_factory=set)
    """Causes whose first repair the org refused for good: another way is offered while they last."""

    @property
    def name(self) -> str:
        return self.connection.name


class Desk:
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
        self.tracks: Sequence[Track] = ()
        """All that is watched: an account may be shared across the orgs of the configuration."""
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
            track.braked,
        )

    async def apply_reading(
        self,
        track: Track,
        evidence: Evidence,
        diagnosis: Diagnosis,
        began: datetime,
        *,
        lease: Lease | None = None,
    ) -> None:
        """Advance the state by a reading that began at `began`, write down what is new, tell everybody.

        A reading that began before the one that the journal holds changes nothing. Raises LeaseLost.
        """
        await self._commit(track, Step(self, track, evidence, diagnosis, began=began), lease)

    async def apply_act(self, track: Track, act: Act) -> None:
        """Advance the newest state by what the operator or the program did."""
        state = track.state
        if state is not None:
            await self._commit(track, Step(self, track, state.evidence, state.diagnosis, act=act), None)

    def share(self) -> None:
        """Mark the connections that use one account, as far as is known now."""
        share(self.tracks)

    async def refresh(self, track: Track) -> bool:
        """Take what other processes have written about a connection; whether there was anything."""
        kept = await self.write(self.journal.kept(track.name, track.kept))
        if kept is None or kept is track.kept:
            return False
        self.adopt(track, kept)
        self.publish(track.name)
        return True

    def adopt(self, track: Track, kept: Kept) -> None:
        """Show what the journal holds; a state of another subject by the same name is nobody's past."""
        state = of_subject(track, kept)
        if kept.revision != track.kept.revision or track.state is None:
            track.state = configured(state, track.connection) if state is not None else track.state
            track.told = kept.told if state is not None else track.told
        if state is not None or kept.state is None:
            self._adopt_walk(track, kept)
        track.kept = kept

    @staticmethod
    def resume(track: Track) -> None:
        """The walkthrough goes on here."""
        track.walking = track.walk is not None
        track.walk_left = None

    async def _commit(self, track: Track, step: Step, lease: Lease | None) -> None:
        now, known = self.clock.now(), track.kept
        result = await self.write(self.journal.transition(track.name, step.decide, known, now, lease=lease))
        if result is None:
            # Without a journal the watch goes on in memory; what it has to say is written later.
            step.decide(known)
            track.unwritten.extend(step.fresh)
            track.walk_unwritten = track.walk_unwritten or step.walk_moved
        else:
            held, written = result
            self.news.extend(written)
            if step.stored:
                track.unwritten.clear()
                track.spans = ()
                track.walk_unwritten = False
            if step.outdated:
                self.adopt(track, held)
            elif not step.walk_moved:
                self._adopt_walk(track, held)
            track.kept = held
        if not step.outdated:
            self._take(track, step, written_down=result is not None)
        self.publish(track.name)

    def _take(self, track: Track, step: Step, *, written_down: bool) -> None:
        state = step.state
        assert state is not None  # noqa: S101 - a step that is not outdated has decided
        track.state = state
        track.refused &= set(state.diagnosis.causes)
        track.told = step.told
        if not (written_down and step.stored):
            track.spans = step.spans
        if step.walk_moved:
            track.walk = step.walk
            track.walking = track.walking and step.walk is not None
            track.walk_left = None if step.walk is None else track.walk_left

    def _adopt_walk(self, track: Track, kept: Kept) -> None:
        if kept.walk_stamp == track.kept.walk_stamp or track.walk_unwritten:
            return
        track.walk = kept.walk
        track.walking = track.walking and kept.walk is not None
        track.walk_left = None if track.walking else kept.walk_at

    async def move_walk(
        self, track: Track, move: Callable[[Walkthrough | None], Walkthrough | None], *, acted: bool = True
    ) -> None:
        """Store where the operator is now: `move` goes from the newest walkthrough, whoever moved it.

        The history says what became of which step. `acted`: the operator moved it, not a reading.
        """
        now = self.clock.now()
        walk = Walk(self, track, move, acted, now)
        result = await self.write(self.journal.transition(track.name, walk.decide, track.kept, now))
        if result is None:
            walk.decide(track.kept)
            track.walk_unwritten = True
            track.unwritten.extend(walk.lines)
        else:
            track.walk_unwritten = False
            track.kept, written = result
            self.news.extend(written)
        track.walk = walk.walk
        track.walking = walk.walk is not None
        track.walk_left = None
        self.publish(track.name)

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
