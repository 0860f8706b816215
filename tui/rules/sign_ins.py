"""What the sign-in history says about the hourly quota, and whether Incydr got through.

Salesforce refuses more than 3,600 sign-ins per user and hour and writes at least one row about it, not one
for each refusal: all counts are "at least".
"""

from datetime import datetime

from msgspec import Struct

from tui.base.limits import ACROSS_VENDORS, HOUR
from tui.base.text import times_over
from tui.connections.connection import Connection
from tui.connections.evidence import Evidence, SignInHistory, SignIns, Unreadable, value_of
from tui.connections.finding import Fact, Quota
from tui.connections.signs_of_life import succeeded
from tui.rules.login_texts import RATE, is_english


class Refusals(Struct, frozen=True):
    """The refused sign-ins of the last hour: at least `count`, the first at `oldest`, the last at `newest`."""

    count: int
    oldest: datetime
    newest: datetime

    @property
    def reset(self) -> tuple[datetime, datetime]:
        """When the quota frees itself, as a range: the hour may be fixed or slide."""
        return self.oldest + HOUR, self.newest + HOUR

    @property
    def fact(self) -> Fact:
        return Fact(
            f"sign-in refused at least {times_over(self.count)} in an hour: login rate exceeded", self.newest
        )


def is_rate(row: SignIns) -> bool:
    return RATE in row.status.casefold()


def readable(evidence: Evidence) -> SignInHistory | Unreadable:
    """The history, if its status texts can be told apart.

    Texts of which none is recognised and none is English are in another language; an English text that is not in
    the table is an unknown text.
    """
    if isinstance(evidence.sign_ins, Unreadable):
        return evidence.sign_ins
    history = evidence.sign_ins.value
    rows = (*history.window, *history.hour)
    if rows and not any(is_english(row.status) for row in rows):
        return Unreadable(
            "no sign-in has a known status text: perhaps the org writes them in another language",
            "Look at the user's login history in Salesforce.",
        )
    return history


def refusals(evidence: Evidence) -> Refusals | None:
    """The refused sign-ins that are younger than an hour by the org's clock."""
    history = value_of(evidence.sign_ins)
    if history is None:
        return None
    after = evidence.org_now - HOUR
    rows = [row for row in (*history.hour, *history.window) if is_rate(row) and row.last > after]
    if not rows:
        return None
    oldest = min((row.first for row in rows if row.first > after), default=min(row.last for row in rows))
    count = max(sum(r.count for r in history.hour if is_rate(r)), 1)
    return Refusals(count, oldest, max(row.last for row in rows))


def incydr_after(connection: Connection, evidence: Evidence, moment: datetime) -> Fact | None:
    """What shows that Incydr got through after `moment`: a sign-in by its own app, or a file event.

    Another application's success says nothing; without the app's pinned name no sign-in does.
    """
    history = value_of(evidence.sign_ins)
    if connection.incydr_app is not None and history is not None:
        for row in (*history.hour, *history.window):
            if row.application == connection.incydr_app and succeeded(row) and row.last > moment:
                return Fact(f"{row.application} has signed in since", row.last)
    events = value_of(evidence.events)
    if events is not None and events.newest is not None and events.newest > moment + ACROSS_VENDORS:
        return Fact("an Incydr file event has come since", events.newest)
    return None


def quota_use(evidence: Evidence) -> tuple[Quota, ...]:
    """Who signed in during the last 60 minutes, refused ones too, by application and source IP, most first."""
    history = value_of(evidence.sign_ins)
    totals: dict[tuple[str, str | None], int] = {}
    for row in history.hour if history is not None else ():
        key = (row.application, row.source_ip)
        totals[key] = totals.get(key, 0) + row.count
    use = (Quota(application, count, source_ip) for (application, source_ip), count in totals.items())
    return tuple(sorted(use, key=lambda q: (-q.count, q.application, q.source_ip or "")))
