"""Which repair the program may apply for a finding, or why not: decided once a reading."""

from msgspec.structs import replace

from tui.causes.registry import cause
from tui.connections.evidence import Rights, Unreadable
from tui.connections.finding import Finding, Offer
from tui.connections.repair import NoRepair, Repair
from tui.connections.step import Subject
from tui.rules import operator

# inferred: repair_rights - which of Salesforce's permissions a repair needs, and their labels.
_RIGHT_LABELS = {
    "ManageUsers": "Manage Users",
    "ManageProfilesPermissionsets": "Manage Profiles and Permission Sets",
    "AssignPermissionSets": "Assign Permission Sets",
}


def offer_for(finding: Finding, subject: Subject) -> Offer:
    """What the program may do about this finding now: first where there is no repair, then who may not apply it."""
    repair, alternative = _ways(finding, subject)
    return Offer(finding.cause, repair, alternative)


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
    if not rights.username:
        # Nobody is asked to freeze himself out: who repairs must be known.
        return NoRepair(finding.cause, "Salesforce does not say which user you are signed in as."), None
    if operator.is_service_account(subject.connection, subject.evidence):
        reason = f"You are signed in as the service account {rights.username}: sign in as an administrator."
        return NoRepair(finding.cause, reason), None
    allowed = [
        _restrained(way, finding, subject)
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


def _restrained(repair: Repair, finding: Finding, subject: Subject) -> Repair:
    """A change by another person or by automation may be meant: it is asked about, and typed, first.

    What a repair wants typed by itself, a profile's name, stays what is typed.
    """
    if finding.restraint is None:
        return repair
    account = subject.connection.service_account
    return replace(repair, confirm=repair.confirm or account, ask_first=finding.restraint.name)
