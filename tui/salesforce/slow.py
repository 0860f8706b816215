"""What changes rarely: rights, licences, tokens, streams, fields, the org itself, its audit trail.

Two calls every 15 minutes; each part is kept with its date until the next good reading.
"""

import re
from datetime import datetime, timedelta
from typing import Any

from tui.base.clock import Clock
from tui.base.limits import STREAMS
from tui.base.problem import Problem
from tui.base.text import clean
from tui.connections.evidence import (
    AuditTrail,
    Component,
    Dependency,
    License,
    OrgIdentity,
    Read,
    Rights,
    Stream,
    Unreadable,
)
from tui.salesforce import audit, errors, queries, wire
from tui.salesforce.parts import attempt, component, hidden, kept
from tui.salesforce.queries import Accounts
from tui.salesforce.session import Parts, Session

EVERY = timedelta(minutes=15)
DEPENDENCIES_EVERY = timedelta(hours=24)
FIRST_AUDIT = timedelta(days=7)
"""How far back the first reading of the audit trail goes: the widest window of a status."""
NEVER = Unreadable("not read yet", "Check now.")
_NO_COLUMN = re.compile(r"No such column 'Permissions(\w+)'")


class SlowFacts:
    """The newest slow facts of one org; `permissions` are the names of interest."""

    def __init__(self, session: Session, clock: Clock, permissions: tuple[str, ...]) -> None:
        self.rights: Read[Rights] | Unreadable = NEVER
        self.org: Read[OrgIdentity] | Unreadable = NEVER
        self.fields: Read[tuple[str, ...]] | Unreadable = NEVER
        self.licenses: Read[tuple[License, ...]] | Unreadable | None = None
        self.tokens: Read[tuple[wire.TokenRow, ...]] | Unreadable | None = None
        self.streams: Read[tuple[Stream, ...]] | Unreadable | None = None
        self.audit: Read[AuditTrail] | Unreadable | None = None
        self.dependencies: Read[tuple[Dependency, ...]] | Unreadable | None = None
        self.components: Read[tuple[Component, ...]] | Unreadable | None = None
        self._session = session
        self._clock = clock
        self._permissions = permissions
        self._described: frozenset[str] = frozenset()
        self._absent_rights: set[str] = set()
        self._done_at: datetime | None = None
        self._about: frozenset[str] = frozenset()
        self._batches: list[Accounts] = []
        self._groups: tuple[str, ...] = ()

    @property
    def asked(self) -> tuple[str, ...]:
        """The permissions to ask grants for: those of interest, as far as known that the org has them."""
        return self.fields.value if isinstance(self.fields, Read) else self._permissions

    def due(self, batches: list[Accounts]) -> bool:
        """True where they were never read for these accounts, or 15 minutes have passed."""
        return (
            self._done_at is None
            or self._about != _names(batches)
            or self._clock.now() - self._done_at >= EVERY
        )

    async def refresh(self, batches: list[Accounts]) -> Problem | None:
        """Read them all: one composite (one more for each further batch of accounts) and one tooling call.

        Returns the problem where the org as a whole could not be asked.
        """
        known_rights = len(self._absent_rights)
        since = audit.ask_from(self.audit, self._session.now() - FIRST_AUDIT)
        try:
            first = await self._session.composite(self._requests(batches[0], since))
            further = [
                await self._session.composite({"tokens": _address(queries.tokens(batch))})
                for batch in batches[1:]
            ]
        except Problem as problem:
            self._note(problem)
            return problem
        at = first.at
        self.org = kept(self.org, attempt(lambda: _organization(first), at))
        self.licenses = kept(self.licenses, attempt(lambda: _licenses(first), at))
        self.tokens = kept(self.tokens, attempt(lambda: _tokens([first, *further]), at))
        self._take_audit(first, since)
        self._take_fields(first)
        await self._take_rights(first)
        self.streams = kept(self.streams, await self._ask_streams())
        # An org that knows one of the rights less is asked again at once, without that right.
        self._done_at = self._clock.now() if known_rights == len(self._absent_rights) else None
        self._about = _names(batches)
        self._batches = batches
        return None

    async def deepen(self, since: datetime, *, fresh: bool, groups: tuple[str, ...] = ()) -> None:
        """Read the audit trail back to `since`, licences, tokens and what the groups consist of: one call.

        One more for the streams while they show a fault, else once a day for which permission needs which.
        `fresh`: a refresh has just read the trail and the streams; then only what it did not reach is asked.
        """
        reached = fresh and audit.reaches(self.audit, since)
        if not reached or set(groups) - set(self._groups):
            await self._ask_trail(audit.ask_from(self.audit, since), groups)
        known = self.dependencies
        if known is not None and not fresh and self._streams_fail():
            self.streams = kept(self.streams, await self._ask_streams())
        elif not isinstance(known, Read) or self._session.now() - known.at >= DEPENDENCIES_EVERY:
            await self._ask_dependencies()

    def _streams_fail(self) -> bool:
        if not isinstance(self.streams, Read):
            return False
        watched = [stream for stream in self.streams.value if stream.entity in STREAMS]
        return not all(stream.enabled for stream in watched) or not watched

    async def _ask_trail(self, start: datetime, groups: tuple[str, ...]) -> None:
        texts = {"audit": queries.audit(start), "licenses": queries.LICENSES}
        if len(self._batches) == 1:
            texts["tokens"] = queries.tokens(self._batches[0])
        permissions = self.asked
        if groups:
            texts["components"] = queries.components(groups, permissions)
        try:
            answer = await self._session.composite({name: _address(text) for name, text in texts.items()})
        except Problem as problem:
            self.audit = kept(self.audit, problem)
            return
        self._take_audit(answer, start)
        self.licenses = kept(self.licenses, attempt(lambda: _licenses(answer), answer.at))
        if "tokens" in texts:
            self.tokens = kept(self.tokens, attempt(lambda: _tokens([answer]), answer.at))
        if groups:
            self._groups = groups
            found = attempt(lambda: _components(answer, permissions), answer.at)
            self.components = kept(self.components, found)

    def _requests(self, accounts: Accounts, since: datetime) -> dict[str, str]:
        rights = [name for name in queries.OPERATOR_RIGHTS if name not in self._absent_rights]
        return {
            "rights": _address(queries.rights(rights)),
            "tokens": _address(queries.tokens(accounts)),
            "licenses": _address(queries.LICENSES),
            "audit": _address(queries.audit(since)),
            "organization": _address(queries.ORGANIZATION),
            "describe": "{base}/sobjects/PermissionSet/describe",
        }

    def _take_audit(self, answer: Parts, since: datetime) -> None:
        self.audit = kept(
            self.audit,
            attempt(lambda: audit.merged(self.audit, audit.read(answer, since)), answer.at),
        )

    def _take_fields(self, answer: Parts) -> None:
        described = attempt(lambda: _permission_fields(answer), answer.at)
        if isinstance(described, Read):
            self._described = described.value
            self._name_fields(answer.at)
        else:
            self.fields = kept(self.fields, described)

    def _name_fields(self, at: datetime) -> None:
        self.fields = Read(tuple(name for name in self._permissions if name in self._described), at)

    async def _take_rights(self, answer: Parts) -> None:
        try:
            rows = answer.rows("rights", dict[str, Any])
            if not rows:
                raise errors.shape("UserPermissionAccess", "expected one row, found none")
            who = await self._session.who()
        except Problem as problem:
            if absent := _NO_COLUMN.search(problem.message):
                self._absent_rights.add(absent.group(1))
            self.rights = kept(self.rights, problem)
            return
        names = sorted(name.removeprefix("Permissions") for name, value in rows[0].items() if value is True)
        self.rights = Read(Rights(who.username, who.user_id, tuple(names)), answer.at)

    async def _ask_streams(self) -> Read[tuple[Stream, ...]] | Problem:
        try:
            answer = await self._session.query(queries.EVENT_SETTINGS, tooling=True)
        except Problem as problem:
            return problem
        return attempt(lambda: _streams(answer), answer.at)

    async def _ask_dependencies(self) -> None:
        try:
            answer = await self._session.query(queries.DEPENDENCIES, tooling=True)
            rows = answer.rows("rows", wire.DependencyRow)
            if not rows:
                # That no rows mean "not visible" is inferred: every org has dependencies.
                raise hidden("Permission dependencies", "ViewSetup")
        except Problem as problem:
            self.dependencies = kept(self.dependencies, problem)
            return
        found = needed(self._permissions, rows)
        self.dependencies = Read(found, answer.at)
        required = {dependency.required for dependency in found} - set(self._permissions)
        self._permissions += tuple(sorted(required))
        if self._described:
            self._name_fields(answer.at)

    def _note(self, problem: Problem) -> None:
        self.rights = kept(self.rights, problem)
        self.org = kept(self.org, problem)
        self.fields = kept(self.fields, problem)
        self.licenses = kept(self.licenses, problem)
        self.tokens = kept(self.tokens, problem)
        self.streams = kept(self.streams, problem)
        self.audit = kept(self.audit, problem)


def needed(permissions: tuple[str, ...], rows: tuple[wire.DependencyRow, ...]) -> tuple[Dependency, ...]:
    """Of all dependencies those that `permissions` need, directly or through others."""
    wanted = set(permissions)
    while more := {r.RequiredPermission for r in rows if r.Permission in wanted} - wanted:
        wanted |= more
    pairs = {(r.Permission, r.RequiredPermission) for r in rows if r.Permission in wanted}
    return tuple(Dependency(*pair) for pair in sorted(pairs))


def _licenses(answer: Parts) -> tuple[License, ...]:
    """The part `licenses`. Raises OrgProblem, also where none is visible: every org has some."""
    rows = answer.rows("licenses", wire.LicenseRow)
    if not rows:
        raise hidden("Licences", "ViewSetup")
    return tuple(License(row.Name, row.TotalLicenses, row.UsedLicenses, row.Status or "") for row in rows)


def _components(answer: Parts, permissions: tuple[str, ...]) -> tuple[Component, ...]:
    """The part `components`. Raises OrgProblem, also where none is visible: a group has at least one."""
    rows = answer.rows("components", wire.ComponentRow)
    if not rows:
        raise hidden("Permission set group components", "ViewSetup")
    return tuple(component(row, permissions) for row in rows)


def _organization(answer: Parts) -> OrgIdentity:
    rows = answer.rows("organization", wire.OrganizationRow)
    if not rows:
        raise errors.shape("Organization", "expected one row, found none")
    return OrgIdentity(rows[0].Id, rows[0].Name, rows[0].IsSandbox)


def _tokens(answers: list[Parts]) -> tuple[wire.TokenRow, ...]:
    return tuple(row for answer in answers for row in answer.rows("tokens", wire.TokenRow))


def _permission_fields(answer: Parts) -> frozenset[str]:
    described = wire.frame(answer.whole("describe"), wire.Description, "describe of PermissionSet")
    prefix = "Permissions"
    return frozenset(clean(f.name[len(prefix) :], 80) for f in described.fields if f.name.startswith(prefix))


def _streams(answer: Parts) -> tuple[Stream, ...]:
    rows = answer.rows("rows", wire.EventSettingsRow)
    if not rows:
        raise hidden("Event settings", "CustomizeApplication")
    return tuple(Stream(e.entityName, e.isEnabled) for row in rows for e in row.Metadata.realTimeEvents)


def _address(query: str) -> str:
    return queries.address("{base}", query)


def _names(batches: list[Accounts]) -> frozenset[str]:
    return frozenset(name for batch in batches for name in batch.usernames)
