"""Building readings for tests of the status rules: a healthy account, and what differs from it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from tui.connections.connection import Connection
from tui.connections.evidence import (
    AuditTrail,
    Evidence,
    FileEvents,
    Grant,
    GrantKind,
    OrgIdentity,
    Read,
    Rights,
    SignInHistory,
    SignIns,
    Unreadable,
    User,
    UserLogin,
)
from tui.connections.finding import ANY_PROOF, NOT_SIGN_INS, Diagnosis, Finding, Kind, Undetermined

START = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)
CONNECTION = Connection("Acme EMEA", "acme", "svc@acme.example", "Acme EMEA", "acme", "Incydr")


def at(minutes: float) -> datetime:
    """The org's clock, in minutes after the story's start."""
    return START + timedelta(minutes=minutes)


def sign_ins(*rows: tuple[str, str, float]) -> SignInHistory:
    """LoginHistory of (application, status, minute of the newest)."""
    return SignInHistory(
        at(-7 * 24 * 60),
        tuple(
            SignIns(app, status, at(-6000), at(last), 100, login_type="Remote Access 2.0")
            for app, status, last in rows
        ),
    )


def reading(minute: float, **parts: Any) -> Evidence:
    """A healthy account, read at `minute`; `parts` replace what differs (a bare value counts as read)."""
    now = at(minute)
    values: dict[str, Any] = {
        "user": User("005000000000001AAA", CONNECTION.service_account, "Incydr Service", True),
        "freeze": UserLogin("0Yw000000000001AAA", "005000000000001AAA", False),
        "grants": (
            Grant(
                GrantKind.PROFILE,
                "Incydr Integration",
                "0PS000000000001AAA",
                ("ApiEnabled", "CustomizeApplication", "ViewDataLeakageEvents"),
                "00e000000000001AAA",
            ),
        ),
        "sign_ins": sign_ins(("Incydr", "Success", -30)),
        "fields": ("ApiEnabled", "CustomizeApplication", "ViewDataLeakageEvents"),
        "rights": Rights("ops@acme.example", "005000000000009AAA", ("ManageUsers", "ViewSetup")),
        "org": OrgIdentity("00D000000000001AAA", "Acme"),
        "audit": AuditTrail(at(-7 * 24 * 60)),
    } | parts
    wrapped = {
        name: value if value is None or isinstance(value, Read | Unreadable) else Read(value, now)
        for name, value in values.items()
    }
    clock: dict[str, Any] = {"read_at": now, "org_now": now}
    return Evidence(**(clock | wrapped))


def event(minute: float) -> FileEvents:
    """File events whose newest happened at `minute`."""
    return FileEvents(at(minute), at(minute), 1)


def finding(cause: str, minute: float, since: float | None = None, **more: Any) -> Finding:
    """A cause of the first four, read as present at `minute`."""
    parts = {"user_deactivated": "user", "user_frozen": "freeze", "login_rate_exceeded": "sign_ins"}
    base = Finding(
        cause=cause,
        title=cause,
        kind=Kind.SELF_HEALING if cause == "login_rate_exceeded" else Kind.ACTION,
        proofs=NOT_SIGN_INS if cause == "permissions_missing" else ANY_PROOF,
        part=parts.get(cause, "grants"),
        seen_at=at(minute),
        since=None if since is None else at(since),
    )
    return replace(base, **more)


def sick(*findings: Finding, undetermined: tuple[Undetermined, ...] = ()) -> Diagnosis:
    return Diagnosis(findings, undetermined)


CLEAN = Diagnosis()
