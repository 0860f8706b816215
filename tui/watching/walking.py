"""The walkthrough as the watcher keeps it: begun from the findings, held against each new state. Pure."""

from collections.abc import Sequence
from datetime import datetime

from tui.causes.registry import steps_for
from tui.connections.connection import Experience
from tui.connections.requirements import Requirement
from tui.connections.state import State
from tui.connections.status import Status
from tui.connections.walkthrough import Steps, Walkthrough, plan, refresh
from tui.watching.entry import Entry, EntryKind


def begin(
    state: State | None, experience: Experience, now: datetime, required: Sequence[Requirement]
) -> Walkthrough | None:
    """The walk through the causes of this outage; None where there is nothing to mend or to wait for."""
    if state is None or (not state.diagnosis.findings and state.recovering is None):
        return None
    walk = plan(steps_for(_causes(state), tuple(required)), experience, now)
    return refreshed(walk, state, now, required)[0]


def refreshed(
    walk: Walkthrough, state: State, now: datetime, required: Sequence[Requirement]
) -> tuple[Walkthrough, bool]:
    """The walk after a new reading, and whether it is over: Incydr is back."""
    if state.status is Status.MONITORING:
        return walk, True
    causes = tuple(dict.fromkeys([item.cause for item in walk.items if item.cause] + list(_causes(state))))
    unread = {u.cause for u in state.diagnosis.undetermined}
    present = {c: c in state.diagnosis.causes for c in causes if c not in unread}
    steps: Steps = steps_for(causes, tuple(required))
    return refresh(walk, steps, state.evidence, present, now), False


def mends_by_word(state: State, cause: str, walk: Walkthrough) -> bool:
    """Whether done on the current step means: mended, because nothing but an old row shows this cause."""
    last = [item for item in walk.items if item.cause == cause][-1:] == [walk.item]
    return last and any(f.cause == cause and f.shown_at is not None for f in state.diagnosis.findings)


def entry(name: str, walk: Walkthrough, result: str, at: datetime) -> Entry:
    """The history line for leaving the current step of `walk` by `result`."""
    item = walk.item
    key = f"{name}|step|{walk.started.isoformat()}|{item.step}|{result}|{at.isoformat()}"
    return Entry(at, name, EntryKind.STEP, key, cause=item.cause, text=item.step, result=result)


def _causes(state: State) -> tuple[str, ...]:
    open_outage = state.recovering
    earlier = tuple(f.cause for f in open_outage.findings) if open_outage is not None else ()
    return tuple(dict.fromkeys(state.diagnosis.causes + earlier))
