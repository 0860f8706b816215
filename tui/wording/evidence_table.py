"""The evidence as a table: one line a part, with a sign, a label and what was seen."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from tui.base.limits import SIGN_INS_PER_HOUR
from tui.base.text import counted
from tui.connections.evidence import Evidence, Unreadable, value_of
from tui.connections.finding import Finding
from tui.connections.requirements import Need, Requirement
from tui.connections.signs import by_incydr, succeeded
from tui.connections.state import State
from tui.wording.signs import Sign
from tui.wording.statuses import org_time
from tui.wording.times import Times, ago, clock_time, long

STREAMED = ("Login", "Logout", "Report")
"""The event streams that Incydr reads; an org has many more."""
_STREAM = "EventStream"
NEARLY = 0.8
"""From this share of a limit on a line warns."""
OLD = timedelta(minutes=2)
"""A part read longer ago than this shows its age."""


class Row(Struct, frozen=True):
    """One line of the evidence."""

    sign: Sign
    label: str
    text: str


class _Page(Struct, frozen=True):
    """What every line needs to know."""

    state: State
    times: Times

    @property
    def evidence(self) -> Evidence:
        return self.state.evidence

    def time(self, at: datetime) -> str:
        return clock_time(at, self.times)

    def finding(self, cause: str) -> Finding | None:
        return next((f for f in self.state.diagnosis.findings if f.cause == cause), None)

    def aged(self, at: datetime, text: str) -> str:
        there = org_time(self.state, self.times.now)
        return f"{text} · read {ago(at, there)}" if there - at > OLD else text


def evidence_age(state: State, now: datetime, *, coarse: bool = False) -> str:
    """Beside the heading: "read 12 s ago, 1 API call"."""
    calls = counted(state.evidence.api_calls, "API call")
    return f"read {ago(state.evidence.read_at, now, coarse=coarse)}, {calls}"


def evidence_rows(state: State, times: Times, requirements: Sequence[Requirement]) -> tuple[Row, ...]:
    """Every part of the newest reading; a part that nobody asked for is left out."""
    page = _Page(state, times)
    rows = (
        _user(page),
        _freeze(page),
        _hour(page),
        _incydr(page),
        _permissions(page, requirements),
        _streaming(page),
        _tokens(page),
        _events(page),
        _console(page),
        _audit(page),
        _rights(page),
        _budget(page),
    )
    return tuple(row for row in rows if row is not None)


def not_readable(part: Unreadable) -> str:
    return f"not readable: {part.reason}"


def _user(page: _Page) -> Row:
    part = page.evidence.user
    if isinstance(part, Unreadable):
        return Row(Sign.UNREAD, "user", not_readable(part))
    if part.value is None:
        return Row(Sign.BAD, "user", f"no user {page.state.connection.service_account} in this org")
    if part.value.is_active:
        return Row(Sign.GOOD, "user", "active")
    finding = page.finding("user_deactivated")
    since = f" since {page.time(finding.since)}" if finding and finding.since else ""
    return Row(Sign.BAD, "user", f"deactivated{since}")


def _freeze(page: _Page) -> Row:
    part = page.evidence.freeze
    if isinstance(part, Unreadable):
        return Row(Sign.UNREAD, "freeze", not_readable(part))
    login = part.value
    if login is not None and login.is_frozen:
        finding = page.finding("user_frozen")
        since = f" since {page.time(finding.since)}" if finding and finding.since else ""
        return Row(Sign.BAD, "freeze", f"frozen{since}")
    if login is not None and login.is_password_locked:
        return Row(Sign.WARNING, "freeze", "not frozen, but the password is locked")
    return Row(Sign.GOOD, "freeze", "not frozen")


def _hour(page: _Page) -> Row:
    part = page.evidence.sign_ins
    if isinstance(part, Unreadable):
        return Row(Sign.UNREAD, "sign-ins 1 h", not_readable(part))
    total = sum(row.count for row in part.value.hour)
    by_app: Counter[str] = Counter()
    for row in part.value.hour:
        by_app[row.application or "no application"] += row.count
    apps = ", ".join(f"{name} {count:,}" for name, count in by_app.most_common(3))
    text = f"{total:,} of {SIGN_INS_PER_HOUR:,}" + (f" · {apps}" if apps else "")
    if page.finding("login_rate_exceeded"):
        return Row(Sign.BAD, "sign-ins 1 h", f"at least {text} · refused")
    return Row(Sign.WARNING if total >= NEARLY * SIGN_INS_PER_HOUR else Sign.GOOD, "sign-ins 1 h", text)


def _incydr(page: _Page) -> Row | None:
    connection = page.state.connection
    history = value_of(page.evidence.sign_ins)
    if history is None:
        return None
    if connection.incydr_app is None:
        return Row(Sign.UNREAD, "Incydr", "its app is not configured (incydr_app): sign-ins prove nothing")
    rows = [row for row in history.window if by_incydr(connection, row)]
    newest = max(rows, key=lambda row: row.last, default=None)
    if newest is None:
        span = long(page.evidence.org_now - history.since)
        return Row(Sign.WARNING, "Incydr", f"no sign-in by {connection.incydr_app} within {span}")
    shared = " · account shared, proves nothing" if connection.shared else ""
    if succeeded(newest):
        return Row(Sign.GOOD, "Incydr", f"signed in at {page.time(newest.last)}{shared}")
    return Row(Sign.BAD, "Incydr", f"refused at {page.time(newest.last)}: {newest.status}{shared}")


def _permissions(page: _Page, requirements: Sequence[Requirement]) -> Row:
    part = page.evidence.grants
    if isinstance(part, Unreadable):
        return Row(Sign.UNREAD, "permissions", not_readable(part))
    undecided = [u for u in page.state.diagnosis.undetermined if u.cause == "permissions_missing"]
    finding = page.finding("permissions_missing")
    blocking = {r.name: r.label for r in requirements if r.need is Need.BLOCKS}
    missing = [blocking.get(name, name) for name in finding.missing] if finding else []
    if undecided and not missing:
        return Row(Sign.UNREAD, "permissions", f"cannot be told: {undecided[0].reason}")
    user = value_of(page.evidence.user)
    profile = f" · profile {user.profile_name}" if user is not None and user.profile_name else ""
    text = f"{max(0, len(blocking) - len(missing))} of {len(blocking)} needed"
    if missing:
        return Row(Sign.BAD, "permissions", f"{text} · missing: {', '.join(missing)}{profile}")
    return Row(Sign.GOOD, "permissions", text + profile)


def _streaming(page: _Page) -> Row | None:
    part = page.evidence.streams
    if part is None:
        return None
    if isinstance(part, Unreadable):
        return Row(Sign.UNREAD, "streaming", not_readable(part))
    known = {s.entity: s.enabled for s in part.value}
    there = {name: known[name + _STREAM] for name in STREAMED if name + _STREAM in known}
    if not there:
        return Row(Sign.WARNING, "streaming", page.aged(part.at, "this org offers none of the streams"))
    off = [name for name, on in there.items() if not on]
    if off:
        return Row(Sign.WARNING, "streaming", page.aged(part.at, f"off for {', '.join(off)}"))
    return Row(Sign.GOOD, "streaming", page.aged(part.at, f"on for {', '.join(there)}"))


def _tokens(page: _Page) -> Row | None:
    """Use moves on failed attempts too: "tried", never a proof."""
    part = page.evidence.tokens
    if part is None:
        return None
    if isinstance(part, Unreadable):
        return Row(Sign.UNREAD, "app access", not_readable(part))
    app = page.state.connection.incydr_app
    used = [t.last_used for t in part.value if t.app == app and t.last_used is not None]
    if used:
        return Row(Sign.INFO, "app access", page.aged(part.at, f"Incydr tried at {page.time(max(used))}"))
    if any(t.app == app for t in part.value):
        return Row(Sign.INFO, "app access", page.aged(part.at, "granted, never used"))
    return Row(Sign.WARNING, "app access", page.aged(part.at, f"no token of {app or 'a named app'}"))


def _events(page: _Page) -> Row | None:
    part = page.evidence.events
    if part is None:
        return None
    if isinstance(part, Unreadable):
        return Row(Sign.UNREAD, "file events", not_readable(part))
    events = part.value
    if events.newest is None:
        return Row(Sign.INFO, "file events", page.aged(part.at, "none in the time asked for"))
    late = events.newest_inserted is not None and events.newest_inserted - events.newest > timedelta(hours=1)
    suffix = " · arrived late" if late else ""
    return Row(
        Sign.GOOD, "file events", page.aged(part.at, f"newest from {page.time(events.newest)}{suffix}")
    )


def _console(page: _Page) -> Row | None:
    part = page.evidence.console
    if part is None:
        return None
    if isinstance(part, Unreadable):
        return Row(Sign.UNREAD, "console", not_readable(part))
    word = part.value
    sign = {"monitoring": Sign.GOOD, "error": Sign.BAD}.get(word.status.casefold(), Sign.INFO)
    error = f": {word.error}" if word.error else ""
    return Row(sign, "console", f"said {word.status} at {page.time(word.at)}{error}")


def _audit(page: _Page) -> Row | None:
    part = page.evidence.audit
    return Row(Sign.UNREAD, "audit trail", not_readable(part)) if isinstance(part, Unreadable) else None


def _rights(page: _Page) -> Row | None:
    part = page.evidence.rights
    if isinstance(part, Unreadable):
        return Row(Sign.UNREAD, "your rights", not_readable(part))
    if part.value.username.casefold() == page.state.connection.service_account.casefold():
        return Row(Sign.WARNING, "your rights", "you are signed in as the service account itself")
    return None


def _budget(page: _Page) -> Row | None:
    used, limit = page.evidence.api_used, page.evidence.api_limit
    if used is None or not limit or used < NEARLY * limit:
        return None
    return Row(Sign.WARNING, "API calls", f"{used:,} of {limit:,} used today by everybody in this org")
