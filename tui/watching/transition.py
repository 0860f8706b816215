"""What one transaction makes of what the journal holds: a reading, an act or a key moves it on."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from tui.connections.evidence import Evidence
from tui.connections.finding import Diagnosis
from tui.connections.memory import stands_for
from tui.connections.outage import Act
from tui.connections.recovery import advance
from tui.connections.state import State, Status
from tui.connections.walkthrough import Walkthrough
from tui.watching import history, hours, walking
from tui.watching.entry import Entry
from tui.watching.evidence_parts import org_clock
from tui.watching.hours import Span
from tui.watching.journal import Transition
from tui.watching.journal_records import Kept
from tui.watching.schedule import SLOW, longest_between

if TYPE_CHECKING:
    from tui.watching.state_store import StateStore, WatchedConnection

SKEW = timedelta(minutes=1)
"""How far the clocks of two machines that share a journal may differ."""


class Step:
    """One reading, or one act, on the newest state. `decide` may be called several times; the last one counts."""

    def __init__(
        self,
        store: "StateStore",
        watched: "WatchedConnection",
        evidence: Evidence,
        diagnosis: Diagnosis,
        *,
        began: datetime | None = None,
        act: Act | None = None,
    ) -> None:
        self._store = store
        self._watched = watched
        self._evidence, self._diagnosis = evidence, diagnosis
        self._began, self._act = began, act
        self.outdated = False
        """Another reading began later and is stored already."""
        self.state: State | None = None
        self.last_logged_status: Status | None = None
        self.fresh: tuple[Entry, ...] = ()
        self.stored = False
        self.walk: Walkthrough | None = None
        self.walk_moved = False
        self.spans: tuple[Span, ...] = ()

    @property
    def is_reading(self) -> bool:
        """A reading, not an act on the newest one."""
        return self._began is not None

    def decide(self, kept: Kept) -> Transition:
        """What follows from what is held; pure but for what this step remembers of it."""
        store, watched, now = self._store, self._watched, self._store.clock.now()
        self.outdated = self._is_outdated(kept, now)
        if self.outdated:
            return Transition()
        known = watched.kept.state is not None or kept.state is None
        alone = known and kept.revision == watched.kept.revision
        # What is held of another account is set aside by `advance`, not forgotten.
        previous = watched.state if alone and watched.state is not None else kept.state
        last_logged_status = watched.last_logged_status if alone else kept.last_logged_status
        evidence, diagnosis = self._evidence, self._diagnosis
        if self._act is not None and previous is not None:
            evidence, diagnosis = previous.evidence, previous.diagnosis
        window = store.config.app.window
        state = advance(watched.connection, previous, evidence, diagnosis, self._act, window=window)
        fresh = (
            *history.changes(previous, state, store.required),
            *history.entries(last_logged_status, previous, state),
        )
        self.state = state
        self.last_logged_status = next(
            (e.status for e in reversed(fresh) if e.status is not None), last_logged_status
        )
        seen = hours.observed(previous, now, longest_between(previous, store.config.app.intervals))
        self.spans = hours.joined(watched.spans, seen) if seen is not None and self._began else watched.spans
        self.walk, self.walk_moved, lines = self._walked(kept, state, now)
        self.fresh = (*fresh, *lines)
        unsaid = (*watched.unwritten, *self.fresh)
        worth = bool(unsaid) or self._worth_storing(kept, state)
        self.stored = worth or self.walk_moved
        if not self.stored:
            return Transition()
        walk = self.walk if self.walk_moved else msgspec.UNSET
        return Transition(state, self._began, unsaid, walk, self.spans)

    def _is_outdated(self, kept: Kept, now: datetime) -> bool:
        if self._began is None or kept.began is None or of_subject(self._watched, kept) is None:
            return False
        # What began in the future was stored before a clock was set back: it must not stop everything.
        return self._began < kept.began <= now + SKEW

    def _walked(
        self, kept: Kept, state: State, now: datetime
    ) -> tuple[Walkthrough | None, bool, tuple[Entry, ...]]:
        """The walkthrough after this step, whether it has to be written, and its lines."""
        store, watched = self._store, self._watched
        before = watched.walk if watched.walk_unwritten else newest_walk(watched, kept)
        if before is None:
            return None, watched.walk_unwritten, ()
        after, closed = walking.refreshed(before, state, now, store.required)
        walk = None if closed else after
        if walk == before:
            return walk, watched.walk_unwritten, ()
        at = org_clock(state, now)
        return walk, True, walking.lines(before, walk, state, at, store.required, "")

    def _worth_storing(self, kept: Kept, state: State) -> bool:
        # Now and then an unchanged state too: another process never sees one that is older.
        if not self._store.standing or kept.state is None or not history.same(kept.state, state):
            return True
        return not timedelta(0) <= state.evidence.read_at - kept.state.evidence.read_at < SLOW


class Walk:
    """A key of the operator on the newest walkthrough."""

    def __init__(
        self,
        store: "StateStore",
        watched: "WatchedConnection",
        move: Callable[[Walkthrough | None], Walkthrough | None],
        acted: bool,
        now: datetime,
    ) -> None:
        self._store, self._watched, self._move, self._acted, self._now = store, watched, move, acted, now
        self.walk: Walkthrough | None = None
        self.lines: tuple[Entry, ...] = ()

    def decide(self, kept: Kept) -> Transition:
        store, watched, now = self._store, self._watched, self._now
        before = watched.walk if watched.walk_unwritten else newest_walk(watched, kept)
        self.walk = self._move(before)
        self.lines = ()
        if watched.state is not None:
            by = walking.operator(watched.state) if self._acted else ""
            at = org_clock(watched.state, now)
            self.lines = walking.lines(before, self.walk, watched.state, at, store.required, by)
        return Transition(entries=self.lines, walk=self.walk)


def of_subject(watched: "WatchedConnection", kept: Kept) -> State | None:
    """The state that is held, where it is about the account that the name stands for now."""
    state = kept.state
    if state is None:
        return None
    return state if stands_for(state, watched.connection) else None


def newest_walk(watched: "WatchedConnection", kept: Kept) -> Walkthrough | None:
    """The walkthrough that is held; none of another subject's."""
    return kept.walk if kept.state is None or of_subject(watched, kept) is not None else None
