"""Which permissions the service account holds, through which grants."""

from collections.abc import Sequence

from msgspec import Struct

from tui.base.limits import STREAMS
from tui.connections.connection import Requirement, Requirements
from tui.connections.evidence import Component, Evidence, Grant, GrantKind, Part, Unreadable, value_of
from tui.connections.finding import How
from tui.rules.required_permissions import EVENT_MONITORING

_UPDATED = "Updated"


class EffectivePermission(Struct, frozen=True):
    """One permission: held or not, None where it is not known (`reason`), and by which grants.

    Not `counted`: the org has no such permission, and it is known why.
    """

    requirement: Requirement
    held: bool | None
    by: tuple[Grant, ...] = ()
    reason: str = ""
    part: Part = Part.GRANTS
    counted: bool = True


def counts(grant: Grant, evidence: Evidence) -> bool:
    """Whether a grant is in force by the org's clock: active, not revoked, expired or bound to a session."""
    return grant.active and not grant.revoked and not grant.session_based and not expired(grant, evidence)


def expired(grant: Grant, evidence: Evidence) -> bool:
    return grant.expires is not None and grant.expires <= evidence.org_now


def pending(grant: Grant) -> bool:
    """Whether this is a group that Salesforce has not calculated to the end: what it carries is not sure."""
    return grant.kind == GrantKind.GROUP and grant.group_status != _UPDATED


def why_pending(grant: Grant) -> str:
    status = grant.group_status or "status not shown"
    return f"the permission set group {grant.name} is not calculated yet ({status})"


def members(evidence: Evidence, grant: Grant | None = None) -> tuple[Component, ...]:
    """The sets inside the user's groups, or inside `grant` alone, as far as they were read; muting ones left out."""
    inside = {each.group_id for each in value_of(evidence.grants) or () if grant in (None, each)}
    return tuple(
        each for each in value_of(evidence.components) or () if each.group_id in inside and not each.muting
    )


def muted(evidence: Evidence, grant: Grant, name: str) -> bool:
    """Whether a group that is calculated to the end leaves out what one of its sets carries."""
    # inferred: muting_counted - of a group that is calculated to the end.
    if grant.kind != GrantKind.GROUP or pending(grant) or name in grant.permissions:
        return False
    return any(name in each.permissions for each in members(evidence, grant))


def event_monitoring_absent(evidence: Evidence) -> bool:
    """True where field and streams both say that the org has no Event Monitoring; one alone says nothing."""
    fields, streams = value_of(evidence.fields), value_of(evidence.streams)
    if fields is None or streams is None or EVENT_MONITORING in fields:
        return False
    return not any(stream.entity in STREAMS for stream in streams)


Effective = tuple[EffectivePermission, ...] | Unreadable
_last: list[tuple[Evidence, Requirements, Effective]] = []
"""What was asked last: several causes ask the same of one reading."""


def of_account(evidence: Evidence, requirements: Requirements) -> Effective:
    """Every requirement held against the grants: the OR over all that are in force."""
    if not (_last and _last[0][0] is evidence and _last[0][1] is requirements):
        _last[:] = [(evidence, requirements, _of_account(evidence, requirements))]
    return _last[0][2]


def _of_account(evidence: Evidence, requirements: Requirements) -> Effective:
    if isinstance(evidence.grants, Unreadable):
        return evidence.grants
    if not evidence.grants.value:
        # Every user holds at least his profile's own set: an empty list is not an answer.
        return Unreadable(
            "Salesforce listed no grant at all, not even the profile's own",
            "Check that the operator may see the service account's permission set assignments.",
        )
    in_force = [grant for grant in evidence.grants.value if counts(grant, evidence)]
    return tuple(_of_requirement(evidence, in_force, requirement) for requirement in requirements)


def _of_requirement(
    evidence: Evidence, in_force: Sequence[Grant], requirement: Requirement
) -> EffectivePermission:
    name = requirement.name
    by = tuple(grant for grant in in_force if name in grant.permissions and not pending(grant))
    if by:
        return EffectivePermission(requirement, True, by)
    if isinstance(evidence.fields, Unreadable):
        reason = f"which permissions this org knows could not be read: {evidence.fields.reason}"
        return EffectivePermission(requirement, None, reason=reason, part=Part.FIELDS)
    if name not in evidence.fields.value:
        if name == EVENT_MONITORING and event_monitoring_absent(evidence):
            reason = "this org has no Event Monitoring"
            return EffectivePermission(requirement, None, reason=reason, part=Part.FIELDS, counted=False)
        reason = f"this org does not show the permission {requirement.label}"
        return EffectivePermission(requirement, None, reason=reason, part=Part.FIELDS)
    for grant in in_force:
        if pending(grant):
            return EffectivePermission(requirement, None, reason=why_pending(grant))
    return EffectivePermission(requirement, False)


def how(evidence: Evidence, grant: Grant, name: str) -> How | None:
    """What becomes of a permission in this grant; None where the grant does not carry it."""
    if muted(evidence, grant, name):
        return How.MUTED
    if name not in grant.permissions:
        return None
    ruled_out = (
        (How.EXPIRED, expired(grant, evidence)),
        (How.REVOKED, grant.revoked),
        (How.SESSION, grant.session_based),
        (How.INACTIVE, not grant.active),
        (How.PENDING, pending(grant)),
    )
    return next((how for how, so in ruled_out if so), How.IN_FORCE)
