"""The evidence as a table: one line a part, with a sign, a label and what was seen."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from tui.base.limits import EVENT_LATENESS, SIGN_INS_PER_HOUR, STREAMS
from tui.base.text import counted
from tui.connections.connection import Need
from tui.connections.evidence import Evidence, FileEvents, Part, Unreadable, value_of
from tui.connections.finding import EvidenceRow, Finding
from tui.connections.signs_of_life import went_through
from tui.connections.state import State
from tui.wording.statuses import org_time
from tui.wording.symbols import Sign
from tui.wording.times import Times, ago, at_time, clock_time, long

_STREAM = "EventStream"
STREAMED = tuple(entity.removesuffix(_STREAM) for entity in STREAMS)
NO_USER = "there is no such user"
_NAMES = 3
"""Names of other connections before the rest is left out."""
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

    def at(self, at: datetime) -> str:
        return at_time(at, self.times)

    def sign(self, row: EvidenceRow) -> Sign:
        return self.state.diagnosis.sign(row)

    @property
    def nobody(self) -> bool:
        """There is no user whom a row could be about."""
        user = self.evidence.user
        return not isinstance(user, Unreadable) and user.value is None

    def finding(self, part: Part) -> Finding | None:
        """The first finding that this part shows."""
        return next((each for each in self.state.diagnosis.findings if each.part is part), None)

    def aged(self, at: datetime, text: str) -> str:
        there = org_time(self.state, self.times.now)
        return f"{text} · read {ago(at, there)}" if there - at > OLD else text


def evidence_read(state: State, times: Times) -> str:
    """Beside the heading: "read 13:41:07, 1 API call"; a moment does not age, so that a quiet screen stays quiet."""
    calls = counted(state.evidence.api_calls, "API call")
    return f"read {clock_time(state.evidence.read_at, times)}, {calls}"


def evidence_rows(state: State, times: Times) -> tuple[Row, ...]:
    """Every part of the newest reading; a part that nobody asked for is left out."""
    page = _Page(state, times)
    rows = (
        _org(page),
        _user(page),
        _freeze(page),
        _hour(page),
        _incydr(page),
        _permissions(page),
        _streaming(page),
        _tokens(page),
        _events(page),
        _console(page),
        _audit(page),
        _rights(page),
        _budget(page),
    )
    return tuple(_once(row for row in rows if row is not None))


def _once(rows: Iterable[Row]) -> Iterator[Row]:
    """A reason that stands in a row above is not said again."""
    reasons: set[str] = set()
    for row in rows:
        said = row.sign is Sign.UNREAD and row.text in reasons
        yield Row(row.sign, row.label, "not readable, for the same reason") if said else row
        reasons |= {row.text} if row.sign is Sign.UNREAD else set()


def event_line(state: State, times: Times) -> str:
    """What is worth telling of the tenant's events where none, or none after the trouble, counts; else empty."""
    events = value_of(state.evidence.events)
    if events is None or (events.newest is not None and state.recovering is None):
        return ""
    nameless = _nameless(_Page(state, times), events)
    return f"file events: {nameless}" if nameless else ""


def not_readable(part: Unreadable) -> str:
    return f"not readable: {part.reason}"


def _org(page: _Page) -> Row | None:
    """Worth a row only where the whole org is closed: of what the sign-ins show that is repaired first."""
    finding = page.finding(Part.SIGN_INS)
    if page.sign(EvidenceRow.ORG) is not Sign.BAD or finding is None:
        return None
    facts = (f"{fact.text} {page.at(fact.at)}" if fact.at else fact.text for fact in finding.facts)
    return Row(page.sign(EvidenceRow.ORG), "org", " · ".join(facts))


def _user(page: _Page) -> Row:
    part, sign = page.evidence.user, page.sign(EvidenceRow.USER)
    if isinstance(part, Unreadable):
        return Row(Sign.UNREAD, "user", not_readable(part))
    if part.value is None:
        return Row(sign, "user", f"no user {page.state.connection.service_account} in this org")
    if part.value.is_active:
        return Row(sign, "user", "active")
    return Row(sign, "user", f"deactivated{_since(page, Part.USER)}")


def _since(page: _Page, part: Part) -> str:
    finding = page.finding(part)
    if finding is None or (finding.since is None and finding.latest is None):
        return ""
    if finding.since is not None:
        return f" since {page.time(finding.since)}"
    return f" since {page.time(finding.latest)} or earlier" if finding.latest is not None else ""


def _freeze(page: _Page) -> Row:
    part, sign = page.evidence.freeze, page.sign(EvidenceRow.FREEZE)
    if isinstance(part, Unreadable):
        return Row(Sign.UNREAD, "freeze", not_readable(part))
    if page.nobody:
        return Row(sign, "freeze", NO_USER)
    login = part.value
    if login is not None and login.is_frozen:
        return Row(sign, "freeze", f"frozen{_since(page, Part.FREEZE)}")
    if login is not None and login.is_password_locked:
        return Row(sign, "freeze", "not frozen, but the password is locked")
    return Row(sign, "freeze", "not frozen")


def _hour(page: _Page) -> Row:
    part, sign = page.evidence.sign_ins, page.sign(EvidenceRow.HOUR)
    if isinstance(part, Unreadable):
        return Row(Sign.UNREAD, "sign-ins", not_readable(part))
    if page.nobody:
        return Row(sign, "sign-ins", NO_USER)
    total = sum(row.count for row in part.value.hour)
    by_app: Counter[str] = Counter()
    for row in part.value.hour:
        by_app[row.application or "no application"] += row.count
    apps = ", ".join(f"{name} {count:,}" for name, count in by_app.most_common(3))
    text = f"{total:,} of {SIGN_INS_PER_HOUR:,} in the last hour" + (f" · {apps}" if apps else "")
    if sign is Sign.BAD:
        return Row(sign, "sign-ins", f"at least {text} · more are refused")
    return Row(sign, "sign-ins", text)


def _incydr(page: _Page) -> Row | None:
    connection, sign = page.state.connection, page.sign(EvidenceRow.INCYDR)
    history = value_of(page.evidence.sign_ins)
    if history is None or page.nobody:
        return None
    if connection.incydr_app is None:
        return Row(sign, "Incydr", "its app is not configured (incydr_app): sign-ins prove nothing")
    newest = page.state.diagnosis.last_sign_in
    if newest is None:
        span = long(page.evidence.org_now - history.since)
        return Row(sign, "Incydr", f"no sign-in by {connection.incydr_app} in the last {span}")
    shared = " · shared account: proves nothing" if connection.shared else ""
    if went_through(newest.status):
        return Row(sign, "Incydr", f"signed in {page.at(newest.last)}{shared}")
    return Row(sign, "Incydr", f"refused {page.at(newest.last)}: {newest.status}{shared}")


def _permissions(page: _Page) -> Row:
    part, sign = page.evidence.grants, page.sign(EvidenceRow.PERMISSIONS)
    if isinstance(part, Unreadable):
        return Row(Sign.UNREAD, "permissions", not_readable(part))
    if page.nobody:
        return Row(sign, "permissions", NO_USER)
    needed = [line for line in page.state.diagnosis.permissions if line.requirement.need is Need.BLOCKS]
    missing = [line.requirement.label for line in needed if line.held is False]
    unsure = [line for line in needed if line.held is None]
    if sign is Sign.UNREAD and not missing:
        parts = (Part.GRANTS, Part.FIELDS)
        reasons = [u.reason for u in page.state.diagnosis.undetermined if u.blocks and u.part in parts]
        reasons += [line.reason for line in unsure]
        return Row(sign, "permissions", f"not known: {reasons[0] if reasons else 'not read'}")
    user = value_of(page.evidence.user)
    profile = f" · profile {user.profile_name}" if user is not None and user.profile_name else ""
    text = f"has {sum(line.held is True for line in needed)} of {len(needed)} needed"
    if missing:
        return Row(sign, "permissions", f"{text} · missing: {', '.join(missing)}{profile}")
    return Row(sign, "permissions", text + profile)


def _streaming(page: _Page) -> Row | None:
    part, sign = page.evidence.streams, page.sign(EvidenceRow.STREAMING)
    if part is None:
        return None
    if isinstance(part, Unreadable):
        return Row(Sign.UNREAD, "streaming", not_readable(part))
    known = {s.entity: s.enabled for s in part.value}
    there = {name: known[name + _STREAM] for name in STREAMED if name + _STREAM in known}
    if not there:
        return Row(sign, "streaming", page.aged(part.at, "this org offers none of the streams"))
    off = [name for name, on in there.items() if not on]
    if off:
        return Row(sign, "streaming", page.aged(part.at, f"off for {', '.join(off)}"))
    return Row(sign, "streaming", page.aged(part.at, f"on for {', '.join(there)}"))


def _tokens(page: _Page) -> Row | None:
    """Its last use moves on failed attempts too: never a proof."""
    part = page.evidence.tokens
    if part is None:
        return None
    if isinstance(part, Unreadable):
        return Row(Sign.UNREAD, "app token", not_readable(part))
    app = page.state.connection.incydr_app
    used = [t.last_used for t in part.value if t.app == app and t.last_used is not None]
    if used:
        text = f"last used {page.at(max(used))} (also moves on failed attempts)"
    elif any(t.app == app for t in part.value):
        text = "there, never used"
    else:
        text = f"none of {app or 'a named app'}"
    return Row(page.sign(EvidenceRow.TOKENS), "app token", page.aged(part.at, text))


def _events(page: _Page) -> Row | None:
    part = page.evidence.events
    if part is None:
        return None
    if isinstance(part, Unreadable):
        return Row(Sign.UNREAD, "file events", not_readable(part))
    events = part.value
    return Row(page.sign(EvidenceRow.EVENTS), "file events", page.aged(part.at, _events_text(page, events)))


def _events_text(page: _Page, events: FileEvents) -> str:
    nameless = _nameless(page, events)
    parts = [_newest_event(page, events), *_late(page, events)]
    if nameless:
        parts = [nameless] if events.newest is None else [*parts, nameless]
    if page.state.connection.only_connection and events.others:
        parts.append("only_connection is suspended")
    if events.unread_before is not None:
        parts.append(f"events stored before {page.time(events.unread_before)} were not read")
    return " · ".join(parts)


def _newest_event(page: _Page, events: FileEvents) -> str:
    if events.newest is not None:
        named = bool(events.rests_on) or not events.counts_unnamed
        return f"newest from {page.time(events.newest)}" + ("" if named else ", names no connection")
    if events.others:
        return f"none of this connection, some of {', '.join(events.others[:_NAMES])}"
    return "none in the time searched"


def _nameless(page: _Page, events: FileEvents) -> str:
    """An event without a name that would be the newest if it counted."""
    at = events.unnamed
    if at is None or events.counts_unnamed or (events.newest is not None and at <= events.newest):
        return ""
    return f"an event from {page.time(at)} names no connection: it does not count"


def _late(page: _Page, events: FileEvents) -> Iterator[str]:
    newest, stored = events.newest, events.newest_inserted
    if newest is None or stored is None:
        return
    outage = page.state.recovering
    repaired = outage.repaired if outage is not None else None
    if repaired is not None and newest <= repaired.latest < stored:
        yield "a late event from before the repair: it does not count"
    elif stored - newest > EVENT_LATENESS:
        yield "arrived late"


def _console(page: _Page) -> Row | None:
    part = page.evidence.console
    if part is None:
        return None
    if isinstance(part, Unreadable):
        return Row(Sign.UNREAD, "console", not_readable(part))
    shown = part.value
    error = f": {shown.error}" if shown.error else ""
    return Row(page.sign(EvidenceRow.CONSOLE), "console", f"showed {shown.status} {page.at(shown.at)}{error}")


def _audit(page: _Page) -> Row | None:
    part = page.evidence.audit
    return Row(Sign.UNREAD, "audit trail", not_readable(part)) if isinstance(part, Unreadable) else None


def _rights(page: _Page) -> Row | None:
    part = page.evidence.rights
    if isinstance(part, Unreadable):
        return Row(Sign.UNREAD, "your rights", not_readable(part))
    if (sign := page.sign(EvidenceRow.RIGHTS)) is Sign.WARNING:
        return Row(sign, "your rights", "you are signed in as the service account itself")
    return None


def _budget(page: _Page) -> Row | None:
    used, limit = page.evidence.api_used, page.evidence.api_limit
    if used is None or limit is None or page.sign(EvidenceRow.BUDGET) is not Sign.WARNING:
        return None
    return Row(Sign.WARNING, "API calls", f"{used:,} of {limit:,} used today by everybody in this org")


SHOWN = 5
"""Bars before the rest is summed up in one."""


class Bar(Struct, frozen=True):
    """Sign-ins of the last 60 minutes by one application, source and kind: at least `count`; `share` of the quota."""

    label: str
    count: int
    share: float


def quota_bars(state: State) -> tuple[Bar, ...]:
    """A bar for each application with its source IP and kind of sign-in, most first; empty where none is known."""
    history = value_of(state.evidence.sign_ins)
    counts: Counter[str] = Counter()
    for row in history.hour if history is not None else ():
        parts = (row.application or "no application named", row.source_ip, row.sub_type)
        counts[" · ".join(part for part in parts if part)] += row.count
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rest = ordered[SHOWN:]
    if len(rest) > 1:
        ordered = [*ordered[:SHOWN], (f"{len(rest)} others", sum(count for _, count in rest))]
    return tuple(Bar(label, count, min(1.0, count / SIGN_INS_PER_HOUR)) for label, count in ordered)


def quota_title() -> str:
    return f"Sign-ins of the last hour, of {SIGN_INS_PER_HOUR:,}"
