"""When a reading needs the audit trail, how far back, and whether anything can have come and gone without it."""

from datetime import datetime, timedelta

from tui.base.limits import AUDIT_KEPT, WINDOW_MOST
from tui.connections.evidence import Evidence, Read, Unreadable, value_of
from tui.connections.finding import Diagnosis
from tui.connections.state import CounterKind, Records, State


def records_of(evidence: Evidence) -> Records | None:
    """What a reading showed; None where one of its parts could not be read."""
    user, grants = value_of(evidence.user), value_of(evidence.grants)
    if user is None or grants is None or not isinstance(evidence.freeze, Read):
        return None
    login = evidence.freeze.value
    moved = [(g.assignment_id or "", g.set_id, g.assigned, g.last_modified) for g in grants]
    return Records(
        user.id[:15],
        user.last_modified,
        user.profile_id,
        (login.id, login.last_modified) if login is not None else None,
        tuple(sorted(moved, key=lambda each: (each[0], each[1], str(each[2]), str(each[3])))),
    )


def unchanged(previous: State | None, evidence: Evidence) -> bool:
    """Whether nothing can have come and gone since the last good reading: its records are the same."""
    return (
        previous is not None and previous.last_good is not None and records_of(evidence) == previous.last_good
    )


def newest_change(evidence: Evidence) -> datetime | None:
    """When one of these records changed last, by the records themselves."""
    login, user = value_of(evidence.freeze), value_of(evidence.user)
    moments = [login.last_modified if login is not None else None, user.last_modified if user else None]
    for grant in value_of(evidence.grants) or ():
        moments += [grant.assigned, grant.last_modified]
    return max((moment for moment in moments if moment is not None), default=None)


LOOK_AGAIN = timedelta(minutes=1)
"""After this time a part that is read rarely, and shows a cause, is read again."""


def deep_needed(previous: State | None, evidence: Evidence, diagnosis: Diagnosis, gap: bool = False) -> bool:
    """Whether this reading needs the audit trail too: faulty, just turned clean, first, after a gap, or changed.

    `gap`: more than two intervals have passed since the reading before.
    """
    parts = (evidence.user, evidence.freeze, evidence.grants, evidence.sign_ins)
    if all(isinstance(part, Unreadable) for part in parts):
        return False
    if diagnosis.other_org or diagnosis.other_user:
        return False
    well = previous is not None and not previous.diagnosis.findings and not diagnosis.findings
    if well and previous is not None and previous.recovering is None and unchanged(previous, evidence):
        # Nothing came and went, also after a gap: no trail is needed.
        return False
    if previous is None or gap or set(diagnosis.causes) != set(previous.diagnosis.causes):
        return True
    unread = any(b.what is CounterKind.AUDIT_UNREADABLE for b in previous.counter_evidence)
    if diagnosis.findings and value_of(previous.evidence.audit) is None:
        unread = True
    if unread and not never_readable(evidence):
        return True
    if any(_outdated(getattr(evidence, finding.part), evidence) for finding in diagnosis.findings):
        return True
    return _traces(evidence, previous.evidence) != _traces(previous.evidence, evidence)


def never_readable(evidence: Evidence) -> bool:
    """Whether the audit trail is out of the operator's reach: he is known to lack the right."""
    rights = value_of(evidence.rights)
    return rights is not None and not rights.may("ViewSetup")


def may_have_missed_change(
    previous: State | None, evidence: Evidence, diagnosis: Diagnosis, gap: bool = False
) -> bool:
    """Whether a fault may have come and gone before this reading, which only the audit trail could show.

    So it is at first, after a gap or a failed reading, and where something was changed while all was well.
    """
    if unchanged(previous, evidence):
        return False
    if previous is None or gap or previous.failures:
        return True
    well = not previous.diagnosis.findings and not diagnosis.findings
    return well and _traces(evidence, previous.evidence) != _traces(previous.evidence, evidence)


def audit_since(previous: State | None, diagnosis: Diagnosis, now: datetime) -> datetime:
    """How far back to read the audit trail: all of Salesforce's 180 days in an outage, else the longest window."""
    faulty = diagnosis.findings or (previous is not None and previous.recovering is not None)
    return now - (AUDIT_KEPT if faulty else WINDOW_MOST)


def _outdated(part: object, evidence: Evidence) -> bool:
    """Whether a part that shows a cause is of an earlier reading: only a deeper one shows it repaired."""
    return isinstance(part, Read) and evidence.org_now - part.at >= LOOK_AGAIN


def _traces(evidence: Evidence, other: Evidence) -> object:
    """What moves when somebody changes the account or its grants, of the parts that both readings have."""
    user, freeze, grants = value_of(evidence.user), value_of(evidence.freeze), value_of(evidence.grants)
    return (
        user and value_of(other.user) and (user.id, user.last_modified, user.profile_id),
        freeze and value_of(other.freeze) and (freeze.id, freeze.last_modified),
        value_of(other.grants) is not None
        and grants is not None
        and sorted((g.set_id, str(g.assigned), str(g.last_modified), g.active, g.revoked) for g in grants),
    )
