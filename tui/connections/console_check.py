"""A pasted console message held against what Salesforce shows, as data."""

from enum import StrEnum

from msgspec import Struct

from tui.connections.evidence import Evidence
from tui.connections.finding import Finding
from tui.connections.state import Status


class Verdict(StrEnum):
    """What Salesforce shows of a cause that the console named."""

    PRESENT = "present"
    ABSENT = "absent"
    UNDETERMINED = "undetermined"


class Answer(Struct, frozen=True):
    """One cause that the message may mean: what Salesforce shows of it, with the finding or the reason why not."""

    cause: str
    title: str
    verdict: Verdict
    finding: Finding | None = None
    reason: str = ""
    absent: str = ""
    """What Salesforce shows where the cause is absent."""


class ConsoleCheck(Struct, frozen=True):
    """The message's causes with what Salesforce shows of each, and what else it shows; `said` False: no known message.

    A message that means several causes is right where one of them is present. `status` is the derived one.
    """

    said: bool
    answers: tuple[Answer, ...]
    instead: tuple[Finding, ...]
    status: Status
    evidence: Evidence

    @property
    def agrees(self) -> tuple[Answer, ...]:
        return tuple(each for each in self.answers if each.verdict is Verdict.PRESENT)

    @property
    def stale(self) -> bool:
        """Nothing that the console names is there any more, and nothing else is: Incydr has not noticed yet."""
        absent = all(each.verdict is Verdict.ABSENT for each in self.answers)
        return self.said and absent and not self.instead
