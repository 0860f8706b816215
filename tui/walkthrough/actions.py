"""What the operator does in a walkthrough: each act on the watcher with the sentence that answers it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from msgspec import Struct

from tui import wording
from tui.connections.connection import Connection, Org, Requirements
from tui.connections.evidence import value_of
from tui.connections.repair import NoRepair, Outcome, Repair, Result
from tui.connections.state import State
from tui.connections.step import Step
from tui.connections.walkthrough import Walkthrough
from tui.watching.schedule import ReadingProgress

YES = ("y", "yes")
NOTHING_SENT = "Nothing was sent."


class Watched(Protocol):
    """The Watcher as a walkthrough uses it."""

    def state(self, name: str) -> State | None: ...
    def progress(self, name: str) -> ReadingProgress: ...
    def org(self, name: str) -> Org: ...
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
    async def repair(self, name: str, repair: Repair) -> tuple[Outcome, ...]: ...
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


def pause(watcher: Watched, name: str, key: str) -> str:
    """Stop asking about the connection, or go on; `key` is the one that goes on."""
    paused = not watcher.progress(name).paused
    watcher.pause(name, paused)
    return f"Paused: {key} goes on." if paused else "The watch goes on."


def operator_of(state: State | None) -> str:
    """The operator's own username as the org knows him; empty where it was not read."""
    rights = value_of(state.evidence.rights) if state is not None else None
    return rights.username if rights is not None else ""


class RepairQuestion(Struct, frozen=True):
    """The question before a change: what will change, as whom, whom to ask first, what has to be typed."""

    connection: Connection
    org: Org
    repair: Repair
    operator: str
    restraint: str = ""
    """Whom to ask what before it is undone; empty: nobody."""

    @property
    def preview(self) -> tuple[str, ...]:
        """Everything that will be sent, in order."""
        return wording.preview(self.repair, self.connection, self.org, self.operator)

    @property
    def wanted(self) -> str:
        """What has to be typed, in short."""
        if self.repair.confirm is None:
            return "Apply it? Type y for yes:"
        return f"Type {self.repair.confirm} to go on:"

    def name_wanted(self, *, again: bool = False) -> tuple[str, str]:
        """What asks for the name to be typed, and the name; `again`: another one was typed."""
        what = self.repair.confirm_what
        ask = f"That is not the {what}. Nothing was changed. " if again else ""
        anyway = " anyway" if self.restraint else ""
        return f"{ask}To go on{anyway}, type the {what}: ", self.repair.confirm or ""

    @property
    def choice(self) -> str:
        """What has to be typed, and what happens else."""
        if self.repair.confirm is None:
            return "Type y to apply it; anything else sends nothing."
        return f"Type {self.repair.confirm} to go on. Anything else sends nothing."

    def agrees(self, answer: str | None) -> bool:
        """Whether this answer lets the change be sent; None: nobody answers."""
        typed = (answer or "").strip()
        return typed == self.repair.confirm if self.repair.confirm else typed.lower() in YES


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
