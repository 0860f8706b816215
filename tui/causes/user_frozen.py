"""The service account is frozen in Salesforce.

Incydr shows the same message for a freeze by an administrator and for too many sign-ins within an hour, so
the message alone does not decide. Frozen is only what UserLogin says; who did it comes from the newest
froze or unfroze row of that name, and it may have been automatic where no row explains it and the hourly
quota was used up.
"""

from datetime import timedelta
from itertools import takewhile

from msgspec.structs import replace

from tui.causes.cause import Cause, Verdict
from tui.connections.connection import Connection, Experience
from tui.connections.evidence import AuditRow, Evidence, Read, Unreadable, UserLogin, value_of
from tui.connections.finding import ANY_PROOF, Actor, Fact, Finding, Kind, Past
from tui.connections.repair import NoRepair, Repair, Update
from tui.connections.requirements import Requirements
from tui.connections.step import Step, StepText, Subject
from tui.rules import audit, refused_sign_ins, sign_ins
from tui.rules.shared_steps import FIND_USER, SETUP, user_link, users_breadcrumb

MESSAGE = (
    "The Salesforce service account user that authorized this data connection has been frozen. "
    "Unfreeze the user account to return this data connection to monitoring."
)

SAME_MOMENT = timedelta(seconds=10)
"""An audit row this near to the freeze record's last change is certainly about this user, not a namesake."""


def _examine(connection: Connection, evidence: Evidence, requirements: Requirements) -> Verdict:
    if isinstance(evidence.user, Read) and evidence.user.value is None:
        return None
    if isinstance(evidence.freeze, Unreadable):
        return CAUSE.undetermined("freeze", evidence.freeze)
    login = evidence.freeze.value
    if login is None or not login.is_frozen:
        return None
    by = _by(evidence, login)
    finding = CAUSE.found(
        evidence,
        "freeze",
        since=by.at if by is not None and by.certain else login.last_modified,
        by=by,
        by_unknown=_why_nobody(evidence, login),
        facts=(
            *_facts(login),
            *(_namesakes(evidence) if by is not None and not by.certain else ()),
            *refused_sign_ins.fact(connection, evidence, CAUSE.id),
            *audit.repeated(_rows(evidence), "frozeuser", evidence.org_now),
        ),
    )
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


def _rows(evidence: Evidence) -> tuple[AuditRow, ...]:
    user = value_of(evidence.user)
    found = audit.rows(evidence, "frozeuser", "unfrozeuser")
    return tuple(row for row in found if user is not None and audit.names(row.display, user.name))


def _by(evidence: Evidence, login: UserLogin) -> Actor | None:
    """The row at the moment of the freeze, whatever came after it about a namesake; else probably the newest."""
    rows, modified = _rows(evidence), login.last_modified
    for row in rows:
        at_the_moment = modified is not None and abs(row.at - modified) <= SAME_MOMENT
        if at_the_moment and row.action.casefold() == "frozeuser":
            return audit.actor(row)
    if not rows or rows[0].action.casefold() != "frozeuser":
        return None
    return audit.actor(rows[0], certain=False)


def _namesakes(evidence: Evidence) -> tuple[Fact, ...]:
    """Nobody is frozen twice in a row: several such rows are about several users of this name."""
    in_a_row = takewhile(lambda row: row.action.casefold() == "frozeuser", _rows(evidence))
    names = tuple(dict.fromkeys(row.by_name or row.by_username or "an unnamed user" for row in in_a_row))
    if len(names) < 2:
        return ()
    return (Fact(f"several users have this name: frozen by one of {', '.join(names)}"),)


def _past(connection: Connection, evidence: Evidence, requirements: Requirements) -> Past | None:
    login = value_of(evidence.freeze)
    if login is None:
        return None
    # A row younger than the freeze record's last change is about a namesake.
    last = login.last_modified
    rows = tuple(row for row in _rows(evidence) if last is None or row.at <= last + SAME_MOMENT)
    return CAUSE.ended(evidence, "freeze", rows, "frozeuser")


def _why_nobody(evidence: Evidence, login: UserLogin) -> str:
    if isinstance(evidence.user, Unreadable):
        return "audit rows name the user by name, and the name could not be read"
    return audit.why_nobody(evidence, login.last_modified)


def _facts(login: UserLogin) -> tuple[Fact, ...]:
    if login.last_modified_by is None:
        return (Fact("the freeze is set", login.last_modified),)
    changed = Fact(f"the freeze record was last changed by {login.last_modified_by}", login.last_modified)
    return (Fact("the freeze is set"), changed)


def _unfreeze(subject: Subject, experience: Experience) -> StepText:
    return StepText(
        (
            "On the user's page, press Unfreeze at the top.",
            "Not there? Click the user's name, or Edit: it is on the detail page or on the edit page.",
        ),
        users_breadcrumb(experience),
        user_link(subject, experience),
    )


def _is_not_frozen(evidence: Evidence) -> bool | None:
    if isinstance(evidence.freeze, Unreadable):
        return None
    login = evidence.freeze.value
    return login is None or not login.is_frozen


def _repair(finding: Finding, subject: Subject) -> Repair | NoRepair:
    login = value_of(subject.evidence.freeze) if subject.evidence is not None else None
    if login is None:
        return NoRepair(
            CAUSE.id, "The freeze record could not be read: its id is needed to unfreeze the user."
        )
    label = f"freeze of {subject.connection.service_account}"
    change = Update("UserLogin", login.id, label, {"IsFrozen": True}, {"IsFrozen": False})
    return Repair(CAUSE.id, "Unfreeze", (change,), needs=(("ManageUsers",),))


CAUSE = Cause(
    id="user_frozen",
    title="The service account is frozen",
    kind=Kind.ACTION,
    message=MESSAGE,
    proofs=ANY_PROOF,
    examine=_examine,
    steps=(
        SETUP,
        FIND_USER,
        Step("unfreeze", "Unfreeze the user", _unfreeze, _is_not_frozen, "still frozen"),
    ),
    repair=_repair,
    past=_past,
)
