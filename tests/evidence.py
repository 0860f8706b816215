"""Builds evidence for tests: a healthy connection, and one word for each thing that can be wrong with it.

`evidence(user=user(is_active=False))` is healthy but for the named part. Plain values become `Read` at NOW;
`Read` and `Unreadable` are taken as they are.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from msgspec.structs import replace

from tui.base.limits import STREAMS
from tui.connections.connection import Connection, Org, SignIn
from tui.connections.evidence import (
    AuditRow,
    AuditTrail,
    Evidence,
    Grant,
    GrantKind,
    OrgIdentity,
    Part,
    Read,
    Rights,
    SignInHistory,
    SignIns,
    Stream,
    Token,
    Unreadable,
    User,
    UserLogin,
)
from tui.connections.finding import Finding
from tui.connections.repair import NoRepair, Repair
from tui.connections.step import Subject
from tui.diagnosis.offers import offer_for, restraint_of
from tui.rules.required_permissions import REQUIREMENTS

T = TypeVar("T")
NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
ACCOUNT = "incydr.svc@acme.example"
USER_ID = "005000000000001AAA"
LOGIN_ID = "0Yw000000000001AAA"
PROFILE_ID = "00e000000000001AAA"
PROFILE = "Incydr Integration"
APP = "Incydr"
OPERATOR = "ops@acme.example"
JANE = ("Jane Doe", "jane@acme.example")
NEEDED = ("ApiEnabled", "CustomizeApplication", "ViewDataLeakageEvents")
FIELDS = tuple(requirement.name for requirement in REQUIREMENTS)
OPTIONAL = frozenset(Part) - {
    Part.USER,
    Part.FREEZE,
    Part.GRANTS,
    Part.SIGN_INS,
    Part.FIELDS,
    Part.RIGHTS,
    Part.ORG,
}


def present(value: T | None) -> T:
    """What must be there."""
    assert value is not None
    return value


def ago(**span: float) -> datetime:
    """A moment before NOW: `ago(minutes=5)`."""
    return NOW - timedelta(**span)


def evidence(*, now: datetime = NOW, **parts: Any) -> Evidence:
    """A healthy reading at `now`, with these parts instead. `None` for an optional part: not asked for."""
    values: dict[str, Any] = {
        "user": user(),
        "freeze": login(),
        "grants": (profile(),),
        "sign_ins": history(signed_in(at=now - timedelta(minutes=10), count=12)),
        "fields": FIELDS,
        "rights": rights(),
        "org": OrgIdentity("00D000000000001AAA", "Acme"),
        **dict.fromkeys(OPTIONAL),
        "streams": streams(*STREAMS),
        "tokens": (Token(APP, created=ago(days=90), last_used=ago(minutes=10), use_count=900),),
    }
    plain = {
        name: parts.pop(name) for name in ("read_at", "api_calls", "api_used", "api_limit") if name in parts
    }
    assert parts.keys() <= values.keys(), f"no such part: {parts.keys() - values.keys()}"
    values |= parts
    wrapped = {
        name: value
        if isinstance(value, Read | Unreadable) or (value is None and name in OPTIONAL)
        else Read(value, now)
        for name, value in values.items()
    }
    clock: dict[str, Any] = {"read_at": now, "org_now": now}
    return Evidence(**(clock | wrapped | plain))


def unreadable(reason: str = "no answer", next_step: str = "") -> Unreadable:
    return Unreadable(reason, next_step)


def connection(**changes: Any) -> Connection:
    known: dict[str, Any] = {
        "name": "Acme EMEA",
        "org": "acme",
        "service_account": ACCOUNT,
        "detector_name": "Acme EMEA",
        "incydr_app": APP,
    }
    return Connection(**(known | changes))


def org(**changes: Any) -> Org:
    known: dict[str, Any] = {
        "id": "acme",
        "api_url": "https://acme.my.salesforce.com",
        "my_domain": "acme.my.salesforce.com",
        "sign_in": SignIn("access_token", {"token": "env:SF_TOKEN"}),
        "allow_repairs": True,
    }
    return Org(**(known | changes))


def subject(reading: Evidence | None = None, **org_changes: Any) -> Subject:
    return Subject(connection(), org(**org_changes), reading)


def user(**changes: Any) -> User:
    known: dict[str, Any] = {
        "id": USER_ID,
        "username": ACCOUNT,
        "name": "Incydr Service",
        "is_active": True,
        "profile_id": PROFILE_ID,
        "profile_name": PROFILE,
        "license_name": "Salesforce",
    }
    return User(**(known | changes))


def login(*, frozen: bool = False, modified: datetime | None = None, by: str | None = None) -> UserLogin:
    return UserLogin(LOGIN_ID, USER_ID, frozen, last_modified=modified, last_modified_by=by)


def profile(*permissions: str, name: str = PROFILE, **changes: Any) -> Grant:
    """The profile's own set; without permissions named, those that Incydr needs and its warning one."""
    held = permissions or (*NEEDED, "ManagePvtRptsAndDashbds")
    return Grant(GrantKind.PROFILE, name, "0PS000000000001AAA", held, PROFILE_ID, **changes)


def permission_set(*permissions: str, name: str = "Incydr Access", **changes: Any) -> Grant:
    return Grant(GrantKind.SET, name, "0PS000000000002AAA", permissions, **changes)


def group(*permissions: str, name: str = "Incydr Group", status: str = "Updated", **changes: Any) -> Grant:
    return Grant(
        GrantKind.GROUP,
        name,
        "0PS000000000003AAA",
        permissions,
        group_id="0PG000000000001AAA",
        group_status=status,
        **changes,
    )


def signed_in(
    application: str = APP,
    status: str = "Success",
    *,
    at: datetime = NOW - timedelta(minutes=10),
    first: datetime | None = None,
    count: int = 1,
    ip: str | None = "203.0.113.7",
    login_type: str | None = "Remote Access 2.0",
    sub_type: str | None = None,
) -> SignIns:
    return SignIns(
        application, status, first or at, at, count, source_ip=ip, login_type=login_type, sub_type=sub_type
    )


def rate_exceeded(
    at: datetime, *, first: datetime | None = None, application: str = "Data Loader"
) -> SignIns:
    return signed_in(application, "Login rate exceeded", at=at, first=first)


def history(*rows: SignIns, since: datetime | None = None) -> SignInHistory:
    """The same rows over the window, and those of the last hour before NOW."""
    recent = tuple(row for row in rows if row.last > ago(hours=1))
    return SignInHistory(since or ago(days=7), rows, recent)


def rights(username: str = OPERATOR, *permissions: str, user_id: str = "005000000000009AAA") -> Rights:
    all_of_them = ("ManageUsers", "ManageProfilesPermissionsets", "AssignPermissionSets", "ViewSetup")
    return Rights(username, user_id, permissions or all_of_them)


def streams(*on: str, off: tuple[str, ...] = ()) -> tuple[Stream, ...]:
    return (*(Stream(entity, True) for entity in on), *(Stream(entity, False) for entity in off))


def audit_row(
    action: str,
    display: str,
    at: datetime,
    by: tuple[str, str] | None = JANE,
    delegate: str | None = None,
) -> AuditRow:
    name, username = by or (None, None)
    return AuditRow(f"0Ym{at:%d%H%M%S}", action, display, at, name, username, delegate)


def froze(at: datetime, by: tuple[str, str] | None = JANE, name: str = "Incydr Service") -> AuditRow:
    return audit_row("frozeuser", f"Froze user {name}", at, by)


def unfroze(at: datetime, by: tuple[str, str] | None = JANE, name: str = "Incydr Service") -> AuditRow:
    return audit_row("unfrozeuser", f"Unfroze user {name}", at, by)


def deactivated(at: datetime, by: tuple[str, str] | None = JANE, user_id: str = USER_ID) -> AuditRow:
    return audit_row("deactivateduser", f"Deactivated user Incydr Service (UserID: [{user_id[:15]}])", at, by)


def activated(at: datetime, by: tuple[str, str] | None = JANE, user_id: str = USER_ID) -> AuditRow:
    return audit_row("activateduser", f"Activated user Incydr Service (UserID: [{user_id[:15]}])", at, by)


def permission_taken(
    label: str, at: datetime, by: tuple[str, str] | None = JANE, profile_name: str = PROFILE
) -> AuditRow:
    text = f"Changed profile {profile_name}: administrative permission {label} was changed from enabled to disabled"
    return audit_row("profilePermChangedCustom", text, at, by)


def trail(*rows: AuditRow, since: datetime | None = None, complete: bool = True) -> AuditTrail:
    return AuditTrail(since or ago(days=180), tuple(sorted(rows, key=lambda r: r.at, reverse=True)), complete)


def switched(
    entity: str, at: datetime, by: tuple[str, str] | None = JANE, word: str = "Disabled"
) -> AuditRow:
    return audit_row("realTimeEventStreaming", f"{word} streaming for {entity}", at, by)


def repair_for(finding: Finding, subject: Subject) -> Repair | NoRepair:
    return offer_for(restrained(finding, subject.evidence), subject).repair


def alternative_for(finding: Finding, subject: Subject) -> Repair | None:
    return offer_for(restrained(finding, subject.evidence), subject).alternative


def restrained(finding: Finding, evidence: Evidence | None) -> Finding:
    """The finding with who is asked first."""
    return finding if evidence is None else replace(finding, restraint=restraint_of(finding, evidence))
