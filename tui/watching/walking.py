"""The walkthrough as the watcher keeps it: begun from the findings, held against each new state. Pure."""

from collections.abc import Sequence
from datetime import datetime

from tui.causes.registry import steps_for
from tui.connections.connection import Experience, Requirement
from tui.connections.evidence import value_of
from tui.connections.state import State, Status
from tui.connections.walkthrough import Item, Mark, Steps, Walkthrough, plan, refresh
from tui.watching.entry import Entry, EntryKind, StepResult


def begin(
    state: State | None, experience: Experience, now: datetime, required: Sequence[Requirement]
) -> Walkthrough | None:
    """The walk through the causes of this outage; None where there is nothing to repair or to wait for."""
    if state is None or not state.walkable:
        return None
    walk = plan(steps_for(_causes(state), tuple(required)), experience, now)
    return refreshed(walk, state, now, required)[0]


def refreshed(
    walk: Walkthrough, state: State, now: datetime, required: Sequence[Requirement]
) -> tuple[Walkthrough, bool]:
    """The walk after a new reading, and whether it is over: Incydr is back."""
    if state.status is Status.MONITORING:
        return walk, True
    causes = tuple(dict.fromkeys(_caused(walk) + _causes(state)))
    unread = {u.cause for u in state.diagnosis.undetermined}
    present = {c: c in state.diagnosis.causes for c in causes if c not in unread}
    steps: Steps = steps_for(causes, tuple(required))
    return refresh(walk, steps, state.evidence, present, now), False


def done_by_word(state: State, cause: str, walk: Walkthrough) -> bool:
    """Whether done on the current step means: repaired, because nothing but an old row shows this cause."""
    last = [item for item in walk.items if item.cause == cause][-1:] == [walk.item]
    return last and any(f.cause == cause and f.shown_at is not None for f in state.diagnosis.findings)


def awaits_answer(walk: Walkthrough | None, required: Sequence[Requirement]) -> bool:
    """Whether Salesforce is to answer the test of the current step, or of one that the operator called done."""
    if walk is None:
        return False
    asked = [i for i in walk.items if i.mark is Mark.OPERATOR] if walk.waiting else [walk.item]
    tested = {step.id for _, step in steps_for(_caused(walk), tuple(required)) if step.test is not None}
    return any(item.step in tested for item in asked)


def operator(state: State) -> str:
    """The operator by the name under which Salesforce knows him."""
    rights = value_of(state.evidence.rights)
    return rights.username if rights is not None else "the operator"


def lines(
    before: Walkthrough | None,
    after: Walkthrough | None,
    state: State,
    at: datetime,
    required: Sequence[Requirement],
    by: str,
) -> tuple[Entry, ...]:
    """The history lines for a walk that went from `before` (None: it begins) to `after` (None: it is over).

    `by` is the operator where it was his act, empty where a reading moved the walk. A step that is ticked only
    because its cause is gone has no line: nobody is known to have done it.
    """
    walk = after or before
    if walk is None:
        return ()
    if before is None or after is None:
        return (
            _line(
                state,
                walk,
                Item("", ""),
                "",
                StepResult.CLOSED if after is None else StepResult.BEGUN,
                at,
                by,
            ),
        )
    marks = {item.step: item.mark for item in before.items}
    steps = {step.id: step for _, step in steps_for(_caused(after), tuple(required))}
    found: list[Entry] = []
    for item in after.items:
        step = steps.get(item.step)
        if step is None or item.mark is marks.get(item.step):
            continue
        verdict = step.test(state.evidence) if step.test is not None else None
        if result := _result(item.mark, verdict):
            found.append(_line(state, after, item, step.title, result, at, by))
    return tuple(found)


def _result(mark: Mark | None, verdict: bool | None) -> str:
    """What the new mark of a step says happened; `verdict` is what its test says now. Empty: no news."""
    if mark is Mark.SALESFORCE:
        return StepResult.CONFIRMED if verdict else ""
    if mark is Mark.OPERATOR:
        return StepResult.UNCONFIRMED if verdict is False else StepResult.DONE
    return StepResult.SKIPPED if mark is Mark.SKIPPED else StepResult.REOPENED


def _line(
    state: State, walk: Walkthrough, item: Item, title: str, result: str, at: datetime, by: str
) -> Entry:
    name = state.connection.name
    key = f"{name}|step|{walk.started.isoformat()}|{item.step}|{result}|{at.isoformat()}"
    return Entry(at, name, EntryKind.STEP, key, cause=item.cause, by=by, text=title, result=result)


def _caused(walk: Walkthrough) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item.cause for item in walk.items if item.cause))


def _causes(state: State) -> tuple[str, ...]:
    open_outage = state.recovering
    earlier = tuple(f.cause for f in open_outage.findings) if open_outage is not None else ()
    return tuple(dict.fromkeys(state.diagnosis.causes + earlier))
