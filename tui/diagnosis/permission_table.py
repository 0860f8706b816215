"""Each permission that Incydr lists: held or not, through what, lost when and by whom."""

from tui.connections.connection import Requirements
from tui.connections.evidence import Evidence, Unreadable, value_of
from tui.connections.finding import PermissionLine, Source
from tui.rules import effective_permissions, lost_permissions


def permission_lines(evidence: Evidence, requirements: Requirements) -> tuple[PermissionLine, ...]:
    """A line for each requirement, in their order; none where there is no user, or his grants could not be read."""
    held = effective_permissions.of_account(evidence, requirements)
    if isinstance(held, Unreadable) or value_of(evidence.user) is None:
        return ()
    return tuple(
        PermissionLine(
            each.requirement,
            each.held,
            _sources(evidence, each.requirement.name),
            lost_permissions.lost(evidence, each.requirement) if each.held is False else None,
            each.reason,
            each.counted,
        )
        for each in held
    )


def _sources(evidence: Evidence, name: str) -> tuple[Source, ...]:
    grants = value_of(evidence.grants) or ()
    return tuple(
        Source(grant.kind, grant.name, how, grant.expires)
        for grant in grants
        if (how := effective_permissions.how(evidence, grant, name)) is not None
    )
