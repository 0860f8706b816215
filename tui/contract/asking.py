"""Asks an org and a tenant what the contract needs: a few calls, each part on its own; trouble is a part's Problem."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from tui.base.clock import Clock
from tui.base.limits import WINDOW_MOST
from tui.base.problem import Problem
from tui.contract.needs import COUNTED, TOOLING
from tui.incydr import wire as incydr_wire
from tui.incydr.reading import Found, grouped, search
from tui.incydr.session import LimitReached
from tui.incydr.session import Session as TenantSession
from tui.salesforce import queries, wire
from tui.salesforce.queries import Accounts
from tui.salesforce.session import Answers, Session

T = TypeVar("T")

ORG_CALLS = 12
TENANT_REQUESTS = 3
TOGETHER = 7
"""Describes in one call: one alone may have a megabyte, and an answer eight."""
BACK = WINDOW_MOST

Description = Mapping[str, wire.DescribedField]
"""The fields of one object by name."""
Counts = Mapping[str, int]


@dataclass(frozen=True)
class OrgLook:
    """What one org says of itself: each part read, or the Problem that was met."""

    descriptions: Mapping[str, Description | Problem]
    counts: Mapping[str, Counts | Problem]
    """Values of a field of LoginHistory in the whole org, and how often each is there."""
    other_actions: tuple[wire.ActionRow, ...] | Problem
    displays: tuple[wire.ActionRow, ...] | Problem
    days: int | Problem
    """Groups in the count of sign-ins by day."""


@dataclass(frozen=True)
class TenantLook:
    """What one tenant says: its newest Salesforce events, and how many carry which name.

    `groups` are detectors where there are Salesforce events, else observers. `offset`: how far its clock is ahead.
    """

    found: Found | Problem
    groups: Counts | Problem
    offset: timedelta | None = None

    @property
    def has_events(self) -> bool:
        return isinstance(self.found, Found) and bool(self.found.events)


async def ask_org(session: Session, objects: Iterable[str], accounts: Accounts) -> OrgLook:
    """Two calls for fourteen objects, and two for those of the tooling API; `accounts` by their usernames."""
    names = sorted(set(objects) - set(TOOLING))
    back = session.now() - BACK
    texts = {field: queries.sign_in_counts(field, back) for field in COUNTED}
    texts |= {"actions": queries.other_actions(), "displays": queries.displays()}
    days = {"days": queries.sign_in_days(accounts, back.date())}
    asked = {name: queries.describe(name) for name in names[:TOGETHER]} | texts
    first = await _asked(session, asked)
    second = await _asked(session, {name: queries.describe(name) for name in names[TOGETHER:]} | days)
    described = {name: _part(second if name in names[TOGETHER:] else first, name, _fields) for name in names}
    for name in TOOLING:
        described[name] = await _described_by_tooling(session, name)
    return OrgLook(
        described,
        {field: _part(first, field, _counts) for field in COUNTED},
        _part(first, "actions", _actions),
        _part(first, "displays", _actions),
        _part(second, "days", _days),
    )


async def _asked(session: Session, asked: Mapping[str, str]) -> Answers | Problem:
    try:
        return await session.composite(asked)
    except Problem as problem:
        return problem


def _part(answer: Answers | Problem, name: str, read: Callable[[Answers, str], T]) -> T | Problem:
    """One part of an answer, or the Problem that it met."""
    if isinstance(answer, Problem):
        return answer
    try:
        return read(answer, name)
    except Problem as problem:
        return problem


async def _described_by_tooling(session: Session, name: str) -> Description | Problem:
    try:
        reply = await session.send("GET", queries.describe(name, tooling=True).removeprefix("{base}"))
        return _described(reply.body, name)
    except Problem as problem:
        return problem


def _fields(answer: Answers, name: str) -> Description:
    return _described(answer.whole(name), name)


def _described(body: bytes, name: str) -> Description:
    fields = wire.frame(body, wire.Description, f"describe of {name}").fields
    return {field.name: field for field in fields}


def _counts(answer: Answers, field: str) -> Counts:
    return {row.value or "": row.times for row in answer.rows(field, wire.CountRow)}


def _actions(answer: Answers, name: str) -> tuple[wire.ActionRow, ...]:
    return answer.rows(name, wire.ActionRow)


def _days(answer: Answers, name: str) -> int:
    return len(answer.rows(name, wire.DayRow))


async def ask_tenant(session: TenantSession, clock: Clock) -> TenantLook:
    """Three requests with the sign-in: the newest events, and what they are grouped by."""
    since: datetime = clock.now() - BACK
    busy = Problem("The tenant's limit is reached", "It takes no more requests this minute.", "Ask again.")
    try:
        found: Found | Problem = await search(session, clock, since, pages=1)
    except Problem as problem:
        found = problem
    except LimitReached:
        found = busy
    if isinstance(found, Problem):
        return TenantLook(found, found)
    offset = found.at - clock.now()
    stored = incydr_wire.stored_since(since)
    try:
        if found.events:
            # inferred: detector_grouping - it lists no event without a name.
            groups: Counts | Problem = await grouped(
                session, incydr_wire.DETECTOR, incydr_wire.filters(stored)
            )
        else:
            groups = await grouped(session, incydr_wire.OBSERVED, incydr_wire.any_events(stored))
    except Problem as problem:
        groups = problem
    except LimitReached:
        groups = busy
    return TenantLook(found, groups, offset)
