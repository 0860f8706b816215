"""The service account is frozen in Salesforce.

Incydr shows the same message for a freeze by an administrator and for too many sign-ins within an hour, so
the message alone does not decide. Frozen is only what UserLogin says; who did it comes from the newest
froze or unfroze row of that name, and it may have been automatic where no row explains it and the hourly
quota was used up.
"""

from datetime import datetime
from itertools import takewhile

from msgspec.structs import replace

from tui.base import vendor_pages
from tui.base.limits import SAME_MOMENT
from tui.causes.cause import Cause, Verdict
from tui.connections.connection import Connection, Experience, Requirements
from tui.connections.evidence import AuditRow, Evidence, Part, Read, Unreadable, UserLogin, value_of
from tui.connections.finding import ANY_PROOF, Actor, Ask, EvidenceRow, Fact, Finding, Kind, Past
from tui.connections.repair import NoRepair, Repair, Update, Value
from tui.connections.step import Press, Sketch, Step, StepText, Subject
from tui.rules import audit, refused_sign_ins, sign_ins
from tui.rules.audit_actions import Topic
from tui.rules.comparison import Comparison
from tui.rules.login_texts import Reason
from tui.rules.shared_steps import FIND_USER, SETUP, user_link, user_of, users_breadcrumb

MESSAGE = (
    "The Salesforce service account user that authorized this data connection has been frozen. "
    "Unfreeze the user account to return this data connection to monitoring."
)


def _examine(connection: Connection, evidence: Evidence, requirements: Requirements) -> Verdict:
    if isinstance(evidence.user, Read) and evidence.user.value is None:
        return None
    if isinstance(evidence.freeze, Unreadable):
        return CAUSE.undetermined(Part.FREEZE, evidence.freeze)
    login = evidence.freeze.value
    if login is None or not login.is_frozen:
        return None
    by = _by(evidence, login)
    finding = CAUSE.found(
        evidence,
        Part.FREEZE,
        since=_since(evidence, login, by),
        latest=login.last_modified,
        by=by,
        by_unknown=_why_nobody(evidence, login),
        facts=(
            *_facts(login),
            *(_namesakes(evidence) if by is not None and not by.certain else ()),
            *refused_sign_ins.fact(connection, evidence, Reason.USER_FROZEN),
            *audit.repeated(_rows(evidence), Topic.FROZE, evidence.org_now),
        ),
    )
    finding = replace(finding, author=login.last_modified_by, author_id=login.last_modified_by_id)
    limited = sign_ins.refusals(evidence)
    if by is not None or limited is None:
        return finding
    return replace(
        finding,
        facts=(*finding.facts, limited.fact),
        quota=sign_ins.quota_use(evidence),
        reset=limited.reset,
        may_be_automatic=audit.readable(evidence) and isinstance(evidence.user, Read),
    )


def _since(evidence: Evidence, login: UserLogin, by: Actor | None) -> datetime | None:
    """The row's moment where it is certain, else the record's last change, unless something else explains that."""
    if by is not None and by.certain:
        return by.at
    changed, user = login.last_modified, value_of(evidence.user)
    unlocked = audit.about_account(evidence, user, Topic.UNLOCKED) if user is not None else ()
    explained = changed is not None and (
        any(abs(row.at - changed) <= SAME_MOMENT for row in unlocked)
        or refused_sign_ins.wrong_passwords_at(evidence, changed)
    )
    return (by.at if by is not None else None) if explained else changed


def _rows(evidence: Evidence) -> tuple[AuditRow, ...]:
    user = value_of(evidence.user)
    return audit.about_account(evidence, user, Topic.FROZE, Topic.UNFROZE) if user is not None else ()


def _by(evidence: Evidence, login: UserLogin) -> Actor | None:
    """The row at the moment of the freeze; else probably the newest before the record's last change."""
    rows = _rows(evidence)
    froze = [row for row in rows if audit.topic(row) is Topic.FROZE]
    row, certain = audit.at_its_change(froze, login.last_modified, login.last_modified_by)
    if row is None:
        return None
    if not certain and any(
        audit.topic(each) is Topic.UNFROZE and each.at > row.at and _not_younger(each, login) for each in rows
    ):
        return None
    return audit.actor(row, certain=certain)


def _not_younger(row: AuditRow, login: UserLogin) -> bool:
    """A row younger than the freeze record's last change is about a namesake."""
    return login.last_modified is None or row.at <= login.last_modified + SAME_MOMENT


def _namesakes(evidence: Evidence) -> tuple[Fact, ...]:
    """Nobody is frozen twice in a row: several such rows are about several users of this name."""
    in_a_row = takewhile(lambda row: audit.topic(row) is Topic.FROZE, _rows(evidence))
    names = tuple(dict.fromkeys(row.by_name or row.by_username or "an unnamed user" for row in in_a_row))
    if len(names) < 2:
        return ()
    return (Fact(f"several users have this name: frozen by one of {', '.join(names)}"),)


def _past(connection: Connection, evidence: Evidence, requirements: Requirements) -> Past | None:
    login = value_of(evidence.freeze)
    if login is None:
        return None
    rows = tuple(row for row in _rows(evidence) if _not_younger(row, login))
    return CAUSE.ended(evidence, Part.FREEZE, rows, Topic.FROZE)


def _differences(both: Comparison) -> tuple[Fact, ...]:
    if isinstance(both.before.freeze, Unreadable) or isinstance(both.after.freeze, Unreadable):
        return ()
    old, new = both.before.freeze.value, both.after.freeze.value
    was, is_now = old is not None and old.is_frozen, new is not None and new.is_frozen
    at = new.last_modified if new is not None else None
    if is_now and not was:
        return (both.began(CAUSE.id, "froze the user", "the user was frozen", at=at),)
    if was and not is_now:
        return (both.ended(CAUSE.id, "unfroze the user", "the user was unfrozen", at=at),)
    return ()


def _why_nobody(evidence: Evidence, login: UserLogin) -> str:
    if isinstance(evidence.user, Unreadable):
        return audit.nobody("the audit trail names the user by name, and the name could not be read")
    return audit.why_nobody(evidence, login.last_modified)


def _facts(login: UserLogin) -> tuple[Fact, ...]:
    if login.last_modified_by is None:
        return (Fact("Salesforce shows the user as frozen", login.last_modified),)
    changed = Fact(f"last changed by {login.last_modified_by}", login.last_modified)
    return (Fact("Salesforce shows the user as frozen"), changed)


def _unfreeze(subject: Subject, experience: Experience) -> StepText:
    return StepText(
        (
            "On the user's page, press Unfreeze at the top.",
            "No such button? Click the user's name, or Edit: it is on the detail page or on the edit page.",
        ),
        users_breadcrumb(experience),
        user_link(subject, experience),
        _where_unfreeze_is(subject),
    )


def _where_unfreeze_is(subject: Subject) -> Sketch:
    user = user_of(subject)
    name = user.name if user is not None and user.name else subject.connection.service_account
    rows = ((name,), ("… ", Press("Unfreeze"), " …"), ("…",))
    return Sketch("the user's page", rows, "press Unfreeze, among the buttons at the top")


def _is_not_frozen(evidence: Evidence) -> bool | None:
    if isinstance(evidence.freeze, Unreadable):
        return None
    login = evidence.freeze.value
    return login is None or not login.is_frozen


def _repair(finding: Finding, subject: Subject) -> Repair | NoRepair:
    login = value_of(subject.evidence.freeze) if subject.evidence is not None else None
    if login is None:
        return NoRepair(CAUSE.id, "The freeze could not be read. Its Id is needed to unfreeze the user.")
    label = f"freeze of {subject.connection.service_account}"
    before: dict[str, Value] = {"IsFrozen": True}
    after: dict[str, Value] = {"IsFrozen": False}
    change = Update("UserLogin", login.id, label, before, after, login.last_modified, login.last_modified_by)
    return Repair(CAUSE.id, "Unfreeze", (change,), needs=(("ManageUsers",),))


CAUSE = Cause(
    id="user_frozen",
    title="The service account is frozen",
    absent="the user is not frozen",
    kind=Kind.ACTION,
    message=MESSAGE,
    row=EvidenceRow.FREEZE,
    proofs=ANY_PROOF,
    examine=_examine,
    steps=(
        SETUP,
        FIND_USER,
        Step(
            "unfreeze",
            "Unfreeze the user",
            _unfreeze,
            _is_not_frozen,
            "still frozen",
            vendor_pages.FREEZE,
            denied="Salesforce still shows the user as frozen",
        ),
    ),
    repair=_repair,
    ask=Ask.INCIDENT,
    past=_past,
    differences=_differences,
)
