"""Walkthroughs in words."""

from collections.abc import Sequence
from datetime import datetime

from tui.connections.step import Step, StepText
from tui.connections.walkthrough import Item, Mark, Walkthrough
from tui.wording.times import ago


def resume_offer(name: str, walk: Walkthrough, left_at: datetime, now: datetime) -> str:
    """At the start: "Resume "Acme EMEA" at step 3, left 12 min ago"."""
    return f'Resume "{name}" at step {walk.current + 1}, left {ago(left_at, now)}'


def position(walk: Walkthrough) -> str:
    """Where the walk stands: "3 of 4"."""
    return f"{walk.current + 1} of {len(walk.items)}"


def mark_text(item: Item) -> str:
    """By whose word a step is done; empty while it is open."""
    return {
        None: "",
        Mark.SALESFORCE: "done, says Salesforce",
        Mark.OPERATOR: "done, says the operator",
        Mark.SKIPPED: "skipped",
    }[item.mark]


def unverified(verdict: bool | None, step: Step) -> str:
    """The word of warning when the operator says done and Salesforce does not; empty where there is none."""
    if step.test is None or verdict is True:
        return ""
    if verdict is None:
        return "Noted. Salesforce cannot be asked whether it is done."
    return f"Noted, but Salesforce says: {step.still or 'not yet'}."


def plain_steps(steps: Sequence[tuple[str, StepText]]) -> tuple[str, ...]:
    """(title, text) as numbered plain lines for screen readers and dumb terminals."""
    lines: list[str] = []
    for number, (title, text) in enumerate(steps, 1):
        lines.append(f"{number}. {title}")
        lines.extend(f"   {line}" for line in text.lines)
        if text.breadcrumb:
            lines.append(f"   where: {text.breadcrumb}")
        if text.link:
            lines.append(f"   link: {text.link}")
    return tuple(lines)
