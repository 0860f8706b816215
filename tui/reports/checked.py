"""What a check found of one connection: the rows that every answer is made of, and their few words."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from tui.base.problem import Problem
from tui.connections.finding import Actor, Finding
from tui.connections.state import State, Status, rank
from tui.wording.recoveries import OVERDUE_NEXT_STEP
from tui.wording.statuses import (
    ask_first,
    by_name,
    done,
    headline,
    more_causes,
    next_step_of,
    status_word,
)
from tui.wording.times import Times, ago, at_time, clock_time

OLDER = timedelta(minutes=1)
"""An answer that is not of this moment says so."""

WORST_FIRST = (2, 3, 1, 0)
"""Exit codes as monitoring engines rank them."""


class Checked(Struct, frozen=True):
    """One connection: its state, or why nothing can be told of it. `code` is its own exit code, 0 to 3."""

    name: str
    org: str
    code: int
    state: State | None = None
    problem: Problem | None = None
    read_at: datetime | None = None
    """When it was read last (this machine's clock); None: as the state says."""
    read_by: str = ""
    """The process that did, such as "jump1:4711"; empty: not known."""
    muted_until: datetime | None = None
    """Until when nobody is called for it."""

    @property
    def status(self) -> Status:
        return self.state.status if self.state is not None else Status.UNKNOWN

    @property
    def word(self) -> str:
        """The status as screens show it: an overdue recovery has its own word."""
        return status_word(self.state) if self.state is not None else Status.UNKNOWN.value

    @property
    def overdue(self) -> bool:
        return self.state is not None and self.state.overdue

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.state.diagnosis.findings if self.state is not None else ()

    @property
    def last_seen(self) -> datetime | None:
        """The newest sign of life of Incydr (the vendor's clock)."""
        return self.state.life.at if self.state is not None and self.state.life is not None else None


def worst_first(rows: Sequence[Checked]) -> list[Checked]:
    """The worst exit code first, then as the screens sort; else in the order given."""
    return sorted(rows, key=lambda row: (WORST_FIRST.index(row.code), rank(row.state)))


def worst(rows: Sequence[Checked]) -> int:
    """The exit code of all; of none: could not ask."""
    return min((row.code for row in rows), key=WORST_FIRST.index, default=3)


def counts(rows: Sequence[Checked]) -> str:
    """ "2 Error, 1 Recovering of 7"; what is well is not listed: "all 7 Monitoring"."""
    found = Counter(row.word for row in worst_first(rows))
    listed = [f"{count} {word}" for word, count in found.items() if word != Status.MONITORING]
    return f"{', '.join(listed)} of {len(rows)}" if listed else f"all {len(rows)} Monitoring"


def who(by: Actor) -> str:
    """Whom to ask, as short as he can be named, and whether it is certain."""
    return f"{'' if by.certain else 'probably '}{_called(by)}"


def _called(by: Actor) -> str:
    """The username, else the name."""
    return f"{'automation ' if by.automation else ''}{by.delegate or by.username or by.name}"


def cause(finding: Finding, times: Times) -> str:
    """A cause with who and since: "frozen by jane@acme.example at 23:04", "lacks permissions since 23:04"."""
    title = done(finding, brief=True)
    when = (finding.by.at if finding.by is not None else None) or finding.since
    if finding.by is not None:
        at = f" {at_time(when, times, seconds=False)}" if when is not None else ""
        return f"{title}{by_name(finding.by, called=_called(finding.by))}{at}"
    return f"{title} since {clock_time(when, times, seconds=False)}" if when is not None else title


def what(row: Checked, times: Times) -> str:
    """What is the matter with a connection, in a few words behind its name."""
    if row.state is None:
        return row.problem.message.rstrip(".") if row.problem is not None else "not read"
    if row.findings:
        return cause(row.findings[0], times) + more_causes(row.findings)
    return headline(row.state, times)


def about(row: Checked, times: Times) -> str:
    """Name and what is the matter: "Acme US frozen by jane@acme.example at 23:04", "Acme US: no fault found"."""
    of_the_account = bool(row.findings) and row.findings[0].title.startswith("The service account is ")
    return f"{row.name}{' ' if of_the_account else ': '}{what(row, times)}"


def asides(row: Checked, times: Times) -> tuple[str, ...]:
    """What else to know of an answer: that nobody is called, and who has read it, where it is not of this moment."""
    told: list[str] = []
    if row.muted_until is not None:
        told.append(f"muted until {clock_time(row.muted_until, times, seconds=False)}")
    read_at = row.read_at if row.state is not None and row.problem is None else None
    if read_at is not None and times.now - read_at >= OLDER:
        told.append(f"read {ago(read_at, times.now)} by {row.read_by}")
    return tuple(told)


def next_step(row: Checked) -> str:
    """What to do now, in one sentence; empty where there is nothing to do."""
    if row.state is None:
        return row.problem.next_step if row.problem is not None else ""
    if row.findings:
        other = ask_first(row.findings[0])
        if row.state.diagnosis.heals:
            return "Wait: it ends by itself."
        return f"Ask {other} first, then open the walkthrough." if other else "Open the walkthrough."
    if row.state.late:
        return OVERDUE_NEXT_STEP
    return next_step_of(row.state)
