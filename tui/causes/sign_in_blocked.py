"""Salesforce refuses Incydr's sign-in for another reason than freeze, deactivation or the hourly quota.

The newest refusal decides, as long as nothing shows that Incydr got through after it.
"""

from msgspec.structs import replace

from tui.base import vendor_pages
from tui.causes.cause import Cause, Verdict
from tui.connections.connection import Connection, Experience, Requirements
from tui.connections.evidence import AuditRow, Evidence, Part, Read, Unreadable, value_of
from tui.connections.finding import ANY_PROOF, EvidenceRow, Fact, Finding, Kind, Past, Undetermined
from tui.connections.repair import NoRepair, Repair, Update, Value
from tui.connections.step import Step, StepText, Subject
from tui.rules import audit, refused_sign_ins, sign_in_changes, sign_ins
from tui.rules.comparison import Comparison
from tui.rules.login_texts import LOCKOUT, Explains, Reason
from tui.rules.refused_sign_ins import Refused
from tui.rules.shared_steps import FIND_USER, SETUP, user_link, users_breadcrumb

_SAY_SO = "When it is fixed, mark this step as done: the old refusal stays in Salesforce's list."


def _examine(connection: Connection, evidence: Evidence, requirements: Requirements) -> Verdict:
    if isinstance(evidence.user, Read) and evidence.user.value is None:
        return None
    history = sign_ins.readable(evidence)
    if isinstance(history, Unreadable):
        return CAUSE.undetermined(Part.SIGN_INS, history)
    found = _blocked(connection, evidence)
    if found is None or _over(connection, evidence, found):
        return _undetermined(connection, evidence)
    row = _behind(connection, evidence, found)
    finding = CAUSE.found(
        evidence,
        Part.SIGN_INS,
        since=found.since,
        by=audit.actor(row) if row is not None else None,
        by_unknown=_why_nobody(evidence, found),
        facts=(found.fact, *_count(found)),
    )
    title = f"{CAUSE.title}: {found.row.status.strip()}"
    done = f"{title}, after a change"
    return replace(finding, title=title, done=done, kind=found.meaning.kind, shown_at=found.row.last)


def _undetermined(connection: Connection, evidence: Evidence) -> Undetermined | None:
    """A refusal that may be Incydr's, where nothing tells whose it is."""
    row = refused_sign_ins.doubtful(connection, evidence)
    if row is None:
        return None
    whose = row.application.strip() or "a client that names no app"
    reason = (
        f"a sign-in by {whose} was refused ({row.status.strip()}); it is not known whether it was Incydr's"
    )
    step = "Compare it with the user's login history in Salesforce."
    if connection.incydr_app is None:
        step = "Set incydr_app to the exact name of Incydr's app in the login history."
    return CAUSE.undetermined(Part.SIGN_INS, Unreadable(reason, step))


def _blocked(connection: Connection, evidence: Evidence) -> Refused | None:
    found = refused_sign_ins.newest(connection, evidence)
    return found if found is not None and found.meaning.reason is Reason.OTHER else None


def _behind(connection: Connection, evidence: Evidence, found: Refused) -> AuditRow | None:
    why = found.meaning.explained_by
    return sign_in_changes.began(connection, evidence, why, found.row.application, found.since)


def _why_nobody(evidence: Evidence, found: Refused) -> str:
    if found.meaning.explained_by in (Explains.NOTHING, Explains.LOCK):
        return audit.nobody("the audit trail would not show it")
    return audit.why_nobody(evidence, None)


def _count(found: Refused) -> tuple[Fact, ...]:
    if found.row.count < 2 or found.since != found.row.first:
        return ()
    return (Fact(f"refused like this at least {found.row.count:,} times", found.row.first),)


def _over(connection: Connection, evidence: Evidence, found: Refused) -> bool:
    """Whether what refused it is gone again: the lock itself, or a row that says so."""
    if found.meaning.text == LOCKOUT:
        login = value_of(evidence.freeze)
        if login is not None and not login.is_password_locked:
            return True
    return _end(connection, evidence, found) is not None


def _end(connection: Connection, evidence: Evidence, found: Refused) -> AuditRow | None:
    why = found.meaning.explained_by
    return sign_in_changes.ended(connection, evidence, why, found.row.application, found.row.last)


def _past(connection: Connection, evidence: Evidence, requirements: Requirements) -> Past | None:
    found = _blocked(connection, evidence)
    row = _end(connection, evidence, found) if found is not None else None
    if found is None or row is None:
        return None
    finding = CAUSE.found(evidence, Part.SIGN_INS, since=found.since, facts=(found.fact,))
    return Past(replace(finding, title=f"{CAUSE.title}: {found.row.status.strip()}"), audit.someone(row))


def _differences(both: Comparison) -> tuple[Fact, ...]:
    if isinstance(both.before.freeze, Unreadable) or isinstance(both.after.freeze, Unreadable):
        return ()
    old, new = both.before.freeze.value, both.after.freeze.value
    at = new.last_modified if new is not None else None
    locked = [login is not None and login.is_password_locked for login in (old, new)]
    if locked == [False, True]:
        return (Fact("the user's password was locked", at),)
    if locked == [True, False]:
        return (both.ended(CAUSE.id, "unlocked the user", "the password lock is gone", at=at),)
    return ()


def _unblock(subject: Subject, experience: Experience) -> StepText:
    found = (
        refused_sign_ins.newest(subject.connection, subject.evidence)
        if subject.evidence is not None
        else None
    )
    if found is None:
        lines: tuple[str, ...] = (
            "Open the user's Login History: the newest failed row says why the sign-in was refused.",
            "Fix what it names: IP ranges, login hours, a password lock.",
        )
    else:
        mark = (_SAY_SO,) if found.meaning.kind is Kind.ACTION else ()
        answer = f"Salesforce says: {found.row.status}."
        lines = (answer, *found.meaning.steps, *_sources(subject, found), *mark)
    return StepText(lines, users_breadcrumb(experience), user_link(subject, experience))


def _sources(subject: Subject, found: Refused) -> tuple[str, ...]:
    history = value_of(subject.evidence.sign_ins) if subject.evidence is not None else None
    rows = history.hour if history is not None else ()
    seen = {row.source_ip for row in rows if row.status == found.row.status and row.source_ip}
    return (f"The sign-in came from {', '.join(sorted(seen))}.",) if seen else ()


def _repair(finding: Finding, subject: Subject) -> Repair | NoRepair:
    evidence = subject.evidence
    login = value_of(evidence.freeze) if evidence is not None else None
    found = _blocked(subject.connection, evidence) if evidence is not None else None
    lockout = found is not None and found.meaning.text == LOCKOUT
    if lockout and login is not None and login.is_password_locked:
        label = f"password lock of {subject.connection.service_account}"
        before: dict[str, Value] = {"IsPasswordLocked": True}
        after: dict[str, Value] = {"IsPasswordLocked": False}
        change = Update(
            "UserLogin", login.id, label, before, after, login.last_modified, login.last_modified_by
        )
        return Repair(CAUSE.id, "Unlock", (change,), needs=(("ManageUsers",),))
    if finding.kind is Kind.SELF_HEALING:
        return NoRepair(CAUSE.id, "There is nothing to repair: it ends with Salesforce's maintenance.")
    return NoRepair(CAUSE.id, "The org's administrator must decide about sign-in rules.")


CAUSE = Cause(
    id="sign_in_blocked",
    title="Incydr's sign-in is refused",
    absent="Incydr's sign-in is not refused",
    kind=Kind.ACTION,
    message=None,
    row=EvidenceRow.INCYDR,
    proofs=ANY_PROOF,
    examine=_examine,
    steps=(
        SETUP,
        FIND_USER,
        Step("unblock", "Let Incydr sign in", _unblock, docs=vendor_pages.LOGIN_HISTORY),
    ),
    repair=_repair,
    # inferred: noticed_alike - a sign-in that is allowed again.
    delay_assumed=True,
    past=_past,
    differences=_differences,
)
