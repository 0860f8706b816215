"""Asks an org and a tenant what the contract needs: a few calls, each part on its own; trouble is a part's Problem."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tui.base.clock import Clock
from tui.base.limits import WINDOW_MOST
from tui.base.problem import Problem
from tui.contract.needs import COUNTED, TOOLING
from tui.incydr import wire as incydr_wire
from tui.incydr.reading import Found, grouped, search
from tui.incydr.session import LimitReached
from tui.incydr.session import Session as TenantSession
from tui.salesforce import queries, wire
from tui.salesforce.session import Answers, Session

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


async def ask_org(session: Session, objects: Iterable[str]) -> OrgLook:
    """At most five calls for fifteen objects."""
    described = await _describe(session, sorted(set(objects) - set(TOOLING)))
    for name in TOOLING:
        described[name] = await _described_by_tooling(session, name)
    asked = {field: queries.sign_in_counts(field, session.now() - BACK) for field in COUNTED}
    asked |= {"actions": queries.other_actions(), "displays": queries.displays()}
    try:
        answer: Answers | Problem = await session.composite(asked)
    except Problem as problem:
        answer = problem
    return OrgLook(
        described,
        {field: _counts(answer, field) for field in COUNTED},
        _rows(answer, "actions"),
        _rows(answer, "displays"),
    )


async def _describe(session: Session, objects: Sequence[str]) -> dict[str, Description | Problem]:
    found: dict[str, Description | Problem] = {}
    for start in range(0, len(objects), TOGETHER):
        names = objects[start : start + TOGETHER]
        try:
            answer = await session.composite({name: queries.describe(name) for name in names})
        except Problem as problem:
            found |= dict.fromkeys(names, problem)
            continue
        for name in names:
            try:
                found[name] = _fields(answer.whole(name), name)
            except Problem as problem:
                found[name] = problem
    return found


async def _described_by_tooling(session: Session, name: str) -> Description | Problem:
    try:
        reply = await session.send("GET", queries.describe(name, tooling=True).removeprefix("{base}"))
        return _fields(reply.body, name)
    except Problem as problem:
        return problem


def _fields(body: bytes, name: str) -> Description:
    fields = wire.frame(body, wire.Description, f"describe of {name}").fields
    return {field.name: field for field in fields}


def _counts(answer: Answers | Problem, field: str) -> Counts | Problem:
    if isinstance(answer, Problem):
        return answer
    try:
        return {row.value or "": row.times for row in answer.rows(field, wire.CountRow)}
    except Problem as problem:
        return problem


def _rows(answer: Answers | Problem, name: str) -> tuple[wire.ActionRow, ...] | Problem:
    if isinstance(answer, Problem):
        return answer
    try:
        return answer.rows(name, wire.ActionRow)
    except Problem as problem:
        return problem


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
