"""What is asked before something is done that cannot simply be done again otherwise."""

from typing import ClassVar

from msgspec import Struct

from tui import wording
from tui.connections.connection import Connection, Org
from tui.connections.repair import Repair

YES = ("y", "yes")


class RepairQuestion(Struct, frozen=True):
    """The question before a change: what will change, as whom, whom to ask first, what has to be typed."""

    refused: ClassVar[str] = "Nothing was sent."

    connection: Connection
    org: Org
    repair: Repair
    operator: str
    restraint: str = ""
    """Whom to ask what before it is undone; empty: nobody."""

    @property
    def name(self) -> str:
        return self.connection.name

    @property
    def title(self) -> str:
        return f"{self.repair.title} · {self.name}"

    @property
    def yes(self) -> str:
        """What agreeing does, in a word or two."""
        return self.repair.title

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
            return "Type y to apply it. Anything else sends nothing."
        return f"Type {self.repair.confirm} to go on. Anything else sends nothing."

    def agrees(self, answer: str | None) -> bool:
        """Whether this answer lets the change be sent; None: nobody answers."""
        typed = (answer or "").strip()
        return typed == self.repair.confirm if self.repair.confirm else typed.lower() in YES


class YesOrNo(Struct, frozen=True):
    """A question that y answers. `id` is the command that is done then, `yes` what it does, in a word or two."""

    restraint: ClassVar[str] = ""

    id: str
    name: str
    """The connection."""
    title: str
    preview: tuple[str, ...]
    yes: str
    refused: str
    """What is said after any other answer."""

    @property
    def choice(self) -> str:
        """What has to be typed, and what happens else."""
        return "Type y for yes. Anything else is no."

    def agrees(self, answer: str | None) -> bool:
        """Whether this answer is a yes; None: nobody answers."""
        return (answer or "").strip().lower() in YES


Question = RepairQuestion | YesOrNo


def before_word(name: str) -> YesOrNo:
    """Before it is recorded that the console shows Monitoring."""
    return YesOrNo(
        "word",
        name,
        f"Console: Monitoring · {name}",
        (
            f"Does the Incydr console show Monitoring for {name} now?",
            "Your answer is kept with your name and the time. What Salesforce or Incydr shows counts more.",
        ),
        "Yes, it does",
        "Nothing was recorded.",
    )


def before_withdrawal(name: str) -> YesOrNo:
    """Before that word is taken back."""
    return YesOrNo(
        "withdraw",
        name,
        f"Withdraw · {name}",
        (
            f"You said that the Incydr console shows Monitoring for {name}. Withdraw this?",
            "The status then comes from what Salesforce and Incydr show.",
        ),
        "Withdraw",
        "Nothing was changed.",
    )


def before_closing(name: str) -> YesOrNo:
    """Before a walkthrough is closed for good."""
    return YesOrNo(
        "close_walk",
        name,
        f"Close the walkthrough · {name}",
        (
            f"Close the walkthrough of {name} for good?",
            "It is not offered again and its marks are deleted. remonitor keeps watching. Fix begins a new one.",
        ),
        "Close it",
        "The walkthrough is kept.",
    )
