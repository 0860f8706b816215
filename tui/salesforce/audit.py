"""The org's audit trail, kept and continued: each reading asks only for what is new."""

from datetime import datetime, timedelta

from tui.connections.connection import Connection
from tui.connections.evidence import AuditRow, AuditTrail, Read, Unreadable, User
from tui.salesforce import wire
from tui.salesforce.queries import AUDIT_ROWS, AUDIT_USER_ACTIONS, PROFILE_CHANGE
from tui.salesforce.session import Parts

OVERLAP = timedelta(minutes=5)
"""Rows may become visible a little after their CreatedDate (inferred)."""
KEPT_ROWS = 2 * AUDIT_ROWS

AuditPart = Read[AuditTrail] | Unreadable | None


def reaches(known: AuditPart, wanted: datetime) -> bool:
    """True where the trail was read back to `wanted`, or as far as one answer goes."""
    return isinstance(known, Read) and (known.value.since <= wanted or not known.value.complete)


def ask_from(known: AuditPart, wanted: datetime) -> datetime:
    """From when to ask so that the trail reaches back to `wanted`."""
    if isinstance(known, Read) and reaches(known, wanted):
        return max(wanted, known.at - OVERLAP)
    return wanted


def read(answer: Parts, since: datetime) -> AuditTrail:
    """The part `audit` of a composite answer. Raises OrgProblem."""
    rows = tuple(_row(row) for row in answer.rows("audit", wire.AuditTrailRow))
    return _cut(since, rows, len(rows) < AUDIT_ROWS)


def merged(known: AuditPart, new: AuditTrail) -> AuditTrail:
    """`new` joined to the trail that is known already, newest first, each row once."""
    if not isinstance(known, Read) or new.since <= known.value.since:
        return new
    old = known.value
    if not new.complete and new.since > known.at - OVERLAP:
        # Rows between the two are missing: what is known before them would pretend to be whole.
        return new
    seen = {row.id for row in new.rows}
    rows = sorted((*new.rows, *(r for r in old.rows if r.id not in seen)), key=lambda r: r.at, reverse=True)
    if len(rows) > KEPT_ROWS:
        return _cut(old.since, tuple(rows[:KEPT_ROWS]), False)
    return AuditTrail(old.since, tuple(rows), old.complete)


def concerning(trail: AuditTrail, connection: Connection, known: User | None) -> AuditTrail:
    """The rows that can be about this connection: those that name another user are left out."""
    marks = {connection.service_account.casefold(), wire.key(connection.user_id or "").casefold()}
    if known is not None:
        marks |= {wire.key(known.id).casefold(), known.username.casefold(), known.name.casefold()}
    marks.discard("")

    def concerns(row: AuditRow) -> bool:
        names_user = row.action in AUDIT_USER_ACTIONS or row.action.startswith(PROFILE_CHANGE)
        return not names_user or any(mark in row.display.casefold() for mark in marks)

    return AuditTrail(trail.since, tuple(row for row in trail.rows if concerns(row)), trail.complete)


def _cut(since: datetime, rows: tuple[AuditRow, ...], complete: bool) -> AuditTrail:
    """A trail that was cut short is whole only from its oldest row on."""
    return AuditTrail(since if complete or not rows else rows[-1].at, rows, complete)


def _row(row: wire.AuditTrailRow) -> AuditRow:
    by = row.CreatedBy
    return AuditRow(
        id=row.Id,
        action=row.Action,
        display=row.Display or "",
        at=wire.known_moment(row.CreatedDate, "SetupAuditTrail.CreatedDate"),
        by_name=by.Name if by else None,
        by_username=by.Username if by else None,
        delegate=row.DelegateUser or None,
    )
