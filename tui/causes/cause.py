"""What a cause is: how it is recognised, what the operator does about it, what the program can do about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tui.connections.connection import Connection
from tui.connections.evidence import Evidence, Unreadable
from tui.connections.finding import Actor, Fact, Finding, Kind, ProofKind, Undetermined
from tui.connections.repair import NoRepair, Repair
from tui.connections.requirements import Requirement
from tui.connections.step import Step, Subject

Requirements = Sequence[Requirement]
Verdict = Finding | Undetermined | None
"""Present, undetermined, or absent."""

NOTICED_WITHIN = timedelta(minutes=20)
"""How long Incydr takes to notice a repair (its article on these errors)."""


def _no_warnings(connection: Connection, evidence: Evidence, requirements: Requirements) -> tuple[Fact, ...]:
    return ()


@dataclass(frozen=True)
class Cause:
    """A reason why monitoring stopped. `message` is what the Incydr console shows, verbatim.

    `delay` is None where no clock runs before the operator has acted. `steps` test against the default
    requirements; `steps_under`, where given, makes them for others.
    """

    id: str
    title: str
    kind: Kind
    message: str | None
    proofs: tuple[ProofKind, ...]
    examine: Callable[[Connection, Evidence, Requirements], Verdict]
    steps: tuple[Step, ...]
    repair: Callable[[Finding, Subject], Repair | NoRepair]
    delay: timedelta | None = NOTICED_WITHIN
    delay_assumed: bool = False
    warn: Callable[[Connection, Evidence, Requirements], tuple[Fact, ...]] = _no_warnings
    """What is worth telling although the cause is absent."""
    steps_under: Callable[[Requirements], tuple[Step, ...]] | None = None

    def found(
        self,
        evidence: Evidence,
        part: str,
        *,
        since: datetime | None = None,
        by: Actor | None = None,
        by_unknown: str = "",
        facts: tuple[Fact, ...] = (),
    ) -> Finding:
        """This cause is present, as `part` of the evidence shows."""
        return Finding(
            cause=self.id,
            title=self.title,
            kind=self.kind,
            proofs=self.proofs,
            part=part,
            seen_at=evidence.org_now,
            since=since,
            by=by,
            by_unknown="" if by else by_unknown,
            facts=facts,
            delay=self.delay,
            delay_assumed=self.delay_assumed,
        )

    def undetermined(self, part: str, why: Unreadable) -> Undetermined:
        """This cause cannot be decided because of `part`."""
        return Undetermined(self.id, part, why.reason, why.next_step)
