"""What else has names like ours, what the sets that audit rows name carry, and whom a profile reaches: one call.

Only what is wrong makes it worth its call; then it is kept for a while.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from tui.base.clock import Clock
from tui.base.problem import Problem
from tui.connections.connection import Need
from tui.connections.evidence import (
    AuditRow,
    Evidence,
    Grant,
    GrantKind,
    NamedSet,
    OrgNames,
    Reach,
    Read,
    Rights,
    Unreadable,
    User,
    value_of,
)
from tui.rules.audit_actions import Topic, known
from tui.rules.required_permissions import REQUIREMENTS
from tui.salesforce import evidence_parts, queries, wire
from tui.salesforce.evidence_parts import as_part, attempt
from tui.salesforce.session import Answers, CallBudget, Session

KEPT = timedelta(minutes=15)
ACCOUNTS = 10
"""So many accounts share one call."""
NAMED = 20
"""So many names in audit rows are looked up, the newest."""

_TAKEN = (Topic.UNASSIGNED, Topic.EXPIRATION)
_MEMBER = re.compile(r"group member (?P<name>.+) was (?:added|removed)", re.IGNORECASE)

OwnNames = Mapping[str, Sequence[str]]


class About(Struct, frozen=True):
    """Whose names they are: the user, his grants, and the sets and groups that rows name and he has not."""

    user: User
    grants: tuple[Grant, ...]
    gone: tuple[str, ...]

    @property
    def sets(self) -> tuple[str, ...]:
        held = [g for g in self.grants if g.kind != GrantKind.PROFILE]
        return tuple(dict.fromkeys(n for g in held for n in (g.name, g.api_name) if n))


class Found(Struct, frozen=True):
    """The parts of the evidence that the call fills, and this machine's time when it was asked."""

    names: Read[OrgNames] | Unreadable
    named_sets: Read[tuple[NamedSet, ...]] | Unreadable | None
    reach: Read[Reach] | Unreadable | None
    asked: datetime
    gone: tuple[str, ...] = ()


class SimilarNames:
    """Asks it for the accounts of an org, and keeps the answers by the user's Id."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock
        self._found: dict[str, Found] = {}

    def of(self, user: User | None) -> Found | None:
        found = self._found.get(wire.key(user.id)) if user is not None else None
        return found if found is not None and self._clock.now() - found.asked < KEPT else None

    def due(self, evidence: Evidence) -> About | None:
        """What to ask about this account, where something is wrong and it is not known yet."""
        user, grants = value_of(evidence.user), value_of(evidence.grants) or ()
        if user is None or not _is_faulty(evidence):
            return None
        about = About(user, grants, _gone(evidence, user, grants))
        found = self.of(user)
        return None if found is not None and set(about.gone) <= set(found.gone) else about

    async def ask(
        self,
        accounts: Sequence[About],
        permissions: Sequence[str],
        rights: Read[Rights] | Unreadable,
        budget: CallBudget,
    ) -> None:
        """One call; what fails says so in its part."""
        accounts = accounts[:ACCOUNTS]
        if not accounts or not budget.take():
            return
        texts = _queries(accounts, permissions)
        while len(accounts) > 1 and max(map(queries.length, texts.values())) > queries.MAX_URI:
            # The others are asked about with the next reading.
            accounts = accounts[: len(accounts) // 2]
            texts = _queries(accounts, permissions)
        try:
            answer = await self._session.composite(texts)
        except Problem as problem:
            reason = evidence_parts.unreadable(problem)
            found = Found(reason, reason, reason, self._clock.now())
            self._found |= {wire.key(each.user.id): found for each in accounts}
            return
        for each in accounts:
            self._found[wire.key(each.user.id)] = self._of(each, answer, texts, permissions, rights)

    def _of(
        self,
        about: About,
        answer: Answers,
        texts: Mapping[str, str],
        permissions: Sequence[str],
        rights: Read[Rights] | Unreadable,
    ) -> Found:
        names = as_part(attempt(lambda: _names(about, answer, texts), answer.at))
        sets = as_part(attempt(lambda: _named_sets(about, answer, texts, permissions), answer.at))
        reach = (
            as_part(attempt(lambda: _reach(profile_id, answer, rights), answer.at))
            if (profile_id := about.user.profile_id)
            else None
        )
        return Found(names, sets, reach, self._clock.now(), about.gone)


def _is_faulty(evidence: Evidence) -> bool:
    """Whether something is wrong with the account: then it matters who did it, and whom a repair reaches."""
    user, freeze, grants = value_of(evidence.user), value_of(evidence.freeze), value_of(evidence.grants)
    if (user is not None and not user.is_active) or (freeze is not None and freeze.is_frozen):
        return True
    if grants is None:
        return False
    carried = {
        name
        for g in grants
        if g.active and not g.revoked and not g.session_based
        for name in g.permissions
        if g.expires is None or g.expires > evidence.org_now
    }
    fields = value_of(evidence.fields) or ()
    return any(r.need is Need.BLOCKS and r.name in fields and r.name not in carried for r in REQUIREMENTS)


def _gone(evidence: Evidence, user: User, grants: Sequence[Grant]) -> tuple[str, ...]:
    """The sets and groups that rows about him name and that he has not (any more), the newest first."""
    trail = value_of(evidence.audit)
    own = {name for g in grants for name in (g.name, g.api_name)}
    found = (name for row in (trail.rows if trail else ()) for name in _named(row, user))
    return tuple(dict.fromkeys(name for name in found if name not in own))[:NAMED]


def _named(row: AuditRow, user: User) -> Iterable[str]:
    action = known(row.action)
    if action is None:
        return
    if action.topic is Topic.MEMBER_REMOVED and (member := _MEMBER.search(row.display)):
        yield member["name"]
    if action.topic in _TAKEN and wire.key(user.id) in row.display:
        for display in action.displays:
            form = display.replace("{name}", "(?P<name>.+?)", 1)
            if match := re.fullmatch(form, row.display, re.IGNORECASE | re.DOTALL):
                yield match["name"]
                return


def _queries(accounts: Sequence[About], permissions: Sequence[str]) -> dict[str, str]:
    users = [each.user for each in accounts]
    names = [n for u in users for n in (u.name, *u.former_names) if n]
    texts = {}
    if names:
        texts["users"] = queries.like_named("User", ("Name",), _unique(names), _unique(u.id for u in users))
    if profiles := _unique(u.profile_name for u in users if u.profile_name):
        own = _unique(u.profile_id for u in users if u.profile_id)
        texts["profiles"] = queries.like_named("Profile", ("Name",), profiles, own)
    held = [g for each in accounts for g in each.grants]
    sets, gone = (
        _unique(n for each in accounts for n in each.sets),
        _unique(n for a in accounts for n in a.gone),
    )
    if sets or gone:
        own = _unique(g.set_id for g in held)
        texts["sets"] = queries.sets_named(sets, gone, own, permissions)
    if groups := _unique(n for g in held if g.kind == GrantKind.GROUP for n in (g.name, g.api_name) if n):
        own = _unique(g.group_id for g in held if g.group_id)
        columns = ("MasterLabel", "DeveloperName")
        texts["groups"] = queries.like_named("PermissionSetGroup", columns, groups, own)
    if ids := _unique(u.profile_id for u in users if u.profile_id):
        texts["reach"] = queries.active_users(ids)
    return texts


def _names(about: About, answer: Answers, texts: Mapping[str, str]) -> OrgNames:
    """Raises OrgProblem: half of the names would let a row about another record name somebody."""
    users = answer.rows("users", wire.NamedRow) if "users" in texts else ()
    profiles = answer.rows("profiles", wire.NamedRow) if "profiles" in texts else ()
    sets = _set_rows(answer, texts)
    groups = answer.rows("groups", wire.GroupRow) if "groups" in texts else ()
    user = about.user
    in_sets = [n for row in sets for n in (str(row.get("Label") or ""), str(row.get("Name") or ""))]
    in_groups = [n for row in groups for n in (row.MasterLabel, row.DeveloperName)]
    return OrgNames(
        users=_beginning([r.Name for r in users if r.Id != user.id], (user.name, *user.former_names)),
        profiles=_beginning(
            [r.Name for r in profiles if r.Id != user.profile_id], (user.profile_name or "",)
        ),
        sets=_beginning([*in_sets, *in_groups], about.sets),
    )


def _named_sets(
    about: About, answer: Answers, texts: Mapping[str, str], permissions: Sequence[str]
) -> tuple[NamedSet, ...]:
    """Raises OrgProblem."""
    found = []
    for row in _set_rows(answer, texts):
        label, name = str(row.get("Label") or ""), str(row.get("Name") or "")
        if {label, name} & set(about.gone):
            carried = tuple(p for p in permissions if row.get(f"Permissions{p}") is True)
            found.append(NamedSet(str(row.get("Id") or ""), label, name, carried))
    return tuple(found)


def _reach(profile_id: str, answer: Answers, rights: Read[Rights] | Unreadable) -> Reach:
    """Raises OrgProblem."""
    counts = {wire.key(row.ProfileId): row.times for row in answer.rows("reach", wire.ReachRow)}
    whole = isinstance(rights, Read) and rights.value.may(*evidence_parts.SEES_USERS)
    return Reach(profile_id, counts.get(wire.key(profile_id), 0), whole)


def _set_rows(answer: Answers, texts: Mapping[str, str]) -> Sequence[Mapping[str, Any]]:
    return answer.rows("sets", dict[str, Any]) if "sets" in texts else ()


def _beginning(found: Iterable[str], names: Iterable[str]) -> tuple[str, ...]:
    """Those of `found` that begin with one of `names`, however they are capitalised."""
    begins = tuple(name.casefold() for name in names if name)
    return tuple(_unique(n for n in found if n and n.casefold().startswith(begins))) if begins else ()


def _unique(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
