"""The service account is deactivated in Salesforce."""

from datetime import datetime

from msgspec.structs import replace

from tui.base import vendor_pages
from tui.causes.cause import Cause, Verdict
from tui.connections import places
from tui.connections.connection import Connection, Experience, Requirements
from tui.connections.evidence import AuditRow, Evidence, License, Part, Unreadable, User, value_of
from tui.connections.finding import ANY_PROOF, Actor, Ask, EvidenceRow, Fact, Finding, Kind, Past
from tui.connections.repair import NoRepair, Repair, Update, Value
from tui.connections.step import Press, Sketch, Step, StepText, Subject
from tui.rules import audit, refused_sign_ins
from tui.rules.audit_actions import Topic
from tui.rules.comparison import Comparison
from tui.rules.login_texts import Reason
from tui.rules.shared_steps import FIND_USER, SETUP, user_of, users_breadcrumb

MESSAGE = (
    "The Salesforce service account user that authorized this data connection has been deactivated. "
    "Reactivate the user account to return this data connection to monitoring."
)


def _examine(connection: Connection, evidence: Evidence, requirements: Requirements) -> Verdict:
    if isinstance(evidence.user, Unreadable):
        return CAUSE.undetermined(Part.USER, evidence.user)
    user = evidence.user.value
    if user is None or user.is_active:
        return None
    by = _by(evidence, user)
    finding = CAUSE.found(
        evidence,
        Part.USER,
        since=by.at if by is not None else None,
        latest=_latest(evidence, user),
        by=by,
        by_unknown=audit.why_nobody(evidence, None),
        facts=(
            *_facts(evidence, user),
            *refused_sign_ins.fact(connection, evidence, Reason.USER_INACTIVE),
            *audit.repeated(_rows(evidence, user), Topic.DEACTIVATED, evidence.org_now),
        ),
    )
    return replace(finding, author=user.last_modified_by, author_id=user.last_modified_by_id)


def _rows(evidence: Evidence, user: User) -> tuple[AuditRow, ...]:
    return audit.about_account(evidence, user, Topic.DEACTIVATED, Topic.ACTIVATED)


def _by(evidence: Evidence, user: User) -> Actor | None:
    newest = next(iter(_rows(evidence, user)), None)
    return audit.actor(newest) if newest and audit.topic(newest) is Topic.DEACTIVATED else None


def _latest(evidence: Evidence, user: User) -> datetime | None:
    """Every deactivation has its row: where a trail that was read has none, it was before the trail begins.

    The user's own last change may be something else, such as an edited phone number.
    """
    moments = [moment for moment in (audit.whole_since(evidence), user.last_modified) if moment is not None]
    return min(moments, default=None)


def _past(connection: Connection, evidence: Evidence, requirements: Requirements) -> Past | None:
    user = value_of(evidence.user)
    if user is None:
        return None
    return CAUSE.ended(evidence, Part.USER, _rows(evidence, user), Topic.DEACTIVATED)


def _differences(both: Comparison) -> tuple[Fact, ...]:
    old, new = value_of(both.before.user), value_of(both.after.user)
    if old is None or new is None or old.is_active is new.is_active:
        return ()
    if new.is_active:
        word, passive = "reactivated the user", "the user was reactivated"
        return (both.ended(CAUSE.id, word, passive, at=new.last_modified),)
    word, passive = "deactivated the user", "the user was deactivated"
    return (both.began(CAUSE.id, word, passive, at=new.last_modified),)


def _facts(evidence: Evidence, user: User) -> tuple[Fact, ...]:
    facts = [Fact(f"the user {user.username} is not active")]
    if user.last_modified_by is not None:
        facts.append(Fact(f"the user was last changed by {user.last_modified_by}", user.last_modified))
    if (license := _license(evidence, user)) is not None:
        facts.append(Fact(f"licence {license.name}: {_free(license)} of {license.total} free"))
    return tuple(facts)


def _license(evidence: Evidence, user: User) -> License | None:
    return next((each for each in value_of(evidence.licenses) or () if each.name == user.license_name), None)


def _free(license: License) -> int:
    return max(0, license.total - license.used)


def _reactivate(subject: Subject, experience: Experience) -> StepText:
    user = user_of(subject)
    lines = [
        "The Active checkbox of this user is cleared.",
        "Press Edit. Under General Information select Active, then Save.",
    ]
    if user is not None and user.license_name:
        lines.append(f"This needs a free {user.license_name} licence.")
    user_id = user.id if user is not None else subject.connection.user_id
    domain = subject.org.my_domain
    link = places.edit_user(domain, experience, user_id) if user_id else places.users(domain, experience)
    rows = (
        ("General Information",),
        ("  … ", Press("[x] Active"), " …"),
        ("…",),
        ("… ", Press("Save"), " …"),
    )
    how = "under General Information select Active, then press Save"
    sketch = Sketch("the user, after Edit", rows, how)
    return StepText(tuple(lines), users_breadcrumb(experience), link, sketch)


def _is_active(evidence: Evidence) -> bool | None:
    user = value_of(evidence.user)
    return None if user is None else user.is_active


def _repair(finding: Finding, subject: Subject) -> Repair | NoRepair:
    user = user_of(subject)
    if user is None:
        return NoRepair(CAUSE.id, "The service account could not be read. Its Id is needed to reactivate it.")
    license = _license(subject.evidence, user) if subject.evidence is not None else None
    if license is not None and not _free(license):
        return NoRepair(
            CAUSE.id,
            f"No {license.name} licence is free ({license.used} of {license.total} used). Free one first, "
            "or ask for another one.",
        )
    before: dict[str, Value] = {"IsActive": False}
    after: dict[str, Value] = {"IsActive": True}
    change = Update("User", user.id, user.username, before, after, user.last_modified, user.last_modified_by)
    return Repair(CAUSE.id, "Reactivate", (change,), needs=(("ManageUsers",),))


CAUSE = Cause(
    id="user_deactivated",
    title="The service account is deactivated",
    absent="the user is active",
    kind=Kind.ACTION,
    message=MESSAGE,
    row=EvidenceRow.USER,
    proofs=ANY_PROOF,
    examine=_examine,
    steps=(
        SETUP,
        FIND_USER,
        Step(
            "reactivate",
            "Reactivate the user",
            _reactivate,
            _is_active,
            "still deactivated",
            vendor_pages.DEACTIVATE,
            denied="Salesforce still shows the user as deactivated",
        ),
    ),
    repair=_repair,
    ask=Ask.LEAVER,
    past=_past,
    differences=_differences,
)
