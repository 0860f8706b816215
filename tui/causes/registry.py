"""All causes in the order of repair, their steps as one walk, and which repairs the program may offer."""

from collections.abc import Sequence

from msgspec.structs import replace

from tui.causes import (
    access_revoked,
    event_monitoring_unlicensed,
    event_streaming_disabled,
    login_rate_exceeded,
    permissions_missing,
    service_account_missing,
    sign_in_blocked,
    user_deactivated,
    user_frozen,
)
from tui.causes.cause import Cause
from tui.connections.evidence import Rights, Unreadable, value_of
from tui.connections.finding import Actor, Finding
from tui.connections.repair import NoRepair, Repair
from tui.connections.requirements import Requirements
from tui.connections.step import Step, Subject
from tui.rules import audit
from tui.rules.required_permissions import REQUIREMENTS
from tui.rules.shared_steps import WAIT_STEP

__all__ = ["CAUSES", "WAIT_STEP", "alternative_for", "cause", "repair_for", "steps_for"]

CAUSES: tuple[Cause, ...] = (
    service_account_missing.CAUSE,
    user_deactivated.CAUSE,
    user_frozen.CAUSE,
    login_rate_exceeded.CAUSE,
    sign_in_blocked.CAUSE,
    access_revoked.CAUSE,
    permissions_missing.CAUSE,
    event_monitoring_unlicensed.CAUSE,
    event_streaming_disabled.CAUSE,
)

# Labels of Salesforce's own permissions that repairs need (inferred where the reference does not list them).
_RIGHT_LABELS = {
    "ManageUsers": "Manage Users",
    "ManageProfilesPermissionsets": "Manage Profiles and Permission Sets",
    "AssignPermissionSets": "Assign Permission Sets",
}


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


def repair_for(finding: Finding, subject: Subject) -> Repair | NoRepair:
    """The repair that the program may apply now, or why not: first where there is none, then who may not."""
    return _ways(finding, subject)[0]


def alternative_for(finding: Finding, subject: Subject) -> Repair | None:
    """Another repair that may be applied now, for where Salesforce refuses the first."""
    _, other = _ways(finding, subject)
    return other


def _ways(finding: Finding, subject: Subject) -> tuple[Repair | NoRepair, Repair | None]:
    known = cause(finding.cause)
    if subject.evidence is None:
        if not subject.org.allow_repairs:
            return _switched_off(finding, subject), None
        return NoRepair(
            finding.cause, "Nothing was read yet: a repair starts from what Salesforce shows."
        ), None
    first, other = known.repair(finding, subject), known.alternative(finding, subject)
    if isinstance(first, NoRepair):
        return first, None
    if not subject.org.allow_repairs:
        return _switched_off(finding, subject), None
    part = subject.evidence.rights
    if isinstance(part, Unreadable):
        return NoRepair(finding.cause, f"Your own rights could not be read: {part.reason}."), None
    rights = part.value
    if _is_service_account(rights, subject):
        reason = f"You are signed in as the service account {rights.username}: sign in as an administrator."
        return NoRepair(finding.cause, reason), None
    allowed = [
        _restrained(way, finding.by, rights, subject)
        for way in (first, other)
        if way is not None and not _lacks(way, rights)
    ]
    if not allowed:
        return NoRepair(
            finding.cause, f"You ({rights.username}) lack the permission {_lacks(first, rights)}."
        ), None
    return allowed[0], allowed[1] if len(allowed) > 1 else None


def _switched_off(finding: Finding, subject: Subject) -> NoRepair:
    table = f"[orgs.{subject.org.id}]"
    reason = f"Repairs are off for this org: set allow_repairs = true under {table} in the configuration."
    return NoRepair(finding.cause, reason)


def _lacks(repair: Repair, rights: Rights) -> str:
    """The first right that the operator lacks for this repair; empty where he lacks none."""
    for any_of in repair.needs:
        if not rights.may(*any_of):
            return " or ".join(_RIGHT_LABELS.get(name, name) for name in any_of)
    return ""


def _is_service_account(rights: Rights, subject: Subject) -> bool:
    user = value_of(subject.evidence.user) if subject.evidence is not None else None
    if user is not None and rights.user_id == user.id:
        return True
    usernames = {subject.connection.service_account.casefold(), user.username.casefold() if user else ""}
    return rights.username.casefold() in usernames


def _restrained(repair: Repair, by: Actor | None, rights: Rights, subject: Subject) -> Repair:
    """A change by another person or by automation may be meant: it is asked about, and typed, first."""
    if by is None or by.name == audit.EXPIRY:
        return repair
    responsible = by.delegate or by.username or ""
    if responsible.casefold() == rights.username.casefold() and not by.automation:
        return repair
    account = subject.connection.service_account
    return replace(repair, confirm_username=account, ask_first=by.delegate or by.name)
