"""What can be done in a walkthrough, and how its two faces call it."""

from msgspec import Struct

from tui.connections.connection import Experience
from tui.keys import KeyNames
from tui.wording.statuses import EXPLAIN

EXPERIENCES = {Experience.LIGHTNING: "Lightning Experience", Experience.CLASSIC: "Salesforce Classic"}
OTHER = {Experience.LIGHTNING: "Classic", Experience.CLASSIC: "Lightning"}

ACTIONS = (
    "done",
    "unfinished",
    "back",
    "skip",
    "repair",
    "undo",
    "word",
    "withdraw",
    "close_walk",
    "experience",
    "check_now",
    "pause",
)
"""What a walkthrough offers, by the ids of the commands."""


class Terms(Struct, frozen=True):
    """How a face calls what can be done in it."""

    keys: KeyNames
    explain: str
    """How to ask for the cause of a console message."""
    done: str
    """How a step is called done."""
    after: str
    """What can be done after the return, as a sentence; empty: nothing."""


def terms_of_keys(keys: KeyNames) -> Terms:
    """On a screen everything has a key."""
    after = (
        f"{keys.of('report')} writes the report for the ticket, "
        f"{keys.of('close')} or {keys.of('leave')} goes back to the list."
    )
    return Terms(keys, keys.told("explain"), keys.of("done"), after)


def terms_of_lines(keys: KeyNames, report: str) -> Terms:
    """By lines some of it is a command: `report` writes the report; empty where there is none."""
    return Terms(keys, EXPLAIN, "Enter", f"The report for the ticket: {report}" if report else "")
