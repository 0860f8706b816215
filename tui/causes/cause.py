"""What a cause is: how it is recognised, what the operator does about it, what the program can do about it."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from tui.base.limits import NOTICED_WITHIN
from tui.base.vendor_pages import VendorPage
from tui.connections.connection import Connection, Requirements
from tui.connections.evidence import AuditRow, Evidence, Part, Unreadable
from tui.connections.finding import (
    Actor,
    Ask,
    EvidenceRow,
    Fact,
    Finding,
    Kind,
    Past,
    ProofKind,
    Undetermined,
)
from tui.connections.repair import NoRepair, Repair
from tui.connections.step import Step, Subject
from tui.rules import audit
from tui.rules.audit_actions import Topic
from tui.rules.comparison import Comparison

Verdict = Finding | Undetermined | None
"""Present, undetermined, or absent."""


def _no_warnings(connection: Connection, evidence: Evidence, requirements: Requirements) -> tuple[Fact, ...]:
    return ()


def _no_past(connection: Connection, evidence: Evidence, requirements: Requirements) -> Past | None:
    return None


def _no_differences(comparison: Comparison) -> tuple[Fact, ...]:
    return ()


def _no_other_way(finding: Finding, subject: Subject) -> Repair | None:
    return None


class Cause(Struct, frozen=True):
    """A reason why monitoring stopped. `message` is what the Incydr console shows, verbatim.

    `delay` is None where no clock runs before the operator has acted. `steps` test against the default
    requirements; `steps_under`, where given, makes them for others.
    """

    id: str
    title: str
    absent: str
    """What Salesforce shows where the cause is absent: "the user is not frozen"."""
    kind: Kind
    message: str | None
    row: EvidenceRow
    """The row of the evidence that shows it; a refused token stands in Incydr's own row."""
    proofs: tuple[ProofKind, ...]
    examine: Callable[[Connection, Evidence, Requirements], Verdict]
    steps: tuple[Step, ...]
    repair: Callable[[Finding, Subject], Repair | NoRepair]
    delay: timedelta | None = NOTICED_WITHIN
    delay_assumed: bool = False
    blocks: bool = True
    """False: the status may be shown where this is undetermined; it is listed as not checked."""
    done: str = ""
    """What somebody did who brought it about, where "by NAME" cannot follow the title."""
    ask: Ask = Ask.CHANGE
    """What another person who did it is asked first."""
    warn: Callable[[Connection, Evidence, Requirements], tuple[Fact, ...]] = _no_warnings
    """What is worth telling although the cause is absent."""
    past: Callable[[Connection, Evidence, Requirements], Past | None] = _no_past
    """What the audit trail shows of a time when the cause, absent now, was present."""
    differences: Callable[[Comparison], tuple[Fact, ...]] = _no_differences
    """What began or ended between two readings, in words, where the refused sign-ins alone do not say it."""
    alternative: Callable[[Finding, Subject], Repair | None] = _no_other_way
    """Another repair, for where Salesforce or the operator's rights do not allow the first."""
    steps_under: Callable[[Requirements], tuple[Step, ...]] | None = None

    @property
    def docs(self) -> VendorPage:
        """The vendor's own page on it: that of the step that mends it, which is the last one."""
        return self.steps[-1].docs

    def found(
        self,
        evidence: Evidence,
        part: Part,
        *,
        since: datetime | None = None,
        latest: datetime | None = None,
        by: Actor | None = None,
        by_unknown: str = "",
        facts: tuple[Fact, ...] = (),
    ) -> Finding:
        """This cause is present, as `part` of the evidence shows; `latest` where its beginning is not known."""
        return Finding(
            cause=self.id,
            title=self.title,
            kind=self.kind,
            proofs=self.proofs,
            part=part,
            seen_at=evidence.org_now,
            since=since,
            latest=latest if since is None else None,
            by=by,
            by_unknown="" if by else by_unknown,
            facts=facts,
            delay=self.delay,
            delay_assumed=self.delay_assumed,
            done=self.done,
        )

    def ended(self, evidence: Evidence, part: Part, rows: Sequence[AuditRow], began: Topic) -> Past | None:
        """This cause is absent now, but was there, as `rows` say: newest first, `began` is what began it.

        The newest row about something else ended it; where the newest one began it, no row says who did.
        """
        if not rows:
            return None
        start = next((row for row in rows if audit.topic(row) is began), None)
        finding = self.found(
            evidence,
            part,
            since=start.at if start is not None else None,
            by=audit.actor(start) if start is not None else None,
            by_unknown=audit.why_nobody(evidence, None),
        )
        return Past(finding, audit.someone(rows[0]) if rows[0] is not start else None)

    def undetermined(self, part: Part, why: Unreadable) -> Undetermined:
        """This cause cannot be decided because of `part`."""
        return Undetermined(self.id, part, why.reason, why.next_step, self.blocks)
