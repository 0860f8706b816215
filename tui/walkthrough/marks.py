"""How each step of a walkthrough stands, and by whose word."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from tui.connections.finding import Kind
from tui.connections.state import State
from tui.connections.step import Step
from tui.connections.walkthrough import Mark, Walkthrough, denied, unfinished


class StepMark(StrEnum):
    """How a step of the list stands."""

    OPEN = "open"
    HERE = "here"
    SALESFORCE = Mark.SALESFORCE.value
    OPERATOR = Mark.OPERATOR.value
    DENIED = "denied"
    """The operator called it done, Salesforce shows that it is not."""
    SKIPPED = Mark.SKIPPED.value
    OVER = "over"
    """Open still when Incydr came back."""


SIGNS: Mapping[StepMark, str] = {
    StepMark.OPEN: " ",
    StepMark.HERE: "▸",
    StepMark.SALESFORCE: "✓",
    StepMark.OPERATOR: "•",
    StepMark.DENIED: "!",
    StepMark.SKIPPED: "–",
    StepMark.OVER: "✓",
}

LEGEND: Mapping[StepMark, str] = {
    StepMark.HERE: "The step that is shown.",
    StepMark.SALESFORCE: "Done, confirmed by Salesforce.",
    StepMark.OPERATOR: "You said that it is done.",
    StepMark.DENIED: "You said so, but Salesforce shows that it is not done.",
    StepMark.SKIPPED: "Skipped.",
}
"""What the signs mean."""


def marked(
    state: State, walk: Walkthrough | None, steps: Sequence[Step], *, over: bool
) -> Iterator[tuple[StepMark, str]]:
    """Mark and title of each step; `over`: Incydr is back."""
    for index, (item, step) in enumerate(zip(walk.items, steps, strict=True) if walk is not None else ()):
        if walk is not None and index == walk.current and not over:
            mark = StepMark.HERE
        elif item.mark is None:
            mark = StepMark.OVER if over else StepMark.OPEN
        elif denied(item, step, state.evidence):
            mark = StepMark.DENIED
        else:
            mark = StepMark(item.mark)
        yield mark, step.title


def unfinished_step(state: State, walk: Walkthrough | None, steps: Sequence[Step]) -> int | None:
    """The place of the step that is still to be done while Incydr is awaited: its cause is read as present."""
    unread = {each.cause for each in state.diagnosis.undetermined}
    by_hand = [f.cause for f in state.diagnosis.findings if f.kind is Kind.ACTION and f.cause not in unread]
    return unfinished(walk, steps, state.evidence, by_hand) if walk is not None and by_hand else None
