"""One line of a connection's history, as data: wording.py renders it."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from tui.connections.state import Status


class EntryKind(StrEnum):
    """What happened."""

    STATUS = "status"
    """The status changed to `status`."""
    ERROR = "error"
    """Error, or one more cause in it: `cause`, `by`."""
    UNKNOWN = "unknown"
    """Cannot tell since the second failed reading in a row; `was` is what it hides."""
    RETURNED = "returned"
    """Incydr is back; `result` is the kind of proof, `text` the causes that are over."""
    OVERDUE = "overdue"
    """Repaired, but Incydr is not back past the deadline."""
    WORD = "word"
    """The operator `by` says what the console shows: `text`, Monitoring where that is empty.

    `result` WITHDRAWN: he takes it back.
    """
    STEP = "step"
    """A walkthrough went on: `cause`, `text` is the step's title, `by` the operator where it was his act, `result`
    a StepResult."""
    CHANGE = "change"
    """The program sent a repair for `cause`: `text` is its title, `by` the operator, `result` the outcome."""
    MUTE = "mute"
    """Hook and bell are kept still for `result` seconds (empty: no longer): `by` the operator, `text` why."""
    DIFFERENCE = "difference"
    """Salesforce shows something else than at the reading before: `text` says what, and by whom if known."""


class StepResult(StrEnum):
    """How a walkthrough went on."""

    BEGUN = "begun"
    DONE = "done"
    """By the operator's word."""
    UNCONFIRMED = "unconfirmed"
    """By the operator's word, against what Salesforce shows."""
    CONFIRMED = "confirmed"
    """By what Salesforce shows."""
    SKIPPED = "skipped"
    REOPENED = "reopened"
    CLOSED = "closed"


WITHDRAWN = "withdrawn"

BELLS = frozenset({EntryKind.ERROR, EntryKind.RETURNED, EntryKind.OVERDUE})
"""Kinds that ring; UNKNOWN rings only over an open outage (see `rings`)."""


class Entry(Struct, frozen=True):
    """What happened to one connection, `at` by the org's clock. `key` makes two writers write one."""

    at: datetime
    connection: str
    kind: EntryKind
    key: str
    status: Status | None = None
    was: Status | None = None
    cause: str = ""
    by: str = ""
    text: str = ""
    result: str = ""

    @property
    def of_outage(self) -> bool:
        """Whether the line tells of an outage: such lines are never forgotten."""
        faulty = (Status.ERROR, Status.RECOVERING)
        return self.kind in BELLS or self.status in faulty or self.was in faulty


def newest_first(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """By the moment at which it happened; the journal has them in the order in which they were noticed."""
    return tuple(sorted(entries, key=lambda entry: entry.at, reverse=True))


def rings(entry: Entry) -> bool:
    """True where an operator who looks elsewhere must be called."""
    hides_outage = entry.was in (Status.ERROR, Status.RECOVERING)
    return entry.kind in BELLS or (entry.kind is EntryKind.UNKNOWN and hides_outage)
