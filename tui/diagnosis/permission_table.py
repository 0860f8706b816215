"""Each permission that Incydr lists: held or not, through what, lost when and by whom. Data for the detail table."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tui.connections.evidence import Evidence, Grant, Unreadable, value_of
from tui.connections.finding import Actor
from tui.connections.requirements import Requirement, Requirements
from tui.rules import effective_permissions, lost_permissions


class How(StrEnum):
    """What becomes of a permission that a grant carries."""

    IN_FORCE = "in force"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SESSION = "only in a session that activates it"
    INACTIVE = "not active"
    PENDING = "not calculated yet"
    MUTED = "muted in the group"


@dataclass(frozen=True)
class Source:
    """One grant that carries a permission. `kind` is `profile`, `set` or `group`; `until`: when it ends or ended."""

    kind: str
    name: str
    how: How
    until: datetime | None = None


@dataclass(frozen=True)
class Line:
    """One permission. `held` is None where it cannot be told (`reason`); `lost` only where it is missing."""

    requirement: Requirement
    held: bool | None
    sources: tuple[Source, ...] = ()
    lost: Actor | None = None
    reason: str = ""


def permission_lines(evidence: Evidence, requirements: Requirements) -> tuple[Line, ...] | Unreadable:
    """A line for each requirement, in their order; what stops without it is its `purpose`."""
    held = effective_permissions.holdings(evidence, requirements)
    if isinstance(held, Unreadable):
        return held
    return tuple(
        Line(
            each.requirement,
            each.held,
            _sources(evidence, each.requirement.name),
            lost_permissions.lost(evidence, each.requirement) if each.held is False else None,
            each.reason,
        )
        for each in held
    )


def _sources(evidence: Evidence, name: str) -> tuple[Source, ...]:
    grants = value_of(evidence.grants) or ()
    return tuple(
        Source(grant.kind, grant.name, how, grant.expires)
        for grant in grants
        if (how := _how(evidence, grant, name)) is not None
    )


def _how(evidence: Evidence, grant: Grant, name: str) -> How | None:
    if effective_permissions.muted(evidence, grant, name):
        return How.MUTED
    if name not in grant.permissions:
        return None
    ruled_out = (
        (How.EXPIRED, effective_permissions.expired(grant, evidence)),
        (How.REVOKED, grant.revoked),
        (How.SESSION, grant.session_based),
        (How.INACTIVE, not grant.active),
        (How.PENDING, effective_permissions.pending(grant)),
    )
    return next((how for how, so in ruled_out if so), How.IN_FORCE)
