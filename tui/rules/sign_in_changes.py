"""Which changes of the org are behind a refused sign-in, or behind the end of it: by the audit trail."""

from datetime import datetime

from tui.connections.connection import Connection
from tui.connections.evidence import AuditRow, Evidence, GrantKind, value_of
from tui.rules import audit
from tui.rules.audit_actions import Names, Topic, known
from tui.rules.audit_names import about, mentions
from tui.rules.login_texts import Explains
from tui.rules.lost_permissions import called

_TOPICS = {
    Explains.APP: (Topic.APP_STOPPED, Topic.APP_ALLOWED, Topic.APP_POLICY, Topic.APP_ACCESS),
    Explains.IP: (Topic.IP_RANGE, Topic.APP_POLICY),
    Explains.HOURS: (Topic.LOGIN_HOURS,),
    Explains.LOCK: (Topic.UNLOCKED,),
    Explains.NOTHING: (),
}

OPENS = ("all users may self-authorize", "relax ip restrictions", "connected app is enabled")
"""How the English text of a change ends that lets the app in again."""


def began(
    connection: Connection, evidence: Evidence, why: Explains, app: str, since: datetime
) -> AuditRow | None:
    """The newest change before the first refusal that can have caused it."""
    found = (row for row in _rows(connection, evidence, why, app) if row.at <= since and not _opens(row))
    return next(found, None)


def ended(
    connection: Connection, evidence: Evidence, why: Explains, app: str, after: datetime
) -> AuditRow | None:
    """The newest change after the last refusal that can have ended it; of ranges and hours any change may."""
    either = (Topic.IP_RANGE, Topic.LOGIN_HOURS)
    rows = _rows(connection, evidence, why, app)
    return next((row for row in rows if row.at > after and (_opens(row) or audit.topic(row) in either)), None)


def stopped(connection: Connection, evidence: Evidence, app: str) -> AuditRow | None:
    """The newest change that took the app's access, where nothing has given it back since."""
    newest = next(iter(_rows(connection, evidence, Explains.APP, app)), None)
    return newest if newest is not None and not _opens(newest) else None


def _rows(connection: Connection, evidence: Evidence, why: Explains, app: str) -> tuple[AuditRow, ...]:
    """Rows about the app, the user's profile and sets, the user or the whole org, newest first."""
    if why is Explains.LOCK:
        user = value_of(evidence.user)
        return audit.about_account(evidence, user, Topic.UNLOCKED) if user is not None else ()
    name = app.strip() or connection.incydr_app or ""
    return tuple(row for row in audit.rows(evidence, *_TOPICS[why]) if _concerns(evidence, row, name))


def _concerns(evidence: Evidence, row: AuditRow, app: str) -> bool:
    action = known(row.action)
    if action is None:
        return False
    if action.names is Names.ORG:
        return True
    if action.names is Names.APP:
        return about(row, [app])
    grants = value_of(evidence.grants) or ()
    if action.names is Names.PROFILE:
        user = value_of(evidence.user)
        names = [user.profile_name] if user is not None and user.profile_name else []
        names += [name for grant in grants if grant.kind == GrantKind.PROFILE for name in called(grant)]
        known_names = value_of(evidence.names)
        ours = about(row, names, known_names.profiles if known_names is not None else ())
    else:
        ours = about(row, [name for grant in grants if grant.kind == GrantKind.SET for name in called(grant)])
    return ours and (action.topic is not Topic.APP_ACCESS or mentions(row.display, app))


def _opens(row: AuditRow) -> bool:
    action = row.action.casefold()
    return (
        audit.topic(row) in (Topic.APP_ALLOWED, Topic.UNLOCKED)
        or action.endswith("onoff")
        or "_enabled" in action
        or row.display.casefold().endswith(OPENS)
    )
