"""Which repair the program may apply for a finding, or why not: decided once a reading."""

from msgspec.structs import replace

from tui.causes.registry import cause
from tui.connections.connection import Connection
from tui.connections.evidence import Evidence, Rights, Unreadable, value_of
from tui.connections.finding import EXPIRY, Finding, Kind, Offer, Restraint
from tui.connections.repair import NoRepair, Repair
from tui.connections.step import Subject
from tui.rules.audit import is_automation

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


def offer_back(undo: Repair | NoRepair, subject: Subject) -> Repair | NoRepair:
    """Whether the operator may take a repair back now, with what that brings."""
    if isinstance(undo, NoRepair):
        return undo
    if subject.evidence is None:
        return NoRepair(undo.cause, "Nothing was read yet: Salesforce is read before it is changed.")
    if (barred := _barred(undo.cause, subject.evidence, subject)) is not None:
        return barred
    rights = value_of(subject.evidence.rights)
    if rights is not None and (lacking := _lacks(undo, rights)):
        return NoRepair(undo.cause, f"You ({rights.username}) lack the permission {lacking}.")
    return replace(
        undo, notes=(*undo.notes, f"This stops monitoring. It brings back: {cause(undo.cause).title}.")
    )


def _ways(finding: Finding, subject: Subject) -> tuple[Repair | NoRepair, Repair | None]:
    known = cause(finding.cause)
    if subject.evidence is None:
        if not subject.org.allow_repairs:
            return _switched_off(finding.cause, subject), None
        return NoRepair(finding.cause, "Nothing was read yet: a repair needs a reading first."), None
    first, other = known.repair(finding, subject), known.alternative(finding, subject)
    if isinstance(first, NoRepair):
        return first, None
    if (barred := _barred(finding.cause, subject.evidence, subject)) is not None:
        return barred, None
    rights = value_of(subject.evidence.rights)
    assert rights is not None  # noqa: S101 - else it is barred
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


def _barred(cause_id: str, evidence: Evidence, subject: Subject) -> NoRepair | None:
    """Why nothing may be changed here by this operator, whatever it is."""
    if not subject.org.allow_repairs:
        return _switched_off(cause_id, subject)
    part = evidence.rights
    if isinstance(part, Unreadable):
        return NoRepair(cause_id, f"Your own rights could not be read: {part.reason}.")
    rights = part.value
    if not rights.username:
        # Nobody is asked to freeze himself out: who repairs must be known.
        return NoRepair(cause_id, "Salesforce does not say which user you are signed in as.")
    if is_service_account(subject.connection, evidence):
        reason = f"You are signed in as the service account {rights.username}: sign in as an administrator."
        return NoRepair(cause_id, reason)
    return None


def _switched_off(cause_id: str, subject: Subject) -> NoRepair:
    table = f"[orgs.{subject.org.id}]"
    reason = f"Repairs are off for this org: set allow_repairs = true under {table} in the configuration."
    return NoRepair(cause_id, reason)


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


def restraint_of(finding: Finding, evidence: Evidence) -> Restraint | None:
    """Another person or automation did it: a freeze is often an answer to an incident.

    Nobody is asked about what the operator did himself, also by Login-As, about an expiry, or about what clears by
    itself. Where no row names anybody, the record's own last author is asked.
    """
    if finding.kind is Kind.SELF_HEALING:
        return None
    ask = cause(finding.cause).ask
    by = finding.by
    if by is not None and by.at is None and by.name == EXPIRY:
        return None
    if by is not None:
        if by.name == EXPIRY:
            return None
        person = by.delegate or by.username or by.name
        if _is_operator(person, evidence) and (by.delegate is not None or not by.automation):
            return None
        return Restraint(by.delegate or by.name, ask, by.automation and by.delegate is None)
    if finding.author is None or _is_operator_id(finding.author_id, evidence):
        return None
    return Restraint(finding.author, ask, is_automation(finding.author, None))


def _is_operator(person: str, evidence: Evidence) -> bool:
    rights = value_of(evidence.rights)
    return rights is not None and bool(person) and person.casefold() == rights.username.casefold()


def _is_operator_id(user_id: str | None, evidence: Evidence) -> bool:
    rights = value_of(evidence.rights)
    return rights is not None and user_id is not None and user_id[:15] == rights.user_id[:15]


def is_service_account(connection: Connection, evidence: Evidence) -> bool:
    """Whether the operator is signed in as the service account itself, by Id or by username; unread: no."""
    rights, user = value_of(evidence.rights), value_of(evidence.user)
    if rights is None:
        return False
    if user is not None and rights.user_id[:15] == user.id[:15]:
        return True
    usernames = {connection.service_account.casefold(), user.username.casefold() if user else ""}
    return bool(rights.username) and rights.username.casefold() in usernames
