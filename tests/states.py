"""States for tests: readings at a minute of a story, findings, and rows of an answer, by the program's own rules."""

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from tests.evidence import USER_ID, evidence
from tui.connections.connection import Connection
from tui.connections.evidence import (
    AuditTrail,
    Evidence,
    FileEvents,
    Part,
    SignInHistory,
    SignIns,
    User,
)
from tui.connections.finding import (
    ANY_PROOF,
    NOT_SIGN_INS,
    Actor,
    Ask,
    Diagnosis,
    Finding,
    Kind,
    Restraint,
    Undetermined,
)
from tui.connections.recovery import advance
from tui.connections.state import State
from tui.console.watcher import rows_of
from tui.diagnosis.diagnose import diagnose
from tui.reports.checked import Checked
from tui.wording import Times

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
    usual = {
        "user": User(USER_ID, CONNECTION.service_account, "Incydr Service", True),
        "sign_ins": sign_ins(("Incydr", "Success", -30)),
        "streams": None,
        "tokens": None,
        "audit": AuditTrail(at(-7 * 24 * 60)),
    }
    return evidence(now=at(minute), **(usual | parts))


def event(minute: float) -> FileEvents:
    """File events whose newest happened at `minute`."""
    return FileEvents(at(minute), at(minute), 1)


def finding(cause: str, minute: float, since: float | None = None, **more: Any) -> Finding:
    """A cause of the first four, read as present at `minute`."""
    parts = {"user_deactivated": Part.USER, "user_frozen": Part.FREEZE, "login_rate_exceeded": Part.SIGN_INS}
    base = Finding(
        cause=cause,
        title=cause,
        kind=Kind.SELF_HEALING if cause == "login_rate_exceeded" else Kind.ACTION,
        proofs=NOT_SIGN_INS if cause == "permissions_missing" else ANY_PROOF,
        part=parts.get(cause, Part.GRANTS),
        seen_at=at(minute),
        since=None if since is None else at(since),
    )
    return replace(base, **more)


def sick(*findings: Finding, undetermined: tuple[Undetermined, ...] = ()) -> Diagnosis:
    return Diagnosis(findings, undetermined)


CLEAN = Diagnosis()


JANE = Actor("Jane Doe", "jane@acme.example", at(-20))
FROZEN = finding(
    "user_frozen",
    0,
    -20,
    title="The service account is frozen",
    by=JANE,
    restraint=Restraint(JANE.name, Ask.INCIDENT),
)
RATE = finding("login_rate_exceeded", 0, -5, title="Too many sign-ins within the hour")


def state(name: str, *findings: Finding, org: str = "acme", **parts: Any) -> State:
    """A connection as a first reading shows it."""
    connection = replace(CONNECTION, name=name, org=org)
    seen = reading(0, **parts)
    return advance(connection, None, seen, sick(*findings) if findings else diagnose(connection, seen))


def row(name: str, *findings: Finding, org: str = "acme", **parts: Any) -> Checked:
    return rows_of([state(name, *findings, org=org, **parts)])[0]


def times(minute: float = 0) -> Times:
    """At that minute of the story, in UTC."""
    return Times(at(0).tzinfo, at(minute))
