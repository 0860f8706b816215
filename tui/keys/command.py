"""What a command is, and what it may depend on."""

from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct

from tui.connections.repair import NoRepair, Repair
from tui.connections.state import State
from tui.connections.walkthrough import Phase, Walkthrough, phase_of


class Pane(StrEnum):
    """What the keys speak to."""

    WELCOME = "welcome"
    LIST = "list"
    DETAIL = "detail"
    WIZARD = "wizard"

    @property
    def place(self) -> str:
        """As people call it."""
        return "the walkthrough" if self is Pane.WIZARD else f"the {self}"


class Context(Struct, frozen=True):
    """What the screen shows at this moment, as far as commands depend on it."""

    pane: Pane
    state: State | None = None
    walkthrough: Walkthrough | None = None
    offers: tuple[Repair | NoRepair, ...] = ()
    link: str | None = None
    detail_hidden: bool = False
    resumable: bool = False
    nothing: bool = False
    """No connection is selected."""
    monochrome: bool = False
    """NO_COLOR decides how it looks."""
    problems: int = 0
    """Connections in the list, but for the one under the cursor, that are not well."""
    watched_by: str | None = None
    """Who watches the org, where it is another process, in words: here one only looks."""
    unfinished: int | None = None
    """While Incydr is awaited: the place of the step that Salesforce shows as not done."""
    busy: str = ""
    """What is being sent to Salesforce right now; empty: nothing."""

    @property
    def repairs(self) -> tuple[Repair, ...]:
        return tuple(offer for offer in self.offers if isinstance(offer, Repair))

    @property
    def phase(self) -> Phase:
        """Where the operator stands in this outage."""
        return phase_of(self.state, self.walkthrough)

    @property
    def is_open(self) -> bool:
        """The walkthrough is still under way."""
        return self.phase is not Phase.RETURNED

    @property
    def is_walking(self) -> bool:
        """There are steps to move through."""
        return self.is_open and self.walkthrough is not None

    @property
    def has_steps(self) -> bool:
        """There is something left to do in Salesforce."""
        return not self.phase.awaits


def _always(_: Context) -> bool:
    return True


def never(_: Context) -> bool:
    return False


def _no_reason(_: Context) -> str | None:
    return None


class Command(Struct, frozen=True):
    """One thing that the operator can do. `key` is Textual's name of the key; `when`: shown at all there.

    `why_not` is None where the command works now, else the sentence that says why it does not; `in_footer`:
    worth a place in the line of keys just now.
    """

    id: str
    key: str
    label: str
    help: str
    group: str
    panes: tuple[Pane, ...]
    when: Callable[[Context], bool] = _always
    why_not: Callable[[Context], str | None] = _no_reason
    in_footer: Callable[[Context], bool] = _always

    def shown(self, context: Context) -> bool:
        return context.pane in self.panes and self.when(context)

    def where(self, context: Context) -> str | None:
        """Where to look for it, as a sentence; None where it is shown."""
        if self.shown(context):
            return None
        if context.pane in self.panes:
            return "There is nothing for it to do now."
        return f"It works in {self.panes[0].place}."


BROWSE = (Pane.LIST, Pane.DETAIL)
READING = (*BROWSE, Pane.WIZARD)
EVERYWHERE = (Pane.WELCOME, *READING)
