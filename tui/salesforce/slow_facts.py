"""What changes rarely: rights, licences, tokens, streams, fields, sign-ins by day, the org itself.

Two calls every 15 minutes; each part is kept with its date until the next good reading.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from tui.base.clock import Clock
from tui.base.limits import STREAMS
from tui.base.problem import Problem
from tui.base.text import clean
from tui.connections.evidence import (
    License,
    OrgIdentity,
    Read,
    Rights,
    SignInDay,
    SignInDays,
    Stream,
    Unreadable,
    User,
    value_of,
)
from tui.connections.signs_of_life import went_through
from tui.salesforce import errors, queries, wire
from tui.salesforce.account_query import TOO_MANY
from tui.salesforce.errors import OrgProblem
from tui.salesforce.evidence_parts import attempt, newest_good, not_visible, unreadable
from tui.salesforce.queries import Accounts
from tui.salesforce.session import Answers, CallBudget, Session

EVERY = timedelta(minutes=15)
DAYS_BACK = timedelta(days=30)
DAYS_EVERY = timedelta(hours=24)
DAYS_TOGETHER = 20
"""Accounts in one question: a month of them stays below the groups of one answer, unless they are busy."""
NEVER = Unreadable("not read yet", "Check now.")
NO_PERMISSION = re.compile(r"No such column '(?:PermissionSet\.)?Permissions(\w+)'")
"""The words in which an org says that it has no such permission (recorded)."""

DayPart = Read[SignInDays] | Unreadable


class SlowFacts:
    """The newest slow facts of one org; `permissions` are the names of interest."""

    def __init__(self, session: Session, clock: Clock, permissions: tuple[str, ...]) -> None:
        self.days = SignInsByDay(clock)
        self.absent: frozenset[str] = frozenset()
        """Permissions that a query for them showed this org not to have, beside those that its describe leaves out."""
        self.done_at: datetime | None = None
        """This machine's time of the last good reading."""
        self.about: frozenset[str] = frozenset()
        """The accounts that it was about."""
        self._session = session
        self._clock = clock
        self._permissions = permissions
        self.forget()

    def forget(self) -> None:
        """Nothing is known: another org answers."""
        self.rights: Read[Rights] | Unreadable = NEVER
        self.org: Read[OrgIdentity] | Unreadable = NEVER
        self.described: Read[tuple[str, ...]] | Unreadable = NEVER
        """All permissions that this org has fields for."""
        self.licenses: Read[tuple[License, ...]] | Unreadable | None = None
        self.tokens: Read[tuple[wire.TokenRow, ...]] | Unreadable | None = None
        self.streams: Read[tuple[Stream, ...]] | Unreadable | None = None
        self.absent, self.done_at, self.about = frozenset(), None, frozenset()
        self.days.known.clear()

    @property
    def fields(self) -> Read[tuple[str, ...]] | Unreadable:
        """Of the permissions of interest those that this org has."""
        if not isinstance(self.described, Read):
            return self.described
        return Read(self._existing(self._permissions), self.described.at)

    @property
    def interest(self) -> tuple[str, ...]:
        """The permissions of interest, whether this org has them or not."""
        return self._permissions

    @property
    def asked(self) -> tuple[str, ...]:
        """The permissions to ask grants for: those of interest, as far as known that the org has them."""
        return self._existing(self._permissions)

    def add_interest(self, required: Iterable[str]) -> None:
        """Count these permissions, which others need, among those of interest."""
        self._permissions += tuple(sorted(set(required) - set(self._permissions)))

    def note_absent(self, message: str) -> bool:
        """Take it from an error message that the org has no such field; False where it names none that is new."""
        found = {match.group(1) for match in NO_PERMISSION.finditer(message)} - self.absent
        self.absent |= found
        return bool(found)

    def due(self, batches: Sequence[Accounts]) -> bool:
        """True where they were never read for these accounts, or 15 minutes have passed."""
        if self.done_at is None or not _names(batches) <= self.about:
            return True
        return not timedelta(0) <= self._clock.now() - self.done_at < EVERY

    async def refresh(self, batches: Sequence[Accounts], budget: CallBudget) -> Problem | None:
        """Read them all: one composite (one more for each further batch of accounts) and one tooling call.

        One more where the org does not know one of the rights that were asked for. Returns the problem where the
        org as a whole could not be asked.
        """
        days, known = self.days.due(batches), self.absent
        try:
            first = await self._session.composite(self._requests(batches[0], days[:1]))
            further = [
                await self._session.composite({"tokens": queries.tokens(batch)}) for batch in batches[1:]
            ]
        except Problem as problem:
            self._note(problem)
            return problem
        at = first.at
        self._take_org(attempt(lambda: _organization(first), at))
        self.licenses = newest_good(self.licenses, attempt(lambda: licenses(first), at))
        self.tokens = newest_good(self.tokens, attempt(lambda: tokens([first, *further]), at))
        before = self.described
        self.described = newest_good(self.described, attempt(lambda: _permission_fields(first), at))
        if isinstance(before, Read) and isinstance(self.described, Read):
            # What the org has got since, as with a licence that is there again, may be asked for again.
            self.absent -= set(self.described.value) - set(before.value)
        await self._take_rights(first)
        if days:
            self.days.take(days[0], "days", first)
        await self._ask_days(days[1:], budget)
        await self.read_streams()
        # An org that lacks yet another right is asked for the others with the next reading.
        self.done_at = (
            None if known < self.absent and isinstance(self.rights, Unreadable) else self._clock.now()
        )
        self.about = _names(batches)
        return None

    async def read_streams(self) -> None:
        """One tooling call."""
        try:
            answer = await self._session.query(queries.EVENT_SETTINGS, tooling=True)
        except Problem as problem:
            self.streams = newest_good(self.streams, problem)
            return
        self.streams = newest_good(self.streams, attempt(lambda: _streams(answer), answer.at))

    def streams_fail(self) -> bool:
        """Whether they show a fault: then they are read more often."""
        if not isinstance(self.streams, Read):
            return False
        watched = [stream for stream in self.streams.value if stream.entity in STREAMS]
        return not all(stream.enabled for stream in watched) or not watched

    def _requests(self, accounts: Accounts, days: Sequence[Accounts]) -> dict[str, str]:
        texts = {
            "rights": queries.rights(self._rights()),
            "tokens": queries.tokens(accounts),
            "licenses": queries.LICENSES,
            "organization": queries.ORGANIZATION,
        }
        if days:
            texts["days"] = self.days.query(days[0], self._session.now())
        return texts | {"describe": queries.describe("PermissionSet")}

    def _existing(self, names: Iterable[str]) -> tuple[str, ...]:
        known = value_of(self.described)
        return tuple(n for n in names if n not in self.absent and (known is None or n in known))

    def _rights(self) -> tuple[str, ...]:
        """The operator's rights to ask for: a permission set and a user have the same fields."""
        return self._existing(queries.OPERATOR_RIGHTS)

    def _take_org(self, found: Read[OrgIdentity] | Problem) -> None:
        before = value_of(self.org)
        if isinstance(found, Read) and before is not None and wire.key(before.id) != wire.key(found.value.id):
            self.forget()
        self.org = newest_good(self.org, found)

    async def _take_rights(self, answer: Answers) -> None:
        try:
            try:
                rows = answer.rows("rights", dict[str, Any])
            except OrgProblem as problem:
                if problem.code != "INVALID_FIELD":
                    raise
                # The describe of the same answer, or else the message, says which right this org does not know.
                self.note_absent(problem.message)
                answer = await self._session.query(queries.rights(self._rights()))
                rows = answer.rows("rows", dict[str, Any])
            if not rows:
                raise errors.shape("UserPermissionAccess", "expected one row, found none")
            who = await self._session.who()
        except Problem as problem:
            self.note_absent(problem.message)
            self.rights = newest_good(self.rights, problem)
            return
        names = sorted(name.removeprefix("Permissions") for name, value in rows[0].items() if value is True)
        self.rights = Read(Rights(who.username, who.user_id, tuple(names)), answer.at)

    async def _ask_days(self, questions: Sequence[Accounts], budget: CallBudget) -> None:
        """The days of further accounts; what does not fit into the calls that are left waits."""
        now = self._session.now()
        for i in range(0, len(questions), queries.QUERIES):
            if not budget.take():
                return
            asked = {f"days{n}": each for n, each in enumerate(questions[i : i + queries.QUERIES])}
            try:
                answer = await self._session.composite(
                    {name: self.days.query(each, now) for name, each in asked.items()}
                )
            except Problem:
                return
            for name, each in asked.items():
                self.days.take(each, name, answer)

    def _note(self, problem: Problem) -> None:
        self.rights = newest_good(self.rights, problem)
        self.org = newest_good(self.org, problem)
        self.described = newest_good(self.described, problem)
        self.licenses = newest_good(self.licenses, problem)
        self.tokens = newest_good(self.tokens, problem)
        self.streams = newest_good(self.streams, problem)


def licenses(answer: Answers) -> tuple[License, ...]:
    """The part `licenses`. Raises OrgProblem, also where none is visible: every org has some."""
    rows = answer.rows("licenses", wire.LicenseRow)
    if not rows:
        raise not_visible("Licences", "ViewSetup")
    return tuple(License(row.Name, row.TotalLicenses, row.UsedLicenses, row.Status or "") for row in rows)


def tokens(answers: Sequence[Answers]) -> tuple[wire.TokenRow, ...]:
    """The parts `tokens`. Raises OrgProblem."""
    return tuple(row for answer in answers for row in answer.rows("tokens", wire.TokenRow))


def _organization(answer: Answers) -> OrgIdentity:
    rows = answer.rows("organization", wire.OrganizationRow)
    if not rows:
        raise errors.shape("Organization", "expected one row, found none")
    return OrgIdentity(rows[0].Id, rows[0].Name, rows[0].IsSandbox)


def _permission_fields(answer: Answers) -> tuple[str, ...]:
    described = wire.frame(answer.whole("describe"), wire.Description, "describe of PermissionSet")
    prefix = "Permissions"
    return tuple(clean(f.name[len(prefix) :], 80) for f in described.fields if f.name.startswith(prefix))


def _streams(answer: Answers) -> tuple[Stream, ...]:
    rows = answer.rows("rows", wire.EventSettingsRow)
    if not rows:
        raise not_visible("Event settings", "CustomizeApplication")
    return tuple(Stream(e.entityName, e.isEnabled) for row in rows for e in row.events)


def _names(batches: Sequence[Accounts]) -> frozenset[str]:
    return frozenset(name for batch in batches for name in batch.usernames)


class SignInsByDay:
    """The newest counts, by the account's Id; asked in as many questions as there are twenties of accounts."""

    def __init__(self, clock: Clock) -> None:
        self.known: dict[str, tuple[DayPart, datetime]] = {}
        """Of each account (its Id's 15 characters): the part, and this machine's time when it was asked."""
        self._clock = clock
        self._together = DAYS_TOGETHER

    def due(self, batches: Sequence[Accounts]) -> list[Accounts]:
        """Accounts to ask about now, in questions; those that are not known by Id wait for that."""
        now = self._clock.now()
        due = [
            one for batch in batches for one in batch.each() if one.ids and not self._fresh(one.ids[0], now)
        ]
        if not due:
            return []
        return list(queries.joined(due).split(self._together))

    def query(self, accounts: Accounts, now: datetime) -> str:
        return queries.sign_in_days(accounts, (now - DAYS_BACK).date())

    def take(self, accounts: Accounts, name: str, answer: Answers) -> None:
        """Take the answer; an org that refuses the question is not asked it again that day."""
        since = (answer.at - DAYS_BACK).date()
        try:
            found = _by_user(answer.rows(name, wire.DayRow))
        except Problem as problem:
            too_many = isinstance(problem, OrgProblem) and problem.code == TOO_MANY
            if too_many and len(accounts.usernames) > 1:
                # Asked in smaller batches with the next slow facts.
                self._together = max(1, min(self._together, len(accounts.usernames)) // 2)
                return
            self._note({wire.key(i): unreadable(problem) for i in accounts.ids})
            return
        self._note(
            {
                wire.key(i): Read(SignInDays(since, tuple(found.get(wire.key(i), ()))), answer.at)
                for i in accounts.ids
            }
        )

    def of(self, user: User) -> DayPart | None:
        known = self.known.get(wire.key(user.id))
        return known[0] if known is not None else None

    def _fresh(self, user_id: str, now: datetime) -> bool:
        known = self.known.get(wire.key(user_id))
        return known is not None and timedelta(0) <= now - known[1] < DAYS_EVERY

    def _note(self, parts: dict[str, DayPart]) -> None:
        now = self._clock.now()
        self.known |= {user: (part, now) for user, part in parts.items()}


def _by_user(rows: Sequence[wire.DayRow]) -> dict[str, list[SignInDay]]:
    counts: dict[tuple[str, date, str], int] = {}
    for row in rows:
        if went_through(row.Status or ""):
            at = (wire.key(row.UserId), _day(row.day), row.Application or "")
            counts[at] = counts.get(at, 0) + row.times
    found: dict[str, list[SignInDay]] = {}
    for (user, day, application), count in sorted(counts.items()):
        found.setdefault(user, []).append(SignInDay(application, day, count))
    return found


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise errors.shape("LoginHistory by day", f"expected a date, found {text[:40]!r}") from None
