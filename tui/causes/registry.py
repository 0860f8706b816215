"""All causes in the order of repair, and their steps as one walk."""

from collections.abc import Sequence

from tui.causes import (
    access_revoked,
    event_monitoring_unlicensed,
    event_streaming_disabled,
    login_rate_exceeded,
    organization_unavailable,
    permissions_missing,
    service_account_missing,
    sign_in_blocked,
    user_deactivated,
    user_frozen,
)
from tui.causes.cause import Cause
from tui.connections.connection import Requirements
from tui.connections.step import Step
from tui.rules.required_permissions import REQUIREMENTS
from tui.rules.shared_steps import WAIT_STEP

__all__ = ["CAUSES", "WAIT_STEP", "cause", "steps_for"]

CAUSES: tuple[Cause, ...] = (
    service_account_missing.CAUSE,
    organization_unavailable.CAUSE,
    user_deactivated.CAUSE,
    user_frozen.CAUSE,
    login_rate_exceeded.CAUSE,
    sign_in_blocked.CAUSE,
    access_revoked.CAUSE,
    permissions_missing.CAUSE,
    event_monitoring_unlicensed.CAUSE,
    event_streaming_disabled.CAUSE,
)


def cause(cause_id: str) -> Cause:
    """The cause with this id. Raises KeyError."""
    for each in CAUSES:
        if each.id == cause_id:
            return each
    raise KeyError(cause_id)


def steps_for(
    causes: Sequence[str], requirements: Requirements = REQUIREMENTS
) -> tuple[tuple[str, Step], ...]:
    """(cause id, step) of all these causes, in the order of repair, without the wait."""
    walk: list[tuple[str, Step]] = []
    for each in CAUSES:
        if each.id in causes:
            steps = each.steps_under(requirements) if each.steps_under is not None else each.steps
            walk.extend((each.id, step) for step in steps)
    return tuple(walk)
