"""All causes in the order of repair, and their steps as one walk."""

from collections.abc import Sequence
from importlib import import_module

from tui.causes.cause import Cause
from tui.connections.connection import Requirements
from tui.connections.evidence import Part
from tui.connections.finding import EvidenceRow, Finding, Undetermined
from tui.connections.step import Step
from tui.rules.required_permissions import REQUIREMENTS
from tui.rules.shared_steps import WAIT_STEP

__all__ = ["CAUSES", "WAIT_STEP", "cause", "row_of", "steps_for"]

# One line a cause: its id, which is the name of its file.
_IN_ORDER_OF_REPAIR = (
    "service_account_missing",
    "organization_unavailable",
    "user_deactivated",
    "user_frozen",
    "login_rate_exceeded",
    "sign_in_blocked",
    "access_revoked",
    "permissions_missing",
    "event_monitoring_unlicensed",
    "event_streaming_disabled",
)

CAUSES: tuple[Cause, ...] = tuple(import_module(f"tui.causes.{id}").CAUSE for id in _IN_ORDER_OF_REPAIR)


def cause(cause_id: str) -> Cause:
    """The cause with this id. Raises KeyError."""
    for each in CAUSES:
        if each.id == cause_id:
            return each
    raise KeyError(cause_id)


def row_of(verdict: Finding | Undetermined) -> EvidenceRow | None:
    """The row of the evidence that it stands in; None where a journal names a cause that is gone."""
    row = next((each.row for each in CAUSES if each.id == verdict.cause), None)
    if row is EvidenceRow.TOKENS and verdict.part is Part.SIGN_INS:
        return EvidenceRow.INCYDR
    return row


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
