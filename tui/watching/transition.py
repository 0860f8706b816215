"""What one transaction makes of what the journal holds: a reading, an act or a key moves it on."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from tui.base.clock import Clock
from tui.config import Intervals
from tui.connections.connection import Requirement
from tui.connections.evidence import Evidence
from tui.connections.finding import Diagnosis
from tui.connections.outage import Act
from tui.connections.recovery import advance
from tui.connections.state import State, Status
from tui.connections.walkthrough import Walkthrough
from tui.watching import history, hours, walking
from tui.watching.entry import Entry
from tui.watching.evidence_parts import org_clock
from tui.watching.hours import Span
from tui.watching.journal import Transition
from tui.watching.journal_records import Stored
from tui.watching.schedule import SLOW, longest_between
from tui.watching.watched_connection import WatchedConnection, newest_walk, of_subject

SKEW = timedelta(minutes=1)
"""How far the clocks of two machines that share a journal may differ."""


class Context(Struct, frozen=True):
    """What every transition of a watch goes by."""

    clock: Clock
    required: Sequence[Requirement]
    """The permissions that service accounts need."""
    intervals: Intervals
    window: timedelta | None
    """How long a sign of life counts, where the configuration says so."""
    standing: bool
    """A standing watch; else one command, which reads by itself and whose every reading is kept."""


class Step:
    """One reading, or one act, on the newest state. `decide` may be called several times; the last one counts."""

    def __init__(
        self,
        context: Context,
        watched: WatchedConnection,
        evidence: Evidence,
        diagnosis: Diagnosis,
        *,
        began: datetime | None = None,
        act: Act | None = None,
    ) -> None:
        self._context = context
        self._watched = watched
        self._evidence, self._diagnosis = evidence, diagnosis
        self._began, self._act = began, act
        self.outdated = False
        """Another reading began later and is stored already."""
        self.state: State | None = None
        self.last_logged_status: Status | None = None
        self.fresh: tuple[Entry, ...] = ()
        self.is_stored = False
        self.walk: Walkthrough | None = None
        self.walk_moved = False
        self.spans: tuple[Span, ...] = ()

    @property
    def is_reading(self) -> bool:
        """A reading, not an act on the newest one."""
        return self._began is not None

    def decide(self, stored: Stored) -> Transition:
        """What follows from what is stored; pure but for what this step remembers of it."""
        context, watched, now = self._context, self._watched, self._context.clock.now()
        self.outdated = self._is_outdated(stored, now)
        if self.outdated:
            return Transition()
        known = watched.stored.state is not None or stored.state is None
        alone = known and stored.revision == watched.stored.revision
        # What is stored of another account is set aside by `advance`, not forgotten.
        previous = watched.state if alone and watched.state is not None else stored.state
        last_logged_status = watched.last_logged_status if alone else stored.last_logged_status
        evidence, diagnosis = self._evidence, self._diagnosis
        if self._act is not None and previous is not None:
            evidence, diagnosis = previous.evidence, previous.diagnosis
        window = context.window
        state = advance(watched.connection, previous, evidence, diagnosis, self._act, window=window)
        fresh = (
            *history.changes(previous, state, context.required),
            *history.entries(last_logged_status, previous, state, self._act),
        )
        self.state = state
        self.last_logged_status = next(
            (e.status for e in reversed(fresh) if e.status is not None), last_logged_status
        )
        seen = hours.observed(previous, now, longest_between(previous, context.intervals))
        self.spans = hours.joined(watched.spans, seen) if seen is not None and self._began else watched.spans
        self.walk, self.walk_moved, lines = self._walked(stored, state, now)
        self.fresh = (*fresh, *lines)
        unsaid = (*watched.unwritten, *self.fresh)
        worth = bool(unsaid) or self._worth_storing(stored, state)
        self.is_stored = worth or self.walk_moved
        if not self.is_stored:
            return Transition()
        walk = self.walk if self.walk_moved else msgspec.UNSET
        return Transition(state, self._began, unsaid, walk, self.spans)

    def _is_outdated(self, stored: Stored, now: datetime) -> bool:
        if self._began is None or stored.began is None or of_subject(self._watched, stored) is None:
            return False
        # What began in the future was stored before a clock was set back: it must not stop everything.
        return self._began < stored.began <= now + SKEW

    def _walked(
        self, stored: Stored, state: State, now: datetime
    ) -> tuple[Walkthrough | None, bool, tuple[Entry, ...]]:
        """The walkthrough after this step, whether it has to be written, and its lines."""
        context, watched = self._context, self._watched
        before = watched.walk if watched.walk_unwritten else newest_walk(watched, stored)
        if before is None:
            return None, watched.walk_unwritten, ()
        after, closed = walking.refreshed(before, state, now, context.required)
        walk = None if closed else after
        if walk == before:
            return walk, watched.walk_unwritten, ()
        at = org_clock(state, now)
        return walk, True, walking.lines(before, walk, state, at, context.required, "")

    def _worth_storing(self, stored: Stored, state: State) -> bool:
        # Now and then an unchanged state too: another process never sees one that is older.
        if not self._context.standing or stored.state is None or not history.same(stored.state, state):
            return True
        return not timedelta(0) <= state.evidence.read_at - stored.state.evidence.read_at < SLOW


class Walk:
    """A key of the operator on the newest walkthrough."""

    def __init__(
        self,
        context: Context,
        watched: WatchedConnection,
        move: Callable[[Walkthrough | None], Walkthrough | None],
        acted: bool,
        now: datetime,
    ) -> None:
        self._context, self._watched, self._move, self._acted, self._now = context, watched, move, acted, now
        self.walk: Walkthrough | None = None
        self.lines: tuple[Entry, ...] = ()

    def decide(self, stored: Stored) -> Transition:
        context, watched, now = self._context, self._watched, self._now
        before = watched.walk if watched.walk_unwritten else newest_walk(watched, stored)
        self.walk = self._move(before)
        self.lines = ()
        if watched.state is not None:
            by = walking.operator(watched.state) if self._acted else ""
            at = org_clock(watched.state, now)
            self.lines = walking.lines(before, self.walk, watched.state, at, context.required, by)
        return Transition(entries=self.lines, walk=self.walk)
