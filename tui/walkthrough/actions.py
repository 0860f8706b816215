"""What the operator does in a walkthrough: each act on the watcher with the sentence that answers it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from msgspec import Struct

from tui import wording
from tui.connections.connection import Org, Requirements
from tui.connections.evidence import value_of
from tui.connections.repair import NoRepair, Outcome, Repair, Result
from tui.connections.state import State
from tui.connections.step import Step
from tui.connections.walkthrough import Walkthrough
from tui.walkthrough.questions import RepairQuestion
from tui.watching.schedule import ReadingProgress


class Watched(Protocol):
    """The Watcher as a walkthrough uses it."""

    def state(self, name: str) -> State | None: ...
    def progress(self, name: str) -> ReadingProgress: ...
    def org(self, name: str) -> Org: ...
    def holder(self, name: str) -> str | None: ...
    def check_now(self, name: str | None = None) -> None: ...
    def pause(self, name: str, on: bool) -> None: ...
    def walkthrough(self, name: str) -> Walkthrough | None: ...
    async def walk(self, name: str) -> object: ...
    async def step_done(self, name: str) -> object: ...
    async def step_back(self, name: str) -> object: ...
    async def step_again(self, name: str, index: int) -> object: ...
    async def step_skip(self, name: str) -> object: ...
    async def switch_experience(self, name: str) -> object: ...
    async def say_monitoring(self, name: str, by: str) -> bool: ...
    async def withdraw_monitoring(self, name: str, by: str) -> bool: ...
    async def close_walk(self, name: str) -> object: ...
    async def repair(self, name: str, repair: Repair) -> tuple[Outcome, ...]: ...
    async def undo_offer(self, name: str) -> Repair | NoRepair: ...
    def repair_offers(self, name: str) -> tuple[Repair | NoRepair, ...]: ...


def verdict(watcher: Watched, name: str, requirements: Requirements) -> tuple[Step, bool | None] | None:
    """The current step, and whether Salesforce shows it as done; None where there is no step or no reading."""
    walk, state = watcher.walkthrough(name), watcher.state(name)
    if walk is None or state is None:
        return None
    # The first frame, which knows what can be done, does without the causes.
    from tui.diagnosis.guide import step_of

    step = step_of(walk.item, requirements)
    return step, step.test(state.evidence) if step.test is not None else None


MOVES: Mapping[str, Callable[[Watched, str], Awaitable[object]]] = {
    "back": lambda watcher, name: watcher.step_back(name),
    "skip": lambda watcher, name: watcher.step_skip(name),
    "experience": lambda watcher, name: watcher.switch_experience(name),
}
"""What needs no answer: to the step before or behind, to the other words and links."""


async def word(watcher: Watched, name: str) -> str:
    """The operator has seen Monitoring in the console."""
    if await watcher.say_monitoring(name, operator_of(watcher.state(name))):
        return "Recorded on this computer only: the console shows Monitoring."
    return "Not recorded: it counts only after the repair."


async def withdraw(watcher: Watched, name: str) -> str:
    """The operator takes that word back."""
    if await watcher.withdraw_monitoring(name, operator_of(watcher.state(name))):
        return "Withdrawn: what you said no longer counts."
    return "There is nothing to withdraw."


async def close_walk(watcher: Watched, name: str) -> str:
    """The walkthrough is over, whatever is left to do in it."""
    await watcher.close_walk(name)
    return f"{name}: the walkthrough is closed."


DECISIONS: Mapping[str, Callable[[Watched, str], Awaitable[str]]] = {
    "word": word,
    "withdraw": withdraw,
    "close_walk": close_walk,
}
"""What is done once it was agreed to, with the sentence that answers it."""


def pause(watcher: Watched, name: str, key: str) -> str:
    """Stop asking about the connection, or go on; `key` is the one that goes on."""
    paused = not watcher.progress(name).paused
    watcher.pause(name, paused)
    return f"Paused. {key} goes on." if paused else "remonitor is watching again."


def operator_of(state: State | None) -> str:
    """The operator's own username as the org knows him; empty where it was not read."""
    rights = value_of(state.evidence.rights) if state is not None else None
    return rights.username if rights is not None else ""


def question(watcher: Watched, name: str, repair: Repair) -> RepairQuestion:
    """What is asked before `repair` is sent; the connection has been read."""
    state = watcher.state(name)
    assert state is not None  # noqa: S101 - there is no repair without a reading
    finding = next((f for f in state.diagnosis.findings if f.cause == repair.cause), None)
    restraint = wording.restraint(finding) if finding is not None and repair.ask_first else ""
    return RepairQuestion(state.connection, watcher.org(name), repair, operator_of(state), restraint)


class RepairAnswer(Struct, frozen=True):
    """What became of a repair, as sentences. `other_way`: what is offered after a refusal; empty: nothing."""

    applied: bool
    text: str
    other_way: str = ""

    def sentences(self, key: str) -> tuple[str, ...]:
        """All of it; `key` shows the other way."""
        other = f"{self.other_way} {key} shows what it changes." if self.other_way else ""
        return (self.text, other) if other else (self.text,)


async def repair(watcher: Watched, name: str, repair: Repair) -> RepairAnswer:
    """Send what was agreed to. Raises Problem where nothing was sent."""
    outcomes = await watcher.repair(name, repair)
    other_way = wording.another_way(repair, outcomes, watcher.repair_offers(name))
    applied = all(outcome.result == Result.APPLIED for outcome in outcomes)
    return RepairAnswer(applied, wording.outcomes(repair, outcomes), other_way)
