"""What the causes say beside a state: messages, steps, required permissions. Decides nothing about a connection.

The one door through which screens, lines and reports reach the causes.
"""

from collections.abc import Iterable

from tui.base.vendor_pages import ERRORS, VendorPage
from tui.causes.cause import Cause
from tui.causes.registry import CAUSES, WAIT_STEP, cause, steps_for
from tui.connections.connection import Requirements
from tui.connections.console_check import ConsoleCheck
from tui.connections.finding import KnownCause
from tui.connections.state import State
from tui.connections.step import WAIT, Step
from tui.connections.walkthrough import Item
from tui.diagnosis import console_check
from tui.rules.required_permissions import REQUIREMENTS

__all__ = [
    "REQUIREMENTS",
    "check_message",
    "known",
    "known_causes",
    "meant_by",
    "messages",
    "pages",
    "step_of",
    "whole_walk",
]


def known_causes() -> tuple[KnownCause, ...]:
    """Every cause, in the order of repair."""
    return tuple(_told(each) for each in CAUSES)


def known(cause_id: str) -> KnownCause:
    """The cause with this id. Raises KeyError."""
    return _told(cause(cause_id))


def meant_by(text: str) -> tuple[KnownCause, ...]:
    """The causes that a pasted console message means, in the order of repair."""
    return tuple(_told(each) for each in console_check.meant_by(text))


def check_message(text: str, state: State) -> ConsoleCheck:
    """What the causes of a pasted message are worth against the newest evidence of a connection."""
    return console_check.check_message(text, state)


def messages(causes: Iterable[str]) -> tuple[str, ...]:
    """What the Incydr console shows for these causes, each message once."""
    return tuple(dict.fromkeys(message for id in causes if (message := cause(id).message)))


def pages(causes: Iterable[str]) -> tuple[VendorPage, ...]:
    """The vendors' own pages on these causes, each once; without a cause Incydr's article on such errors."""
    return tuple(dict.fromkeys(cause(id).docs for id in causes)) or (ERRORS,)


def whole_walk(causes: Iterable[str], requirements: Requirements) -> tuple[tuple[str, Step], ...]:
    """(cause id, step) of all these causes in the order of repair, a shared step once, the wait last."""
    walk: dict[str, tuple[str, Step]] = {}
    for cause_id, step in (*steps_for(tuple(causes), requirements), ("", WAIT_STEP)):
        walk.setdefault(step.id, (cause_id, step))
    return tuple(walk.values())


def step_of(item: Item, requirements: Requirements) -> Step:
    """The step that an item of a walkthrough names; the wait where a journal names one that is gone."""
    steps = steps_for((item.cause,), requirements) if item.step != WAIT else ()
    return next((step for _, step in steps if step.id == item.step), WAIT_STEP)


def _told(each: Cause) -> KnownCause:
    titles = tuple(step.title for step in each.steps)
    return KnownCause(
        each.id, each.title, each.kind, each.message, titles, each.delay, each.delay_assumed, each.docs
    )
