"""Every key command as data: bindings, footer, palette, help and the README's key table come from here."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from tui.connections.repair import NoRepair, Repair
from tui.connections.state import State
from tui.connections.status import Status
from tui.connections.walkthrough import Walkthrough


class Pane(StrEnum):
    """What the keys speak to."""

    WELCOME = "welcome"
    LIST = "list"
    DETAIL = "detail"
    WIZARD = "wizard"


@dataclass(frozen=True)
class Context:
    """What the screen shows at this moment, as far as commands depend on it."""

    pane: Pane
    state: State | None = None
    walkthrough: Walkthrough | None = None
    offers: tuple[Repair | NoRepair, ...] = ()
    link: str | None = None
    detail_hidden: bool = False
    resumable: bool = False
    busy: str = ""
    """What is being sent to Salesforce right now; empty: nothing."""

    @property
    def repairs(self) -> tuple[Repair, ...]:
        return tuple(offer for offer in self.offers if isinstance(offer, Repair))

    @property
    def returned(self) -> bool:
        """The outage that the wizard shows is over."""
        recovery = self.state.recovery if self.state else None
        return recovery is not None and recovery.returned is not None


def _always(_: Context) -> bool:
    return True


def _no_reason(_: Context) -> str | None:
    return None


@dataclass(frozen=True)
class Command:
    """One thing that the operator can do. `key` is Textual's name of the key; `when`: shown at all there.

    `why_not` is None where the command works now, else the sentence that says why it does not.
    """

    id: str
    key: str
    label: str
    help: str
    group: str
    panes: tuple[Pane, ...]
    when: Callable[[Context], bool] = _always
    why_not: Callable[[Context], str | None] = _no_reason
    in_footer: bool = True

    def shown(self, context: Context) -> bool:
        return context.pane in self.panes and self.when(context)


KEY_NAMES = {"escape": "esc", "slash": "/", "question_mark": "?", "colon": ":"}

BROWSE = (Pane.LIST, Pane.DETAIL)
READING = (*BROWSE, Pane.WIZARD)
EVERYWHERE = (Pane.WELCOME, *READING)


def key_name(key: str) -> str:
    """A key (Textual's name for it) as people read it."""
    return KEY_NAMES.get(key, key)


def _nothing_to_fix(context: Context) -> str | None:
    state = context.state
    if state is None:
        return "Not read yet: the first answer is still to come."
    name = state.connection.name
    recovery = state.recovery
    if state.diagnosis.findings or (recovery is not None and recovery.returned is None):
        return None
    if state.status is Status.UNKNOWN:
        why = f" {state.why.next_step}" if state.why and state.why.next_step else ""
        return f"No fault of {name} is known, its status is Unknown.{why}"
    if state.status is Status.DEAUTHORIZED:
        return f"{name} is Deauthorized: authorise it again in the Incydr console."
    return f"Nothing to fix: {name} is {state.status}."


def _no_step_to_leave(context: Context) -> str | None:
    if context.walkthrough is None:
        return "There is no open walkthrough."
    if context.walkthrough.waiting:
        return "Nothing to do here: Incydr notices the repair by itself."
    return None


def _no_step_before(context: Context) -> str | None:
    if context.walkthrough is None:
        return "There is no open walkthrough."
    return "This is the first step." if context.walkthrough.current == 0 else None


def _no_repair(context: Context) -> str | None:
    if context.busy:
        return f"Still sending: {context.busy}."
    if context.repairs:
        return None
    for offer in context.offers:
        if isinstance(offer, NoRepair):
            return offer.reason
    if context.state is not None and not context.state.diagnosis.findings:
        return "There is nothing left to repair in Salesforce."
    return "The program knows no change over the API that mends this."


def _no_word_yet(context: Context) -> str | None:
    state = context.state
    if state is None or state.recovery is None:
        return "There is no outage that could be over."
    if state.recovery.returned is not None:
        return "Monitoring is back already."
    if state.diagnosis.findings:
        return "A cause is still there: your word counts after the repair."
    return None


def _nothing_to_report(context: Context) -> str | None:
    return None if context.state is not None else "Not read yet: the first answer is still to come."


def _no_link(context: Context) -> str | None:
    return None if context.link else "This step has no link."


def _no_switch(context: Context) -> str | None:
    return None if context.walkthrough else "There is no open walkthrough."


def _open(context: Context) -> bool:
    return not context.returned


COMMANDS: tuple[Command, ...] = (
    Command(
        "details",
        "enter",
        "Details",
        "Show what is known about the connection under the cursor.",
        "Connections",
        (Pane.LIST,),
        when=lambda c: c.detail_hidden,
    ),
    Command(
        "fix",
        "enter",
        "Fix",
        "Open the walkthrough of this connection, where it was left.",
        "Connections",
        BROWSE,
        when=lambda c: not (c.detail_hidden and c.pane is Pane.LIST),
        why_not=_nothing_to_fix,
    ),
    Command(
        "filter",
        "slash",
        "Filter",
        "Show only connections whose name, org, account or status contains the text.",
        "Connections",
        (Pane.LIST,),
    ),
    Command(
        "resume",
        "c",
        "Continue",
        "Go on with the walkthrough that was left.",
        "Connections",
        BROWSE,
        when=lambda c: c.resumable,
    ),
    Command(
        "done",
        "enter",
        "Done, next",
        "This step is done: go to the next one.",
        "Walkthrough",
        (Pane.WIZARD,),
        when=_open,
        why_not=_no_step_to_leave,
    ),
    Command(
        "close",
        "enter",
        "Close",
        "Close the finished walkthrough.",
        "Walkthrough",
        (Pane.WIZARD,),
        when=lambda c: c.returned,
    ),
    Command(
        "back",
        "b",
        "Back",
        "Go to the step before.",
        "Walkthrough",
        (Pane.WIZARD,),
        when=_open,
        why_not=_no_step_before,
    ),
    Command(
        "repair",
        "f",
        "Fix it for me",
        "Show the change that mends this, then send it to Salesforce.",
        "Walkthrough",
        (Pane.WIZARD,),
        when=_open,
        why_not=_no_repair,
    ),
    Command(
        "leave",
        "escape",
        "Leave",
        "Go back; the watch goes on and the walkthrough is kept.",
        "Everywhere",
        (Pane.DETAIL, Pane.WIZARD),
        when=lambda c: c.detail_hidden or c.pane is Pane.WIZARD,
    ),
    Command(
        "skip",
        "s",
        "Skip",
        "Leave this step undone and go on; only this machine knows.",
        "Walkthrough",
        (Pane.WIZARD,),
        when=_open,
        why_not=_no_step_to_leave,
        in_footer=False,
    ),
    Command(
        "check_now",
        "r",
        "Check now",
        "Read the org again now.",
        "Everywhere",
        READING,
    ),
    Command(
        "add",
        "a",
        "Add",
        "Add a connection: choose org, service account and tenant by questions.",
        "Connections",
        (Pane.WELCOME, *BROWSE),
        when=lambda c: c.pane is Pane.WELCOME or not (c.detail_hidden and c.pane is Pane.DETAIL),
    ),
    Command(
        "experience",
        "x",
        "Lightning/Classic",
        "Switch the words and links between Lightning Experience and Salesforce Classic.",
        "Walkthrough",
        (Pane.WIZARD,),
        when=_open,
        why_not=_no_switch,
    ),
    Command(
        "word",
        "m",
        "Console: Monitoring",
        "Record that the Incydr console shows Monitoring.",
        "Walkthrough",
        (Pane.WIZARD,),
        when=_open,
        why_not=_no_word_yet,
        in_footer=False,
    ),
    Command(
        "copy_link",
        "y",
        "Copy link",
        "Send the step's link to the terminal's clipboard.",
        "Walkthrough",
        (Pane.WIZARD,),
        when=_open,
        why_not=_no_link,
        in_footer=False,
    ),
    Command(
        "copy_user",
        "u",
        "Copy user",
        "Send the service account's username to the terminal's clipboard.",
        "Walkthrough",
        (Pane.DETAIL, Pane.LIST, Pane.WIZARD),
        in_footer=False,
    ),
    Command(
        "pause",
        "p",
        "Pause",
        "Stop asking about this connection; once more to go on.",
        "Everywhere",
        READING,
        in_footer=False,
    ),
    Command(
        "history",
        "h",
        "History",
        "Show more or fewer lines of this connection's history.",
        "Connections",
        BROWSE,
        when=lambda c: not (c.detail_hidden and c.pane is Pane.LIST),
    ),
    Command(
        "report",
        "w",
        "Write report",
        "Write what happened to a file in Markdown, for the ticket.",
        "Everywhere",
        READING,
        when=lambda c: c.pane is not Pane.WIZARD or c.returned,
        why_not=_nothing_to_report,
        in_footer=False,
    ),
    Command(
        "who",
        "i",
        "Who am I",
        "Show as whom you are signed in to each org, and what you may do there.",
        "Everywhere",
        READING,
        in_footer=False,
    ),
    Command("help", "question_mark", "Help", "Show every key.", "Everywhere", EVERYWHERE),
    Command(
        "palette",
        "colon",
        "Commands",
        "Search every command by name (also ctrl+p).",
        "Everywhere",
        EVERYWHERE,
        in_footer=False,
    ),
    Command(
        "quit", "q", "Quit", "Leave the program (also ctrl+q, or ctrl+c twice).", "Everywhere", EVERYWHERE
    ),
)

BY_ID = {command.id: command for command in COMMANDS}
