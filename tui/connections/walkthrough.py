"""The guided walk through the steps: which is current, which are done and by whose word, what is shown now. Pure."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from tui.connections.connection import Experience
from tui.connections.evidence import Evidence
from tui.connections.state import State
from tui.connections.step import WAIT, Step


class Mark(StrEnum):
    """By whose word a step is done."""

    SALESFORCE = "salesforce"
    OPERATOR = "operator"
    SKIPPED = "skipped"


class Item(Struct, frozen=True):
    """One step of a walkthrough, by the ids of its cause and step; `cause` is empty for the wait."""

    cause: str
    step: str
    mark: Mark | None = None
    at: datetime | None = None


class Walkthrough(Struct, frozen=True):
    """The steps of all causes of one outage as one list; the last one waits for Incydr."""

    items: tuple[Item, ...]
    current: int
    experience: Experience
    started: datetime

    @property
    def item(self) -> Item:
        return self.items[self.current]

    @property
    def waiting(self) -> bool:
        return self.item.step == WAIT


Steps = Sequence[tuple[str, Step]]
"""(cause id, step) in the order of the walk, without the wait."""


def plan(steps: Steps, experience: Experience, now: datetime) -> Walkthrough:
    """A fresh walkthrough. A step that several causes share (same id) is walked once."""
    items: list[Item] = []
    for cause, step in steps:
        if all(item.step != step.id for item in items):
            items.append(Item(cause, step.id))
    items.append(Item("", WAIT))
    return Walkthrough(tuple(items), 0, experience, now)


def done(walk: Walkthrough, now: datetime) -> Walkthrough:
    """The operator says the current step is done; go to the next open one. The wait ends by proof alone."""
    return _leave(walk, Mark.OPERATOR, now)


def skip(walk: Walkthrough, now: datetime) -> Walkthrough:
    """Leave the current step undone and go on; known to this machine alone."""
    return _leave(walk, Mark.SKIPPED, now)


def back(walk: Walkthrough) -> Walkthrough:
    """Go to the step before, and open it again unless Salesforce itself says that it is done."""
    return go_to(walk, walk.current - 1) if walk.current else walk


def go_to(walk: Walkthrough, index: int) -> Walkthrough:
    """Go to this step, and open it again unless Salesforce itself says that it is done."""
    item = walk.items[index]
    if item.mark is not Mark.SALESFORCE:
        item = replace(item, mark=None, at=None)
    return replace(walk, items=_with(walk.items, index, item), current=index)


def refresh(
    walk: Walkthrough, steps: Steps, evidence: Evidence, present: Mapping[str, bool], now: datetime
) -> Walkthrough:
    """Hold the walk against a new reading.

    `present` says for each cause of the walk whether it was read as present (True) or absent (False); a cause
    that could not be read is left out. A step whose test is met, or whose cause is gone, is ticked by
    Salesforce's word, whoever did it; such a tick goes when the newest reading contradicts it. What the operator
    said or skipped stays: he was warned, and the wait says what is still there. Causes that are new bring their
    steps, before the wait. The current step moves on over ticked ones, never over the wait.
    """
    tests = {step.id: step.test for _, step in steps}
    items: list[Item] = []
    for old in walk.items:
        item = old
        test = tests.get(item.step)
        verdict = test(evidence) if test is not None else None
        gone = item.cause in present and not present[item.cause] and item.step != WAIT
        if verdict is True or (gone and verdict is None):
            if item.mark is not Mark.SALESFORCE:
                item = replace(item, mark=Mark.SALESFORCE, at=now)
        elif verdict is False and item.mark is Mark.SALESFORCE:
            item = replace(item, mark=None, at=None)
        items.append(item)
    known = {item.step for item in items}
    for cause, step in steps:
        if step.id not in known and present.get(cause):
            items.insert(len(items) - 1, Item(cause, step.id))
            known.add(step.id)
    # A step reopened, or added, before the current one is where the operator must look now.
    fresh = replace(walk, items=tuple(items))
    if walk.waiting and any(present.values()):
        return replace(fresh, current=_next_open(fresh.items, 0))
    if fresh.items[min(walk.current, len(items) - 1)].mark is None and not walk.waiting:
        return fresh
    return replace(fresh, current=_next_open(fresh.items, 0 if walk.waiting else walk.current))


def denied(item: Item, step: Step, evidence: Evidence) -> bool:
    """Whether the operator called the step done and Salesforce shows that it is not."""
    return item.mark is Mark.OPERATOR and step.test is not None and step.test(evidence) is False


def unfinished(
    walk: Walkthrough, steps: Sequence[Step], evidence: Evidence, causes: Collection[str]
) -> int | None:
    """While Incydr is awaited: the place of the step that is still to be done, for one of these causes.

    The first whose test Salesforce answers with no, else the last step of the first cause. `steps` are those of the
    walk's items.
    """
    if not walk.waiting:
        return None
    mine = [index for index, item in enumerate(walk.items) if item.cause in causes]
    tests = ((index, steps[index].test) for index in mine)
    failed = next((index for index, test in tests if test is not None and test(evidence) is False), None)
    if failed is not None or not mine:
        return failed
    first = walk.items[mine[0]].cause
    return max(index for index in mine if walk.items[index].cause == first)


def _leave(walk: Walkthrough, mark: Mark, now: datetime) -> Walkthrough:
    if walk.waiting:
        return walk
    item = walk.item
    if item.mark is not Mark.SALESFORCE:
        item = replace(item, mark=mark, at=now)
    items = _with(walk.items, walk.current, item)
    return replace(walk, items=items, current=_next_open(items, walk.current + 1))


def _next_open(items: tuple[Item, ...], start: int) -> int:
    for index in range(start, len(items)):
        if items[index].mark is None:
            return index
    return len(items) - 1


def _with(items: tuple[Item, ...], index: int, item: Item) -> tuple[Item, ...]:
    return (*items[:index], item, *items[index + 1 :])


class Phase(StrEnum):
    """What a walkthrough shows at this moment."""

    NOTHING = "nothing"
    """There is no walkthrough."""
    OPENING = "opening"
    """The walkthrough is still to come: the org is read first."""
    STEP = "step"
    """Something is left to do in Salesforce."""
    WAITING = "waiting"
    """The steps are done, Incydr is not back."""
    OVERDUE = "overdue"
    """Incydr should have been back by now."""
    RETURNED = "returned"
    """The outage is over."""

    @property
    def awaits(self) -> bool:
        """The steps are done and Incydr is awaited, in time or overdue."""
        return self in (Phase.WAITING, Phase.OVERDUE)


def phase_of(state: State | None, walk: Walkthrough | None, *, opening: bool = False) -> Phase:
    """The phase of one connection's outage. `opening`: its walkthrough was asked for and is still to come."""
    if state is not None and state.returned is not None:
        return Phase.RETURNED
    if walk is None:
        return Phase.OPENING if opening else Phase.NOTHING
    if not walk.waiting:
        return Phase.STEP
    return Phase.OVERDUE if state is not None and state.overdue else Phase.WAITING
