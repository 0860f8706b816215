"""Two readings side by side: what began and what ended between them, and who did it."""

from datetime import datetime

from msgspec import Struct

from tui.base.limits import AUDIT_LATE
from tui.connections.connection import Requirements
from tui.connections.evidence import Evidence, value_of
from tui.connections.finding import EXPIRY, Actor, Diagnosis, Fact


class Comparison(Struct, frozen=True):
    """A reading and the one before; `diagnosis` is the newer one's, and knows who is known to have done what."""

    before: Evidence
    after: Evidence
    diagnosis: Diagnosis
    requirements: Requirements

    def began(self, cause: str, active: str, passive: str, *, at: datetime | None = None) -> Fact:
        """The cause is new: "NAME active" if who did it is newer than the reading before, else `passive`."""
        found = next((each for each in self.diagnosis.findings if each.cause == cause), None)
        by = found.by if found is not None else None
        return self._told(by, active, passive, (found.since if found is not None else None) or at)

    def ended(self, cause: str, active: str, passive: str, *, at: datetime | None = None) -> Fact:
        past = next((each for each in self.diagnosis.past if each.finding.cause == cause), None)
        return self._told(past.repaired_by if past is not None else None, active, passive, at)

    def _told(self, by: Actor | None, active: str, passive: str, at: datetime | None) -> Fact:
        if (
            by is None
            or by.name == EXPIRY
            or (by.at is not None and by.at < self.before.org_now - AUDIT_LATE)
        ):
            return Fact(passive, at)
        probably = "" if by.certain else "probably "
        operator = value_of(self.after.rights)
        # Under the name that everything else of the operator's has.
        own = operator is not None and by.username == operator.username
        name = by.username if own and by.username else by.name
        name = f"{by.delegate}, signed in as {name}," if by.delegate else name
        return Fact(f"{probably}{name} {active}", by.at or at)
